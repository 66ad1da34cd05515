"""Conditions that have no choice: values a field never has, and answers that are the same for every lead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from nurture.content.outline import questions, value_at
from nurture.content.source import Document, Loc, Severity
from nurture.content.worlds import NUMBERS, Worlds, choices, compared, read
from nurture.core.project import ProjectConfig
from nurture.core.suggest import did_you_mean
from nurture.errors import Problem

_CODES = {
    "country": (re.compile(r"[A-Z]{2}"), "two capital letters, such as 'NO'"),
    "language": (re.compile(r"[a-z]{2}"), "two small letters, such as 'nb'"),
}
#: operators that hold a field against the constant as a whole
_EQUAL = ("eq", "ne", "in", "notin")
#: where a condition stands -> what comes of one that is never true, and of one that always is
_CONSEQUENCES = {
    "enter": ("nobody comes in", "it keeps nobody out: leave it out"),
    "goal": ("the goal is never met", "everybody leaves before the first mail"),
    "exit": ("nobody leaves for this reason", "everybody leaves before the first mail"),
    "wait_for": ("everybody waits to the end: write 'wait'", "nobody waits: remove the step"),
    "arm": ("nobody goes this way", "everybody who comes here goes this way: write 'otherwise'"),
    "step": ("this step is never taken", "everybody takes the step: leave the condition out"),
}


def constant_conditions(document: Document, entry: Worlds, later: Worlds) -> Iterator[Problem]:
    """Conditions that ask for what cannot be, or for what is always so: of leads that come in, and of those inside."""
    for loc, text in questions(document.data):
        odd = list(_odd_values(document, loc, text, later.config))
        yield from odd or _constant(document, loc, text, entry if loc[0] == "enter" else later)


def _constant(document: Document, loc: Loc, text: str, worlds: Worlds) -> Iterator[Problem]:
    truths = worlds.truths(text)
    place = _place(loc)
    never, always = _CONSEQUENCES[place]
    if truths == {False}:
        yield document.problem(loc, f"this can never be true, so {never}", "never_true")
    elif truths == {True} and not _told_elsewhere(document, loc, place):
        severity: Severity = "error" if place in ("goal", "exit") else "warning"
        yield document.problem(loc, f"this is always true, so {always}", "always_true", severity=severity)


def _told_elsewhere(document: Document, loc: Loc, place: str) -> bool:
    """What such a condition cuts off is reported where that stands, as out of reach."""
    around = value_at(document.data, loc[:-1])
    if place == "arm":
        *branch, number, _when = loc
        return int(number) + 1 < len(value_at(document.data, tuple(branch)))
    return place == "wait_for" and bool(around.get("if_not"))


def _place(loc: Loc) -> str:
    if loc[0] in ("enter", "goal", "exit"):
        return str(loc[0])
    if loc[-1] == "wait_for":
        return "wait_for"
    return "arm" if loc[-3] == "branch" else "step"


def _odd_values(document: Document, loc: Loc, text: str, config: ProjectConfig) -> Iterator[Problem]:
    asked = read(text)
    if asked is None:
        return
    for name, operator, constant in compared(asked[1]):
        if constant is not None and (fault := _fault(name, operator, constant, config)):
            label = name if name == "trigger" else f"lead.{name}"
            column = _column(text, constant)
            # A rep who has left the agreement may still have leads.
            severity: Severity = "warning" if name == "owner" else "error"
            yield document.problem(loc, f"{label} {fault}", "known_value", column=column, severity=severity)


def _fault(name: str, operator: str, constant: Any, config: ProjectConfig) -> str:
    if name in NUMBERS:
        return _fault_of_number(name, constant)
    known = choices(name, config)
    if known and constant not in known and operator in _EQUAL:
        guess = did_you_mean(str(constant), [str(each) for each in known])
        return f"is never {_written(constant)}{guess or '; it is one of: ' + ', '.join(map(_plain, known))}"
    if not known and not isinstance(constant, str):
        return f"is a text: put {_plain(constant)} in quotes"
    pattern, form = _CODES.get(name, (None, ""))
    if pattern and not pattern.fullmatch(constant) and operator in _EQUAL:
        return f"is never '{constant}': it is {form}"
    return ""


def _fault_of_number(name: str, constant: Any) -> str:
    least, most = NUMBERS[name]
    if isinstance(constant, bool) or not isinstance(constant, int | float):
        return f"is a number: write {constant} without quotes" if str(constant).isdigit() else "is a number"
    if constant < least or (most is not None and constant > most):
        return f"goes from {least} to {most}" if most is not None else f"is never below {least}"
    return ""


def _written(constant: Any) -> str:
    return f"'{constant}'" if isinstance(constant, str) else _plain(constant)


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _column(text: str, constant: Any) -> int:
    """Where a constant stands in its condition, counted from 1."""
    word = re.escape(str(constant).lower() if isinstance(constant, bool) else str(constant))
    quoted = rf"['\"]{word}['\"]" if isinstance(constant, str) else rf"(?<![\w.]){word}(?![\w.])"
    found = re.search(quoted, text, re.IGNORECASE)
    return found.start() + 1 if found else 1
