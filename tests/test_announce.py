"""Other systems are told what happens to leads, as it happens: who asked for it, once each, and nothing personal."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event as listen

from models.database import Database
from nurture import topics
from nurture.advance import tick
from nurture.content import load_project
from nurture.core.announced import ANNOUNCED
from nurture.core.owners import POOL
from nurture.deals import lose, win
from nurture.engage import fold, receive
from nurture.enroll import enroll
from nurture.handoff import Given, accept, qualify_due, reject
from nurture.handoff.reassign import reassign
from nurture.leads import import_leads
from nurture.mail import Email, Outcome
from nurture.polls import answer
from nurture.preferences import Often, keep, subscribe_again, tell_topics
from nurture.quiet import let_go
from nurture.rights.forget import forget
from nurture.web.opt_out import opt_out_address
from tests.mail.inbound_samples import TO, dsn, posted, raw
from tests.office import Office
from tests.support import make_ports

UNKNOWN = Given("unknown", "unknown")
MILL = {"title": "Managing Director", "employees": 120, "industry": "Food", "country": "NO"}


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    """A company whose CRM asks for everything and whose ERP for rejections alone."""
    return asking(Office(database, tmp_path))


@pytest.fixture
def office_here(here: Office) -> Office:
    """The same on SQLite only."""
    return asking(here)


def asking(office: Office) -> Office:
    root = office.ports.project.root
    file = root / "nurture.yaml"
    config = json.loads(file.read_text())
    config["sunset"] = {"mails": 1}
    config["topics"] = {"guides": "Guides", "offers": "Offers"}
    config["webhooks"] = {
        "crm": {"url": "https://crm.example.com/hooks", "events": list(ANNOUNCED)},
        "erp": {"url": "https://erp.example.com/hooks", "events": ["handoff.rejected"]},
        "quiet": {"url": "https://quiet.example.com/hooks"},
    }
    file.write_text(json.dumps(config))
    office.ports = make_ports(office.database, office.clock, office.mailer, load_project(root))
    office.ports = replace(office.ports, reply_domain="in.acme.example")
    return office


def told(office: Office, event: str = "") -> list[tuple[str, str, dict[str, Any]]]:
    """What webhooks are told, in order: whom, the event, its data."""
    rows = office.rows("SELECT payload FROM outbox WHERE kind = 'webhook' ORDER BY id")
    payloads = [json.loads(row.payload) if isinstance(row.payload, str) else row.payload for row in rows]
    return [(one["webhook"], one["type"], one["data"]) for one in payloads if event in ("", one["type"])]


def types(office: Office) -> list[str]:
    return [event for webhook, event, _ in told(office) if webhook == "crm"]


def test_from_the_first_form_to_the_opportunity(office: Office) -> None:
    office.submit("demo", first_name="Mona")
    qualify_due(office.ports)
    accept(office.ports, 1, "kari", UNKNOWN)
    accept(office.ports, 1, "kari", UNKNOWN)
    assert types(office) == [
        "lead.created", "form.submitted", "lead.stage_changed", "lead.promoted", "handoff.offered",
        "lead.stage_changed", "handoff.accepted", "opportunity.opened",
    ]  # fmt: skip
    assert {webhook for webhook, _, _ in told(office)} == {"crm"}
    assert told(office, "lead.promoted")[0][2]["to"] == "sql"
    assert told(office, "handoff.offered")[0][2] == {"handoff_id": 1, "owner": "kari", "hand_raise": True}
    assert [data["to"] for _, _, data in told(office, "lead.stage_changed")] == ["sql", "opportunity"]


def test_a_rejection_goes_to_each_who_asked(office: Office) -> None:
    office.submit("demo")
    qualify_due(office.ports)
    reject(office.ports, 1, "kari", "not_ready")
    rejections = told(office, "handoff.rejected")
    assert [webhook for webhook, _, _ in rejections] == ["crm", "erp"]
    assert rejections[0][2] == {"handoff_id": 1, "by": "kari", "reason": "not_ready", "track": "recycle"}


def test_mails_clicks_and_bounces(office: Office) -> None:
    office.add_lead(**MILL)
    email = office.mail()
    assert types(office) == ["sequence.entered", "email.sent"]
    office.tell(office.click(email, 3600))
    qualify_due(office.ports)
    assert "email.clicked" not in types(office)
    office.pass_time(hours=2)
    for _ in range(2):
        office.tell(office.click(email, 3600))
        qualify_due(office.ports)
    ((_, _, click),) = told(office, "email.clicked")
    assert (click["url"], click["template"]) == ("https://acme.example/guide", "tofu/one")
    office.tell(office.event(email, "bounce", 7200, type="bounce", status="5.1.1", reason="550 no such user"))
    assert types(office)[-3:] == ["lead.suppressed", "sequence.left", "email.bounced"]


def test_what_a_scanner_clicks_is_told_to_nobody(office: Office) -> None:
    office.add_lead()
    email = office.mail()
    office.tell(*(office.click(email, 20, f"/{page}") for page in range(5)))
    office.pass_time(days=1)
    qualify_due(office.ports)
    assert told(office, "email.clicked") == []


def test_an_opt_out_is_told_once_however_often_it_is_said(office: Office) -> None:
    office.add_lead()
    email = office.mail()
    token = str(office.one("SELECT token FROM address").token)
    for _ in range(2):
        opt_out_address(office.ports, token)
        office.pass_time(minutes=1)
    office.tell(office.event(email, "unsubscribe", 60))
    assert [data for _, _, data in told(office, "lead.opted_out")] == [{"because": "opt_out", "by": "one-click"}]


@pytest.mark.parametrize("then", ["mona@mill.example", "mona+news@mill.example"])
def test_whoever_was_told_that_an_address_failed_is_told_of_the_one_that_took_its_place(
    office: Office, then: str
) -> None:
    office.add_lead("mona+fair@mill.example")
    office.tell(office.event(office.mail(), "bounce", 60, type="bounce"))
    assert "lead.suppressed" in types(office)
    assert told(office, "lead.updated") == []
    for _ in range(2):
        office.pass_time(days=1)
        imported(office, f"{then},,")
    assert told(office, "lead.updated") == [("crm", "lead.updated", {"origin": "import fair.csv"})]


def test_an_answer_in_a_poll(office: Office) -> None:
    office.add_lead()
    token = str(office.one("SELECT token FROM address").token)
    for _ in range(2):
        answer(office.ports, token, "budget", "yes")
    assert told(office) == [("crm", "lead.answered", {"question": "budget", "source": "poll"})]


def test_nothing_is_written_nor_looked_up_where_nobody_asks(here: Office) -> None:
    asked: list[str] = []
    listen.listen(here.database.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    here.submit("demo")
    qualify_due(here.ports)
    enroll(here.ports)
    tick(here.ports)
    suppressed_and_left(here)
    assert here.rows("SELECT 1 FROM outbox WHERE kind = 'webhook'") == []
    assert not [sql for sql in asked if "ended_at =" in sql and sql.lstrip().startswith("SELECT")]


def test_what_waits_in_the_outbox_names_nobody(office: Office) -> None:
    office.submit("demo", first_name="Mona", last_name="Berg", message="Call me, Mona Berg")
    qualify_due(office.ports)
    assert not any(word in json.dumps(told(office)) for word in ("Mona", "Berg", "mill.example"))


# --- each event is told by what causes it


def token(office: Office) -> str:
    return str(office.one("SELECT token FROM address").token)


def imported(office: Office, lines: str) -> None:
    file = io.BytesIO(f"email,first name,opted out\n{lines}\n".encode())
    ports = office.ports
    import_leads(
        ports.database, ports.clock, file, file="fair.csv", new_token=ports.new_id, config=ports.project.config
    )


def answered(office: Office, text: str) -> None:
    office.add_lead()
    email = office.mail()
    assert email.reply_to
    envelope = json.dumps({"to": [email.reply_to.address], "from": "mona@mill.example"})
    receive(office.ports, "inbound", posted(raw(text), envelope=envelope))
    fold(office.ports)


def reported(office: Office) -> None:
    """A server on the way says by mail that the address does not exist."""
    office.add_lead()
    email = office.mail()
    assert email.reply_to
    report = dsn("5.1.1", "550 5.1.1 User unknown").replace(TO.encode(), email.reply_to.address.encode())
    receive(office.ports, "inbound", posted(report, envelope='{"to":[],"from":""}'))
    fold(office.ports)


def wished(office: Office, *topics: str, often: Often = Often.USUAL) -> None:
    office.add_lead()
    keep(office.ports, token(office), topics, often)


def handed_over(office: Office) -> None:
    office.submit("demo")
    qualify_due(office.ports)


def withdrawn(office: Office) -> None:
    """Sales had it because of a click on another day, which was a scanner's."""
    office.add_lead(**MILL)
    mail = office.mail()
    office.tell(office.event(mail, "delivered", 10), office.click(mail, 3600))
    office.pass_time(days=1)
    office.submit("webinar")
    office.submit("pricing")
    qualify_due(office.ports)
    office.tell(*(office.click(mail, 3600 + number / 10, f"/{number}") for number in range(9)))
    qualify_due(office.ports)


