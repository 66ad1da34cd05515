"""The agreed rules, asked of one lead: yes, no or unknown, what the answer rests on, and how far it is from yes.

Windows slide: they begin so many times 24 hours ago and end now. Days are those of the lead's own calendar.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache, singledispatch
from math import ceil
from typing import TYPE_CHECKING, Literal, NamedTuple
from zoneinfo import ZoneInfo

from nurture.core.questions import QUESTIONS
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
    ScoreAtLeast,
    SurgesWith,
)
from nurture.core.score import Act, Score, best_fit
from nurture.core.signals import REFUSALS

if TYPE_CHECKING:
    from nurture.core.agreement import Agreement
    from nurture.core.lifecycle import Stage
    from nurture.core.rules import Rule

Answer = Literal["yes", "no", "unknown"]

#: what a lead does of one kind within this time is one occasion
OCCASION = timedelta(minutes=30)
#: what a surge is measured against: the same time before, so many times over
SURGE = 2
DAY = timedelta(days=1)
#: for what a rule calls known, any of these fields will do
FIELDS = {"name": ("first_name", "last_name"), "reachable": ("email", "phone")}
#: kind of doing in rules -> kind of engagement
_DOINGS = {"click": "clicked", "form": "submitted", "visit": "visited", "event": "tracked", "reply": "replied"}


class Finding(NamedTuple):
    """An answer, what it rests on, and what is missing to a yes ("2 more points"), where that can be said.

    `short` is the number of it, where the rule counts something.
    """

    answer: Answer
    detail: str = ""
    near: str = ""
    short: int = 0


@dataclass(frozen=True)
class Evidence:
    """What the rules are asked of. `acts` are newest first, without those that are only a warning."""

    agreement: Agreement
    lead: Mapping[str, object]
    stage: Stage
    rejected_times: int
    now: datetime
    zone: str | None
    acts: tuple[Act, ...]
    score: Score
    disqualified: str | None

    def since(self, days: int) -> tuple[Act, ...]:
        """The acts of the last so many days, both ends included."""
        start = self.now - timedelta(days=days)
        return tuple(act for act in self.acts if act.at >= start)

    def day(self, act: Act) -> date:
        """The day of an act on the lead's own calendar; UTC where nobody knows the zone."""
        return act.at.astimezone(self._clock).date()

    @cached_property
    def _clock(self) -> ZoneInfo:
        return ZoneInfo(self.zone or "UTC")

    @property
    def hand_raise(self) -> Act | None:
        return next((act for act in self.acts if act.signal is None), None)


@singledispatch
def ask(rule: Rule, of: Evidence) -> Finding:
    """The answer to one agreed rule."""
    raise TypeError(f"{type(rule).__name__} is no rule")


def is_one_of(act: Act, names: Sequence[str]) -> bool:
    """Whether an act is of these signals or kinds of doings; any act is, where none are named."""
    if not names or act.name in names:
        return True
    return ("intent" in names and act.intent) or act.engagement.kind in (_DOINGS.get(name) for name in names)


def occasions(acts: Iterable[Act]) -> Iterator[Act]:
    """The acts, newest first, without those that belong to the occasion of a newer one of the same kind."""
    begun: dict[str, datetime] = {}
    for act in acts:
        newer = begun.get(act.kind)
        if newer is None or newer - act.at > OCCASION:
            begun[act.kind] = act.at
            yield act


def known(names: Iterable[str], lead: Mapping[str, object]) -> Finding:
    """Whether all of it is known."""
    missing = [name for name in names if not any(lead.get(field) for field in FIELDS.get(name, (name,)))]
    told = ", ".join(missing)
    return Finding("unknown", f"not known: {told}", f"{told} unknown") if missing else Finding("yes")


