"""Other systems are told what happens to leads, as it happens: who asked for it, once each, and nothing personal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from models.database import Database
from nurture.advance import tick
from nurture.content import load_project
from nurture.core.announced import ANNOUNCED
from nurture.enroll import enroll
from nurture.handoff import accept, qualify_due, reject
from nurture.polls import answer
from nurture.web.opt_out import opt_out_address
from tests.office import Office
from tests.support import make_ports

MILL = {"title": "Managing Director", "employees": 120, "industry": "Food", "country": "NO"}


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    """A company whose CRM asks for everything and whose ERP for rejections alone."""
    office = Office(database, tmp_path)
    file = tmp_path / "nurture.yaml"
    config = json.loads(file.read_text())
    config["webhooks"] = {
        "crm": {"url": "https://crm.example.com/hooks", "events": list(ANNOUNCED)},
        "erp": {"url": "https://erp.example.com/hooks", "events": ["handoff.rejected"]},
        "quiet": {"url": "https://quiet.example.com/hooks"},
    }
    file.write_text(json.dumps(config))
    office.ports = make_ports(database, office.clock, office.mailer, load_project(tmp_path))
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
    accept(office.ports, 1, "kari")
    accept(office.ports, 1, "kari")
    assert types(office) == [
        "lead.created", "lead.stage_changed", "lead.promoted", "handoff.offered", "lead.stage_changed",
        "handoff.accepted",
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
    assert types(office) == ["sequence.entered"]
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
    assert types(office)[-1] == "email.bounced"


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


def test_an_answer_in_a_poll(office: Office) -> None:
    office.add_lead()
    token = str(office.one("SELECT token FROM address").token)
    for _ in range(2):
        answer(office.ports, token, "budget", "yes")
    assert told(office) == [("crm", "lead.answered", {"question": "budget", "source": "poll"})]


def test_nothing_is_written_where_nobody_asks(here: Office) -> None:
    here.submit("demo")
    qualify_due(here.ports)
    enroll(here.ports)
    tick(here.ports)
    assert here.rows("SELECT 1 FROM outbox WHERE kind = 'webhook'") == []


def test_what_waits_in_the_outbox_names_nobody(office: Office) -> None:
    office.submit("demo", first_name="Mona", last_name="Berg", message="Call me, Mona Berg")
    qualify_due(office.ports)
    assert not any(word in json.dumps(told(office)) for word in ("Mona", "Berg", "mill.example"))
