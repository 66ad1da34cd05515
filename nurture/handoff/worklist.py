"""The list of a rep: every lead that it has in hand, the most urgent first, with what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import worklist as queries
from models.words import HandoffState
from nurture.brief import name_of, role_of
from nurture.core.agreement import Agreement
from nurture.core.office_hours import working_day
from nurture.core.owners import POOL
from nurture.core.promise import due_after_giving
from nurture.core.sales import Attempt
from nurture.handoff.sla import begun, calendar_of, touch_due, verdict_due
from nurture.ports import Ports

#: the lead's own code for a lead that nobody reaches, where the agreement has it
UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Item:
    """A lead on a list. Times are UTC.

    `due_at` is until when sales promised what comes next, in words in `due_for`: an answer, a first touch, a verdict.
    `attempt` is the next step of the playbook and `attempt_at` the working day it falls on; None once the lead was
    reached, or there is none left. `suggested` is a reason to give the lead back, where its attempts are used up.
    """

    handoff_id: int
    lead_id: int
    token: str
    token_until: datetime | None
    who: str
    role: str
    email: str
    phone: str
    state: str
    hand_raise: bool
    grade: str
    engagement: int
    offered_at: datetime
    due_at: datetime
    due_for: str
    overdue: bool
    touched_at: datetime | None
    snoozed_until: datetime | None
    kept_warm: bool
    attempts: int
    attempt: Attempt | None
    attempt_at: datetime | None
    suggested: str | None = None
    #: it said that it wants no sales contact
    do_not_call: bool = False
    #: when it was given on by a rep who had begun with it, and nothing was done since
    given_at: datetime | None = None
    #: it asked for a person, and nobody has reached out since or answered
    asks: bool = False

    @property
    def urgency(self) -> tuple[bool, bool, bool, datetime, int, int]:
        """What the list is in order of.

        What is put off comes last. Before it: who asked for a person and has not been called since; what is overdue;
        then by when it is due, the warmer lead first, and by number.
        """
        put_off = self.snoozed_until is not None
        when = self.snoozed_until or self.due_at
        return put_off, not self.asks, not self.overdue, when, -self.engagement, self.handoff_id


def worklist(connection: Connection, ports: Ports, owner: str, now: datetime) -> list[Item]:
    """Everything that a rep (or the `pool`) has in hand: offered, or accepted and without a verdict; in order.

    The pool also holds what belongs to reps who have left the agreement, so that everything is on one list.
    """
    agreement = ports.project.config.agreement
    keys = [one.key for one in agreement.owners]
    if owner not in keys and owner != POOL:
        return []
    rows = connection.execute(queries.OPEN_HANDOFFS, {"owner": owner, "names": keys}).all()
    ids = {"ids": [one.id for one in rows]}
    attempts = {row.handoff_id: row for row in connection.execute(queries.ATTEMPTS, ids)}
    given = {row.handoff_id: row.given_at for row in connection.execute(queries.GIVEN_ON, ids)}
    items = [_item(ports, row, attempts, given.get(row.id), now) for row in rows]
    return sorted(items, key=lambda item: item.urgency)


def _item(
    ports: Ports, row: Row[Any], attempts: Mapping[int, Row[Any]], given_at: datetime | None, now: datetime
) -> Item:
    agreement = ports.project.config.agreement
    tried = attempts.get(row.id)
    made, reached = (int(tried.made), bool(tried.reached)) if tried else (0, False)
    left = agreement.playbook[made:] if not reached and not row.no_sales_contact else ()
    due_at, due_for = _promised(ports, row, made, given_at)
    put_off = row.snoozed_until if row.snoozed_until and row.snoozed_until > now else None
    return Item(
        handoff_id=row.id,
        lead_id=row.lead_id,
        token=row.token,
        token_until=row.token_until,
        who=name_of(row) or row.email,
        role=role_of(row),
        email=row.email,
        phone=row.phone or "",
        state=row.state,
        hand_raise=bool(row.hand_raise),
        grade=row.grade or "",
        engagement=int(row.engagement),
        offered_at=row.offered_at,
        due_at=due_at,
        due_for=due_for,
        overdue=put_off is None and due_at < now,
        touched_at=row.touched_at,
        snoozed_until=put_off,
        kept_warm=bool(row.kept_warm),
        attempts=made,
        attempt=left[0] if left else None,
        attempt_at=_falls_on(ports, row, left[0]) if left else None,
        suggested=_suggested(agreement, made) if not reached else None,
        do_not_call=bool(row.no_sales_contact),
        given_at=given_at,
        asks=bool(row.asks) or (bool(row.hand_raise) and row.state == HandoffState.OFFERED and not row.touched_at),
    )


def _promised(ports: Ports, row: Row[Any], made: int, given_at: datetime | None) -> tuple[datetime, str]:
    config = ports.project.config
    if given_at:
        return due_after_giving(config, row.owner, given_at), "first touch"
    if row.state == HandoffState.OFFERED:
        return row.due_at, "answer"
    if not made:
        return touch_due(config, row), "first touch"
    return verdict_due(config, row.owner, row.decided_at), "verdict"


def _falls_on(ports: Ports, row: Row[Any], attempt: Attempt) -> datetime:
    return working_day(*calendar_of(ports.project.config, row.owner), begun(row), attempt.day)


def _suggested(agreement: Agreement, made: int) -> str | None:
    known = UNREACHABLE in agreement.reject_reasons
    return UNREACHABLE if known and made >= agreement.sla.attempts else None
