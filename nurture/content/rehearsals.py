"""All sequence tests of a project, held against what they speak of: sequences, steps, mails, forms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, get_args

from nurture.content.doings import TO_MAILS, against, forms_of, is_mail
from nurture.content.faults import check
from nurture.content.rehearsal import Rehearsal, RehearsalFile
from nurture.content.source import Document, Loc, read_file
from nurture.core import steps
from nurture.core.sequence import TRIGGERS
from nurture.core.steps import EmailStep, FunnelStage, SplitStep
from nurture.core.suggest import did_you_mean
from nurture.errors import Problem

if TYPE_CHECKING:
    from nurture.content.load import Project

#: where sequence tests are
FOLDER = "sequences/tests"
#: comes in by something that only an event of the test can be
_BY_FORM = "form_submitted"


@dataclass(frozen=True, slots=True)
class Rehearsals:
    """The tests in one file. `document` knows their places."""

    document: Document
    sequence: str
    tests: tuple[Rehearsal, ...]


def read_rehearsals(project: Project, *, held_up: bool = True) -> tuple[list[Rehearsals], list[Problem]]:
    """Every test file of the project that can be played, and what is wrong with the others; `held_up`: also that their
    sequence has faults, which may have been told."""
    found, problems = list[Rehearsals](), list[Problem]()
    for path in sorted((project.root / FOLDER).glob("*.y*ml")):
        document = read_file(path, path.relative_to(project.root).as_posix())
        parsed, faults = check(RehearsalFile, document)
        faults = [*document.problems, *faults]
        if parsed and (held_up or parsed.sequence not in project.faulty):
            faults += _Look(project, document, parsed).faults()
            if not any(fault.severity == "error" for fault in faults):
                found.append(Rehearsals(document, parsed.sequence, tuple(parsed.tests)))
        problems += sorted(faults)
    return found, problems


def mails_of(project: Project, names: Iterable[str]) -> list[str]:
    """Every mail that these sequences may send, whatever the lead's funnel stage."""
    found: dict[str, None] = {}
    for sequence in (project.sequences[name] for name in names):
        for step in sequence.steps.values():
            if isinstance(step, EmailStep):
                meant = (project.templates.resolve(step.template, one, sequence.stage) for one in get_args(FunnelStage))
                found |= dict.fromkeys(name for name in meant if name)
    return list(found)


def trigger_of(test: Rehearsal, sequence: steps.Sequence) -> str | None:
    """What brings the lead in; None where the test does not say which form does."""
    if test.form:
        return _BY_FORM
    known = dict.fromkeys((*TRIGGERS, *sorted(sequence.enter.triggers)))
    plain = (name for name in known if name in sequence.enter.triggers and name != _BY_FORM)
    return test.enter or next(plain, None)


