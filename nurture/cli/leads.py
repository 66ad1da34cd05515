"""`nurture leads`: take leads in, find them, and see why they are where they are."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nurture.cli.imports import LeftOut, Table, going_in, tell_import
from nurture.cli.project import check_known, operator, ports_of
from nurture.cli.screen import Json, answer, moment, note, progress, say, table
from nurture.errors import UsageError

if TYPE_CHECKING:
    from sqlalchemy import Row

    from nurture.ports import Ports

app = typer.Typer(name="leads", help="Take leads in, list them, show one, explain one.", no_args_is_help=True)

Who = Annotated[str, typer.Argument(metavar="ID|ADDRESS", help="The lead's number or mail address.")]


@app.command("import", epilog="Example: nurture leads import samples/leads.csv --left-out mend.csv")
def import_file(context: typer.Context, file: Table, left_out: LeftOut = None, as_json: Json = False) -> None:
    """Take in a file of leads.

    Rows with faults are told and left out, and the rest comes in; then the exit code is 1.
    """
    from nurture.leads import import_leads

    with ports_of(context) as ports, going_in(file, left_out) as going:
        report = import_leads(
            ports.database,
            ports.clock,
            going.stream,
            file=file.name,
            new_token=ports.new_id,
            erased=ports.erasures.among,
            config=ports.project.config,
            left_out=going.left_out,
            tick=going.tick,
        )
    tell_import(file, report, as_json=as_json)


@app.command("list", epilog="Example: nurture leads list --stage mql --limit 20")
def list_some(
    context: typer.Context,
    stage: Annotated[str | None, typer.Option(help="Only this lifecycle stage: iql, mql, sql, ...")] = None,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=10_000)] = 50,
    after: Annotated[int, typer.Option(help="Begin after this number, to go on where a list ended.", min=0)] = 0,
    as_json: Json = False,
) -> None:
    """List leads: where each stands, how warm it is, and what comes next."""
    from nurture.cli.overview import HEADINGS, overview
    from nurture.core.lifecycle import STAGES
    from nurture.leads import list_leads

    if stage:
        check_known(stage, STAGES, "stage")
    with ports_of(context) as ports:
        rows = list_leads(ports.database, stage, limit, after)
        lines = overview(ports, rows)
    if as_json:
        answer(leads=lines)
        return
    table("Leads", HEADINGS, [line.cells() for line in lines])
    if len(rows) == limit:
        note(f"There may be more: --after {rows[-1].id}")


@app.command(epilog="Example: nurture leads show 12")
def show(context: typer.Context, who: Who, as_json: Json = False) -> None:
    """Show one lead: who it is, and all that happened to it."""
    from nurture.cli.dossier import show_history, show_person
    from nurture.core.agreement import stage_name
    from nurture.history import history

    with ports_of(context) as ports:
        lead = _find(ports, who)
        records, now = history(ports.database, lead.id), ports.clock.now()
        names = partial(stage_name, ports.project.config.agreement)
    if as_json:
        answer(lead=lead, **{name: getattr(records, name) for name in records.__dataclass_fields__})
        return
    show_person(lead, now, names)
    show_history(records, names)


@app.command(epilog="Example: nurture leads link ida@example.com")
def link(context: typer.Context, who: Who, as_json: Json = False) -> None:
    """Print the link to a lead's own page, where it says what mail it wants.

    For whoever asks for mail again and has no mail of yours: send the link to the lead's own address and to no other.
    """
    from models.queries.leads import PAGE_TOKEN

    with ports_of(context) as ports:
        lead = _find(ports, who)
        with ports.database.reading() as connection:
            page = f"{ports.public_url}/u/{connection.execute(PAGE_TOKEN, {'id': lead.id}).scalar_one()}"
    if as_json:
        answer(lead=lead.id, link=page)
    else:
        say(page)


@app.command(epilog="Example: nurture leads explain ida@example.com")
def explain(
    context: typer.Context,
    who: Who,
    decision: Annotated[int | None, typer.Option(help="A decision by its number, by the agreement of its day.")] = None,
    as_json: Json = False,
) -> None:
    """Explain one lead: is it ready and why not, what would change that, what comes next, when and why."""
    from nurture.cli.dossier import explanation_values, show_explanation, show_past
    from nurture.explain import explain as ask
    from nurture.explain import explain_decision

    with ports_of(context) as ports:
        lead = _find(ports, who)
        if decision is not None:
            past = explain_decision(ports, lead.id, decision)
            if as_json:
                answer(lead=lead.id, decision=past)
            else:
                show_past(lead, past)
            return
        explanation = ask(ports, lead.id, ports.clock.now())
    if as_json:
        answer(**explanation_values(explanation))
    else:
        show_explanation(lead, explanation)


@app.command(epilog="Example: nurture leads rescore --dry-run")
def rescore(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
    as_json: Json = False,
) -> None:
    """Count the score of every lead anew, as after a change of points. It moves nobody to another stage."""
    from nurture.handoff.rescore import how_many
    from nurture.handoff.rescore import rescore as count_anew

    with ports_of(context) as ports, progress("scoring", how_many(ports)) as tick:
        done = count_anew(ports, dry_run=dry_run, tick=tick)
    grades = [(was, now, number) for (was, now), number in sorted(done.grades.items())]
    if as_json:
        moves = [{"from": was, "to": now, "leads": number} for was, now, number in grades]
        answer(leads=done.leads, differ=done.differ, stored=not dry_run, grades=moves)
        return
    if grades:
        table("Grades that change" if dry_run else "Grades that changed", ("from", "to", "leads"), grades)
    say(f"{done.leads} leads, {done.differ} stored scores {'differ' if dry_run else 'differed and are stored anew'}.")


@app.command(epilog="Example: nurture leads enroll 12 founders-dinner")
def enroll(
    context: typer.Context,
    who: Who,
    sequence: Annotated[str, typer.Argument(metavar="SEQUENCE", help="A sequence with trigger: manual.")],
    as_json: Json = False,
) -> None:
    """Put one lead into a sequence by hand. Opt-outs, its entry rule and `again` hold all the same."""
    from nurture.enroll import enroll_by_hand

    with ports_of(context) as ports:
        lead = _find(ports, who)
        enroll_by_hand(ports, lead.id, sequence)
    if as_json:
        answer(lead=lead.id, sequence=sequence)
        return
    say(f"Lead {lead.id} is in {sequence}. `nurture leads explain {lead.id}` says what comes next.")


@app.command(epilog="Example: nurture leads topics 12 --decline product-news")
def topics(
    context: typer.Context,
    who: Who,
    decline: Annotated[list[str] | None, typer.Option(help="A topic the lead does not want mail about.")] = None,
    accept: Annotated[list[str] | None, typer.Option(help="A topic the lead wants mail about after all.")] = None,
    as_json: Json = False,
) -> None:
    """Show what a lead wants mail about, or write it down. Mails of a declined topic are skipped, all others go out."""
    from nurture import topics as wishes
    from nurture.history import history
    from nurture.preferences import tell_topics

    with ports_of(context) as ports:
        lead = _find(ports, who)
        known = ports.project.config.topics
        for topic in [*(decline or ()), *(accept or ())]:
            check_known(topic, [*known], "topic")
        with ports.database.transaction("topics") as connection:
            for topic in decline or ():
                wishes.decline(connection, lead.address_id, topic, "told to us", ports.clock.now())
            for topic in accept or ():
                wishes.accept(connection, lead.address_id, topic)
            if decline or accept:
                tell_topics(connection, ports.project.config, lead.address_id, lead.id, ports.clock.now())
        declined = {row.topic: row for row in history(ports.database, lead.id).declined}
    if as_json:
        answer(wanted={topic: topic not in declined for topic in known})
        return
    rows = [(topic, words, _wish(declined.get(topic))) for topic, words in known.items()]
    table(f"What lead {lead.id} wants mail about", ("topic", "as leads read it", "wanted"), rows)


@app.command("no-calls", epilog="Example: nurture leads no-calls 12")
def no_calls(
    context: typer.Context,
    who: Who,
    undo: Annotated[bool, typer.Option("--undo", help="The lead may be handed to sales after all.")] = False,
    as_json: Json = False,
) -> None:
    """Let no rep have a lead, however warm it is and whatever it asks for. Mail goes on."""
    from nurture.leads.no_calls import allow_calls, leave_alone

    with ports_of(context) as ports:
        lead, now = _find(ports, who), ports.clock.now()
        with ports.database.transaction("no calls") as connection:
            if undo:
                allow_calls(connection, lead.id, now)
            else:
                leave_alone(connection, [lead.id], now)
    if as_json:
        answer(lead=lead.id, no_sales_contact=not undo)
        return
    say(f"Lead {lead.id} {'may be handed to sales again' if undo else 'is not handed to sales any more'}.")


@app.command(epilog='Example: nurture leads move 12 advocate --by kari --because "gave us a reference on the phone"')
def move(
    context: typer.Context,
    who: Who,
    stage: Annotated[str, typer.Argument(help="Where it goes: iql, customer, advocate or disqualified.")],
    because: Annotated[str, typer.Option(metavar="TEXT", help="Why, in a sentence: it is kept with the move.")],
    by: Annotated[str, typer.Option(metavar="KEY", help="Who says so: a rep's key, or a name. You, if left out.")] = "",
    as_json: Json = False,
) -> None:
    """Move a lead to another stage: rule it out, take it back in, call it a customer or one who recommends you.

    Only moves that docs/lifecycle.md gives to the operator. Answers of sales are given by `handoffs` and `deals`.
    """
    from nurture.core.agreement import stage_name
    from nurture.core.lifecycle import STAGES
    from nurture.handoff.by_hand import move_by_hand

    with ports_of(context) as ports:
        lead = _find(ports, who)
        target = next((one for one in STAGES if one == stage), None)
        if target is None:
            check_known(stage, STAGES, "stage")
            return
        moved = move_by_hand(ports, lead.id, target, by or operator(), because)
        before, after = (stage_name(ports.project.config.agreement, one) for one in (moved.source, moved.target))
    if as_json:
        answer(lead=moved.lead_id, **{"from": moved.source, "to": moved.target})
        return
    say(f"Lead {moved.lead_id} went from {before} to {after}.")


def _wish(declined: Row[Any] | None) -> str:
    return f"no, since {moment(declined.since)} UTC ({declined.source})" if declined else "yes"


def _find(ports: Ports, who: str) -> Row[Any]:
    from nurture.leads import find_lead

    lead = find_lead(ports.database, who)
    if lead is None:
        raise UsageError(f"there is no lead '{who}'; give a number (see `nurture leads list`) or a mail address")
    return lead
