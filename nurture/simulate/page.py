"""The result of a simulation as one page that needs nothing else: charts in SVG, no scripts, light and dark."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nurture.content import Project
from nurture.simulate.result import Result
from nurture.simulate.timeline import Timeline
from nurture.views import render_own

_HERE = Path(__file__).parent


def page(project: Project, result: Result, about: str, timelines: Sequence[Timeline] = ()) -> str:
    """The HTML. `about` says in a few words what was simulated: which leads, which readers."""
    brand = project.config.brand
    return render_own(
        _HERE,
        "page.html",
        brand=brand,
        result=result,
        about=about,
        words={name: sequence.title for name, sequence in project.sequences.items()}
        | {"mql": f"To {result.name('mql')}", "sql": f"To {result.name('sql')}"},
        nice=nice,
        promoted=len({one.lead_id for one in result.moved if one.to_stage in ("mql", "sql")}),
        handed=sum(one.to_stage == "sql" for one in result.moved),
        left=sum(number for (kind, _), number in result.acts.items() if kind in ("opted_out", "complained")),
        ticks=_ticks(result),
        week_names=["at the beginning", *(f"after week {week}" for week in range(1, result.weeks + 1))],
        timelines=timelines,
    )


def nice(most: int) -> int:
    """The end of a scale on which `most` fits, and whose half is a whole number people like."""
    power = 1
    while True:
        for end in (2, 4, 6, 8, 10):
            if most <= end * power:
                return end * power
        power *= 10


def _ticks(result: Result) -> list[tuple[int, str]]:
    """The days that are named below a chart of days: the beginnings of weeks, at most a dozen."""
    every = -(-result.weeks // 12)
    starts = list(enumerate(result.week_starts()))[::every]
    return [(week * 7, f"{day.day} {day:%b}") for week, day in starts]
