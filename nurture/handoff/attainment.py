"""How the departments kept their promises: sales to answer in time, marketing to hand over enough of what sales takes.

Only what has been decided counts as kept or not. What can still be kept is told apart as pending; a handoff that was
withdrawn before anybody answered was never due.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import ceil
from typing import Any

from sqlalchemy import Row

from models.words import HandoffState, Suppression
from nurture.core.cadence import place_of
from nurture.core.office_hours import worked
from nurture.core.project import ProjectConfig
from nurture.handoff.sla import attempts_due, begun, calendar_of, touch_due, verdict_due
from nurture.handoff.worklist import UNREACHABLE

_MINUTE = timedelta(minutes=1)


@dataclass(slots=True)
class Kept:
    """A promise over many leads: how often it was kept, of how many whose time is up, and how many are pending."""

    kept: int = 0
    of: int = 0
    pending: int = 0

    def count(self, done_at: datetime | None, due_at: datetime, now: datetime) -> None:
        """One lead: done in time, too late, not at all, or still to be done."""
        if done_at is None and now < due_at:
            self.pending += 1
            return
        self.of += 1
        self.kept += done_at is not None and done_at <= due_at


@dataclass(slots=True)
class Week:
    """A week, by its Monday on the company's calendar, and the leads that marketing handed over in it."""

    monday: date
    handoffs: int


@dataclass(slots=True)
class Sales:
    """What sales promised. `minutes_half` and `minutes_most`: within how many business minutes half, and nine of ten,
    of the leads that were due or done were touched first; None where fewer than that share were touched at all."""

    answered: Kept = field(default_factory=Kept)
    #: those among them who asked for a person
    hand_raises: Kept = field(default_factory=Kept)
    #: accepted leads that sales reached out to in time: a call, a mail or a meeting that was logged
    reached: Kept = field(default_factory=Kept)
    #: leads in hand or given up as out of reach: reached, or tried as often as promised, by a touch that was logged
    tried: Kept = field(default_factory=Kept)
    verdicts: Kept = field(default_factory=Kept)
    minutes_half: float | None = None
    minutes_most: float | None = None


@dataclass(slots=True)
class Marketing:
    """What marketing promised. The last week is the one that still runs."""

    weeks: tuple[Week, ...] = ()
    #: leads that sales took, of those it answered or should have answered by now
    accepted: Kept = field(default_factory=Kept)
    #: leads with name, company, reason and a way to reach them
    complete: Kept = field(default_factory=Kept)


@dataclass(slots=True)
class Attainment:
    """Both sides, over the same handoffs."""

    sales: Sales = field(default_factory=Sales)
    marketing: Marketing = field(default_factory=Marketing)


def sla_attainment(rows: Iterable[Row[Any]], config: ProjectConfig, now: datetime) -> Attainment:
    """How both sides kept what they promised about these handoffs (`models.queries.sla.PROMISED`), as of now."""
    found = Attainment()
    minutes: list[float | None] = []
    days: Counter[date] = Counter()
    place = place_of(config.agreement.hours.timezone or config.window.zone)
    for row in rows:
        days[row.offered_at.astimezone(place).date()] += 1
        touched_at = _touched(row)
        if row.state != HandoffState.WITHDRAWN or touched_at:
            _count_sales(found.sales, row, touched_at, config, now)
            _count_marketing(found.marketing, row, now)
        if touched_at or (row.due_at <= now and row.state == HandoffState.OFFERED):
            minutes.append(_minutes(row, touched_at, config))
    found.sales.minutes_half, found.sales.minutes_most = _within(minutes, 0.5), _within(minutes, 0.9)
    found.marketing.weeks = tuple(_weeks(days, now.astimezone(place).date()))
    return found


def _count_sales(
    sales: Sales, row: Row[Any], touched_at: datetime | None, config: ProjectConfig, now: datetime
) -> None:
    sales.answered.count(touched_at, row.due_at, now)
    if row.hand_raise:
        sales.hand_raises.count(touched_at, row.due_at, now)
    if row.state == HandoffState.ACCEPTED:
        sales.reached.count(row.reached_at, touch_due(config, row), now)
        sales.verdicts.count(row.verdict_at, verdict_due(config, row.owner, row.decided_at), now)
    given_up = row.state == HandoffState.REJECTED and row.reason == UNREACHABLE
    if given_up or row.state == HandoffState.ACCEPTED or (row.state == HandoffState.OFFERED and row.reached_at):
        due_at = attempts_due(config, row)
        sales.tried.count(row.tried_at, due_at, due_at if given_up else now)


def _count_marketing(marketing: Marketing, row: Row[Any], now: datetime) -> None:
    accepted = row.state == HandoffState.ACCEPTED
    if row.state == HandoffState.OFFERED and now < row.due_at:
        marketing.accepted.pending += 1
    else:
        marketing.accepted.of += 1
        marketing.accepted.kept += accepted
    if row.suppressed != Suppression.ERASED:
        marketing.complete.of += 1
        marketing.complete.kept += _is_complete(row)


def _is_complete(row: Row[Any]) -> bool:
    reachable = row.phone or row.suppressed not in (Suppression.HARD_BOUNCE, Suppression.SOFT_BOUNCE)
    return bool((row.first_name or row.last_name) and row.company and row.because and reachable)


def _touched(row: Row[Any]) -> datetime | None:
    """When sales first reached out to the lead, or answered."""
    return min((moment for moment in (row.touched_at, row.reached_at, row.decided_at) if moment), default=None)


def _minutes(row: Row[Any], touched_at: datetime | None, config: ProjectConfig) -> float | None:
    if touched_at is None:
        return None
    return worked(*calendar_of(config, row.owner), begun(row), touched_at) / _MINUTE


def _within(minutes: list[float | None], share: float) -> float | None:
    """Within how many minutes that share was touched (nearest rank); who was never touched comes last."""
    ranked: list[float | None] = [*sorted(each for each in minutes if each is not None)]
    ranked += [None] * (len(minutes) - len(ranked))
    return ranked[ceil(share * len(ranked)) - 1] if ranked else None


def _weeks(days: Counter[date], today: date) -> Iterator[Week]:
    monday = min(days, default=today)
    monday -= timedelta(days=monday.weekday())
    while monday <= today:
        yield Week(monday, sum(days[monday + timedelta(days=number)] for number in range(7)))
        monday += timedelta(weeks=1)
