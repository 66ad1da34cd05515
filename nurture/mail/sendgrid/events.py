"""SendGrid's Event Webhook read into nurture's words: two tables and one mapping function.

Tolerant, because the feed is: numbers come as strings, seconds as milliseconds, and new kinds appear. What
cannot be read is a BadEvent beside its neighbours, never the end of a batch.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson

from nurture.mail.events import BadEvent, DeliveryEvent, DeliveryKind, content_key
from nurture.mail.sendgrid.payload import ATTEMPT_ARG, ENVIRONMENT_ARG, MESSAGE_ARG

#: SendGrid cuts its batches at 768 kB, far below this
MAX_EVENTS = 10_000
#: real events are two levels deep
MAX_DEPTH = 20

#: More than this in one body is no events, and would fill the memory once it is parsed: a real one has 12 to 20 fields,
#: two of them lists or objects, and 10,000 of the larger kind are more than may come in at once.
_MOST_NESTS, _MOST_VALUES, _MOST_FIELDS = 5 * MAX_EVENTS, 15 * MAX_EVENTS, 500

_BOUNCE = "bounce"
_KINDS: Mapping[str, DeliveryKind] = {
    "processed": DeliveryKind.PROCESSED,
    "deferred": DeliveryKind.DEFERRED,
    "delivered": DeliveryKind.DELIVERED,
    _BOUNCE: DeliveryKind.BOUNCED,
    "dropped": DeliveryKind.DROPPED,
    "open": DeliveryKind.OPENED,
    "click": DeliveryKind.CLICKED,
    "spamreport": DeliveryKind.COMPLAINED,
    "unsubscribe": DeliveryKind.OPTED_OUT,
    "group_unsubscribe": DeliveryKind.OPTED_OUT,
    "group_resubscribe": DeliveryKind.RESUBSCRIBED,
    "account_status_change": DeliveryKind.ACCOUNT_CHANGED,
}
#: why a mail was dropped -> what put its address on the provider's list
_LISTS: Mapping[str, DeliveryKind] = {
    "bounced address": DeliveryKind.BOUNCED,
    "unsubscribed address": DeliveryKind.OPTED_OUT,
    "spam reporting address": DeliveryKind.COMPLAINED,
}
#: mails are dropped because of our account, and so will be all that follow
_OVER_QUOTA, OVER_QUOTA = "recipient list over package quota", "over_quota"
#: types of a bounce that say nothing against the address
_TEMPORARY_BOUNCES = frozenset({"blocked", "expired"})

#: what is read of an event beside its time and the place of its link, in the order in which `_read` names it
_FIELDS = (
    "event", "type", ENVIRONMENT_ARG, MESSAGE_ARG, ATTEMPT_ARG, "sg_message_id", "smtp-id", "email", "url", "reason",
    "response", "bounce_classification", "sg_machine_open", "ip", "useragent", "attempt", "asm_group_id",
)  # fmt: skip

_UNIX_TIME = re.compile(r"([0-9]{1,13})(?:\.[0-9]*)?")
_INDEX = re.compile(r"\s*[0-9]{1,9}\s*")
_LATEST = 2**32  # the key holds four bytes
_MILLISECONDS = 10**11  # in seconds this would be the year 5138
_NESTS, _SCALARS = frozenset({dict, list}), frozenset({str, int, float, bool})


class _Unreadable(Exception):
    """Says what is wrong with one entry."""


def read_events(body: bytes) -> list[DeliveryEvent | BadEvent]:
    """The entries of one webhook body, in order. Raises ValueError for a body that is not a JSON array of at
    most 10,000 entries; nothing else."""
    if len(body) > _MOST_VALUES and _holds_too_much(body):
        raise ValueError("the body holds far more than its events could")
    entries = _loaded(body)
    if not isinstance(entries, list):
        raise ValueError("the body is not a JSON array")
    if len(entries) > MAX_EVENTS:
        raise ValueError(f"the body holds more than {MAX_EVENTS} events")
    return [_read_or_quarantine(entry) for entry in entries]


def _holds_too_much(body: bytes) -> bool:
    """Asked of long bodies alone: in a short one there is no room for what would fill the memory."""
    return body.count(b"{") + body.count(b"[") > _MOST_NESTS or body.count(b",") > _MOST_VALUES


def _loaded(body: bytes) -> Any:
    """The body as JSON. What strict JSON refuses for one value (half of a character, a byte that is none, NaN, a bare
    tab) must not lose the complaint that stands beside it."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        try:
            return _storable(json.loads(body.decode("utf-8-sig", "replace"), strict=False, parse_int=_number))
        except RecursionError:
            raise ValueError("the body is nested too deeply") from None


