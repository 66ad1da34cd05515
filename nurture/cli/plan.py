"""`nurture plan`: what edited sequences would do to the leads in them. `nurture apply`: make them live."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.project import ports_of
from nurture.cli.screen import Json, Yes, answer, confirm, progress, say, table
from nurture.errors import UserError

if TYPE_CHECKING:
    from nurture.plan import Applied, Outlook, Plan, SequencePlan
    from nurture.ports import Ports
    from nurture.signed import Pending

Names = Annotated[list[str] | None, typer.Argument(metavar="SEQUENCE", help="Only these; left out: all.")]
Pin = Annotated[bool, typer.Option("--pin", help="Leads under way finish the text they have; new ones get the new.")]

_EDITS = {
    "new": "new; goes live by itself at the next start",
    "edited": "edited",
    "removed": "removed",
    "back": "has a file again",
    "faulty": "has faults, so what is live stays; see `nurture validate`",
    None: "as it is live",
}


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Examples: nurture plan; nurture plan first-interest --lead 12")(plan)
    app.command(epilog="Examples: nurture apply; nurture apply first-interest --pin --yes")(apply)


def plan(
    context: typer.Context,
    sequences: Names = None,
    lead: Annotated[int | None, typer.Option(metavar="ID", help="What it does to this one lead.")] = None,
    pin: Pin = False,
    as_json: Json = False,
) -> None:
    """Show what edited sequences would do to the leads in them, and what was changed in the agreement of marketing and
    sales. Nothing is written."""
    from nurture.plan import outlook

    with ports_of(context, only_look=True) as ports:
        if lead is not None:
            found = outlook(ports, lead, sequences or (), pin=pin)
            if as_json:
                answer(lead=lead, sequences=found)
                return
            table(f"Lead {lead}", ("sequence", "stands at", "now", "then"), [_cells(one) for one in found])
            return
        seen, terms = _look(ports, sequences or (), pin=pin), _terms(ports, sequences)
    if as_json:
        answer(plan=seen, agreement=terms)
        return
    _show_terms(terms)
    _show(seen, terms)
    if not seen.is_idle:
        say(_ending(seen))


def _ending(seen: Plan) -> str:
    """What to do next: a sequence that is new needs nobody to apply it."""
    if all(one.edit in ("new", None) for one in seen.sequences):
        return "Nothing was written. Whatever runs next makes it live; `nurture apply` does so now."
    return "Nothing was written. `nurture apply` makes it live."


def apply(
    context: typer.Context,
    sequences: Names = None,
    pin: Pin = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Make edited sequences live, after showing what that does, and the agreement once both departments have signed.

    Leads that wait are decided anew at once. To roll back, put the old file back and apply it. The exit code is 1, and
    nothing is done, while a signature is missing under a change of the agreement; sequences by name need none.
    """
    from nurture import plan as planning
    from nurture import signed

    with ports_of(context, only_look=True) as ports:
        planning.refuse_faults(ports.project)
        seen, terms = _look(ports, sequences or (), pin=pin), _terms(ports, sequences)
        if not as_json:
            _show_terms(terms)
            _show(seen, terms)
        if terms and terms.unsigned:
            # on the screen it has been told already
            raise UserError(f"{f'{terms}. ' if as_json else ''}Nothing was applied: {terms.do}.")
        if terms:
            confirm("Put the changed agreement in force?", yes=yes)
            signed.apply(ports.database, ports.project, ports.clock.now())
        if seen.is_idle:
            done = planning.Applied(())
        else:
            confirm(_question(seen, pin=pin), yes=yes)
            waiting = sum(one.waiting for one in seen.sequences)
            with progress("deciding anew", waiting) as tick:
                names = [one.sequence for one in seen.sequences]
                done = planning.apply(ports, names, seen.live, pin=pin, progress=tick)
    if as_json:
        answer(plan=seen, agreement=terms, applied=done)
        return
    if terms:
        say("The agreement is in force. Leads are asked by it when they next do something;")
        say("`nurture leads rescore` counts every score anew by it.")
    if not seen.is_idle:
        say(_summary(done))


