"""Enrolling: what happened to a lead starts the sequences that asked for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import journey
from models.statement import write
from models.words import EnrollmentState
from nurture.announce import announce
from nurture.core.cadence import after
from nurture.core.decide import GOAL_REACHED, arrive, is_excused
from nurture.core.facts import Facts
from nurture.core.steps import Again, Sequence
from nurture.core.suggest import did_you_mean
from nurture.errors import UsageError, UserError
from nurture.gather import Known, facts_of, read_leads, uses
from nurture.library import Live
from nurture.ports import Ports
from nurture.suppress import hold_leads

#: the trigger that a person pulls
MANUAL = "manual"

_TRIGGER = write(
    "INSERT INTO lead_trigger (lead_id, name, due_at) VALUES (:lead_id, :name, :due_at)",
)
_TRIGGER_ONCE = write(
    """
    INSERT INTO lead_trigger (lead_id, name, due_at)
    SELECT l.id, CAST(:name AS VARCHAR), :due_at FROM lead l
    WHERE l.id = :lead_id AND NOT EXISTS (
        SELECT 1 FROM lead_trigger t WHERE t.lead_id = l.id AND t.name = CAST(:name AS VARCHAR) AND t.done_at IS NULL
    )
    """
)
_WORKED = write("UPDATE lead_trigger SET done_at = :now WHERE id = :id")
_ENROLL = write(
    """
    INSERT INTO enrollment (lead_id, sequence, version, state, step, since, until, waiting, due_at, why,
        entered_at, fence)
    VALUES (:lead_id, :sequence, :version, 'active', :step, :since, :until, :waiting, :due_at, :why, :since, 0)
    ON CONFLICT DO NOTHING
    """
)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What a pass over the triggers came to: triggers worked, enrollments begun by sequence."""

    triggers: int
    begun: Mapping[str, int]


def trigger(connection: Connection, lead_ids: Iterable[int], name: str, due_at: datetime) -> None:
    """Note that `name` happened to leads, to be worked at `due_at`. Goes into the transaction of its cause."""
    rows = [{"lead_id": lead_id, "name": name, "due_at": due_at} for lead_id in lead_ids]
    if rows:
        connection.execute(_TRIGGER, rows)


def trigger_once(connection: Connection, lead_id: int, name: str, due_at: datetime) -> None:
    """The same for what may happen a hundred times a minute: while one waits to be worked, another adds nothing."""
    connection.execute(_TRIGGER_ONCE, {"lead_id": lead_id, "name": name, "due_at": due_at})


def enroll(ports: Ports) -> Enrolled:
    """Work the triggers that are due, `limits.claim` at a time, until none is left."""
    triggers, begun = 0, defaultdict[str, int](int)
    while True:
        worked, started = _enroll_some(ports)
        triggers += worked
        for sequence in started:
            begun[sequence] += 1
        if worked < ports.limits.claim:
            return Enrolled(triggers, dict(begun))


def _enroll_some(ports: Ports) -> tuple[int, list[str]]:
    now = ports.clock.now()
    with ports.database.transaction("enroll") as connection:
        claimed = connection.execute(journey.TRIGGERS, {"now": now, "limit": ports.limits.claim}).all()
        if not claimed:
            return 0, []
        live = ports.library.hold(connection)
        known = read_leads(connection, (row.lead_id for row in claimed), ports.project, now, live.sequences.values())
        past = _past(connection, known)
        entries = [row for one in claimed for row in _entries(ports, live, known, past[one.lead_id], one, now)]
        # two things that happened to a lead may start the same sequence
        rows = list({(row["lead_id"], row["sequence"]): row for row in reversed(entries)}.values())[::-1]
        if rows:
            connection.execute(_ENROLL, rows)
            _announce_entered(connection, ports, rows, now)
        connection.execute(_WORKED, [{"id": row.id, "now": now} for row in claimed])
    return len(claimed), [str(row["sequence"]) for row in rows]


