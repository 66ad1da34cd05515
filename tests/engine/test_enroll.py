"""Who comes into a sequence, by a trigger or by hand, and who does not."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from nurture.enroll import enroll, enroll_by_hand, trigger
from nurture.errors import UsageError, UserError
from tests.engine.conftest import TWO_MAILS, Company

BY_HAND = TWO_MAILS.format(name="dinner").replace("lead_created", "manual").replace("always", "never")


def test_a_lead_without_a_legal_ground_is_never_enrolled(company: Company) -> None:
    company.add_leads(ground=None)
    assert company.one("SELECT COUNT(*) FROM enrollment") == 0


def test_a_lead_is_put_into_a_sequence_by_hand(company: Company) -> None:
    company.write("dinner", BY_HAND)
    company.add_leads()
    enroll_by_hand(company.ports, 1, "dinner")
    assert company.rows("SELECT sequence, state FROM enrollment ORDER BY id") == [
        ("walk", "active"),
        ("dinner", "active"),
    ]


@pytest.mark.parametrize(
    ("ground", "name", "reason"),
    [
        ("consent", "diner", "there is no sequence 'diner', did you mean 'dinner'?"),
        ("consent", "walk", "`manual` is not among its triggers"),
        (None, "dinner", "no legal ground to mail"),
    ],
)
def test_a_lead_that_cannot_come_in_by_hand_has_its_reason(
    company: Company, ground: str | None, name: str, reason: str
) -> None:
    company.write("dinner", BY_HAND)
    company.add_leads(ground=ground)
    with pytest.raises((UsageError, UserError), match=reason):
        enroll_by_hand(company.ports, 1, name)


def test_by_hand_is_no_way_around_the_rules_of_the_sequence(company: Company) -> None:
    company.write("dinner", BY_HAND)
    company.add_leads()
    enroll_by_hand(company.ports, 1, "dinner")
    with pytest.raises(UserError, match="it is in there already"):
        enroll_by_hand(company.ports, 1, "dinner")
    company.tick()
    company.tick(days=3)
    with pytest.raises(UserError, match="was in there before, and may enter again: never"):
        enroll_by_hand(company.ports, 1, "dinner")


def test_an_entry_rule_may_ask_for_a_tag(company: Company) -> None:
    rule = "enter:\n  trigger: stage_changed\n  when: tagged('warm')\n"
    company.write("walk", TWO_MAILS.format(name="walk").replace("enter:\n  trigger: lead_created\n", rule))
    company.add_leads(2)
    with company.database.transaction("test") as connection:
        connection.execute(text("INSERT INTO lead_tag (lead_id, tag, since) VALUES (2, 'warm', '2026-03-03 09:00:00')"))
        trigger(connection, [1, 2], "stage_changed", company.clock.now())
    enroll(company.ports)
    assert company.rows("SELECT lead_id FROM enrollment") == [(2,)]
