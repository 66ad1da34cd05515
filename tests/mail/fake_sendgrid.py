"""A SendGrid of our own, on a real socket: it checks mails as SendGrid does, misbehaves on request, and reports
back by signed webhooks.

    with FakeSendGrid() as sendgrid:
        mailer = SendGridMailer(sendgrid.api_key, sendgrid.url, "test")
        sendgrid.script(too_many_requests(reset=1767225600), None, crash(took_it=True))  # the next three POSTs
        mailer.send(emails, budget)
        sendgrid.accepted                                        # what it would deliver: list[Taken]
        events = sendgrid.events_for(sendgrid.accepted, "processed", "delivered", "click")
        body, headers = sendgrid.webhook(disorder(events, random.Random(7), copies=2))

It runs in threads of the calling process, so what it accepted survives a worker killed with kill -9.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import random
import socket
import struct
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.mail.sendgrid_rules import find_errors

Event = dict[str, Any]


@dataclass(frozen=True)
class Taken:
    """A mail that SendGrid has answered for, or would have, had its answer arrived."""

    body: dict[str, Any]
    provider_id: str
    at: datetime

    @property
    def custom_args(self) -> dict[str, str]:
        return dict(self.body["personalizations"][0].get("custom_args", {}))

    @property
    def message_id(self) -> str:
        return self.custom_args.get("msg", "")

    @property
    def attempt_id(self) -> str:
        return self.custom_args.get("att", "")

    @property
    def address(self) -> str:
        return str(self.body["personalizations"][0]["to"][0]["email"])


@dataclass(frozen=True)
class Fault:
    """How one POST goes wrong. `took_it`: the mail counts as accepted all the same."""

    status: int = 0
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    took_it: bool = False
    until: threading.Event | None = None
    hang: bool = False
    reset: bool = False


def refuse(status: int, message: str = "refused", field: str | None = None) -> Fault:
    """An error answer in SendGrid's form."""
    return Fault(status, _errors([{"message": message, "field": field, "help": None}]))


def too_many_requests(reset: int | None = None) -> Fault:
    """429, with X-RateLimit-Reset (Unix time) when given."""
    headers = {} if reset is None else {"X-RateLimit-Reset": str(reset)}
    return Fault(429, _errors([{"message": "too many requests", "field": None, "help": None}]), headers)


def crash(took_it: bool, status: int = 500) -> Fault:
    """A gateway's 5xx page, which says nothing about what became of the mail."""
    return Fault(status, b"<html>Bad gateway</html>", took_it=took_it)


def hang(took_it: bool = True) -> Fault:
    """Read the mail and never answer."""
    return Fault(took_it=took_it, hang=True)


def reset(took_it: bool = True) -> Fault:
    """Read the mail and reset the connection."""
    return Fault(took_it=took_it, reset=True)


def slow(until: threading.Event) -> Fault:
    """Accept as usual, and say so only then."""
    return Fault(until=until, took_it=True)


class FakeSendGrid:
    """POST /v3/mail/send and GET /v3/scopes on 127.0.0.1. `check=False` skips validation, for benchmarks.

    `otherwise` (mail -> Fault or None) decides when the script is used up: for storms of random faults.
    """

    def __init__(self, api_key: str = "SG.fake-key", *, check: bool = True) -> None:
        self.api_key = api_key
        self.check = check
        self.scopes: list[str] | None = ["mail.send", "user.webhooks.event.settings.read"]  # None: 403
        self.otherwise: Callable[[dict[str, Any]], Fault | None] = lambda mail: None
        self.accepted: list[Taken] = []
        self.refused: list[list[dict[str, str | None]]] = []
        self.posts = self.connections = 0
        self._script: deque[Fault | None] = deque()
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.closing = threading.Event()
        self.lock = threading.Lock()
        self._server = _Server(self)
        self.port: int = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening and drop every connection."""
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._server.drop_connections()
        self._thread.join()

    def script(self, *faults: Fault | None) -> None:
        """How the next POSTs go, one each; None is as usual."""
        self._script.extend(faults)

    # --- what the handler asks

    def next_fault(self, mail: dict[str, Any]) -> Fault | None:
        with self.lock:
            if self._script:
                return self._script.popleft()
        return self.otherwise(mail)

    def take(self, mail: dict[str, Any]) -> Taken:
        taken = Taken(mail, uuid.uuid4().hex[:22], datetime.now(UTC))
        with self.lock:
            self.accepted.append(taken)
        return taken

    # --- webhooks

    @property
    def public_key(self) -> str:
        """The webhook key as SendGrid's console shows it."""
        der = self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(der).decode()

    def sign(self, body: bytes, timestamp: int | None = None) -> dict[str, str]:
        """The two headers for a webhook body, signed now or at a Unix time."""
        stamp = str(int(time.time()) if timestamp is None else timestamp)
        seal = self._key.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        return {
            "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(seal).decode(),
            "X-Twilio-Email-Event-Webhook-Timestamp": stamp,
        }

    def webhook(self, events: Sequence[Event], timestamp: int | None = None) -> tuple[bytes, dict[str, str]]:
        """A POST to the event webhook: its body as SendGrid writes it, and its headers."""
        body = wire(events)
        return body, {"Content-Type": "application/json", **self.sign(body, timestamp)}

    def events_for(
        self, mails: Iterable[Taken], *kinds: str, at: datetime | None = None, apart: int = 1
    ) -> list[Event]:
        """SendGrid's events for these mails, `apart` seconds from one to the next, the first `at` (or on acceptance).

        Kinds are SendGrid's names, and `blocked` for a temporary bounce; processed and delivered unless given.
        """
        wanted = kinds or ("processed", "delivered")
        return [
            event(mail, kind, int((at or mail.at).timestamp()) + index * apart)
            for mail in mails
            for index, kind in enumerate(wanted)
        ]


