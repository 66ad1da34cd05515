"""`nurture test`: do the sequences still do to leads what their tests say?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.project import check_known, root_of
from nurture.cli.screen import Json, answer, progress, say
from nurture.errors import UsageError

if TYPE_CHECKING:
    from nurture.errors import Problem
    from nurture.rehearsal import MailLine, Outcome


def add_to(app: typer.Typer) -> None:
    app.command("test", epilog="Example: nurture test first-interest")(rehearse)


def rehearse(
    context: typer.Context,
    sequences: Annotated[
        list[str] | None, typer.Argument(metavar="SEQUENCE", help="Only the tests of these; left out: all.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Play the tests in sequences/tests through the real engine, in memory, and compare what comes with what should.

    The exit code is 1 if a test failed, or a file of tests has faults.
    """
    from nurture.content import load_project
    from nurture.content.rehearsals import FOLDER, read_rehearsals
    from nurture.rehearsal import rehearse_all

    project = load_project(root_of(context))
    files, problems = read_rehearsals(project)
    for name in sequences or ():
        check_known(name, sorted({*project.sequences, *map(_stem, problems)}), "sequence")
    files = [file for file in files if not sequences or file.sequence in sequences]
    problems = [problem for problem in problems if not sequences or _stem(problem) in sequences]
    number = sum(len(file.tests) for file in files)
    if not number and not problems:
        raise UsageError(f"There is no test to play. Tests are written in {FOLDER}/<sequence>.yaml.")
    with progress("playing", number) as tick:
        outcomes = list(_told(rehearse_all(project, files), tick))
    failed = sum(not one.ok for one in outcomes)
    errors = sum(problem.severity == "error" for problem in problems)
    if as_json:
        answer(tests=len(outcomes), failed=failed, results=list(map(_values, outcomes)), problems=problems)
    else:
        _show(outcomes, problems)
        say(_summary(len(outcomes), failed, errors), style="bold red" if failed or errors else "bold green")
    raise typer.Exit(1 if failed or errors else 0)


def _summary(number: int, failed: int, errors: int) -> str:
    played = f"{number} test{'' if number == 1 else 's'}, {failed} failed"
    faults = "1 fault keeps" if errors == 1 else f"{errors} faults keep"
    return f"{played}; {faults} tests from being played" if errors else played


def _stem(problem: Problem) -> str:
    return PurePath(problem.file).stem


def _told(outcomes: Iterable[Outcome], tick: Callable[[int], None]) -> Iterator[Outcome]:
    for number, one in enumerate(outcomes, 1):
        tick(number)
        yield one


def _values(one: Outcome) -> dict[str, object]:
    return {
        "sequence": one.sequence,
        "name": one.name,
        "file": one.file,
        "line": one.line,
        "ok": one.ok,
        "mails": one.mails,
        "differences": one.differences,
        "timeline": one.timeline,
    }


def _show(outcomes: Sequence[Outcome], problems: Sequence[Problem]) -> None:
    for problem in problems:
        say(str(problem))
        say()
    for sequence, some in groupby(outcomes, lambda one: one.sequence):
        say(sequence, style="bold")
        for one in some:
            say(f"  {'ok    ' if one.ok else 'FAILED'}  {one.name}", style="" if one.ok else "red")
            if not one.ok:
                _show_failed(one)
        say()


def _show_failed(one: Outcome) -> None:
    say(f"            {one.file}:{one.line}")
    if not all(line.ok for line in one.mails):
        width = max(len(line.mail) for line in one.mails)
        say("            mails, expected (-) and seen (+)")
        for line in one.mails:
            say(f"          {_mail(line, width)}", style={"-": "red", "+": "green"}.get(line.mark, ""))
    for difference in one.differences:
        say(f"            {difference}", style="red")
    if one.timeline is None:
        return
    say("            what happened")
    for entry in one.timeline.entries:
        say(f"              {entry}")
    for entry in one.timeline.ahead:
        say(f"              next, {entry}")
    if one.timeline.barred:
        say(f"              it must not be mailed: {one.timeline.barred}")


def _mail(line: MailLine, width: int) -> str:
    because = f", because {line.because}" if line.because and line.mark == "+" else ""
    return f"{line.mark} {line.mail:{width}}  {line.when}{because}"
