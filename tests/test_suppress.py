"""Suppression: the strongest reason stays, everything under way stops, and nothing leaves after the commit."""

from __future__ import annotations

from collections import namedtuple
from datetime import datetime, timedelta
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.database import Database
from models.words import Suppression
from nurture.advance import tick
from nurture.enroll import enroll, trigger
from nurture.gather import barred, held, is_on_request
from nurture.leads import Draft, Intake, save
from nurture.preferences import LIFTED, subscribe_again
from nurture.suppress import came_back, lift, soft_bounced, suppress
from nurture.web.opt_out import opt_out_address
from tests.office import START, Office


def put(office: Office, reason: Suppression, *addresses: int) -> None:
    with office.database.transaction("suppress") as connection:
        suppress(connection, addresses, reason, "test", office.clock.now())


def test_every_sequence_of_the_lead_stops_and_says_why(office: Office) -> None:
    office.add_lead()
    office.mail()
    put(office, Suppression.OPT_OUT, 1)
    row = office.one("SELECT state, reason, due_at FROM enrollment")
    assert tuple(row) == ("stopped", "opted out", None)
    address = office.one("SELECT suppressed, suppressed_by, version FROM address")
    assert tuple(address) == ("opt_out", "test", 1)


@pytest.mark.parametrize("first", Suppression)
@pytest.mark.parametrize("then", Suppression)
def test_the_strongest_reason_stays(
    sqlite_database: Database, tmp_path: Path, first: Suppression, then: Suppression
) -> None:
    office = Office(sqlite_database, tmp_path)
    office.add_lead()
    put(office, first, 1)
    put(office, then, 1)
    strongest = first if list(Suppression).index(first) <= list(Suppression).index(then) else then
    row = office.one("SELECT suppressed, version FROM address")
    assert (row.suppressed, row.version) == (strongest, 1 if strongest == first else 2)


def test_twice_is_once(office: Office) -> None:
    office.add_lead()
    put(office, Suppression.OPT_OUT, 1, 1)
    office.pass_time(days=1)
    put(office, Suppression.OPT_OUT, 1)
    row = office.one("SELECT version, suppressed_at FROM address")
    assert (row.version, str(row.suppressed_at)[:10]) == (1, START.date().isoformat())


def test_other_leads_go_on(office: Office) -> None:
    office.add_lead()
    office.add_lead("bo@mill.example")
    office.mail()
    put(office, Suppression.HARD_BOUNCE, 2)
    states = [row.state for row in office.rows("SELECT state FROM enrollment ORDER BY lead_id")]
    assert states == ["active", "stopped"]


def test_an_opt_out_that_a_file_tells_of_stops_what_runs(office: Office) -> None:
    office.add_lead()
    office.mail()
    with office.database.transaction("import") as connection:
        told = Draft(email="mona@mill.example", opted_out=True)
        save(connection, [told], Intake("import fair.csv", office.clock.now(), office.ports.new_id))
    row = office.one("SELECT e.state, e.reason, a.suppressed_by FROM enrollment e, address a")
    assert tuple(row) == ("stopped", "opted out", "import fair.csv")


def test_nobody_at_all_is_no_error(office: Office) -> None:
    put(office, Suppression.OPT_OUT)
    put(office, Suppression.OPT_OUT, 99)
    assert office.rows("SELECT 1 FROM address") == []


def test_an_opt_out_between_plan_and_hand_over_stops_the_mail(office: Office) -> None:
    office.add_lead()
    token = office.one("SELECT token FROM address").token

    def opts_out(moment: str) -> None:
        if moment == "claim: after":
            office.database.hook = lambda _: None
            opt_out_address(office.ports, token)

    enroll(office.ports)
    office.database.hook = opts_out
    tick(office.ports)
    assert office.mailer.emails == []
    assert office.one("SELECT state FROM message").state == "suppressed"
    assert office.rows("SELECT 1 FROM attempt") == []


# --- which reason holds

