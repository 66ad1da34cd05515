"""Reaching out: what a rep did by hand with a lead is written down, and the first time stops the clock."""

from __future__ import annotations

from typing import Any, get_args

from sqlalchemy import Row

from models.queries.desk import LOGGED_SINCE
from models.statement import write
from nurture.core.sales import Touch
from nurture.core.suggest import did_you_mean
from nurture.errors import UsageError
from nurture.handoff.open import hold, log, read
from nurture.ports import Ports

KINDS: tuple[str, ...] = get_args(Touch)
#: outcome -> what it means
OUTCOMES = {"reached": "spoke with the lead", "left_message": "left a message", "no_answer": "nobody answered"}

_TOUCHED = write("UPDATE handoff SET touched_at = coalesce(touched_at, :at), rung_due_at = NULL WHERE id = :id")


def log_touch(
    ports: Ports, handoff_id: int, by: str, kind: str, outcome: str, note: str = "", seen: int | None = None
) -> Row[Any]:
    """Write down a call, a mail or a meeting, and what came of it. The ladder climbs no further.

    `seen` is the number of the last entry of the log that the rep had before its eyes: the same words after it are the
    same touch, pressed twice. Raises UsageError for a kind or an outcome that there is none of, and for a handoff that
    there is none of.
    """
    _check("kind", kind, KINDS)
    _check("outcome", outcome, OUTCOMES)
    now = ports.clock.now()
    with ports.database.transaction("log touch") as connection:
        handoff = hold(connection, handoff_id)
        told = {"by": by, "kind": kind, "outcome": outcome, "note": note}
        if (
            seen is not None
            and connection.execute(LOGGED_SINCE, {"handoff_id": handoff_id, "seen": seen, **told}).all()
        ):
            return handoff
        log(connection, handoff, kind, by, now, outcome=outcome, note=note)
        connection.execute(_TOUCHED, {"id": handoff_id, "at": now})
        return read(connection, handoff_id)


def _check(what: str, given: str, known: tuple[str, ...] | dict[str, str]) -> None:
    if given not in known:
        raise UsageError(f"unknown {what} '{given}'{did_you_mean(given, known)}; there are: {', '.join(known)}")
