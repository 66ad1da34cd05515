"""`nurture validate`: are the sequences, mails and rules fit to run?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.project import root_of
from nurture.cli.screen import Json, answer, say
from nurture.errors import UsageError

if TYPE_CHECKING:
    from nurture.errors import Problem


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: nurture validate sequences/first-interest.yaml")(validate)


def validate(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Show only what is wrong in these files and folders.", exists=True)
    ] = None,
    as_json: Json = False,
) -> None:
    """Check nurture.yaml, sequences and templates, offline.

    The exit code is 1 if something is wrong; warnings alone are fine.
    """
    from nurture import content

    root = root_of(context)
    wanted = [_inside(root, path) for path in paths or [root]]
    files = [file for file in _files(root) if _is_below(file, wanted)]
    problems = [problem for problem in content.validate(root) if _is_below(problem.file, wanted)]
    errors = sum(problem.severity == "error" for problem in problems)
    warnings = len(problems) - errors
    if as_json:
        answer(files=len(files), errors=errors, warnings=warnings, problems=problems)
    else:
        _show(problems)
        say(", ".join((_count(len(files), "file"), _count(errors, "error"), _count(warnings, "warning"))))
    raise typer.Exit(1 if errors else 0)


def _show(problems: Iterable[Problem]) -> None:
    for problem in sorted(problems):
        say(str(problem))
        say()


def _files(root: Path) -> Iterator[str]:
    """What `validate` looks at."""
    from nurture.content.templates import OTHER_FOLDERS

    yield "nurture.yaml"
    for pattern in ("sequences/*.y*ml", "templates/*/*.html", "templates/*/*.txt"):
        for path in sorted(root.glob(pattern)):
            if path.parent.name not in OTHER_FOLDERS:
                yield path.relative_to(root).as_posix()


def _inside(root: Path, path: Path) -> str:
    try:
        return path.resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        raise UsageError(f"{path} is not part of the project {root}") from None


def _is_below(file: str, wanted: Sequence[str]) -> bool:
    return any(one in (".", file) or file.startswith(f"{one}/") for one in wanted)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
