"""A promotion that rested on a scanner's clicks is taken back, unless a person of sales has begun to work on it."""

from __future__ import annotations

from typing import Any

import pytest

from nurture import alerts
from nurture.handoff import Given, accept, qualify_due
from nurture.handoff.touches import log_touch
from tests.office import IDEAL, Office

DAY = 86_400


def clicked_in_the_first_mail(office: Office) -> Any:
    """One click, as far as anybody knows; it has settled."""
    office.add_lead(**IDEAL)
    mail = office.mail()
    office.tell(office.event(mail, "delivered", 10), office.click(mail, 3600))
    office.pass_time(days=1)
    qualify_due(office.ports)
    return mail


def it_was_a_scanner(office: Office, mail: Any) -> None:
    """The rest of the burst is heard of only now."""
    office.tell(*(office.click(mail, 3600 + number / 10, f"/{number}") for number in range(9)))
    qualify_due(office.ports)


def state(office: Office) -> tuple[str, list[str]]:
    stage = office.one("SELECT stage FROM lead").stage
    return stage, [row.state for row in office.rows("SELECT state FROM handoff ORDER BY id")]


@pytest.fixture
def offered(office: Office) -> tuple[Office, Any]:
    """A lead that sales got because of a click on one day, and forms on another."""
    mail = clicked_in_the_first_mail(office)
    office.submit("webinar", occurred_at="2026-03-04T09:00:00Z")
    office.submit("pricing", occurred_at="2026-03-04T09:00:00Z")
    qualify_due(office.ports)
    assert state(office) == ("sql", ["offered"])
    return office, mail


def test_a_lead_that_marketing_qualified_by_a_scanners_click_goes_back(office: Office) -> None:
    mail = clicked_in_the_first_mail(office)
    office.submit("webinar", occurred_at="2026-03-04T09:00:00Z")
    qualify_due(office.ports)
    assert state(office) == ("mql", [])
    it_was_a_scanner(office, mail)
    assert state(office) == ("iql", [])
    told = office.rows("SELECT from_stage, to_stage, actor, because FROM transition ORDER BY id")[-1]
    assert tuple(told) == ("mql", "iql", "engine", "taken back: clicks that it rested on were not made by a person")


def test_a_handoff_is_withdrawn_and_its_alert_is_no_news(offered: tuple[Office, Any]) -> None:
    office, mail = offered
    it_was_a_scanner(office, mail)
    assert state(office) == ("iql", ["withdrawn"])
    handoff = office.one("SELECT note, decided_by, rung_due_at FROM handoff")
    assert tuple(handoff) == ("clicks that it rested on were not made by a person", "engine", None)
    moved = office.rows("SELECT handoff_id FROM transition ORDER BY id")[-1]
    assert moved.handoff_id == 1
    alerts.deliver(office.ports)
    assert office.alerts == []
    again = office.rows("SELECT name FROM lead_trigger WHERE done_at IS NULL")
    assert [row.name for row in again] == ["stage_changed"], "marketing may take it up again"


def test_it_may_qualify_again_in_a_new_cycle_by_what_people_do(offered: tuple[Office, Any]) -> None:
    office, mail = offered
    it_was_a_scanner(office, mail)
    office.pass_time(days=1)
    office.submit("ebook")
    qualify_due(office.ports)
    assert state(office) == ("sql", ["withdrawn", "offered"])
    assert [row.cycle for row in office.rows("SELECT cycle FROM handoff ORDER BY id")] == [1, 2]


def touched(office: Office) -> None:
    log_touch(office.ports, 1, "kari", "call", "reached")


def accepted(office: Office) -> None:
    accept(office.ports, 1, "kari", Given("unknown", "unknown"))


@pytest.mark.parametrize(("begin", "stage"), [(touched, "sql"), (accepted, "opportunity")])
def test_what_a_rep_has_begun_to_work_on_stays(offered: tuple[Office, Any], begin: Any, stage: str) -> None:
    office, mail = offered
    begin(office)
    it_was_a_scanner(office, mail)
    assert state(office)[0] == stage


def test_who_asked_for_a_person_stays_with_sales(office: Office) -> None:
    mail = clicked_in_the_first_mail(office)
    office.submit("demo")
    qualify_due(office.ports)
    it_was_a_scanner(office, mail)
    assert state(office) == ("sql", ["offered"])


def test_a_promotion_that_stands_without_the_clicks_stands(office: Office) -> None:
    mail = clicked_in_the_first_mail(office)
    office.submit("ebook", occurred_at="2026-03-03T09:30:00Z")
    office.submit("webinar", occurred_at="2026-03-04T09:00:00Z")
    office.submit("pricing", occurred_at="2026-03-04T09:00:00Z")
    qualify_due(office.ports)
    it_was_a_scanner(office, mail)
    assert state(office) == ("sql", ["offered"])
