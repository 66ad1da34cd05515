"""What does an event cost? Signed requests of 200 taken in by the web app, then folded, with few and with many stored.

Each request is verified, stored and answered as the provider would see it, without a network; folding reads it, looks
up the mails it is about, keeps what is new and judges the clicks. The promises, in events per second of CPU: 5,000
taken in, 20,000 folded; and an event costs at most 1.3 times as much among 2,000,000 stored as among 100,000.
"""

from __future__ import annotations

import asyncio
import base64
import gc
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi import FastAPI

from models.database import Database
from nurture.clock import VirtualClock
from nurture.content import load_project
from nurture.engage import fold
from nurture.library import Library
from nurture.mail.null import NullMailer
from nurture.mail.sendgrid import SIGNATURE_HEADER, TIMESTAMP_HEADER
from nurture.ports import Ports
from nurture.runtime import new_id
from nurture.watermark import Watermark
from nurture.web import create_app

#: a Tuesday
NOW = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
ACCEPTED, FOLDED, RATIO = 5_000, 20_000, 1.3
BATCH = 200
#: of what is stored: mails for each lead, events for each mail
_MAILS, _EVENTS = 5, 4
_OLD = ("processed", "delivered", "opened", "clicked")
_BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0"


@dataclass(frozen=True, slots=True)
class Timing:
    """Events for each second of CPU: taken in, and folded."""

    accepted: float
    folded: float


def compare(root: Path, few: int, many: int, told: int, runs: int) -> tuple[list[Timing], list[Timing]]:
    """Both sizes by turns, so that a busy minute of the machine meets both: one database each, told `told` new events
    several times over."""
    timings: dict[int, list[Timing]] = {few: [], many: []}
    with TemporaryDirectory() as folder:
        offices = {
            stored: seeded(f"sqlite:///{folder}/{stored}.db", root, stored, told * runs) for stored in (few, many)
        }
        gc.collect()
        gc.freeze()
        for run in range(runs):
            for stored, ports in offices.items():
                timings[stored].append(_measure(ports, stored, told, run))
        for ports in offices.values():
            ports.database.close()
    return timings[few], timings[many]


def ratio(few: Sequence[Timing], many: Sequence[Timing]) -> float:
    """What folding an event costs among many stored, over what it costs among few."""
    return max(one.folded for one in few) / max(one.folded for one in many)


# --- the database


def seeded(url: str, root: Path, stored: int, told: int) -> Ports:
    """Leads with their mails, the events of the old ones stored, and `told` mails of this morning still unheard of.

    SQLite's planner knows no more than it does at a user's: nurture never has it count (ANALYZE).
    """
    database, clock = Database(url), VirtualClock(NOW)
    database.create()
    project = load_project(root)
    library = Library(database, project)
    library.publish(project, NOW)
    old = stored // _EVENTS
    leads = max((old + told) // _MAILS, 1)
    connection: Any = database.engine.raw_connection()
    connection.execute("BEGIN")
    connection.executemany(
        "INSERT INTO address (id, email, mailbox, token, version, suppressed_by) VALUES (?1, ?2, ?2, ?3, 0, '')",
        ((n, f"lead{n}@example.com", f"token-{n}") for n in range(1, leads + 1)),
    )
    connection.executemany(
        "INSERT INTO lead (id, address_id, legal_ground, no_sales_contact, stage, stage_since, cycle, rejected_times,"
        " created_at) VALUES (?1, ?1, 'consent', FALSE, 'iql', ?2, 1, 0, ?2)",
        ((n, _text(NOW)) for n in range(1, leads + 1)),
    )
    connection.executemany(
        "INSERT INTO enrollment (id, lead_id, sequence, version, state, since, why, entered_at, fence, pinned)"
        " VALUES (?1, ?1, 'first-interest', ?2, 'done', ?3, '', ?3, 0, FALSE)",
        ((n, library.in_force["first-interest"].version, _text(NOW)) for n in range(1, leads + 1)),
    )
    # mails of one lead lie far apart, as they do where a year of mailing is stored
    connection.executemany(
        "INSERT INTO message (id, enrollment_id, lead_id, step, template, state, planned_at, links)"
        " VALUES (?1, ?2, ?2, ?3, 'tofu/night-load', 'accepted', ?4, 2)",
        ((n, 1 + n % leads, f"step-{n // leads}", _text(NOW)) for n in range(1, old + told + 1)),
    )
    connection.executemany(
        "INSERT INTO attempt (id, message_id, n, serial, state, mailer, address_version, started_at, deadline,"
        " provider_id) VALUES (?, ?, 1, ?, 'accepted', 'sendgrid', 0, ?4, ?4, ?)",
        ((_attempt(n), n, n, _text(NOW), _provider(n)) for n in range(1, old + told + 1)),
    )
    connection.executemany(
        "INSERT INTO event (key, lead_id, message_id, kind, occurred_at, received_at, url, ip, user_agent, machine,"
        " verdict, counts_at) VALUES (?, ?, ?, ?, ?5, ?5, ?, ?, ?, FALSE, ?, ?)",
        _stored(old, leads),
    )
    connection.commit()
    connection.close()
    return Ports(database, clock, project, library, NullMailer(), Watermark(), new_id)


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")


def _attempt(n: int) -> str:
    """As random as a real one."""
    return base64.urlsafe_b64encode(random.Random(n).randbytes(16)).decode().rstrip("=")


def _provider(n: int) -> str:
    return f"{n:022d}"


def _caller(n: int) -> str:
    """Every reader sits somewhere else."""
    return f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}"


