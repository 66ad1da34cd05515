"""A file of deals, as a CRM exports it: taken in row by row; what cannot be taken in is told with line and column."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import BinaryIO, TextIO

from nurture.core.suggest import did_you_mean
from nurture.deals.fact import FIELDS, Fact, read_fact
from nurture.deals.take_in import take_in
from nurture.errors import IntakeError
from nurture.leads.draft import Fault
from nurture.leads.outcome import ImportReport, Rejects
from nurture.leads.table import Row, Table, opened
from nurture.ports import Ports
from nurture.timezones import letters

_BATCH = 500
#: heading, letters only -> field
_HEADINGS = {
    "externalid": "external_id", "dealid": "external_id", "opportunityid": "external_id", "recordid": "external_id",
    "id": "external_id", "email": "email", "emailaddress": "email", "contactemail": "email", "leadid": "lead_id",
    "userid": "userId", "state": "state", "stage": "state", "status": "state", "dealstage": "state",
    "amount": "amount", "value": "amount", "currency": "currency", "currencycode": "currency", "name": "name",
    "dealname": "name", "opportunityname": "name", "reason": "reason", "lostreason": "reason",
    "closedlostreason": "reason", "openedat": "opened_at", "createdate": "opened_at", "createddate": "opened_at",
    "closedat": "closed_at", "closedate": "closed_at",
}  # fmt: skip
#: field -> what to call it to somebody who lacks it
_NEEDED = {"external_id": "external_id (or deal id)", "state": "state"}


def import_deals(
    ports: Ports,
    stream: BinaryIO,
    *,
    file: str,
    left_out: TextIO | None = None,
    tick: Callable[[int], None] = lambda _: None,
) -> ImportReport:
    """Take in a CSV file of deals, read as it goes from a seekable stream. The same file twice changes nothing.

    `left_out` gets the rows that were left out, as they were, each with its reason, to be mended and taken in again.
    Raises IntakeError when it is no table, or a column is missing that must be there.
    """
    report = ImportReport()
    with opened(stream, file) as table:
        columns = _match(table.header, file, report)
        rows = iter(table.rows)
        rejects = Rejects(left_out, table)
        doubts, through = dict[str, list[int]](), 0
        while batch := list(islice(rows, _BATCH)):
            faults = _take(ports, batch, table, columns, file, report, doubts)
            report.faults += faults
            rejects.add(batch, faults)
            through += len(batch)
            tick(through)
        report.warnings += [_in_doubt(what, lines) for what, lines in doubts.items()]
    return report


def _match(header: Sequence[str], file: str, report: ImportReport) -> Mapping[str, int]:
    """Field -> column (from 0); of two for a field the first."""
    columns: dict[str, int] = {}
    for index, heading in enumerate(header):
        if found := _HEADINGS.get(letters(heading)):
            columns.setdefault(found, index)
        elif heading.strip():
            hint = did_you_mean(letters(heading), _HEADINGS)
            report.warnings.append(f"column {index + 1} '{heading.strip()}' is not used{hint}")
    missing = [words for name, words in _NEEDED.items() if name not in columns]
    if not columns.keys() & {"email", "lead_id", "userId"}:
        missing.append("email (or lead_id, or userId)")
    if missing:
        raise IntakeError(f"{file}: expected a column named {', and one named '.join(missing)}")
    return columns


def _take(
    ports: Ports,
    batch: Sequence[Row],
    table: Table,
    columns: Mapping[str, int],
    file: str,
    report: ImportReport,
    doubts: dict[str, list[int]],
) -> list[Fault]:
    now, config = ports.clock.now(), ports.project.config
    facts, faults = list[Fact](), list[Fault]()
    for row in batch:
        told = {} if row.broken else {name: row.cells[index] for name, index in columns.items()}
        read = [("", row.broken)] if row.broken else read_fact(row.line, told, config, now, by_people=True)
        if isinstance(read, Fact):
            facts.append(read)
        else:
            faults += [_fault(row.line, name, reason, table, columns) for name, reason in read]
    with ports.database.transaction("import deals") as connection:
        done = take_in(connection, ports, facts, f"import {file}", now)
    report.created += done.created
    report.updated += done.updated
    report.unchanged += done.unchanged
    for line, name, reason in done.doubts:
        doubts.setdefault(f"{_heading(name, table, columns)}: {reason}", []).append(line)
    faults += [_fault(line, name, reason, table, columns) for line, name, reason in done.faults]
    return sorted(faults, key=lambda fault: (fault.line, fault.column))


def _heading(name: str, table: Table, columns: Mapping[str, int]) -> str:
    return table.header[columns[name]].strip() if name in columns else name


def _in_doubt(what: str, lines: Sequence[int]) -> str:
    more = f", and {len(lines) - 1} more" if len(lines) > 1 else ""
    return f"{what} (line {lines[0]}{more})"


def _fault(line: int, name: str, reason: str, table: Table, columns: Mapping[str, int]) -> Fault:
    if name not in columns:
        return Fault(line, 0, name if name in FIELDS else "", f"{name}: {reason}" if name else reason)
    return Fault(line, columns[name] + 1, _heading(name, table, columns), reason)
