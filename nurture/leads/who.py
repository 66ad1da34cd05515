"""Who is behind an address: the lead that has it, else the one that came with another tag of the same mailbox."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import leads
from nurture.core.mailbox import mailbox_of


def leads_at(connection: Connection, emails: Collection[str]) -> dict[str, int]:
    """The leads behind these addresses (normalized), by address as asked for; nothing for strangers."""
    rows = connection.execute(leads.AT, asked(emails)) if emails else ()
    return {email: row.lead_id for email, row in behind(rows, emails).items()}


def asked(emails: Collection[str]) -> dict[str, list[str]]:
    """The parameters of a query for addresses and all others of their mailboxes."""
    return {"emails": sorted(emails), "mailboxes": sorted({mailbox_of(email) for email in emails})}


def behind(rows: Iterable[Row[Any]], emails: Collection[str]) -> Mapping[str, Row[Any]]:
    """Of such rows the one that stands for each address: its own, else the first of its mailbox."""
    rows = sorted(rows, key=lambda row: row.twin, reverse=True)
    by_mailbox = {row.mailbox: row for row in rows if row.mailbox}
    by_email = {row.email: row for row in rows}
    found = ((email, by_email.get(email) or by_mailbox.get(mailbox_of(email))) for email in emails)
    return {email: row for email, row in found if row}
