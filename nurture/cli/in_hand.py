"""`nurture handoffs`, what a rep does with a lead in hand: the same as the buttons of its page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from nurture.cli.handoffs import By, Note, Number, app, ports_of_rep
from nurture.cli.project import ports_of
from nurture.cli.screen import Json, answer, moment, say, table

if TYPE_CHECKING:
    from sqlalchemy import Row

#: the commands of cli.handoffs, and these
__all__ = ["app"]

Said = Annotated[str, typer.Option(help="yes, no or unknown.")]


@app.command(epilog="Example: nurture handoffs snooze 4 --by kari --until 2026-03-10")
def snooze(
    context: typer.Context,
    number: Number,
    by: By,
    until: Annotated[str, typer.Option(metavar="DAY", help="tomorrow, 'next week', or a date such as 2026-03-10.")],
    as_json: Json = False,
) -> None:
    """Put a lead off until the morning of a working day; the clock stands still until then."""
    from nurture.handoff.comeback import comes_back
    from nurture.handoff.snooze import snooze as put_off

    with ports_of_rep(context, by) as ports:
        handoff = put_off(ports, number, by, comes_back(ports.project.config, by, until, ports.clock.now()))
    _tell(handoff, f"is put off until {moment(handoff.snoozed_until)} UTC", as_json=as_json)


@app.command(epilog="Example: nurture handoffs reassign 4 --by kari --to tom")
def reassign(
    context: typer.Context,
    number: Number,
    by: By,
    to: Annotated[str, typer.Option(metavar="KEY", help="The rep's key, or `pool`: whoever is free.")],
    as_json: Json = False,
) -> None:
    """Give a lead to another rep, who is told; links that were mailed before open nothing any more."""
    from nurture.handoff.reassign import reassign as give

    with ports_of_rep(context, by) as ports:
        handoff = give(ports, number, by, to)
    _tell(handoff, f"is with {handoff.owner} now", as_json=as_json)


@app.command(epilog="Example: nurture handoffs take 4 --by tom")
def take(context: typer.Context, number: Number, by: By, as_json: Json = False) -> None:
    """Take a lead from the pool. If somebody was faster, the exit code is 1."""
    from nurture.handoff.take import take as take_it

    with ports_of(context) as ports:
        handoff, got_it = take_it(ports, number, by)
    _tell(handoff, f"is with {handoff.owner} now" if got_it else f"has {handoff.owner} already", as_json=as_json)
    raise typer.Exit(0 if got_it else 1)


@app.command(epilog="Example: nurture handoffs touch 4 --by kari --kind call --outcome no_answer")
def touch(
    context: typer.Context,
    number: Number,
    by: By,
    kind: Annotated[str, typer.Option(help="call, mail or meeting.")],
    outcome: Annotated[str, typer.Option(help="reached, left_message or no_answer.")],
    note: Note = "",
    as_json: Json = False,
) -> None:
    """Log a call, a mail or a meeting: the clock stops."""
    from nurture.handoff.touches import log_touch

    with ports_of_rep(context, by) as ports:
        handoff = log_touch(ports, number, by, kind, outcome, note)
    _tell(handoff, f"has a {kind} in its log: {outcome.replace('_', ' ')}", as_json=as_json)


@app.command(epilog="Example: nurture handoffs judge 4 --by kari --right-person yes --ready no --helpful yes")
def judge(
    context: typer.Context,
    number: Number,
    by: By,
    right_person: Said,
    ready: Said,
    helpful: Said,
    note: Note = "",
    as_json: Json = False,
) -> None:
    """Sales' verdict: was it the right person, was it ready to talk, was what we sent helpful.

    Said again, the latest stands.
    """
    from nurture.handoff import judge as say_so

    with ports_of_rep(context, by) as ports:
        verdict = say_so(ports, number, by, right_person, ready, helpful, note)
    if as_json:
        answer(verdict=verdict)
    else:
        answers = f"right person {right_person}, ready {ready}, helpful {helpful}"
        say(f"Handoff {number} (lead {verdict.lead_id}): {answers}.")


@app.command("keep-warm", epilog="Example: nurture handoffs keep-warm 4 --by kari --off")
def keep_warm(
    context: typer.Context,
    number: Number,
    by: By,
    on: Annotated[bool, typer.Option("--on/--off", help="Whether marketing may send its light mails.")] = True,
    as_json: Json = False,
) -> None:
    """Let marketing write to a lead in hand, lightly, or stop it again."""
    from nurture.handoff.keep_warm import keep_warm as switch

    with ports_of_rep(context, by) as ports:
        handoff = switch(ports, number, by, on)
    _tell(handoff, "is kept warm" if on else "gets no marketing mail", as_json=as_json)


@app.command(epilog="Example: nurture handoffs link 4")
def link(context: typer.Context, number: Number, as_json: Json = False) -> None:
    """Make a new link to a handoff's page, good for 30 days; older ones open nothing any more."""
    from nurture.handoff.link import renew_link

    with ports_of(context) as ports:
        made = renew_link(ports, number)
    if as_json:
        answer(handoff=number, link=made)
    else:
        say(made)


@app.command(epilog="Example: nurture handoffs overdue --json")
def overdue(context: typer.Context, as_json: Json = False) -> None:
    """List handoffs that were not answered in time, the longest overdue first.

    The exit code is 1 where there is one.
    """
    from nurture.handoff.overdue import overdue as find

    with ports_of(context, only_look=True) as ports, ports.database.reading() as connection:
        late = find(connection, ports, ports.clock.now())
    if as_json:
        answer(overdue=[{name: _plain(getattr(one, name)) for name in one.__slots__} for one in late])
    else:
        _show(late)
    raise typer.Exit(1 if late else 0)


def _show(late: list[Any]) -> None:
    table(
        "Overdue",
        ("id", "lead", "owner", "asked for it", "was due (UTC)", "business hours late", "touched", "rung"),
        [
            (
                one.handoff_id, one.lead_id, one.owner, "yes" if one.hand_raise else "", one.due_at,
                f"{one.late.total_seconds() / 3600:.1f}", "yes" if one.touched else "", one.rung,
            )
            for one in late
        ],
    )  # fmt: skip


def _plain(value: object) -> object:
    """Spans of time as hours."""
    seconds = getattr(value, "total_seconds", None)
    return round(seconds() / 3600, 3) if seconds else value


def _tell(handoff: Row[Any], what: str, *, as_json: bool) -> None:
    if as_json:
        shown = ("id", "lead_id", "state", "owner", "due_at", "snoozed_until", "touched_at")
        answer(handoff={name: getattr(handoff, name) for name in shown})
    else:
        say(f"Handoff {handoff.id} (lead {handoff.lead_id}) {what}.")