_BROWSER = {"ip": "203.0.113.7", "useragent": "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0"}
_FIELDS: Mapping[str, Event] = {
    "deferred": {"response": "400 try again later", "attempt": "5"},
    "delivered": {"response": "250 OK", "ip": "192.0.2.1", "tls": 1},
    "bounce": {"type": "bounce", "bounce_classification": "Invalid Address", "reason": "500 unknown recipient"},
    "blocked": {"type": "blocked", "bounce_classification": "Reputation", "reason": "550 blocked by policy"},
    "dropped": {"reason": "Bounced Address", "status": "5.0.0"},
    "open": {**_BROWSER, "sg_machine_open": False, "sg_content_type": "html"},
    "click": {**_BROWSER, "url": "https://example.com/pricing", "url_offset": {"index": 0, "type": "html"}},
    "group_unsubscribe": {**_BROWSER, "asm_group_id": 10},
    "group_resubscribe": {**_BROWSER, "asm_group_id": 10},
}


def event(mail: Taken, kind: str, timestamp: int, **fields: Any) -> Event:
    """One event: custom args merged flat, SendGrid's own fields over them, `fields` over all."""
    return {
        **mail.custom_args,
        "email": mail.address,
        "timestamp": timestamp,
        "event": "bounce" if kind == "blocked" else kind,
        "category": mail.body.get("categories", []),
        "smtp-id": f"<{mail.provider_id}@geopod-ismtpd-1>",
        "sg_event_id": new_event_id(),
        "sg_message_id": f"{mail.provider_id}.recvd-5d9f8b7c4d-x2x7q-1-6566.0",
        **_FIELDS.get(kind, {}),
        **fields,
    }


def disorder(events: Sequence[Event], rng: random.Random, copies: int = 1) -> list[Event]:
    """As a bad day delivers them: each event `copies` times, under a new `sg_event_id` each, in any order."""
    jumbled = [{**each, "sg_event_id": new_event_id()} for each in events for _ in range(copies)]
    rng.shuffle(jumbled)
    return jumbled


def wire(events: Sequence[Event]) -> bytes:
    """SendGrid's own spelling of the array, CRLFs included."""
    inside = ",\r\n".join(json.dumps(each, separators=(",", ":")).replace("<", "\\u003c") for each in events)
    return f"[{inside}]\r\n".encode()


def new_event_id() -> str:
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode()


def _errors(errors: list[dict[str, str | None]]) -> bytes:
    return json.dumps({"errors": errors}).encode()


class _Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True
    block_on_close = False

    def __init__(self, owner: FakeSendGrid) -> None:
        self.owner = owner
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self.owner.lock:
            self.owner.connections += 1
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self.owner.lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def drop_connections(self) -> None:
        with self.owner.lock:
            sockets = list(self._open)
        for each in sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is not worth a traceback."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one segment an answer
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        if self.path != "/v3/scopes":
            self._answer(404, _errors([{"message": "not found", "field": None, "help": None}]))
        elif not self._knows_key():
            self._answer(401, _errors([{"message": "authorization required", "field": None, "help": None}]))
        elif self.server.owner.scopes is None:
            self._answer(403, _errors([{"message": "access forbidden", "field": None, "help": None}]))
        else:
            self._answer(200, json.dumps({"scopes": self.server.owner.scopes}).encode())

    def do_POST(self) -> None:
        owner = self.server.owner
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with owner.lock:
            owner.posts += 1
        if refusal := self._refusal(body):
            self._answer(refusal.status, refusal.body)
        elif fault := owner.next_fault(mail := json.loads(body)):
            self._go_wrong(owner, mail, fault)
        elif mail.get("mail_settings", {}).get("sandbox_mode", {}).get("enable"):
            self._answer(200)
        else:
            self._answer(202, headers={"X-Message-Id": owner.take(mail).provider_id})

    def _refusal(self, body: bytes) -> Fault | None:
        """What is wrong with the request itself."""
        if self.path != "/v3/mail/send":
            return refuse(404, "not found")
        if not self._knows_key():
            return refuse(401, "The provided authorization grant is invalid, expired, or revoked")
        if self.headers.get_content_type() != "application/json":
            return refuse(415, "Content-Type must be application/json")
        if len(body) >= 30_000_000:
            return refuse(413, "content too large")
        try:
            errors = find_errors(json.loads(body)) if self.server.owner.check else []
        except ValueError:
            return refuse(400, "Bad Request")
        if errors:
            self.server.owner.refused.append(errors)
            return Fault(400, _errors(errors))
        return None

    def _go_wrong(self, owner: FakeSendGrid, mail: dict[str, Any], fault: Fault) -> None:
        taken = owner.take(mail) if fault.took_it else None
        if fault.until:
            fault.until.wait(60)
        if fault.hang:
            owner.closing.wait()
        if fault.hang or fault.reset:
            self._reset()
        elif fault.status:
            self._answer(fault.status, fault.body, fault.headers)
        elif taken:
            self._answer(202, headers={"X-Message-Id": taken.provider_id})

    def _reset(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            os.close(self.connection.detach())  # `close` would wait for the streams made from it

    def _answer(self, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def _knows_key(self) -> bool:
        return self.headers.get("Authorization") == f"Bearer {self.server.owner.api_key}"

    def log_message(self, *args: object) -> None:
        """Quiet: a test reads `accepted`, not a log."""
