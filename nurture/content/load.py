"""A project as it lies on disk: nurture.yaml, sequences/ and templates/, read and checked as a whole."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from nurture.content.faults import check
from nurture.content.inhouse import lint_inhouse
from nurture.content.lint import lint_sequence, lint_templates
from nurture.content.overlap import overlaps
from nurture.content.rehearsals import read_rehearsals
from nurture.content.shut import shut
from nurture.content.source import Document, locate, read_file, read_yaml
from nurture.content.templates import Templates
from nurture.content.terms import odd_terms
from nurture.core.agreement import Agreement
from nurture.core.build import DuplicateSteps, build
from nurture.core.project import ProjectConfig
from nurture.core.sequence import SequenceFile
from nurture.core.steps import SendWindow, Sequence
from nurture.errors import ContentError, Problem, SetupError

CONFIG = "nurture.yaml"
_NAME = re.compile(r"^sequence:\s*[\"']?([a-z0-9][a-z0-9-]*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Project:
    """Everything marketing wrote, checked.

    `sequences` holds the valid ones by name; what is wrong with the others, or looks odd, is in `problems`.
    `agreement_version` names the agreement in force; every decision on a lead is stamped with it. `faulty` are the
    names by which sequences with errors may be known: that of the file, and the one the file gives. `draft` is the
    agreement of nurture.yaml where another one is in force.
    """

    root: Path
    config: ProjectConfig
    agreement_version: str
    sequences: Mapping[str, Sequence]
    templates: Templates
    problems: tuple[Problem, ...]
    faulty: frozenset[str] = frozenset()
    draft: Agreement | None = None


@dataclass(frozen=True, slots=True)
class _Draft:
    """A sequence file with what could be made of it."""

    document: Document
    sequence: Sequence | None
    problems: list[Problem]

    @property
    def valid(self) -> Sequence | None:
        return None if any(problem.severity == "error" for problem in self.problems) else self.sequence

    @property
    def names(self) -> set[str]:
        """Whatever it may be called, also by a file that cannot be read as YAML."""
        return {Path(self.document.file).stem, *_NAME.findall(self.document.text)}


def find_root(start: Path) -> Path:
    """The project `start` lies in: the nearest folder upwards with a nurture.yaml. Raises SetupError without one."""
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / CONFIG).is_file():
            return folder
    raise SetupError(f"There is no {CONFIG} in {start.resolve()} or above it. Go to your project, or write one.")


def load_project(root: Path) -> Project:
    """Read the project in `root`. Faulty sequences and templates are left out and listed; without a valid nurture.yaml
    nothing can run, so that raises ContentError."""
    config, problems = _read_config(root)
    if config is None:
        raise ContentError(problems)
    brand, sender = config.brand.model_dump(), config.sender.model_dump()
    templates = Templates(root / "templates", brand, sender)
    template_problems = lint_templates(templates)
    broken = {problem.file for problem in template_problems if problem.severity == "error"}
    drafts = list(_checked(_read_drafts(root, config.window, config.tracked), config, templates, broken))
    _overlaps(drafts, config)
    sequences = {draft.valid.name: draft.valid for draft in drafts if draft.valid}
    found = [*problems, *(problem for draft in drafts for problem in draft.problems), *template_problems]
    found += lint_inhouse(root, config)
    faulty = frozenset(name for draft in drafts if draft.valid is None for name in draft.names)
    return Project(root, config, agreement_version(config), sequences, templates, tuple(found), faulty)


def validate(root: Path) -> list[Problem]:
    """Every problem of the project in `root`, errors and warnings, in one pass."""
    try:
        project = load_project(root)
        return [*project.problems, *read_rehearsals(project, held_up=False)[1]]
    except ContentError as error:
        drafts = _read_drafts(root, SendWindow())
        return [*error.problems, *(problem for draft in drafts for problem in draft.problems)]


def parse_sequence(source: str, file: str, config: ProjectConfig) -> tuple[Sequence | None, list[Problem]]:
    """Read one sequence from its text; None when it has errors. `file` is what problems call it."""
    draft = _read_draft(source, file, config.window, config.tracked)
    return draft.valid, draft.problems


def agreement_version(config: ProjectConfig) -> str:
    """A name for what the agreement says: comments and order of keys do not change it, a single point does."""
    return version_of(config.agreement)


def version_of(agreement: Agreement) -> str:
    """The same for an agreement by itself."""
    terms = json.dumps(agreement.model_dump(mode="json"), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(terms.encode()).hexdigest()[:12]


def _read_config(root: Path) -> tuple[ProjectConfig | None, list[Problem]]:
    document = read_file(root / CONFIG, CONFIG)
    config, faults = check(ProjectConfig, document)
    off = (*shut(document, config.window), *odd_terms(document, config)) if config else ()
    problems = sorted([*document.problems, *faults, *off])
    errors = any(problem.severity == "error" for problem in problems)
    return None if errors else config, problems


def _read_drafts(root: Path, window: SendWindow, events: frozenset[str] | None = None) -> Iterator[_Draft]:
    """The sequences as they stand in files. `events` are those of the site; None while nobody can know them."""
    names: dict[str, str] = {}
    for path in sorted((root / "sequences").glob("*.y*ml")):
        file = path.relative_to(root).as_posix()
        document = read_file(path, file)
        draft = _draft(document, window, events)
        if draft.sequence:
            draft.problems.extend(_name_faults(draft, path.stem, names))
        yield draft


def _name_faults(draft: _Draft, stem: str, names: dict[str, str]) -> Iterable[Problem]:
    name = draft.sequence.name if draft.sequence else ""
    if name in names:
        message = f"another sequence is called '{name}' already: {names[name]}"
        yield draft.document.problem(("sequence",), message, "sequence_name")
    elif name != stem:
        message = f"the sequence is called '{name}', its file '{stem}': give both the same name"
        yield draft.document.problem(("sequence",), message, "sequence_name", severity="warning")
    names.setdefault(name, draft.document.file)


def _checked(
    drafts: Iterable[_Draft], config: ProjectConfig, templates: Templates, broken: set[str]
) -> Iterator[_Draft]:
    for draft in drafts:
        if draft.sequence:
            draft.problems.extend(lint_sequence(draft.document, config, templates, broken))
        yield draft


def _overlaps(drafts: list[_Draft], config: ProjectConfig) -> None:
    """Add to each sequence what only shows beside the others."""
    valid = {draft.valid.name: draft for draft in drafts if draft.valid}
    pairs = [(draft.document, draft.sequence) for draft in valid.values() if draft.sequence]
    for name, problem in overlaps(pairs, config):
        valid[name].problems.append(problem)


def _read_draft(source: str, file: str, window: SendWindow, events: frozenset[str]) -> _Draft:
    return _draft(read_yaml(source, file), window, events)


def _draft(document: Document, window: SendWindow, events: frozenset[str] | None) -> _Draft:
    parsed, faults = check(SequenceFile, document, {"events": events})
    problems = sorted([*document.problems, *faults])
    if parsed is None:
        return _Draft(document, None, problems)
    try:
        return _Draft(document, build(parsed, document.text, window), problems)
    except DuplicateSteps as error:
        return _Draft(document, None, [*problems, *_duplicates(document, error)])


def _duplicates(document: Document, error: DuplicateSteps) -> Iterator[Problem]:
    for duplicate in error.duplicates:
        first, _ = locate(document.data, duplicate.first)
        message = f"two steps are called '{duplicate.id}', the first in line {first}: give this one an 'id:' of its own"
        yield document.problem(duplicate.second, message, "duplicate_step")
