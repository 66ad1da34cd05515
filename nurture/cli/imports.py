"""What the imports of leads and of deals share: a file goes in, and what became of it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, NoReturn, TextIO

import typer

from nurture.cli.screen import answer, note, progress, say, table

if TYPE_CHECKING:
    from nurture.leads import ImportReport

Table = Annotated[Path, typer.Argument(help="A CSV file with a heading line.", exists=True, dir_okay=False)]
LeftOut = Annotated[
    Path | None,
    typer.Option("--left-out", metavar="FILE", help="Write the rows that were left out here, with their reasons."),
]


@dataclass(frozen=True, slots=True)
class Going:
    """A file on its way in: to be read from `stream`, with its rejects written to `left_out`, telling `tick`."""

    stream: BinaryIO
    left_out: TextIO | None
    tick: Callable[[int], None]


@contextmanager
def going_in(file: Path, left_out: Path | None) -> Iterator[Going]:
    """Open the files, and show how far it is."""
    with ExitStack() as files:
        stream = files.enter_context(file.open("rb"))
        rows = sum(1 for _ in stream) - 1
        stream.seek(0)
        rejects = files.enter_context(left_out.open("w", newline="", encoding="utf-8")) if left_out else None
        yield Going(stream, rejects, files.enter_context(progress(f"importing {file.name}", rows)))


def tell_import(file: Path, report: ImportReport, *, as_json: bool) -> NoReturn:
    """Tell what became of the file; the exit code is 1 if rows were left out."""
    if as_json:
        answer(file=file, **report.counts(), faults=report.faults, warnings=report.warnings)
    else:
        _show(file, report)
    raise typer.Exit(1 if report.faults else 0)


def _show(file: Path, report: ImportReport) -> None:
    for warning in report.warnings:
        note(f"{file}: {warning}")
    if report.faults:
        rows = [(fault.line, fault.column or "", fault.field or "the row", fault.reason) for fault in report.faults]
        table("Left out", ("line", "column", "heading", "reason"), rows)
    say(", ".join(f"{number} {word}" for word, number in report.counts().items()).replace("_", " "))
