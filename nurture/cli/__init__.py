"""The command line. The answer goes to stdout, progress and questions go to stderr.

Exit codes: 0 fine, 1 problems found, 2 called with words that do not fit, 3 set-up incomplete. Commands import
what they need when they run, because start-up is a feature: `validate` and `--help` never load a database.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from nurture import redaction
from nurture.cli import (
    agreement,
    alerts,
    content,
    deals,
    diagram,
    gate,
    in_hand,
    init,
    leads,
    messages,
    plan,
    preview,
    rehearse,
    replies,
    report,
    reps,
    rights,
    run,
    serve,
    setup,
    simulate,
    status,
    webhooks,
)
from nurture.cli.screen import fail
from nurture.errors import NurtureError

app = typer.Typer(
    name="nurture",
    help="Nurture leads by mail until sales wants them, and explain each step of the way.",
    epilog="Begin with `nurture demo`, or with `nurture validate` in your own project.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for commands in (init, setup, content, preview, rehearse, simulate, diagram, plan, run, status, report, serve, rights):
    commands.add_to(app)
for group in (agreement, leads, in_hand, reps, deals, messages, replies, alerts, webhooks, gate):
    app.add_typer(group.app)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(version("nurture"))
        raise typer.Exit


@app.callback()
def _project(
    context: typer.Context,
    project: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            envvar="NURTURE_PROJECT",
            help="The project; left out: the nearest folder upwards with a nurture.yaml.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    context.obj = project


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. What people can mend is told in one block, without a traceback."""
    redaction.install()
    try:
        app(args=arguments, prog_name="nurture")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(bool(end.code))
    except NurtureError as error:
        fail(error)
        return error.exit_code
    return 0
