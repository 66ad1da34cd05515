"""Sequence tests played: the real engine on a clock that jumps, one lead at a time, held against what was expected.

stage      the database that all tests are played in, one after the other
entrance   the lead of a test, and how it comes into the sequence
verdict    what was expected beside what was seen, and where they differ
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from nurture import simulate as sim
from nurture.content import Project
from nurture.content.doings import Doing
from nurture.content.rehearsal import Rehearsal
from nurture.content.rehearsals import Rehearsals
from nurture.content.source import locate
from nurture.core import steps
from nurture.core.cadence import after
from nurture.errors import UserError
from nurture.rehearsal.entrance import bring_in
from nurture.rehearsal.stage import Stage
from nurture.rehearsal.verdict import Difference, MailLine, compare, look
from nurture.simulate.acts import Act, Kind

__all__ = ["Difference", "MailLine", "Outcome", "rehearse_all"]

#: nothing is nurtured for longer; what has no end by then never has one
LONGEST = timedelta(days=2000)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a test came to. `line` is where it stands in its file.

    `mails` and `differences` are what to show of one that failed: the mails that were expected and those that were
    seen, and everything else that differs. `timeline` is all that happened to the lead.
    """

    sequence: str
    name: str
    file: str
    line: int
    mails: tuple[MailLine, ...]
    differences: tuple[Difference, ...]
    timeline: sim.Timeline | None

    @property
    def ok(self) -> bool:
        return not self.differences and all(line.ok for line in self.mails)


@dataclass(slots=True)
class _Reader(sim.Script):
    """Does what the test says; first of all it sends the form that it comes in by."""

    form: str = ""

    def arrive(self, addresses: Sequence[str], start: datetime) -> Iterator[Act]:
        if self.form:
            yield Act(start, Kind.FORM, addresses[0], about=self.form)
        # named, because a dataclass with slots is not the class that super() was compiled for
        yield from sim.Script.arrive(self, addresses, start)


def rehearse_all(project: Project, files: Sequence[Rehearsals]) -> Iterator[Outcome]:
    """Play every test of these files, one after the other."""
    with closing(Stage()) as stage:
        for file in files:
            for number, test in enumerate(file.tests):
                yield _rehearse(stage, project, file, number, test)


def _rehearse(stage: Stage, project: Project, file: Rehearsals, number: int, test: Rehearsal) -> Outcome:
    """Play one test. Only the sequence under test enrolls, and those that the test names beside it."""
    line, _ = locate(file.document.data, ("tests", number))
    outcome = partial(Outcome, file.sequence, test.name, file.document.file, line)
    try:
        return outcome(*_play(stage, project, project.sequences[file.sequence], test))
    except UserError as error:
        return outcome((), (Difference("events", "", str(error)),), None)


def _play(
    stage: Stage, project: Project, sequence: steps.Sequence, test: Rehearsal
) -> tuple[tuple[MailLine, ...], tuple[Difference, ...], sim.Timeline]:
    """What differs, and what happened. Raises UserError for an event that cannot be."""
    zone = test.lead.zone or project.config.window.zone
    start = test.starts.on(zone)
    playing = {name: project.sequences[name] for name in (sequence.name, *test.others)}
    world = sim.new_world(replace(project, sequences=playing), start, seed=1, database=stage.clear())
    lead_id, refused = bring_in(world, test, sequence)
    script = _Reader(list[Doing](test.events), zone, form=test.form or "")
    played = sim.play(world, script, after(test.lasts, start, zone) if test.lasts else start + LONGEST)
    seen = look(world, played, lead_id, sequence, refused)
    return *compare(test.expect, seen, zone, start, sequence.send, script.never), seen.timeline