def by_fit(holds: Callable[[int], bool], of: Evidence, detail: str, near: str) -> Finding:
    """Unknown where what we do not know about the lead could still turn a no into a yes."""
    score = of.score
    if holds(score.fit):
        return Finding("yes", detail)
    best = min(100, score.fit + best_fit(score.unknown, of.agreement.fit))
    if any(holds(fit) for fit in range(score.fit, best + 1)):
        missing = ", ".join(score.unknown)
        return Finding("unknown", f"{detail}; not known: {missing}", f"{near}; {missing} unknown")
    return Finding("no", detail, near)


def tell(act: Act) -> str:
    """What was done, and when."""
    what = act.signal.about if act.signal else f"asked for a person ({act.engagement.name})"
    return f"{what}, {_moment(act.at)}"


# --- one rule each --------------------------------------------------------------------------------------------


@ask.register
def _(rule: FitAtLeast, of: Evidence) -> Finding:
    bar, fit = rule.fit_at_least, of.score.fit
    return by_fit(lambda fit: fit >= bar, of, f"fit is {fit} of {bar}", _more(bar - fit, "point"))


@ask.register
def _(rule: ScoreAtLeast, of: Evidence) -> Finding:
    have, bar = of.score.engagement, rule.score_at_least
    return _enough(have, bar, "point", f"engagement is {have} of {bar}")


@ask.register
def _(rule: CellIn, of: Evidence) -> Finding:
    score, grid, cells = of.score, of.agreement.grid, rule.cell_in

    def holds(fit: int) -> bool:
        return grid.cell(fit, score.engagement) in cells

    # the cell changes at a bar, and nowhere else
    fit = next((bar - score.fit for bar in grid.next_letters(score.fit) if holds(bar)), None)
    warmer = grid.next_digits(score.engagement)
    heat = next((bar - score.engagement for bar in warmer if grid.cell(score.fit, bar) in cells), None)
    ways = [_more(more, f"point of {axis}") for more, axis in ((heat, "engagement"), (fit, "fit")) if more]
    return by_fit(holds, of, f"stands in {score.grade}", " or ".join(ways) or "more of both fit and engagement")


@ask.register
def _(rule: KindsAtLeast, of: Evidence) -> Finding:
    kinds, least = sorted({act.kind for act in of.since(rule.within_days)}), rule.kinds_at_least
    return _enough(len(kinds), least, "kind", f"{len(kinds)} of {least}: {', '.join(kinds) or 'none'}")


@ask.register
def _(rule: DaysAtLeast, of: Evidence) -> Finding:
    return _on_days(of.since(rule.within_days), rule.days_at_least, of)


@ask.register
def _(rule: ActedWithin, of: Evidence) -> Finding:
    return _newest(of.acts, rule.acted_within_days, of.now)


@ask.register
def _(rule: IntentWithin, of: Evidence) -> Finding:
    return _newest((act for act in of.acts if act.intent), rule.intent_within_days, of.now)


@ask.register
def _(rule: Known, of: Evidence) -> Finding:
    return known(rule.known, of.lead)


@ask.register
def _(rule: DidAtLeast, of: Evidence) -> Finding:
    acts, least = [act for act in of.since(rule.within_days) if is_one_of(act, rule.of)], rule.did_at_least
    if rule.on_different_days:
        return _on_days(acts, least, of)
    times = sum(1 for _ in occasions(acts))
    return _enough(times, least, "time", f"{times} of {least} times")


@ask.register
def _(rule: InOrder, of: Evidence) -> Finding:
    acts, first, then = of.since(rule.within_days), rule.first, rule.then
    begins = next((act for act in reversed(acts) if is_one_of(act, (first,))), None)
    follows = next((act for act in acts if is_one_of(act, (then,))), None)
    if begins and follows and begins.at < follows.at:
        return Finding("yes", f"{tell(begins)}; then {tell(follows)}")
    if begins is None:
        return Finding("no", f"{first} has not happened in that time", f"{first}, and then {then}")
    return Finding("no", f"{tell(begins)}; then nothing of {then}", f"{then} after that")


