"""What the demo came to, in tables: read off the database by the functions that the command line uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from rich import box
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from sqlalchemy import Row

from models.queries import demo, sales
from models.statement import Select
from nurture.core.agreement import stage_name
from nurture.core.cadence import local
from nurture.demo.cast import Actor
from nurture.demo.story import Told, alert_about, handoff_link, read_text
from nurture.explain import explain
from nurture.ports import Ports
from nurture.status import status

#: columns where nobody looks at a terminal
PIPE_WIDTH = 160


def show(ports: Ports, told: Told, outbox: Path, stream: TextIO) -> None:
    """Tell what happened, who was promoted and why, what sales got, and what comes next."""
    console = Console(file=stream, width=None if stream.isatty() else PIPE_WIDTH, markup=False, highlight=False)
    now = ports.clock.now()
    console.rule(f"{told.start:%A %d %B} to {now:%A %d %B %Y}, on a clock of its own")
    console.print(f"{told.imported.created} leads came in; {told.imported.left_out} rows of the file had faults:")
    _table(console, "Rows left out", ("line", "column", "reason"), _faults(told))
    _table(console, "Leads by stage", ("stage", "leads"), _stages(ports, now))
    _table(console, "Mails", ("sequence", "mail", "sent", "read by a person"), _mails(ports))
    _table(console, "What came back", ("what", "count"), _came_back(ports))
    _table(console, "Promoted, and why (UTC)", ("when", "lead", "company", "stage", "by", "because"), _moves(ports))
    _table(console, "Not promoted, and why not", ("lead", "company", "grade", "what is missing"), _not_yet(ports, now))
    alert = alert_about(outbox, told.cast.caller)
    console.print(Panel(read_text(alert).strip(), title=f"What sales got: {alert.name}"))
    _table(console, "What sales answered", ("lead", "answer", "by", "reason", "back on"), _answers(ports))
    _table(console, "What happens next", ("lead", "sequence", "what", "when", "why then"), _next(ports, told, now))
    _table(console, "Where to look", ("", ""), _where_to_look(ports, alert, told.cast.returning[0]))


def _faults(told: Told) -> Iterator[Sequence[object]]:
    for fault in told.imported.faults:
        yield fault.line, fault.field, fault.reason


def _stages(ports: Ports, now: datetime) -> Iterator[Sequence[object]]:
    for stage, number in status(ports, now).stages.items():
        if number:
            yield stage_name(ports.project.config.agreement, stage), number


def _mails(ports: Ports) -> Iterator[Sequence[object]]:
    for row in _rows(ports, demo.MAILS):
        yield row.sequence, row.template, row.accepted, row.read


def _came_back(ports: Ports) -> Iterator[Sequence[object]]:
    for row in _rows(ports, demo.CLICKS):
        yield f"clicks by a {row.verdict}", row.number
    for row in _rows(ports, demo.SUPPRESSED):
        yield f"never mailed again: {row.reason.replace('_', ' ')}", row.number


def _moves(ports: Ports) -> Iterator[Sequence[object]]:
    terms = ports.project.config.agreement
    for row in _rows(ports, demo.MOVES):
        yield (
            f"{row.at:%a %H:%M}",
            row.lead_id,
            row.company,
            f"{stage_name(terms, row.from_stage)} > {stage_name(terms, row.to_stage)}",
            row.actor,
            row.because,
        )


def _not_yet(ports: Ports, now: datetime) -> Iterator[Sequence[object]]:
    for row in _rows(ports, demo.WARM, limit=3):
        missing = explain(ports, row.id, now).missing["mql"]
        yield row.id, row.company, row.grade, "; ".join(f"{check.text}: {check.detail}" for check in missing)


def _answers(ports: Ports) -> Iterator[Sequence[object]]:
    for row in _rows(ports, sales.HANDOFFS, states=["accepted", "rejected"], limit=10):
        back = f"{row.recycle_at:%d %b %Y}" if row.recycle_at else ""
        yield row.lead_id, row.state, row.decided_by, row.note or "", back


def _next(ports: Ports, told: Told, now: datetime) -> Iterator[Sequence[object]]:
    cast = told.cast
    for actor in (cast.readers[0], cast.returning[0], cast.price_hunter, cast.first_timer, cast.opts_out, cast.caller):
        explained = explain(ports, actor.lead_id, now)
        for coming in explained.upcoming:
            yield actor.lead_id, coming.sequence, coming.what, coming.when, "; ".join(coming.because)
        if not explained.upcoming:
            yield actor.lead_id, "", "no more mail", "", explained.barred or ""
    yield from _sleeping(ports, cast.buyer)


def _sleeping(ports: Ports, actor: Actor) -> Iterator[Sequence[object]]:
    """A lead that sales gave back: when its time comes round again."""
    for row in _rows(ports, sales.HANDOFFS, states=["rejected"], limit=10):
        if row.lead_id == actor.lead_id and row.recycle_at:
            config = ports.project.config
            why = f"rejected: {config.agreement.reject_reasons[row.reason].label}"
            yield actor.lead_id, "", "may be nurtured again", local(row.recycle_at, config.window.zone), why


def _where_to_look(ports: Ports, alert: Path, actor: Actor) -> Iterator[Sequence[object]]:
    yield f"{alert.parent.name}/{alert.name}", "the alert, as sales got it; any mail program opens it"
    yield f"{alert.parent.name}/{actor.mail.message_id}.eml", f"a mail to lead {actor.lead_id}"
    yield "nurture serve", f"then sales' page: {handoff_link(alert)}"
    yield "nurture status", "how things stand, and what needs a person"
    yield f"nurture leads explain {actor.lead_id}", "why this lead is where it is, and what comes next"
    yield (
        "PREFECT_HOME=.nurture/prefect prefect server start",
        "then the runs, their tasks and tables: http://127.0.0.1:4200",
    )


def _rows(ports: Ports, query: Select, **values: object) -> Sequence[Row[Any]]:
    with ports.database.reading() as connection:
        return connection.execute(query, values).all()


def _table(console: Console, title: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    console.print(f"\n{title}", style="bold")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_header=any(headings))
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    console.print(table)