def close(office: Office, end: Callable[..., object], *how: object) -> None:
    handed_over(office)
    accept(office.ports, 1, "kari", UNKNOWN)
    end(office.ports, 1, *how)


def clicked(office: Office) -> None:
    office.add_lead(**MILL)
    office.tell(office.click(office.mail(), 3600))
    office.pass_time(hours=2)
    qualify_due(office.ports)


def mailed(office: Office) -> None:
    office.add_lead()
    office.mail()


def suppressed_and_left(office: Office) -> None:
    office.add_lead("nobody@mill.example")
    email = office.mail()
    office.tell(office.event(email, "bounce", 60, type="bounce", status="5.1.1", reason="550 no such user"))


def erased(office: Office) -> None:
    office.add_lead()
    forget(office.ports, office.one("SELECT id FROM address").id)


def both(first: Callable[[Office], object], second: Callable[[Office], object]) -> Callable[[Office], None]:
    def act(office: Office) -> None:
        first(office)
        second(office)

    return act


CAUSES: Mapping[str, Callable[[Office], object]] = {
    "lead.created": lambda office: imported(office, "mona@mill.example,Mona,"),
    "lead.updated": both(lambda office: office.submit("ebook"), lambda office: office.submit("ebook", first_name="M")),
    "lead.stage_changed": handed_over,
    "lead.promoted": handed_over,
    "lead.answered": lambda office: office.submit("ebook", budget="yes"),
    "lead.consented": lambda office: office.submit("ebook", consent="yes"),
    "lead.preferences_changed": lambda office: wished(office, "guides"),
    "lead.paused": lambda office: wished(office, often=Often.PAUSE),
    "lead.opted_out": lambda office: imported(office, "mona@mill.example,Mona,yes"),
    "lead.suppressed": suppressed_and_left,
    "lead.erased": erased,
    "handoff.offered": handed_over,
    "handoff.accepted": both(handed_over, lambda office: accept(office.ports, 1, "kari", UNKNOWN)),
    "handoff.rejected": both(handed_over, lambda office: reject(office.ports, 1, "kari", "not_ready")),
    "handoff.reassigned": both(handed_over, lambda office: reassign(office.ports, 1, by="kari", to=POOL)),
    "handoff.withdrawn": withdrawn,
    "opportunity.opened": both(handed_over, lambda office: accept(office.ports, 1, "kari", UNKNOWN)),
    "opportunity.won": lambda office: close(office, win, "kari", 100, "EUR"),
    "opportunity.lost": lambda office: close(office, lose, "kari", "not_ready"),
    "form.submitted": lambda office: office.submit("ebook"),
    "sequence.entered": mailed,
    "sequence.left": both(mailed, lambda office: (office.pass_time(days=6), office.mail())),
    "email.sent": mailed,
    "email.clicked": clicked,
    "email.bounced": suppressed_and_left,
    "email.replied": lambda office: answered(office, "Does it work at 16 bar?"),
}


