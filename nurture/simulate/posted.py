"""What comes in over the web: as the mail provider posts it, and as the site does."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime

import orjson

from nurture.errors import UserError
from nurture.mail import Email
from nurture.mail.sendgrid.payload import ATTEMPT_ARG, ENVIRONMENT_ARG, MESSAGE_ARG

BROWSER = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"
#: what is asked for -> what people write; it is read as any other reply is
WORDS: Mapping[str, str] = {
    "stop": "Please unsubscribe me.",
    "call-me": "Yes please, call me.",
    "wrong-person": "I am not responsible for this, please ask my colleague.",
    "not-now": "Not now, please try again later.",
    "not-interested": "Not interested, thank you.",
    "question": "Does it work for a plant like ours?",
    "other": "Thanks, that was a good read.",
}
_FENCE = "--a-simulated-mail"


def event(
    email: Email, what: str, at: datetime, environment: str, *, url: str = "", caller: tuple[str, str] = ("", "")
) -> dict[str, object]:
    """An entry of SendGrid's Event Webhook; `what` is SendGrid's word. `caller` is who follows a link (address on the
    net, program), where that is not the reader."""
    told: dict[str, object] = {
        ENVIRONMENT_ARG: environment,
        MESSAGE_ARG: email.message_id,
        ATTEMPT_ARG: email.attempt_id,
        "email": email.to.address,
        "timestamp": int(at.timestamp()),
        "event": what,
    }
    if what == "click":
        ip, agent = caller
        return told | {"url": url, "useragent": agent or BROWSER, "ip": ip or _home(email.to.address)}
    if what == "bounce":
        return told | {"type": "bounce", "reason": "550 5.1.1 unknown recipient"}
    return told


def _home(address: str) -> str:
    """A reader's own address on the net (198.18.0.0/15, which is nobody's, RFC 2544): many behind one are a gateway."""
    number = zlib.crc32(address.encode())
    return f"198.{18 + (number >> 16) % 2}.{number >> 8 & 255}.{number & 255}"


def reply(email: Email, intent: str, at: datetime, message: str = "") -> bytes:
    """An answer to a mail, as SendGrid's Inbound Parse posts it in fields. Raises UserError where answers do not come
    to us."""
    if email.reply_to is None:
        raise UserError(f"reply {intent}: answers to that mail go to {email.sender.address}, who sent it")
    reader, to = email.to.address, email.reply_to.address
    return _form(
        {
            "headers": f"Date: {format_datetime(at)}",
            "from": reader,
            "to": to,
            "subject": f"Re: {email.subject}",
            "text": message or WORDS[intent],
            "envelope": orjson.dumps({"to": [to], "from": reader}).decode(),
        }
    )


def _form(fields: Mapping[str, str]) -> bytes:
    parts = [f'{_FENCE}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{fields[name]}\r\n' for name in fields]
    return f"{''.join(parts)}{_FENCE}--\r\n".encode()


def submission(address: str, at: datetime, message: str) -> bytes:
    """A form as the web app stores it."""
    return orjson.dumps({"email": address, "message": message, "occurred_at": at.isoformat()})


def call(address: str, at: datetime, **what: object) -> bytes:
    """A call of the site's server about somebody who is logged in, in Segment's shape."""
    return orjson.dumps({"userId": address, "timestamp": at.isoformat()} | what)
