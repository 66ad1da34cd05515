"""Who comes into a sequence, by a trigger or by hand, and who does not."""

from __future__ import annotations

import pytest

from nurture.enroll import enroll_by_hand
from nurture.errors import UserError
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
    with pytest.raises(UserError, match=reason):
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
