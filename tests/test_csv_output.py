"""A cell that begins with `=` runs as a formula in whoever opens the file: nothing of ours writes CSV unguarded."""

from __future__ import annotations

import io
import re

import pytest

from nurture.deals.imports import import_deals
from nurture.leads.table import harmless
from tests.office import Office
from tests.support import REPOSITORY

_WRITES = re.compile(r"csv\.(?:writer|DictWriter)|to_csv\(|text/csv")


#: what writes it, every cell through `harmless`
_GUARDED = {"nurture/leads/outcome.py"}


@pytest.mark.parametrize("cell", ["=1+1", "+cmd|' /C calc'!A0", "-2+3+cmd", "@SUM(A1)", "\t=1", " =1"])
def test_what_a_sheet_would_run_is_text(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "Mill AS", "-12,50", "+1 200.00", "mona@mill.example", "a=b", "1-2"])
def test_everything_else_stays_as_it_is(cell: str) -> None:
    assert harmless(cell) == cell


def test_a_row_of_deals_that_was_left_out_runs_nothing(office: Office) -> None:
    left_out, file = io.StringIO(), b"deal id,email,state,amount,currency\n7,=HYPERLINK(0),won,12,NOK\n"
    import_deals(office.ports, io.BytesIO(file), file="deals.csv", left_out=left_out)
    assert "'=HYPERLINK(0)" in left_out.getvalue() and ",=" not in left_out.getvalue()


def test_nothing_else_writes_csv_so_no_lead_can_put_a_formula_into_a_sheet() -> None:
    sources = [path for folder in ("nurture", "models", "flows") for path in (REPOSITORY / folder).rglob("*.py")]
    assert len(sources) > 200
    writing = [path for path in sources if _WRITES.search(path.read_text(encoding="utf-8"))]
    assert {path.relative_to(REPOSITORY).as_posix() for path in writing} == _GUARDED
    assert all("map(harmless" in path.read_text(encoding="utf-8") for path in writing)
