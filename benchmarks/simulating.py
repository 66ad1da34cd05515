"""How long does it take to look ahead? Two thousand leads for 90 days, through the whole engine, by a jumping clock.

The promise is 30 seconds on a small machine.
"""

from __future__ import annotations

import csv
import io
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nurture.content import load_project
from nurture.simulate import ByChance, close, collect, import_into, new_world, play

#: a Monday morning
START = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
PROMISE = 30.0


@dataclass(frozen=True)
class Simulated:
    """What was simulated, and what it cost (seconds)."""

    leads: int
    mails: int
    moments: int
    wall: float
    cpu: float


def run(root: Path, leads: int, days: int) -> Simulated:
    """The sample leads, over and over under other addresses, with the sequences of this project."""
    project = load_project(root)
    wall, cpu = time.perf_counter(), time.process_time()
    world = new_world(project, START, seed=1)
    import_into(world, io.BytesIO(_crowd(root / "samples" / "leads.csv", leads)), "leads.csv")
    until = START + timedelta(days=days)
    played = play(world, ByChance(1, project.config.agreement), until)
    result = collect(world, until)
    close(world)
    spent = time.perf_counter() - wall, time.process_time() - cpu
    return Simulated(result.leads, len(result.sent), played.moments, *spent)


def _crowd(path: Path, count: int) -> bytes:
    """A file of about so many leads; the faulty rows of the samples stay faulty."""
    heading, *rows = csv.reader(io.StringIO(path.read_text(encoding="utf-8")))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(heading)
    # one row in 35 of the samples is faulty, on purpose: a few more make sure of the number
    for number in range(count * 52 // 50):
        again, place = divmod(number, len(rows))
        name, at, domain = rows[place][0].partition("@")
        writer.writerow([f"{name}.{again}{at}{domain}" if again else rows[place][0], *rows[place][1:]])
    return text.getvalue().encode()