_NOW = START
_LEAD = {
    "suppressed": None,
    "suppressed_until": None,
    "legal_ground": "consent",
    "ground_until": None,
    "confirm_until": None,
    "paused_until": None,
    "timezone": None,
    "stage": "iql",
}
#: what stands against mailing a lead, the strongest first (domain: suppression precedence): columns, the reason given
_BARS: list[tuple[dict[str, Any], str]] = [
    ({"suppressed": "erased"}, "erased"),
    ({"suppressed": "complaint"}, "marked our mail as spam"),
    ({"suppressed": "opt_out"}, "opted out"),
    ({"suppressed": "hard_bounce"}, "the address does not exist"),
    ({"suppressed": "soft_bounce", "suppressed_until": _NOW + timedelta(1)}, "mail bounced again and again"),
    ({"legal_ground": None}, "no legal ground to mail"),
    ({"ground_until": _NOW}, "the legal ground to mail has run out"),
    ({"stage": "disqualified"}, "disqualified"),
    ({"stage": "sql"}, "owned by sales"),
    ({"suppressed": "sunset"}, "quiet for too long"),
]


def lead_with(**columns: Any) -> Any:
    return namedtuple("Lead", _LEAD)(**{**_LEAD, **columns})


@pytest.mark.parametrize(("stronger", "weaker"), list(combinations(range(len(_BARS)), 2)))
def test_of_two_reasons_the_stronger_one_is_given(stronger: int, weaker: int) -> None:
    """The strongest columns win; two reasons on one column are told apart when they are written (above)."""
    columns = {**_BARS[weaker][0], **_BARS[stronger][0]}
    assert barred(lead_with(**columns), _NOW) == _BARS[stronger][1]


@pytest.mark.parametrize(("columns", "reason"), _BARS)
def test_what_was_asked_for_passes_everything_from_missing_consent_down(columns: dict[str, Any], reason: str) -> None:
    absolute = columns.get("suppressed") not in (None, "sunset")
    assert is_on_request(lead_with(**columns), _NOW) is not absolute


def test_nothing_stands_against_a_lead_that_agreed() -> None:
    assert (barred(lead_with(), _NOW), held(lead_with(), _NOW)) == (None, None)


@pytest.mark.parametrize(("columns", "over"), [
    ({"suppressed": "soft_bounce", "suppressed_until": _NOW}, True),
    ({"suppressed": "soft_bounce", "suppressed_until": _NOW + timedelta(seconds=1)}, False),
    ({"suppressed": "hard_bounce", "suppressed_until": _NOW}, False),
    ({"ground_until": _NOW + timedelta(seconds=1)}, True),
    ({"ground_until": _NOW}, False),
    ({"legal_ground": None, "confirm_until": _NOW}, False),
    ({"legal_ground": None, "confirm_until": _NOW + timedelta(seconds=1)}, True),
    ({"ground_until": _NOW, "confirm_until": _NOW + timedelta(seconds=1)}, True),
])  # fmt: skip
def test_what_ends_ends_at_the_second(columns: dict[str, Any], over: bool) -> None:
    assert (barred(lead_with(**columns), _NOW) is None) is over


@pytest.mark.parametrize(("columns", "until"), [
    ({"paused_until": _NOW}, None),
    ({"paused_until": _NOW + timedelta(2)}, _NOW + timedelta(2)),
    ({"legal_ground": None, "confirm_until": _NOW + timedelta(1)}, _NOW + timedelta(1)),
    ({"confirm_until": _NOW + timedelta(1)}, None),
    ({"legal_ground": None, "confirm_until": _NOW + timedelta(1), "paused_until": _NOW + timedelta(3)},
     _NOW + timedelta(3)),
])  # fmt: skip
def test_a_pause_and_an_open_question_hold_mail_and_end_nothing(
    columns: dict[str, Any], until: datetime | None
) -> None:
    hold = held(lead_with(**columns), _NOW)
    assert (hold and hold[0]) == until
    assert barred(lead_with(**columns), _NOW) is None


# --- soft bounces, and coming back


def soft(office: Office) -> str | None:
    with office.database.transaction("soft") as connection:
        soft_bounced(connection, [1], office.clock.now())
    return office.one("SELECT suppressed FROM address").suppressed  # type: ignore[no-any-return]


