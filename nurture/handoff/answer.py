"""Sales' answer: accept, or reject with a reason that says where the lead goes and when it may come back.

Beside it stands sales' verdict, in a row of its own: what marketing decided, and why, is never changed by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import deals, sales
from models.statement import write
from models.words import HandoffState
from nurture.announce import announce
from nurture.core.lifecycle import Stage
from nurture.core.owners import POOL
from nurture.core.sales import RejectReason
from nurture.core.suggest import did_you_mean
from nurture.enroll import trigger
from nurture.errors import UsageError
from nurture.handoff.open import hold, read
from nurture.handoff.reassign import give_to
from nurture.handoff.stages import move
from nurture.handoff.take import is_free
from nurture.handoff.worklist import UNREACHABLE
from nurture.ports import Ports

#: what sales may say to a question about a lead; saying nothing is no answer
SAID = ("yes", "no", "unknown")
#: a lead rests no longer than this; who wants to be asked later is asked anew then
LONGEST_REST = timedelta(days=3 * 365)

_ANSWER = write(
    """
    UPDATE handoff SET state = :state, decided_at = :now, decided_by = :by, reason = :reason, note = :note,
        recycle_at = :recycle_at, touched_at = coalesce(touched_at, :now), rung_due_at = NULL, snoozed_until = NULL
    WHERE id = :id AND state = 'offered'
    """
)
_OPEN_DEAL = write(
    """
    INSERT INTO opportunity (lead_id, handoff_id, state, opened_at, source)
    VALUES (:lead_id, :handoff_id, 'open', :now, :source) ON CONFLICT (handoff_id) DO NOTHING
    """
)
#: who stood in for its rep has it from now on
_KEEP = write("UPDATE lead SET owner = :owner WHERE id = :lead_id")
#: the deal that the CRM had opened with the lead before sales took it
_TAKE_DEAL = write(
    """
    UPDATE opportunity SET handoff_id = :handoff_id
    WHERE id = (SELECT MAX(id) FROM opportunity WHERE lead_id = :lead_id AND state = 'open' AND handoff_id IS NULL)
    """
)
_NOTE_DOWN = write(
    """
    INSERT INTO disposition (handoff_id, lead_id, at, by, project, budget, note)
    VALUES (:handoff_id, :lead_id, :now, :by, :project, :budget, :note) ON CONFLICT (handoff_id) DO NOTHING
    """
)
_JUDGE = write(
    """
    INSERT INTO disposition (handoff_id, lead_id, at, by, right_person, ready, helpful, note)
    VALUES (:handoff_id, :lead_id, :now, :by, :right_person, :ready, :helpful, :note)
    ON CONFLICT (handoff_id) DO UPDATE SET at = :now, by = :by, right_person = :right_person, ready = :ready,
        helpful = :helpful, note = coalesce(:note, disposition.note)
    """
)
_REST = write(
    """
    UPDATE lead SET cycle = cycle + 1, rejected_times = rejected_times + 1, recycled_at = :now
    WHERE id = :lead_id
    """
)


@dataclass(frozen=True, slots=True)
class Given:
    """What sales says when it takes a lead: is there a project, is there a budget (yes, no or unknown)."""

    project: str
    budget: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """What a handoff says after an answer. `fresh` is False where it had been answered before; that answer stands."""

    handoff: Row[Any]
    fresh: bool


def accept(ports: Ports, handoff_id: int, by: str, given: Given) -> Answered:
    """Sales takes the lead: a deal is opened, once for each handoff, and marketing stays silent.

    A rep who accepts a lead that nobody has takes it by that. Raises UsageError where it is not said whether there is a
    project and a budget, and for a rep's answer about a lead that waits for another one.
    """
    _check_said(project=given.project, budget=given.budget)
    now = ports.clock.now()
    with ports.database.transaction("accept") as connection:
        handoff = hold(connection, handoff_id)
        if handoff.state == HandoffState.OFFERED and by in (reps := _names(ports)):
            if is_free(ports, handoff):
                give_to(connection, ports, handoff, by, "taken from the pool", now, by)
            elif handoff.owner != by:
                raise UsageError(_anothers(handoff, by, reps[handoff.owner]))
        fresh = take_on(connection, ports, read(connection, handoff_id), by, given, now)
        return Answered(read(connection, handoff_id), fresh)


def _names(ports: Ports) -> Mapping[str, str]:
    return {owner.key: owner.name for owner in ports.project.config.agreement.owners}


def _anothers(handoff: Row[Any], by: str, name: str) -> str:
    give = f"`nurture handoffs reassign {handoff.id} --by {handoff.owner} --to {by}`"
    return f"{name} has handoff {handoff.id}: only its rep accepts it; to give it to {by}: {give}"


def take_on(connection: Connection, ports: Ports, handoff: Row[Any], by: str, given: Given, now: datetime) -> bool:
    """Accept an offered handoff whose lead this transaction holds; whether this is the answer."""
    if not _write(connection, handoff.id, HandoffState.ACCEPTED, by, now, note=given.note):
        return False
    config, lead_id = ports.project.config, handoff.lead_id
    told = {"handoff_id": handoff.id, "by": by}
    about = {"handoff_id": handoff.id, "lead_id": lead_id, "now": now}
    connection.execute(_NOTE_DOWN, {**about, "by": by, "project": given.project, "budget": given.budget, "note": None})
    if handoff.owner != POOL:
        connection.execute(_KEEP, {"lead_id": lead_id, "owner": handoff.owner})
    _move(connection, ports, handoff, "opportunity", now, by, "accepted by sales")
    announce(connection, config, "handoff.accepted", lead_id, told, key=str(handoff.id), now=now)
    _have_deal(connection, ports, handoff, now)
    return True


def _have_deal(connection: Connection, ports: Ports, handoff: Row[Any], now: datetime) -> None:
    """The deal that sales works on: the one that the CRM has open with the lead already, else a new one."""
    about = {"handoff_id": handoff.id, "lead_id": handoff.lead_id}
    if connection.execute(_TAKE_DEAL, about).rowcount:
        return
    connection.execute(_OPEN_DEAL, {**about, "now": now, "source": "sales"})
    deal = connection.execute(deals.OF_HANDOFF, {"handoff_id": handoff.id}).one()
    opened = {"opportunity_id": deal.id, "handoff_id": handoff.id}
    announce(connection, ports.project.config, "opportunity.opened", handoff.lead_id, opened, key=str(deal.id), now=now)


def reject(
    ports: Ports, handoff_id: int, by: str, reason: str, note: str = "", until: datetime | None = None
) -> Answered:
    """Sales gives the lead back. The reason's track decides: nurtured again after its delay, or never.

    `until` is the day (UTC) that the lead itself named; it takes the place of the reason's delay. Raises UsageError for
    a reason that is not in the agreement, or that needs a note and has none, or a day that makes no sense.
    """
    now = ports.clock.now()
    terms = check_reason(ports, reason, note)
    back_at = rests_until(terms, until, now)
    with ports.database.transaction("reject") as connection:
        handoff = hold(connection, handoff_id)
        if handoff.state == HandoffState.OFFERED and reason == UNREACHABLE:
            _check_tried(connection, ports, handoff_id, note)
        rejected = HandoffState.REJECTED
        fresh = _write(connection, handoff_id, rejected, by, now, note=note, reason=reason, recycle_at=back_at)
        if fresh:
            _give_back(connection, ports, handoff, by, reason, note, back_at, now)
        return Answered(read(connection, handoff_id), fresh)


def _give_back(
    connection: Connection,
    ports: Ports,
    handoff: Row[Any],
    by: str,
    reason: str,
    note: str,
    back_at: datetime | None,
    now: datetime,
) -> None:
    config, lead_id = ports.project.config, handoff.lead_id
    terms = config.agreement.reject_reasons[reason]
    about = {"handoff_id": handoff.id, "lead_id": lead_id, "now": now, "by": by, "note": note or None}
    connection.execute(_NOTE_DOWN, {**about, "project": None, "budget": None})
    _move(connection, ports, handoff, TRACKS[terms.track], now, by, f"rejected: {terms.label}")
    told = {"handoff_id": handoff.id, "by": by, "reason": reason, "track": terms.track}
    announce(connection, config, "handoff.rejected", lead_id, told, key=str(handoff.id), now=now)
    connection.execute(_REST, {"lead_id": lead_id, "now": now})
    if back_at:
        trigger(connection, [lead_id], "handoff_rejected", back_at)


#: track of a reason -> the stage it leads to
TRACKS: Mapping[str, Stage] = {"recycle": "recycled", "disqualify": "disqualified"}


def check_reason(ports: Ports, reason: str, note: str) -> RejectReason:
    """The agreement's terms for a reason code. Raises UsageError for one it has not, or one that needs a note."""
    reasons = ports.project.config.agreement.reject_reasons
    if reason not in reasons:
        raise UsageError(f"unknown reason '{reason}'{did_you_mean(reason, reasons)}; there are: {', '.join(reasons)}")
    if reasons[reason].needs_note and not note.strip():
        raise UsageError(f"'{reasons[reason].label}' needs a note that says more")
    return reasons[reason]


