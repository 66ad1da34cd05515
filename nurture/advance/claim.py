"""Claiming: take what is due, decide, and write down all that needs no mailer, in one transaction (T1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import journey
from models.statement import write
from models.words import MessageState
from nurture.advance.report import Kind, Outcome, Report
from nurture.core import steps
from nurture.core.decide import Act, Decision, Exit, Position, Send, Wait, walk
from nurture.core.facts import Facts
from nurture.gather import done_steps, facts_of, read_leads, uses
from nurture.ledger.hand_over import end
from nurture.library import Library
from nurture.ports import Ports

_WAIT = write(
    """
    UPDATE enrollment SET version = :version, step = :step, since = :since, until = :until, waiting = :waiting,
        due_at = :due_at, why = :why, lease_until = NULL
    WHERE id = :id
    """
)
_LEASE = write(
    """
    UPDATE enrollment SET version = :version, step = :step, since = :since, until = NULL, waiting = NULL,
        due_at = :lease_until, lease_until = :lease_until, fence = fence + 1, why = :why
    WHERE id = :id
    """
)
_GOAL = write("UPDATE enrollment SET goal_at = :now WHERE id = :id")
_PLAN = write(
    """
    INSERT INTO message (enrollment_id, lead_id, step, template, state, planned_at)
    VALUES (:enrollment_id, :lead_id, :step, :template, 'planned', :now)
    ON CONFLICT (enrollment_id, step) DO NOTHING
    """
)


@dataclass(frozen=True, slots=True)
class Claim:
    """One enrollment under lease, with the decision that needs the outside world and the facts it was made from."""

    row: Row[Any]
    sequence: steps.Sequence
    position: Position
    decision: Decision
    facts: Facts
    token: str = ""
    message_id: int = 0

    @property
    def fence(self) -> int:
        """The fence after the claim."""
        return int(self.row.fence) + 1

    def outcome(self, kind: Kind, why: str = "", until: datetime | None = None) -> Outcome:
        step = self.position.step or ""
        return Outcome(self.row.id, self.row.lead_id, self.sequence.name, step, kind, until, why)


def claim(ports: Ports, ids: Sequence[int], report: Report) -> list[Claim]:
    """T1 for these enrollments: waits, exits and goals are written; mails and promotions come back under lease."""
    with ports.database.transaction("claim") as connection:
        rows = connection.execute(journey.CLAIM, {"now": ports.clock.now(), "ids": list(ids)}).all()
        if not rows:
            return []
        # read under the locks: what began to count while we waited for them has woken nobody
        now = ports.clock.now()
        claims = decide_all(connection, ports, rows, now)
        waits = [one for one in claims if isinstance(one.decision, Wait)]
        leased = [one for one in claims if isinstance(one.decision, Send | Act)]
        _write_waits(connection, waits)
        _write_exits(connection, claims, now)
        _write_goals(connection, claims, now)
        planned = _plan(connection, ports, [one for one in leased if not _is_goal(one)], now)
    for one in claims:
        _tell(one, report)
    return planned


def decide_all(connection: Connection, ports: Ports, rows: Sequence[Row[Any]], now: datetime) -> list[Claim]:
    """What is to be done with each of these enrollments at `now`. Writes nothing; explanations ask it too."""
    known = read_leads(connection, (row.lead_id for row in rows), ports.project, now)
    done = done_steps(connection, [row.id for row in rows])
    needs = {name: uses(sequence) for name, sequence in ports.library.in_force.items()}
    claims = []
    for row in rows:
        sequence = ports.library.in_force[row.sequence]
        facts = facts_of(
            known,
            row.lead_id,
            ports.project,
            now,
            names=needs[sequence.name],
            since=row.entered_at,
            done=done.get(row.id, frozenset()),
            goal_met=row.goal_at is not None,
        )
        position, decision = walk(sequence, position_of(ports.library, sequence, row), facts, now)
        claims.append(Claim(row, sequence, position, decision, facts, known.leads[row.lead_id].token))
    return claims


def position_of(library: Library, sequence: steps.Sequence, row: Row[Any]) -> Position:
    """Where the lead stands in the sequence in force, even if it was edited since."""
    step = library.survivor(sequence, row.step, row.version)
    if step != row.step:
        return Position(step, row.since, row.entered_at)
    return Position(step, row.since, row.entered_at, row.until, row.waiting)


def _is_goal(one: Claim) -> bool:
    return isinstance(one.decision, Act) and one.decision.what == "goal"


def _write_waits(connection: Connection, waits: Sequence[Claim]) -> None:
    rows = []
    for one in waits:
        assert isinstance(one.decision, Wait)
        running = one.decision.waiting is not None
        rows.append(
            _place(one)
            | {
                "until": one.decision.until if running else None,
                "waiting": one.decision.waiting,
                "due_at": one.decision.until,
                "why": one.decision.why,
            }
        )
    if rows:
        connection.execute(_WAIT, rows)


def _write_exits(connection: Connection, claims: Sequence[Claim], now: datetime) -> None:
    for one in claims:
        if isinstance(one.decision, Exit):
            end(connection, one.row.id, one.decision, one.sequence.version, one.position.step, now)


def _write_goals(connection: Connection, claims: Sequence[Claim], now: datetime) -> None:
    """A goal that lets the lead go on is noted, and the lead is looked at again at once."""
    for one in filter(_is_goal, claims):
        connection.execute(_GOAL, {"id": one.row.id, "now": now})


def _plan(connection: Connection, ports: Ports, leased: Sequence[Claim], now: datetime) -> list[Claim]:
    """Lease these enrollments and plan their mails; a mail that is planned already keeps its message."""
    if not leased:
        return []
    until = now + timedelta(seconds=ports.limits.lease)
    connection.execute(_LEASE, [_place(one) | {"lease_until": until, "why": "claimed"} for one in leased])
    mails = [one for one in leased if isinstance(one.decision, Send)]
    if mails:
        connection.execute(_PLAN, [_message(ports, one, now) for one in mails])
    ids = {"ids": [one.row.id for one in mails]}
    planned = {(row.enrollment_id, row.step): row for row in connection.execute(journey.MESSAGES, ids)}
    return [_with_message(one, planned) for one in leased if _may_go_on(one, planned)]


def _message(ports: Ports, one: Claim, now: datetime) -> dict[str, object]:
    assert isinstance(one.decision, Send)
    step = one.decision.step
    template = resolve(ports, one.sequence, step, one.facts) or step.template
    return {
        "enrollment_id": one.row.id,
        "lead_id": one.row.lead_id,
        "step": step.id,
        "template": template,
        "now": now,
    }


def resolve(ports: Ports, sequence: steps.Sequence, step: steps.EmailStep, facts: Facts) -> str | None:
    """The template of a mail for this lead: fixed, or the one for its funnel stage."""
    return ports.project.templates.resolve(step.template, str(facts.lead.get("funnel") or ""), sequence.stage)


def _may_go_on(one: Claim, planned: Mapping[tuple[int, str], Row[Any]]) -> bool:
    if not isinstance(one.decision, Send):
        return True
    row = planned.get((one.row.id, one.decision.step.id))
    return row is not None and row.state == MessageState.PLANNED


def _with_message(one: Claim, planned: Mapping[tuple[int, str], Row[Any]]) -> Claim:
    if not isinstance(one.decision, Send):
        return one
    message = planned[one.row.id, one.decision.step.id]
    return replace(one, message_id=message.id)


def _place(one: Claim) -> dict[str, object]:
    return {
        "id": one.row.id,
        "version": one.sequence.version,
        "step": one.position.step,
        "since": one.position.since,
    }


def _tell(one: Claim, report: Report) -> None:
    match one.decision:
        case Wait(until=until, why=why):
            report.add(one.outcome("waiting", why, until))
        case Exit(reason=reason, done=done):
            report.add(one.outcome("finished" if done else "left", reason))
