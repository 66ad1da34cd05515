"""Whoever watches learns whether it is alive, ready and well; in a few indexed reads, and nothing about anybody."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event, text

from models import database, migrate
from models.database import Database
from nurture.mail import Outcome
from nurture.watermark import Watermark
from nurture.web import create_app
from nurture.web.health import write
from nurture.web.webhooks import refused
from nurture.webhooks import enqueue_step
from tests.office import START, Office
from tests.web.conftest import Visitor

TOKEN = "what-prometheus-shows"


@pytest.fixture
def visitor(office: Office) -> Visitor:
    return Visitor(create_app(office.ports, webhook_keys=(), metrics_token=TOKEN))


def figures(office: Office) -> dict[str, float]:
    lines = [line for line in write(office.ports).splitlines() if not line.startswith("#")]
    return {name.removeprefix("nurture_"): float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


# --- ready


@pytest.fixture
def ready(office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """An installation whose tables are of this version, as far as the database knows."""
    monkeypatch.setattr(migrate, "current", lambda database: migrate.head())
    return office


def test_it_is_ready_when_the_database_answers_and_is_of_this_version(ready: Office, visitor: Visitor) -> None:
    answer = visitor.get("/readyz")
    assert (answer.status_code, answer.text) == (200, "ok")


def test_with_mail_stopped_it_is_ready_and_says_so(ready: Office, visitor: Visitor) -> None:
    """Opt-outs must come in all the same, so nothing in front of it may take it for broken."""
    ready.tell({"event": "account_status_change", "type": "compliance_suspend", "timestamp": int(START.timestamp())})
    answer = visitor.get("/readyz")
    assert (answer.status_code, answer.text) == (200, "ok, but no mail leaves until a person opens the gate")


def test_tables_of_another_version_are_not_ready_but_alive(office: Office, visitor: Visitor) -> None:
    answer = visitor.get("/readyz")
    assert (answer.status_code, answer.text) == (503, "the database has other tables than this version needs")
    assert visitor.get("/healthz").status_code == 200


def test_a_restored_backup_that_is_behind_the_mail_is_not_ready(ready: Office, tmp_path: Path) -> None:
    marks = tmp_path / "attempts.json"
    marks.write_text(json.dumps({ready.environment: 5000}))
    ports = replace(ready.ports, watermark=Watermark(marks))
    answer = Visitor(create_app(ports, webhook_keys=())).get("/readyz")
    assert (answer.status_code, answer.text) == (503, "the database is older than the mail already sent")


def test_while_somebody_holds_the_database_it_is_alive_and_not_ready(
    ready: Office, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing could be stored; and whoever asks is told to come back."""
    monkeypatch.setattr(database, "_BUSY_SECONDS", 0.2)
    quick = Database(sqlite_url)
    ports = replace(ready.ports, database=quick)
    visitor = Visitor(create_app(ports, webhook_keys=()))
    holder = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        assert visitor.get("/healthz").text == "ok"
        assert (visitor.get("/readyz").status_code, visitor.get("/readyz").text) == (
            503,
            "the database does not answer",
        )
        refused = visitor.post("/u/x")
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "30")
        assert "We are busy" in refused.text
    finally:
        holder.close()
        quick.close()


def test_a_database_that_is_away_is_told_without_a_word_of_where_it_is(office: Office) -> None:
    away = Database("postgresql://nurture:the-password@127.0.0.1:1/nothing")
    visitor = Visitor(create_app(replace(office.ports, database=away), webhook_keys=()))
    answer = visitor.get("/readyz")
    assert (answer.status_code, answer.text) == (503, "the database does not answer")
    assert visitor.get("/healthz").text == "ok"
    away.close()


# --- figures


@pytest.mark.parametrize("shown", ["", "Bearer ", "Bearer wrong", f"bearer {TOKEN}", TOKEN, "Bearer \xff"])
def test_figures_are_for_those_who_show_the_token(visitor: Visitor, shown: str) -> None:
    assert visitor.get("/metrics").status_code == 404
    headers = {"Authorization": shown.encode("latin-1")}
    assert visitor.request("GET", "/metrics", headers=headers).status_code == 404


def test_without_a_token_in_the_settings_there_is_no_such_page(office: Office) -> None:
    visitor = Visitor(create_app(office.ports, webhook_keys=()))
    for shown in ("Bearer ", "Bearer None"):
        assert visitor.request("GET", "/metrics", headers={"Authorization": shown}).status_code == 404


