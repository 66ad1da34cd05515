"""What the event webhook refuses, how long it believes a signature, and what hostile bodies cost."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from fastapi import FastAPI

from nurture.engage import fold
from nurture.mail.sendgrid import SIGNATURE_HEADER, TIMESTAMP_HEADER
from nurture.web import create_app
from nurture.web.guard import MAX_EVENTS
from nurture.web.webhooks import refused
from tests.mail.fake_sendgrid import FakeSendGrid, wire
from tests.mail.test_webhook_signature import BODY, KEY, SIGNATURE, TIMESTAMP
from tests.office import START, Office
from tests.web.conftest import Visitor

NOW, DAY = int(START.timestamp()), 24 * 3600


@pytest.fixture(autouse=True)
def _count_from_zero() -> Iterator[None]:
    refused.clear()
    yield
    refused.clear()


def app_of(office: Office, *keys: str, max_age: int) -> Visitor:
    return Visitor(create_app(office.ports, webhook_keys=keys, webhook_max_age=max_age))


def post(visitor: Visitor, body: bytes, headers: dict[str, str]) -> int:
    return visitor.post("/webhooks/sendgrid", content=body, headers=headers).status_code


VECTOR = {SIGNATURE_HEADER: SIGNATURE, TIMESTAMP_HEADER: TIMESTAMP}


def test_a_request_that_sendgrid_really_signed_is_taken_however_old_where_any_age_is(office: Office) -> None:
    assert post(app_of(office, KEY, max_age=0), BODY, VECTOR) == 204
    assert post(app_of(office, KEY, max_age=90_000), BODY, VECTOR) == 403
    assert refused == {"replayed": 1}


def test_what_is_changed_in_it_is_refused_and_counted(office: Office) -> None:
    visitor = app_of(office, KEY, max_age=0)
    reserialized = json.dumps(json.loads(BODY)).encode()
    for body, headers in [
        (reserialized, VECTOR),
        (BODY.strip(), VECTOR),
        (BODY, {SIGNATURE_HEADER: SIGNATURE}),
        (BODY, {TIMESTAMP_HEADER: TIMESTAMP}),
        (BODY, {**VECTOR, TIMESTAMP_HEADER: str(int(TIMESTAMP) + 1)}),
    ]:
        assert post(visitor, body, headers) == 403
    assert refused == {"forged": 5}
    assert office.rows("SELECT 1 FROM inbox") == []


@pytest.mark.parametrize("bit", range(0, len(BODY) * 8, 97))
def test_one_flipped_bit_is_refused(here: Office, bit: int) -> None:
    flipped = bytearray(BODY)
    flipped[bit // 8] ^= 1 << bit % 8
    assert post(app_of(here, KEY, max_age=0), bytes(flipped), VECTOR) == 403


@pytest.mark.parametrize(("max_age", "age", "status"), [(3600, 3600, 204), (3600, 3601, 403), (0, 400 * DAY, 204)])
def test_how_long_a_signature_is_believed_is_a_setting(
    here: Office, sendgrid: FakeSendGrid, max_age: int, age: int, status: int
) -> None:
    body, headers = sendgrid.webhook([{"event": "open"}], NOW - age)
    assert post(app_of(here, sendgrid.public_key, max_age=max_age), body, headers) == status


def memory(which: str) -> int:
    """What this process has in memory (kB), now or at most."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(which))


async def ask(app: FastAPI, body: bytes, headers: dict[str, str]) -> int:
    """Call the app as a server would, without a client's copies of the body; its status."""
    parts = iter([{"type": "http.request", "body": body, "more_body": False}])
    status: list[int] = []

    async def receive() -> Any:
        return next(parts, {"type": "http.disconnect"})

    async def send(message: Any) -> None:
        status.append(message.get("status", 0))

    named = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    path = "/webhooks/sendgrid"
    scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "https",
             "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "headers": named,
             "client": ("127.0.0.1", 1), "server": ("localhost", 443)}  # fmt: skip
    await app(scope, receive, send)
    return status[0]


_MILLIONS = (MAX_EVENTS - 2) // 3

#: signed by the provider, and still nothing to choke on
HOSTILE: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"\xff\xfe\x00",
    "not a list": b'{"event":"open"}',
    "half a list": b'[{"event":"open"',
    "deep lists": b"[" * 100_000 + b"]" * 100_000,
    "a deep object": b'[{"event":"open","timestamp":1,"a":' + b'{"a":' * 900 + b"1" + b"}" * 900 + b"}]",
    "a million objects": b"[" + b",".join([b"{}"] * _MILLIONS) + b"]",
    "a million numbers": b"[" + b"1," * (_MILLIONS - 1) + b"1]",
    "many keys": b"[{" + b",".join(b'"%d":1' % n for n in range(350_000)) + b"}]",
    "more events than a batch has": orjson.dumps([{"event": "open", "timestamp": 1}] * 10_001),
    "one long text": b'[{"event":"open","timestamp":1,"useragent":"' + b"a" * 3_900_000 + b'"}]',
    "numbers without end": b'[{"event":"open","timestamp":' + b"9" * 4000 + b"}]",
    "half a letter": rb'[{"event":"open","timestamp":1,"url":"\ud800"}]',
    "NUL": rb'[{"event":"\u0000open","timestamp":1,"email":"\u0000"}]',
    "not a number": b'[{"event":"open","timestamp":NaN}]',
    "odd types": b'[{"event":"click","timestamp":1,"url":[],"ip":{},"useragent":7,"category":{},"url_offset":[1]}]',
    "keys twice": b'[{"event":"open","event":"click","timestamp":1,"timestamp":2}]',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_body_is_stored_and_set_aside_and_costs_little_memory(
    here: Office, sendgrid: FakeSendGrid, name: str
) -> None:
    body = HOSTILE[name]
    headers = sendgrid.sign(body, NOW)
    app = create_app(here.ports, webhook_keys=[sendgrid.public_key])
    good = wire([{"event": "processed", "timestamp": NOW}])
    before = memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the highest mark starts anew
    assert asyncio.run(ask(app, body, headers)) == 204
    assert memory("VmHWM") - before < 50_000
    assert asyncio.run(ask(app, good, sendgrid.sign(good, NOW))) == 204
    assert fold(here.ports).requests == 0  # all of it is worked
    assert here.one("SELECT state FROM inbox ORDER BY id DESC LIMIT 1").state == "done"


def test_a_body_that_is_too_large_is_not_read_to_its_end(here: Office, sendgrid: FakeSendGrid) -> None:
    body = b"[" + b" " * MAX_EVENTS + b"]"
    assert post(app_of(here, sendgrid.public_key, max_age=0), body, sendgrid.sign(body, NOW)) == 413
    assert here.rows("SELECT 1 FROM inbox") == []


def test_kinds_of_events_that_come_one_day_are_kept(here: Office, sendgrid: FakeSendGrid) -> None:
    here.add_lead()
    event = here.event(here.mail(), "telepathy", 9, mood="good")
    body, headers = sendgrid.webhook([event], NOW)
    assert post(app_of(here, sendgrid.public_key, max_age=90_000), body, headers) == 204
    row = here.one("SELECT kind, lead_id FROM event")
    assert (row.kind, row.lead_id is not None) == ("other", True)
    assert b"telepathy" in bytes(here.one("SELECT body FROM inbox_body").body)
