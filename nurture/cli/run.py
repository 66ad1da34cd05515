"""`nurture run`: everything that is due, once or over and over, without Prefect."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable
from datetime import datetime
from threading import Event
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.project import ports_of
from nurture.cli.screen import Json, answer, moment, note, progress, say, table
from nurture.errors import NurtureError, UsageError

if TYPE_CHECKING:
    from nurture.advance.report import Kind
    from nurture.ports import Ports
    from nurture.rounds import Round

#: rows shown of what waits and of what went wrong
SHOWN = 20
_SECONDS = {"s": 1, "m": 60, "h": 3600}
_WAITING = ("lead", "sequence", "step", "until (UTC)", "why")
_TROUBLE: tuple[Kind, ...] = ("failed", "unknown", "skipped")


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Examples: nurture run; nurture run --every 60s")(run)


def run(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="One round, which is also what happens by itself.")] = False,
    every: Annotated[
        str | None, typer.Option(metavar="60s", help="Over and over, this long apart; ends with Ctrl-C.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Do all that is due: take in what came back, promote, enroll, mail, alert.

    The exit code is 1 if a mail failed for good.
    """
    if once and every:
        raise UsageError("say --once or --every, not both")
    pause = _seconds(every) if every else None
    with ports_of(context) as ports:
        if pause is not None:
            repeat(pause, lambda: _show(_round(ports), ports.clock.now(), as_json=as_json))
            return
        done, now = _round(ports), ports.clock.now()
    _show(done, now, as_json=as_json)
    raise typer.Exit(1 if done.report.counts["failed"] else 0)


def _seconds(text: str) -> int:
    match = re.fullmatch(r"(\d+) ?([smh])", text.strip())
    if not match or int(match[1]) == 0:
        raise UsageError(f"--every {text}: write it like 60s, 5m or 1h")
    return int(match[1]) * _SECONDS[match[2]]


def _round(ports: Ports) -> Round:
    from nurture.library import edits_in_words
    from nurture.rounds import run_round
    from nurture.runtime import reread
    from nurture.signed import pending

    _tell_gates(ports)
    with progress("advancing leads") as tick:
        seen = 0

        def more(count: int) -> None:
            nonlocal seen
            seen += count
            tick(seen)

        ports = reread(ports)
        if waiting := edits_in_words(ports.library.edits):
            note(f"{waiting}: `nurture plan` shows what that does")
        if differs := pending(ports.project, ports.clock.now()):
            note(f"{differs}: {differs.do}")
        return run_round(ports, more)


def _tell_gates(ports: Ports) -> None:
    """What is stopped, so that nobody wonders why nothing is due."""
    from nurture import gates

    with ports.database.reading() as connection:
        for name, why in gates.closed(connection, ports.clock.now()).items():
            note(f"{name} is stopped: {why}")


def repeat(pause: int, work: Callable[[], None]) -> None:
    """Work until told to stop; a round under way is finished first, and a fault ends only its own round."""
    stop = Event()

    def finish(number: int, _frame: FrameType | None) -> None:
        note("Finishing this round; once more to stop at once.")
        stop.set()
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, finish)
    note(f"A round every {pause} s; Ctrl-C ends it.")
    while not stop.is_set():
        try:
            work()
        except NurtureError as error:
            note(f"This round failed: {error}")
        except Exception as error:  # noqa: BLE001 - whatever it was, the next round may do better
            # only the first line: a database driver puts the values it was given below it
            note(f"This round failed: {type(error).__name__}: {str(error).partition(chr(10))[0]}")
        stop.wait(pause)


def _show(done: Round, now: datetime, *, as_json: bool) -> None:
    if as_json:
        _answer(done, now)
        return
    if done.report.sent:
        rows = [(*place, count) for place, count in sorted(done.report.sent.items())]
        table("Mails sent", ("sequence", "step", "mails"), rows)
    _show_waits(done)
    _show_trouble(done)
    say(f"{moment(now)} UTC: {_summary(done)}")


def _answer(done: Round, now: datetime) -> None:
    report = done.report
    answer(
        at=now,
        promoted=_promoted(done),
        climbed=done.climbed,
        enrolled=done.enrolled.begun,
        counts=report.counts,
        sent=[{"sequence": name, "step": step, "count": count} for (name, step), count in report.sent.items()],
        outcomes=report.outcomes,
        folded=done.folded,
        recovered=done.recovered,
        alerts=done.delivered,
        webhooks=done.webhooks,
    )


def _promoted(done: Round) -> int:
    return done.promoted + done.report.counts["promoted"]


def _show_waits(done: Round) -> None:
    waits = [one for one in done.report.outcomes if one.kind == "waiting"]
    soonest = sorted(waits, key=lambda one: (moment(one.until), one.enrollment_id))[:SHOWN]
    rows = [(one.lead_id, one.sequence, one.step, one.until, one.why) for one in soonest]
    if rows:
        table(_some("Waiting", len(rows), done.report.counts["waiting"]), _WAITING, rows)


def _show_trouble(done: Round) -> None:
    rows = [
        (one.kind, one.lead_id, one.sequence, one.step, one.why.partition("\n")[0])
        for one in done.report.outcomes
        if one.kind in _TROUBLE
    ]
    if rows:
        count = sum(done.report.counts[kind] for kind in _TROUBLE)
        table(_some("Not sent", len(rows[:SHOWN]), count), ("what", "lead", "sequence", "step", "why"), rows[:SHOWN])


def _some(title: str, shown: int, count: int) -> str:
    return title if shown == count else f"{title} ({shown} of {count})"


def _summary(done: Round) -> str:
    counts = done.report.counts
    told = {
        "came back": done.folded.events,
        "enrolled": sum(done.enrolled.begun.values()),
        "sent": counts["sent"],
        "waiting": counts["waiting"],
        "promoted": _promoted(done),
        "climbed the ladder of sales": done.climbed,
        "finished": counts["finished"],
        "left": counts["left"],
        "skipped": counts["skipped"],
        "failed": counts["failed"],
        "unknown": counts["unknown"],
        "held": done.recovered.held,
        "alerts": done.delivered.sent,
        "webhooks": done.webhooks.sent,
    }
    return ", ".join(f"{number} {what}" for what, number in told.items() if number) or "nothing was due"
