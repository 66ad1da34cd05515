"""What only shows when sequences, templates and nurture.yaml are looked at together."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, get_args

from nurture.content.agreed import abouts, unagreed
from nurture.content.asks import EARLY, ask_in, asks_early, told
from nurture.content.checks import Finding
from nurture.content.outline import Step, questions, steps
from nurture.content.parts import Part
from nurture.content.reach import never_sent, unreachable
from nurture.content.shut import shut
from nurture.content.source import Document, Loc
from nurture.content.templates import Templates
from nurture.content.trial import try_out, try_subject
from nurture.content.truth import constant_conditions
from nurture.content.vetting import vet, vet_part
from nurture.content.worlds import Worlds
from nurture.core.project import ProjectConfig
from nurture.core.steps import FunnelStage
from nurture.core.suggest import did_you_mean
from nurture.errors import Problem

FUNNEL_STAGES: tuple[FunnelStage, ...] = get_args(FunnelStage)
#: steps and conditions together; nobody can follow more
MAX_STEPS = 200


def lint_templates(templates: Templates) -> list[Problem]:
    """Every fault of the templates; those that cannot be compiled are not tried out."""
    faults = list(vet(templates))
    broken = {problem.file for problem in faults}
    for name in templates.names():
        if broken.isdisjoint(files_of(templates, name)):
            faults += try_out(templates, name)
    return list(dict.fromkeys([*faults, *asks_early(templates)]))


def files_of(templates: Templates, name: str) -> set[str]:
    """The files a mail may be made of, as a person knows them."""
    return {templates.label(file) for file in templates.sources(name)}


def lint_sequence(
    document: Document, config: ProjectConfig, templates: Templates, broken: set[str]
) -> Iterator[Problem]:
    """Faults of a sequence that itself reads well: names of what does not exist or is `broken` (files), subjects that
    do not render, conditions without a choice, steps that nobody gets to."""
    found, asked = list(steps(document.data)), list(questions(document.data))
    if len(found) + len(asked) > MAX_STEPS:
        message = (
            f"this sequence has {len(found)} steps and {len(asked)} conditions; at most {MAX_STEPS} are read: split it"
        )
        yield document.problem(("steps",), message, "size", at_key=True)
        return
    look = partial(_meant, templates=templates, stage=document.data["stage"])
    for loc, step in found:
        yield from _mail(document, loc, step, templates, broken)
    for loc, text in asked:
        yield from _asked_for(document, loc, text, templates)
    entry, later = Worlds(config, _triggers(document.data)), Worlds(config)
    yield from shut(document, config.window)
    yield from unagreed(document, config, entry)
    yield from constant_conditions(document, entry, later)
    yield from unreachable(document, later)
    yield from never_sent(document, lambda name: {mail for mail in look(name).values() if mail})


def _triggers(data: Any) -> list[str]:
    trigger = data["enter"]["trigger"]
    return [trigger] if isinstance(trigger, str) else list(trigger)


def _meant(text: str, templates: Templates, stage: str) -> dict[str, str | None]:
    """Funnel stage of a lead -> the mail it would get."""
    return {funnel: templates.resolve(text, funnel, stage) for funnel in FUNNEL_STAGES}


def _mail(document: Document, loc: Loc, step: Step, templates: Templates, broken: set[str]) -> Iterator[Problem]:
    if "email" not in step:
        return
    meant = _meant(step["email"], templates, document.data["stage"])
    names = sorted({name for name in meant.values() if name})
    yield from _template(document, (*loc, "email"), step["email"], meant, templates, broken)
    given = step.get("subject", [])
    for at, text in [((*loc, "subject"), given)] if isinstance(given, str) else _numbered(loc, given):
        yield from _subject(document, at, text, names, templates, broken)


def _numbered(loc: Loc, subjects: list[str]) -> Iterator[tuple[Loc, str]]:
    yield from (((*loc, "subject", number), text) for number, text in enumerate(subjects))


def _template(
    document: Document, loc: Loc, text: str, meant: dict[str, str | None], templates: Templates, broken: set[str]
) -> Iterator[Problem]:
    missing = [funnel for funnel, name in meant.items() if name is None]
    if "/" in text and missing:
        yield document.problem(loc, _missing(text, templates), "template")
    elif missing:
        short = {name.partition("/")[2] for name in templates.names()}
        wanted = f"'{document.data['stage']}/{text}', or one for each of: {', '.join(missing)}"
        guess = did_you_mean(text, short) if len(missing) == len(meant) else ""
        yield document.problem(loc, f"there is no template {wanted}{guess}", "template")
    for name in sorted({name for name in meant.values() if name}):
        if faulty := sorted(broken & files_of(templates, name)):
            yield document.problem(loc, f"the template '{name}' has faults: see {faulty[0]}", "template")


def _missing(text: str, templates: Templates) -> str:
    if text in templates.names():
        return f"the template '{text}' has no text part: write templates/{text}.txt"
    return f"there is no template '{text}'{did_you_mean(text, templates.names())}"


def _subject(
    document: Document, loc: Loc, text: str, names: list[str], templates: Templates, broken: set[str]
) -> Iterator[Problem]:
    faults: list[Problem | Finding] = [*vet_part(templates, Part("subject", document.file, text))]
    for name in names:
        if not faults and broken.isdisjoint(files_of(templates, name)):
            faults += filter(None, [try_subject(templates, name, text)])
    for fault in faults[:1]:
        warns = "warning" in (getattr(fault, "severity", ""), getattr(fault, "level", ""))
        yield document.problem(loc, fault.message, fault.rule, severity="warning" if warns else "error")
    if any(name.startswith(f"{EARLY}/") for name in names) and (words := ask_in(text)):
        yield document.problem(loc, told(words), "tofu_ask", severity="warning")


def _asked_for(document: Document, loc: Loc, text: str, templates: Templates) -> Iterator[Problem]:
    names = templates.names()
    short = {name.partition("/")[2] for name in names}
    for about in abouts(text, "clicked"):
        if about not in names and about not in short:
            message = f"there is no template '{about}'{did_you_mean(about, [*names, *short])}"
            yield document.problem(loc, message, "template", column=text.find(about))
