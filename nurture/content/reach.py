"""Steps that nobody gets to, and answers that cannot have come yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from nurture.content.outline import Step, Steps, lists, steps, within
from nurture.content.source import Document, Loc
from nurture.content.worlds import Worlds, calls, read
from nurture.core.facts import Facts
from nurture.core.steps import Condition
from nurture.errors import Problem

#: a mail as a step names it -> the templates it may be
Meant = Callable[[str], Iterable[str]]


def unreachable(document: Document, worlds: Worlds) -> Iterator[Problem]:
    """Steps and arms that no lead can get to."""
    for loc, listed in lists(document.data):
        last = next((number for number, step in enumerate(listed) if _ends(step, worlds)), len(listed))
        if last + 1 < len(listed):
            message = (
                "nobody gets here: the step above is the end for everyone; give it a 'when', or remove what follows"
            )
            yield _warning(document, (*loc, last + 1), message)
    for loc, step in steps(document.data):
        yield from _arms(document, loc, step, worlds)
        if step.get("if_not") and worlds.truths(step["wait_for"]) == {True}:
            message = "nobody takes these steps: what is waited for is always true"
            yield _warning(document, (*loc, "if_not"), message, at_key=True)


def never_sent(document: Document, meant: Meant) -> Iterator[Problem]:
    """Questions about mails that the sequence cannot have sent when it asks. `meant` is what a mail's name stands for,
    nothing where there is no such mail."""
    data = document.data
    every = {name for _loc, step in steps(data) for name in _mails([step], meant)}
    places = [(("goal",), data.get("goal", {})), *((("exit", n), line) for n, line in enumerate(data.get("exit", ())))]
    for loc, line in places:
        yield from _asked_too_soon(document, (*loc, "when"), line.get("when"), every, meant)
    yield from _walk(document, ("steps",), data["steps"], set(), meant)


def _ends(step: Step, worlds: Worlds) -> bool:
    """Whether every lead that takes this step has left the sequence behind it."""
    if "when" in step:
        return False
    if "exit" in step:
        return True
    arms = [nested for _inside, nested in within(step)]
    everyone = "split" in step or ("branch" in step and _takes_all(step["branch"], worlds))
    return everyone and all(any(_ends(inner, worlds) for inner in nested) for nested in arms)


def _takes_all(arms: list[dict[str, Any]], worlds: Worlds) -> bool:
    return any("otherwise" in arm or worlds.truths(arm["when"]) == {True} for arm in arms)


def _arms(document: Document, loc: Loc, step: Step, worlds: Worlds) -> Iterator[Problem]:
    """Arms behind others that have taken everyone who could come this way."""
    above: list[str] = []
    for number, arm in enumerate(step.get("branch", ())):
        text = arm.get("when")
        here = [*above, text] if text else above
        if above and _possible(text, worlds) and not worlds.ever(here, _comes_to(text, above)):
            message = "nobody goes this way: the arms above take everyone; put it first, or remove it"
            yield _warning(document, (*loc, "branch", number), message)
        above += [text] if text and read(text) else []


def _possible(text: str | None, worlds: Worlds) -> bool:
    return text is None or True in worlds.truths(text)


def _comes_to(text: str | None, above: list[str]) -> Callable[[Facts], bool]:
    own, before = _condition(text), [_condition(each) for each in above]

    def comes(facts: Facts) -> bool:
        taken = any(each.holds(facts) for each in before if each)
        return not taken and (own is None or own.holds(facts))

    return comes


def _condition(text: str | None) -> Condition | None:
    asked = read(text) if text else None
    return asked[0] if asked else None


def _walk(document: Document, loc: Loc, listed: Steps, sent: set[str], meant: Meant) -> Iterator[Problem]:
    sent = set(sent)
    for number, step in enumerate(listed):
        here = (*loc, number)
        for key in ("when", "wait_for"):
            yield from _asked_too_soon(document, (*here, key), step.get(key), sent, meant)
        for arm, line in enumerate(step.get("branch", ())):
            yield from _asked_too_soon(document, (*here, "branch", arm, "when"), line.get("when"), sent, meant)
        for inside, nested in within(step):
            yield from _walk(document, (*here, *inside), nested, sent, meant)
        sent |= set(_mails([step], meant))


def _mails(listed: Steps, meant: Meant) -> Iterator[str]:
    """The templates that these steps, and those inside them, can send."""
    for step in listed:
        if "email" in step:
            yield from meant(step["email"])
        for _inside, nested in within(step):
            yield from _mails(nested, meant)


def _asked_too_soon(document: Document, loc: Loc, text: object, sent: set[str], meant: Meant) -> Iterator[Problem]:
    asked = read(text) if isinstance(text, str) else None
    for name, about, _link in calls(asked[1]) if asked else ():
        if name != "clicked" or not about:
            continue
        mails = {*meant(about)}
        if mails and mails.isdisjoint(sent):
            where = "before this step" if loc[0] == "steps" else "at all"
            message = f"this sequence does not send '{about}' {where}, so only a mail of another one can answer it"
            column = str(text).find(about)
            yield document.problem(loc, message, "not_sent", column=max(column, 1), severity="warning")


def _warning(document: Document, loc: Loc, message: str, *, at_key: bool = False) -> Problem:
    return document.problem(loc, message, "unreachable_step", at_key=at_key, severity="warning")
