"""`nurture deals`: what sales works on, what was won and lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.handoffs import Reason, Until, ports_of_rep
from nurture.cli.imports import LeftOut, Table, going_in, tell_import
from nurture.cli.project import check_known, ports_of
from nurture.cli.screen import Json, answer, moment, say, table
from nurture.errors import UsageError

if TYPE_CHECKING:
    from nurture.deals import Closed

app = typer.Typer(name="deals", help="Deals with leads: list, win, lose, import.", no_args_is_help=True)

Number = Annotated[int, typer.Argument(metavar="ID", help="The number of the deal.")]
By = Annotated[str, typer.Option(metavar="KEY", help="Who says so: the rep's key in the agreement.")]


@app.command("import", epilog="Example: nurture deals import samples/deals.csv --left-out mend.csv")
def import_file(context: typer.Context, file: Table, left_out: LeftOut = None, as_json: Json = False) -> None:
    """Take in a file of deals, as a CRM exports it.

    Rows with faults are told and left out, and the rest comes in; then the exit code is 1.
    """
    from nurture.deals import import_deals

    with ports_of(context) as ports, going_in(file, left_out) as going:
        report = import_deals(ports, going.stream, file=file.name, left_out=going.left_out, tick=going.tick)
    tell_import(file, report, as_json=as_json)


@app.command("list", epilog="Example: nurture deals list --state won")
def list_some(
    context: typer.Context,
    state: Annotated[str | None, typer.Option(help="Only these: open, won or lost.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=10_000)] = 100,
    as_json: Json = False,
) -> None:
    """List deals, the latest first."""
    from models.queries.deals import LIST
    from models.words import OpportunityState
    from nurture.core.money import in_words

    states = [str(one) for one in OpportunityState]
    if state:
        check_known(state, states, "state")
    with ports_of(context) as ports, ports.database.reading() as connection:
        rows = connection.execute(LIST, {"states": [state] if state else states, "limit": limit}).all()
    if as_json:
        answer(deals=[dict(row._mapping) for row in rows])
        return
    table(
        "Deals",
        ("id", "lead", "handoff", "state", "worth", "opened (UTC)", "closed (UTC)", "reason", "CRM's number"),
        [
            (
                row.id, row.lead_id, row.handoff_id or "", row.state, in_words(row.amount, row.currency), row.opened_at,
                moment(row.closed_at) if row.closed_at else "", row.reason or "", row.external_id or "",
            )
            for row in rows
        ],
    )  # fmt: skip


@app.command("left-out", epilog="Example: nurture deals left-out --again")
def list_left_out(
    context: typer.Context,
    again: Annotated[bool, typer.Option("--again", help="Work those requests once more with the next round.")] = False,
    as_json: Json = False,
) -> None:
    """List what the CRM told of deals that could not be taken in, and why."""
    from nurture.deals.left_out import left_out, try_again

    with ports_of(context) as ports:
        found = left_out(ports)
        requests = try_again(ports) if again else 0
    if as_json:
        answer(left_out=found, requests_again=requests)
        return
    rows = [(one.request, moment(one.received_at), one.entry or "all", one.reason) for one in found]
    table("Left out", ("request", "told (UTC)", "entry", "reason"), rows)
    if again:
        say(f"{requests} requests are worked again with the next round.")


@app.command(epilog="Example: nurture deals win 3 --by kari --amount 12500 --currency EUR")
def win(
    context: typer.Context,
    number: Number,
    by: By,
    amount: Annotated[str, typer.Option(help="What it is worth, such as 12500 or 12500.50.")] = "",
    currency: Annotated[str, typer.Option(help="Three letters, such as EUR.")] = "",
    as_json: Json = False,
) -> None:
    """A deal is won: the lead is a customer, and prospect mail ends at once.

    A deal that was won before stays as it is; then the exit code is 1.
    """
    from nurture.core import money
    from nurture.deals import win as close

    try:
        worth = money.amount(amount) if amount else None
        code = money.currency(currency) if currency else None
    except ValueError as error:
        raise UsageError(str(error)) from None
    with ports_of_rep(context, by) as ports:
        _tell(close(ports, number, by, worth, code), as_json=as_json)


@app.command(epilog="Example: nurture deals lose 3 --by kari --reason competitor_chosen")
def lose(
    context: typer.Context,
    number: Number,
    by: By,
    reason: Reason,
    why: Annotated[str, typer.Option("--note", help="What else is worth saying; some reasons need it.")] = "",
    until: Until = "",
    as_json: Json = False,
) -> None:
    """A deal is lost; the reason says whether and when the lead is nurtured again."""
    from nurture.deals import lose as close
    from nurture.handoff.comeback import comes_back

    with ports_of_rep(context, by) as ports:
        back_at = comes_back(ports.project.config, by, until, ports.clock.now()) if until else None
        _tell(close(ports, number, by, reason, why, back_at), as_json=as_json)


def _tell(closed: Closed, *, as_json: bool) -> None:
    deal = closed.deal
    if as_json:
        answer(
            deal=deal.id, lead=deal.lead_id, state=deal.state, fresh=closed.fresh, closed_at=deal.closed_at,
            amount=deal.amount, currency=deal.currency, reason=deal.reason,
        )  # fmt: skip
    elif closed.fresh:
        say(f"Deal {deal.id} (lead {deal.lead_id}) is {deal.state}.")
    else:
        say(f"Deal {deal.id} was {deal.state} before, on {moment(deal.closed_at)} UTC.")
    raise typer.Exit(0 if closed.fresh else 1)
