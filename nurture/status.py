"""How things stand: leads by stage, enrollments by step, and everything that needs a person, with what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import ledger, messages, plan
from models.queries import outbox as outboxes
from models.queries import status as queries
from models.words import InboxState, MessageState, OutboxState
from nurture import signed
from nurture.alerts import chat
from nurture.alerts.turned_down import turned_down_since
from nurture.core.agreement import stage_name
from nurture.core.lifecycle import STAGES
from nurture.core.signing import without_hand
from nurture.errors import StaleDatabase
from nurture.gates import EVERYTHING, mailer_gate, sequence_gate
from nurture.library import edits_in_words, without_template
from nurture.ports import Ports
from nurture.webhooks.setup import Missing, endpoint

#: what waits for a person is shown up to this many of a kind
SHOWN = 100
#: the engine looks each minute: what has been due for so long, nobody works on
ASLEEP = timedelta(hours=1)
#: what came back and could not be used is of interest for so long
LATELY = timedelta(days=7)

IN_DOUBT = ("held", "rejected", "unknown")


@dataclass(frozen=True, slots=True)
class StepCount:
    """Running enrollments at one step. `step` None is past the end; `next_at` (UTC) is when the next one is due, and
    `due_since` since when the first one has been.
    """

    sequence: str
    step: str | None
    waiting: int
    due: int
    in_flight: int
    next_at: datetime | None
    due_since: datetime | None


@dataclass(frozen=True, slots=True)
class Gate:
    """Something that is stopped; `until` None means until a person opens it."""

    name: str
    reason: str
    closed_at: datetime
    until: datetime | None
    closed_by: str


@dataclass(frozen=True, slots=True)
class Queue:
    """How many wait, and the oldest one since when (UTC)."""

    count: int = 0
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Todo:
    """Something that does not mend itself: what, since when (UTC), and what a person can do about it."""

    what: str
    do: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """The state of one installation at `at` (UTC).

    `attempts_reserved` is how far attempt numbers have gone (the high-water mark); `faults` counts the requests of
    the last 7 days in which something could not be used; `unknown` are mails whose end nobody knows yet. `names` is
    what the company calls a stage. `outbox` are alerts by state, `webhooks` events that wait to be posted, by receiver.
    """

    at: datetime
    environment: str
    attempts_reserved: int
    stages: Mapping[str, int]
    names: Mapping[str, str]
    steps: tuple[StepCount, ...]
    gates: tuple[Gate, ...]
    unknown: Queue
    outbox: Mapping[str, Queue]
    webhooks: Mapping[str, Queue]
    inbox: Mapping[str, Queue]
    faults: int
    todo: tuple[Todo, ...]


def status(ports: Ports, now: datetime) -> Status:
    """Look at one consistent state of the database, and at the project's files. Writes nothing."""
    with ports.database.reading() as connection:
        stages = {row.stage: row.number for row in connection.execute(queries.STAGES)}
        gates = tuple(Gate(*row) for row in connection.execute(queries.CLOSED, {"now": now}))
        steps = tuple(StepCount(*row) for row in connection.execute(queries.STEPS, {"now": now}))
        waiting = connection.execute(messages.WAITING, {"states": list(IN_DOUBT), "limit": SHOWN}).all()
        outbox = _queues(connection.execute(queries.OUTBOX, {"now": now}).all())
        webhooks = connection.execute(outboxes.WEBHOOKS).all()
        lately = {"after_at": now - LATELY}
        inbox = _queues(connection.execute(queries.INBOX, lately).all())
        unknown = [row for row in waiting if row.state == "unknown"]
        return Status(
            at=now,
            environment=connection.execute(ledger.INSTALLATION).one().environment,
            attempts_reserved=connection.execute(ledger.RESERVED).scalar_one(),
            stages={stage: stages.get(stage, 0) for stage in STAGES},
            names={stage: stage_name(ports.project.config.agreement, stage) for stage in STAGES},
            steps=steps,
            gates=gates,
            unknown=Queue(len(unknown), min((row.since for row in unknown), default=None)),
            outbox=outbox,
            webhooks={row.name: Queue(row.number, row.since) for row in webhooks if row.state == OutboxState.PENDING},
            inbox=inbox,
            faults=connection.execute(queries.FAULTS, lately).scalar_one(),
            todo=(
                *_older(ports),
                *_closed(gates),
                *_unworked(ports, gates, steps, inbox, now),
                *_waiting(waiting),
                *_stuck(outbox, inbox),
                *_untold(ports, webhooks),
                *_unposted(connection, ports),
                *_overdue(connection, now),
                *_turned_down(connection, now),
                *_agreement(ports, now),
                *_sequences(connection, ports),
            ),
        )


