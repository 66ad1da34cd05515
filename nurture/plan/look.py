"""What edits would do to the leads that are under way: counted, and with nothing written."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import explain
from models.queries import plan as queries
from nurture.advance import chunks
from nurture.library import Edit, Live
from nurture.plan.ahead import Days, Stand, horizon, mails_ahead
from nurture.plan.anew import Anew, Mails, decide_anew, mails_of
from nurture.plan.edits import Change, changes, choose, refuse_pin
from nurture.plan.tally import Fate, Jump, Retimed, Standing, Tally
from nurture.plan.twice import Twice, mailed_again, repeats
from nurture.ports import Ports

#: leads read at once
CHUNK = 500
#: how far mails are foreseen
DAYS = 14


@dataclass(frozen=True, slots=True)
class SequencePlan:
    """What an edit does to one sequence.

    `waiting` leads are decided anew: they are where `standing` says, some `jumps` and some `retimed`, or leave
    (`exits`, by reason). `at_once` would be mailed in the next round; `held` stand still because it is paused, of whom
    `overdue` have had their time. Not touched: `in_flight`, whose mail is on its way (or waits for a person's word)
    and who follow afterwards; `finishing`, who finish the text they have; `following`, who go by the new text already.
    `twice` are those who would get the words of a renamed mail again.
    """

    sequence: str
    edit: Edit | None
    diff: tuple[str, ...] = ()
    waiting: int = 0
    in_flight: int = 0
    finishing: int = 0
    following: int = 0
    held: int = 0
    overdue: int = 0
    at_once: int = 0
    standing: tuple[Standing, ...] = ()
    jumps: tuple[Jump, ...] = ()
    retimed: Retimed = field(default_factory=Retimed)
    exits: Mapping[str, int] = field(default_factory=dict)
    twice: tuple[Twice, ...] = ()

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to do."""
        return self.edit is None and not self.waiting


@dataclass(frozen=True, slots=True)
class Plan:
    """What would happen at `at` (UTC) if these edits were applied.

    `live` are the versions it was made from; `before` and `after` are mails by day, for 14 days in which nobody does
    anything, in all that the leads of these sequences are enrolled in.
    """

    at: datetime
    live: Mapping[str, str]
    sequences: tuple[SequencePlan, ...]
    before: Mapping[date, int]
    after: Mapping[date, int]

    @property
    def is_idle(self) -> bool:
        return all(one.is_idle for one in self.sequences)


def look(
    ports: Ports,
    words: Collection[str] = (),
    *,
    pin: bool = False,
    progress: Callable[[int], None] = lambda _: None,
) -> Plan:
    """What applying the project's files of these sequences (left out: all) would do now. Writes nothing."""
    now = ports.clock.now()
    with ports.database.reading() as connection:
        live = ports.library.live(connection)
        names = choose(ports.library, live, words, (row.sequence for row in connection.execute(queries.BEHIND)))
        edited = [name for name in names if name in ports.library.edits]
        if pin:
            refuse_pin(live, edited)
        leads = [row.lead_id for row in connection.execute(queries.LEADS, {"names": names})]
        counts = _Counts(ports, connection, now, to_be(ports, live, names), names, frozenset(edited if pin else ()))
        for number, ids in enumerate(chunks(leads, CHUNK), start=1):
            counts.take(ids)
            progress(min(number * CHUNK, len(leads)))
    plans = tuple(_told(change, counts.tallies[change.sequence]) for change in changes(ports.library, live, names))
    return Plan(now, live.versions, plans, counts.before, counts.after)


def to_be(ports: Ports, live: Live, names: Iterable[str]) -> Live:
    """What is live once the files of these sequences are."""
    versions = dict(live.versions)
    for name in names:
        if file := ports.project.sequences.get(name):
            versions[name] = file.version
        elif ports.library.edits.get(name) == "removed":
            versions.pop(name, None)
    return replace(live, versions=versions)


@dataclass(slots=True)
class _Counts:
    """What becomes of leads, a chunk at a time. `pinned` are sequences whose leads are to finish their text."""

    ports: Ports
    connection: Connection
    now: datetime
    to_be: Live
    names: Collection[str]
    pinned: Collection[str]
    tallies: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    before: Days = field(default_factory=Counter)
    after: Days = field(default_factory=Counter)

    def take(self, leads: Sequence[int]) -> None:
        """All that these leads are enrolled in."""
        rows = self.connection.execute(explain.RUNNING, {"ids": leads}).all()
        live = self.ports.library.live(self.connection, rows)
        to_be = replace(self.to_be, texts=live.texts)
        mails = mails_of(self.connection, rows)
        fates = {row.id: self._fate(row) for row in rows if row.sequence in self.names}
        waiting = [row for row in rows if fates.get(row.id) == "waiting"]
        some = decide_anew(self.connection, self.ports, to_be, waiting, mails, self.now)
        for row in rows:
            if row.id in fates:
                self.tallies[row.sequence].fates[fates[row.id]] += 1
        for one in some:
            self.tallies[one.row.sequence].add(one, self.now)
        self._count_repeats(to_be, [row for row in rows if fates.get(row.id) == "in_flight"], some, mails)
        others = [row for row in rows if fates.get(row.id) != "waiting"]
        then = [*filter(None, map(Stand.then, some)), *_as_they_are(live, others, self.pinned)]
        end = horizon(self.ports, self.now, DAYS)
        for stands, days in ((_as_they_are(live, rows), self.before), (then, self.after)):
            days.update(mails_ahead(self.connection, self.ports, stands, mails, self.now, end))

    def _count_repeats(self, to_be: Live, in_flight: Sequence[Row[Any]], some: Sequence[Anew], mails: Mails) -> None:
        places = [(one.row, one.position.step) for one in some if not one.exit]
        places += [(row, to_be.following(text, row)) for row in in_flight if (text := to_be.text_for(row))]
        for row, step in places:
            self.tallies[row.sequence].twice.update(mailed_again(to_be, row, step, mails[row.id]))

    def _fate(self, row: Row[Any]) -> Fate:
        if row.pinned or row.sequence in self.pinned:
            return "finishing"
        if row.due_at is None:
            return "in_flight"
        return "following" if row.version == self.to_be.versions.get(row.sequence) else "waiting"


def _as_they_are(live: Live, rows: Iterable[Row[Any]], pinned: Collection[str] = ()) -> list[Stand]:
    """Where leads that wait stand now, by the text they go by: in sequences that are pinned, their own."""
    stands = []
    for row in rows:
        text = live.texts.get(row.version) if row.sequence in pinned else live.text_for(row)
        if row.due_at is not None and text and not text.paused:
            stands.append(Stand.now(live, text, row))
    return stands


def _told(change: Change, tally: Tally) -> SequencePlan:
    return SequencePlan(
        change.sequence,
        change.edit,
        change.diff,
        waiting=tally.fates["waiting"],
        in_flight=tally.fates["in_flight"],
        finishing=tally.fates["finishing"],
        following=tally.fates["following"],
        held=tally.held,
        overdue=tally.overdue,
        at_once=tally.at_once,
        standing=tally.standing(),
        jumps=tally.moved(),
        retimed=tally.retimed(),
        exits=tally.left(),
        twice=repeats(tally.twice),
    )
