"""What commands print: answers to stdout, as text for people or as one JSON object; everything else to stderr."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from nurture.errors import NurtureError, UsageError

if TYPE_CHECKING:
    from rich.console import Console

SCHEMA_VERSION = 1

#: columns where nobody looks at a terminal
_PIPE_WIDTH = 200

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")]
Yes = Annotated[bool, typer.Option("--yes", help="Answer yes to the question; for scripts.")]


def say(text: str = "", style: str = "") -> None:
    """One line of the answer."""
    _console(sys.stdout).print(printable(text), style=style, soft_wrap=True)


def note(text: str) -> None:
    """One line that is not part of the answer."""
    _console(sys.stderr).print(printable(text), soft_wrap=True)


def fail(error: NurtureError) -> None:
    """What is wrong and how to mend it."""
    console = _console(sys.stderr)
    console.print("Error: ", style="bold red", end="")
    console.print(printable(str(error)), soft_wrap=True)


def write_file(path: Path, text: str) -> None:
    """Keep an answer in a file, and say where."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    note(f"Written to {path}.")


def answer(**values: object) -> None:
    """The whole answer as one JSON object."""
    typer.echo(json.dumps({"schema_version": SCHEMA_VERSION} | _plain(values), ensure_ascii=False, indent=2))


def table(title: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A part of the answer as a table; an empty one is said in a line."""
    from rich import box
    from rich.table import Table

    cells = [[_cell(value) for value in row] for row in rows]
    if not cells:
        say(f"{title}: none")
        return
    say(title, style="bold")
    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading, column in zip(headings, zip(*cells, strict=True), strict=True):
        numbers = all(cell.replace(".", "", 1).lstrip("-+").isdecimal() for cell in column if cell)
        drawn.add_column(heading, justify="right" if numbers else "left", overflow="fold")
    for row in cells:
        drawn.add_row(*row)
    _console(sys.stdout).print(drawn)


def moment(at: datetime | None) -> str:
    """A moment in UTC, to the minute."""
    return f"{at:%Y-%m-%d %H:%M}" if at else ""


def printable(text: str) -> str:
    """Text that cannot steer a terminal, whoever wrote it."""
    return "".join(letter if letter.isprintable() or letter in "\n\t" else "\ufffd" for letter in text)


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """A bar on stderr while something runs, told how far it is; nothing where nobody looks at a terminal."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

    console = _console(sys.stderr)
    hidden = not console.is_terminal or bool(os.environ.get("NO_COLOR"))
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, disable=hidden, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)


def confirm(question: str, *, yes: bool) -> None:
    """Go on only if a person says so. Where nobody can be asked, `--yes` must have been given."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(f"{question} Nobody can be asked here: say --yes.")
    typer.confirm(question, abort=True, err=True)


def _console(stream: TextIO) -> Console:
    from rich.console import Console

    width = None if stream.isatty() else _PIPE_WIDTH
    return Console(file=stream, width=width, markup=False, highlight=False, emoji=False)


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return moment(value)
    return printable("" if value is None else str(value))


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, datetime):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if hasattr(value, "_mapping"):
        value = value._mapping
    if hasattr(value, "model_dump"):
        value = value.model_dump(mode="json")
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, Path | bytes) else value
