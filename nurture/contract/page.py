"""The agreement as one page that needs nothing else: to be read, printed and signed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nurture.contract.sections import sections
from nurture.core.agreement import NOBODY, Agreement, stage_name
from nurture.core.fit import Grid
from nurture.core.project import Brand
from nurture.core.rules import CellIn, FitAtLeast, Rule, ScoreAtLeast
from nurture.core.signing import DEPARTMENTS, without_hand
from nurture.signed import Pending
from nurture.views import render_own

_HERE = Path(__file__).parent
_LETTERS, _DIGITS = "ABCD", (1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the grid, and the furthest a lead in it can come by its rules."""

    name: str
    reach: Literal["sales", "marketing", "nurture"]


def page(brand: Brand, agreement: Agreement, version: str, waiting: Pending | None = None) -> str:
    """The HTML. `waiting` says of a draft that it is not in force, what it changes and who has not signed."""
    unsigned = waiting.unsigned if waiting else ()
    return render_own(
        _HERE,
        "agreement.html",
        brand=brand,
        version=version,
        waiting=waiting,
        signatures=[(side, getattr(agreement.agreed_by, side)) for side in DEPARTMENTS],
        nobody=NOBODY,
        missing={*without_hand(agreement), *(one.department for one in unsigned)},
        sections=sections(agreement),
        grid=grid(agreement),
        bars=_bars(agreement.grid),
        mql=stage_name(agreement, "mql"),
        sql=stage_name(agreement, "sql"),
    )


def grid(agreement: Agreement) -> list[tuple[str, list[Cell]]]:
    """The rows of the grid, A to D, each with its four cells."""
    return [(letter, [_cell(agreement, letter, digit) for digit in _DIGITS]) for letter in _LETTERS]


def _cell(agreement: Agreement, letter: str, digit: int) -> Cell:
    name, bars = f"{letter}{digit}", agreement.grid
    most = _most(list(bars.letters.values()), _LETTERS.index(letter)), _most(list(bars.digits.values()), digit - 1)
    if not all(_lets(rule, name, *most) for rule in agreement.mql):
        return Cell(name, "nurture")
    return Cell(name, "sales" if all(_lets(rule, name, *most) for rule in agreement.sql) else "marketing")


def _most(bars: list[int], place: int) -> int:
    """The most points one can have in a row or column."""
    return 100 if place == 0 else bars[place - 1] - 1


def _lets(rule: Rule, cell: str, fit: int, engagement: int) -> bool:
    """Whether the rule lets some lead of this cell through."""
    match rule:
        case FitAtLeast(fit_at_least=bar):
            return fit >= bar
        case ScoreAtLeast(score_at_least=bar):
            return engagement >= bar
        case CellIn(cell_in=cells):
            return cell in cells
    return True


def _bars(bars: Grid) -> dict[str, str]:
    """What each letter and digit stands for."""
    told: dict[str, str] = {}
    for names, values in ((_LETTERS, list(bars.letters.values())), ("1234", list(bars.digits.values()))):
        told |= {name: f"{bar} or more" for name, bar in zip(names, values, strict=False)}
        told[names[3]] = f"below {values[2]}"
    return told
