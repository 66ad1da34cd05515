"""How both departments kept what they promised each other (the agreement's `sla`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from nurture.core.project import ProjectConfig
from nurture.core.stats import Rate, rate
from nurture.handoff.attainment import Attainment, Kept, sla_attainment


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise: in how many of the cases whose time is up it was kept, and how many still have time.

    `promised` is the share that was promised, where the agreement names one.
    """

    department: str
    text: str
    kept: Rate
    pending: int
    promised: float | None = None


@dataclass(frozen=True, slots=True)
class Promises:
    """Both sides. `first_touch_half` and `first_touch_most` are business minutes to the first touch, within which half
    and nine of ten were touched; None where fewer were. `handoffs` are by week (Monday, the last one still runs)."""

    promises: tuple[Promise, ...]
    first_touch_half: float | None
    first_touch_most: float | None
    handoffs: tuple[tuple[str, int], ...]
    handoffs_promised: int | None


def promises(rows: Iterable[Row[Any]], config: ProjectConfig, now: datetime) -> Promises:
    """From the handoffs of the time that is looked at."""
    found = sla_attainment(rows, config, now)
    terms = config.agreement.sla.marketing
    return Promises(
        promises=_promises(found, config),
        first_touch_half=found.sales.minutes_half,
        first_touch_most=found.sales.minutes_most,
        handoffs=tuple((week.monday.isoformat(), week.handoffs) for week in found.marketing.weeks),
        handoffs_promised=terms.handoffs_per_week if terms else None,
    )


def _promises(found: Attainment, config: ProjectConfig) -> tuple[Promise, ...]:
    sla, sales, marketing = config.agreement.sla, found.sales, found.marketing
    tried = f"Leads reached, or tried {sla.attempts} times in {sla.attempts_days} working days"
    taken = sla.marketing.accepted_percent / 100 if sla.marketing else None
    whole = sla.marketing.complete_percent / 100 if sla.marketing else None
    return (
        _promise("sales", "Leads answered or touched in time", sales.answered),
        _promise("sales", f"Those who asked for a person, in {sla.hand_raise_minutes} minutes", sales.hand_raises),
        _promise("sales", f"Accepted leads reached out to within {sla.touch_hours} hours", sales.reached),
        _promise("sales", tried, sales.tried),
        _promise("sales", f"Accepted leads with a verdict in {sla.verdict_days} working days", sales.verdicts),
        _promise("marketing", "Handed leads that sales takes", marketing.accepted, taken),
        _promise(
            "marketing", "Handed leads with name, company, reason and a way to reach them", marketing.complete, whole
        ),
    )


def _promise(department: str, text: str, kept: Kept, promised: float | None = None) -> Promise:
    return Promise(department, text, rate(kept.kept, kept.of), kept.pending, promised)
