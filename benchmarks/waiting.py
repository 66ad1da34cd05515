"""Does a due lead cost more when many others wait? Time per due lead, with few and with many waiting.

Ten thousand due leads go through the whole engine (claim, decide, render, hand over, settle) to the null mailer,
first with 10,000 others waiting, then with 200,000. The promise is a ratio of at most 1.3.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from models.database import Database
from models.statement import write
from nurture.advance import tick
from nurture.clock import VirtualClock
from nurture.content import load_project
from nurture.library import Library
from nurture.mail.null import NullMailer
from nurture.ports import Ports
from nurture.runtime import new_id
from nurture.watermark import Watermark

#: a Tuesday, in everybody's office hours
NOW = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
PROMISE = 1.3
_BATCH = 10_000

_ADDRESS = write("INSERT INTO address (id, email, token, version, suppressed_by) VALUES (:id, :email, :token, 0, '')")
_LEAD = write(
    """
    INSERT INTO lead (id, address_id, first_name, company, legal_ground, timezone, no_sales_contact, stage,
        stage_since, cycle, rejected_times, created_at)
    VALUES (:id, :id, 'Kim', 'Kim Bakeri', 'consent', 'Europe/Oslo', FALSE, 'iql', :now, 1, 0, :now)
    """
)
_ENROLLMENT = write(
    """
    INSERT INTO enrollment (lead_id, sequence, version, state, step, since, due_at, why, entered_at, fence)
    VALUES (:id, 'first-interest', :version, 'active', 'tofu/night-load', :now, :due_at, '', :now, 0)
    """
)


@dataclass(frozen=True, slots=True)
class Timing:
    """What one run took: microseconds per due lead, of the clock and of this process's CPU."""

    wall: float
    cpu: float


def seeded(url: str, root: Path, waiting: int, due: int) -> Ports:
    """A database in which `due` leads are due now and `waiting` others in the next weeks, spread among each other."""
    database, clock = Database(url), VirtualClock(NOW)
    database.create()
    project = load_project(root)
    library = Library(database, project)
    library.publish(project, NOW)
    version = library.in_force["first-interest"].version
    every = (waiting + due) // due
    for start in range(1, waiting + due + 1, _BATCH):
        rows = [_row(n, every, version) for n in range(start, min(start + _BATCH, waiting + due + 1))]
        with database.transaction("seed") as connection:
            for statement in (_ADDRESS, _LEAD, _ENROLLMENT):
                connection.execute(statement, rows)
    return Ports(database, clock, project, library, NullMailer(), Watermark(), new_id)


def _row(n: int, every: int, version: str) -> dict[str, object]:
    due_at = NOW - timedelta(minutes=5) if n % every == 0 else NOW + timedelta(minutes=60 + n % 40_000)
    email, token = f"lead{n}@example.com", f"token-{n}"
    return {"id": n, "email": email, "token": token, "version": version, "now": NOW, "due_at": due_at}


def measure(url: str, root: Path, waiting: int, due: int) -> Timing:
    """Advance everything that is due, once."""
    ports = seeded(url, root, waiting, due)
    wall, cpu = time.perf_counter(), time.process_time()
    sent = tick(ports).counts["sent"]
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    ports.database.close()
    if sent != due:
        raise AssertionError(f"{sent} of {due} due leads were mailed")
    return Timing(wall / due * 1e6, cpu / due * 1e6)


def compare(root: Path, few: int, many: int, due: int, runs: int) -> tuple[list[Timing], list[Timing]]:
    """Both sizes in turn, several times over, each in a fresh SQLite file."""
    timings: dict[int, list[Timing]] = {few: [], many: []}
    for run in range(runs):
        for waiting in (few, many):
            with TemporaryDirectory() as folder:
                timings[waiting].append(measure(f"sqlite:///{folder}/{run}.db", root, waiting, due))
    return timings[few], timings[many]


def ratio(few: Sequence[Timing], many: Sequence[Timing]) -> float:
    """Median CPU per due lead with many waiting, over that with few."""
    return median(one.cpu for one in many) / median(one.cpu for one in few)
