"""Forgetting: whatever is searched afterwards, nothing is found of the person, and all of everybody else."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select

from models.base import SQLModel
from models.database import Database
from models.tables import Answer, Event, Outbox, Reply, Visitor
from models.words import Suppression
from nurture import alerts, rights, topics
from nurture.core.project import Webhook
from nurture.engage import fold, receive
from nurture.errors import ErasureKeyLost, UsageError
from nurture.handoff import qualify_due, reject
from nurture.leads import Draft, Intake, save
from nurture.rights.bodies import mentions_any
from nurture.rights.forget import Forgotten, forget, strip_requests
from nurture.suppress import suppress
from tests.office import Office

EMAIL = "zita.quux@zebra-mill.example"
#: none of these stands in anything else
CANARIES = ("zita", "quux", "zebra", "+47 55 77 99", "canary-note", "198.51.100.77", "CanaryBrowser", "canary-visitor")
#: how many of a database's transactions wait for another
WAITING = (
    "SELECT COUNT(*) AS waiting FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)
FOUND = re.compile("|".join(map(re.escape, CANARIES)), re.IGNORECASE)


def everything(database: Database) -> Iterator[tuple[str, str]]:
    """Every row of every table as text, bytes too."""
    with database.reading() as connection:
        for name, table in SQLModel.metadata.tables.items():
            for row in connection.execute(select(table)):
                told = [bytes(v).decode("latin-1") if isinstance(v, bytes | memoryview) else str(v) for v in row]
                yield name, " | ".join(told)


def traces(database: Database) -> list[tuple[str, str]]:
    return [(name, row) for name, row in everything(database) if FOUND.search(row)]


def live_a_life(office: Office) -> int:
    """A lead that has done all that leaves a trace; its number."""
    told: dict[str, Any] = {"first_name": "Zita", "last_name": "Quux", "company": "Zebra Mill", "phone": "+47 55 77 99"}
    lead = office.add_lead(EMAIL, **told, source="canary-note", asset="canary-note", title="Head of Zebra")
    mail = office.mail()
    assert mail.to.address == EMAIL
    click = office.event(
        mail, "click", 300, url="https://acme.example/zebra", useragent="CanaryBrowser/1", ip="198.51.100.77"
    )
    full = office.event(mail, "bounce", 900, type="blocked", reason=f"450 {EMAIL} is over quota")
    bystander = office.event(mail, "delivered", 2) | {"email": "tom@other.example", "sg_event_id": "bystander"}
    office.tell(office.event(mail, "delivered", 1), click, bystander, full)
    office.submit("ebook", EMAIL, message="canary-note: I am Zita", consent="yes", phone="not a phone canary-note")
    office.submit("call-me", EMAIL.upper(), message="canary-note please", first_name="Zita")
    receive(office.ports, "form:ebook", b'{"email": "zita.quux\\u0040zebra-mill.example", "broken": ')
    receive(office.ports, "inbound", f"From: Zita Quux <{EMAIL}>\r\nSubject: canary-note\r\n\r\nHello".encode())
    fold(office.ports)
    office.pass_time(minutes=30)
    qualify_due(office.ports)
    alerts.deliver(office.ports)
    handoff = office.one("SELECT id FROM handoff WHERE lead_id = :lead", lead=lead)
    reject(office.ports, handoff.id, "anna", "not_ready", note="canary-note: rude")
    walk_the_site(office, lead)
    address = address_of(office, lead)
    with office.database.transaction("wishes") as connection:
        topics.decline(connection, address, "news", "canary-note", office.clock.now())
        rights.request(connection, address, office.clock.now())
    return lead


def walk_the_site(office: Office, lead: int) -> None:
    """Visits before and after the site knew who it was, an answer, a written reply, and a webhook that waits."""
    now = office.clock.now()
    seen = {"kind": "visited", "occurred_at": now, "received_at": now, "url": "/zebra", "visitor_id": 1}
    letter = receive(office.ports, "inbound", b"From: a colleague\r\n\r\ncanary-note, whom you wrote to, has left")
    rows: list[tuple[type[SQLModel], dict[str, Any]]] = [
        (Visitor, {"key": "a:canary-visitor-1234567", "lead_id": lead, "first_seen_at": now}),
        (Event, {**seen, "key": b"1" * 16, "lead_id": lead}),
        (Event, {**seen, "key": b"2" * 16}),
        (Answer, {"lead_id": lead, "question": "need", "value": "canary-note", "answered_at": now, "source": "poll"}),
        (Reply, {"key": b"3" * 16, "kind": "human", "sorted_by": "x", "lead_id": lead, "text": "canary-note",
                 "inbox_id": letter, "received_at": now}),
        (Reply, {"key": b"4" * 16, "kind": "human", "sorted_by": "x", "sender": EMAIL, "received_at": now}),
        (Outbox, {"dedupe_key": "w", "kind": "webhook", "payload": {"webhook": "crm", "lead_id": lead, "data": EMAIL},
                  "due_at": now, "created_at": now}),
    ]  # fmt: skip
    with office.database.transaction("site") as connection:
        for model, row in rows:
            connection.execute(insert(model).values(**row))
    receive(office.ports, "site:server:track", b'{"anonymousId": "canary-visitor-1234567", "event": "zebra"}')


def address_of(office: Office, lead: int) -> int:
    return int(office.one("SELECT address_id FROM lead WHERE id = :id", id=lead).address_id)


def forget_lead(office: Office, lead: int, outbox: Path | None = None) -> Forgotten:
    return forget(office.ports, address_of(office, lead), outbox)


def test_after_forgetting_a_search_of_the_whole_database_finds_nothing(office: Office) -> None:
    lead = live_a_life(office)
    assert {"address", "lead", "event", "inbox_body", "handoff"} <= {name for name, _ in traces(office.database)}
    done = forget_lead(office, lead)
    assert traces(office.database) == []
    assert done.rows.keys() >= {"inbox", "address", "lead", "event", "message", "attempt", "handoff", "decision"}
    assert done.rows["inbox"] == 7
    assert done.rows.keys() >= {"visitor", "answer", "reply", "outbox", "topic_refusal", "erasure_request"}


def test_nobody_else_loses_anything(office: Office) -> None:
    other = office.add_lead("frauke@x.example", first_name="Frauke", source="fair")
    office.tell(office.event(office.mail(), "delivered", 5, ip="192.0.2.1"))
    office.submit("ebook", "frauke@x.example", message="mine")
    before = sorted(row for row in everything(office.database) if "frauke" in row[1].lower())
    events = office.rows("SELECT * FROM event WHERE lead_id = :id ORDER BY id", id=other)
    forget_lead(office, live_a_life(office))
    assert sorted(row for row in everything(office.database) if "frauke" in row[1].lower()) == before
    assert office.rows("SELECT * FROM event WHERE lead_id = :id ORDER BY id", id=other) == events
    kept = [
        bytes(row.body)
        for row in office.rows(
            "SELECT body FROM inbox i JOIN inbox_body b ON b.id = i.id WHERE source = 'sendgrid' ORDER BY i.id"
        )
    ]
    assert [len(json.loads(body)) for body in kept] == [1, 1]
    assert "tom@other.example" in kept[1].decode()


def test_an_erased_address_does_not_come_back_by_import_form_or_event(office: Office) -> None:
    lead = live_a_life(office)
    mail = office.mailer.emails[0]
    forget_lead(office, lead)
    drafts = [Draft(email=EMAIL, first_name="Zita"), Draft(email="new@x.example")]
    intake = Intake("import again.csv", office.clock.now(), office.ports.new_id, office.ports.erasures.among)
    with office.database.transaction("import") as connection:
        saved = save(connection, drafts, intake)
    assert (saved.refused, list(saved.by_email)) == ({EMAIL}, ["new@x.example"])
    folded = office.submit("ebook", EMAIL, first_name="Zita")
    assert (folded.events, folded.faults) == (0, 1)
    office.tell(office.click(mail, 90_000, "/zebra"))
    assert office.rows("SELECT id FROM address WHERE email LIKE '%@%' AND email <> 'new@x.example'") == []
    left = [name for name, _ in traces(office.database)]
    assert set(left) <= {"inbox_body"}, "only what arrived since, until the next tidying"


def test_nothing_is_mailed_from_then_on_and_the_numbers_stay(office: Office) -> None:
    lead = office.add_lead(EMAIL)
    office.mail()
    forget_lead(office, lead)
    office.pass_time(days=30)
    sent = len(office.mailer.emails)
    office.mail()
    assert len(office.mailer.emails) == sent
    row = office.one("SELECT suppressed, email, first_name FROM address a JOIN lead l ON l.address_id = a.id")
    assert tuple(row) == (Suppression.ERASED, f"erased-{address_of(office, lead)}", None)
    assert office.one("SELECT COUNT(*) AS n FROM message WHERE state = 'accepted'").n == 1


def test_who_was_erased_is_kept_as_a_keyed_hash_and_a_day_and_under_no_number(office: Office) -> None:
    forget_lead(office, office.add_lead(EMAIL))
    row = office.one("SELECT * FROM erasure")
    assert set(row._mapping) == {"hash", "key_id", "erased_on"}
    assert re.fullmatch(r"[0-9a-f]{64}", row.hash)
    assert str(row.erased_on) == "2026-03-03"


def test_a_second_time_there_is_nobody_to_forget(office: Office) -> None:
    lead = office.add_lead(EMAIL)
    forget_lead(office, lead)
    with pytest.raises(UsageError, match="stays erased"):
        forget_lead(office, lead)


class Killed(BaseException):
    """As by kill -9."""


@pytest.mark.parametrize("moment", ["refuse: after", "strip request: after", "forget: before", "forget: inside"])
def test_killed_half_way_it_is_run_again_and_finishes(here: Office, moment: str) -> None:
    lead = live_a_life(here)

    def hook(name: str) -> None:
        if name == moment:
            raise Killed

    here.database.hook = hook
    with pytest.raises(Killed):
        forget_lead(here, lead)
    here.database.hook = lambda _: None
    assert here.one("SELECT suppressed FROM address").suppressed == "erased"
    assert here.submit("ebook", EMAIL).faults >= 1
    forget_lead(here, lead)
    assert traces(here.database) == []


def test_while_a_mail_is_on_its_way_it_waits_but_nothing_more_leaves(office: Office) -> None:
    lead = office.add_lead(EMAIL)
    office.mail()
    with office.database.transaction("as if") as connection:
        connection.exec_driver_sql("UPDATE attempt SET state = 'posting'")
    with pytest.raises(UsageError, match="on its way"):
        forget_lead(office, lead)
    assert office.one("SELECT suppressed FROM address").suppressed == "erased"
    office.pass_time(minutes=5)
    forget_lead(office, lead)
    assert traces(office.database) == []


def test_a_mail_whose_end_nobody_knows_troubles_nobody_afterwards(office: Office) -> None:
    lead = office.add_lead(EMAIL)
    office.mail()
    with office.database.transaction("as if") as connection:
        connection.exec_driver_sql("UPDATE attempt SET state = 'unknown'")
        connection.exec_driver_sql("UPDATE message SET state = 'handed_over'")
    forget_lead(office, lead)
    assert office.one("SELECT state FROM message").state == "suppressed"
    assert office.one("SELECT state FROM attempt").state == "not_accepted"


def test_an_open_offer_to_sales_is_closed_and_its_link_leads_nowhere(office: Office) -> None:
    lead = office.add_lead(EMAIL)
    office.submit("call-me", EMAIL)
    qualify_due(office.ports)
    token = office.one("SELECT token FROM handoff").token
    forget_lead(office, lead)
    handoff = office.one("SELECT state, reason, token FROM handoff")
    assert (handoff.state, handoff.reason) == ("rejected", "erased")
    assert handoff.token != token
    sent = len(office.mailer.emails)
    alerts.deliver(office.ports)
    assert len(office.mailer.emails) == sent


def test_mails_that_were_written_as_files_go_too_and_others_stay(here: Office, tmp_path: Path) -> None:
    lead = here.add_lead(EMAIL)
    mail = here.mail()
    outbox = tmp_path / "mails"
    outbox.mkdir()
    (outbox / f"{mail.message_id}.eml").write_text("no name in it")
    (outbox / "test-1.eml").write_text("To: somebody\r\n\r\nzita.quux=40zebra-mill.exam=\r\nple has asked")
    (outbox / "other.eml").write_text("To: frida.zita.quux@zebra-mill.example, ida@x.example")
    assert forget_lead(here, lead, outbox).files == 2
    assert [path.name for path in outbox.iterdir()] == ["other.eml"]


def test_who_else_was_told_is_said_because_only_a_person_can_see_to_it(here: Office) -> None:
    outside = forget_lead(here, live_a_life(here)).outside
    assert any(line.startswith("sendgrid: ") for line in outside)
    assert any(line.startswith("kari: ") for line in outside)
    assert outside[-1].startswith("backups: ")


def test_without_the_key_nobody_is_taken_for_new(here: Office) -> None:
    forget_lead(here, here.add_lead(EMAIL))
    here.ports.erasures._key = b"another"
    with here.database.transaction("import") as connection, pytest.raises(ErasureKeyLost, match="1 erased"):
        here.ports.erasures.among(connection, [EMAIL])
    lead = here.add_lead("second@x.example")
    with pytest.raises(ErasureKeyLost):
        forget_lead(here, lead)
    assert here.one("SELECT suppressed FROM address WHERE email = 'second@x.example'").suppressed is None


def test_an_opt_out_before_does_not_stand_in_the_way(here: Office) -> None:
    lead = here.add_lead(EMAIL)
    with here.database.transaction("opt out") as connection:
        suppress(connection, [1], Suppression.COMPLAINT, "test", here.clock.now())
    forget_lead(here, lead)
    assert here.one("SELECT suppressed FROM address").suppressed == "erased"


def test_no_log_names_the_person(here: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    forget_lead(here, live_a_life(here))
    here.submit("ebook", EMAIL, first_name="Zita")
    assert FOUND.search(caplog.text) is None


def test_an_import_that_runs_while_somebody_is_erased_does_not_bring_it_back(
    postgres_database: Database, tmp_path: Path
) -> None:
    """It asked before the erasure began, and stores after it was over."""
    office = Office(postgres_database, tmp_path)
    lead = office.add_lead(EMAIL)
    asked: list[int] = []

    def erased(connection: Connection, emails: Collection[str]) -> frozenset[str]:
        found = office.ports.erasures.among(connection, emails)
        if not asked:
            asked.append(1)
            forget_lead(office, lead)
        return found

    intake = Intake("import again.csv", office.clock.now(), office.ports.new_id, erased)
    with office.database.transaction("import") as connection:
        saved = save(connection, [Draft(email=EMAIL, first_name="Zita")], intake)
    assert (saved.refused, saved.created) == ({EMAIL}, ())
    assert traces(office.database) == []


def test_systems_that_ask_for_it_are_told_the_number_of_who_was_erased(here: Office) -> None:
    crm = Webhook(url="https://crm.example.com/hooks", events=("lead.erased",))
    config = here.ports.project.config.model_copy(update={"webhooks": {"crm": crm}})
    here.ports = replace(here.ports, project=replace(here.ports.project, config=config))
    lead = here.add_lead(EMAIL)
    forget_lead(here, lead)
    row = here.one("SELECT payload ->> 'type' AS type, payload ->> 'lead_id' AS lead, state FROM outbox")
    assert (row.type, int(row.lead), row.state) == ("lead.erased", lead, "pending")


def test_what_one_erasure_takes_out_another_does_not_put_back(office: Office) -> None:
    entries = [{"event": "open", "email": email, "timestamp": 1} for email in ("a@x.example", "b@x.example")]
    receive(office.ports, "sendgrid", json.dumps(entries).encode())

    def meanwhile(moment: str) -> None:
        if moment == "strip request: before":
            office.database.hook = lambda _: None
            strip_requests(office.ports, mentions_any("b@x.example"))

    office.database.hook = meanwhile
    strip_requests(office.ports, mentions_any("a@x.example"))
    assert b"@x.example" not in bytes(office.one("SELECT body FROM inbox_body").body)


def test_nor_does_one_that_waited_for_the_other(postgres_database: Database, tmp_path: Path) -> None:
    office, names = Office(postgres_database, tmp_path), ("a@x.example", "b@x.example")
    entries = [{"event": "open", "email": email, "timestamp": 1} for email in names]
    receive(office.ports, "sendgrid", json.dumps(entries).encode())
    second = Thread(target=lambda: strip_requests(office.ports, mentions_any(names[1])))

    def begin(moment: str) -> None:
        if moment == "strip request: inside":
            office.database.hook = lambda _: None
            second.start()
            while second.is_alive() and not office.one(WAITING).waiting:
                pass

    office.database.hook = begin
    strip_requests(office.ports, mentions_any(names[0]))
    second.join(30)
    assert b"@x.example" not in bytes(office.one("SELECT body FROM inbox_body").body)
