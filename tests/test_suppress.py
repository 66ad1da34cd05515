"""Suppression: the strongest reason stays, everything under way stops, and nothing leaves after the commit."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.database import Database
from models.words import Suppression
from nurture.advance import tick
from nurture.enroll import enroll
from nurture.leads import Draft, Intake, save
from nurture.suppress import suppress
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