def rests_until(terms: RejectReason, until: datetime | None, now: datetime) -> datetime | None:
    """When nurture starts again: on the day that was named, else after the reason's delay; None is never."""
    if until is not None:
        if terms.after_days is None:
            raise UsageError(f"'{terms.label}' is for good; a day goes with a reason that lets the lead rest")
        if not now < until <= now + LONGEST_REST:
            raise UsageError("choose a day that lies ahead, within the next three years")
        return until
    return now + timedelta(days=terms.after_days) if terms.after_days else None


def judge(
    ports: Ports, handoff_id: int, by: str, right_person: str, ready: str, helpful: str, note: str = ""
) -> Row[Any]:
    """Sales' verdict on a lead that it has answered: was it the right person, was it ready to talk, did what marketing
    sent help. Said again, the latest stands, with its date.

    Raises UsageError for an answer other than yes, no or unknown, for a handoff that waits for its answer or was
    withdrawn, and where somebody else has the lead.
    """
    answers = {"right_person": right_person, "ready": ready, "helpful": helpful}
    _check_said(**answers)
    with ports.database.transaction("judge") as connection:
        handoff = hold(connection, handoff_id)
        if handoff.state not in (HandoffState.ACCEPTED, HandoffState.REJECTED):
            raise UsageError(f"handoff {handoff_id} is {handoff.state}: accept or reject the lead first")
        if by not in (handoff.owner, handoff.decided_by):
            raise UsageError(f"{handoff.owner} has handoff {handoff_id}, and says what became of it")
        about = {"handoff_id": handoff_id, "lead_id": handoff.lead_id, "now": ports.clock.now(), "by": by}
        connection.execute(_JUDGE, {**about, **answers, "note": note or None})
        return connection.execute(sales.DISPOSITION, {"handoff_id": handoff_id}).one()


