"""Asking the gate: is this lead ready? The answer is recorded with its checklist, and acted on at once."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row
from sqlalchemy.exc import InterfaceError, OperationalError

from models.queries import sales
from models.statement import write
from nurture.announce import announce
from nurture.core.qualify import Qualification
from nurture.core.score import Score
from nurture.core.whatif import Case, WhatIf, what_if
from nurture.enroll import trigger
from nurture.gather import Known, read_leads
from nurture.handoff.offer import offer, place
from nurture.handoff.readiness import case_of
from nurture.handoff.stages import move
from nurture.handoff.surge import tell_of_surge
from nurture.handoff.withdraw import take_back
from nurture.ports import Ports
from nurture.signed import KNOW
from nurture.suppress import hold_leads

#: what is said to have asked, when nobody did but the lead's own acts
ENGAGEMENT = "engagement"
PUT_OFF = timedelta(hours=1)
#: a click that was not told of in this time is history
TOLD_WITHIN = timedelta(days=7)

log = logging.getLogger(__name__)

_DECIDE = write(
    """
    INSERT INTO decision (lead_id, at, asked_by, outcome, because, agreement_version, evidence)
    VALUES (:lead_id, :at, :asked_by, :outcome, :because, :agreement_version, :evidence_json) RETURNING id
    """
)
_REMEMBER = write(
    """
    INSERT INTO score (lead_id, due_at, fit, engagement, grade, intent, computed_at)
    VALUES (
        :lead_id,
        (SELECT MIN(counts_at) FROM event WHERE lead_id = :lead_id AND verdict = 'human' AND counts_at > :now),
        :fit, :engagement, :grade, :intent, :now
    )
    ON CONFLICT (lead_id) DO UPDATE
    SET due_at = excluded.due_at, fit = :fit, engagement = :engagement, grade = :grade, intent = :intent,
        computed_at = :now
    """
)
_PUT_OFF = write("UPDATE score SET due_at = :due_at WHERE lead_id = :lead_id")
_JUDGE = write("UPDATE score SET due_at = :now WHERE lead_id = :lead_id")
_WAKE = write(
    """
    UPDATE enrollment SET due_at = :now
    WHERE lead_id = :lead_id AND state = 'active' AND due_at > :now AND lease_until IS NULL
    """
)


def qualify_due(ports: Ports) -> int:
    """Ask the gate about every lead that did something that counts by now, by the agreement that is in force by now.
    Returns how many were promoted."""
    ports = ports.in_force()
    promoted = 0
    while ids := _due(ports):
        promoted += sum(_qualify_one(ports, lead_id) for lead_id in ids)
    return promoted


def _qualify_one(ports: Ports, lead_id: int) -> bool:
    """One lead that cannot be judged is put off for an hour, and does not keep the others waiting."""
    try:
        with ports.database.transaction("qualify") as connection:
            hold_leads(connection, [lead_id])
            answer = qualify_lead(connection, ports, lead_id, ports.clock.now(), asked_by=ENGAGEMENT)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("lead %s cannot be judged; it is asked again in an hour", lead_id)
        with ports.database.transaction("put off") as connection:
            connection.execute(_PUT_OFF, {"lead_id": lead_id, "due_at": ports.clock.now() + PUT_OFF})
        return False
    return answer.to is not None


def _due(ports: Ports) -> Sequence[int]:
    with ports.database.reading() as connection:
        rows = connection.execute(sales.SCORES_DUE, {"now": ports.clock.now(), "limit": ports.limits.claim})
        return [row.lead_id for row in rows]


def qualify_lead(connection: Connection, ports: Ports, lead_id: int, now: datetime, *, asked_by: str) -> Qualification:
    """Ask the gate about one lead, which this transaction has locked, and promote it where the answer says so.

    The decision is kept with its checklist if a lead moves, if a step asked, or if a request for a person is
    turned down; the score is remembered in any case. A promotion that rested on what was no person's is taken back.
    """
    known = read_leads(connection, [lead_id], ports.project, now)
    while take_back(connection, ports, known.leads[lead_id], now):
        known = read_leads(connection, [lead_id], ports.project, now)
    case = case_of(known, lead_id, ports.project, now)
    answer = case.answer()
    _remember(connection, lead_id, answer.score, now)
    _announce_clicks(connection, ports, known, lead_id, now)
    if answer.to or asked_by != ENGAGEMENT or (answer.hand_raise and answer.checklist):
        _act(connection, ports, known.leads[lead_id], case, answer, now, asked_by)
    if answer.to != "sql" and not answer.disqualified:
        tell_of_surge(connection, ports, known, lead_id, case.lead, now)
    connection.execute(_WAKE, {"lead_id": lead_id, "now": now})
    return answer


def _announce_clicks(connection: Connection, ports: Ports, known: Known, lead_id: int, now: datetime) -> None:
    """Clicks are told when they have settled, which is when a lead is asked about them; each once."""
    config = ports.project.config
    for act in known.engagements.get(lead_id, ()):
        if act.kind == "clicked" and now - act.at <= TOLD_WITHIN:
            told = {"url": act.url, "template": act.template, "at": act.at.isoformat()}
            announce(connection, config, "email.clicked", lead_id, told, key=act.key.hex(), now=now)


def reconsider(connection: Connection, lead_ids: Iterable[int], now: datetime) -> None:
    """Something became known about leads, which this transaction has locked: whoever asks about it looks again."""
    rows = [{"lead_id": lead_id, "now": now} for lead_id in sorted(lead_ids)]
    if rows:
        connection.execute(_JUDGE, rows)
        connection.execute(_WAKE, rows)


def _act(
    connection: Connection,
    ports: Ports,
    row: Row[Any],
    case: Case,
    answer: Qualification,
    now: datetime,
    asked_by: str,
) -> None:
    kept = evidence(answer, what_if(case, answer))
    decision_id = _record(connection, ports, row.id, answer, kept, now, asked_by)
    if not answer.to:
        return
    fields = dict(case.lead)
    sales_gets = place(connection, ports, row, fields, answer, decision_id, now) if answer.to == "sql" else None
    config, because = ports.project.config, answer.because
    move(
        connection, config, row.id, row.stage, answer.to, now, actor="engine", because=because,
        decision_id=decision_id, handoff_id=sales_gets.id if sales_gets else None,
        agreement_version=ports.project.agreement_version,
    )  # fmt: skip
    told = {"to": answer.to, "because": because, "grade": answer.score.grade, "decision_id": decision_id}
    announce(connection, config, "lead.promoted", row.id, told, key=str(decision_id), now=now)
    if sales_gets:
        offer(connection, ports, sales_gets, now)
    else:
        trigger(connection, [row.id], "stage_changed", now)


def _record(
    connection: Connection,
    ports: Ports,
    lead_id: int,
    answer: Qualification,
    kept: dict[str, Any],
    now: datetime,
    asked_by: str,
) -> int:
    version = ports.project.agreement_version
    source = ports.project.config.agreement.model_dump_json()
    connection.execute(KNOW, {"version": version, "source": source, "now": now})
    row = {
        "lead_id": lead_id,
        "at": now,
        "asked_by": asked_by,
        "outcome": answer.to,
        "because": answer.because,
        "agreement_version": version,
        "evidence_json": kept,
    }
    return int(connection.execute(_DECIDE, row).scalar_one())


def evidence(answer: Qualification, changes: Iterable[WhatIf] = ()) -> dict[str, Any]:
    """What a decision was read from, as it is kept: the checklist with what was missing, each addend, what nobody
    knows, and what one change would have made of it.
    """
    result = answer.score
    return {
        "checks": [
            {
                "gate": check.gate,
                "text": check.text,
                "answer": check.answer,
                "detail": check.detail,
                "near": check.near,
            }
            for check in answer.checklist
        ],
        "addends": [
            {
                "axis": addend.axis,
                "text": addend.text,
                "points": round(addend.points, 1),
                "at": addend.at.isoformat() if addend.at else None,
            }
            for addend in result.addends
        ],
        "fit": result.fit,
        "score": result.engagement,
        "grade": result.grade,
        "unknown": list(result.unknown),
        "disqualified": answer.disqualified,
        "flags": list(result.flags),
        "what_if": [{"to": one.to, "change": one.change} for one in changes],
    }


def _remember(connection: Connection, lead_id: int, result: Score, now: datetime) -> None:
    connection.execute(
        _REMEMBER,
        {
            "lead_id": lead_id,
            "fit": result.fit,
            "engagement": result.engagement,
            "grade": result.grade,
            "intent": result.intent_at is not None,
            "now": now,
        },
    )
