"""What became of the leads of one run, as a table a person reads: like with like, what needs a look first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from nurture.advance.report import Kind, Outcome, Report

_ORDER: tuple[Kind, ...] = (
    "failed",
    "unknown",
    "skipped",
    "promoted",
    "sent",
    "left",
    "finished",
    "refused",
    "acted",
    "waiting",
)
_MOST = 200
#: lead ids named in a row
_NAMED = 10

Row = dict[str, object]
_Key = tuple[Kind, str, str, datetime | None, str]


def rows(report: Report) -> list[Row]:
    """At most 200 rows: what happened to how many leads, at which step, until when (UTC), why, to whom (ids)."""
    alike = defaultdict[_Key, list[Outcome]](list)
    for one in sorted(report.outcomes, key=_place):
        alike[one.kind, one.sequence, one.step, one.until, one.why].append(one)
    return [_row(key, some, report) for key, some in list(alike.items())[:_MOST]]


def summary(report: Report) -> str:
    """The counts in one line: "476 sent, 14 waiting"."""
    return ", ".join(f"{report.counts[kind]} {kind}" for kind in _ORDER if report.counts[kind]) or "nothing was due"


def _place(one: Outcome) -> tuple[int, str, str, float, int]:
    return (
        _ORDER.index(one.kind),
        one.sequence,
        one.step,
        one.until.timestamp() if one.until else 0,
        one.lead_id,
    )


def _row(key: _Key, some: list[Outcome], report: Report) -> Row:
    kind, sequence, step, until, why = key
    return {
        "what": kind,
        "leads": report.sent[sequence, step] if kind == "sent" else len(some),
        "sequence": sequence,
        "step": step,
        "until": f"{until:%a %d %b %H:%M} UTC" if until else "",
        "why": why,
        "lead ids": _some_ids(one.lead_id for one in some),
    }


def _some_ids(ids: Iterable[int]) -> str:
    named = [str(one) for one in ids]
    return ", ".join(named[:_NAMED]) + (" ..." if len(named) > _NAMED else "")
