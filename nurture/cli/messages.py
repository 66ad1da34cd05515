"""`nurture messages`: mails that the engine will not decide alone, and a person's word on them."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from nurture.cli.project import operator, ports_of
from nurture.cli.screen import Json, Yes, answer, confirm, say, table

app = typer.Typer(name="messages", help="Mails that wait for a person's word.", no_args_is_help=True)

State = Literal["held", "unknown", "rejected"]
Word = Literal["sent", "resend", "skip"]

_DOUBLE = "Nobody knows whether this mail went out: the lead may get it twice. Send it again?"


@app.command("list", epilog="Example: nurture messages list --state held")
def list_some(
    context: typer.Context,
    state: Annotated[
        State | None,
        typer.Option(help="held: needs your word; unknown: may settle itself; rejected: refused for good."),
    ] = None,
    as_json: Json = False,
) -> None:
    """List mails in doubt or refused, the oldest first."""
    from models.queries import messages
    from nurture.status import IN_DOUBT, first_line

    with ports_of(context) as ports, ports.database.reading() as connection:
        states = [state] if state else list(IN_DOUBT)
        rows = connection.execute(messages.WAITING, {"states": states, "limit": 1000}).all()
    if as_json:
        answer(messages=rows)
        return
    table(
        "Messages",
        ("id", "state", "lead", "sequence", "step", "since (UTC)", "by", "what was said"),
        [
            (row.id, row.state, row.lead_id, row.sequence, row.step, row.since, row.mailer, first_line(row.reason))
            for row in rows
        ],
    )


@app.command(epilog="Example: nurture messages resolve 311 --as sent")
def resolve(
    context: typer.Context,
    message: Annotated[int, typer.Argument(metavar="ID", help="The number of the message.")],
    word: Annotated[
        Word,
        typer.Option("--as", help="sent: it did go out; resend: send it again; skip: give it up, the lead goes on."),
    ],
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Say what became of a mail.

    Sending one in doubt again may send it twice, so that is asked first.
    """
    from nurture.ledger.resolve import in_doubt, look
    from nurture.ledger.resolve import resolve as take

    with ports_of(context) as ports:
        may_double = word == "resend" and in_doubt(look(ports, message))
        if may_double:
            confirm(_DOUBLE, yes=yes)
        done = take(ports, message, word, by=operator(), may_double=may_double)
    if as_json:
        answer(resolved=done)
    else:
        about = f"Message {done.message_id} ({done.sequence}, {done.step}, lead {done.lead_id})"
        say(f"{about} was {done.was}: {_told(done.word)}.")


def _told(word: Word) -> str:
    told: dict[Word, str] = {
        "sent": "noted as sent, and the lead goes on",
        "resend": "it goes out with the next round",
        "skip": "given up, and the lead goes on",
    }
    return told[word]
