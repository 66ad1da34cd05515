"""Who reaches sales, and who does not, whatever the source."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from nurture.handoff import qualify_due
from tests.office import IDEAL, Office


def handed_over(office: Office) -> bool:
    qualify_due(office.ports)
    return bool(office.rows("SELECT id FROM handoff"))


@pytest.mark.parametrize("source", ["ebook", "trade fair", "direct", None])
def test_the_source_opens_no_gate_and_closes_none(here: Office, source: str | None) -> None:
    """Statement 71: the same gate for all; evidence counts, not where somebody came from."""
    here.add_lead(source=source, **IDEAL)
    here.submit("webinar")
    assert not handed_over(here)
    here.pass_time(days=1)
    here.submit("pricing")
    here.submit("ebook")
    assert handed_over(here)


@pytest.mark.parametrize("missing", [{"first_name": None, "last_name": None}, {"company": None}])
def test_a_bare_contact_is_not_handed_over_by_points(here: Office, missing: dict[str, Any]) -> None:
    """Statement 83: name, company and a way to reach it."""
    here.add_lead(**IDEAL | missing)
    here.earn()
    assert not handed_over(here)
    assert here.one("SELECT stage FROM lead").stage == "mql"
    here.submit("checklist", first_name="Mona", company="Mill")
    assert handed_over(here)


@pytest.mark.parametrize("asks", [True, False], ids=["asks for a person", "by points"])
def test_whom_sales_must_leave_alone_never_reaches_a_rep_and_still_gets_mail(office: Office, asks: bool) -> None:
    """Statement 84: an answer that is honored."""
    office.add_lead(**IDEAL)
    with office.database.transaction("said so") as connection:
        connection.execute(text("UPDATE lead SET no_sales_contact = TRUE"))
    office.earn()
    if asks:
        office.submit("demo")
    assert not handed_over(office)
    assert [row.kind for row in office.rows("SELECT kind FROM outbox")] == ["turned_down_alert"] * asks
    assert office.mail().to.address == "mona@mill.example"


def test_an_old_score_without_a_recent_act_alerts_nobody(office: Office) -> None:
    """Statement 85: a call would be a cold call."""
    office.add_lead(**IDEAL)
    for form in ("webinar", "pricing", "ebook"):
        office.submit(form, occurred_at=(office.clock.now() - timedelta(days=20)).isoformat())
    office.submit("checklist", occurred_at=(office.clock.now() - timedelta(days=19)).isoformat())
    assert not handed_over(office)
    assert office.rows("SELECT id FROM outbox") == []
