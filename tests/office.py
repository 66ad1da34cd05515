"""A small company at work: the real engine mails leads, a scripted provider carries the mail and reports back."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Row, text

from models.database import Database
from models.words import LegalGround
from nurture.advance import tick
from nurture.clock import Budget, VirtualClock
from nurture.content import load_project
from nurture.engage import Folded, fold, receive
from nurture.enroll import enroll
from nurture.leads.draft import Draft
from nurture.leads.store import Intake, save
from nurture.mail import Email, Outcome, Receipt
from nurture.mail.sendgrid.payload import ATTEMPT_ARG, ENVIRONMENT_ARG, MESSAGE_ARG
from tests.mail.fake_sendgrid import Event, wire
from tests.support import START, make_ports, write_project

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0"
SITE = "https://acme.example"
#: two reps, and a lead that fits as well as can be
KARI = {"key": "kari", "name": "Kari Lund", "address": "kari@example.com"}
TOM = {"key": "tom", "name": "Tom Becker", "address": "tom@example.com"}
IDEAL: dict[str, Any] = {"title": "Managing Director", "employees": 120, "industry": "Food", "country": "NO"}

WELCOME = """
sequence: welcome
title: Two mails
owner: marketing
stage: tofu
enter:
  trigger: lead_created
send:
  days: every day
  between: 00:00-23:59
  timezone: UTC
steps: [{email: tofu/one}, {wait: 5 days}, {email: tofu/two}]
"""


@dataclass(slots=True)
class Recorder:
    """A mailer that keeps what it is given and answers as `answer` says."""

    answer: Callable[[Email], Outcome] = lambda email: Outcome.ACCEPTED
    name: str = "sendgrid"
    idempotent: bool = False
    connections: int = 10
    emails: list[Email] = field(default_factory=list)

    def send(self, emails: Sequence[Email], budget: Budget) -> list[Receipt]:
        self.emails += emails
        return [Receipt(email.attempt_id, self.answer(email), reason="as told") for email in emails]

    def close(self) -> None:
        """Nothing is held open."""


class Office:
    """A database, a clock, a mailer, and what happens in between."""

    def __init__(self, database: Database, root: Path, **agreement: Any) -> None:
        write_project(root, sequences={"welcome": WELCOME}, templates=["tofu/one", "tofu/two"], caps=[], **agreement)
        self.clock = VirtualClock(START)
        self.mailer = Recorder()
        self.database = database
        self.ports = make_ports(database, self.clock, self.mailer, load_project(root))
        self.environment = self.one("SELECT environment FROM installation").environment

    # --- looking

    def rows(self, sql: str, **values: object) -> list[Row[Any]]:
        with self.database.reading() as connection:
            return list(connection.execute(text(sql), values).all())

    def one(self, sql: str, **values: object) -> Row[Any]:
        (row,) = self.rows(sql, **values)
        return row

    @property
    def alerts(self) -> list[Email]:
        return [email for email in self.mailer.emails if email.message_id.startswith("alert-")]

    # --- leads and mails

    def add_lead(self, email: str = "mona@mill.example", **told: Any) -> int:
        """A lead with consent, of whom a name and a company are known unless told otherwise."""
        known = {"first_name": "Mona", "last_name": "Berg", "company": "Mill", "legal_ground": LegalGround.CONSENT}
        intake = Intake("test", self.clock.now(), self.ports.new_id)
        with self.database.transaction("add lead") as connection:
            saved = save(connection, [Draft(email=email, **known | told)], intake)
        return saved.created[0]

    def mail(self) -> Email:
        """Let the engine work; the mail that left last."""
        enroll(self.ports)
        tick(self.ports)
        return self.mailer.emails[-1]

    @property
    def suppressed(self) -> str | None:
        """Why the only address there is must not be mailed."""
        return self.one("SELECT suppressed FROM address").suppressed  # type: ignore[no-any-return]

    def pass_time(self, **span: float) -> None:
        self.clock.advance(timedelta(**span))

    # --- what comes back

    def event(self, email: Email, kind: str, after: float = 0, **fields: Any) -> Event:
        """SendGrid's event about a mail, so many seconds after START."""
        return {
            ENVIRONMENT_ARG: self.environment,
            MESSAGE_ARG: email.message_id,
            ATTEMPT_ARG: email.attempt_id,
            "email": email.to.address,
            "event": kind,
            "timestamp": int(START.timestamp() + after),
            "sg_event_id": f"{kind}-{after}",
            "sg_message_id": "abc.recvd-1",
            **fields,
        }

    def click(self, email: Email, after: float, path: str = "/guide", **fields: Any) -> Event:
        """A click by a browser."""
        return self.event(email, "click", after, url=f"{SITE}{path}", useragent=BROWSER, ip="203.0.113.7", **fields)

    def tell(self, *events: Event) -> Folded:
        """The events arrive in one request and are worked."""
        receive(self.ports, "sendgrid", wire(events))
        return fold(self.ports)

    def submit(self, form: str, email: str = "mona@mill.example", **fields: object) -> Folded:
        """A form is sent and worked."""
        receive(self.ports, f"form:{form}", json.dumps({"email": email, **fields}).encode())
        return fold(self.ports)

    def earn(self, email: str = "mona@mill.example") -> None:
        """A lead that fits has the points for sales: in two days, with intent. Nobody has looked yet."""
        self.submit("webinar", email)
        self.pass_time(days=1)
        self.submit("pricing", email)
        self.submit("ebook", email)
