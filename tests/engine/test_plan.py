"""A plan says what an apply then does: counted from the rows before and after, for ten kinds of edit.

The leads have come in over three weeks, so that they stand everywhere: in each wait, in flight, past their time, done.
"""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, text

from models.base import SQLModel
from models.database import Database
from nurture.advance import advance, tick
from nurture.clock import VirtualClock
from nurture.content import load_project
from nurture.enroll import enroll, trigger
from nurture.ledger.settle import accepted, settle
from nurture.mail import Outcome
from nurture.plan import Plan, SequencePlan, apply, look, outlook
from nurture.ports import Ports
from nurture.runtime import new_id, reread
from tests.engine.conftest import RecordingMailer
from tests.support import START, add_leads, make_ports, write_project

LEADS = 336
ACCEPTED = "FROM message m JOIN attempt a ON a.message_id = m.id WHERE a.state = 'accepted'"
#: between the numbers of a lead and of one like it
STEP = 1_000_000
TEMPLATES = [f"tofu/{name}" for name in ("one", "two", "nudge", "norsk", "world", "last", "extra")]
HEAD = """
sequence: walk
title: Every kind of step
owner: marketing
stage: tofu
enter: {trigger: lead_created}
"""
ONE = "  - {id: one, email: tofu/one}\n  - {id: pause-1, wait: 3 days}\n"
TWO = "  - {id: two, email: tofu/two}\n"
ASK = """  - id: ask
    wait_for: clicked('tofu/two')
    at_most: 5 days
    if_not: [{id: nudge, email: tofu/nudge}]
"""
FORK = """  - id: fork
    branch:
      - when: lead.country == 'NO'
        steps: [{id: norsk, email: tofu/norsk}]
      - otherwise: [{id: pause-2, wait: 2 days}, {id: world, email: tofu/world}]
"""
LAST = "  - {id: pause-3, wait: 1 weeks}\n  - {id: last, email: tofu/last}\n"
WALK = f"{HEAD}steps:\n{ONE}{TWO}{ASK}{FORK}{LAST}"
EXTRA = "  - {id: extra, email: tofu/extra}\n"

EDITS = {
    "shorten": WALK.replace("1 weeks", "3 days"),
    "lengthen": WALK.replace("3 days", "6 days"),
    "delete": WALK.replace(ASK, ""),
    "insert before": WALK.replace(LAST, f"{EXTRA}{LAST}"),
    "insert behind": f"{WALK}  - {{id: pause-4, wait: 1 days}}\n{EXTRA}",
    "rename": WALK.replace("id: two", "id: second").replace("id: pause-1", "id: rest"),
    "reorder": f"{HEAD}steps:\n{ONE}{FORK}{TWO}{ASK}{LAST}",
    "change branch": WALK.replace("== 'NO'", "== 'SE'").replace("wait: 2 days", "wait: 1 days"),
    "change goal": WALK.replace("steps:\n", "goal: {when: lead.country == 'NO'}\nsteps:\n", 1),
    "pause": f"paused: true\n{WALK}",
    "remove": None,
}


@dataclass
class Mill:
    """A company whose leads stand everywhere in one sequence."""

    root: Path
    database: Database
    ports: Ports
    clock: VirtualClock

    def edit(self, source: str | None) -> None:
        path = self.root / "sequences" / "walk.yaml"
        path.unlink() if source is None else path.write_text(source)
        self.ports = reread(self.ports)

    def rows(self, query: str) -> list[Row[Any]]:
        with self.database.reading() as connection:
            return list(connection.execute(text(query)).all())

    def enrollments(self) -> dict[int, Row[Any]]:
        return {row.id: row for row in self.rows("SELECT id, state, version, step, due_at, reason FROM enrollment")}

    def apply(self, plan: Plan, *, pin: bool = False) -> None:
        apply(self.ports, [one.sequence for one in plan.sequences], plan.live, pin=pin)

    def settle(self) -> None:
        """What was in flight has arrived."""
        attempts = [row.id for row in self.rows("SELECT id FROM attempt WHERE state = 'unknown'")]
        with self.database.transaction("settle") as connection:
            settle(connection, self.ports.library, accepted(attempts, "delivered"), self.clock.now())

    def mails_since(self, start: datetime) -> dict[date, int]:
        rows = self.rows("SELECT started_at FROM attempt WHERE message_id IS NOT NULL AND state = 'accepted'")
        times = [moment(row.started_at) for row in rows]
        return Counter(time.date() for time in times if time >= start)

    def play(self) -> None:
        """Two weeks in which the engine works whenever something is due."""
        until = midnight(self.clock.now(), 14)
        while True:
            tick(self.ports)
            due = self.rows("SELECT MIN(due_at) AS at FROM enrollment WHERE state = 'active' AND due_at IS NOT NULL")
            if due[0].at is None or moment(due[0].at) <= self.clock.now() or moment(due[0].at) >= until:
                break
            self.clock.move_to(moment(due[0].at))


