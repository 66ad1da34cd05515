"""kill -9 anywhere between a form and sales' answer: one handoff, the alert at least once, and no marketing mail after.

Statements 15 and 16: whatever dies, the lead is with one rep, who was told under one id.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import text

from models.database import Database
from nurture import alerts
from nurture.advance import tick
from nurture.clock import Budget, VirtualClock
from nurture.content import Project, load_project
from nurture.engage import fold, receive
from nurture.enroll import enroll
from nurture.errors import UsageError
from nurture.handoff import Given, accept, qualify_due, reject
from nurture.handoff.reassign import reassign
from nurture.ledger.recover import recover
from nurture.mail import Email, Outcome, Receipt
from nurture.ports import Ports
from tests.crash.provider import Crash
from tests.office import KARI, TOM, WELCOME
from tests.support import START, add_leads, make_ports, write_project

WITH_SALES = ("sql", "opportunity")


@dataclass(slots=True)
class Post:
    """A mailer that may die before it has a mail, with it, and before it says so. It notes where the lead stood."""

    world: Company
    name: str = "sendgrid"
    idempotent: bool = False
    connections: int = 1
    alerts: list[Email] = field(default_factory=list)
    mails_to: list[str] = field(default_factory=list)

    def send(self, emails: Sequence[Email], budget: Budget) -> list[Receipt]:
        return [self._post(email) for email in emails]

    def close(self) -> None:
        """Nothing to let go of."""

    def _post(self, email: Email) -> Receipt:
        self.world.hook("post: before")
        if email.message_id.startswith("alert-"):
            self.alerts.append(email)
        else:
            self.mails_to.append(self.world.value("SELECT stage FROM lead"))
        self.world.hook("post: it has it")
        return Receipt(email.attempt_id, Outcome.ACCEPTED)


class Company:
    """One lead on its way through a sequence, two reps, and processes that come and go."""

    def __init__(
        self,
        project: Project,
        dies_at: Iterable[int] = (),
        *,
        takes_it: bool = False,
        database: Database | None = None,
    ) -> None:
        self.takes_it = takes_it
        self.dies_at, self.boundaries, self.armed = frozenset(dies_at), 0, False
        self.project, self.clock, self.numbers = project, VirtualClock(START), count(1)
        self.database = database or _in_memory()
        self.database.hook = self.hook
        self.post = Post(self)
        with self.database.transaction("seed") as connection:
            add_leads(connection, [1], START)
        self.ports = self.boot()

    def boot(self) -> Ports:
        armed, self.armed = self.armed, False
        ports = make_ports(self.database, self.clock, self.post, self.project)
        self.armed = armed
        return replace(ports, new_id=lambda: f"id-{next(self.numbers):019d}")

    def hook(self, name: str) -> None:
        if self.armed:
            self.boundaries += 1
            if self.boundaries in self.dies_at:
                raise Crash(f"{self.boundaries}: {name}")

    def value(self, sql: str) -> str:
        return str(self.rows(sql)[0][0])

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with self.database.reading() as connection:
            return [tuple(row) for row in connection.execute(text(sql))]

    # --- what people and workers do, each again where it was killed

    def ask(self) -> None:
        receive(self.ports, "form:demo", json.dumps({"email": "lead1@example.com", "submission": "1"}).encode())

    def work(self) -> None:
        for part in (recover, fold, qualify_due, enroll, tick, alerts.deliver):
            part(self.ports)

    @property
    def handoff(self) -> int:
        """Not always 1: PostgreSQL gives no number twice, and a death may have used that one up."""
        return int(self.value("SELECT id FROM handoff"))

    def give(self) -> None:
        with suppress(UsageError):
            reassign(self.ports, self.handoff, by="kari", to="tom")

    def answer(self) -> None:
        if self.takes_it:
            accept(self.ports, self.handoff, "tom", Given("yes", "unknown"))
        else:
            reject(self.ports, self.handoff, "tom", "not_ready")

    def run(self) -> list[str]:
        """Two mails are on the way; when the second is due, the lead asks for a person. The promises that broke."""
        self.work()
        self.clock.advance(timedelta(days=5))
        self.armed = True
        for actor in (self.ask, self.work, self.give, self.work, self.answer, self.work):
            self.until_done(actor)
        self.armed = False
        for _ in range(3):
            self.clock.advance(timedelta(hours=1))
            self.work()
        broken = list(self._broken())
        self.database.close()
        return broken

    def until_done(self, actor: Callable[[], None]) -> None:
        while True:
            try:
                return actor()
            except Crash:
                self.ports = self.boot()
                self.clock.advance(timedelta(minutes=5))

    def _broken(self) -> Iterator[str]:
        """Every broken promise, in words."""
        handoffs = self.rows("SELECT lead_id, cycle, owner, state FROM handoff")
        if handoffs != [(1, 1, "tom", "accepted" if self.takes_it else "rejected")]:
            yield f"handoffs: {handoffs}"
        if len(deals := self.rows("SELECT id FROM opportunity")) != int(self.takes_it):
            yield f"{len(deals)} deals"
        moves = [row[0] for row in self.rows("SELECT to_stage FROM transition ORDER BY id")]
        if moves != ["sql", "opportunity" if self.takes_it else "recycled"]:
            yield f"moves: {moves}"
        if any(stage in WITH_SALES for stage in self.post.mails_to) or len(self.post.mails_to) > 1:
            yield f"marketing mailed a lead at {self.post.mails_to}"
        told = {mail.to.address for mail in self.post.alerts}
        if told != {"kari@example.com", "tom@example.com"}:
            yield f"told: {sorted(told)}"
        for rep in told:
            ids = {mail.message_id for mail in self.post.alerts if mail.to.address == rep}
            keys = {
                mail.text.rpartition("Alert ")[2].split(",")[0].strip()
                for mail in self.post.alerts
                if mail.to.address == rep
            }
            if len(ids) != 1 or len(keys) != 1:
                yield f"{rep} was told under {ids}, {keys}"
        if len(self.rows("SELECT id FROM touch")) != 1:
            yield "it was not given on once"


def _in_memory() -> Database:
    database = Database("sqlite://")
    database.create()
    return database


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    root: Path = tmp_path_factory.mktemp("company")
    sequences = {"welcome": WELCOME}
    write_project(root, sequences=sequences, templates=["tofu/one", "tofu/two"], caps=[], owners=[KARI, TOM])
    return load_project(root)


def test_dying_at_any_single_point_of_a_handoff_is_harmless(project: Project) -> None:
    whole = Company(project)
    assert whole.run() == []
    assert whole.boundaries > 50
    for point in range(1, whole.boundaries + 1):
        assert Company(project, [point]).run() == [], f"killed at {point}"


@pytest.mark.parametrize("seed", range(12))
def test_dying_time_and_again_is_harmless(project: Project, seed: int) -> None:
    points = random.Random(seed).sample(range(1, 150), 8)
    assert Company(project, points, takes_it=bool(seed % 2)).run() == []


@pytest.mark.parametrize("seed", [12, 13, 26, 30])  # the last two die as the handoff is written
def test_dying_time_and_again_is_harmless_on_postgres(project: Project, postgres_database: Database, seed: int) -> None:
    points = random.Random(seed).sample(range(1, 150), 8)
    company = Company(project, points, takes_it=bool(seed % 2), database=postgres_database)
    assert company.run() == []
    assert company.boundaries > 50
