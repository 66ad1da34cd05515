"""`nurture validate`: are the sequences, mails and rules fit to run? `nurture schema`: what editors know of them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.annotations import annotation
from nurture.cli.project import root_of
from nurture.cli.screen import Json, answer, say
from nurture.errors import NurtureError, UsageError

if TYPE_CHECKING:
    from nurture.errors import Problem


class Format(StrEnum):
    """How problems are shown: for people, for programs, or as annotations of a pull request on GitHub."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


class File(StrEnum):
    """A file that has a schema."""

    SEQUENCE = "sequence"
    TESTS = "tests"
    NURTURE = "nurture"


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: nurture validate sequences/first-interest.yaml")(validate)
    app.command(epilog="Example: nurture schema --write")(schema)


def validate(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PATH", help="Show only what is wrong in these files and folders.", exists=True),
    ] = None,
    form: Annotated[
        Format, typer.Option("--format", help="For people, for programs, or for a pull request on GitHub.")
    ] = Format.TEXT,
    as_json: Json = False,
) -> None:
    """Check nurture.yaml, sequences and templates, offline.

    A change of the agreement that is not signed is told where a database answers at once. The exit code is 1 if
    something is wrong; warnings alone are fine.
    """
    from nurture import content

    root = root_of(context)
    wanted = [_inside(root, path) for path in paths or [root]]
    files = [file for file in _files(root) if _is_below(file, wanted)]
    problems = [one for one in (*content.validate(root), *_unsigned(root)) if _is_below(one.file, wanted)]
    errors = sum(problem.severity == "error" for problem in problems)
    warnings = len(problems) - errors
    if as_json or form is Format.JSON:
        answer(files=len(files), errors=errors, warnings=warnings, problems=problems)
    else:
        show = _annotate if form is Format.GITHUB else _show
        show(root, problems)
        say(", ".join((_count(len(files), "file"), _count(errors, "error"), _count(warnings, "warning"))))
    raise typer.Exit(1 if errors else 0)


def schema(
    context: typer.Context,
    file: Annotated[
        File, typer.Argument(metavar="FILE", help="sequence, tests or nurture: which to print.")
    ] = File.SEQUENCE,
    write: Annotated[
        bool, typer.Option("--write", help="Write schemas/*.json, docs/rules.md and the tables of docs/sequences.md.")
    ] = False,
) -> None:
    """Tell editors what may stand in sequences and in nurture.yaml (JSON Schema)."""
    from nurture.content.pages import generated
    from nurture.content.schema import schema_files

    if not write:
        typer.echo(schema_files()[f"schemas/{file}.schema.json"], nl=False)
        return
    root = root_of(context)
    for path, text in generated(root).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
        say(path)


def _unsigned(root: Path) -> list[Problem]:
    """Changes of the agreement that nobody has signed: only a database knows what was."""
    from nurture.clock import SystemClock
    from nurture.content.signatures import missing_signatures
    from nurture.settings import load_settings

    try:
        url = load_settings(root).database_url
    except NurtureError:  # `nurture doctor` tells
        return []
    return list(missing_signatures(root, url, SystemClock().now()))


def _show(root: Path, problems: Sequence[Problem]) -> None:
    from nurture.content.rules import PAGE, page_of

    for problem in sorted(problems):
        say(str(problem))
        say()
    if problems:
        missing = "" if (root / PAGE).exists() else " (`nurture schema --write` writes it)"
        say(f"Why, with examples: {page_of(sorted({problem.rule for problem in problems}))}{missing}")


def _annotate(root: Path, problems: Sequence[Problem]) -> None:
    """The project may lie anywhere in the checkout, and paths are told from its top."""
    top = os.environ.get("GITHUB_WORKSPACE") or Path.cwd()
    for problem in sorted(problems):
        say(annotation(problem, os.path.relpath(root / problem.file, top)))


def _files(root: Path) -> Iterator[str]:
    """What `validate` looks at."""
    yield "nurture.yaml"
    for pattern in ("sequences/*.y*ml", "sequences/tests/*.y*ml", "templates/*/*.*"):
        yield from (path.relative_to(root).as_posix() for path in sorted(root.glob(pattern)))


def _inside(root: Path, path: Path) -> str:
    try:
        return path.resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        raise UsageError(f"{path} is not part of the project {root}") from None


def _is_below(file: str, wanted: Sequence[str]) -> bool:
    return any(one in (".", file) or file.startswith(f"{one}/") for one in wanted)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
