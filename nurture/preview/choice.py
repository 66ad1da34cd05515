"""Which mails are shown, in which order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from string import ascii_uppercase

from nurture.content import Project, parse_sequence
from nurture.content.lint import FUNNEL_STAGES
from nurture.core.steps import EmailStep
from nurture.core.suggest import did_you_mean
from nurture.errors import UsageError
from nurture.preview.people import Person, slug


@dataclass(frozen=True, slots=True)
class Item:
    """One mail to show. `template` without a slash is the one of the lead's funnel stage, else of `stage`.

    `group` is the heading it stands under: a sequence, or a funnel stage. `subject` overrides the mail's own.
    """

    group: str
    title: str
    template: str
    stage: str
    sequence: str = ""
    subject: str | None = None
    topic: str | None = None
    by_owner: bool = False

    @property
    def slug(self) -> str:
        """The beginning of the names of its pages."""
        return "-".join(filter(None, (self.sequence, slug(self.title))))

    def template_for(self, person: Person, project: Project) -> str:
        """The template this person gets; the bare name where there is none."""
        funnel = str(person.fields.get("funnel") or self.stage)
        return project.templates.resolve(self.template, funnel, self.stage) or self.template


def choose(project: Project, words: Iterable[str]) -> list[Item]:
    """The mails meant by names or files of templates, stages and sequences; without words, every template.

    A sequence that cannot be read means no mail; its faults are among the project's problems. Raises UsageError with
    the nearest name for a word that means nothing.
    """
    names = sorted(project.templates.names(), key=_by_funnel)
    wanted = list(words)
    items = [item for word in wanted for item in _meant(project, names, word)]
    return list(dict.fromkeys(items)) if wanted else [_alone(name) for name in names]


def _meant(project: Project, names: list[str], word: str) -> Iterator[Item]:
    plain = re.sub(r"^(.*/)?(templates|sequences)/|\.(html|mjml|txt|ya?ml)$", "", word.rstrip("/"))
    files = {path.stem: path for path in (project.root / "sequences").glob("*.y*ml")}
    if plain in files:
        yield from _mails_of(project, files[plain])
        return
    found = [name for name in names if plain in (name, *name.split("/"))]
    if not found:
        raise UsageError(f"there is no template or sequence '{word}'{did_you_mean(plain, [*names, *files])}")
    yield from map(_alone, found)


def _mails_of(project: Project, path: Path) -> Iterator[Item]:
    # from its file: a sequence with a faulty template is not in force, and is just what one wants to look at
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    sequence, _problems = parse_sequence(text, path.name, project.config)
    if sequence is None:
        return
    steps = [step for step in sequence.steps.values() if isinstance(step, EmailStep)]
    for number, step in enumerate(steps, start=1):
        about = (step.template, sequence.stage, sequence.name)
        for letter, subject in zip(ascii_uppercase, step.subjects or (None,), strict=False):
            title = f"{number} {step.template}{f', subject {letter}' if len(step.subjects) > 1 else ''}"
            yield Item(sequence.title, title, *about, subject, step.topic, step.sender == "owner")


def _alone(name: str) -> Item:
    stage = name.partition("/")[0]
    return Item(stage, name, name, stage)


def _by_funnel(name: str) -> tuple[int, str]:
    stage = name.partition("/")[0]
    return (FUNNEL_STAGES.index(stage) if stage in FUNNEL_STAGES else len(FUNNEL_STAGES), name)
