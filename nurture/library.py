"""The sequences in force: the newest valid text of each, and every older one that leads still stand in.

A file that does not validate leaves the last good version in force; the fault is shown, not felt.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from models.database import Database
from models.queries import journey
from models.statement import write
from nurture.content import Project, parse_sequence
from nurture.core.steps import Sequence

log = logging.getLogger(__name__)

_PUBLISH = write(
    """
    INSERT INTO sequence_version (version, sequence, source, published_at)
    VALUES (:version, :sequence, :source, :published_at)
    ON CONFLICT (version) DO UPDATE SET published_at = :published_at
    """
)


@dataclass(slots=True)
class Library:
    """Sequences by name (`in_force`) and by version (`version`)."""

    database: Database
    project: Project
    in_force: Mapping[str, Sequence] = field(default_factory=dict)
    _versions: dict[str, Sequence | None] = field(default_factory=dict)

    def publish(self, project: Project, now: datetime) -> None:
        """Put the project's valid sequences in force, keeping the last good version of those that have faults."""
        self.project = project
        fresh = dict(project.sequences)
        with self.database.reading() as connection:
            known = {row.sequence for row in connection.execute(journey.PUBLISHED)}
            newest = {
                name: connection.execute(journey.NEWEST_VERSION, {"sequence": name}).one() for name in sorted(known)
            }
        new = [one for name, one in fresh.items() if name not in newest or newest[name].version != one.version]
        if new:
            with self.database.transaction("publish") as connection:
                connection.execute(_PUBLISH, [_row(one, now) for one in new])
        for name in sorted(_faulty(project) & set(newest) - set(fresh)):
            last_good = self._parse(newest[name].version, newest[name].source)
            if last_good:
                fresh[name] = last_good
                log.warning("sequence %s has faults: version %s stays in force", name, last_good.version)
        self._versions.update({one.version: one for one in fresh.values()})
        self.in_force = fresh

    def version(self, version: str) -> Sequence | None:
        """A sequence as it was; None if it is not understood any more."""
        if version not in self._versions:
            with self.database.reading() as connection:
                row = connection.execute(journey.VERSION, {"version": version}).first()
            self._versions[version] = self._parse(version, row.source) if row else None
        return self._versions[version]

    def after(self, name: str, version: str, step: str) -> tuple[Sequence, str | None] | None:
        """The sequence in force and the step that follows `step` in it; None if neither text is understood any more."""
        old = self.version(version)
        sequence = self.in_force.get(name) or old
        if sequence is None:
            return None
        here = sequence.steps.get(step) or (old.steps.get(step) if old else None)
        return sequence, self.survivor(sequence, here.next if here else None, version)

    def survivor(self, sequence: Sequence, step: str | None, version: str) -> str | None:
        """Where a lead at `step` of `version` stands in `sequence`: there, or at the next step that survives."""
        if step is None or step in sequence.steps:
            return step
        old = self.version(version)
        while step is not None and step not in sequence.steps:
            step = old.steps[step].next if old and step in old.steps else None
        return step

    def _parse(self, version: str, source: str) -> Sequence | None:
        sequence, _ = parse_sequence(source, f"version {version}", self.project.config)
        return sequence


def _faulty(project: Project) -> set[str]:
    """The sequences that have a file, but not a valid one. (One without a file was taken out on purpose.)"""
    return {Path(problem.file).stem for problem in project.problems if problem.severity == "error"}


def _row(sequence: Sequence, now: datetime) -> dict[str, object]:
    return {
        "version": sequence.version,
        "sequence": sequence.name,
        "source": sequence.source,
        "published_at": now,
    }
