"""Sales' side at its edges: what arrives late, out of order, or about somebody who is not there any more."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from models.database import Database
from nurture import signed
from nurture.alerts import deliver
from nurture.content import Project, load_project
from nurture.core.owners import POOL
from nurture.core.signing import unsigned
from nurture.deals import lose, win
from nurture.deals.left_out import left_out
from nurture.engage import Folded, fold, receive
from nurture.engage.inbox import DEALS
from nurture.errors import UsageError
from nurture.handoff import Given, accept, judge, qualify_due, reject
from nurture.handoff.keep_warm import keep_warm
from nurture.handoff.ladder import climb
from nurture.handoff.reassign import reassign
from nurture.handoff.reps import worklist_link
from nurture.handoff.snooze import snooze
from nurture.handoff.touches import log_touch
from nurture.handoff.worklist import worklist
from nurture.mail import Email, Outcome
from nurture.redaction import redact
from nurture.rights.forget import forget
from nurture.web import Drain, create_app
from nurture.web.worklist import _deals
from tests.core.agreements import agreement
from tests.office import KARI, TOM, Office
from tests.support import START, write_project
from tests.test_rights_forget import everything
from tests.web.conftest import Visitor

NILS = {"key": "nils", "name": "Nils Dahl", "address": "nils@example.com"}
GIVEN = Given("yes", "yes")


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    """Kari has handoff 1."""
    office = Office(database, tmp_path, owners=[KARI, TOM])
    hand_over(office)
    return office


def hand_over(office: Office, email: str = "mona@mill.example") -> None:
    office.submit("demo", email, first_name="Mona", company="Mill")
    qualify_due(office.ports)


def tell(office: Office, **told: Any) -> Folded:
    """The CRM tells of a deal."""
    receive(office.ports, DEALS, json.dumps({"batch": [told]}).encode())
    return fold(office.ports)


def stage(office: Office) -> str:
    return str(office.one("SELECT stage FROM lead WHERE id = 1").stage)


def on_list(office: Office, owner: str) -> list[int]:
    with office.database.reading() as connection:
        return [item.handoff_id for item in worklist(connection, office.ports, owner, office.clock.now())]


# --- clocks


def test_a_lead_that_was_put_off_and_is_given_on_is_promised_anew_from_now(office: Office) -> None:
    """Whoever gets it has it today: the day that another rep had put it off to is not its day."""
    now = office.clock.now()
    snooze(office.ports, 1, "kari", now + timedelta(days=28))
    given = reassign(office.ports, 1, "kari", "tom")
    assert given.snoozed_until is None
    assert given.due_at == now + timedelta(minutes=5)
    assert given.clock_from == now
    assert given.rung_due_at is not None and given.rung_due_at < now + timedelta(days=1)
    office.pass_time(hours=1)
    assert climb(office.ports) == 1


def test_a_reminder_that_waits_does_not_reach_who_has_put_the_lead_off(office: Office) -> None:
    deliver(office.ports)
    before = len(office.alerts)
    office.pass_time(minutes=5)
    assert climb(office.ports) == 1
    snooze(office.ports, 1, "kari", office.clock.now() + timedelta(days=2))
    deliver(office.ports)
    assert len(office.alerts) == before


# --- deals out of order


def test_an_old_deal_is_won_while_the_lead_is_offered_anew(office: Office) -> None:
    """The CRM's correction of an old deal makes a customer of a lead that waits for sales once more."""
    accept(office.ports, 1, "kari", GIVEN)
    tell(office, external_id="D-1", email="mona@mill.example", state="lost", reason="not_ready")
    assert stage(office) == "recycled"
    office.pass_time(days=1)
    hand_over(office)
    assert stage(office) == "sql"
    office.pass_time(days=1)
    told = tell(office, external_id="D-1", email="mona@mill.example", state="won")
    assert told.faults == 0
    assert stage(office) == "customer"
    assert [row.state for row in office.rows("SELECT state FROM handoff ORDER BY id")] == ["accepted", "accepted"]
    # whoever had it in hand answers what it asked for now
    assert on_list(office, "kari") == [2]


def test_a_rep_wins_an_old_deal_while_the_lead_is_offered_anew(office: Office) -> None:
    accept(office.ports, 1, "kari", GIVEN)
    lose(office.ports, 1, "kari", "not_ready")
    office.pass_time(days=1)
    hand_over(office)
    assert win(office.ports, 1, "kari").fresh
    assert stage(office) == "customer"


