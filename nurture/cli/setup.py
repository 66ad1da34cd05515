"""`nurture demo`, `nurture db upgrade`, `nurture doctor`: getting going, and finding out what is missing."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.project import root_of
from nurture.cli.screen import Json, answer, say

if TYPE_CHECKING:
    from nurture.doctor import Finding

#: exit code of a set-up that is incomplete
INCOMPLETE = 3
_STYLES = {"ok": "green", "warn": "yellow", "fail": "bold red"}


def add_to(app: typer.Typer) -> None:
    database = typer.Typer(name="db", help="The database.", no_args_is_help=True)
    database.command(epilog="Example: nurture db upgrade")(upgrade)
    app.command(epilog="Example: nurture demo")(demo)
    app.add_typer(database)
    app.command(epilog="Example: nurture doctor --online")(doctor)


def demo(
    context: typer.Context,
    fast: Annotated[bool, typer.Option("--fast", help="Shorter: without the Prefect server.")] = False,
) -> None:
    """Play a few days with sample leads: mails in outbox/, promotions, alerts, sales' answers.

    Nothing is sent; the mails become files.
    """
    command = [sys.executable, "-m", "flows.demo", *(["--fast"] if fast else [])]
    raise typer.Exit(subprocess.call(command, cwd=root_of(context)))  # noqa: S603 - our own module


def upgrade(context: typer.Context, as_json: Json = False) -> None:
    """Bring the database to the tables of this version.

    Twice is harmless.
    """
    from models.database import Database
    from models.migrate import current
    from models.migrate import upgrade as migrate
    from nurture.settings import load_settings

    database = Database(load_settings(root_of(context)).database_url)
    try:
        before = current(database)
        migrate(database)
        after = current(database)
    finally:
        database.close()
    if as_json:
        answer(revision=after, before=before)
    else:
        say(f"The database is at revision {after}." + (" It was there already." if before == after else ""))


def doctor(
    context: typer.Context,
    online: Annotated[bool, typer.Option("--online", help="Also ask SendGrid whether the key works.")] = False,
    as_json: Json = False,
) -> None:
    """Check the set-up, line by line, and say what to do.

    The exit code is 3 if something is missing.
    """
    from nurture.doctor import examine

    findings = list(examine(root_of(context), online=online))
    failed = any(finding.level == "fail" for finding in findings)
    if as_json:
        answer(healthy=not failed, findings=findings)
    else:
        for finding in findings:
            _show(finding)
    raise typer.Exit(INCOMPLETE if failed else 0)


def _show(finding: Finding) -> None:
    say(f"{finding.level:<5}{finding.about}: {finding.says}", style=_STYLES[finding.level])
    if finding.do:
        say(f"     -> {finding.do}")
