"""The rules of the agreement in whole sentences: what is really checked when both departments say "is engaged"."""

from __future__ import annotations

from collections.abc import Sequence

from nurture.core.agreement import Agreement
from nurture.core.rules import (
    ActedWithin,
    AnswersAtLeast,
    AttributeIs,
    CellIn,
    DaysAtLeast,
    DidAtLeast,
    FitAtLeast,
    InOrder,
    IntentWithin,
    KindsAtLeast,
    Known,
    NothingWithin,
    OpenWithin,
    Rule,
    ScoreAtLeast,
    SurgesWith,
)

_KINDS = {
    "click": "clicked a link in a mail",
    "form": "sent a form",
    "visit": "visited the site",
    "event": "did something on the site",
    "reply": "answered a mail",
    "hand-raise": "asked for a person",
    "intent": "showed that it means to buy",
}
_TIMES = {1: "once", 2: "twice"}
_FIELDS = {"reachable": "an address or a phone number", "name": "its name", "company": "its company"}


def sentence(rule: Rule, agreement: Agreement) -> str:
    """What a rule asks, in one sentence about a lead."""
    match rule:
        case FitAtLeast(fit_at_least=points):
            return f"Fit is {points} or more of 100."
        case ScoreAtLeast(score_at_least=points):
            return f"Engagement is {points} or more of 100."
        case CellIn(cell_in=cells):
            return f"Stands in {_or(cells)} of the grid."
        case KindsAtLeast(kinds_at_least=number, within_days=days):
            return f"Did {_many(number, 'kind', 'different kinds')} of things within {_days(days)}."
        case DaysAtLeast(days_at_least=number, within_days=days):
            return f"Did something on {_many(number, 'day', 'different days')} within {_days(days)}."
        case ActedWithin(acted_within_days=days):
            return f"Did something itself within the last {_days(days)}."
        case IntentWithin(intent_within_days=days):
            return f"Within the last {_days(days)} it {_or([*_intents(agreement), _KINDS['hand-raise']])}."
        case _:
            return _further(rule, agreement)


def _further(rule: Rule, agreement: Agreement) -> str:
    match rule:
        case Known(known=fields):
            return f"We know {_and([_FIELDS.get(field, f'its {field}') for field in fields])}."
        case DidAtLeast(did_at_least=number, of=names, within_days=days, on_different_days=apart):
            times = f"on {_many(number, 'day', 'different days')}" if apart else _TIMES.get(number, f"{number} times")
            return f"It {_did(names, agreement)}, {times} or more within {_days(days)}."
        case InOrder(first=first, then=then, within_days=days):
            return f"It first {_did([first], agreement)} and then {_did([then], agreement)}, within {_days(days)}."
        case NothingWithin(nothing_within_days=days, of=names):
            return f"In the last {_days(days)} it never {_did(names, agreement)}."
        case AttributeIs(attribute=field, one_of=values) if values:
            return f"Its {field} is {_or(values)}."
        case AttributeIs(at_least=least, at_most=most):
            return f"Its company has {_span(least, most)} people."
        case AnswersAtLeast(answers_at_least=number, of=questions):
            asked = _or(questions) if questions else "need, budget, authority and timing"
            return f"It answered {_many(number, 'question', 'questions')} at least, of {asked}."
        case OpenWithin(open_within_days=days):
            return f"Within the last {_days(days)} it showed intent, answered us or a question, or asked for a person."
        case SurgesWith(surge_of=number, within_days=days):
            return f"Did {number} things or more within {_days(days)}, and at least twice as many as in those before."
    raise AssertionError(rule)


def _did(names: Sequence[str], agreement: Agreement) -> str:
    told = [agreement.signals[name].about if name in agreement.signals else _KINDS[name] for name in names]
    return _or(told) if told else "did anything"


def _intents(agreement: Agreement) -> list[str]:
    return [signal.about for signal in agreement.signals.values() if signal.intent]


def _span(least: int | None, most: int | None) -> str:
    if least is not None and most is not None:
        return f"{least} to {most}"
    return f"{least} or more" if least is not None else f"{most} or fewer"


def _many(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _days(number: int) -> str:
    return _many(number, "day", "days")


def _or(words: Sequence[str]) -> str:
    return _joined(words, "or")


def _and(words: Sequence[str]) -> str:
    return _joined(words, "and")


def _joined(words: Sequence[str], by: str) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {by} {words[-1]}"
