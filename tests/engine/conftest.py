"""A small company for engine tests: a project on disk, a database of either kind, a clock that obeys."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from models.database import Database
from nurture.advance import Report, tick
from nurture.clock import Budget, VirtualClock
from nurture.content import load_project
from nurture.core.qualify import Qualification
from nurture.core.whatif import Case
from nurture.engage import fold, receive
from nurture.enroll import enroll
from nurture.mail import Email, Outcome, Receipt
from nurture.ports import Ports
from tests.core.agreements import terms
from tests.engine.interleave import Worker
from tests.support import START, add_leads, make_ports, write_project

TWO_MAILS = """
sequence: {name}
title: Two mails
owner: marketing
stage: tofu
enter:
  trigger: lead_created
  again: always
steps:
  - email: tofu/one
  - wait: 3 days
  - email: tofu/two
"""
#: what any sequence of a test begins with
HEAD = TWO_MAILS.partition("steps:")[0]
WAITS_FOR_A_PROMOTION = f"""{HEAD}steps:
  - wait_for: lead.stage == 'mql'
    at_most: 30 days
    if_not: [{{{{exit: too late}}}}]
  - email: tofu/one
"""
#: an agreement by which a lead that did anything at all is an MQL
ANYTHING_COUNTS = terms(mql=[{"text": "Did anything", "kinds_at_least": 1, "within_days": 30}])


@dataclass
class RecordingMailer:
    """Remembers what it was given; `answers` are the outcomes to come, then everything is accepted."""

    name: str = "sendgrid"
    idempotent: bool = False
    connections: int = 10
    sent: list[Email] = field(default_factory=list)
    answers: list[Outcome | Receipt] = field(default_factory=list)
    before_send: Any = None

    def send(self, emails: Sequence[Email], budget: Budget) -> list[Receipt]:
        if self.before_send:
            self.before_send()
        self.sent += emails
        return [self._answer(email) for email in emails]

    def _answer(self, email: Email) -> Receipt:
        answer = self.answers.pop(0) if self.answers else Outcome.ACCEPTED
        if isinstance(answer, Receipt):
            return replace(answer, attempt_id=email.attempt_id)
        return Receipt(email.attempt_id, answer, reason=f"said {answer}")

    def close(self) -> None:
        """Nothing to let go of."""


@dataclass
class Company:
    """Everything a test needs to tell a story in a few lines."""

    root: Path
    database: Database
    clock: VirtualClock
    mailer: RecordingMailer
    ports: Ports

    def add_leads(
        self, count: int = 1, *, ground: str | None = "consent", zone: str = "Europe/Oslo", stage: str = "iql"
    ) -> None:
        with self.database.transaction("seed") as connection:
            taken = connection.execute(text("SELECT COALESCE(MAX(id), 0) FROM lead")).scalar_one()
            ids = range(taken + 1, taken + 1 + count)
            add_leads(connection, ids, self.clock.now(), ground=ground, zone=zone, stage=stage)
        enroll(self.ports)

    def configure(self, **settings: Any) -> None:
        """Change nurture.yaml (JSON is YAML too) and read the project again."""
        path = self.root / "nurture.yaml"
        path.write_text(json.dumps(json.loads(path.read_text()) | settings))
        self.reread()

    def write(self, name: str, source: str) -> None:
        """Change a sequence's file and read the project again."""
        (self.root / "sequences" / f"{name}.yaml").write_text(source)
        self.reread()

    def reread(self) -> None:
        project = load_project(self.root)
        self.ports.library.publish(project, self.clock.now())
        self.ports = replace(self.ports, project=project)

    def submit(self, form: str, *leads: int) -> None:
        """These leads, or the first, send a form, and the requests are worked."""
        for lead in leads or (1,):
            receive(self.ports, f"form:{form}", json.dumps({"email": f"lead{lead}@example.com"}).encode())
        fold(self.ports)

    def tick(self, **later: float) -> Report:
        """Let time pass, then do what is due."""
        self.clock.advance(timedelta(**later))
        return tick(self.ports)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.database.reading() as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    def one(self, query: str) -> Any:
        """The only value of the only row."""
        [(value,)] = self.rows(query)
        return value


@pytest.fixture
def company(database: Database, tmp_path: Path) -> Company:
    """A company on each of the two databases."""
    return _company(database, tmp_path / "project")


@pytest.fixture
def postgres_company(postgres_database: Database, tmp_path: Path) -> Company:
    """A company on PostgreSQL, where transactions run beside each other."""
    return _company(postgres_database, tmp_path / "project")


@pytest.fixture
def other(postgres_database: Database) -> Iterator[Worker]:
    """Another worker on the company's PostgreSQL database."""
    worker = Worker(postgres_database)
    yield worker
    worker.close()


@pytest.fixture
def spoil(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes a lead one that the gate cannot answer for, and mends it."""
    judge = Case.answer

    def switch(spoiled: bool, number: int = 1) -> None:
        def stumble(case: Case) -> Qualification:
            if case.lead["id"] == number:
                raise ArithmeticError("a number that nobody can read")
            return judge(case)

        monkeypatch.setattr(Case, "answer", stumble if spoiled else judge)

    return switch


def _company(database: Database, root: Path) -> Company:
    root.mkdir()
    write_project(
        root,
        sequences={"walk": TWO_MAILS.format(name="walk")},
        templates=["tofu/one", "tofu/two", "tofu/three"],
        caps=[],
    )
    clock, mailer = VirtualClock(START), RecordingMailer()
    return Company(root, database, clock, mailer, make_ports(database, clock, mailer, load_project(root)))