def _look(ports: Ports, names: Sequence[str], *, pin: bool) -> Plan:
    from nurture.plan import look

    with progress("looking at leads") as tick:
        return look(ports, names, pin=pin, progress=tick)


def _cells(one: Outlook) -> tuple[object, ...]:
    return one.sequence, one.step or "its end", one.before, one.after


def _terms(ports: Ports, names: Sequence[str] | None) -> Pending | None:
    """What waits of the agreement; who asks for sequences by name does not ask for it."""
    from nurture.signed import pending

    return None if names else pending(ports.project, ports.clock.now())


def _show_terms(terms: Pending | None) -> None:
    if terms is None:
        return
    say("agreement: edited", style="bold")
    for change in terms.changes:
        say(f"  {change}")
    for one in terms.unsigned:
        say(f"  ! {one}")


def _show(seen: Plan, terms: Pending | None) -> None:
    if seen.is_idle:
        say("What is live of the sequences is what the files say." if terms else "What is live is what the files say.")
        return
    for one in seen.sequences:
        if not one.is_idle:
            _show_sequence(one)
    days = sorted({*seen.before, *seen.after})
    rows = [(f"{day:%a %d %b}", seen.before.get(day, 0), seen.after.get(day, 0)) for day in days]
    table("Mails a day to these leads, if nobody does anything meanwhile", ("day", "now", "then"), rows)


def _show_sequence(one: SequencePlan) -> None:
    say(f"{one.sequence}: {_EDITS[one.edit]}", style="bold")
    for line in one.diff:
        say(f"  {line}", style={"+": "green", "-": "red"}.get(line[:1], ""))
    for sentence in sentences(one):
        say(f"  {sentence}")
    if one.standing:
        rows = [(two.step or "its end", two.before, two.after) for two in one.standing]
        table("  Where they wait", ("step", "now", "then"), rows)


def sentences(one: SequencePlan) -> list[str]:
    """What the counts say, the gravest first."""
    told = [
        f"! {two.leads} leads would get the mail {two.template} again, as {two.new_step}: "
        f"keep its id (id: {two.old_step})"
        for two in one.twice
    ]
    told += [f"{leads} leave: {reason}" for reason, leads in one.exits.items()]
    told += [f"{two.leads} jump from {two.from_step or 'the end'} to {two.to_step or 'the end'}" for two in one.jumps]
    told += _times(one)
    told += [f"{one.at_once} are mailed in the next round"] if one.at_once else []
    told += [f"{one.held} are held, {one.overdue} of them past their time"] if one.held else []
    told += [f"{one.finishing} finish the text they have"] if one.finishing else []
    told += [f"{one.in_flight} have a mail under way and follow after it"] if one.in_flight else []
    told += [f"{one.following} go by this text already"] if one.following and not one.is_idle else []
    idle = (
        f"All {one.waiting} who wait in it go on as they would, until they come to what was edited."
        if one.waiting
        else "Nobody is under way in it."
    )
    return told or [idle]


def _times(one: SequencePlan) -> list[str]:
    times = one.retimed
    told = [f"{times.earlier} are looked at earlier, by up to {_span(times.most_earlier)}"] if times.earlier else []
    return told + ([f"{times.later} later, by up to {_span(times.most_later)}"] if times.later else [])


def _span(hours: float) -> str:
    if hours >= 48:
        return f"{hours / 24:.0f} days"
    return f"{hours:.0f} hours" if hours >= 2 else f"{hours * 60:.0f} minutes"


def _question(seen: Plan, *, pin: bool) -> str:
    changed = [one.sequence for one in seen.sequences if one.edit]
    waiting = sum(one.waiting for one in seen.sequences)
    what = f"Make {', '.join(changed)} live" if changed else "Finish what was cut short"
    return f"{what}{', pinning leads under way' if pin else ''}, and decide about {waiting} waiting leads anew?"


def _summary(done: Applied) -> str:
    told = [f"{', '.join(done.sequences) or 'nothing new'} went live", f"{done.decided} leads decided anew"]
    told += [f"{done.left} of them left"] if done.left else []
    told += [f"{done.pinned} finish the text they have"] if done.pinned else []
    return "Done: " + ", ".join(told) + "."
