"""Asking the gate: is this lead ready? The answer is recorded with its checklist, and acted on at once."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal

from sqlalchemy import Connection, Row

from models.queries import sales, turned_down
from models.statement import write
from nurture.alerts.turned_down import note_tomorrow
from nurture.announce import announce, announce_all
from nurture.core.facts import Engagement
from nurture.core.qualify import Qualification
from nurture.core.whatif import Case, WhatIf, turns_at, what_if
from nurture.enroll import trigger
from nurture.gather import Known, read_leads
from nurture.handoff.offer import offer, place
from nurture.handoff.readiness import case_of
from nurture.handoff.stages import move
from nurture.handoff.surge import tell_of_surges
from nurture.handoff.withdraw import take_back
from nurture.ports import Ports
from nurture.signed import KNOW
from nurture.suppress import hold_leads, wake
from nurture.together import together

#: what is said to have asked, when nobody did but the lead's own acts
ENGAGEMENT = "engagement"
PUT_OFF = timedelta(hours=1)
#: a click that was not told of in this time is history
TOLD_WITHIN = timedelta(days=7)

log = logging.getLogger(__name__)

_DECIDE = write(
    """
    INSERT INTO decision (lead_id, at, asked_by, outcome, because, agreement_version, evidence)
    VALUES (:lead_id, :at, :asked_by, :outcome, :because, :agreement_version, :evidence_json)
    """
)
_DECIDE_ONE = write(f"{_DECIDE.text} RETURNING id")
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
_TURNS = write(
    "UPDATE score SET due_at = :turns_at WHERE lead_id = :lead_id AND (due_at IS NULL OR due_at > :turns_at)"
)
_PUT_OFF = write("UPDATE score SET due_at = :due_at WHERE lead_id = :lead_id")
_JUDGE = write("UPDATE score SET due_at = :now WHERE lead_id = :lead_id")


@dataclass(frozen=True, slots=True)
class _Judged:
    """A lead, all that the gate was asked about it, by whom, and its answer."""

    lead: Row[Any]
    case: Case
    asked_by: str
    answer: Qualification
    #: it has asked for a person since the last decision about it, and gets none
    in_vain: bool = False

    @property
    def is_kept(self) -> bool:
        """Whether the answer stays: the lead moves, a step asked, or a request for a person is turned down."""
        return bool(self.answer.to) or self.in_vain or self.asked_by != ENGAGEMENT

    @property
    def case_after(self) -> Case:
        """The same lead where the answer takes it."""
        return replace(self.case, stage=self.answer.to) if self.answer.to else self.case

    @property
    def stays(self) -> bool:
        """Whether marketing keeps the lead, which sales might want."""
        return self.answer.to != "sql" and not self.answer.disqualified


def qualify_due(ports: Ports) -> int:
    """Ask the gate about every lead that did something that counts by now, by the agreement that is in force by now.
    Returns how many were promoted."""
    ports = ports.in_force()
    promoted = 0
    while True:
        ids = _due(ports)
        promoted += sum(together(ids, partial(_qualify, ports), partial(_put_off, ports)))
        if len(ids) < ports.limits.claim:
            return promoted


def _due(ports: Ports) -> Sequence[int]:
    with ports.database.reading() as connection:
        rows = connection.execute(sales.SCORES_DUE, {"now": ports.clock.now(), "limit": ports.limits.claim})
        return [row.lead_id for row in rows]


def _qualify(ports: Ports, lead_ids: Sequence[int]) -> int:
    with ports.database.transaction("qualify") as connection:
        hold_leads(connection, lead_ids)
        answers = qualify_leads(connection, ports, dict.fromkeys(lead_ids, ENGAGEMENT), ports.clock.now())
    return sum(answer.to is not None for answer in answers.values())


def _put_off(ports: Ports, lead_id: int, error: Exception) -> int:
    """One lead that cannot be judged is put off for an hour, and does not keep the others waiting."""
    log.error("lead %s cannot be judged; it is asked again in an hour", lead_id, exc_info=error)
    with ports.database.transaction("put off") as connection:
        connection.execute(_PUT_OFF, {"lead_id": lead_id, "due_at": ports.clock.now() + PUT_OFF})
    return 0


def qualify_leads(
    connection: Connection, ports: Ports, asked_by: Mapping[int, str], now: datetime
) -> dict[int, Qualification]:
    """Ask the gate about leads, which this transaction has locked, and promote those where the answer says so.

    `asked_by` says of each lead who asks. A decision is kept with its checklist if the lead moves, if a step asked, or
    if a request for a person is turned down; the score is remembered in any case. A promotion that rested on what was
    no person's is taken back. Whoever is not there any more has no answer.
    """
    known = read_leads(connection, asked_by, ports.project, now)
    while take_back(connection, ports, known.leads.values(), now):
        known = read_leads(connection, asked_by, ports.project, now)
    judged = [_judge(ports, known, lead_id, who, now) for lead_id, who in asked_by.items() if lead_id in known.leads]
    judged = _mark(connection, judged, now)
    _remember(connection, judged, now)
    _ask_again(connection, judged)
    _announce_clicks(connection, ports, known, now)
    _record(connection, ports, [one for one in judged if one.is_kept], now)
    tell_of_surges(connection, ports, known, [one.lead.id for one in judged if one.stays], now)
    wake(connection, known.leads, now)
    return {one.lead.id: one.answer for one in judged}


def _judge(ports: Ports, known: Known, lead_id: int, asked_by: str, now: datetime) -> _Judged:
    case = case_of(known, lead_id, ports.project, now)
    return _Judged(known.leads[lead_id], case, asked_by, case.answer())


def _mark(connection: Connection, judged: list[_Judged], now: datetime) -> list[_Judged]:
    """Tell those apart that ask for a person in vain, and have not been told so."""
    asking = {one.lead.id: ask for one in judged if (ask := one.answer.hand_raise) and one.answer.turned_down}
    if not asking:
        return judged
    rows = connection.execute(turned_down.HEARD, {"ids": sorted(asking)}).all()
    fresh = {row.lead_id for row in rows if _is_news(asking[row.lead_id], row, now)}
    return [replace(one, in_vain=one.lead.id in fresh) for one in judged]


def _is_news(ask: Engagement, heard: Row[Any], now: datetime) -> bool:
    """Whether it was asked of late, no decision has heard of it, nor did sales before it ruled the lead out."""
    if now - ask.at > TOLD_WITHIN:
        return False
    if heard.ruled_out_at is not None and ask.at <= heard.ruled_out_at:
        return False
    # what was decided by an older release does not say which request it heard
    return heard.asked != ask.key.hex() if heard.asked else heard.at is None or ask.at > heard.at


def _remember(connection: Connection, judged: Iterable[_Judged], now: datetime) -> None:
    rows = [
        {
            "lead_id": one.lead.id,
            "fit": one.answer.score.fit,
            "engagement": one.answer.score.engagement,
            "grade": one.answer.score.grade,
            "intent": one.answer.score.intent_at is not None,
            "now": now,
        }
        for one in judged
    ]
    if rows:
        connection.execute(_REMEMBER, rows)


def _ask_again(connection: Connection, judged: Iterable[_Judged]) -> None:
    """A rule that wants quiet turns to yes by time alone: the gate is asked then, though nothing has happened."""
    turns = ((one.lead.id, turns_at(one.case_after)) for one in judged)
    if rows := [{"lead_id": lead_id, "turns_at": at} for lead_id, at in turns if at]:
        connection.execute(_TURNS, rows)


def _announce_clicks(connection: Connection, ports: Ports, known: Known, now: datetime) -> None:
    """Clicks are told when they have settled, which is when a lead is asked about them; each once."""
    clicks = (
        (lead_id, act.key.hex(), {"url": act.url, "template": act.template, "at": act.at.isoformat()})
        for lead_id, acts in known.engagements.items()
        for act in acts
        if act.kind == "clicked" and now - act.at <= TOLD_WITHIN
    )
    announce_all(connection, ports.project.config, "email.clicked", clicks, now)


def _record(connection: Connection, ports: Ports, kept: Sequence[_Judged], now: datetime) -> None:
    """Keep these answers, and act on those by which a lead moves."""
    if not kept:
        return
    version, source = ports.project.agreement_version, ports.project.config.agreement.model_dump_json()
    connection.execute(KNOW, {"version": version, "source": source, "now": now})
    if any(one.in_vain for one in kept):
        note_tomorrow(connection, ports.project.config, now)
    if stay := [_decision(ports, one, now) for one in kept if not one.answer.to]:
        connection.execute(_DECIDE, stay)
    for one in kept:
        if one.answer.to:
            decision_id = connection.execute(_DECIDE_ONE, _decision(ports, one, now)).scalar_one()
            _promote(connection, ports, one, one.answer.to, decision_id, now)


def _decision(ports: Ports, one: _Judged, now: datetime) -> dict[str, object]:
    return {
        "lead_id": one.lead.id,
        "at": now,
        "asked_by": one.asked_by,
        "outcome": one.answer.to,
        "because": one.answer.because,
        "agreement_version": ports.project.agreement_version,
        "evidence_json": evidence(one.answer, what_if(one.case, one.answer)) | _request(one),
    }


def _request(one: _Judged) -> dict[str, str]:
    """Which request for a person the decision heard of, and what stood in its way."""
    ask = one.answer.hand_raise
    asked = {"asked": ask.key.hex()} if ask else {}
    return asked | ({"turned_down": one.answer.turned_down} if one.in_vain else {})


def _promote(
    connection: Connection, ports: Ports, one: _Judged, to: Literal["mql", "sql"], decision_id: int, now: datetime
) -> None:
    lead, answer, fields = one.lead, one.answer, dict(one.case.lead)
    sales_gets = place(connection, ports, lead, fields, answer, decision_id, now) if to == "sql" else None
    config, because = ports.project.config, answer.because
    move(
        connection, config, lead.id, lead.stage, to, now, actor="engine", because=because,
        decision_id=decision_id, handoff_id=sales_gets.id if sales_gets else None,
        agreement_version=ports.project.agreement_version,
    )  # fmt: skip
    told = {"to": to, "because": because, "grade": answer.score.grade, "decision_id": decision_id}
    announce(connection, config, "lead.promoted", lead.id, told, key=str(decision_id), now=now)
    if sales_gets:
        offer(connection, ports, sales_gets, now)
    else:
        trigger(connection, [lead.id], "stage_changed", now)


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


def reconsider(connection: Connection, lead_ids: Iterable[int], now: datetime) -> None:
    """Something became known about leads, which this transaction has locked: whoever asks about it looks again."""
    ids = sorted(lead_ids)
    if ids:
        connection.execute(_JUDGE, [{"lead_id": lead_id, "now": now} for lead_id in ids])
        wake(connection, ids, now)
