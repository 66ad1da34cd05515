"""One lead from a line in a CSV file to recycled and back, through the shipped project, on a virtual clock."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from models.database import Database
from nurture.clock import VirtualClock
from nurture.engage import receive
from nurture.handoff import reject
from nurture.leads import import_leads
from nurture.mail.outbox import OutboxMailer
from nurture.ports import Ports
from nurture.rounds import run_round
from tests.support import START, make_ports, sample_project

CSV = """email,first_name,last_name,company,title,industry,employees,country,source,consent
ingrid.dahl@example.com,Ingrid,Dahl,Dahl Bakeri,Managing Director,Food,120,NO,ebook,yes
"""


@dataclass
class Journey:
    """The lead's life in a few verbs."""

    ports: Ports
    clock: VirtualClock
    outbox: Path

    def pass_time(self, until: datetime) -> None:
        """Live through the time up to `until`, doing what is due four times a day and then at once."""
        while self.clock.now() < until:
            self.clock.move_to(min(until, self.clock.now() + timedelta(hours=6)))
            run_round(self.ports)

    def click(self, url: str) -> None:
        """The newest mail was delivered a quarter of an hour ago, and now a person follows a link in it."""
        [(attempt,)] = self.rows("SELECT id FROM attempt WHERE message_id IS NOT NULL ORDER BY started_at DESC LIMIT 1")
        now = int(self.clock.now().timestamp())
        about = {
            "email": "ingrid.dahl@example.com",
            "env": self.one("SELECT environment FROM installation"),
            "att": attempt,
        }
        delivered = about | {"event": "delivered", "timestamp": now - 900}
        clicked = about | {
            "event": "click",
            "timestamp": now,
            "url": url,
            "useragent": "Mozilla/5.0 (X11) Firefox/140.0",
        }
        receive(self.ports, "sendgrid", json.dumps([delivered, clicked]).encode())

    def send_form(self, form: str) -> None:
        fields = {"email": "Ingrid.Dahl@example.com", "occurred_at": self.clock.now().isoformat()}
        receive(self.ports, f"form:{form}", json.dumps(fields).encode())

    def mails(self) -> list[str]:
        return [step for (step,) in self.rows("SELECT step FROM message WHERE state = 'accepted' ORDER BY id")]

    def stage(self) -> str:
        return str(self.one("SELECT stage FROM lead"))

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.ports.database.reading() as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    def one(self, query: str) -> Any:
        [(value,)] = self.rows(query)
        return value


@pytest.fixture
def journey(database: Database, tmp_path: Path) -> Journey:
    clock = VirtualClock(START)
    outbox = tmp_path / "outbox"
    ports = make_ports(database, clock, OutboxMailer(outbox, clock), sample_project())
    return Journey(ports, clock, outbox)


def test_a_lead_from_first_interest_to_sales_and_back(journey: Journey) -> None:
    report = import_leads(
        journey.ports.database,
        journey.clock,
        io.BytesIO(CSV.encode()),
        file="leads.csv",
        new_token=journey.ports.new_id,
    )
    assert report.created == 1

    # first interest: the first mail at once, for it is office time in Oslo
    run_round(journey.ports)
    assert journey.mails() == ["tofu/night-load"]
    journey.clock.advance(timedelta(hours=1))
    journey.click("https://www.example.com/guides/night-load")
    assert journey.stage() == "iql"

    # three days later the second; reading alone does not make anyone qualified
    journey.pass_time(START + timedelta(days=3, hours=2))
    assert journey.mails() == ["tofu/night-load", "tofu/compressed-air"]
    journey.click("https://www.example.com/guides/compressed-air")
    journey.pass_time(START + timedelta(days=3, hours=4))
    assert journey.stage() == "iql"

    # asking how to compare what there is does: another kind of thing, on another day
    journey.send_form("comparison")
    run_round(journey.ports)
    assert journey.stage() == "mql"
    assert set(journey.rows("SELECT sequence, state, reason FROM enrollment")) == {
        ("first-interest", "done", "goal reached"),
        ("compare-options", "active", None),
        ("still-useful", "active", None),
    }

    # asking for prices shows intent: sales gets the lead, with an alert, and marketing falls silent
    journey.pass_time(START + timedelta(days=6))
    journey.send_form("pricing")
    run_round(journey.ports)
    assert journey.stage() == "sql"
    handoff, owner = journey.rows("SELECT id, owner FROM handoff")[0]
    assert owner == "kari"
    alerts = [message_from_bytes(path.read_bytes(), policy=default) for path in journey.outbox.glob("alert-*.eml")]
    assert {str(alert["To"]) for alert in alerts} == {
        "Kari Lund <kari.lund@fjordlight.example.com>",
        "sales@fjordlight.example.com",
    }
    assert all("Dahl Bakeri" in str(alert["Subject"]) for alert in alerts)
    assert {state for (state,) in journey.rows("SELECT state FROM enrollment")} == {"done", "stopped"}
    sent = journey.mails()
    journey.pass_time(START + timedelta(days=12))
    assert journey.mails() == sent

    # not ready: the lead rests for 90 days and is nurtured again, by its own evidence and not by old points
    assert reject(journey.ports, handoff, "kari", "not_ready", "budget in summer").fresh
    assert journey.stage() == "recycled"
    journey.pass_time(START + timedelta(days=100))
    assert journey.mails() == sent
    journey.pass_time(START + timedelta(days=12 + 90 + 4))
    assert len(journey.mails()) == len(sent) + 1
    assert journey.mails()[-1] == "mofu/where-we-left-it"
    assert journey.rows("SELECT sequence FROM enrollment WHERE state = 'active' ORDER BY sequence") == [
        ("another-look",),
        ("still-useful",),
    ]

    assert journey.rows("SELECT from_stage, to_stage, actor FROM transition ORDER BY id") == [
        ("iql", "mql", "engine"),
        ("mql", "sql", "engine"),
        ("sql", "recycled", "kari"),
    ]
    assert journey.one("SELECT COUNT(*) FROM handoff") == 1
    assert (
        journey.one(
            "SELECT COUNT(*) FROM (SELECT enrollment_id, step FROM message GROUP BY 1, 2 HAVING COUNT(*) > 1) AS twice"
        )
        == 0
    )