def test_a_fact_about_an_erased_lead_brings_nothing_of_it_back(office: Office) -> None:
    """The CRM may know our number of the lead; what it calls the deal may be the person's name."""
    accept(office.ports, 1, "kari", GIVEN)
    tell(office, external_id="D-1", lead_id=1, state="open", name="Mona's mill")
    forget(office.ports, 1)
    tell(office, external_id="D-1", lead_id=1, state="won", name="Mona's mill")
    assert [row.name for row in office.rows("SELECT name FROM opportunity")] == [None]
    assert stage(office) == "opportunity"
    assert [one.reason for one in left_out(office.ports)] == ["lead_id: is no lead of ours"]


def test_a_page_that_was_left_open_does_not_undo_a_sale(office: Office) -> None:
    """Two tabs: in the one the deal is won, in the other, which has not seen it, the button says lost."""
    accept(office.ports, 1, "kari", GIVEN)
    visitor = Visitor(create_app(office.ports, webhook_keys=[]))
    path = f"/h/{office.one('SELECT token FROM handoff').token}"
    assert "customer now" in visitor.post(f"{path}/won", data={}).text
    stands = visitor.post(f"{path}/lost", data={"reason": "not_ready"})
    assert "that stands" in stands.text
    assert stage(office) == "customer"


@pytest.mark.parametrize("end", ["won", "lost"])
def test_what_sales_has_done_with_is_not_put_off_given_on_or_kept_warm(office: Office, end: str) -> None:
    """Statement 37: whose deal is closed belongs to sales no more, whatever an old link or command asks for."""
    accept(office.ports, 1, "kari", GIVEN)
    _ = win(office.ports, 1, "kari") if end == "won" else lose(office.ports, 1, "kari", "not_ready")
    later = office.clock.now() + timedelta(days=1)
    acts: tuple[Callable[[], object], ...] = (
        lambda: keep_warm(office.ports, 1, "kari", on=True),
        lambda: reassign(office.ports, 1, "kari", "tom"),
        lambda: snooze(office.ports, 1, "kari", later),
    )
    for act in acts:
        with pytest.raises(UsageError, match="sales has it no more"):
            act()
    assert not office.one("SELECT kept_warm FROM lead").kept_warm


def test_a_customer_is_not_kept_warm_because_another_deal_is_open(office: Office) -> None:
    accept(office.ports, 1, "kari", GIVEN)
    tell(office, external_id="D-0", email="mona@mill.example", state="lost", reason="not_ready", closed_at="2025-01-01")
    tell(office, external_id="D-0", email="mona@mill.example", state="won")
    assert stage(office) == "customer"
    with pytest.raises(UsageError):
        keep_warm(office.ports, 1, "kari", on=True)


@pytest.mark.parametrize("bought", [False, True])
def test_who_asks_for_a_person_again_is_told_of_to_whoever_has_it(office: Office, bought: bool) -> None:
    """Statement 14: there is no second handoff while a deal is open or after it was won, and nobody is left unheard."""
    accept(office.ports, 1, "kari", GIVEN)
    if bought:
        win(office.ports, 1, "kari")
    deliver(office.ports)
    before = len(office.alerts)
    office.pass_time(days=3)
    for _ in range(2):
        office.submit("demo", first_name="Mona", message="please call me, it is urgent")
        office.submit("ebook", first_name="Mona")
    qualify_due(office.ports)
    deliver(office.ports)
    (told,) = office.alerts[before:]
    assert told.to.address == "kari@example.com"
    assert "Asks for a person" in told.subject
    assert "urgent" not in str(office.rows("SELECT payload FROM outbox"))
    assert len(office.rows("SELECT 1 FROM handoff")) == 1


# --- who was erased


def test_an_erased_lead_is_on_no_list(office: Office) -> None:
    accept(office.ports, 1, "kari", GIVEN)
    assert on_list(office, "kari") == [1]
    forget(office.ports, 1)
    assert on_list(office, "kari") == []


def test_sales_is_not_reminded_of_whoever_waits_to_be_erased(office: Office) -> None:
    """The alert is on its way when the person asks to be erased: the rest is done later, but nothing more is told."""

    def asks_to_be_erased(_: Email) -> Outcome:
        with pytest.raises(UsageError, match="on its way"):
            forget(office.ports, 1)
        return Outcome.ACCEPTED

    office.mailer.answer = asks_to_be_erased
    deliver(office.ports)
    told = len(office.alerts)
    assert told == 1
    office.mailer.answer = lambda _: Outcome.ACCEPTED
    office.pass_time(minutes=30)
    assert climb(office.ports) == 0
    deliver(office.ports)
    assert len(office.alerts) == told
    assert not office.rows("SELECT 1 FROM outbox WHERE kind = 'sla_alert'")