def _number(digits: str) -> int | None:
    """An integer; nothing for one that nobody means, which Python would refuse together with the rest."""
    return int(digits) if len(digits) < 20 else None


def _storable(value: Any) -> Any:
    """Without halves of characters, which no database stores."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_storable(one) for one in value]
    return {_storable(name): _storable(one) for name, one in value.items()} if isinstance(value, dict) else value


def _read_or_quarantine(entry: Any) -> DeliveryEvent | BadEvent:
    try:
        return _read(entry)
    except _Unreadable as fault:
        return BadEvent(str(fault))


def _read(raw: Any) -> DeliveryEvent:
    _require_shape(raw)
    occurred, offset = _seconds(raw.get("timestamp")), _url_offset(raw)
    # scalars as text, without NUL, because PostgreSQL cannot store it; in line, for the sake of speed
    (
        event, subtype, environment, message, attempt, provider, smtp, address, url, reason, response, classification,
        machine, ip, agent, deferral, group,
    ) = [
        "" if value is None else value.replace("\0", "").strip() if value.__class__ is str else _scalar(value)
        for value in map(raw.get, _FIELDS)
    ]  # fmt: skip
    # Not `sg_event_id`, which is reported to change when a batch is sent again. Two who click in one second are two.
    key = content_key(
        occurred, attempt or provider or smtp, str(offset), event, address, url, deferral, subtype, reason, group, ip,
        agent,
    )  # fmt: skip
    kind, listed = _kind(event, subtype), None
    if kind is DeliveryKind.DROPPED:
        listed = _LISTS.get(reason.casefold())
        if reason.casefold() == _OVER_QUOTA:
            kind, subtype = DeliveryKind.ACCOUNT_CHANGED, OVER_QUOTA
    return DeliveryEvent(
        kind, _moment(occurred), environment, message, attempt, provider, smtp, address, url, offset,
        reason or response, classification, machine.lower() == "true", ip, agent, subtype, listed, key,
    )  # fmt: skip


def _scalar(value: Any) -> str:
    return str(value) if value.__class__ in _SCALARS else ""


@lru_cache(maxsize=4096)
def _moment(seconds: int) -> datetime:
    """The events of a mailing share their seconds."""
    return datetime.fromtimestamp(seconds, UTC)


def _require_shape(raw: Any) -> None:
    if not isinstance(raw, dict):
        raise _Unreadable("not a JSON object")
    if len(raw) > _MOST_FIELDS:
        raise _Unreadable(f"more than {_MOST_FIELDS} fields")
    if not isinstance(raw.get("event"), str):
        raise _Unreadable("the field event is missing or not a string")
    if _is_deeper(raw, MAX_DEPTH):
        raise _Unreadable(f"nested more than {MAX_DEPTH} deep")


def _is_deeper(value: Any, levels: int) -> bool:
    """Whether lists and objects stand more than so many levels in each other; most values are neither."""
    level: list[Any] = [value]
    for _ in range(levels):
        level = [
            item for nest in level for item in (nest.values() if type(nest) is dict else nest) if type(item) in _NESTS
        ]
        if not level:
            return False
    return True


def _seconds(timestamp: Any) -> int:
    """Whole Unix seconds, from an int, a float or a string of either, in seconds or milliseconds."""
    if type(timestamp) is int and 0 < timestamp < _LATEST:
        return timestamp
    match = _UNIX_TIME.fullmatch(str(timestamp).strip())
    if not match:
        raise _Unreadable("the field timestamp is missing or not a Unix time")
    number = int(match[1])
    seconds = number // 1000 if number >= _MILLISECONDS else number
    if not 0 < seconds < _LATEST:
        raise _Unreadable("the field timestamp is out of range")
    return seconds


def _kind(event: str, subtype: str) -> DeliveryKind:
    if event == _BOUNCE and subtype in _TEMPORARY_BOUNCES:
        return DeliveryKind.BLOCKED
    return _KINDS.get(event) or DeliveryKind.OTHER


def _url_offset(raw: dict[str, Any]) -> int | None:
    offset = raw.get("url_offset")
    if offset is None:
        return None
    index = offset.get("index") if isinstance(offset, dict) else None
    return int(index) if isinstance(index, int | str) and _INDEX.fullmatch(str(index)) else None