def test_soft_bounces_keep_mail_away_for_ninety_days_and_the_next_time_for_good(office: Office) -> None:
    office.add_lead()
    assert soft(office) == "soft_bounce"
    office.pass_time(days=89)
    assert soft(office) == "soft_bounce"
    until = office.one("SELECT suppressed_until FROM address").suppressed_until
    assert str(until)[:10] == "2026-06-01"
    office.pass_time(days=1)
    assert soft(office) == "hard_bounce"


def test_when_the_ninety_days_are_over_mail_goes_out_again(office: Office) -> None:
    office.add_lead()
    soft(office)
    office.pass_time(days=90)
    office.add_lead("bo@mill.example")
    with office.database.transaction("trigger") as connection:
        trigger(connection, [1], "lead_created", office.clock.now())
    office.mail()
    assert {email.to.address for email in office.mailer.emails} == {"mona@mill.example", "bo@mill.example"}


def test_a_lapsed_soft_bounce_is_weaker_than_anything(office: Office) -> None:
    office.add_lead()
    soft(office)
    office.pass_time(days=90)
    put(office, Suppression.SUNSET, 1)
    assert office.one("SELECT suppressed FROM address").suppressed == "sunset"


@pytest.mark.parametrize("reason", [one for one in Suppression if one is not Suppression.SOFT_BOUNCE])
def test_soft_bounces_change_nothing_where_something_else_holds(
    sqlite_database: Database, tmp_path: Path, reason: Suppression
) -> None:
    office = Office(sqlite_database, tmp_path)
    office.add_lead()
    put(office, reason, 1)
    assert soft(office) == reason


@pytest.mark.parametrize("reason", Suppression)
def test_an_act_alone_only_brings_back_the_quiet(
    sqlite_database: Database, tmp_path: Path, reason: Suppression
) -> None:
    office = Office(sqlite_database, tmp_path)
    office.add_lead()
    put(office, reason, 1)
    with office.database.transaction("back") as connection:
        free = came_back(connection, [1, 99], "reply", office.clock.now())
        assert lift(connection, [], set(Suppression), "nobody", office.clock.now()) == []
    assert free == ([1] if reason is Suppression.SUNSET else [])
    row = office.one("SELECT suppressed, suppressed_by, version FROM address")
    assert tuple(row) == ((None, "reply", 2) if free else (reason, "test", 1))


#: what can happen to an address, as the rules of domain precedence have it: name -> reason it puts, reasons it lifts
_HAPPENS: dict[str, tuple[Suppression | None, frozenset[Suppression]]] = {
    **{reason: (reason, frozenset()) for reason in Suppression if reason is not Suppression.SOFT_BOUNCE},
    "act": (None, frozenset({Suppression.SUNSET})),
    "form that agrees": (None, frozenset({Suppression.SUNSET})),
    "own button": (None, LIFTED),
}


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(sorted(_HAPPENS)), max_size=8))
def test_whatever_happens_in_whatever_order_the_rules_hold_and_nothing_leaves(happened: list[str]) -> None:
    """The address is as a model of five lines says, and mail goes out just if nothing holds."""
    with TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/nurture.db")
        database.create()
        office = Office(database, Path(folder) / "project")
        office.add_lead()
        token = office.one("SELECT token FROM address").token
        expected: Suppression | None = None
        for n, what in enumerate(happened):
            puts, lifts = _HAPPENS[what]
            expected = puts if puts and puts.outranks(expected) else None if expected in lifts else expected
            if puts:
                put(office, puts, 1)
            elif what == "own button":
                subscribe_again(office.ports, token)
            else:
                office.submit("ebook", consent="yes" if "agrees" in what else "", submission=str(n))
            assert office.one("SELECT suppressed FROM address").suppressed == expected
        with database.transaction("trigger") as connection:
            trigger(connection, [1], "lead_created", office.clock.now())
        enroll(office.ports)
        tick(office.ports)
        assert bool(office.mailer.emails) is (expected is None)
        database.close()
