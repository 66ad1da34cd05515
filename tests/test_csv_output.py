"""A cell that begins with `=` runs as a formula in whoever opens the file: nothing of ours writes CSV unguarded."""

from __future__ import annotations

import re

from tests.support import REPOSITORY

_WRITES = re.compile(r"csv\.(?:writer|DictWriter)|to_csv\(|text/csv")


def test_nothing_writes_csv_so_no_lead_can_put_a_formula_into_a_sheet() -> None:
    sources = [path for folder in ("nurture", "models", "flows") for path in (REPOSITORY / folder).rglob("*.py")]
    assert len(sources) > 200
    assert [str(path) for path in sources if _WRITES.search(path.read_text(encoding="utf-8"))] == []
