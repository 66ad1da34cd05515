"""A project as it lies on disk: nurture.yaml, sequences/ and templates/, read and checked as a whole."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from nurture.content.faults import check
from nurture.content.lint import lint_sequence, lint_templates
from nurture.content.source import Document, locate, read_yaml
from nurture.content.templates import Templates
from nurture.core.project import ProjectConfig
from nurture.core.sequence import DuplicateSteps, SequenceFile, build
from nurture.core.steps import SendWindow, Sequence
from nurture.errors import ContentError, Problem, SetupError

CONFIG = "nurture.yaml"


@dataclass(frozen=True, slots=True)
class Project:
    """Everything marketing wrote, checked.

    `sequences` holds the valid ones by name; what is wrong with the others, or looks odd, is in `problems`.
    `agreement_version` names the agreement in force; every decision on a lead is stamped with it.
    """

    root: Path
    config: ProjectConfig
    agreement_version: str
    sequences: Mapping[str, Sequence]
    templates: Templates
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Draft:
    """A sequence file with what could be made of it."""

    document: Document
    sequence: Sequence | None
    problems: list[Problem]

    @property
    def valid(self) -> Sequence | None:
        return None if any(problem.severity == "error" for problem in self.problems) else self.sequence


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
    drafts = list(_checked(_read_drafts(root, config.window), templates, broken))
    sequences = {draft.valid.name: draft.valid for draft in drafts if draft.valid}
    found = [*problems, *(problem for draft in drafts for problem in draft.problems), *template_problems]
    return Project(root, config, agreement_version(config), sequences, templates, tuple(found))


def validate(root: Path) -> list[Problem]:
    """Every problem of the project in `root`, errors and warnings, in one pass."""
    try:
        return list(load_project(root).problems)
    except ContentError as error:
        drafts = _read_drafts(root, SendWindow())
        return [*error.problems, *(problem for draft in drafts for problem in draft.problems)]


def parse_sequence(source: str, file: str, config: ProjectConfig) -> tuple[Sequence | None, list[Problem]]:
    """Read one sequence from its text; None when it has errors. `file` is what problems call it."""
    draft = _read_draft(source, file, config.window)
    return draft.valid, draft.problems


def agreement_version(config: ProjectConfig) -> str:
    """A name for what the agreement says: comments and order of keys do not change it, a single point does."""
    terms = json.dumps(
        config.agreement.model_dump(mode="json"), sort_keys=True, ensure_ascii=False, separators=(",", ":")
    )
    return hashlib.sha256(terms.encode()).hexdigest()[:12]


def _read_config(root: Path) -> tuple[ProjectConfig | None, list[Problem]]:
    document = _read_file(root / CONFIG, CONFIG)
    config, faults = check(ProjectConfig, document)
    problems = sorted([*document.problems, *faults])
    errors = any(problem.severity == "error" for problem in problems)
    return None if errors else config, problems


def _read_drafts(root: Path, window: SendWindow) -> Iterator[_Draft]:
    names: dict[str, str] = {}
    for path in sorted((root / "sequences").glob("*.y*ml")):
        file = path.relative_to(root).as_posix()
        document = _read_file(path, file)
        draft = _draft(document, window)
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


def _checked(drafts: Iterable[_Draft], templates: Templates, broken: set[str]) -> Iterator[_Draft]:
    for draft in drafts:
        if draft.sequence:
            draft.problems.extend(lint_sequence(draft.document, draft.sequence.stage, templates, broken))
        yield draft


def _read_draft(source: str, file: str, window: SendWindow) -> _Draft:
    return _draft(read_yaml(source, file), window)


def _draft(document: Document, window: SendWindow) -> _Draft:
    parsed, faults = check(SequenceFile, document)
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


def _read_file(path: Path, file: str) -> Document:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        return Document(file, "", None, (Problem(file, 0, 0, f"this cannot be read: {error.strerror}", "file"),))
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        message = "this is not saved as UTF-8: save the file again with that encoding"
        return Document(file, "", None, (Problem(file, line, 1, message, "encoding"),))
    return read_yaml(text, file)