def test_prometheus_can_read_them(visitor: Visitor) -> None:
    answer = visitor.request("GET", "/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = answer.text.splitlines()
    assert answer.text.endswith("\n")
    for line in lines:
        assert line.startswith(("# HELP nurture_", "# TYPE nurture_", "nurture_"))
        assert line.startswith("#") or float(line.rsplit(" ", 1)[1]) >= 0
    helped = [line.split()[2] for line in lines if line.startswith("# HELP")]
    assert len(helped) == len(set(helped))


def test_a_quiet_installation(office: Office) -> None:
    refused.clear()
    assert figures(office) == {
        "oldest_due_seconds": 0, "mails_unknown": 0, "mails_held": 0, "mails_today": 0, 'outbox{state="pending"}': 0,
        'outbox{state="dead"}': 0, "outbox_oldest_due_seconds": 0, "inbox_oldest_seconds": 0, "events_orphaned": 0,
    }  # fmt: skip


def test_what_waits_and_what_went_out_is_counted(database: Database, tmp_path: Path) -> None:
    office = Office(database, tmp_path)
    lead_id = office.add_lead()
    email = office.mail()
    assert figures(office)["mails_today"] == 1
    office.tell(office.event(email, "delivered", 1))
    office.pass_time(days=6)
    found = figures(office)
    assert found["webhook_gap_seconds"] == 6 * 86400
    with office.database.transaction("tidy") as connection:
        connection.execute(text("DELETE FROM inbox_body"))
        connection.execute(text("DELETE FROM inbox"))
    assert figures(office)["webhook_gap_seconds"] >= 6 * 86400  # silence does not end by being long
    assert found["oldest_due_seconds"] == 86400
    assert found["mails_today"] == 0
    with office.database.transaction("step") as connection:
        now = office.clock.now()
        enqueue_step(connection, webhook="crm", enrollment_id=1, lead_id=lead_id, sequence="s", step="w", now=now)
    office.pass_time(minutes=5)
    found = figures(office)
    assert (found['outbox{state="pending"}'], found["outbox_oldest_due_seconds"]) == (1, 300)


def test_mails_nobody_knows_the_end_of_and_what_is_stopped(office: Office) -> None:
    office.add_lead()
    office.mailer.answer = lambda email: Outcome.UNKNOWN
    office.mail()
    assert figures(office)["mails_unknown"] == 1
    from nurture import gates

    with office.database.transaction("stop") as connection:
        gates.close(connection, gates.EVERYTHING, "a test", office.clock.now(), by="Nora")
    assert figures(office)['gate_closed{gate="everything"}'] == 1


def test_requests_of_events_that_were_refused_are_counted(office: Office) -> None:
    refused.clear()
    visitor = Visitor(create_app(office.ports, webhook_keys=["a key"]))
    assert [visitor.post("/webhooks/sendgrid", content=b"[]").status_code for _ in range(2)] == [403, 403]
    assert figures(office)['webhook_refused{why="forged"}'] == 2


def test_events_that_belong_to_nothing_are_counted_for_a_day(office: Office) -> None:
    office.add_lead()
    email = office.mail()
    office.tell(office.event(email, "delivered", 1, msg="0", att="nobody-knows-it"))
    counted = figures(office)["events_orphaned"]
    office.pass_time(days=2)
    assert (counted, figures(office)["events_orphaned"]) == (1, 0)


def test_no_figure_reads_a_table_from_end_to_end(database: Database, tmp_path: Path) -> None:
    """The plan of each query names an index; without one it would slow down as tables grow."""
    office = Office(database, tmp_path)
    asked: list[tuple[str, object]] = []

    def note(_c: object, _cursor: object, statement: str, values: object, *_more: object) -> None:
        asked.append((statement, values))

    event.listen(office.database.engine, "before_cursor_execute", note)
    write(office.ports)
    event.remove(office.database.engine, "before_cursor_execute", note)
    for statement, values in [one for one in asked if "FROM" in one[0]]:
        assert scans(office, statement, values) == [], statement


def scans(office: Office, statement: str, values: object) -> list[str]:
    """The tables that would be read whole. `gate` and `installation` hold a handful of rows."""
    small = ("gate", "installation")
    with office.database.reading() as connection:
        if office.database.is_sqlite:
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
            lines = [str(row[-1]) for row in rows]
            return [line for line in lines if line.startswith("SCAN ") and "INDEX" not in line and line[5:] not in small
                    and line != "SCAN few"]  # fmt: skip
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        lines = [str(row[0]) for row in connection.exec_driver_sql(f"EXPLAIN {statement}", values).all()]
        return [line for line in lines if "Seq Scan" in line and not any(f"on {name}" in line for name in small)]