@dataclass(frozen=True, slots=True)
class _Look:
    """Looks for what a file of tests speaks of and the project does not know."""

    project: Project
    document: Document
    file: RehearsalFile

    def faults(self) -> Iterator[Problem]:
        sequence = self.project.sequences.get(self.file.sequence)
        if sequence is None:
            yield self._no_sequence(self.file.sequence)
            return
        names: dict[str, int] = {}
        for number, test in enumerate(self.file.tests):
            at: Loc = ("tests", number)
            if test.name in names:
                message = f"another test is called '{test.name}' already: give each a name of its own"
                yield self.document.problem((*at, "name"), message, "test_name")
            names.setdefault(test.name, number)
            yield from self._test(at, test, sequence)

    def _no_sequence(self, name: str) -> Problem:
        faulty = {PurePath(one.file).stem: one.file for one in self.project.problems if one.severity == "error"}
        if name in faulty:
            return self.document.problem(("sequence",), f"'{name}' has faults: mend {faulty[name]} first", "test_name")
        return self._unknown(("sequence",), "sequence", name, self.project.sequences)

    def _test(self, at: Loc, test: Rehearsal, sequence: steps.Sequence) -> Iterator[Problem]:
        unknown = [name for name in test.others if name not in self.project.sequences]
        for name in unknown:
            yield self._unknown((*at, "with"), "sequence", name, self.project.sequences)
        yield from self._entry(at, test, sequence)
        yield from against(self.document, (*at, "events"), test.events, self.project.config)
        for step, arm in test.lots.items():
            yield from self._lot((*at, "lots", step), step, arm, sequence)
        waiting = test.expect.waiting
        if waiting and waiting not in sequence.steps:
            yield self._unknown((*at, "expect", "waiting"), "step", waiting, sequence.steps)
        if not unknown:
            mails = mails_of(self.project, [sequence.name, *test.others])
            for loc, name in _named(at, test):
                if not any(is_mail(name, mail) for mail in mails):
                    yield self._mail(loc, name, sequence.name, mails)

    def _entry(self, at: Loc, test: Rehearsal, sequence: steps.Sequence) -> Iterator[Problem]:
        triggers, forms = sequence.enter.triggers, forms_of(self.project.config.agreement)
        if test.form and test.form not in forms:
            hint = did_you_mean(test.form, forms) or f"; there are: {', '.join(sorted(forms))}"
            yield self.document.problem((*at, "form"), f"the agreement has no form '{test.form}'{hint}", "form")
        if test.enter and test.enter not in triggers:
            message = f"'{sequence.name}' is not entered by '{test.enter}'; it is by: {', '.join(sorted(triggers))}"
            yield self.document.problem((*at, "enter"), message, "test_name")
        elif test.form and _BY_FORM not in triggers:
            message = f"'{sequence.name}' is not entered by a form: let it be an event, or leave it out"
            yield self.document.problem((*at, "form"), message, "test_name", at_key=True)
        elif trigger_of(test, sequence) in (None, _BY_FORM) and not test.form:
            message = f"'{sequence.name}' is entered by a form: say which with 'form:'; there are: "
            yield self.document.problem((*at, "name"), message + ", ".join(sorted(forms)), "test_name")

    def _lot(self, loc: Loc, step: str, arm: int, sequence: steps.Sequence) -> Iterator[Problem]:
        splits = {name: one for name, one in sequence.steps.items() if isinstance(one, SplitStep)}
        if step not in splits:
            yield self._unknown(loc, "split", step, splits, at_key=True)
        elif not 1 <= arm <= len(splits[step].shares):
            message = f"this split has the arms 1 to {len(splits[step].shares)}"
            yield self.document.problem(loc, message, "test_name")

    def _mail(self, loc: Loc, name: str, sequence: str, mails: Sequence[str]) -> Problem:
        short = [mail.partition("/")[2] for mail in mails]
        known = any(is_mail(name, mail) for mail in self.project.templates.names())
        what = f"'{name}' is no mail of '{sequence}'" if known else f"there is no template '{name}'"
        hint = did_you_mean(name, [*mails, *short]) or f"; it has: {', '.join(mails)}"
        return self.document.problem(loc, what + hint, "template")

    def _unknown(self, loc: Loc, what: str, name: str, known: Iterable[str], *, at_key: bool = False) -> Problem:
        known = list(known)
        hint = did_you_mean(name, known) or (f"; there are: {', '.join(known)}" if known else "; there is none")
        return self.document.problem(loc, f"there is no {what} '{name}'{hint}", "test_name", at_key=at_key)


def _named(at: Loc, test: Rehearsal) -> Iterator[tuple[Loc, str]]:
    """Every mail that a test names, with its place."""
    for number, event in enumerate(test.events):
        if event.kind in TO_MAILS:
            yield (*at, "events", number, event.kind), event.about
        if event.to:
            yield (*at, "events", number, "to"), event.to
    for number, mail in enumerate(test.expect.mails or ()):
        yield (*at, "expect", "mails", number), mail.template
