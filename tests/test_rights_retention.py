"""Retention: what is old goes, what is young or still needed stays, and nothing young is even looked at."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import event, text

from models.database import Database
from models.queries import rights
from nurture import alerts
from nurture.engage import receive
from nurture.engage.inbox import fold
from nurture.handoff import qualify_due
from nurture.rights import retention
from nurture.rights.forget import forget
from nurture.rights.retention import tidy
from tests.office import SITE, Office
from tests.test_rights_forget import WAITING

MONA = "mona@mill.example"


def age(office: Office, table: str, days: float, where: str = "TRUE") -> None:
    """Make rows so many days old."""
    column = {"inbox": "received_at", "event": "received_at", "outbox": "delivered_at", "visitor": "first_seen_at"}
    at = office.clock.now() - timedelta(days=days)
    with office.database.transaction("age") as connection:
        old = f"{at:%Y-%m-%d %H:%M:%S.%f}"
        connection.exec_driver_sql(f"UPDATE {table} SET {column[table]} = '{old}' WHERE {where}")
        if table == "outbox":
            connection.exec_driver_sql(f"UPDATE outbox SET created_at = '{old}' WHERE {where}")


def count(office: Office, table: str) -> int:
    return int(office.one(f"SELECT COUNT(*) AS n FROM {table}").n)


def test_raw_requests_go_after_thirty_days_and_what_they_told_stays(office: Office) -> None:
    office.submit("ebook", MONA)
    age(office, "inbox", 29.9)
    assert tidy(office.ports).counts["requests"] == 0
    age(office, "inbox", 30.1)
    assert tidy(office.ports).counts["requests"] == 1
    assert (count(office, "inbox"), count(office, "inbox_body"), count(office, "event")) == (0, 0, 1)


def test_tidying_and_an_erasure_of_the_same_request_wait_for_each_other(
    postgres_database: Database, tmp_path: Path
) -> None:
    office = Office(postgres_database, tmp_path)
    office.submit("ebook", MONA)
    age(office, "inbox", 31)
    done: list[int] = []
    tidying = Thread(target=lambda: done.append(tidy(office.ports).counts["requests"]))
    with office.database.transaction("erasure") as connection:
        connection.execute(text("SELECT id FROM inbox FOR NO KEY UPDATE"))
        tidying.start()
        while tidying.is_alive() and not office.one(WAITING).waiting:
            pass
        [id_] = connection.execute(text("SELECT id FROM inbox")).scalars()
        assert connection.execute(rights.LOCK_BODY, {"id": id_}).one().body
    tidying.join(30)
    assert (done, count(office, "inbox"), count(office, "inbox_body")) == ([1], 0, 0)


def test_a_request_that_was_never_worked_stays_whatever_its_age(office: Office) -> None:
    receive(office.ports, "form:ebook", json.dumps({"email": MONA}).encode())
    age(office, "inbox", 400)
    assert tidy(office.ports).counts["requests"] == 0
    fold(office.ports)
    assert tidy(office.ports).counts["requests"] == 1


def test_addresses_of_the_net_and_browsers_go_after_ninety_days_but_not_the_click(office: Office) -> None:
    office.add_lead()
    mail = office.mail()
    office.tell(office.click(mail, 300), office.click(mail, 900, "/other"))
    age(office, "event", 91, f"url = '{SITE}/guide'")
    assert tidy(office.ports).counts["networks"] == 1
    rows = office.rows("SELECT url, ip, user_agent IS NULL AS blurred FROM event WHERE kind = 'clicked' ORDER BY url")
    assert [(row.ip, bool(row.blurred)) for row in rows] == [(None, True), ("203.0.113.7", False)]
    age(office, "event", 91)
    assert tidy(office.ports).counts["networks"] == 1
    assert tidy(office.ports).counts["networks"] == 0


def test_numbers_given_again_after_rows_went_are_not_passed_over(here: Office) -> None:
    here.add_lead()
    mail = here.mail()
    here.tell(here.click(mail, 300))
    age(here, "event", 91)
    tidy(here.ports)
    with here.database.transaction("as if") as connection:
        connection.exec_driver_sql("DELETE FROM event")
    here.tell(here.click(mail, 400, "/again"))
    age(here, "event", 91)
    assert tidy(here.ports).counts["networks"] == 1


def test_events_about_nobody_go_after_a_week(office: Office) -> None:
    office.add_lead()
    mail = office.mail()
    office.tell(office.event(mail, "delivered", 1), {**office.event(mail, "open", 5), "nurture_attempt": "unknown"})
    orphan = "lead_id IS NULL"
    with office.database.transaction("as if") as connection:
        connection.exec_driver_sql("UPDATE event SET lead_id = NULL, message_id = NULL WHERE kind = 'opened'")
    age(office, "event", 6.9)
    assert tidy(office.ports).counts["orphans"] == 0
    number = int(office.one(f"SELECT COUNT(*) AS n FROM event WHERE {orphan}").n)
    age(office, "event", 7.1)
    assert tidy(office.ports).counts["orphans"] == number
    assert office.rows(f"SELECT id FROM event WHERE {orphan}") == []
    assert count(office, "event") >= 1


def test_strangers_are_forgotten_after_ninety_days_and_leads_are_not(office: Office) -> None:
    lead = office.add_lead()
    with office.database.transaction("as if") as connection:
        for number, who in ((1, "NULL"), (2, str(lead)), (3, "NULL")):
            at = "'2026-03-01 00:00:00.000000'"
            connection.exec_driver_sql(
                f"INSERT INTO visitor (id, key, lead_id, first_seen_at) VALUES ({number}, 'a:{number}', {who}, {at})"
            )
            key = f"X'{number:032x}'" if office.database.is_sqlite else f"'\\x{number:032x}'"
            connection.exec_driver_sql(
                "INSERT INTO event (key, lead_id, visitor_id, kind, occurred_at, received_at, machine) "
                f"VALUES ({key}, {who}, {number}, 'visited', {at}, {at}, FALSE)"
            )
    age(office, "event", 91, "visitor_id <> 3")
    age(office, "visitor", 91)
    done = tidy(office.ports).counts
    assert (done["strangers"], done["visitors"]) == (1, 1)
    assert [row.key for row in office.rows("SELECT key FROM visitor ORDER BY key")] == ["a:2", "a:3"]


def test_alerts_that_arrived_go_after_ninety_days_with_their_attempts(office: Office) -> None:
    office.submit("call-me", MONA)
    qualify_due(office.ports)
    alerts.deliver(office.ports)
    assert count(office, "attempt") == count(office, "outbox") == 1
    age(office, "outbox", 89)
    assert tidy(office.ports).counts["delivered"] == 0
    age(office, "outbox", 91)
    assert tidy(office.ports).counts["delivered"] == 1
    assert count(office, "attempt") == count(office, "outbox") == 0


@pytest.mark.parametrize("state", ["pending", "dead"])
def test_what_did_not_arrive_stays(office: Office, state: str) -> None:
    office.submit("call-me", MONA)
    qualify_due(office.ports)
    with office.database.transaction("as if") as connection:
        connection.exec_driver_sql(f"UPDATE outbox SET state = '{state}'")
    age(office, "outbox", 400)
    assert tidy(office.ports).counts["delivered"] == 0


def test_what_arrives_about_somebody_who_was_erased_goes_with_the_next_tidying(office: Office) -> None:
    lead = office.add_lead()
    mail = office.mail()
    forget(office.ports, office.one("SELECT address_id FROM lead WHERE id = :id", id=lead).address_id)
    office.tell(office.click(mail, 100), {**office.event(mail, "open", 5), "email": "tom@other.example"})
    office.submit("ebook", MONA)
    assert tidy(office.ports).counts["erased again"] == 2
    bodies = [bytes(row.body) for row in office.rows("SELECT body FROM inbox_body ORDER BY id")]
    assert not any(b"mona" in body for body in bodies)
    assert any(b"tom@other.example" in body for body in bodies)
    assert tidy(office.ports).counts["erased again"] == 0


def test_the_cost_is_that_of_what_is_old(here: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """However much is young, as many statements are run, and none of them reads it."""
    monkeypatch.setattr(retention, "_BATCH", 10)
    here.add_lead()
    mail = here.mail()
    here.tell(*[here.click(mail, n, f"/{n}") for n in range(5)])

    def statements() -> int:
        seen: list[str] = []
        listener = lambda *told: seen.append(told[2])  # noqa: E731
        event.listen(here.database.engine, "before_cursor_execute", listener)
        tidy(here.ports)
        event.remove(here.database.engine, "before_cursor_execute", listener)
        return len(seen)

    few = statements()
    here.tell(*[here.click(mail, n, f"/{n}") for n in range(5, 300)])
    assert statements() == few


def test_days_are_set_in_the_project(here: Office) -> None:
    config = here.ports.project.config
    assert config.retention.requests == 30
    fewer = config.model_copy(update={"retention": config.retention.model_copy(update={"requests": 5})})
    ports = replace(here.ports, project=replace(here.ports.project, config=fewer))
    here.submit("ebook", MONA)
    age(here, "inbox", 6)
    assert tidy(ports).counts["requests"] == 1


def test_what_was_written_down_in_the_moment_of_an_erasure_goes_with_the_next_tidying(office: Office) -> None:
    office.submit("ebook", MONA)
    office.submit("ebook", "tom@other.example")
    address = office.one("SELECT address_id FROM lead WHERE id = 1").address_id
    forget(office.ports, address)
    with office.database.transaction("as if") as connection:
        connection.exec_driver_sql("UPDATE event SET lead_id = 1 WHERE lead_id = 2")
        connection.exec_driver_sql(
            "INSERT INTO answer (lead_id, question, value, answered_at, source) "
            "VALUES (1, 'need', 'heat', '2026-03-01 00:00:00', 'poll'), (2, 'need', 'heat', '2026-03-01 00:00:00', 'x')"
        )
    tidy(office.ports)
    assert office.rows("SELECT 1 FROM event") == []
    assert [row.lead_id for row in office.rows("SELECT lead_id FROM answer")] == [2]


def test_a_mail_of_somebody_who_was_erased_is_not_kept(office: Office) -> None:
    office.submit("ebook", MONA)
    forget(office.ports, 1)
    for sender in (MONA, "tom@other.example"):
        form = f"From: {sender}\r\nMessage-ID: <{sender}>\r\n"
        boundary = "b0"
        parts = {"headers": form, "text": "Hello again", "from": sender}
        body = "".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in parts.items()
        )
        receive(office.ports, "inbound", f"{body}--{boundary}--\r\n".encode())
    fold(office.ports)
    assert count(office, "reply") == 2
    tidy(office.ports)
    assert [row.sender for row in office.rows("SELECT sender FROM reply")] == ["tom@other.example"]
