"""A lead that sales got by its points and that then asks for a person: the shorter promise holds from there on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, text

from models.database import Database
from models.queries import sales
from nurture.alerts import deliver
from nurture.brief import brief
from nurture.handoff import qualify_due
from nurture.handoff.ladder import climb
from nurture.handoff.reassign import reassign
from nurture.handoff.snooze import snooze
from nurture.handoff.touches import log_touch
from nurture.handoff.worklist import worklist
from tests.office import Office

KARI = {"key": "kari", "name": "Kari Lund", "address": "kari@example.com", "backup": "tom"}
TOM = {"key": "tom", "name": "Tom Becker", "address": "tom@example.com"}
IDEAL = {"title": "Managing Director", "employees": 120, "industry": "Food", "country": "NO"}


@pytest.fixture
def untold(database: Database, tmp_path: Path) -> Office:
    """Mona came to Kari by her points, at ten in the morning, and no alert has left yet: four hours were promised."""
    office = Office(database, tmp_path, owners=[KARI, TOM], alert_to="sales@example.com")
    office.add_lead(**IDEAL)
    office.submit("webinar")
    office.pass_time(days=1)
    office.submit("pricing")
    office.submit("ebook")
    qualify_due(office.ports)
    return office


@pytest.fixture
def team(untold: Office) -> Office:
    """The same, and Kari has had her alert."""
    office = untold
    deliver(office.ports)
    office.mailer.emails.clear()
    return office


def handoff(office: Office) -> Row[Any]:
    with office.database.reading() as connection:
        return connection.execute(sales.HANDOFF, {"id": 1}).one()


def ask(office: Office, **after: float) -> Row[Any]:
    office.pass_time(**after)
    office.submit("demo", first_name="Mona", message=f"please call me, {after}")
    qualify_due(office.ports)
    return handoff(office)


def told(office: Office) -> list[tuple[str, str]]:
    deliver(office.ports)
    found = [(alert.to.address, alert.subject) for alert in office.alerts]
    office.mailer.emails.clear()
    return sorted(found)


def minutes(moment: datetime, since: datetime) -> float:
    return (moment - since) / timedelta(minutes=1)


def test_who_asks_for_a_person_meanwhile_has_the_shorter_promise(team: Office) -> None:
    before = handoff(team)
    assert (bool(before.hand_raise), minutes(before.due_at, before.offered_at)) == (False, 240)
    now = ask(team, hours=1)
    assert now.hand_raise
    assert minutes(now.due_at, before.offered_at) == 65
    assert minutes(now.rung_due_at, before.offered_at) == 62.5
    assert told(team) == [("kari@example.com", "Asks for a person: Mona Berg, Managing Director, Mill")]
    assert len(team.rows("SELECT id FROM handoff")) == 1


def test_the_team_is_told_once_and_the_brief_says_how_the_lead_came(team: Office) -> None:
    ask(team, hours=1)
    with team.database.reading() as connection:
        found = brief(connection, team.ports, 1, team.clock.now())
    assert found.why_now.startswith("Asked for a person (demo)")
    assert "Is marketing qualified" in [check.text for check in found.checks]
    assert {check.answer for check in found.checks} == {"yes"}
    payloads = [row.payload for row in team.rows("SELECT CAST(payload AS TEXT) AS payload FROM outbox ORDER BY id")]
    deliver(team.ports)
    after = [row.payload for row in team.rows("SELECT CAST(payload AS TEXT) AS payload FROM outbox ORDER BY id")]
    assert after == payloads, "no copy for the team"


def test_the_ladder_goes_on_from_there_and_climbs_no_rung_twice(team: Office) -> None:
    team.pass_time(hours=2)
    assert climb(team.ports) == 1  # the reminder of the four hours
    ask(team, minutes=1)
    assert [subject for _, subject in told(team)] == [
        "Asks for a person: Mona Berg, Managing Director, Mill", "Still waiting: Mona Berg, Managing Director, Mill",
    ]  # fmt: skip
    team.pass_time(minutes=4)
    assert climb(team.ports) == 0
    team.pass_time(minutes=1)
    assert climb(team.ports) == 1
    assert told(team) == [
        ("kari@example.com", "Past the promised time: Mona Berg, Managing Director, Mill"),
        ("tom@example.com", "Past the promised time: Mona Berg, Managing Director, Mill"),
    ]


@pytest.mark.parametrize("late", [238, 300])
def test_a_promise_is_never_put_off_by_asking(team: Office, late: int) -> None:
    """Near its end the first promise is the earlier one, and one that is broken stays so."""
    before = handoff(team)
    assert ask(team, minutes=late).due_at == before.due_at
    assert handoff(team).rung_due_at <= max(before.rung_due_at, team.clock.now())


def test_asking_again_is_no_news_and_moves_nothing(team: Office) -> None:
    first = ask(team, hours=1)
    told(team)
    assert ask(team, minutes=2) == first
    assert told(team) == []


def test_a_lead_that_was_put_off_is_back_when_it_asks(team: Office) -> None:
    snooze(team.ports, 1, "kari", datetime(2026, 3, 20, 9, tzinfo=UTC))
    told(team)
    now = ask(team, hours=1)
    assert now.snoozed_until is None
    assert minutes(now.due_at, team.clock.now()) == 5
    with team.database.reading() as connection:
        (item,) = worklist(connection, team.ports, "kari", team.clock.now())
    assert item.hand_raise


def test_a_rep_who_has_called_already_is_told_and_no_clock_starts(team: Office) -> None:
    team.pass_time(minutes=10)
    log_touch(team.ports, 1, "kari", "call", "no_answer")
    before = handoff(team)
    now = ask(team, hours=1)
    assert (now.due_at, now.clock_from, now.rung_due_at) == (before.due_at, before.clock_from, None)
    assert [subject for _, subject in told(team)] == ["Asks for a person: Mona Berg, Managing Director, Mill"]


def test_what_was_asked_for_long_ago_changes_no_promise(team: Office) -> None:
    before = handoff(team)
    team.submit("demo", occurred_at=f"{team.clock.now() - timedelta(days=3):%Y-%m-%dT%H:%M:%SZ}")
    assert handoff(team).due_at == before.due_at
    assert told(team) == []


ASKS = "Asks for a person: Mona Berg, Managing Director, Mill"


def test_who_asks_before_the_first_alert_has_left_is_told_of_in_one_mail(untold: Office) -> None:
    """As one that asks; and the team gets its one copy."""
    ask(untold, minutes=1)
    assert told(untold) == [("kari@example.com", ASKS), ("sales@example.com", ASKS)]


def test_so_it_is_where_the_lead_was_given_on_meanwhile(untold: Office) -> None:
    reassign(untold.ports, 1, "kari", "tom")
    ask(untold, minutes=1)
    assert told(untold) == [("tom@example.com", ASKS)]


def test_where_that_mail_is_given_up_the_first_alert_leaves_after_all(untold: Office) -> None:
    ask(untold, minutes=1)
    with untold.database.transaction("give up") as connection:
        connection.execute(text("UPDATE outbox SET state = 'dead' WHERE dedupe_key = 'handoff:1:asked'"))
    assert ("kari@example.com", ASKS) in told(untold)
