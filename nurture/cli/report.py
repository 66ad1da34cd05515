"""`nurture report`: how nurturing goes, on the screen, as JSON or as a page; and one lead, newest first."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.project import ports_of
from nurture.cli.screen import Json, answer, say, table, write_file
from nurture.errors import UsageError

if TYPE_CHECKING:
    from nurture.ports import Ports
    from nurture.report import Report, Timeline
    from nurture.report.promises import Promises
    from nurture.report.promoted import Disagreement, Group, Reason

_COURSE = ("sequence", "came in", "under way", "done", "stuck", "reached the goal", "left early")
_STEP = ("sequence", "mail", "sent to", "delivered", "clicked", "replied", "opted out", "spam", "bounced")
_SPAN = re.compile(r"(\d{1,4}) ?(d|days?|w|weeks?)")


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: nurture report --since 30d --html report.html")(report)


def report(
    context: typer.Context,
    since: Annotated[str, typer.Option(metavar="TIME", help="How far back: 30d, 12w, 90 days.")] = "90d",
    within: Annotated[
        str, typer.Option(metavar="TIME", help="How long a lead has to go on to the next stage before it did not.")
    ] = "30d",
    lead: Annotated[
        int | None, typer.Option(metavar="ID", help="One lead instead: what happened to it, newest first.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a page there that needs nothing else.", dir_okay=False)
    ] = None,
    as_json: Json = False,
) -> None:
    """Show how nurturing goes: the funnel, each sequence and mail, what sales made of it, promises kept, deals.

    Every share comes with the two ends between which the true one lies; below 30, only those are told.
    """
    span, time = _days(since), _days(within)
    with ports_of(context, only_look=True) as ports:
        if lead is None:
            _whole(ports, span, time, html, as_json=as_json)
        else:
            _one(ports, lead, html, as_json=as_json)


def _days(text: str) -> timedelta:
    found = _SPAN.fullmatch(text.strip().lower())
    if not found or int(found[1]) == 0:
        raise UsageError(f"'{text}' is not a length of time; write it like 30d, 12w or 90 days")
    return timedelta(days=int(found[1]) * (7 if found[2][0] == "w" else 1))


def _whole(ports: Ports, span: timedelta, within: timedelta, html: Path | None, *, as_json: bool) -> None:
    from nurture.report import report as look

    found = look(ports, ports.clock.now(), span, within)
    if html:
        from nurture.report.page import page

        write_file(html, page(ports, found))
    if as_json:
        answer(report=found)
    elif not html:
        _show(found)


def _one(ports: Ports, lead_id: int, html: Path | None, *, as_json: bool) -> None:
    from nurture.report import timeline

    found = timeline(ports, lead_id)
    if html:
        from nurture.report.page import lead_page

        write_file(html, lead_page(ports, found))
    if as_json:
        answer(timeline=found)
    elif not html:
        _show_lead(found)


def _show(found: Report) -> None:
    say(f"{found.since:%d %b %Y} to {found.at:%d %b %Y} (UTC), agreement {found.agreement_version[:8]}", style="bold")
    say("A share stands with the two ends between which the true one lies (95 %).")
    table("Leads by stage", ("stage", "leads"), [(one.name, one.leads) for one in found.stages if one.leads])
    _show_funnel(found)
    _show_sales(found)
    _show_deals(found)
    _show_mails(found)
    _show_interest(found)


def _show_funnel(found: Report) -> None:
    table(
        f"How many go on within {found.within_days} days",
        ("from", "to (or further)", "came in", "came", "too early", "went on"),
        [
            (one.name, one.to, one.month or "all", one.entered, one.open, one.rate.in_words)
            for one in found.conversions
            if one.entered
        ],
    )
    table(
        "How long it takes",
        ("stage", "came", "still there", "half have left after"),
        [
            (
                one.name,
                one.visits,
                one.still,
                "more than seen" if one.median_days is None else f"{one.median_days} days",
            )
            for one in found.stays
            if one.visits
        ],
    )


def _show_sales(found: Report) -> None:
    sales = found.promotions
    if not sales.promoted:
        say("What sales made of it: nothing was handed over in this time")
        return
    headings = ("handed over", "asked for it", "accepted", "rejected", "late", "pending", "taken back", "acceptance")
    counts = (sales.promoted, sales.hand_raised, sales.accepted.part, sales.rejected, sales.late, sales.pending)
    table("What sales made of it", headings, [(*counts, sales.withdrawn, sales.accepted.in_words)])
    _show_reasons("Why sales said no", sales.reasons)
    _show_groups("source", sales.sources)
    _show_groups("rep", sales.reps)
    _show_disagreement(sales.disagreement)
    told = [(one.text, one.yes.in_words, one.unknown, one.unsaid, one.about) for one in sales.verdicts]
    table("What sales found", ("", "yes", "not known", "not said", "speaks of"), told)
    _show_promises(found.promises)


def _show_disagreement(same: Disagreement) -> None:
    table(
        f"Where the departments agree and where not. Both say the same: {same.agree.in_words}",
        ("marketing", "sales accepted", "sales rejected"),
        [
            ("hot", same.hot_accepted, same.hot_rejected),
            ("not hot", same.cold_accepted, same.cold_rejected),
            ("asked for a person", same.asked_accepted, same.asked_rejected),
        ],
    )
    if same.disputed:
        say(f"  in dispute: leads {', '.join(str(one.lead_id) for one in same.disputed)}")


def _show_promises(told: Promises) -> None:
    kept = [
        (
            one.department,
            one.text,
            one.kept.in_words,
            f"{100 * one.promised:.0f} %" if one.promised else "",
            one.pending,
        )
        for one in told.promises
    ]
    table("Promises kept", ("who", "what", "kept", "promised", "still have time"), kept)
    weeks = [(day, number, told.handoffs_promised) for day, number in told.handoffs]
    table("Handed over by week", ("week of", "leads", "promised"), weeks)


def _show_reasons(title: str, reasons: Iterable[Reason]) -> None:
    table(title, ("reason", "times", "share"), [(one.label, one.share.part, one.share.in_words) for one in reasons])


def _show_groups(what: str, groups: Iterable[Group]) -> None:
    rows = [(one.name, one.promoted, one.pending, one.accepted.in_words) for one in groups]
    table(f"By {what}", (what, "handed over", "pending", "accepted"), rows)


def _show_deals(found: Report) -> None:
    deals = found.deals
    rows = [("all", deals.opened, deals.won.part, deals.lost, deals.won.in_words, deals.amounts)]
    rows += [(one.name, one.opened, one.won.part, one.won.whole - one.won.part, one.won.in_words, one.amounts)
             for one in deals.sources]  # fmt: skip
    told = [(*numbers, ", ".join(one.in_words for one in amounts)) for *numbers, amounts in rows]
    table("Deals", ("source", "opened", "won", "lost", "won of those closed", "amount won"), told)
    _show_reasons("Why they were lost", deals.reasons)


def _show_mails(found: Report) -> None:
    left = [
        (one.sequence, one.entered, one.active, one.done, one.stuck, one.goal.in_words,
         ", ".join(f"{number} {why}" for why, number in one.left.items()))
        for one in found.sequences if one.entered
    ]  # fmt: skip
    table("Sequences", _COURSE, left)
    steps = [
        (one.sequence, one.step, one.sent, one.delivered.in_words, f"{one.clicked.in_words} (machine: {one.machine})",
         one.replied.in_words, one.opted_out.in_words, one.complained.in_words, one.bounced.in_words)
        for one in found.steps
    ]  # fmt: skip
    table("Mails, in people", _STEP, steps)
    for test in found.subjects:
        arms = "; ".join(f"{n}: {arm.in_words}" for n, arm in zip(test.subjects, test.clicked, strict=True))
        say(f"Subjects of {test.sequence}, {test.step}: {arms}. {test.in_words}.")


def _show_interest(found: Report) -> None:
    topics = [(one.topic, one.people, one.machine) for one in found.topics]
    table("Topics of mails that people clicked in", ("topic", "people", "machines only"), topics)
    table("Forms", ("form", "people", "times"), [(one.form, one.people, one.sent) for one in found.forms])
    said = [(one.question, one.answer, one.people) for one in found.answers]
    table("What they answered", ("question", "answer", "people"), said)
    read = [(one.domain, one.people, one.machine.in_words) for one in found.scanners]
    table("Where machines read first", ("mail domain", "people", "mails they went through"), read)


def _show_lead(found: Timeline) -> None:
    owner = f", belongs to {found.owner}" if found.owner else ""
    source = f", came by {found.source}" if found.source else ""
    say(f"Lead {found.lead_id}: {found.stage} since {found.since:%d %b %Y}{owner}{source}", style="bold")
    headings = ("at", "kind", "what", "why, with what")
    table("What happened (UTC)", headings, [(one.at, one.kind, one.what, one.detail) for one in found.entries])
    if found.machine:
        rows = [(one.at, one.what, one.detail) for one in found.machine]
        table("What machines did, which counts for nothing", ("at", "what", "why"), rows)