@ask.register
def _(rule: NothingWithin, of: Evidence) -> Finding:
    act = next((act for act in of.acts if is_one_of(act, rule.of)), None)
    left = act.at + timedelta(days=rule.nothing_within_days) - of.now if act else timedelta(-1)
    if act is None or left < timedelta():
        return Finding("yes", "nothing in that time")
    return Finding("no", tell(act), _more(ceil(left / DAY) or 1, "quiet day"))


@ask.register
def _(rule: AttributeIs, of: Evidence) -> Finding:
    name, value = rule.attribute, of.lead.get(rule.attribute)
    if value in (None, ""):
        return Finding("unknown", f"not known: {name}", f"{name} unknown")
    return Finding("yes", f"{name} is {value}") if rule.fits(value) else Finding("no", f"{name} is {value}")


@ask.register
def _(rule: AnswersAtLeast, of: Evidence) -> Finding:
    questions: tuple[str, ...] = rule.of or tuple(QUESTIONS)
    least = rule.answers_at_least
    answered = [name for name in questions if of.lead.get(name)]
    detail = f"{len(answered)} of {least}: {', '.join(answered) or 'none'}"
    if len(answered) >= least:
        return Finding("yes", detail)
    open_ones = " or ".join(name for name in questions if name not in answered)
    near = f"{_more(least - len(answered), 'answer')} ({open_ones})"
    return Finding("unknown" if len(questions) >= least else "no", detail, near)


@ask.register
def _(rule: OpenWithin, of: Evidence) -> Finding:
    act = next((act for act in of.acts if _is_open(act)), None)
    answered = of.lead.get("answered_at")
    signs = [(act.at, tell(act))] if act else []
    if isinstance(answered, datetime) and answered <= of.now:
        signs.append((answered, f"answered a question, {_moment(answered)}"))
    if not signs:
        return _NEVER
    return _recent(*max(signs), rule.open_within_days, of.now)


def _is_open(act: Act) -> bool:
    return act.intent or (act.engagement.kind == "replied" and act.engagement.name not in REFUSALS)


@ask.register
def _(rule: SurgesWith, of: Evidence) -> Finding:
    span = timedelta(days=rule.within_days)
    start, times = of.now - span, [act.at for act in occasions(of.acts)]
    lately, before = sum(at >= start for at in times), sum(start - span <= at < start for at in times)
    bar = max(rule.surge_of, SURGE * before)
    told = f"{lately} times, and {before} in the same time before; {bar} are a surge"
    return _enough(lately, bar, "time", told)


# --- what several of them ask ---------------------------------------------------------------------------------

_NEVER = Finding("no", "nothing in that time", "has not happened yet")


def _on_days(acts: Iterable[Act], least: int, of: Evidence) -> Finding:
    days = len({of.day(act) for act in acts})
    return _enough(days, least, "day", f"{days} of {least} days")


def _enough(have: int, least: int, what: str, detail: str) -> Finding:
    short = least - have
    return Finding("yes", detail) if short <= 0 else Finding("no", detail, _more(short, what), short)


def _newest(acts: Iterable[Act], days: int, now: datetime) -> Finding:
    act = next(iter(acts), None)
    return _recent(act.at, tell(act), days, now) if act else _NEVER


def _recent(at: datetime, told: str, days: int, now: datetime) -> Finding:
    late = now - at - timedelta(days=days)
    if late <= timedelta():
        return Finding("yes", told)
    return Finding("no", _NEVER.detail, f"{_count(ceil(late / DAY), 'day')} too long ago")


# --- words ----------------------------------------------------------------------------------------------------


def _more(number: int, what: str) -> str:
    return f"{number} more {_plural(number, what)}"


def _count(number: int, what: str) -> str:
    return f"{number} {_plural(number, what)}"


def _plural(number: int, what: str) -> str:
    word, space, rest = what.partition(" of ")
    return what if number == 1 else f"{word}s{space}{rest}"


@lru_cache(maxsize=1024)
def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%-d %b %Y %H:%M} UTC"