def _check_said(**answers: str) -> None:
    for question, said in answers.items():
        if said not in SAID:
            what = question.replace("_", " ")
            raise UsageError(f"say about the {what}: yes, no or unknown" if not said else _unknown(what, said))


def _unknown(question: str, said: str) -> str:
    return f"'{said}' is no answer about the {question}{did_you_mean(said, SAID)}; there are: {', '.join(SAID)}"


def _check_tried(connection: Connection, ports: Ports, handoff_id: int, note: str) -> None:
    """Nobody is out of reach before the promised attempts were made, or somebody says why."""
    promised = ports.project.config.agreement.sla.attempts
    made = int(connection.execute(deals.ATTEMPTS, {"handoff_id": handoff_id}).one().made)
    if made < promised and not note.strip():
        raise UsageError(
            f"out of reach after {made} of {promised} attempts? Log the others first, or say why in a note"
        )


def _move(
    connection: Connection, ports: Ports, handoff: Row[Any], to: Stage, now: datetime, by: str, because: str
) -> None:
    lead = connection.execute(sales.LOCK_LEAD, {"id": handoff.lead_id}).one()
    move(
        connection, ports.project.config, lead.id, lead.stage, to, now, actor=by, because=because,
        handoff_id=handoff.id, agreement_version=ports.project.agreement_version,
    )  # fmt: skip


def _write(
    connection: Connection,
    handoff_id: int,
    state: HandoffState,
    by: str,
    now: datetime,
    *,
    note: str = "",
    reason: str | None = None,
    recycle_at: datetime | None = None,
) -> bool:
    """Whether this is the answer; a second one, whoever gives it, changes nothing."""
    values = {"state": state, "now": now, "by": by, "reason": reason, "note": note or None, "recycle_at": recycle_at}
    return connection.execute(_ANSWER, values | {"id": handoff_id}).rowcount == 1
