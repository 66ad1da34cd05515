"""`nurture gate`: stop everything, one mailer, sequence, webhook or channel; after that, nothing is handed over."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nurture.cli.project import check_known, database_of, operator, root_of
from nurture.cli.screen import Json, answer, say, table

if TYPE_CHECKING:
    from sqlalchemy import Row

    from models.database import Database
    from nurture.status import Gate

app = typer.Typer(name="gate", help="The kill switch: stop mail, and let it go again.", no_args_is_help=True)

Name = Annotated[
    str, typer.Argument(metavar="NAME", help="everything, mailer:NAME, sequence:NAME, webhook:NAME or channel:NAME.")
]


@app.command("list", epilog="Example: nurture gate list")
def list_closed(context: typer.Context, as_json: Json = False) -> None:
    """List what is stopped now."""
    from models.queries.status import CLOSED
    from nurture.runtime import clock_of

    with database_of(context) as database, database.reading() as connection:
        rows = connection.execute(CLOSED, {"now": clock_of(database).now()}).all()
    if as_json:
        answer(gates=rows)
        return
    show_closed(rows)


def show_closed(gates: Iterable[Row[Any] | Gate]) -> None:
    """What is stopped, since when and for how long."""
    rows = [(one.name, one.reason, one.closed_at, one.until or "a person opens it", one.closed_by) for one in gates]
    table("Stopped", ("what", "why", "since (UTC)", "until (UTC)", "by"), rows)


@app.command(epilog="Example: nurture gate close everything --reason 'wrong price in the mail'")
def close(
    context: typer.Context,
    name: Name,
    reason: Annotated[str, typer.Option(help="Why, for those who find it stopped.")],
    as_json: Json = False,
) -> None:
    """Stop mail until a person opens the gate again. Once this returns, nothing more is handed over."""
    from nurture import gates
    from nurture.runtime import clock_of

    with database_of(context) as database:
        # a stop that names nothing would stop nothing, and nobody would notice
        check_known(name, _names(database, root_of(context)), "gate")
        now = clock_of(database).now()
        with database.transaction("close gate") as connection:
            gates.close(connection, name, reason, now, by=operator())
    if as_json:
        answer(gate=name, open=False)
    else:
        say(f"{name} is stopped. What was handed over before may still arrive. To go on: nurture gate open {name}")


@app.command("open", epilog="Example: nurture gate open mailer:sendgrid")
def open_again(context: typer.Context, name: Name, as_json: Json = False) -> None:
    """Let mail go again."""
    from nurture import gates
    from nurture.runtime import clock_of

    with database_of(context) as database:
        check_known(name, _names(database, root_of(context)), "gate")
        now = clock_of(database).now()
        with database.transaction("open gate") as connection:
            gates.reopen(connection, name, now, by=operator())
    if as_json:
        answer(gate=name, open=True)
    else:
        say(f"{name} is open.")


def _names(database: Database, root: Path) -> list[str]:
    """What can be stopped. Sequences as they are known, with or without a valid file: stopping must always work."""
    from models.queries.journey import PUBLISHED
    from models.queries.outbox import CHANNEL_NAMES, WEBHOOK_NAMES
    from nurture import gates
    from nurture.mail.registry import PROVIDERS

    files = {path.stem for path in (root / "sequences").glob("*.y*ml")}
    with database.reading() as connection:
        published = {row.sequence for row in connection.execute(PUBLISHED)}
        told = [gates.webhook_gate(row.name) for row in connection.execute(WEBHOOK_NAMES)]
        told += [gates.channel_gate(row.name) for row in connection.execute(CHANNEL_NAMES)]
    mailers = [gates.mailer_gate(provider) for provider in PROVIDERS]
    sequences = [gates.sequence_gate(name) for name in sorted(files | published)]
    return [gates.EVERYTHING, *mailers, *sequences, *sorted(told)]
