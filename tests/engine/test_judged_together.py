"""Many leads are asked about their readiness at once: as each by itself would be, for the price of a few."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from models.database import Database
from nurture.handoff import qualify_due
from tests.engine.conftest import ANYTHING_COUNTS, HEAD, Company

PROMOTES = f"""{HEAD}steps:
  - promote: {{to}}
  - wait: 30 days
"""


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield asked
    event.remove(database.engine, "before_cursor_execute", note)


def due(company: Company, leads: int) -> None:
    """The first leads are to be asked about, as if all had done something just now."""
    with company.database.transaction("due") as connection:
        connection.exec_driver_sql(
            "INSERT INTO score (lead_id, due_at, fit, engagement, grade, intent)"
            f" SELECT id, '2026-01-01 00:00:00+00:00', 0, 0, 'D4', FALSE FROM lead WHERE id <= {leads}"
            " ON CONFLICT (lead_id) DO UPDATE SET due_at = excluded.due_at"
        )


def test_many_leads_are_judged_with_as_many_statements_as_a_few(company: Company) -> None:
    company.add_leads(60)
    asked = []
    for leads in (5, 60):
        due(company, leads)
        with statements(company.database) as told:
            qualify_due(company.ports)
        asked.append(len(told))
        assert company.one("SELECT COUNT(*) FROM score WHERE due_at IS NULL AND grade <> ''") == leads
    assert asked[0] == asked[1]


def test_many_leads_at_a_step_that_promotes_are_judged_with_as_many_statements_as_a_few(company: Company) -> None:
    company.write("walk", PROMOTES.format(name="walk", to="sql"))
    asked = []
    for leads in (5, 60):
        company.add_leads(leads)
        with statements(company.database) as told:
            assert company.tick().counts == {"refused": leads}
        asked.append(len(told))
    assert asked[0] == asked[1]
    assert company.one("SELECT COUNT(*) FROM decision WHERE outcome IS NULL AND asked_by LIKE 'walk/%'") == 65


@pytest.mark.parametrize("number", [1, 4, 7])
def test_one_of_many_that_cannot_be_judged_leaves_no_trace_and_the_others_go_on(
    company: Company, spoil: Callable[..., None], number: int
) -> None:
    company.configure(agreement=ANYTHING_COUNTS)
    company.add_leads(7)
    company.submit("ebook", *range(1, 8))
    spoil(True, number)
    assert qualify_due(company.ports) == 6
    others = [(n,) for n in range(1, 8) if n != number]
    assert company.rows("SELECT lead_id FROM decision ORDER BY 1") == others
    assert company.rows("SELECT lead_id FROM transition ORDER BY 1") == others
    assert company.rows("SELECT id FROM lead WHERE stage = 'mql' ORDER BY 1") == others
    assert company.rows("SELECT lead_id FROM score WHERE due_at IS NOT NULL") == [(number,)]
    spoil(False)
    assert qualify_due(company.ports) == 0, "it is asked again in an hour"
    company.clock.advance(timedelta(hours=1))
    assert qualify_due(company.ports) == 1


def test_a_lead_that_two_sequences_ask_about_at_once_is_asked_about_twice_the_second_time_knowing_the_first(
    company: Company,
) -> None:
    company.configure(agreement=ANYTHING_COUNTS)
    for name in ("walk", "other"):
        company.write(name, PROMOTES.format(name=name, to="mql"))
    company.add_leads(2)
    company.submit("ebook", 1, 2)
    counts = company.tick().counts
    assert (counts["promoted"], counts["refused"]) == (2, 2)
    asked = company.rows("SELECT lead_id, outcome FROM decision ORDER BY lead_id, id")
    assert asked == [(1, "mql"), (1, None), (2, "mql"), (2, None)]
    assert company.one("SELECT COUNT(*) FROM transition") == 2
