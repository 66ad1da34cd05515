"""Leads in: a file of them, told row by row which came in and which did not, and finding them again.

A row with a fault is reported and left out; the rest comes in. The same file twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, BinaryIO, TextIO

import sqlalchemy as sa

from models.database import Database
from models.queries import leads
from nurture.clock import Clock
from nurture.core.mailbox import mailbox_of
from nurture.core.project import ProjectConfig
from nurture.erasure import REFUSED, Erased, nobody
from nurture.leads import columns
from nurture.leads.draft import Draft, Fault, read_row
from nurture.leads.outcome import ImportReport, Rejects
from nurture.leads.store import Intake, Saved, save
from nurture.leads.table import Row, Table, opened

__all__ = ["Draft", "Fault", "ImportReport", "Intake", "Saved", "find_lead", "import_leads", "list_leads", "save"]

_BATCH = 500


def import_leads(
    database: Database,
    clock: Clock,
    stream: BinaryIO,
    *,
    file: str,
    new_token: Callable[[], str],
    erased: Erased = nobody,
    config: ProjectConfig | None = None,
    left_out: TextIO | None = None,
    tick: Callable[[int], None] = lambda _: None,
) -> ImportReport:
    """Take in a CSV file of leads, read as it goes from a seekable stream.

    `file` names it in messages and in `ground_source`; `erased` tells which addresses were erased at their own wish,
    whose rows are left out; `config` has the webhooks that are told of new leads;
    `left_out` gets the rows with faults as they were, each with its reason, to be mended and taken in again (not those
    of erased addresses); `tick` is told how many leads are through so far.
    Raises IntakeError when it is no table, or when no column holds addresses.
    """
    intake = Intake(f"import {file}", clock.now(), new_token, erased, config)
    report = ImportReport()
    with opened(stream, file) as table:
        matched = columns.match(table.header, file)
        report.warnings = [*_doubts_about(table), *matched.warnings]
        lines = dict[str, int]()
        rejects = Rejects(left_out, table)
        drafts = _drafts(table, matched, intake, report, rejects, lines)
        address = matched.column("email")
        while batch := list(islice(drafts, _BATCH)):
            with database.transaction("import leads") as connection:
                saved = save(connection, batch, intake)
            _count(report, saved)
            refused = sorted(lines[email] for email in saved.refused)
            report.faults += [Fault(line, address.index + 1, address.heading, REFUSED) for line in refused]
            tick(report.created + report.updated + report.unchanged)
    return report


def _doubts_about(table: Table) -> Iterator[str]:
    if table.encoding == "cp1252":
        yield "the file is not UTF-8; it was read as Windows-1252, so look whether names with accents are right"


def _count(report: ImportReport, saved: Saved) -> None:
    report.created += len(saved.created)
    report.updated += len(saved.updated)
    report.unchanged += len(saved.unchanged)


def _drafts(
    table: Table,
    matched: columns.Columns,
    intake: Intake,
    report: ImportReport,
    rejects: Rejects,
    first_line: dict[str, int],
) -> Iterator[Draft]:
    """The rows that can be stored, each with its line in `first_line`; what is wrong with others is reported."""
    for row in table.rows:
        draft = _draft(row, matched, intake, first_line)
        if isinstance(draft, Draft):
            yield draft
        else:
            report.faults += draft
            rejects.add([row], draft)


def _draft(row: Row, matched: columns.Columns, intake: Intake, first_line: dict[str, int]) -> Draft | list[Fault]:
    draft = read_row(row, matched, intake.now)
    if isinstance(draft, Draft) and (first := first_line.setdefault(draft.email, row.line)) != row.line:
        address = matched.column("email")
        return [Fault(row.line, address.index + 1, address.heading, f"same address as line {first}")]
    return draft


def find_lead(database: Database, text: str) -> sa.Row[Any] | None:
    """The lead with this number, address or mailbox, as models.queries.leads lists its columns; None if there is
    none."""
    text = text.strip()
    with database.reading() as connection:
        if text.isdecimal():
            return connection.execute(leads.BY_ID, {"id": int(text)}).first()
        email = text.lower()
        return connection.execute(leads.BY_EMAIL, {"email": email, "mailbox": mailbox_of(email)}).first()


def list_leads(database: Database, stage: str | None = None, limit: int = 50, after: int = 0) -> Sequence[sa.Row[Any]]:
    """The next leads after a number, in order, of all lifecycle stages or of one."""
    statement = leads.LIST_STAGE if stage else leads.LIST
    with database.reading() as connection:
        return connection.execute(statement, {"stage": stage, "limit": limit, "after": after}).all()
