"""The report, and one lead, as pages that need nothing else: charts in SVG, no scripts, light and dark, for phones."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import partial
from pathlib import Path

from nurture.core.agreement import stage_name
from nurture.core.project import Brand, Colors
from nurture.core.stats import LEAST, Rate, percent
from nurture.diagram import count, drawing, tree
from nurture.ports import Ports
from nurture.report.funnel import UPWARD
from nurture.report.timeline import Timeline
from nurture.report.whole import Report
from nurture.views import render_own

_HERE = Path(__file__).parent
#: the end of the scale of what is rare
_RARE = 0.02


def page(ports: Ports, report: Report, base: str = "") -> str:
    """The report as HTML. `base` is where the report is on the web, so that leads are links; empty: they are not."""
    config, live = ports.project.config, ports.library.in_force
    return render_own(
        _HERE,
        "report.html",
        **_common(config.brand, base),
        report=report,
        entered={one.stage: one.entered for one in report.conversions if one.month is None},
        upward=UPWARD,
        least=LEAST,
        percent=percent,
        minutes=minutes,
        month=month,
        short=short,
        tops=_tops(report),
        titles={name: text.title for name, text in live.items()},
        words=config.topics,
        drawings=drawings(ports, report),
    )


def lead_page(ports: Ports, timeline: Timeline, base: str = "") -> str:
    """One lead's timeline as HTML."""
    return render_own(_HERE, "lead.html", **_common(ports.project.config.brand, base), timeline=timeline, moment=moment)


def style(colors: Colors) -> str:
    """The one style sheet of both pages (drawings of sequences bring their own)."""
    return render_own(_HERE, "style.css", colors=colors)


def drawings(ports: Ports, report: Report) -> dict[str, str]:
    """The trees of the sequences that mailed somebody, with the leads at each step now."""
    names = sorted({one.sequence for one in report.steps} & ports.library.in_force.keys())
    primary = ports.project.config.brand.colors.primary
    called = partial(stage_name, ports.project.config.agreement)
    texts = ports.library.in_force
    return {
        name: drawing(tree(texts[name], lambda step: step.subjects, count(ports.database, name), called), primary)
        for name in names
    }


def _common(brand: Brand, base: str) -> dict[str, object]:
    return {"brand": brand, "style": style(brand.colors), "base": base, "day": day}


def day(at: datetime) -> str:
    """ "9 Nov 2026"."""
    return f"{at.day} {at:%b %Y}"


def short(text: str) -> str:
    """ "9 Nov", of "2026-11-09"."""
    on = date.fromisoformat(text)
    return f"{on.day} {on:%b}"


def month(text: str) -> str:
    """ "Nov 2026", of "2026-11"."""
    return f"{date.fromisoformat(text + '-01'):%b %Y}"


def moment(at: datetime) -> str:
    """ "9 Nov 2026 14:05"."""
    return f"{day(at)} {at:%H:%M}"


def minutes(number: float | None) -> str:
    """A span of business time as people say it."""
    if number is None:
        return "a time that cannot be told yet"
    return f"{number:.0f} minutes" if number < 120 else f"{number / 60:.0f} business hours"


def _tops(report: Report) -> Mapping[str, float]:
    """The ends of scales: wide enough for every share that tells something."""
    return {
        "clicked": _top([one.clicked for one in report.steps]),
        "replied": _top([one.replied for one in report.steps]),
        "rare": _top([each for one in report.steps for each in (one.opted_out, one.complained, one.bounced)]),
    }


def _top(rates: list[Rate]) -> float:
    return max([_RARE, *(one.high for one in rates if one.tells)])
