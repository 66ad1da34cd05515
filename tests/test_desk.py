"""What sales' pages and commands rest on: taking from the pool, links old and new, days to come back on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.database import Database
from nurture.alerts import deliver
from nurture.core.office_hours import working_day
from nurture.core.promise import calendar_of
from nurture.errors import UsageError
from nurture.handoff import qualify_due, reject
from nurture.handoff.comeback import comes_back, morning, presets
from nurture.handoff.former import Followed, follow
from nurture.handoff.link import renew_link
from nurture.handoff.reassign import reassign
from nurture.handoff.reps import whose, worklist_link
from nurture.handoff.take import take
from nurture.handoff.touches import log_touch
from nurture.rights.forget import forget
from tests.office import KARI, TOM, Office
from tests.support import sample_project

CONFIG = sample_project().config


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    """Kari has handoff 1."""
    office = Office(database, tmp_path, owners=[KARI, TOM])
    office.submit("demo", first_name="Mona", company="Mill")
    qualify_due(office.ports)
    return office


def token(office: Office) -> str:
    return str(office.one("SELECT token FROM handoff WHERE id = 1").token)


def followed(office: Office, link: str) -> Followed | None:
    with office.database.reading() as connection:
        return follow(connection, link, office.clock.now())


def test_of_two_who_take_at_once_one_gets_it(office: Office) -> None:
    reassign(office.ports, 1, "kari", "pool")
    start, got = Barrier(2), []

    def go(rep: str) -> None:
        start.wait()
        got.append(take(office.ports, 1, rep))

    both = [Thread(target=go, args=(rep,)) for rep in ("kari", "tom")]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(got_it for _, got_it in got) == [False, True]
    assert len({handoff.owner for handoff, _ in got}) == 1


def test_taking_twice_is_taking_once_and_what_is_answered_cannot_be_taken(office: Office) -> None:
    reassign(office.ports, 1, "kari", "pool")
    assert [take(office.ports, 1, "tom")[1] for _ in range(2)] == [True, True]
    assert len(office.rows("SELECT 1 FROM touch WHERE note LIKE 'pool to tom%'")) == 1
    reject(office.ports, 1, "tom", "wrong_fit")
    for rep in ("tom", "olga"):
        with pytest.raises(UsageError):
            take(office.ports, 1, rep)


def test_every_link_there_ever_was_is_known_and_one_opens(office: Office) -> None:
    """Statement 87."""
    links = [token(office)]
    for to in ("tom", "pool", "kari"):
        reassign(office.ports, 1, "kari", to)
        links.append(token(office))
    renew_link(office.ports, 1)
    links.append(token(office))
    found = [followed(office, link) for link in links]
    assert [one and one.handoff.id for one in found] == [1] * 5
    assert [one and one.opens for one in found] == [False] * 4 + [True]
    assert followed(office, "made-up") is None and followed(office, "") is None
    office.pass_time(days=30)
    last = followed(office, links[-1])
    assert last and last.in_force and last.ended
    assert not any(link in str(row) for link in links for row in office.rows("SELECT * FROM former_link"))


def test_links_of_a_person_who_is_forgotten_lead_nowhere(office: Office) -> None:
    old = token(office)
    reassign(office.ports, 1, "kari", "tom")
    deliver(office.ports)
    forget(office.ports, 1)
    assert followed(office, old) is None


def test_the_same_touch_after_the_same_page_is_one(office: Office) -> None:
    for note in ("", "", "rang twice", "rang twice"):
        log_touch(office.ports, 1, "kari", "call", "no_answer", note, seen=0)
    log_touch(office.ports, 1, "kari", "call", "no_answer")
    assert len(office.rows("SELECT 1 FROM touch")) == 3


def test_a_worklist_has_one_link_until_there_is_a_new_one(office: Office) -> None:
    def reads(link: str) -> str | None:
        with office.database.reading() as connection:
            return whose(connection, office.ports, link.rpartition("/")[2])

    first = worklist_link(office.ports, "pool")
    assert worklist_link(office.ports, "pool") == first and reads(first) == "pool"
    second = worklist_link(office.ports, "pool", new=True)
    assert (reads(first), reads(second)) == (None, "pool")


# --- days


@pytest.mark.parametrize(
    ("now", "tomorrow", "next_week"),
    [
        ("2026-03-03T09:00", "2026-03-04T08:00", "2026-03-09T08:00"),  # a Tuesday
        ("2026-03-06T15:00", "2026-03-09T08:00", "2026-03-09T08:00"),  # a Friday
        ("2026-03-07T10:00", "2026-03-09T08:00", "2026-03-09T08:00"),  # a Saturday
        ("2026-03-03T23:30", "2026-03-05T08:00", "2026-03-09T08:00"),  # past midnight in Oslo
        ("2026-03-27T12:00", "2026-03-30T07:00", "2026-03-30T07:00"),  # before the clocks change
        ("2026-04-01T12:00", "2026-04-07T07:00", "2026-04-07T07:00"),  # before Easter
    ],
)
def test_tomorrow_and_next_week_are_mornings_at_work(now: str, tomorrow: str, next_week: str) -> None:
    found = presets(CONFIG, "kari", datetime.fromisoformat(f"{now}+00:00"))
    assert [f"{at:%Y-%m-%dT%H:%M}" for at in found.values()] == [tomorrow, next_week]


@settings(max_examples=60, deadline=None)
@example(day=date(2026, 12, 19), owner="tom")  # a Saturday, and Tom is away for two weeks
@given(day=st.dates(date(2026, 1, 1), date(2030, 1, 1)), owner=st.sampled_from(["kari", "tom", "aisha", "pool"]))
def test_a_day_comes_back_on_it_or_on_the_next_working_day(day: date, owner: str) -> None:
    at = morning(CONFIG, owner, day)
    assert at == working_day(*calendar_of(CONFIG, owner), at, 0)
    waited = [day + timedelta(days=n) for n in range((at - datetime(day.year, day.month, day.day, tzinfo=UTC)).days)]
    assert len([one for one in waited if not any(away.covers(owner, one) for away in CONFIG.absences)]) < 8
    assert at - datetime(day.year, day.month, day.day, tzinfo=UTC) > timedelta(hours=-24)


@pytest.mark.parametrize("word", ["", "someday", "2026-13-01", "9999-12-31T99", "tomorrow "])
def test_what_is_no_day_is_said(word: str) -> None:
    with pytest.raises(UsageError, match="is no day"):
        comes_back(CONFIG, "kari", word, datetime(2026, 3, 3, tzinfo=UTC))