def _stored(mails: int, leads: int) -> Iterator[tuple[object, ...]]:
    rng = random.Random(7)
    start = NOW - timedelta(days=300)
    for n in range(1, mails + 1):
        at = start + timedelta(days=299) * (n / mails)
        for number, kind in enumerate(_OLD):
            then = at + timedelta(minutes=7 * number)
            key = int(then.timestamp()).to_bytes(4, "big") + rng.randbytes(12)
            did = ("https://voltmap.example/night-load", _caller(n), _BROWSER) if number > 1 else (None,) * 3
            verdict = ("human", _text(then)) if kind == "clicked" else (None, None)
            yield (key, 1 + n % leads, n, kind, _text(then), *did, *verdict)


# --- the events


def _told(environment: str, first: int, count: int) -> list[dict[str, object]]:
    """About three events of each mail: processed and delivered, some opens, clicks, deferrals, a bounce."""
    rng, events, n = random.Random(first), list[dict[str, object]](), first
    while len(events) < count:
        lead = f"lead{n}@example.com"
        kinds = ["processed", "delivered"]
        kinds += (
            ["deferred"] * (rng.random() < 0.03)
            + ["open"] * (rng.random() < 0.5)
            + ["click"] * rng.choice((0, 0, 0, 1, 2))
        )
        kinds = ["processed", "bounce"] if rng.random() < 0.01 else kinds
        for number, kind in enumerate(kinds):
            events.append(_event(environment, n, lead, kind, 90 * number))
        n += 1
    events.sort(key=lambda event: str(event["timestamp"]))
    return events[:count]


def _event(environment: str, n: int, email: str, kind: str, after: float) -> dict[str, object]:
    did = {"useragent": _BROWSER, "ip": _caller(n)}
    more: dict[str, dict[str, object]] = {
        "delivered": {"response": "250 2.0.0 OK 1772530000 abc.123 - gsmtp", "ip": "149.72.0.1", "tls": 1},
        "bounce": {"type": "bounce", "reason": "550 5.1.1 unknown", "bounce_classification": "Invalid Address"},
        "open": {**did, "sg_machine_open": n % 2 == 0, "sg_content_type": "html"},
        "click": {**did, "url": f"https://voltmap.example/page-{after}", "url_offset": {"index": 1, "type": "html"}},
    }
    return {
        "email": email,
        "timestamp": int(NOW.timestamp() - 3600 + n % 60 + after),
        "smtp-id": f"<{_provider(n)}@geopod-ismtpd-1>",
        "event": kind,
        "category": ["first-interest", "tofu"],
        "sg_event_id": base64.urlsafe_b64encode(random.Random(n + after).randbytes(16)).decode(),
        "sg_message_id": f"{_provider(n)}.recvd-5d9f8b7c4d-x2x7q-1-6566.0",
        "env": environment,
        "msg": f"message-{n}",
        "att": _attempt(n),
        **more.get(kind, {}),
    }


# --- measuring


def _measure(ports: Ports, stored: int, told: int, run: int) -> Timing:
    with ports.database.reading() as connection:
        environment = str(connection.exec_driver_sql("SELECT environment FROM installation").scalar_one())
    events = _told(environment, stored // _EVENTS + 1 + run * told, told)
    bodies = [
        b"[" + b",\r\n".join(map(orjson.dumps, events[at : at + BATCH])) + b"]\r\n" for at in range(0, told, BATCH)
    ]
    key = ec.generate_private_key(ec.SECP256R1())
    public = base64.b64encode(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
    app = create_app(ports, webhook_keys=[public], drain=lambda: None)
    signed = [(body, _headers(key, body)) for body in bodies]
    started = time.process_time()
    statuses = asyncio.run(_post(app, signed))
    accepted = time.process_time() - started
    if set(statuses) != {204}:
        raise AssertionError(f"the web app answered {set(statuses)}")
    started = time.process_time()
    done = fold(ports)
    folded = time.process_time() - started
    if (done.events, done.faults) != (told, 0):
        raise AssertionError(f"folded {done}")
    return Timing(told / accepted, told / folded)


def _headers(key: ec.EllipticCurvePrivateKey, body: bytes) -> list[tuple[bytes, bytes]]:
    stamp = str(int(NOW.timestamp()))
    seal = base64.b64encode(key.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256())))
    return [(SIGNATURE_HEADER.lower().encode(), seal), (TIMESTAMP_HEADER.lower().encode(), stamp.encode())]


async def _post(app: FastAPI, requests: Sequence[tuple[bytes, list[tuple[bytes, bytes]]]]) -> list[int]:
    """The app is called as a server would call it."""
    statuses: list[int] = []

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    for body, headers in requests:
        parts = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def receive(parts: Iterator[dict[str, Any]] = parts) -> Any:
            return next(parts, {"type": "http.disconnect"})

        scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "https",
                 "path": "/webhooks/sendgrid", "raw_path": b"/webhooks/sendgrid", "query_string": b"", "root_path": "",
                 "headers": headers, "client": ("127.0.0.1", 1), "server": ("localhost", 80)}  # fmt: skip
        await app(scope, receive, send)
    return statuses
