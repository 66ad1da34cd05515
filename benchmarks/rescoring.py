"""How long does it take to count every score anew? 100,000 leads with 1,000,000 acts, in under 120 seconds.

What comes out must be what the engine itself stores for a lead when it is asked about it: that is checked for some.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import text

from models.database import Database
from nurture.clock import VirtualClock
from nurture.content import load_project
from nurture.handoff.qualify import ENGAGEMENT, qualify_leads
from nurture.handoff.rescore import rescore
from nurture.library import Library
from nurture.mail.null import NullMailer
from nurture.ports import Ports
from nurture.runtime import new_id
from nurture.watermark import Watermark

#: a Tuesday
NOW = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
#: seconds for 100,000 leads
PROMISE = 120.0
ACTS = 10
_CHECKED = 50
_TITLES = ("CEO", "Produksjonssjef", "Leiter Einkauf", "Maintenance Manager", "Engineer", "Poet", None)
_TRADES = ("Food", "Plastics", "Logistics", "Law", None)
_COUNTRIES = ("NO", "SE", "DE", "FR", None)
_FORMS = ("ebook", "checklist", "webinar", "roi-calculator", "pricing")


@dataclass(frozen=True, slots=True)
class Timing:
    """What was done, in how many seconds, and how many of the scores looked at are not what the engine says."""

    leads: int
    acts: int
    wall: float
    cpu: float
    wrong: int


def run(root: Path, leads: int) -> Timing:
    """Make the leads and what they did, count all scores, and check some against the engine."""
    with TemporaryDirectory() as folder:
        ports = _seeded(f"sqlite:///{folder}/scores.db", root, leads)
        wall, cpu = time.perf_counter(), time.process_time()
        done = rescore(ports)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        wrong = _wrong(ports, leads)
        ports.database.close()
    return Timing(done.leads, leads * ACTS, wall, cpu, wrong)


def _wrong(ports: Ports, leads: int) -> int:
    """Of some leads: those for whom the engine stores another score than we did."""
    some = random.Random(7).sample(range(1, leads + 1), min(_CHECKED, leads))
    wrong = 0
    for lead_id in some:
        before = _score(ports, lead_id)
        with ports.database.transaction("qualify") as connection:
            qualify_leads(connection, ports, {lead_id: ENGAGEMENT}, NOW)
        wrong += _score(ports, lead_id) != before
    return wrong


def _score(ports: Ports, lead_id: int) -> tuple[Any, ...]:
    with ports.database.reading() as connection:
        asked = text("SELECT fit, engagement, grade, intent FROM score WHERE lead_id = :id")
        return tuple(connection.execute(asked, {"id": lead_id}).one())


def _seeded(url: str, root: Path, leads: int) -> Ports:
    """As many leads as said, each with ten things it did in the last hundred days."""
    database, clock = Database(url), VirtualClock(NOW)
    database.create()
    project = load_project(root)
    library = Library(database, project)
    library.publish(project, NOW)
    connection: Any = database.engine.raw_connection()
    connection.execute("BEGIN")
    connection.executemany(
        "INSERT INTO address (id, email, token, version, suppressed_by) VALUES (?, ?, ?, 0, '')",
        ((n, f"lead{n}@example.com", f"token-{n}") for n in range(1, leads + 1)),
    )
    connection.executemany(
        "INSERT INTO lead (id, address_id, first_name, company, title, industry, employees, country, legal_ground,"
        " no_sales_contact, stage, stage_since, cycle, rejected_times, kept_warm, created_at)"
        " VALUES (?1, ?1, 'Mona', 'Mill', ?2, ?3, ?4, ?5, 'consent', FALSE, 'iql', ?6, 1, 0, FALSE, ?6)",
        _people(leads),
    )
    connection.executemany(
        "INSERT INTO score (lead_id, due_at, fit, engagement, grade, intent) VALUES (?, NULL, 0, 0, 'D4', FALSE)",
        ((n,) for n in range(1, leads + 1)),
    )
    connection.executemany(
        "INSERT INTO event (key, lead_id, kind, occurred_at, received_at, url, name, machine, verdict, counts_at,"
        " crowd) VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6, FALSE, 'human', ?4, FALSE)",
        _acts(leads),
    )
    connection.commit()
    connection.execute("ANALYZE")
    connection.close()
    return Ports(database, clock, project, library, NullMailer(), Watermark(), new_id)


def _people(leads: int) -> Iterator[tuple[object, ...]]:
    rng = random.Random(1)
    for n in range(1, leads + 1):
        size = rng.choice((3, 40, 200, 1500, None))
        yield (
            n,
            rng.choice(_TITLES),
            rng.choice(_TRADES),
            size,
            rng.choice(_COUNTRIES),
            _text(NOW - timedelta(days=100)),
        )


def _acts(leads: int) -> Iterator[tuple[object, ...]]:
    rng = random.Random(2)
    for n in range(leads * ACTS):
        at = NOW - timedelta(seconds=rng.randrange(100 * 86_400))
        kind, url, name = rng.choice(
            (
                ("clicked", "https://voltmap.example/night-load", None),
                ("clicked", "https://voltmap.example/pricing", None),
                ("visited", "/pricing", None),
                ("visited", "/blog", None),
                ("submitted", None, rng.choice(_FORMS)),
            )
        )
        key = int(at.timestamp()).to_bytes(4, "big") + rng.randbytes(12)
        yield key, 1 + n % leads, kind, _text(at), url, name


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")
