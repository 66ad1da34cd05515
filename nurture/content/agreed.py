"""What a sequence takes from nurture.yaml (topics, webhooks, forms, people to tell), and keys that undo each other."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from nurture.content.doings import forms_of
from nurture.content.outline import Step, questions, steps
from nurture.content.source import Document, Loc, Severity
from nurture.content.worlds import Worlds, calls, read
from nurture.core.facts import Facts
from nurture.core.project import ProjectConfig
from nurture.core.steps import Condition
from nurture.core.suggest import did_you_mean
from nurture.errors import Problem


def unagreed(document: Document, config: ProjectConfig, entry: Worlds) -> Iterator[Problem]:
    """Names that nurture.yaml does not know, alerts that reach nobody, and mails in the name of an owner that no lead
    of the sequence has."""
    yield from _named(document, (), "topic", document.data.get("topic"), config.topics)
    ownerless = not entry.ever(*_owned(document.data["enter"].get("when")))
    for loc, step in steps(document.data):
        yield from _named(document, loc, "topic", step.get("topic"), config.topics)
        yield from _named(document, loc, "webhook", step.get("webhook"), config.webhooks)
        yield from _alert(document, loc, step, config)
        yield from _at_odds(document, loc, step)
        key = "from" if step.get("from") == "owner" else "alert" if step.get("alert") == "owner" else ""
        if key and ownerless:
            message = "no lead that comes in here has an owner yet: write 'brand' for a mail, 'marketing' for an alert"
            yield document.problem((*loc, key), message, "no_owner", severity="warning")
    for loc, text in questions(document.data):
        for about in abouts(text, "did"):
            yield from _known(
                document, loc, "event", about, sorted(config.tracked), column=text.find(about), severity="warning"
            )
        for about in abouts(text, "submitted"):
            forms = sorted(forms_of(config.agreement) | set(config.forms))
            yield from _known(document, loc, "form", about, forms, column=text.find(about), severity="warning")


def abouts(text: str, question: str) -> Iterator[str]:
    """What is asked about with one of the questions of a condition."""
    asked = read(text)
    for name, about, _link in calls(asked[1]) if asked else ():
        if name == question and about:
            yield about


def _named(document: Document, loc: Loc, key: str, name: str | None, known: Collection[str]) -> Iterator[Problem]:
    if name:
        yield from _known(document, (*loc, key), key, name, sorted(known))


def _known(
    document: Document, loc: Loc, what: str, name: str, known: list[str], column: int = 1, severity: Severity = "error"
) -> Iterator[Problem]:
    if name not in known:
        there_are = f"; there are: {', '.join(known)}" if known else f": name it under '{what}s:' there"
        message = f"nurture.yaml knows no {what} '{name}'{did_you_mean(name, known) or there_are}"
        yield document.problem(loc, message, what, column=column, severity=severity)


def _alert(document: Document, loc: Loc, step: Step, config: ProjectConfig) -> Iterator[Problem]:
    if step.get("alert") == "marketing" and config.alert_to is None:
        message = "nobody would get this alert: write an address at 'alert_to:' in nurture.yaml"
        yield document.problem((*loc, "alert"), message, "alert_to")


def _at_odds(document: Document, loc: Loc, step: Step) -> Iterator[Problem]:
    subjects = step.get("subject", "")
    if isinstance(subjects, list):
        for number, text in enumerate(subjects):
            if text in subjects[:number]:
                message = "this subject stands here already: a test of a text against itself tells nothing"
                yield document.problem((*loc, "subject", number), message, "same_subject")
    if step.get("transactional") is True and "stale_after" in step:
        message = "a transactional mail goes out at once and cannot get stale: leave one of the two out"
        yield document.problem((*loc, "stale_after"), message, "stale_after", at_key=True, severity="warning")


def _owned(text: str | None) -> tuple[list[str], Callable[[Facts], bool]]:
    """Whether a lead that has an owner can come in. Nobody has one before its first handoff."""
    asked = read(text) if text else None
    condition: Condition | None = asked[0] if asked else None

    def owned(facts: Facts) -> bool:
        may_have = facts.lead.get("owner", "?") is not None and facts.lead.get("stage") != "iql"
        return may_have and (condition is None or condition.holds(facts))

    return [text] if text else [], owned
