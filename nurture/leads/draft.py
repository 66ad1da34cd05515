"""A lead as a file or a form tells of it, read and checked, not yet stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from models.words import LegalGround
from nurture.leads import values
from nurture.leads.columns import Column, Columns
from nurture.leads.mailboxes import is_shared
from nurture.leads.table import Row
from nurture.timezones import zone_of

#: forms and occasions that are an act of the lead; by these names the agreement and the sequences know them
ACTS = frozenset(
    {
        "ebook",
        "checklist",
        "webinar",
        "webinar-attended",
        "roi-calculator",
        "pricing",
        "tradeshow",
        "tradeshow-demo",
        "demo",
        "contact",
        "call-me",
    }
)

#: those of them that only lists tell of
OFFLINE = frozenset({"webinar", "webinar-attended", "tradeshow", "tradeshow-demo"})
#: an occasion and what the lead did there -> the act it is; else it only signed up, or had its badge scanned
_FULLER = {("webinar", "attended"): "webinar-attended", ("tradeshow", "demo"): "tradeshow-demo"}

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is told of one person. Unknown is None. `created_at` is the first touch (UTC); None is now."""

    email: str
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    title: str | None = None
    industry: str | None = None
    employees: int | None = None
    country: str | None = None
    language: str | None = None
    timezone: str | None = None
    phone: str | None = None
    source: str | None = None
    asset: str | None = None
    legal_ground: LegalGround | None = None
    #: the ground holds until then (UTC); None: until it is withdrawn
    ground_until: datetime | None = None
    #: what it did at a webinar or fair: "attended", "demo"; None where it only signed up or was scanned
    took_part: str | None = None
    #: answers to the four questions (nurture.core.questions)
    need: str | None = None
    timing: str | None = None
    authority: str | None = None
    budget: str | None = None
    opted_out: bool = False
    #: it wants no calls from sales
    no_sales_contact: bool | None = None
    created_at: datetime | None = None

    @property
    def act(self) -> str | None:
        """What the lead did at first touch, where asset or source tell it: "ebook", "webinar", ..."""
        told = (values.word(text) for text in (self.asset, self.source) if text)
        act = next((word for word in told if word in ACTS), None)
        return _FULLER.get((act, self.took_part), act) if act and self.took_part else act


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row was left out: its line and column (both from 1; column 0 is the whole row) and the column's heading."""

    line: int
    column: int
    field: str
    reason: str

    def __str__(self) -> str:
        place = f"line {self.line}, column {self.column} ({self.field})" if self.column else f"line {self.line}"
        return f"{place}: {self.reason}"


def read_row(row: Row, columns: Columns, now: datetime) -> Draft | list[Fault]:
    """The lead in one row, or all that is wrong with it. Of two columns for a field the first that tells holds."""
    if row.broken:
        return [Fault(row.line, 0, "", row.broken)]
    told: dict[str, Any] = {}
    faults = []
    for column in columns.read:
        try:
            value = _read_cell(row, column, now)
        except ValueError as error:
            faults.append(_fault(row, column, str(error)))
        else:
            if value is not None:
                told.setdefault(column.field, value)
    address = columns.column("email")
    if "email" not in told and not any(fault.field == address.heading for fault in faults):
        faults.append(_fault(row, address, "is empty"))
    if told.get("legal_ground") is not LegalGround.CONSENT and is_shared(str(told.get("email", ""))):
        faults.append(_fault(row, address, "is a shared mailbox: it gets mail only if it signed up itself (consent)"))
    return faults or Draft(**_with_zone(told))


def _read_cell(row: Row, column: Column, now: datetime) -> object:
    value = values.value(column.field, row.cells[column.index])
    if column.field == "created_at" and isinstance(value, datetime) and not _LONG_AGO <= value <= now:
        raise ValueError("lies in the future" if value > now else "lies before 2000")
    return value


def _fault(row: Row, column: Column, reason: str) -> Fault:
    return Fault(row.line, column.index + 1, column.heading, reason)


def _with_zone(told: dict[str, Any]) -> dict[str, Any]:
    """The country tells the time zone where the file does not."""
    zone = zone_of(told["country"]) if "country" in told else None
    return {"timezone": zone, **told}