@pytest.mark.parametrize("event", ANNOUNCED)
def test_each_event_is_told_by_what_causes_it(office_here: Office, event: str) -> None:
    """A name of an event that nothing causes is a promise to nobody: it needs a line in CAUSES."""
    CAUSES[event](office_here)
    assert event in types(office_here)
    assert not any(word in json.dumps(told(office_here, event)) for word in ("Mona", "Berg", "mona@", "nobody@"))


def test_a_mail_is_told_once_however_often_its_end_is_heard(office: Office) -> None:
    mailed(office)
    office.tell(office.event(office.mailer.emails[-1], "delivered", 60))
    ((_, _, sent),) = told(office, "email.sent")
    assert sent == {"message_id": 1, "sequence": "welcome", "step": "tofu/one", "template": "tofu/one"}


def test_a_mail_of_unknown_end_is_told_when_an_event_proves_it(office: Office) -> None:
    office.mailer.answer = lambda email: Outcome.UNKNOWN
    mailed(office)
    assert told(office, "email.sent") == []
    office.tell(office.event(office.mailer.emails[-1], "delivered", 60))
    assert len(told(office, "email.sent")) == 1


LEAVING: Mapping[str, tuple[Callable[[Office], object], tuple[str, str]]] = {
    "to its end": (CAUSES["sequence.left"], ("done", "finished")),
    "an opt-out": (
        both(mailed, lambda office: opt_out_address(office.ports, token(office))), ("stopped", "opted out")
    ),
    "a list": (
        both(mailed, lambda office: imported(office, "mona@mill.example,,yes")), ("stopped", "opted out")
    ),
    "a bounce": (suppressed_and_left, ("stopped", "the address does not exist")),
    "a report": (reported, ("stopped", "the address does not exist")),
    "an answer": (lambda office: answered(office, "Does it work at 16 bar?"), ("stopped", "replied")),
    "the wrong person": (
        lambda office: answered(office, "She has left the company."), ("stopped", "says it is the wrong person")
    ),
    "to sales": (both(mailed, handed_over), ("stopped", "handed to sales")),
    "a refusal": (
        both(lambda office: setattr(office.mailer, "answer", lambda email: Outcome.REJECTED), mailed),
        ("dead", "a mail could not be sent"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("how", LEAVING)
def test_whatever_takes_a_lead_out_of_a_sequence_is_told_once_with_its_reason(office: Office, how: str) -> None:
    cause, (state, because) = LEAVING[how]
    cause(office)
    ((_, _, left),) = told(office, "sequence.left")
    assert (left["sequence"], left["how"], left["because"]) == ("welcome", state, because)


def test_consent_is_told_wherever_it_is_given(office: Office) -> None:
    imported(office, "mona@mill.example,Mona,yes")
    subscribe_again(office.ports, token(office))
    told_of = [(data["act"], data["source"]) for _, _, data in told(office, "lead.consented")]
    assert told_of == [("given", "preference page")]


def test_what_a_reader_wishes_is_told_with_how_long(office: Office) -> None:
    wished(office, "guides", often=Often.PAUSE)
    assert told(office, "lead.preferences_changed")[0][2] == {"declined": ["offers"], "often": "pause"}
    ((_, _, pause),) = told(office, "lead.paused")
    assert (pause["until"][:10], pause["by"]) == ("2026-06-01", "preference page")


def test_not_now_is_told_as_a_pause(office: Office) -> None:
    answered(office, "Not now, try again in June.")
    ((_, _, pause),) = told(office, "lead.paused")
    assert (pause["until"][:10], pause["by"]) == ("2026-06-01", "reply")


def test_whoever_is_let_go_for_being_quiet_is_told_of(office: Office) -> None:
    office.add_lead()
    email: Email = office.mail()
    office.tell(office.event(email, "delivered", 20 * 86400))
    office.pass_time(days=190)
    assert let_go(office.ports) == 1
    assert [data["because"] for _, _, data in told(office, "lead.suppressed")] == ["sunset"]


def test_topics_that_were_written_down_for_a_lead_are_told_too(office_here: Office) -> None:
    lead = office_here.add_lead()
    now = office_here.clock.now()
    with office_here.database.transaction("topics") as connection:
        topics.decline(connection, 1, "offers", "told to us", now)
        tell_topics(connection, office_here.ports.project.config, 1, lead, now)
    assert [data for _, _, data in told(office_here, "lead.preferences_changed")] == [{"declined": ["offers"]}]
