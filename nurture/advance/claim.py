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
from nurture.announce import announce_left
from nurture.core import steps
from nurture.core.decide import Act, Decision, Exit, Position, Send, Wait, variant_for, walk
from nurture.core.facts import Facts
from nurture.gather import done_steps, facts_of, read_leads, uses
from nurture.ledger.hand_over import end
from nurture.library import Live
from nurture.ports import Ports

#: where an enrollment stands, and when it is looked at
PLACE = write(
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
#: what becomes of leads whose sequence is taken out
TAKEN_OUT = Exit("the sequence was taken out")

_GOAL = write("UPDATE enrollment SET goal_at = :now WHERE id = :id")
_PLAN = write(
    """
    INSERT INTO message (enrollment_id, lead_id, step, template, variant, state, planned_at)
    VALUES (:enrollment_id, :lead_id, :step, :template, :variant, 'planned', :now)
    ON CONFLICT (enrollment_id, step) DO NOTHING
    """
)
#: what was planned, could not go out yet, and has been passed by meanwhile
_SKIP = write(
    """
    UPDATE message SET state = 'suppressed', reason = :reason
    WHERE enrollment_id = :id AND state = 'planned' AND step <> :step
    """
)
SKIPPED = "skipped: the lead has gone on"


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
    def deed(self) -> steps.Deed | None:
        """The step that is to be done, where it is no mail."""
        return self.decision.step if isinstance(self.decision, Act) else None

    @property
    def fence(self) -> int:
        """The fence after the claim."""
        return int(self.row.fence) + 1

    def outcome(self, kind: Kind, why: str = "", until: datetime | None = None) -> Outcome:
        step = self.position.step or ""
        return Outcome(self.row.id, self.row.lead_id, self.sequence.name, step, kind, until, why)


def claim(ports: Ports, ids: Sequence[int], report: Report) -> list[Claim]:
    """T1 for these enrollments: waits, exits and goals are written; what else is to be done comes back under lease."""
    with ports.database.transaction("claim") as connection:
        rows = connection.execute(journey.CLAIM, {"now": ports.clock.now(), "ids": list(ids)}).all()
        if not rows:
            return []
        # read under the locks: what went live or began to count while we waited for them has woken nobody
        live = ports.library.hold(connection, rows)
        now = ports.clock.now()
        take_out(connection, [row for row in rows if live.is_out(row)], now, report)
        claims = decide_all(connection, ports, live, [row for row in rows if live.moves(row)], now)
        leased = [one for one in claims if isinstance(one.decision, Send | Act)]
        write_down(connection, claims, now)
        left = [one.row.lead_id for one in claims if isinstance(one.decision, Exit)]
        out = [row.lead_id for row in rows if live.is_out(row)]
        announce_left(connection, ports.project.config, left + out, now)
        goals = _write_goals(connection, claims, now)
        planned = _plan(connection, ports, [one for one in leased if not _is_goal(one)], now)
    for one in claims:
        _tell(one, report)
    return [*planned, *goals]


def write_down(connection: Connection, claims: Sequence[Claim], now: datetime) -> None:
    """What needs neither a lease nor a mailer: who waits, who leaves, which planned mails were passed by."""
    _write_waits(connection, [one for one in claims if isinstance(one.decision, Wait)])
    _write_exits(connection, claims, now)
    _drop_passed(connection, claims)


def take_out(connection: Connection, rows: Sequence[Row[Any]], now: datetime, report: Report) -> None:
    """These enrollments end: their sequence does not live any more."""
    for row in rows:
        end(connection, row.id, TAKEN_OUT, row.version, row.step, now)
        report.add(Outcome(row.id, row.lead_id, row.sequence, row.step or "", "left", why=TAKEN_OUT.reason))


def decide_all(
    connection: Connection, ports: Ports, live: Live, rows: Sequence[Row[Any]], now: datetime
) -> list[Claim]:
    """What is to be done with each of these enrollments, all of which have a text in `live`, at `now`.

    Writes nothing; explanations and plans ask it too.
    """
    texts = {row.id: _text(live, row) for row in rows}
    asking = {text.version: text for text in texts.values()}
    known = read_leads(connection, (row.lead_id for row in rows), ports.project, now, asking.values())
    done = done_steps(connection, texts)
    needs = {version: uses(text) for version, text in asking.items()}
    claims = []
    for row in rows:
        sequence = texts[row.id]
        facts = facts_of(
            known,
            row.lead_id,
            ports.project,
            now,
            names=needs[sequence.version],
            since=row.entered_at,
            done=done.get(row.id, frozenset()),
            goal_met=row.goal_at is not None,
        )
        position, decision = walk(sequence, position_of(live, sequence, row), facts, now)
        claims.append(Claim(row, sequence, position, decision, facts, known.leads[row.lead_id].token))
    return claims


def _text(live: Live, row: Row[Any]) -> steps.Sequence:
    text = live.text_for(row)
    assert text is not None, f"enrollment {row.id} has no text"
    return text


def position_of(live: Live, sequence: steps.Sequence, row: Row[Any]) -> Position:
    """Where the lead stands in the text it goes by now, even if that was edited since."""
    step = live.survivor(sequence, row.step, row.version)
    if step != row.step:
        return Position(step, row.since, row.entered_at)
    return Position(step, row.since, row.entered_at, row.until, row.waiting)


def _is_goal(one: Claim) -> bool:
    return isinstance(one.decision, Act) and one.decision.step is None


def _write_waits(connection: Connection, waits: Sequence[Claim]) -> None:
    rows = []
    for one in waits:
        assert isinstance(one.decision, Wait)
        wait = one.decision
        columns = one.position.during(wait).columns(wait.until)
        rows.append({"id": one.row.id, "version": one.sequence.version} | columns | {"why": wait.why})
    if rows:
        connection.execute(PLACE, rows)


def _write_exits(connection: Connection, claims: Sequence[Claim], now: datetime) -> None:
    for one in claims:
        if isinstance(one.decision, Exit):
            end(connection, one.row.id, one.decision, one.sequence.version, one.position.step, now)


def _write_goals(connection: Connection, claims: Sequence[Claim], now: datetime) -> list[Claim]:
    """A goal that lets the lead go on is noted, and the lead is looked at again at once."""
    goals = list(filter(_is_goal, claims))
    for one in goals:
        connection.execute(_GOAL, {"id": one.row.id, "now": now})
    return goals


def _drop_passed(connection: Connection, claims: Sequence[Claim]) -> None:
    """A mail that was planned, and is not the next thing any more, is not sent later by mistake."""
    passed = [
        {"id": one.row.id, "step": one.position.step or "", "reason": SKIPPED}
        for one in claims
        if one.position.step != one.row.step and not isinstance(one.sequence.steps.get(one.row.step), steps.WaitStep)
    ]
    if passed:
        connection.execute(_SKIP, passed)


def _plan(connection: Connection, ports: Ports, leased: Sequence[Claim], now: datetime) -> list[Claim]:
    """Lease these enrollments and plan their mails; a mail that is planned already keeps its message."""
    if not leased:
        return []
    until = now + timedelta(seconds=ports.limits.lease)
    connection.execute(_LEASE, [_place(one) | {"lease_until": until, "why": "claimed"} for one in leased])
    mails = [one for one in leased if isinstance(one.decision, Send)]
    if not mails:
        return list(leased)
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
        "variant": variant_for(one.sequence, step, one.row.lead_id),
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
