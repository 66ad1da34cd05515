"""Reading a table as people export it: any of the usual encodings and separators, row by row, faults and all."""

from __future__ import annotations

import codecs
import csv
import re
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import TextIOWrapper
from typing import BinaryIO, TextIO

from nurture.errors import IntakeError

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_SEPARATORS = ",;\t"
_CHUNK = 1 << 16
#: characters of a line and lines of a row: beyond that, a quotation mark was opened and not closed
_LONGEST_LINE = 1 << 16
_MOST_LINES = 20


_NUMBER = re.compile(r"[+-]?[\d .,]+")


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one row, which begins at `line` (the first is 1). `broken` says why it cannot be read."""

    line: int
    cells: list[str]
    broken: str = ""
    more_lines: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Table:
    """A file with its header read; `rows` reads on."""

    encoding: str
    separator: str
    header: list[str]
    rows: Iterator[Row]


@contextmanager
def opened(stream: BinaryIO, file: str) -> Iterator[Table]:
    """The table in a seekable binary stream. Raises IntakeError if it is no table of text at all."""
    encoding = _encoding(stream, file)
    text = TextIOWrapper(stream, encoding, errors="replace", newline="")
    try:
        lines = _Lines(text)
        separator = max(_SEPARATORS, key=lines.peek().count)
        header = _next_row(lines, separator) or Row(1, [], "the file is empty")
        if header.broken:
            raise IntakeError(f"{file}: expected column names in the first line, but {header.broken}")
        yield Table(encoding, separator, header.cells, _rows(lines, separator, len(header.cells)))
    finally:
        text.detach()


def _encoding(stream: BinaryIO, file: str) -> str:
    """By its mark; else UTF-8 if it can be; else Windows-1252, as Excel writes it."""
    start = stream.read(4)
    stream.seek(0)
    if start == b"PK\x03\x04":
        raise IntakeError(f"{file}: this is a workbook; save it as CSV first")
    for mark, encoding in _MARKS.items():
        if start.startswith(mark):
            return encoding
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := stream.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    finally:
        stream.seek(0)
    return "utf-8"


class _Lines:
    """Lines of a text and how many were taken; lines can be put back."""

    def __init__(self, text: TextIO) -> None:
        self.taken = 0
        self._text = text
        self._back: deque[str] = deque()

    def take(self) -> str:
        line = self._back.popleft() if self._back else self._read()
        self.taken += bool(line)
        return line

    def _read(self) -> str:
        """The next line, cut where it is longer than any row can be."""
        line = part = self._text.readline(_LONGEST_LINE)
        while len(part) == _LONGEST_LINE and not part.endswith(("\n", "\r")):
            part = self._text.readline(_LONGEST_LINE)
        return line

    def put_back(self, lines: list[str]) -> None:
        self._back.extendleft(reversed(lines))
        self.taken -= len(lines)

    def peek(self) -> str:
        line = self.take()
        self.put_back([line] if line else [])
        return line


def _rows(lines: _Lines, separator: str, width: int) -> Iterator[Row]:
    """Every row that has something in it, with exactly one cell for each column."""
    while row := _next_row(lines, separator):
        spare = "".join(row.cells[width:]).strip()
        if spare:
            lines.put_back(row.more_lines)
            yield Row(
                row.line, [], f"{len(row.cells)} cells for {width} columns: a value that holds a separator needs quotes"
            )
        elif row.broken or "".join(row.cells).strip():
            yield Row(row.line, (row.cells + [""] * width)[:width], row.broken)


def _next_row(lines: _Lines, separator: str) -> Row | None:
    """One row, which may be several lines long. A broken one gives back all but its first line."""
    first = lines.taken + 1
    used: list[str] = []

    def feed() -> Iterator[str]:
        while len(used) < _MOST_LINES and (line := lines.take()):
            used.append(line)
            yield line

    try:
        cells = next(csv.reader(feed(), delimiter=separator, skipinitialspace=True, strict=True), None)
    except csv.Error:
        lines.put_back(used[1:])
        return Row(first, [], "a quotation mark is not closed, or stands inside a quoted value (double it there)")
    return None if cells is None else Row(first, cells, more_lines=used[1:])


def harmless(cell: str) -> str:
    """A cell as it may be written to a file that people open: what a spreadsheet would run as a formula is made text.

    (OWASP, CSV injection.) A number with a sign stays what it is.
    """
    return (
        f"'{cell}" if cell.lstrip().startswith(("=", "+", "-", "@")) and not _NUMBER.fullmatch(cell.strip()) else cell
    )
