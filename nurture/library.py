"""The sequences that are live, and every older text of them that leads still stand in.

The database says which version of a sequence is live, and only `nurture apply` changes that: workers with other files
on their disks go on with what is live. A sequence that the database has never seen goes live by itself.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row

from models.database import Database
from models.queries import journey
from models.statement import Select, write
from nurture.content import Project, parse_sequence
from nurture.core.decide import Position, arrive
from nurture.core.steps import EmailStep, Sequence

log = logging.getLogger(__name__)

#: how a project's file differs from what is live. "back": the sequence was taken out, and has a file again
Edit = Literal["new", "edited", "removed", "back", "faulty"]

_KEEP = write(
    """
    INSERT INTO sequence_version (version, sequence, source, published_at)
    VALUES (:version, :sequence, :source, :now)
    ON CONFLICT (version) DO UPDATE SET published_at = :now
    """
)
_GO_LIVE = write(
    """
    INSERT INTO live_sequence (sequence, version, applied_at) VALUES (:sequence, :version, :now)
    ON CONFLICT (sequence) DO UPDATE SET version = :version, applied_at = :now
    """
)
#: two workers that start at once agree on the first
_GO_LIVE_FIRST = write(
    """
    INSERT INTO live_sequence (sequence, version, applied_at) VALUES (:sequence, :version, :now)
    ON CONFLICT (sequence) DO NOTHING
    """
)
_TAKE_OUT = write("DELETE FROM live_sequence WHERE sequence = :sequence")


@dataclass(frozen=True, slots=True)
class Live:
    """Which text each enrollment goes by, as one transaction sees it.

    `versions` are the live ones by sequence, `texts` what is understood of each version; None: not any more.
    """

    versions: Mapping[str, str]
    texts: Mapping[str, Sequence | None]

    @property
    def sequences(self) -> Mapping[str, Sequence]:
        """The live ones by name."""
        found = ((name, self.texts.get(version)) for name, version in self.versions.items())
        return {name: sequence for name, sequence in found if sequence}

    def text_for(self, row: Row[Any]) -> Sequence | None:
        """The text an enrollment goes by: its own if it is pinned, else the live one."""
        version = row.version if row.pinned else self.versions.get(row.sequence)
        return self.texts.get(version) if version else None

    def is_out(self, row: Row[Any]) -> bool:
        """Whether the sequence was taken out, and this enrollment with it."""
        return not row.pinned and row.sequence not in self.versions

    def moves(self, row: Row[Any]) -> bool:
        """Whether the lead may go on at all: it has a text, which is not paused."""
        text = self.text_for(row)
        return text is not None and not text.paused

    def survivor(self, text: Sequence, step: str | None, version: str) -> str | None:
        """Where a lead at `step` of `version` stands in `text`: there, or at the next step that survives."""
        old = self.texts.get(version)
        while step is not None and step not in text.steps:
            step = old.steps[step].next if old and step in old.steps else None
        return step

    def past(self, row: Row[Any], at: datetime) -> tuple[str, Position]:
        """The version and the position of a lead that has `row.step` behind it since `at`."""
        text = self.text_for(row) or (None if self.is_out(row) else self.texts.get(row.version))
        if text is None:
            return row.version, Position(None, at, row.entered_at)
        step = self.following(text, row)
        return text.version, arrive(text, step, at, row.entered_at, row.timezone, row.country)

    def following(self, text: Sequence, row: Row[Any]) -> str | None:
        """The step of `text` that comes after the one where an enrollment stands."""
        old = self.texts.get(row.version)
        here = text.steps.get(row.step) or (old.steps.get(row.step) if old else None)
        return self.survivor(text, here.next if here else None, row.version)


@dataclass(slots=True)
class Library:
    """What is live (`in_force`, as this process last saw it), and where the project's files differ from it."""

    database: Database
    project: Project
    in_force: Mapping[str, Sequence] = field(default_factory=dict)
    edits: Mapping[str, Edit] = field(default_factory=dict)
    _texts: dict[str, Sequence | None] = field(default_factory=dict)

    def publish(self, project: Project, now: datetime) -> None:
        """Make the project live as it is, except for files with faults. Leads follow when their own time comes."""
        self.look(project)
        with self.database.transaction("publish") as connection:
            self.apply(connection, self.edits, now)
        self.look(project)

    def follow(self, project: Project, now: datetime) -> None:
        """Go on with what is live, whatever the files say; sequences the database has never seen go live."""
        self.look(project)
        if new := [project.sequences[name] for name, edit in self.edits.items() if edit == "new"]:
            with self.database.transaction("publish") as connection:
                connection.execute(_KEEP, [_row(one, now) for one in new])
                connection.execute(_GO_LIVE_FIRST, [_row(one, now) for one in new])
            self.look(project)

    def look(self, project: Project) -> None:
        """See what is live, and how the project's files differ. Writes nothing."""
        texts: dict[str, Sequence | None] = {one.version: one for one in project.sequences.values()}
        same = project.config == self.project.config
        self.project, self._texts = project, (self._texts if same else {}) | texts
        with self.database.reading() as connection:
            known = connection.execute(journey.PUBLISHED).all()
            self.live(connection)
        self.edits = dict(_edits(project, {row.sequence: row.version for row in known}))
        for name in (name for name, edit in self.edits.items() if edit == "faulty"):
            log.warning("sequence %s has faults: what is live stays live", name)

    def apply(self, connection: Connection, names: Iterable[str], now: datetime) -> None:
        """Make the project's files of these sequences live, or take out those that have none."""
        fresh = [self.project.sequences[name] for name in sorted(names) if name in self.project.sequences]
        gone = [{"sequence": name} for name in sorted(names) if self.edits.get(name) == "removed"]
        if fresh:
            connection.execute(_KEEP, [_row(one, now) for one in fresh])
            connection.execute(_GO_LIVE, [_row(one, now) for one in fresh])
        if gone:
            connection.execute(_TAKE_OUT, gone)

    def live(self, connection: Connection, rows: Iterable[Row[Any]] = ()) -> Live:
        """What is live at this moment, with every text that these enrollments have been in."""
        return self._live(connection, journey.LIVE, rows)

    def hold(self, connection: Connection, rows: Iterable[Row[Any]] = ()) -> Live:
        """The same, and nothing else goes live until this transaction ends. Taken after the enrollments."""
        return self._live(connection, journey.HOLD_LIVE, rows)

    def _live(self, connection: Connection, statement: Select, rows: Iterable[Row[Any]]) -> Live:
        versions = {row.sequence: row.version for row in connection.execute(statement)}
        texts = self._texts
        if missing := {*versions.values(), *(row.version for row in rows)} - texts.keys():
            # not added to what there is: another thread may be reading that
            texts = self._texts = {**texts, **{version: self._read(connection, version) for version in sorted(missing)}}
        live = Live(versions, texts)
        self.in_force = live.sequences
        return live

    def _read(self, connection: Connection, version: str) -> Sequence | None:
        found = connection.execute(journey.VERSION, {"version": version}).first()
        return parse_sequence(found.source, f"version {version}", self.project.config)[0] if found else None


