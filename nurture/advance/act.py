"""Steps that mail nobody: each is done in the transaction that moves the lead past it, so it is done once.

Promotions have a transaction of their own, because the gate looks at everything about a lead; all others of a claim
share one.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection

from models.queries import journey
from models.statement import write
from models.words import EnrollmentState
from nurture.advance.claim import Claim
from nurture.advance.report import Outcome, Report
from nurture.alerts.note import NOTE_ALERT
from nurture.core.decide import arrive
from nurture.core.fields import SETTABLE_FIELDS
from nurture.core.steps import AlertStep, PromoteStep, SetStep, Step, TagStep, WebhookStep, in_words
from nurture.handoff import qualify_leads, reconsider
from nurture.handoff.qualify import PUT_OFF
from nurture.outbox import enqueue
from nurture.ports import Ports
from nurture.suppress import hold_leads
from nurture.together import together
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
    for turn in _turns([one for one in claims if isinstance(one.deed, PromoteStep)]):
        for outcomes in together(turn, partial(_promote, ports), partial(_put_off, ports)):
            for outcome in outcomes:
                report.add(outcome)
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


def _turns(claims: Sequence[Claim]) -> list[list[Claim]]:
    """These claims, so that a lead that two sequences have is asked about again when its first answer is known."""
    turns: list[dict[int, Claim]] = []
    for one in claims:
        turn = next((turn for turn in turns if one.row.lead_id not in turn), None)
        if turn is None:
            turns.append(turn := {})
        turn[one.row.lead_id] = one
    return [list(turn.values()) for turn in turns]


def _promote(ports: Ports, claims: Sequence[Claim]) -> list[Outcome]:
    """Ask the gate, record its answers with the checklists, and let those leads go on where it said no.

    Enrollments that have changed hands are left alone.
    """
    with ports.database.transaction("promote") as connection:
        hold_leads(connection, [one.row.lead_id for one in claims])
        ours = {one.row.lead_id: one for one in _still_ours(connection, claims)}
        now = ports.clock.now()
        asked_by = {lead_id: f"{one.sequence.name}/{one.position.step}" for lead_id, one in ours.items()}
        answers = qualify_leads(connection, ports, asked_by, now)
        _pass(connection, list(ours.values()), now)
    return [
        ours[lead_id].outcome("promoted" if answer.to else "refused", answer.because)
        for lead_id, answer in answers.items()
    ]


def _put_off(ports: Ports, one: Claim, error: Exception) -> list[Outcome]:
    """A lead that cannot be judged waits for an hour where it is, and does not keep the others waiting."""
    log.error("lead %s cannot be judged; its sequence asks again in an hour", one.row.lead_id, exc_info=error)
    due_at = ports.clock.now() + PUT_OFF
    with ports.database.transaction("put off") as connection:
        about = {"id": one.row.id, "fence": one.fence, "due_at": due_at, "why": CANNOT_JUDGE}
        connection.execute(_PUT_OFF, about)
    return [one.outcome("failed", CANNOT_JUDGE, due_at)]


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
