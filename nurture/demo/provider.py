"""SendGrid, played: it takes the mails from the outbox, and reports back what happens to them by signed webhook."""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from nurture.mail.sendgrid.payload import ATTEMPT_ARG, ENVIRONMENT_ARG, MESSAGE_ARG
from nurture.mail.sendgrid.signature import SIGNATURE_HEADER, TIMESTAMP_HEADER

Event = dict[str, Any]
Post = Callable[[bytes, Mapping[str, str]], None]

#: events in one POST; SendGrid cuts its batches at 768 kB
BATCH = 500
BROWSER = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"

_LINK = re.compile(r'href="(https?://[^"]+)"')


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as the provider has it: whose it is, our ids, and the links in it."""

    address: str
    message_id: str
    attempt_id: str
    subject: str
    links: tuple[str, ...]
    #: the link of List-Unsubscribe
    unsubscribe: str


@dataclass(slots=True)
class Provider:
    """Picks up mails from `outbox` and reports on them, signed with a key of its own."""

    outbox: Path
    environment: str
    _key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    _seen: set[str] = field(default_factory=set)
    _coming: list[Event] = field(default_factory=list)

    @property
    def public_key(self) -> str:
        """The key to check our events with, as SendGrid's console shows it."""
        der = self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(der).decode()

    def pick_up(self) -> list[Mail]:
        """The mails to leads that were accepted since the last time, in the order of their numbers."""
        fresh = {path.stem: path for path in self.outbox.glob("*.eml") if path.stem.isdecimal()}
        names = sorted(fresh.keys() - self._seen, key=int)
        self._seen.update(names)
        return [read_mail(fresh[name]) for name in names]

    def expect(self, mail: Mail, kind: str, at: datetime, **fields: object) -> None:
        """Something is going to happen to a mail; told when its time has come."""
        self._coming.append(self._event(mail, kind, at, fields))

    def deliver(self, mail: Mail, at: datetime) -> None:
        """Accepted and delivered, some seconds after it was handed over."""
        later = 2 + int(mail.message_id) % 8
        self.expect(mail, "processed", at)
        self.expect(mail, "delivered", at + timedelta(seconds=later), response="250 OK", ip="192.0.2.1", tls=1)

    def bounce(self, mail: Mail, at: datetime) -> None:
        """Accepted, then refused for good by the receiving server."""
        self.expect(mail, "processed", at)
        about = {"type": "bounce", "bounce_classification": "Invalid Address", "status": "5.1.1"}
        self.expect(mail, "bounce", at + timedelta(seconds=4), reason="550 5.1.1 unknown recipient", **about)

    def click(self, mail: Mail, at: datetime, link: str) -> None:
        """Somebody, or something, followed a link."""
        offset = {"index": mail.links.index(link), "type": "html"}
        self.expect(mail, "click", at, url=link, url_offset=offset, useragent=BROWSER, ip="203.0.113.7")

    def report(self, now: datetime, post: Post) -> None:
        """Tell everything that has happened by now, oldest first, in batches to `post`: the web app's webhook."""
        told = sorted((one for one in self._coming if one["timestamp"] <= now.timestamp()), key=_when)
        self._coming = [one for one in self._coming if one["timestamp"] > now.timestamp()]
        for start in range(0, len(told), BATCH):
            post(*self._signed(told[start : start + BATCH], now))

    def _signed(self, events: list[Event], now: datetime) -> tuple[bytes, dict[str, str]]:
        body = orjson.dumps(events)
        stamp = str(int(now.timestamp()))
        seal = self._key.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        signed = {SIGNATURE_HEADER: base64.b64encode(seal).decode(), TIMESTAMP_HEADER: stamp}
        return body, {"Content-Type": "application/json", **signed}

    def _event(self, mail: Mail, kind: str, at: datetime, fields: Mapping[str, object]) -> Event:
        ours = {ENVIRONMENT_ARG: self.environment, MESSAGE_ARG: mail.message_id, ATTEMPT_ARG: mail.attempt_id}
        return {
            **ours,
            "email": mail.address,
            "timestamp": int(at.timestamp()),
            "event": kind,
            "smtp-id": f"<demo.{mail.message_id}@mail.example.com>",
            "sg_event_id": base64.urlsafe_b64encode(uuid.uuid4().bytes).decode(),
            "sg_message_id": f"demo.{mail.message_id}.recvd-1-1.0",
            **fields,
        }


def read_mail(path: Path) -> Mail:
    """An .eml file of the outbox."""
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(mail, EmailMessage)
    body = mail.get_body(("html",))
    links = _LINK.findall(body.get_content()) if body else []
    return Mail(
        address=mail["To"].addresses[0].addr_spec,
        message_id=str(mail["X-Nurture-Message"]),
        attempt_id=str(mail["X-Nurture-Attempt"]),
        subject=str(mail["Subject"]),
        links=tuple(dict.fromkeys(link.replace("&amp;", "&") for link in links)),
        unsubscribe=str(mail["List-Unsubscribe"] or "").strip("<>"),
    )


def _when(event: Event) -> int:
    return int(event["timestamp"])