def _queues(rows: Sequence[Row[Any]]) -> dict[str, Queue]:
    return {row.state: Queue(row.number, row.since) for row in rows}


def _older(ports: Ports) -> Iterator[Todo]:
    """A backup that does not know of mail that was sent after it was made: nothing leaves until a person decides."""
    try:
        ports.watermark.check(ports.database)
    except StaleDatabase:
        yield Todo("the database is older than the mail already sent: nothing leaves", "restore a newer backup")


def _closed(gates: Sequence[Gate]) -> Iterator[Todo]:
    for gate in gates:
        if gate.until is None:
            what = f"{gate.name} is stopped by {gate.closed_by}: {gate.reason}"
            yield Todo(what, f"nurture gate open {gate.name}", gate.closed_at)


def _unworked(
    ports: Ports, gates: Sequence[Gate], steps: Sequence[StepCount], inbox: Mapping[str, Queue], now: datetime
) -> Iterator[Todo]:
    """What the engine would have done long ago if it ran; not what is stopped, paused or not live."""
    stopped = {gate.name for gate in gates}
    if stopped & {EVERYTHING, mailer_gate(ports.mailer.name)}:
        return
    moving = {name for name, live in ports.library.in_force.items() if not live.paused}
    live = [one for one in steps if one.sequence in moving and sequence_gate(one.sequence) not in stopped]
    due = Queue(sum(one.due for one in live), min((one.due_since for one in live if one.due_since), default=None))
    for what, queue in (("leads due", due), ("requests not read", inbox.get(InboxState.NEW, Queue()))):
        if queue.since and now - queue.since > ASLEEP:
            late = f"{what}: {queue.count}; nobody works on them, the engine does not run or is far behind"
            yield Todo(late, "nurture run --every 60s, or the flow advance in Prefect", queue.since)


def _waiting(rows: Sequence[Row[Any]]) -> Iterator[Todo]:
    for row in rows:
        about = f"message {row.id} ({row.sequence}, {row.step}, lead {row.lead_id})"
        if row.state == MessageState.HELD:
            do = f"look at the provider, then: nurture messages resolve {row.id} --as sent|resend|skip"
            yield Todo(f"{about} is held: {row.reason}", do, row.since)
        elif row.state == MessageState.REJECTED:
            do = f"mend that, then: nurture messages resolve {row.id} --as resend|skip"
            yield Todo(f"{about} was refused: {first_line(row.reason)}", do, row.since)


def _stuck(outbox: Mapping[str, Queue], inbox: Mapping[str, Queue]) -> Iterator[Todo]:
    if dead := outbox.get(OutboxState.DEAD):
        what = f"{dead.count} alerts could not be delivered and are given up"
        yield Todo(what, "tell sales by hand: nurture handoffs list", dead.since)
    if unread := inbox.get(InboxState.QUARANTINED):
        what = f"{unread.count} requests of the last 7 days could not be read and are kept aside"
        yield Todo(what, "look at tables inbox (state 'quarantined') and inbox_body", unread.since)