def without_template(project: Project, sequences: Iterable[Sequence]) -> Iterable[tuple[str, str]]:
    """Sequence and template of each mail that has no template any more. (Those are as they lie on the disk.)"""
    for text in sequences:
        for step in text.steps.values():
            if isinstance(step, EmailStep) and not project.templates.resolve(step.template, "", text.stage):
                yield text.name, step.template


def edits_in_words(edits: Mapping[str, Edit]) -> str:
    """ "first-interest was edited": what waits to be applied; "" if nothing does."""
    told = [f"{name} {_WORDS[edit]}" for name, edit in sorted(edits.items()) if edit in _WORDS]
    return ", ".join(told)


_WORDS: Mapping[Edit, str] = {"edited": "was edited", "removed": "was removed", "back": "has a file again"}


def _edits(project: Project, live: Mapping[str, str | None]) -> Iterable[tuple[str, Edit]]:
    """Each sequence whose file says something else than what is live; `live` has every name that was ever seen."""
    for name in sorted({*project.sequences, *live}):
        file, version = project.sequences.get(name), live.get(name)
        if file and name not in live:
            yield name, "new"
        elif file and version is None:
            yield name, "back"
        elif file and file.version != version:
            yield name, "edited"
        elif not file and version is not None:
            yield name, "faulty" if name in project.faulty else "removed"


def _row(sequence: Sequence, now: datetime) -> dict[str, object]:
    return {"version": sequence.version, "sequence": sequence.name, "source": sequence.source, "now": now}
