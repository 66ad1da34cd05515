"""`nurture reps`: the reps of the agreement, and their worklists."""

from __future__ import annotations

from typing import Annotated

import typer

from nurture.cli.project import ports_of
from nurture.cli.screen import Json, answer, moment, say, table

app = typer.Typer(name="reps", help="Sales reps: list, worklist, link.", no_args_is_help=True)

Key = Annotated[str, typer.Argument(metavar="KEY", help="The rep's key in the agreement, or `pool`.")]


@app.command("list", epilog="Example: nurture reps list")
def list_some(context: typer.Context, as_json: Json = False) -> None:
    """List the reps and the pool: who is away, what waits for an answer, and what of it is late."""
    from models.queries.desk import IN_HAND
    from nurture.core.owners import POOL
    from nurture.handoff.team import away

    with ports_of(context, only_look=True) as ports, ports.database.reading() as connection:
        now, config = ports.clock.now(), ports.project.config
        absent = away(config, now)
        waiting = {row.owner: row for row in connection.execute(IN_HAND, {"now": now})}
    names = {**{one.key: one.name for one in config.agreement.owners}, POOL: "whoever is free"}
    reps = [
        {
            "key": key, "name": name, "away": key in absent,
            "waiting": int(waiting[key].offered) if key in waiting else 0,
            "late": int(waiting[key].late) if key in waiting else 0,
        }
        for key, name in names.items()
    ]  # fmt: skip
    if as_json:
        answer(reps=reps)
        return
    rows = [(one["key"], one["name"], "away" if one["away"] else "", one["waiting"], one["late"]) for one in reps]
    table("Reps", ("key", "name", "", "waiting", "late"), rows)


@app.command(epilog="Example: nurture reps worklist kari")
def worklist(context: typer.Context, key: Key, as_json: Json = False) -> None:
    """Show a rep's worklist: the most urgent first, and what to do next."""
    from nurture.handoff.reps import check_list
    from nurture.handoff.worklist import worklist as list_of

    with ports_of(context, only_look=True) as ports, ports.database.reading() as connection:
        check_list(ports, key)
        items = list_of(connection, ports, key, ports.clock.now())
    if as_json:
        left_out = {"token", "token_until", "attempt"}
        shown = [name for name in items[0].__slots__ if name not in left_out] if items else []
        answer(
            worklist=[
                {**{name: getattr(item, name) for name in shown}, "attempt": item.attempt and item.attempt.do}
                for item in items
            ]
        )
        return
    table(
        f"Worklist of {key}",
        ("handoff", "lead", "who", "due for", "due (UTC)", "next", "attempts"),
        [
            (
                item.handoff_id, item.lead_id, ", ".join(filter(None, (item.who, item.role))), item.due_for,
                moment(item.snoozed_until or item.due_at) + _mark(item.overdue, item.snoozed_until is not None),
                f"{item.attempt.do} {moment(item.attempt_at)}" if item.attempt else "", item.attempts,
            )
            for item in items
        ],
    )  # fmt: skip


@app.command(epilog="Example: nurture reps link kari --new")
def link(
    context: typer.Context,
    key: Key,
    new: Annotated[bool, typer.Option("--new", help="Make a new one; the old one opens nothing any more.")] = False,
    as_json: Json = False,
) -> None:
    """Print the link to a rep's worklist. Whoever has it sees the rep's leads: give it to nobody else."""
    from nurture.handoff.reps import worklist_link

    with ports_of(context) as ports:
        made = worklist_link(ports, key, new=new)
    if as_json:
        answer(owner=key, link=made)
    else:
        say(made)


def _mark(overdue: bool, put_off: bool) -> str:
    if put_off:
        return " put off"
    return " late" if overdue else ""
