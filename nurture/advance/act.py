"""Steps that mail nobody: each is done in the transaction that moves the lead past it, so it is done once.

A promotion has a transaction of its own, because the gate looks at everything about a lead; all others of a claim
share one.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import InterfaceError, OperationalError

from models.queries import journey
from models.statement import write
from models.words import EnrollmentState
from nurture.advance.claim import Claim
from nurture.advance.report import Report
from nurture.alerts.note import NOTE_ALERT
from nurture.core.decide import arrive
from nurture.core.fields import SETTABLE_FIELDS
from nurture.core.qualify import Qualification
from nurture.core.steps import AlertStep, PromoteStep, SetStep, Step, TagStep, WebhookStep, in_words
from nurture.handoff import qualify_lead, reconsider
from nurture.handoff.qualify import PUT_OFF
from nurture.outbox import enqueue
from nurture.ports import Ports
from nurture.suppress import hold_leads
from nurture.webhooks import enqueue_step

S = TypeVar("S", bound=Step)

log = logging.getLogger(__name__)

CANNOT_JUDGE = "it cannot be judged; it is asked again in an hour"

_PASS = write(
    """
    UPDATE enrollment SET step = :step, since = :since, until = :until, waiting = :waiting, due_at = :due_at,
        why = :why, lease_until = NULL
    WHERE id = :id AND fence = :fence AND state = 'active'
    """
)
_PUT_OFF = write(
    """
    UPDATE enrollment SET due_at = :due_at, why = :why, lease_until = NULL
    WHERE id = :id AND fence = :fence AND state = 'active'
    """
)
_TAG = write("INSERT INTO lead_tag (lead_id, tag, since) VALUES (:lead_id, :tag, :now) ON CONFLICT DO NOTHING")
_UNTAG = write("DELETE FROM lead_tag WHERE lead_id = :lead_id AND tag = :tag")
_SET = {field: write(f"UPDATE lead SET {field} = :value WHERE id = :lead_id") for field in SETTABLE_FIELDS}


def act(ports: Ports, claims: Sequence[Claim], report: Report) -> None:
    """Do what these claims' steps say, and let each lead go on; one that has changed hands meanwhile is left alone."""
    for one, step in _with(PromoteStep, claims):
        _promote(ports, one, step, report)
    deeds = [one for one in claims if one.deed and not isinstance(one.deed, PromoteStep)]
    if not deeds:
        return
    with ports.database.transaction("act") as connection:
        hold_leads(connection, {one.row.lead_id for one in deeds})
        now = ports.clock.now()
        ours = _still_ours(connection, deeds)
        _alert(connection, _with(AlertStep, ours), now)
        _tell(connection, _with(WebhookStep, ours), now)
        _tag(connection, _with(TagStep, ours), now)
        _set(connection, _with(SetStep, ours))
        reconsider(connection, {one.row.lead_id for one in ours if isinstance(one.deed, TagStep | SetStep)}, now)
        _pass(connection, ours, now)
    for one in ours:
        report.add(one.outcome("acted", in_words(one.deed) if one.deed else ""))


def _promote(ports: Ports, one: Claim, step: PromoteStep, report: Report) -> None:
    """Ask the gate, record its answer with the checklist, and let the lead go on where it said no.

    A lead that cannot be judged waits for an hour where it is, and does not keep the others waiting.
    """
    try:
        answer = _ask(ports, one, step)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("lead %s cannot be judged; its sequence asks again in an hour", one.row.lead_id)
        report.add(one.outcome("failed", CANNOT_JUDGE, _put_off(ports, one)))
        return
    if answer:
        report.add(one.outcome("promoted" if answer.to else "refused", answer.because))


def _ask(ports: Ports, one: Claim, step: PromoteStep) -> Qualification | None:
    """What the gate says; None if the enrollment has changed hands."""
    with ports.database.transaction("promote") as connection:
        hold_leads(connection, [one.row.lead_id])
        if not _still_ours(connection, [one]):
            return None
        now = ports.clock.now()
        answer = qualify_lead(connection, ports, one.row.lead_id, now, asked_by=f"{one.sequence.name}/{step.id}")
        _pass(connection, [one], now)
    return answer


def _put_off(ports: Ports, one: Claim) -> datetime:
    due_at = ports.clock.now() + PUT_OFF
    with ports.database.transaction("put off") as connection:
        about = {"id": one.row.id, "fence": one.fence, "due_at": due_at, "why": CANNOT_JUDGE}
        connection.execute(_PUT_OFF, about)
    return due_at


def _still_ours(connection: Connection, claims: Sequence[Claim]) -> list[Claim]:
    ids = {"ids": [one.row.id for one in claims]}
    fences = {
        row.id: row.fence for row in connection.execute(journey.FENCES, ids) if row.state == EnrollmentState.ACTIVE
    }
    return [one for one in claims if fences.get(one.row.id) == one.fence]


def _with(kind: type[S], claims: Sequence[Claim]) -> list[tuple[Claim, S]]:
    """The claims whose step is of this kind, each with it."""
    return [(one, one.deed) for one in claims if isinstance(one.deed, kind)]


def _alert(connection: Connection, alerts: Sequence[tuple[Claim, AlertStep]], now: datetime) -> None:
    for one, step in alerts:
        payload = {
            "enrollment_id": one.row.id,
            "lead_id": one.row.lead_id,
            "sequence": one.sequence.name,
            "step": step.id,
            "to": step.to,
            "note": step.note,
        }
        enqueue(connection, f"note:{one.row.id}:{step.id}", NOTE_ALERT, payload, now)


def _tell(connection: Connection, told: Sequence[tuple[Claim, WebhookStep]], now: datetime) -> None:
    for one, step in told:
        enqueue_step(
            connection,
            webhook=step.webhook,
            enrollment_id=one.row.id,
            lead_id=one.row.lead_id,
            sequence=one.sequence.name,
            step=step.id,
            now=now,
        )


def _tag(connection: Connection, tagged: Sequence[tuple[Claim, TagStep]], now: datetime) -> None:
    for statement, remove in ((_TAG, False), (_UNTAG, True)):
        rows = [
            {"lead_id": one.row.lead_id, "tag": tag, "now": now}
            for one, step in tagged
            if step.remove is remove
            for tag in step.tags
        ]
        if rows:
            connection.execute(statement, rows)


def _set(connection: Connection, settings: Sequence[tuple[Claim, SetStep]]) -> None:
    for field, statement in _SET.items():
        rows = [
            {"lead_id": one.row.lead_id, "value": step.values[field]} for one, step in settings if field in step.values
        ]
        if rows:
            connection.execute(statement, rows)


def _pass(connection: Connection, claims: Sequence[Claim], now: datetime) -> None:
    """These leads go on from the step, as if it had taken no time."""
    rows = []
    for one in claims:
        assert one.deed is not None
        here, facts = one.position, one.facts
        following = arrive(one.sequence, one.deed.next, here.since, here.entered_at, facts.zone, facts.country)
        rows.append({"id": one.row.id, "fence": one.fence} | following.columns(now))
    if rows:
        connection.execute(_PASS, rows)
