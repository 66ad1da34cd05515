"""What becomes of a lead that waits when the text of its sequence changes: the engine's own decision, taken at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import plan as queries
from models.words import MessageState
from nurture.advance.claim import TAKEN_OUT, Claim, decide_all, position_of
from nurture.core.decide import Exit, Position, Send, Wait
from nurture.library import Live
from nurture.ports import Ports

Mails = Mapping[int, Sequence[Row[Any]]]


@dataclass(frozen=True, slots=True)
class Anew:
    """One waiting enrollment by the text that is live, or is to be.

    It leaves (`exit`), or stands at `position` and is looked at at `due_at`. `claim` is the decision; there is none
    where the sequence was taken out or is paused.
    """

    row: Row[Any]
    version: str
    position: Position
    due_at: datetime | None
    exit: Exit | None = None
    claim: Claim | None = None


def decide_anew(
    connection: Connection, ports: Ports, live: Live, rows: Sequence[Row[Any]], mails: Mails, now: datetime
) -> list[Anew]:
    """What becomes of these enrollments. Those whose text is not understood stay as they are, and are left out."""
    out = [_out(row) for row in rows if live.is_out(row)]
    held = [_held(live, row) for row in rows if live.text_for(row) and not live.moves(row)]
    moving = [row for row in rows if live.moves(row)]
    claims = decide_all(connection, ports, live, moving, now) if moving else []
    return [*out, *held, *(_decided(one, _tries(mails, one), now) for one in claims)]


def mails_of(connection: Connection, rows: Iterable[Row[Any]]) -> Mails:
    """By enrollment, its mails and how often each was tried."""
    mails: dict[int, list[Row[Any]]] = {row.id: [] for row in rows}
    for mail in connection.execute(queries.MAILS, {"ids": sorted(mails)}):
        mails[mail.enrollment_id].append(mail)
    return mails


def _out(row: Row[Any]) -> Anew:
    return Anew(row, row.version, Position(row.step, row.since, row.entered_at), None, TAKEN_OUT)


def _held(live: Live, row: Row[Any]) -> Anew:
    """A pause keeps positions and times."""
    text = live.text_for(row)
    assert text is not None
    return Anew(row, text.version, position_of(live, text, row), row.due_at)


def _decided(one: Claim, tries: int, now: datetime) -> Anew:
    anew = Anew(one.row, one.sequence.version, one.position, min(one.row.due_at, now), claim=one)
    match one.decision:
        case Exit() as leaving:
            return replace(anew, due_at=None, exit=leaving)
        case Wait() as wait:
            return replace(anew, position=one.position.during(wait), due_at=wait.until)
        case Send() if tries and one.position.step == one.row.step and one.row.lease_until is None:
            # the provider would not have it a while ago, and is asked again when that time is over
            return replace(anew, due_at=one.row.due_at)
        case _:
            return replace(anew, position=replace(one.position, until=None, waiting=None))


def _tries(mails: Mails, one: Claim) -> int:
    tried = (
        mail.tries
        for mail in mails.get(one.row.id, ())
        if mail.step == one.position.step and mail.state == MessageState.PLANNED
    )
    return next(tried, 0)