def _announce_entered(
    connection: Connection, ports: Ports, rows: Iterable[Mapping[str, object]], now: datetime
) -> None:
    for row in rows:
        told = {"sequence": row["sequence"]}
        key = f"{row['lead_id']}:{row['sequence']}:{now.isoformat()}"
        announce(connection, ports.project.config, "sequence.entered", int(str(row["lead_id"])), told, key=key, now=now)


def _past(connection: Connection, known: Known) -> Mapping[int, list[Row[Any]]]:
    past: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(journey.PAST, {"ids": sorted(known.leads)}):
        past[row.lead_id].append(row)
    return past


def _entries(
    ports: Ports, live: Live, known: Known, past: list[Row[Any]], happened: Row[Any], now: datetime
) -> list[dict[str, object]]:
    """The enrollments one trigger begins, at most one for each sequence."""
    entries = []
    for sequence in live.sequences.values():
        if happened.name not in sequence.enter.triggers:
            continue
        facts = facts_of(known, happened.lead_id, ports.project, now, names=uses(sequence), trigger=happened.name)
        before = [row for row in past if row.sequence == sequence.name]
        if obstacle(sequence, facts, before, now) is None:
            entries.append(_row(sequence, happened.lead_id, facts, now))
    return entries


def enroll_by_hand(ports: Ports, lead_id: int, name: str) -> None:
    """Put one lead into a sequence whose trigger is `manual`, under the rules that hold for everybody.

    Raises UserError with the reason why it cannot come in.
    """
    now = ports.clock.now()
    with ports.database.transaction("enroll by hand") as connection:
        hold_leads(connection, [lead_id])
        sequence = _by_hand(ports.library.hold(connection), name)
        known = read_leads(connection, [lead_id], ports.project, now, [sequence])
        facts = facts_of(known, lead_id, ports.project, now, names=uses(sequence), trigger=MANUAL)
        before = [row for row in _past(connection, known)[lead_id] if row.sequence == name]
        if reason := obstacle(sequence, facts, before, now):
            raise UserError(f"lead {lead_id} cannot enter '{name}': {reason}")
        row = _row(sequence, lead_id, facts, now)
        connection.execute(_ENROLL, [row])
        _announce_entered(connection, ports, [row], now)


def _by_hand(live: Live, name: str) -> Sequence:
    sequence = live.sequences.get(name)
    if sequence is None:
        raise UsageError(f"there is no sequence '{name}'{did_you_mean(name, live.sequences)}")
    if MANUAL not in sequence.enter.triggers:
        raise UserError(f"nobody is put into '{name}' by hand: `manual` is not among its triggers")
    return sequence


def obstacle(sequence: Sequence, facts: Facts, before: list[Row[Any]], now: datetime) -> str | None:
    """Why this lead does not come in: it must not be mailed, is in already, the entry rule or `again` says no."""
    if facts.barred and not is_excused(sequence, sequence.steps.get(sequence.first or ""), facts):
        return facts.barred
    if sequence.paused:
        return "the sequence is paused"
    if any(row.state == EnrollmentState.ACTIVE for row in before):
        return "it is in there already"
    if sequence.enter.when and not sequence.enter.when.holds(facts):
        return f"not {sequence.enter.when.text}"
    if before and not _again(sequence.enter.again, before, facts.zone, now):
        return f"it was in there before, and may enter again: {_AGAIN[sequence.enter.again.rule]}"
    return None


_AGAIN = {"never": "never", "unless goal": "unless it reached the goal", "always": "always", "after": "after a while"}


def _again(again: Again, before: list[Row[Any]], zone: str | None, now: datetime) -> bool:
    if again.rule == "after" and again.delay:
        return now >= after(again.delay, max(row.entered_at for row in before), zone or "UTC")
    if again.rule == "unless goal":
        return not any(row.goal_at or row.reason == GOAL_REACHED for row in before)
    return again.rule == "always"


def _row(sequence: Sequence, lead_id: int, facts: Facts, now: datetime) -> dict[str, object]:
    position = arrive(sequence, sequence.first, now, now, facts.zone, facts.country)
    about = {"lead_id": lead_id, "sequence": sequence.name, "version": sequence.version}
    return about | position.columns(now)
