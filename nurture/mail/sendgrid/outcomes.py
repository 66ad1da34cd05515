"""What SendGrid's answer says about a mail. The rule behind the table: when in doubt it is UNKNOWN.

SendGrid has no idempotency key, so a mail posted again is a mail received twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from nurture.mail import Outcome, Receipt

#: seconds to hold back after a 429 that does not say until when, and the longest hold it may ask for
DEFAULT_HOLD = 60.0
LONGEST_HOLD = 3600.0

_LONGEST_REASON = 500

_OUTCOMES: Mapping[int, Outcome] = {
    200: Outcome.ACCEPTED,  # sandbox: looked at, not sent
    202: Outcome.ACCEPTED,
    # about this mail: it would fail again
    400: Outcome.REJECTED,
    404: Outcome.REJECTED,
    405: Outcome.REJECTED,
    406: Outcome.REJECTED,
    413: Outcome.REJECTED,
    415: Outcome.REJECTED,
    # about our account: a wrong key, used-up credits, an unverified sender
    401: Outcome.NOT_ACCEPTED,
    403: Outcome.NOT_ACCEPTED,
    # about our pace
    429: Outcome.NOT_ACCEPTED,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back over HTTP."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Nothing came back, and what that says."""

    outcome: Outcome
    reason: str


def classify(status: int, headers: Mapping[str, str], body: bytes, now: datetime, attempt_id: str = "") -> Receipt:
    """The receipt for an answer. A status outside the table, 5xx above all, may come from a gateway that had
    already passed the mail on. `headers` must find names in any case, or be in SendGrid's spelling."""
    outcome = _OUTCOMES.get(status, Outcome.UNKNOWN)
    if outcome is Outcome.ACCEPTED:
        return Receipt(attempt_id, outcome, provider_id=headers.get("X-Message-Id", ""))
    return Receipt(
        attempt_id,
        outcome,
        reason=_reason(status, body),
        retry_after=_hold(headers.get("X-RateLimit-Reset", ""), now) if status == 429 else None,
        closes_gate=status in (401, 403),
    )


def _hold(reset: str, now: datetime) -> float:
    """Seconds until `reset`, a Unix time as text."""
    if not (reset.isdecimal() and len(reset) <= 12):
        return DEFAULT_HOLD
    seconds = int(reset) - now.timestamp()
    return min(seconds, LONGEST_HOLD) if seconds > 0 else DEFAULT_HOLD


def _reason(status: int, body: bytes) -> str:
    said = "; ".join(filter(None, (_said(error) for error in _errors(body))))
    return " ".join(f"SendGrid answered {status}{': ' if said else ''}{said}".split())[:_LONGEST_REASON]


def _said(error: Any) -> str:
    """`field: message`, each of which SendGrid may leave out."""
    if not isinstance(error, dict):
        return ""
    return ": ".join(part for part in (error.get("field"), error.get("message")) if isinstance(part, str))


def _errors(body: bytes) -> list[Any]:
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return []  # the web page of a gateway
    errors = answer.get("errors") if isinstance(answer, dict) else None
    return errors if isinstance(errors, list) else []
