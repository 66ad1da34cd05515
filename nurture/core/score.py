"""Fit and engagement, counted anew from what is known: the same facts give the same score, in any order.

A stored score is only a copy of this. Nothing here is subtracted by a nightly job: points fade by half-life,
so that the same lead looked at a week later simply scores less.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from nurture.core.signals import Signal
from nurture.core.titles import Title, read_title

if TYPE_CHECKING:
    from nurture.core.agreement import Agreement
    from nurture.core.facts import Engagement
    from nurture.core.fit import CountryPoints, Fit, SizePoints, WordPoints

Axis = Literal["fit", "engagement"]

DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Addend:
    """One part of a score, for showing. `points` are those it gives now; `at` is when it happened (engagement only)."""

    text: str
    points: float
    at: datetime | None
    axis: Axis


@dataclass(frozen=True, slots=True)
class Score:
    """A lead against the agreement at one moment: two axes of 0 to 100 whole points, and the cell they meet in.

    `unknown` names the fields that fit asks for and nobody knows yet. `intent_at` is when the lead last showed
    that it means to buy. `flags` is what people should be told of it ("job seeker").
    """

    fit: int
    engagement: int
    grade: str
    addends: tuple[Addend, ...] = ()
    unknown: tuple[str, ...] = ()
    intent_at: datetime | None = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Act:
    """An engagement that counts: the signal it counts for, or a hand-raise (`signal` None)."""

    engagement: Engagement
    name: str
    signal: Signal | None

    @property
    def at(self) -> datetime:
        return self.engagement.at

    @property
    def kind(self) -> str:
        """What is one kind of thing to a marketer: all mail clicks, all visits, each other signal by itself."""
        kind = self.signal.kind if self.signal is not None else ""
        return {"clicked": "mail", "visited": "visit"}.get(kind, self.name)

    @property
    def intent(self) -> bool:
        return self.signal is None or self.signal.intent

    @property
    def flag(self) -> str:
        """What people should be told of who did it; such an act is no interest and meets no rule."""
        return self.signal.flag if self.signal is not None else ""


HAND_RAISE, REPLY = "hand-raise", "reply"
#: a person's reply counts in every agreement; what does not name it gives no points for it
_REPLY = Signal(about="answered a mail", kind="replied", points=0, half_life_days=30)
#: what is said of the points that everybody has
BASE = "where every lead starts"


def acts_of(engagements: Iterable[Engagement], agreement: Agreement, now: datetime) -> tuple[Act, ...]:
    """The engagements that count up to `now`, each once, newest first."""
    return tuple(act for each in _once(engagements, now) if (act := _act(each, agreement)))


def score(engagements: Sequence[Engagement], lead: Mapping[str, object], agreement: Agreement, now: datetime) -> Score:
    """How well the lead fits and how warm it is.

    Give only engagement that counts: human, settled, and since the lead was last recycled. `lead` is the field
    catalogue's mapping; `now` and all times are aware. Never raises for what a lead may hold.
    """
    return score_of(acts_of(engagements, agreement, now), lead, agreement, now)


def score_of(acts: Sequence[Act], lead: Mapping[str, object], agreement: Agreement, now: datetime) -> Score:
    """The same, for acts already sorted out."""
    about_fit, unknown = _fit_addends(lead, agreement.fit)
    addends = (*about_fit, *_engagement_addends(acts, now))
    fit, engagement = _total(addends, "fit"), _total(addends, "engagement")
    intent_at = next((act.at for act in acts if act.intent), None)
    flags = tuple(sorted({act.flag for act in acts if act.flag}))
    return Score(fit, engagement, agreement.grid.cell(fit, engagement), addends, unknown, intent_at, flags)


def best_fit(unknown: Iterable[str], fit: Fit) -> int:
    """The most points that the unknown fields could still add."""
    return sum(_most(field, fit) for field in unknown)


def _most(field: str, fit: Fit) -> int:
    most = max((row.points for row in _criteria(fit)[field]), default=0)
    if field == "title":
        most = max(most, *fit.seniority.values(), 0) + max(0, 0, *fit.functions.values())
    return max(0, most)


def _once(engagements: Iterable[Engagement], now: datetime) -> list[Engagement]:
    first_told: dict[object, Engagement] = {}
    for each in sorted((each for each in engagements if each.at <= now), key=_canonical):
        first_told.setdefault(each.key or _canonical(each), each)
    return list(reversed(first_told.values()))


def _canonical(each: Engagement) -> tuple[datetime, bytes, str, str, str, str]:
    return each.at, each.key, each.kind, each.template, each.url, each.name


def _act(engagement: Engagement, agreement: Agreement) -> Act | None:
    if agreement.hand_raise.fits(engagement) or _asks_to_be_called(engagement):
        return Act(engagement, HAND_RAISE, None)
    for name, signal in agreement.signals.items():
        if signal.fits(engagement):
            return Act(engagement, name, signal)
    return Act(engagement, REPLY, _REPLY) if _REPLY.fits(engagement) else None


def _asks_to_be_called(engagement: Engagement) -> bool:
    """A reply that asks for a person is a hand-raise in every agreement."""
    return engagement.kind == "replied" and engagement.name == "call-me"


def _criteria(fit: Fit) -> dict[str, Sequence[WordPoints | SizePoints | CountryPoints]]:
    criteria: dict[str, Sequence[WordPoints | SizePoints | CountryPoints]] = {
        "title": fit.titles,
        "employees": fit.employees,
        "industry": fit.industries,
        "country": fit.countries,
    }
    asked = {field: rows for field, rows in criteria.items() if rows}
    return asked if "title" in asked or not fit.reads_titles else {"title": (), **asked}


def _fit_addends(lead: Mapping[str, object], fit: Fit) -> tuple[list[Addend], tuple[str, ...]]:
    criteria = _criteria(fit)
    known = {field: lead[field] for field in criteria if lead.get(field) not in (None, "")}
    addends = [Addend(BASE, fit.base, None, "fit")]
    for field, value in known.items():
        row = next((row for row in criteria[field] if row.fits(value)), None)
        if field == "title" and fit.reads_titles:
            addends += _title_addends(str(value), row, fit)
        else:
            addends.append(Addend(f"{field}: {value}", row.points if row else 0, None, "fit"))
    if fit.free_mail and fit.free_mail.fits(lead.get("email")):
        addends.append(Addend("a private mailbox", fit.free_mail.points, None, "fit"))
    return addends, tuple(field for field in criteria if field not in known)


def _title_addends(text: str, row: WordPoints | SizePoints | CountryPoints | None, fit: Fit) -> Iterator[Addend]:
    """A row that names the title says more than what the title is read as. What it works on counts beside."""
    title: Title = read_title(text)
    if row is not None:
        yield Addend(f"title: {text}", row.points, None, "fit")
    elif title.seniority is None:
        yield Addend(f"title: {text}", 0, None, "fit")
    else:
        points = fit.seniority.get(title.seniority, 0)
        yield Addend(f"title: {text}, read as {title.seniority.replace('_', ' ')}", points, None, "fit")
    if title.function in fit.functions:
        yield Addend(f"works in {title.function}", fit.functions[title.function], None, "fit")


def _engagement_addends(acts: Sequence[Act], now: datetime) -> list[Addend]:
    given: defaultdict[str, deque[tuple[datetime, int]]] = defaultdict(deque)
    return [
        _faded(act, act.signal, _granted(act.at, act.signal, given[act.name]), now)
        for act in acts
        if act.signal is not None and not act.flag
    ]


def _granted(at: datetime, signal: Signal, given: deque[tuple[datetime, int]]) -> int:
    """Points under the signal's cap, beside those `given` to newer acts.

    The newest act takes first. Of all ways to keep the cap this one gives the most, so that one more act can
    never lower a score.
    """
    cap = signal.at_most
    if cap is None:
        return signal.points
    while given and given[0][0] - at >= cap.span:
        given.popleft()
    points = min(signal.points, cap.points - sum(count for _, count in given))
    if points:
        given.append((at, points))
    return points


def _faded(act: Act, signal: Signal, points: int, now: datetime) -> Addend:
    age = (now - act.at).total_seconds() / DAY
    where = act.engagement.template or (act.engagement.name if len(signal.forms) > 1 else "")
    text = f"{signal.about} ({where})" if where else signal.about
    if points < signal.points and signal.at_most:
        text += f", at most {signal.at_most.points} points a {signal.at_most.per}"
    return Addend(text, points * 0.5 ** (age / signal.half_life_days), act.at, "engagement")


def _total(addends: Iterable[Addend], axis: Axis) -> int:
    return max(0, min(100, round(sum(addend.points for addend in addends if addend.axis == axis))))