def moment(value: str) -> datetime:
    """A moment as SQLite keeps it."""
    return datetime.fromisoformat(value).replace(tzinfo=UTC)


def midnight(now: datetime, days: int) -> datetime:
    return datetime.combine(now.date() + timedelta(days=days), datetime.min.time(), UTC)


def grow(root: Path, url: str, leads: int) -> None:
    """Three weeks of a company: leads come in four times a day, the last mails are still in flight."""
    write_project(root, sequences={"walk": WALK}, templates=TEMPLATES, caps=[])
    clock, mailer = VirtualClock(START), RecordingMailer(connections=100)
    database = Database(url)
    ports = make_ports(database, clock, mailer, load_project(root))
    arrivals = 84
    for number in range(arrivals):
        with database.transaction("seed") as connection:
            add_leads(connection, range(1 + number, 1 + leads, arrivals), clock.now(), zone="UTC")
            connection.execute(text("UPDATE lead SET country = CASE WHEN id % 3 = 0 THEN 'NO' ELSE 'SE' END"))
        enroll(ports)
        mailer.answers = [Outcome.UNKNOWN] * 3 if number == arrivals - 3 else []
        tick(ports)
        clock.advance(timedelta(hours=6))
    database.close()


@pytest.fixture(scope="session")
def few(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    folder = tmp_path_factory.mktemp("few")
    shutil.copy(sqlite_template, folder / "nurture.db")
    grow(folder / "project", f"sqlite:///{folder / 'nurture.db'}", LEADS)
    return folder


def multiply(database: Database, times: int) -> None:
    """So many leads for each, who stand where it does."""
    shifted = {
        "address": {"id": "id + :n", "email": "email || '-' || :n", "token": "token || '-' || :n"},
        "lead": {"id": "id + :n", "address_id": "address_id + :n"},
        "enrollment": {"id": "id + :n", "lead_id": "lead_id + :n"},
        "message": {"id": "id + :n", "lead_id": "lead_id + :n", "enrollment_id": "enrollment_id + :n"},
        "attempt": {"id": "id || '-' || :n", "message_id": "message_id + :n"},
    }
    with database.transaction("multiply") as connection:
        for table, changes in shifted.items():
            names = SQLModel.metadata.tables[table].columns.keys()
            values = ", ".join(changes.get(name, name) for name in names)
            own = f"id <= {STEP}" if table != "attempt" else "LENGTH(id) = 22"
            copy = text(f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM {table} WHERE {own}")
            connection.execute(copy, [{"n": STEP * number} for number in range(1, times)])


@contextmanager
def a_copy(folder: Path, to: Path) -> Iterator[Mill]:
    shutil.copytree(folder, to, dirs_exist_ok=True)
    database, clock = Database(f"sqlite:///{to / 'nurture.db'}"), VirtualClock(START + timedelta(days=21, hours=7))
    ports = make_ports(database, clock, RecordingMailer(connections=100), load_project(to / "project"))
    ports = replace(ports, new_id=new_id)  # those that count began anew
    yield Mill(to / "project", database, ports, clock)
    database.close()


@pytest.fixture
def mill(few: Path, tmp_path: Path) -> Iterator[Mill]:
    with a_copy(few, tmp_path / "copy") as found:
        yield found


@pytest.fixture(scope="session")
def many(few: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five thousand leads, of whom each has a good dozen like it."""
    folder = tmp_path_factory.mktemp("many")
    shutil.copytree(few, folder, dirs_exist_ok=True)
    database = Database(f"sqlite:///{folder / 'nurture.db'}")
    multiply(database, 5_000 // LEADS + 1)
    database.close()
    return folder


@pytest.fixture
def crowd(many: Path, tmp_path: Path) -> Iterator[Mill]:
    with a_copy(many, tmp_path / "copy") as found:
        yield found


def waiting_in(enrollments: Mapping[int, Row[Any]]) -> list[int]:
    return [id_ for id_, row in enrollments.items() if row.due_at is not None]


def check_counts(plan: SequencePlan, before: Mapping[int, Row[Any]], after: Mapping[int, Row[Any]]) -> None:
    """Everything the plan says, counted from what happened to the rows."""
    running = {id_: row for id_, row in before.items() if row.state == "active"}
    waiting = {id_: row for id_, row in running.items() if row.due_at is not None}
    pairs = [(row, after[id_]) for id_, row in waiting.items()]
    stayed = [(old, new) for old, new in pairs if new.state == "active"]
    shifts = [(moment(new.due_at) - moment(old.due_at)) / timedelta(hours=1) for old, new in stayed]
    assert (plan.waiting, plan.in_flight) == (len(waiting), len(running) - len(waiting))
    assert plan.exits == Counter(new.reason for _, new in pairs if new.state != "active")
    assert {(one.from_step, one.to_step): one.leads for one in plan.jumps} == Counter(
        (old.step, new.step) for old, new in stayed if old.step != new.step
    )
    assert plan.retimed.earlier == sum(shift < 0 for shift in shifts)
    assert plan.retimed.later == sum(shift > 0 for shift in shifts)
    assert plan.retimed.most_earlier == pytest.approx(max((-one for one in shifts if one < 0), default=0), abs=0.01)
    assert plan.retimed.most_later == pytest.approx(max((one for one in shifts if one > 0), default=0), abs=0.01)
    assert {one.step: one.before for one in plan.standing if one.before} == Counter(
        row.step for row in waiting.values()
    )
    assert {one.step: one.after for one in plan.standing if one.after} == Counter(new.step for _, new in stayed)
    untouched = [id_ for id_ in before if id_ not in waiting]
    assert [before[id_] for id_ in untouched] == [after[id_] for id_ in untouched]


def check_nobody_is_mailed_twice(mill: Mill) -> None:
    assert mill.rows(f"SELECT lead_id, template {ACCEPTED} GROUP BY lead_id, template HAVING COUNT(*) > 1") == []


@pytest.mark.parametrize("kind", EDITS)
def test_what_is_planned_is_what_is_done(mill: Mill, kind: str) -> None:
    before = mill.enrollments()
    mill.edit(EDITS[kind])
    plan = look(mill.ports)
    assert mill.enrollments() == before
    mill.apply(plan)
    after = mill.enrollments()
    [one] = plan.sequences
    check_counts(one, before, after)
    assert advance(mill.ports, waiting_in(before)).counts["sent"] == one.at_once
    assert one.twice == ()
    mill.play()
    assert mill.mails_since(plan.at) == plan.after
    check_nobody_is_mailed_twice(mill)


def test_without_an_apply_the_days_are_as_foreseen(mill: Mill) -> None:
    mill.edit(EDITS["lengthen"])
    plan = look(mill.ports)
    mill.play()
    assert mill.mails_since(plan.at) == plan.before
    assert plan.before != plan.after


@pytest.mark.parametrize("kind", EDITS)
def test_five_thousand_leads_are_planned_in_time_and_done_as_planned(crowd: Mill, kind: str) -> None:
    before = crowd.enrollments()
    assert len(before) >= 5_000
    crowd.edit(EDITS[kind])
    begun = time.process_time()
    plan = look(crowd.ports)
    assert time.process_time() - begun < 30
    crowd.apply(plan)
    check_counts(plan.sequences[0], before, crowd.enrollments())
    assert advance(crowd.ports, waiting_in(before)).counts["sent"] == plan.sequences[0].at_once
    check_nobody_is_mailed_twice(crowd)


def test_a_pause_says_who_is_held_and_who_is_past_its_time(mill: Mill) -> None:
    overdue = sum(moment(row.due_at) <= mill.clock.now() for row in mill.enrollments().values() if row.due_at)
    mill.edit(EDITS["pause"])
    plan = look(mill.ports)
    [one] = plan.sequences
    assert 0 < overdue < one.waiting
    assert (one.held, one.overdue, one.at_once, plan.after) == (one.waiting, overdue, 0, {})
    mill.apply(plan)
    mill.play()
    assert mill.mails_since(plan.at) == {}


def test_a_mail_under_another_id_is_told_before_it_is_mailed_again(mill: Mill) -> None:
    """The second mail gets another id and moves to the end, where those who have had it still come by."""
    late = TWO.replace("id: two", "id: second")
    mill.edit(f"{HEAD}steps:\n{ONE}{FORK}{LAST}{late}")
    plan = look(mill.ports)
    [one] = plan.sequences
    [told] = one.twice
    assert (told.old_step, told.new_step, told.template) == ("two", "second", "tofu/two")
    mill.apply(plan)
    mill.settle()
    for _ in range(3):
        mill.play()
    again = mill.rows(f"SELECT lead_id {ACCEPTED} AND template = 'tofu/two' GROUP BY lead_id HAVING COUNT(*) > 1")
    assert told.leads == len(again) > 0


def test_a_mail_under_another_id_that_goes_once_is_not_mailed_again(mill: Mill) -> None:
    late = TWO.replace("id: two", "once: true, id: second")
    mill.edit(f"{HEAD}steps:\n{ONE}{FORK}{LAST}{late}")
    plan = look(mill.ports)
    assert plan.sequences[0].twice == ()
    mill.apply(plan)
    mill.settle()
    for _ in range(3):
        mill.play()
    check_nobody_is_mailed_twice(mill)


def test_pinned_leads_are_counted_and_the_days_stay_as_they_are(mill: Mill) -> None:
    mill.edit(EDITS["delete"])
    plan = look(mill.ports, pin=True)
    [one] = plan.sequences
    running = [row for row in mill.enrollments().values() if row.state == "active"]
    assert (one.waiting, one.finishing) == (0, len(running))
    assert plan.after == plan.before
    mill.apply(plan, pin=True)
    mill.play()
    assert mill.mails_since(plan.at) == plan.before


def beside(mill: Mill, source: str) -> None:
    """Half of the leads come into another sequence as well."""
    (mill.root / "sequences" / "beside.yaml").write_text(source.replace("sequence: walk", "sequence: beside"))
    mill.ports = reread(mill.ports)
    with mill.database.transaction("come in") as connection:
        trigger(connection, range(1, LEADS + 1, 2), "lead_created", mill.clock.now())
    enroll(mill.ports)


def test_what_one_sequence_does_wakes_another_in_the_days_to_come(mill: Mill) -> None:
    beside(mill, f"{HEAD}steps: [{{wait_for: tagged('warm'), at_most: 90 days}}, {{email: tofu/extra}}]")
    tick(mill.ports)
    mill.clock.advance(timedelta(minutes=1))
    mill.edit(WALK.replace(LAST, f"  - {{id: mark, tag: warm}}\n{LAST}"))
    plan = look(mill.ports)
    mill.apply(plan)
    mill.play()
    assert mill.mails_since(plan.at) == plan.after
    assert mill.rows(f"SELECT 1 {ACCEPTED} AND template = 'tofu/extra'") != []


def test_two_sequences_share_the_caps_in_the_days_to_come(mill: Mill) -> None:
    config = mill.root / "nurture.yaml"
    config.write_text(config.read_text().replace('"caps": []', '"caps": ["1 per 72 hours"]'))
    beside(mill, f"priority: 2\n{WALK.replace('tofu/last', 'tofu/extra')}")
    mill.edit(EDITS["shorten"])
    plan = look(mill.ports)
    mill.apply(plan)
    mill.play()
    assert mill.mails_since(plan.at) == plan.after


def test_one_lead_is_told_in_a_sentence_before_and_after(mill: Mill) -> None:
    [lead] = mill.rows(
        "SELECT lead_id AS id FROM enrollment WHERE step = 'pause-3' AND state = 'active' ORDER BY since DESC LIMIT 1"
    )
    mill.edit(EDITS["shorten"])
    [told] = outlook(mill.ports, lead.id)
    assert (told.sequence, told.step) == ("walk", "pause-3")
    assert told.before.startswith("mail tofu/last, ")
    assert "1 weeks after" in told.before and "3 days from" in told.after
    assert [replace(one, after="") for one in outlook(mill.ports, lead.id, pin=True)] == [replace(told, after="")]


def test_without_edits_there_is_nothing_to_do(mill: Mill) -> None:
    assert look(mill.ports).is_idle