def test_nothing_that_sales_wrote_down_is_left_of_an_erased_lead(office: Office) -> None:
    log_touch(office.ports, 1, "kari", "call", "reached", "canary: likes skiing")
    reassign(office.ports, 1, "kari", "tom")
    accept(office.ports, 1, "tom", Given("yes", "no", "canary: has a dog"))
    judge(office.ports, 1, "tom", "yes", "yes", "yes", "canary: was rude")
    tell(office, external_id="canary-1", email="mona@mill.example", state="open", name="canary deal")
    tell(office, external_id="canary-1", email="mona@mill.example", state="lost", reason="canary reason")
    lose(office.ports, 1, "tom", "not_ready", "canary: bought elsewhere")
    assert [name for name, row in everything(office.database) if "canary" in row]
    forget(office.ports, 1)
    left = [(name, row) for name, row in everything(office.database) if "canary" in row or "mona" in row.casefold()]
    assert left == []
    assert office.rows("SELECT 1 FROM former_link") == []


# --- reps who leave


def test_a_deal_of_a_rep_who_has_left_is_on_the_pools_list(office: Office) -> None:
    """Statement 3: it is on exactly one list until it is closed."""
    accept(office.ports, 1, "kari", GIVEN)
    judge(office.ports, 1, "kari", "yes", "yes", "yes")
    root = office.ports.project.root
    write_project(root, owners=[TOM])
    left = replace(office.ports, project=load_project(root))
    with office.database.reading() as connection:
        found = {owner: _deals(connection, left, owner, office.clock.now()) for owner in ("tom", POOL)}
    assert [len(found[owner]) for owner in ("tom", POOL)] == [0, 1]


def test_the_list_of_the_day_of_a_rep_who_has_left_reaches_somebody(office: Office) -> None:
    reject(office.ports, 1, "kari", "not_ready")
    office.ports = replace(office.ports, project=daily(office, [KARI]))
    office.submit("pricing", "ola@dairy.example", first_name="Ola")
    qualify_due(office.ports)
    deliver(office.ports)
    assert office.alerts == []
    office.ports = replace(office.ports, project=daily(office, [TOM]))
    office.pass_time(days=1)
    deliver(office.ports)
    assert [mail.to.address for mail in office.alerts] == ["tom@example.com"]


def daily(office: Office, owners: list[dict[str, str]]) -> Project:
    """The project whose reps are told once a day, and by whom it is easy to be handed over."""
    mql = [{"text": "Did something", "did_at_least": 1, "within_days": 30}]
    sql = [{"text": "Means to buy", "intent_within_days": 14}]
    root = office.ports.project.root
    return load_project(write_project(root, owners=owners, tell_sales="daily", mql=mql, sql=sql))


# --- signatures


def test_a_change_that_reads_the_same_is_a_change() -> None:
    """Statement 50: one word with a comma is not two words."""
    before = agreement(disqualify=[{"because": "a rival", "titles": ["student, intern"]}])
    after = agreement(disqualify=[{"because": "a rival", "titles": ["student", "intern"]}])
    assert len(unsigned(before, after, START)) == 2


# --- secrets


@pytest.mark.parametrize("path", ["/w/abcdefghij0123456789xy", "/report/s3cret-of-the-operator"])
def test_links_of_reps_and_operators_stay_out_of_logs(path: str) -> None:
    assert path.rpartition("/")[2] not in redact(f"GET {path} failed")


def test_the_web_app_goes_by_the_agreement_in_force(office: Office) -> None:
    """Statement 50: a rep who joined by an agreement that was applied meanwhile gets its alerts and its pages."""
    ports = office.ports
    office.ports = replace(ports, project=signed.follow(office.database, ports.project, START))
    visitor = Visitor(create_app(office.ports, webhook_keys=[]))
    agreed = {side: {"name": "Ida", "date": "2026-03-03"} for side in ("marketing", "sales")}
    root = write_project(ports.project.root, owners=[NILS], agreed_by=agreed)
    signed.apply(office.database, signed.follow(office.database, load_project(root), START), START)
    office.submit("demo", "ola@dairy.example", first_name="Ola", company="Dairy")
    Drain(office.ports.in_force)()
    assert [mail.to.address for mail in office.alerts if "Ola" in mail.subject] == ["nils@example.com"]
    token = office.one("SELECT token FROM handoff WHERE owner = 'nils'").token
    assert "Accept" in visitor.get(f"/h/{token}").text
    assert "Ola" in visitor.get(worklist_link(office.ports.in_force(), "nils").removeprefix(ports.public_url)).text
