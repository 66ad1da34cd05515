"""What became of a file: how many of its rows came in, and which were left out, why, and as they were."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TextIO

from nurture.leads.draft import Fault
from nurture.leads.table import Row, Table, harmless


@dataclass(slots=True)
class ImportReport:
    """Rows by what became of them. Those with faults were left out; `warnings` are about the file as a whole."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    faults: list[Fault] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def left_out(self) -> int:
        """Rows with faults; one row may have several."""
        return len({fault.line for fault in self.faults})

    def counts(self) -> dict[str, int]:
        """What became of the rows -> how many."""
        return {
            "created": self.created, "updated": self.updated, "unchanged": self.unchanged, "left_out": self.left_out
        }  # fmt: skip


class Rejects:
    """A CSV file of the rows that were left out, each as it was and with all that is wrong with it: to be mended and
    taken in again. It has the separator of the file that they come from. Without a stream nothing is written."""

    def __init__(self, stream: TextIO | None, table: Table) -> None:
        self._writer = csv.writer(stream, delimiter=table.separator) if stream else None
        self._write([*table.header, "left out because"])

    def add(self, rows: Sequence[Row], faults: Sequence[Fault]) -> None:
        """Write those of `rows` that have a fault."""
        for row in rows:
            if theirs := [fault for fault in faults if fault.line == row.line]:
                reasons = "; ".join(f"{one.field}: {one.reason}".removeprefix(": ") for one in theirs)
                self._write([*row.cells, reasons])

    def _write(self, cells: Sequence[str]) -> None:
        if self._writer:
            self._writer.writerow(map(harmless, cells))
