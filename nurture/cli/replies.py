"""`nurture replies`: mails that came in, what they were taken for, and what people wrote."""

from __future__ import annotations

from typing import Annotated

import typer

from nurture.cli.project import ports_of
from nurture.cli.screen import Json, answer, moment, say, table
from nurture.errors import UsageError

app = typer.Typer(name="replies", help="Mails that came in: list, show.", no_args_is_help=True)


@app.command("list", epilog="Example: nurture replies list --unmatched")
def list_some(
    context: typer.Context,
    unmatched: Annotated[bool, typer.Option("--unmatched", help="Only people's mails that answer no lead's.")] = False,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=10_000)] = 50,
    as_json: Json = False,
) -> None:
    """List mails that came in, the newest first: what each is, whom it is about, and what it asks for."""
    from models.queries import replies

    query = replies.UNMATCHED if unmatched else replies.LATEST
    with ports_of(context) as ports, ports.database.reading() as connection:
        rows = connection.execute(query, {"limit": limit}).all()
    if as_json:
        answer(replies=rows)
        return
    table(
        "Replies",
        ("id", "at (UTC)", "kind", "lead", "known by", "proved", "asks for"),
        [
            (row.id, row.received_at, row.kind, row.lead_id, row.matched_by, "yes" if row.proved else "no", row.intent)
            for row in rows
        ],
    )


@app.command(epilog="Example: nurture replies show 12")
def show(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="ID", help="The number of the reply.")],
    as_json: Json = False,
) -> None:
    """Show one mail that came in, with the writer's own words and what they were taken for."""
    from models.queries import replies

    with ports_of(context) as ports, ports.database.reading() as connection:
        row = connection.execute(replies.ONE, {"id": number}).first()
    if row is None:
        raise UsageError(f"there is no reply {number}; see `nurture replies list`")
    if as_json:
        answer(reply=row)
        return
    say(f"Reply {row.id}, {moment(row.received_at)} UTC", style="bold")
    facts = {
        "kind": f"{row.kind} ({row.sorted_by})",
        "lead": row.lead_id,
        "known by": row.matched_by and f"{row.matched_by}, {'proved' if row.proved else 'not proved'}",
        "from": row.sender,
        "subject": row.subject,
        "asks for": row.intent and f"{row.intent} ({row.because})",
        "not before": row.resume_at and moment(row.resume_at),
    }
    for name, value in facts.items():
        say(f"  {name:<11} {value if value not in (None, '') else 'not known'}")
    if row.text:
        say()
        say(row.text)
