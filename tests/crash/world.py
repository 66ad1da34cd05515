"""One process after another over the same database, killed at any boundary: the real engine, a scripted world.

A boundary is what a hook names: before, inside (done, not committed) and after each transaction, before a
post, when the provider has the mail, when its answer is in hand. A schedule says at which boundaries the
process dies, the clock jumps, or somebody else acts in between.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from models.database import Database
from models.statement import read
from models.words import Suppression
from nurture.advance import tick
from nurture.clock import VirtualClock
from nurture.content import Project, load_project
from nurture.engage import fold, receive
from nurture.enroll import enroll
from nurture.ledger.recover import recover
from nurture.library import Library
from nurture.ports import Limits, Ports
from nurture.suppress import suppress
from nurture.watermark import Watermark
from tests.crash.provider import Crash, UnreliableProvider
from tests.support import START, add_leads, write_project

STEPS = {1: "[{email: tofu/one}]", 2: "[{email: tofu/one}, {wait: 1 day}, {email: tofu/two}]"}
#: what is done on the way beside mailing
DEEDS = "[{tag: warm}, {alert: marketing, note: look}, {email: tofu/one}, {set: {industry: food}}, {webhook: crm}]"

_SEQUENCE = """
sequence: crash
title: Two mails
owner: marketing
stage: tofu
enter:
  trigger: lead_created
send:
  days: every day
  between: 00:00-23:59
  timezone: UTC
steps: {steps}
"""
_ENVIRONMENT = read("SELECT environment FROM installation")


@cache
def project_of(mails: int, deeds: bool) -> Project:
    """A project whose one sequence sends so many mails; with `deeds` it sends one, and does the rest that there is."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        write_project(
            root,
            sequences={"crash": _SEQUENCE.format(steps=DEEDS if deeds else STEPS[mails])},
            templates=["tofu/one", "tofu/two"],
            caps=[],
        )
        config = json.loads((root / "nurture.yaml").read_text())
        config |= {"alert_to": "marketing@acme.example", "webhooks": {"crm": {"url": "https://crm.acme.example"}}}
        (root / "nurture.yaml").write_text(json.dumps(config))
        return load_project(root)


@cache
def _seeded(leads: int) -> bytes:
    """A database with so many leads, ready to be copied."""
    database = Database("sqlite://")
    database.create()
    with database.transaction("seed") as connection:
        add_leads(connection, range(1, leads + 1), START)
    data = database.engine.raw_connection().driver_connection.serialize()  # type: ignore[union-attr]
    database.close()
    return bytes(data)


@cache
def _memory() -> Database:
    """The database of one world after the other, so that statements are compiled once, not once a world."""
    return Database("sqlite://")


class World:
    """A database in memory, a provider, a clock, and processes that come and go. A new world ends the one before.

    `schedule` is called at each boundary with its number and name; it may raise Crash, move the clock, or call
    an actor (`depth` tells how deep in actors we are).
    """

    def __init__(
        self,
        leads: int = 1,
        mails: int = 1,
        *,
        seed: int = 0,
        faults: float = 0.0,
        idempotent: bool = False,
        deeds: bool = False,
        schedule: Callable[[World, int, str], None] = lambda *_: None,
    ) -> None:
        self.rng = random.Random(seed)
        self.schedule = schedule
        self.boundaries = 0
        self.crashes = 0
        self.depth = 0
        self.armed = False
        self.leads = leads
        self.clock = VirtualClock(START)
        self.database = _memory()
        self.database.hook = self.hook
        self.database.engine.raw_connection().driver_connection.deserialize(_seeded(leads))  # type: ignore[union-attr]
        name = "outbox" if idempotent else "sendgrid"
        self.provider = UnreliableProvider(self.clock, self.hook, self.rng, faults, idempotent, name)
        self.project = project_of(mails, deeds)
        self._ids = count(1)
        with self.database.reading() as connection:
            self.environment = str(connection.execute(_ENVIRONMENT).scalar_one())
        self.ports = self.boot()

    def hook(self, name: str) -> None:
        if self.armed:
            self.boundaries += 1
            self.schedule(self, self.boundaries, name)

    def boot(self) -> Ports:
        """A new process: nothing is left in memory of the one before."""
        library = Library(self.database, self.project)
        ports = Ports(
            database=self.database,
            clock=self.clock,
            project=self.project,
            library=library,
            mailer=self.provider,
            watermark=Watermark(),
            new_id=lambda: f"{next(self._ids)}-{self.rng.getrandbits(32):08x}",
            limits=Limits(claim=50),
        )
        armed, self.armed = self.armed, False
        library.publish(self.project, self.clock.now())
        self.armed = armed
        return ports

    # --- actors -------------------------------------------------------------------------------------------------

    def work(self) -> None:
        """What a worker does in one round."""
        recover(self.ports)
        fold(self.ports)
        enroll(self.ports)
        tick(self.ports)

    def hear(self, *, everything: bool = False) -> None:
        """The provider's webhook tells what has happened by now, again and again until it is answered."""
        due = self.provider.due_events(everything=everything)
        if not due:
            return
        events = [
            {
                "email": "someone@example.com",
                "event": kind,
                "timestamp": int(one.at.timestamp()),
                "env": self.environment,
                "msg": one.message_id,
                "att": one.attempt_id,
            }
            for one, kind in due
        ]
        receive(self.ports, "sendgrid", json.dumps(events).encode())
        self.provider.heard(due)
        fold(self.ports)

    def opt_out(self) -> None:
        """Some lead opts out."""
        lead = self.rng.randint(1, self.leads)
        with self.database.transaction("opt out") as connection:
            suppress(connection, [lead], Suppression.OPT_OUT, "test", self.clock.now())

    def recover(self) -> None:
        """Only recovery."""
        recover(self.ports)

    def let_time_pass(self) -> None:
        self.clock.advance(timedelta(seconds=self.rng.choice([0.1, 5, 25, 100, 3600, 86_400, 30 * 3600])))

    def in_between(self, actor: Callable[[], None]) -> None:
        """Let another process act at a boundary, at most two deep."""
        if self.depth < 2:
            ours, self.ports = self.ports, self.boot()
            self.depth += 1
            try:
                actor()
            finally:
                self.depth -= 1
                self.ports = ours

    def run(self, actor: Callable[[], None]) -> None:
        """Let an actor run until it is done or killed; then a new process starts."""
        try:
            actor()
        except Crash:
            self.crashes += 1
            self.depth = 0
            self.ports = self.boot()

    def settle(self) -> None:
        """Faults end, time goes on: everything must come to rest."""
        self.armed = False
        self.provider.faults = 0
        for _ in range(80):
            self.hear(everything=True)
            self.work()
            if not self._moving():
                return
            # The webhook keeps being heard of, as in a system that lives: silence only means something then.
            receive(self.ports, "sendgrid", b"[]")
            self.clock.advance(timedelta(hours=6))
        raise AssertionError(f"something is stuck: {self._moving()}")

    def _moving(self) -> list[object]:
        with self.database.reading() as connection:
            return list(connection.execute(_UNFINISHED).all())


_UNFINISHED = read(
    """
    SELECT e.id, e.step, e.due_at, m.state FROM enrollment e
    LEFT JOIN message m ON m.enrollment_id = e.id AND m.step = e.step
    WHERE e.state = 'active' AND (m.state IS NULL OR m.state <> 'held')
    """
)
