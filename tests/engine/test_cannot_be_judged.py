"""A lead whose readiness cannot be worked out waits for an hour where it is, and keeps nobody else waiting."""

from __future__ import annotations

from collections.abc import Callable

from nurture.handoff import qualify_due
from tests.engine.conftest import HEAD, Company

PROMOTES = f"""{HEAD.format(name="walk")}steps:
  - promote: sql
  - email: tofu/one
"""


def test_a_step_that_promotes_a_lead_that_cannot_be_judged_is_tried_again_in_an_hour(
    company: Company, spoil: Callable[..., None]
) -> None:
    company.write("walk", PROMOTES)
    company.add_leads(3)
    spoil(True)
    report = company.tick()
    assert (report.counts["failed"], report.counts["refused"], report.counts["sent"]) == (1, 2, 2)
    [why] = [one.why for one in report.outcomes if one.kind == "failed"]
    assert company.rows("SELECT step, state, why, lease_until FROM enrollment WHERE lead_id = 1") == [
        ("start/promote-1", "active", why, None)
    ]
    assert company.tick(minutes=59).counts == {}
    assert company.tick(minutes=1).counts == {"failed": 1}
    spoil(False)
    assert company.tick(hours=1).counts == {"refused": 1, "sent": 1, "finished": 1}


def test_a_lead_that_cannot_be_judged_after_its_own_act_does_not_keep_the_others_waiting(
    company: Company, spoil: Callable[..., None]
) -> None:
    company.add_leads()
    spoil(True)
    company.submit("ebook")
    assert qualify_due(company.ports) == 0
    due = "SELECT lead_id FROM score WHERE due_at IS NOT NULL"
    assert company.rows(due) == [(1,)]
    spoil(False)
    company.tick(hours=1)
    qualify_due(company.ports)
    assert company.rows(due) == []
