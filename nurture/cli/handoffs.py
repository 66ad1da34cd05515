"""`nurture handoffs`: leads offered to sales, and sales' answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nurture.cli.project import check_known, ports_of
from nurture.cli.screen import Json, answer, moment, say, table
from nurture.errors import UsageError

if TYPE_CHECKING:
    from sqlalchemy import Row

    from nurture.brief import Brief
    from nurture.handoff import Answered
    from nurture.ports import Ports

app = typer.Typer(
    name="handoffs",
    help="Leads offered to sales: list them, answer, log calls, put off, give on, judge.",
    no_args_is_help=True,
)

Number = Annotated[int, typer.Argument(metavar="ID", help="The number of the handoff.")]
By = Annotated[str, typer.Option(metavar="KEY", help="Who answers: the rep's key in the agreement.")]
Reason = Annotated[str, typer.Option(metavar="CODE", help="A reason of the agreement.")]
Until = Annotated[str, typer.Option(metavar="DAY", help="Nurtured again from this day on; left out: by the reason.")]
Note = Annotated[str, typer.Option(help="What else is worth keeping.")]


@contextmanager
def ports_of_rep(context: typer.Context, key: str) -> Iterator[Ports]:
    """The ports, for what a rep does. Raises UsageError unless the agreement has such a rep."""
    with ports_of(context) as ports:
        check_known(key, [owner.key for owner in ports.project.config.agreement.owners], "rep")
        yield ports


@app.command("list", epilog="Example: nurture handoffs list --all")
def list_some(
    context: typer.Context,
    every: Annotated[bool, typer.Option("--all", help="Also those that were answered.")] = False,
    as_json: Json = False,
) -> None:
    """List handoffs, what is still offered first, the most urgent on top."""
    from models.queries.sales import HANDOFFS
    from models.words import HandoffState

    states = list(HandoffState) if every else [HandoffState.OFFERED]
    with ports_of(context) as ports, ports.database.reading() as connection:
        now = ports.clock.now()
        rows = connection.execute(HANDOFFS, {"states": states, "limit": 1000}).all()
    if as_json:
        answer(handoffs=[_fields(row) for row in rows])
        return
    table(
        "Handoffs",
        ("id", "lead", "state", "owner", "asked for it", "offered (UTC)", "due (UTC)", "answer"),
        [
            (
                row.id, row.lead_id, row.state, row.owner, "yes" if row.hand_raise else "", row.offered_at,
                moment(row.due_at) + (" overdue" if row.state == "offered" and row.due_at < now else ""),
                " ".join(filter(None, (row.decided_by, row.reason))),
            )
            for row in rows
        ],
    )  # fmt: skip


def _fields(row: Row[Any]) -> dict[str, Any]:
    """A handoff as JSON: without the token, which opens its page; SQLite tells yes and no as numbers."""
    fields = {name: value for name, value in row._mapping.items() if name != "token"}
    return fields | {"hand_raise": bool(row.hand_raise)}


@app.command(epilog="Example: nurture handoffs show 4")
def show(context: typer.Context, number: Number, as_json: Json = False) -> None:
    """Show the brief: all that sales needs to know."""
    from models.queries.sales import HANDOFF
    from nurture.brief import brief

    with ports_of(context) as ports, ports.database.reading() as connection:
        if connection.execute(HANDOFF, {"id": number}).first() is None:
            raise UsageError(f"there is no handoff {number}; `nurture handoffs list` shows those there are")
        found = brief(connection, ports, number, ports.clock.now())
    if as_json:
        answer(brief=found)
    else:
        _show(found)


@app.command(epilog="Example: nurture handoffs accept 4 --by kari --project yes --budget unknown")
def accept(
    context: typer.Context,
    number: Number,
    by: By,
    project: Annotated[str, typer.Option(help="Is there a project: yes, no or unknown.")],
    budget: Annotated[str, typer.Option(help="Is there a budget: yes, no or unknown.")],
    note: Note = "",
    as_json: Json = False,
) -> None:
    """Sales takes the lead.

    An answer that was given before stands; then the exit code is 1.
    """
    from nurture.handoff import Given
    from nurture.handoff import accept as take

    with ports_of_rep(context, by) as ports:
        _tell(take(ports, number, by, Given(project, budget, note)), as_json=as_json)


@app.command(epilog="Example: nurture handoffs reject 4 --by kari --reason not_ready")
def reject(
    context: typer.Context,
    number: Number,
    by: By,
    reason: Reason,
    note: Note = "",
    until: Until = "",
    as_json: Json = False,
) -> None:
    """Sales gives the lead back; the reason says whether and when it is nurtured again."""
    from nurture.handoff import reject as give_back
    from nurture.handoff.comeback import comes_back

    with ports_of_rep(context, by) as ports:
        back_at = comes_back(ports.project.config, by, until, ports.clock.now()) if until else None
        _tell(give_back(ports, number, by, reason, note, back_at), as_json=as_json)


def _tell(given: Answered, *, as_json: bool) -> None:
    handoff = given.handoff
    if as_json:
        answer(
            handoff=handoff.id, lead=handoff.lead_id, state=handoff.state, fresh=given.fresh,
            by=handoff.decided_by, reason=handoff.reason, recycle_at=handoff.recycle_at,
        )  # fmt: skip
    elif given.fresh:
        back = f"; nurtured again from {moment(handoff.recycle_at)} UTC" if handoff.recycle_at else ""
        say(f"Handoff {handoff.id} (lead {handoff.lead_id}) is {handoff.state} by {handoff.decided_by}{back}.")
    else:
        before = f"{handoff.state} by {handoff.decided_by} on {moment(handoff.decided_at)} UTC"
        say(f"Handoff {handoff.id} was {before} already; that answer stands.")
    raise typer.Exit(0 if given.fresh else 1)


def _show(found: Brief) -> None:
    say(found.headline, style="bold")
    facts = {
        "why now": found.why_now,
        "said": f"{found.said} ({found.said_at})" if found.said else "",
        "before": found.returned,
        "reach": ", ".join(filter(None, (found.email, found.phone, found.place))),
        "mail": found.consent,
        "owner": f"{found.owner} ({found.assigned_because})",
        "due": f"{found.due}{' OVERDUE' if found.overdue else ''}" if not found.answer else found.answer,
        "opening": found.opening,
        "show": f"{found.asset.title}: {found.asset.url}" if found.asset else "",
        "next": found.next_step,
        "company": ". ".join(filter(None, (found.company, found.known_there))),
        "page": found.link,
    }
    for name, value in facts.items():
        if value:
            say(f"  {name:<8} {value}")
    table(f"Grade {found.grade}, because", ("for", "points"), [(line.text, line.detail) for line in found.reasons])
    table("What it did last", ("what", "when"), [(line.text, line.detail) for line in found.acts])
    table("Checklist", ("answer", "question", "rests on"), [(one.answer, one.text, one.detail) for one in found.checks])
    say("Worth asking", style="bold")
    for question in found.questions:
        say(f"  {question}")