def _untold(ports: Ports, rows: Sequence[Row[Any]]) -> Iterator[Todo]:
    """Webhooks that cannot be posted to, and what was given up."""
    for row in rows:
        if row.state == OutboxState.DEAD:
            what = f"{row.number} events for webhook {row.name} could not be delivered and are given up: {row.reason}"
            yield Todo(what, f"mend that, then: nurture webhooks retry {row.name}", row.since)
            continue
        to = endpoint(ports.project.config, ports.webhook_secrets, row.name)
        if isinstance(to, Missing):
            yield Todo(f"{row.number} events wait for webhook {row.name}: {to.what}", to.do, row.since)


def _unposted(connection: Connection, ports: Ports) -> Iterator[Todo]:
    """Chat channels that alerts wait for, and that cannot be posted to."""
    known = {channel.name for channel in ports.project.config.alerts}
    for row in connection.execute(outboxes.CHANNELS_WAITING):
        found = chat.find(ports.alert_channels, row.name)
        if row.name not in known:
            found = chat.Missing("nurture.yaml does not have it", f"put {row.name} under alerts: in nurture.yaml")
        if isinstance(found, chat.Missing):
            yield Todo(f"{row.number} alerts wait for channel {row.name}: {found.what}", found.do, row.since)


def _overdue(connection: Connection, now: datetime) -> Iterator[Todo]:
    for row in connection.execute(queries.OVERDUE, {"now": now, "limit": SHOWN}):
        what = f"handoff {row.id} (lead {row.lead_id}) waits for {row.owner}, past the promised time"
        yield Todo(what, f"nurture handoffs show {row.id}", row.due_at)


def _turned_down(connection: Connection, now: datetime) -> Iterator[Todo]:
    """Who asked for a person of late and gets none: the gate may be wrong about somebody."""
    if rows := turned_down_since(connection, now - LATELY, now):
        what = "1 lead" if len(rows) == 1 else f"{len(rows)} leads"
        numbers = ", ".join(str(row.lead_id) for row in rows[:SHOWN])
        were = "was" if len(rows) == 1 else "were"
        told = f"{what} asked for a person in the last {LATELY.days} days and {were} turned down: {numbers}"
        yield Todo(told, f"nurture leads explain {rows[0].lead_id}", rows[0].at)


def _agreement(ports: Ports, now: datetime) -> Iterator[Todo]:
    if waiting := signed.pending(ports.project, now):
        yield Todo(str(waiting), waiting.do)
    elif missing := without_hand(ports.project.config.agreement):
        yield Todo(f"nobody has signed the agreement for {' and '.join(missing)}", signed.SIGN)


def _sequences(connection: Connection, ports: Ports) -> Iterator[Todo]:
    """Files with faults, edits that are not live yet, and leads that an `apply` which was cut short left behind."""
    errors = [problem for problem in ports.project.problems if problem.severity == "error"]
    for file in sorted({problem.file for problem in errors}):
        yield Todo(f"{file} has faults{_meanwhile(ports, file)}", "nurture validate")
    if waiting := edits_in_words(ports.library.edits):
        yield Todo(f"{waiting}; what is live runs on", "`nurture plan` shows what that does, `nurture apply` does it")
    for name, template in without_template(ports.project, ports.library.in_force.values()):
        yield Todo(
            f"{name}, as it is live, mails {template}, which has no template", f"put templates/{template}.txt back"
        )
    for row in connection.execute(plan.BEHIND):
        what = f"{row.number} leads of {row.sequence} wait by an older text, until their own time comes"
        yield Todo(what, f"nurture apply {row.sequence}")


def _meanwhile(ports: Ports, file: str) -> str:
    """What runs while a sequence has faults."""
    path = PurePosixPath(file)
    if path.parent.name != "sequences" or path.stem in ports.project.sequences:
        return ""
    return "; its last good version runs on" if path.stem in ports.library.in_force else "; it does not run"


def first_line(text: str | None) -> str:
    """The sentence; the excerpt of a file that may follow it is for `nurture validate`."""
    return (text or "").partition("\n")[0]
