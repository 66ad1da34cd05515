"""What only shows when sequences and templates are looked at together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from nurture.content.parts import Part
from nurture.content.source import Document, Loc
from nurture.content.templates import Templates
from nurture.content.trial import try_out
from nurture.content.vetting import vet, vet_part
from nurture.core.conditions import ConditionError, templates_asked_for
from nurture.core.steps import FunnelStage
from nurture.core.suggest import did_you_mean
from nurture.errors import Problem

FUNNEL_STAGES: tuple[FunnelStage, ...] = get_args(FunnelStage)


def lint_templates(templates: Templates) -> list[Problem]:
    """Every fault of the templates; those that cannot be compiled are not tried out."""
    faults = list(vet(templates))
    broken = {problem.file for problem in faults}
    for name in templates.names():
        if broken.isdisjoint(files_of(templates, name)):
            faults += try_out(templates, name)
    return list(dict.fromkeys(faults))


def files_of(templates: Templates, name: str) -> set[str]:
    """The files a mail may be made of, as a person knows them: its own, and every layout."""
    layouts = {file for file in templates.files if file.startswith("_")}
    return {templates.label(file) for file in layouts | {f"{name}.txt", f"{name}.html"}}


def lint_sequence(document: Document, stage: str, templates: Templates, broken: set[str]) -> list[Problem]:
    """Faults of a sequence that itself reads well: templates it names that do not exist or are `broken` (files),
    and subjects that do not render."""
    return [
        problem
        for loc, key, text in _texts(document.data)
        for problem in _look_at(document, loc, key, text, stage, templates, broken)
    ]


def _look_at(
    document: Document, loc: Loc, key: str, text: str, stage: str, templates: Templates, broken: set[str]
) -> Iterator[Problem]:
    if key == "email":
        yield from _template(document, loc, text, stage, templates, broken)
    elif key == "subject":
        yield from _subject(document, loc, text, stage, templates, broken)
    elif key in ("when", "wait_for"):
        yield from _asked_for(document, loc, text, templates)


def _texts(node: Any, at: Loc = ()) -> Iterator[tuple[Loc, str, str]]:
    """Every text in the file with its place and its key."""
    pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in pairs:
        if isinstance(value, str):
            yield (*at, key), str(key), value
        else:
            yield from _texts(value, (*at, key))


def _meant(text: str, stage: str, templates: Templates) -> dict[str, str | None]:
    """Funnel stage of a lead -> the mail it would get."""
    return {funnel: templates.resolve(text, funnel, stage) for funnel in FUNNEL_STAGES}


def _template(
    document: Document, loc: Loc, text: str, stage: str, templates: Templates, broken: set[str]
) -> Iterator[Problem]:
    meant = _meant(text, stage, templates)
    missing = [funnel for funnel, name in meant.items() if name is None]
    if "/" in text and missing:
        guess = did_you_mean(text, templates.names())
        yield document.problem(loc, f"there is no template '{text}'{guess}", "template")
    elif missing:
        short = {name.partition("/")[2] for name in templates.names()}
        wanted = f"'{stage}/{text}', or one for each of: {', '.join(missing)}"
        guess = did_you_mean(text, short) if len(missing) == len(meant) else ""
        yield document.problem(loc, f"there is no template {wanted}{guess}", "template")
    for name in sorted({name for name in meant.values() if name}):
        if faulty := sorted(broken & files_of(templates, name)):
            yield document.problem(loc, f"the template '{name}' has faults: see {faulty[0]}", "template")


def _subject(
    document: Document, loc: Loc, text: str, stage: str, templates: Templates, broken: set[str]
) -> Iterator[Problem]:
    faults = vet_part(templates, Part("subject", document.file, text))
    step = document.data
    for part in loc[:-1]:
        step = step[part]
    names = {name for name in _meant(str(step.get("email", "")), stage, templates).values() if name}
    for name in sorted(names):
        if not faults and broken.isdisjoint(files_of(templates, name)):
            faults = try_out(templates, name, text)
    for fault in faults[:1]:
        yield document.problem(loc, fault.message, fault.rule, severity=fault.severity)


def _asked_for(document: Document, loc: Loc, text: str, templates: Templates) -> Iterator[Problem]:
    try:
        asked = templates_asked_for(text)
    except ConditionError:
        return
    names = templates.names()
    short = {name.partition("/")[2] for name in names}
    for name, column in asked:
        if name not in names and name not in short:
            message = f"there is no template '{name}'{did_you_mean(name, [*names, *short])}"
            yield document.problem(loc, message, "template", column=column)
