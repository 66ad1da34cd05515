"""SendGrid's Event Webhook read into nurture's words: two tables and one mapping function.

Tolerant, because the feed is: numbers come as strings, seconds as milliseconds, and new kinds appear. What
cannot be read is a BadEvent beside its neighbours, never the end of a batch.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from nurture.mail.events import BadEvent, DeliveryEvent, DeliveryKind, content_key
from nurture.mail.sendgrid.payload import ATTEMPT_ARG, ENVIRONMENT_ARG, MESSAGE_ARG

#: SendGrid cuts its batches at 768 kB, far below this
MAX_EVENTS = 10_000
#: real events are two levels deep
MAX_DEPTH = 20

_KINDS: Mapping[str, DeliveryKind] = {
    "processed": DeliveryKind.PROCESSED,
    "deferred": DeliveryKind.DEFERRED,
    "delivered": DeliveryKind.DELIVERED,
    "bounce": DeliveryKind.BOUNCED,
    "dropped": DeliveryKind.DROPPED,
    "open": DeliveryKind.OPENED,
    "click": DeliveryKind.CLICKED,
    "spamreport": DeliveryKind.COMPLAINED,
    "unsubscribe": DeliveryKind.OPTED_OUT,
    "group_unsubscribe": DeliveryKind.OPTED_OUT,
    "group_resubscribe": DeliveryKind.RESUBSCRIBED,
    "account_status_change": DeliveryKind.ACCOUNT_CHANGED,
}
#: types of a bounce that say nothing against the address
_TEMPORARY_BOUNCES = frozenset({"blocked", "expired"})

#: What makes an event itself. Not `sg_event_id`, which is reported to change when a batch is sent again.
_CONTENT = ("event", "email", "url", "attempt", "type", "reason", "asm_group_id")

_UNIX_TIME = re.compile(r"([0-9]{1,13})(?:\.[0-9]*)?")
_LATEST = 2**32  # the key holds four bytes
_MILLISECONDS = 10**11  # in seconds this would be the year 5138


class _Unreadable(Exception):
    """Says what is wrong with one entry."""


def read_events(body: bytes) -> list[DeliveryEvent | BadEvent]:
    """The entries of one webhook body, in order. Raises ValueError for a body that is not a JSON array of at
    most 10,000 entries; nothing else."""
    entries = orjson.loads(body)
    if not isinstance(entries, list):
        raise ValueError("the body is not a JSON array")
    if len(entries) > MAX_EVENTS:
        raise ValueError(f"the body holds more than {MAX_EVENTS} events")
    return [_read_or_quarantine(entry) for entry in entries]


def _read_or_quarantine(entry: Any) -> DeliveryEvent | BadEvent:
    try:
        return _read(entry)
    except _Unreadable as fault:
        # What is nested too deep would break whoever writes it down.
        return BadEvent(str(fault), None if _is_deeper(entry, MAX_DEPTH) else entry)


def _read(raw: Any) -> DeliveryEvent:
    _require_shape(raw)
    occurred = _seconds(raw.get("timestamp"))
    return DeliveryEvent(
        kind=_kind(raw),
        occurred_at=datetime.fromtimestamp(occurred, UTC),
        environment=_text(raw.get(ENVIRONMENT_ARG)),
        message_id=_text(raw.get(MESSAGE_ARG)),
        attempt_id=_text(raw.get(ATTEMPT_ARG)),
        provider_id=_text(raw.get("sg_message_id")),
        smtp_id=_text(raw.get("smtp-id")),
        address=_text(raw.get("email")),
        url=_text(raw.get("url")),
        url_offset=_url_offset(raw),
        reason=_text(raw.get("reason")) or _text(raw.get("response")),
        classification=_text(raw.get("bounce_classification")),
        machine=_text(raw.get("sg_machine_open")).lower() == "true",
        ip=_text(raw.get("ip")),
        user_agent=_text(raw.get("useragent")),
        key=_key(raw, occurred),
        raw=raw,
    )


def _require_shape(raw: Any) -> None:
    if not isinstance(raw, dict):
        raise _Unreadable("not a JSON object")
    if not isinstance(raw.get("event"), str):
        raise _Unreadable("the field event is missing or not a string")
    if _is_deeper(raw, MAX_DEPTH):
        raise _Unreadable(f"nested more than {MAX_DEPTH} deep")


def _is_deeper(value: Any, levels: int) -> bool:
    if isinstance(value, dict):
        value = list(value.values())
    return isinstance(value, list) and (levels == 0 or any(_is_deeper(item, levels - 1) for item in value))


def _seconds(timestamp: Any) -> int:
    """Whole Unix seconds, from an int, a float or a string of either, in seconds or milliseconds."""
    match = _UNIX_TIME.fullmatch(_text(timestamp))
    if not match:
        raise _Unreadable("the field timestamp is missing or not a Unix time")
    number = int(match[1])
    seconds = number // 1000 if number >= _MILLISECONDS else number
    if not 0 < seconds < _LATEST:
        raise _Unreadable("the field timestamp is out of range")
    return seconds


def _kind(raw: dict[str, Any]) -> DeliveryKind:
    kind = _KINDS.get(raw["event"], DeliveryKind.OTHER)
    if kind is DeliveryKind.BOUNCED and _text(raw.get("type")) in _TEMPORARY_BOUNCES:
        return DeliveryKind.BLOCKED
    return kind


def _url_offset(raw: dict[str, Any]) -> int | None:
    offset = raw.get("url_offset")
    index = _text(offset.get("index")) if isinstance(offset, dict) else ""
    return int(index) if re.fullmatch("[0-9]{1,9}", index) else None


def _key(raw: dict[str, Any], occurred: int) -> bytes:
    mail = _text(raw.get(ATTEMPT_ARG)) or _text(raw.get("sg_message_id")) or _text(raw.get("smtp-id"))
    offset = _url_offset(raw)
    return content_key(occurred, mail, str(offset), *(_text(raw.get(name)) for name in _CONTENT))


def _text(value: Any) -> str:
    """A scalar as text; NUL is left out, because PostgreSQL cannot store it."""
    if isinstance(value, str):
        return value.replace("\0", "").strip()
    return str(value) if isinstance(value, int | float) else ""
