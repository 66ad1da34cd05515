"""Two workers on one PostgreSQL database, interleaved at the worst moment."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from models.database import Database
from nurture import gates
from nurture.advance import advance, tick
from nurture.alerts import deliver
from nurture.engage import fold, receive
from nurture.enroll import Enrolled, enroll, trigger
from nurture.handoff import qualify_due
from nurture.ports import Ports
from nurture.suppress import silence
from nurture.web.opt_out import opt_out_address
from tests.engine.conftest import ANYTHING_COUNTS, HEAD, TWO_MAILS, WAITS_FOR_A_PROMOTION, Company
from tests.engine.interleave import Worker, at, before
from tests.mail.fake_sendgrid import wire
from tests.office import START, Office
from tests.support import add_leads
from tests.test_consent import strict

#: the row that whoever closes a gate locks first
GATE_LOCK = "name = 'everything'"


def seed(company: Company, *ids: int) -> None:
    """Leads that are about to be enrolled."""
    with company.database.transaction("seed") as connection:
        add_leads(connection, ids, company.clock.now())


def promote_beside_an_open_claim(company: Company, other: Worker, promote: Callable[[Ports], object]) -> None:
    """The lead is promoted when the claim has decided to wait for that and is not committed; a minute passes."""
    waiting = company.one("SELECT id FROM enrollment WHERE sequence = 'walk'")
    ports = other.ports(company.ports)
    at(company.database, "claim: inside", lambda: other.begin(lambda: promote(ports)))
    advance(company.ports, [waiting])
    other.end()
    company.tick(minutes=1)


def test_a_hand_raise_during_a_qualification_reaches_sales(
    postgres_database: Database, tmp_path: Path, other: Worker
) -> None:
    """It comes when the gate has read what the lead did, and has not yet written down that nothing is left to ask."""
    office = Office(postgres_database, tmp_path)
    office.add_lead(country="NO", title="Head of operations")
    office.submit("ebook")
    web = other.ports(office.ports)
    receive(web, "form:demo", json.dumps({"email": "mona@mill.example", "message": "call me"}).encode())
    office.pass_time(seconds=1)
    before(office.database, "INSERT INTO score", lambda: other.begin(lambda: fold(web)))
    qualify_due(office.ports)
    other.end()
    office.pass_time(hours=1)
    qualify_due(office.ports)
    assert len(office.rows("SELECT id FROM handoff")) == 1


def test_nothing_is_handed_over_after_a_stop_has_committed(postgres_company: Company, other: Worker) -> None:
    """The gate is being closed for the first time, so there is no row of its own to wait for."""
    company = postgres_company
    company.add_leads()

    def stop() -> None:
        with other.database.transaction("stop") as connection:
            gates.close(connection, "sequence:walk", "by a person", company.clock.now(), by="op")

    at(other.database, "stop: inside", other.pause)
    at(company.database, "hand over: before", lambda: other.begin(stop))
    [outcome] = company.tick().outcomes
    other.end()
    assert outcome.why == "stopped: by a person"
    assert company.mailer.sent == []


def test_a_stop_and_a_hand_over_do_not_wait_for_each_other_for_ever(postgres_company: Company, other: Worker) -> None:
    company = postgres_company
    # both gates were closed once; the row that orders the two is now the last one in the table
    for name in ("mailer:sendgrid", "everything"):
        with company.database.transaction("stop") as connection:
            now = company.clock.now()
            gates.close(connection, name, "over soon", now, until=now + timedelta(seconds=1))
    company.clock.advance(timedelta(minutes=1))
    company.add_leads()

    def stop() -> None:
        with other.database.transaction("stop") as connection:
            gates.close(connection, "mailer:sendgrid", "401", company.clock.now())

    before(other.database, "INSERT INTO gate", other.pause)
    at(company.database, "hand over: before", lambda: other.begin(stop))
    company.tick()
    other.end()
    assert company.mailer.sent == []


def test_an_account_event_and_a_hand_over_do_not_wait_for_each_other_for_ever(
    postgres_database: Database, tmp_path: Path, other: Worker
) -> None:
    """The event closes a gate and comes in one request with another about the lead that is mailed."""
    office = Office(postgres_database, tmp_path)
    office.add_lead()
    delivered = office.event(office.mail(), "delivered")
    suspended = {"event": "account_status_change", "timestamp": int(START.timestamp()), "type": "compliance_suspend"}
    receive(office.ports, "sendgrid", wire([delivered, suspended]))
    office.pass_time(days=5)
    before(other.database, GATE_LOCK, other.pause)
    at(office.database, "hand over: before", lambda: other.begin(lambda: fold(other.ports(office.ports))))
    tick(office.ports)
    assert other.end().requests == 1
    assert [email.subject for email in office.mailer.emails] == ["About tofu/one", "About tofu/two"]


def test_the_days_quota_holds_for_two_workers_together(postgres_company: Company, other: Worker) -> None:
    company = postgres_company
    company.configure(quota={"per_day": 3})
    company.add_leads(6)
    second = other.ports(company.ports)
    before(company.database, "INSERT INTO attempt", lambda: other.begin(lambda: advance(second, [4, 5, 6])))
    advance(company.ports, [1, 2, 3])
    assert other.end().counts == {"waiting": 3}
    assert len(company.mailer.sent) == 3


def test_a_promotion_beside_an_open_claim_wakes_the_lead(postgres_company: Company, other: Worker) -> None:
    company = postgres_company
    company.configure(agreement=ANYTHING_COUNTS)
    company.write("walk", WAITS_FOR_A_PROMOTION.format(name="walk"))
    company.add_leads()
    company.submit("ebook")
    promote_beside_an_open_claim(company, other, qualify_due)
    assert len(company.mailer.sent) == 1


def test_a_promotion_by_a_step_beside_an_open_claim_wakes_the_lead(postgres_company: Company, other: Worker) -> None:
    company = postgres_company
    company.configure(agreement=ANYTHING_COUNTS)
    company.write("walk", WAITS_FOR_A_PROMOTION.format(name="walk"))
    company.write("promotes", f"{HEAD.format(name='promotes')}steps: [promote: mql]")
    company.add_leads()
    company.submit("ebook")
    promote_beside_an_open_claim(company, other, tick)
    assert len(company.mailer.sent) == 1


def test_a_lead_that_is_silenced_while_it_is_enrolled_is_in_no_sequence(
    postgres_company: Company, other: Worker
) -> None:
    company = postgres_company
    seed(company, 1)

    def hand_to_sales() -> None:
        with other.database.transaction("hand to sales") as connection:
            silence(connection, [1], "handed to sales", company.clock.now())

    before(company.database, "INSERT INTO enrollment", lambda: other.begin(hand_to_sales))
    enroll(company.ports)
    other.end()
    assert company.rows("SELECT state, reason FROM enrollment") == [("stopped", "handed to sales")]


def test_a_lead_is_enrolled_by_one_worker_at_a_time(postgres_company: Company, other: Worker) -> None:
    """Two that enroll the same leads, in another order each, would wait for each other for ever."""
    company = postgres_company
    triggers = "trigger: [lead_created, form_submitted]"
    company.write("walk", TWO_MAILS.format(name="walk").replace("trigger: lead_created", triggers))
    seed(company, 1, 2)

    def enroll_for_their_form() -> Enrolled:
        with other.database.transaction("form") as connection:
            trigger(connection, [2, 1], "form_submitted", company.clock.now())
        return enroll(other.ports(company.ports))

    at(company.database, "enroll: inside", lambda: other.begin(enroll_for_their_form))
    assert enroll(company.ports).triggers == 2
    assert other.end().triggers == 0
    assert enroll(company.ports).triggers == 2
    assert company.one("SELECT COUNT(*) FROM enrollment") == 2


def test_nobody_who_opts_out_at_that_moment_is_asked_to_confirm(
    postgres_database: Database, tmp_path: Path, other: Worker
) -> None:
    """The opt-out is written, and not yet committed, when the mail that asks is about to leave."""
    office = strict(Office(postgres_database, tmp_path))
    office.submit("newsletter", consent="yes")
    token = office.one("SELECT token FROM address").token
    web = other.ports(office.ports)
    at(other.database, "opt out: inside", other.pause)
    at(office.database, "claim alerts: before", lambda: other.begin(lambda: opt_out_address(web, token)))
    deliver(office.ports)
    other.end()
    assert office.alerts == []
    assert office.one("SELECT reason FROM outbox").reason == "the lead must not be mailed any more"


def test_an_opt_out_waits_for_the_mail_that_asks_to_confirm_and_neither_for_ever(
    postgres_database: Database, tmp_path: Path, other: Worker
) -> None:
    office = strict(Office(postgres_database, tmp_path))
    office.submit("newsletter", consent="yes")
    token = office.one("SELECT token FROM address").token
    web = other.ports(office.ports)
    at(office.database, "claim alerts: inside", lambda: other.begin(lambda: opt_out_address(web, token)))
    deliver(office.ports)
    other.end()
    assert len(office.alerts) == 1
    assert office.one("SELECT suppressed FROM address").suppressed == "opt_out"
