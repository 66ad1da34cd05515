"""`nurture status`: how things stand, and what needs a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from nurture.cli.gate import show_closed
from nurture.cli.project import ports_of
from nurture.cli.screen import Json, answer, moment, say, table

if TYPE_CHECKING:
    from nurture.status import Queue, Status


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: nurture status --json")(status)


def status(context: typer.Context, as_json: Json = False) -> None:
    """Show how things stand, and what needs a person.

    The exit code is 1 if something does.
    """
    from nurture.status import status as look

    with ports_of(context) as ports:
        found = look(ports, ports.clock.now())
    if as_json:
        answer(status=found)
    else:
        _show(found)
    raise typer.Exit(1 if found.todo else 0)


def _show(found: Status) -> None:
    table("Leads", ("stage", "leads"), [(found.names[stage], n) for stage, n in found.stages.items() if n])
    table(
        "Under way (UTC)",
        ("sequence", "stands at", "waiting", "due", "in flight", "next look"),
        [
            (one.sequence, one.step or "its end", one.waiting, one.due, one.in_flight, one.next_at)
            for one in found.steps
        ],
    )
    if found.gates:
        show_closed(found.gates)
    _show_queue("Mails whose end nobody knows yet", found.unknown)
    _show_queue("Alerts on their way", found.outbox.get("pending"))
    for name, queue in found.webhooks.items():
        _show_queue(f"Events on their way to webhook {name}", queue)
    _show_queue("Requests not worked yet", found.inbox.get("new"))
    if found.faults:
        say(f"Requests of the last 7 days with something unusable in them: {found.faults}")
    say(f"Attempt numbers reserved: {found.attempts_reserved} (installation {found.environment})")
    say()
    if found.todo:
        todo = [(one.what, one.since, one.do) for one in found.todo]
        table("Needs a person", ("what", "since (UTC)", "what to do"), todo)
    else:
        say("Nothing needs a person.")


def _show_queue(what: str, queue: Queue | None) -> None:
    if queue and queue.count:
        say(f"{what}: {queue.count}, the oldest since {moment(queue.since)} UTC")
