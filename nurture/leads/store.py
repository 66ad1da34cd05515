"""Storing leads: new ones begin as IQL with their first touch, known ones only gain what was not known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import leads
from models.statement import write
from models.words import Suppression
from nurture.enroll import trigger
from nurture.leads.draft import Draft
from nurture.mail.events import content_key
from nurture.suppress import suppress

#: filled in where nothing is known yet; everything else about a known lead stays as it is
_DETAILS = (
    "first_name", "last_name", "company", "title", "industry", "employees", "country", "language", "timezone", "phone",
)  # fmt: skip

_ADD_ADDRESS = write(
    """
    INSERT INTO address (email, token, version, suppressed_by) VALUES (:email, :token, 0, '')
    ON CONFLICT (email) DO NOTHING
    """
)
_ADD_LEAD = write(
    """
    INSERT INTO lead (address_id, first_name, last_name, company, title, industry, employees, country, language,
        timezone, phone, source, asset, legal_ground, ground_since, ground_source, no_sales_contact, stage,
        stage_since, cycle, rejected_times, created_at)
    VALUES (:address_id, :first_name, :last_name, :company, :title, :industry, :employees, :country, :language,
        :timezone, :phone, :source, :asset, :legal_ground, :ground_since, :ground_source, FALSE, 'iql',
        :created_at, 1, 0, :created_at)
    """
)
_ADD_SCORE = write(
    """
    INSERT INTO score (lead_id, due_at, fit, engagement, grade, intent) VALUES (:lead_id, :now, 0, 0, 'D4', FALSE)
    ON CONFLICT (lead_id) DO UPDATE SET due_at = :now
    """
)
_ADD_ACT = write(
    """
    INSERT INTO event (key, lead_id, kind, occurred_at, received_at, name, machine, verdict, because, counts_at)
    VALUES (:key, :lead_id, 'submitted', :occurred_at, :now, :name, FALSE, 'human', :because, :occurred_at)
    ON CONFLICT (key) DO NOTHING
    """
)
_FILL_IN = write(
    f"""
    UPDATE lead SET {", ".join(f"{name} = coalesce({name}, :{name})" for name in _DETAILS)},
        ground_since = CASE WHEN legal_ground IS NULL THEN :ground_since ELSE ground_since END,
        ground_source = CASE WHEN legal_ground IS NULL THEN :ground_source ELSE ground_source END,
        legal_ground = coalesce(legal_ground, :legal_ground)
    WHERE id = :id
    """
)


@dataclass(frozen=True, slots=True)
class Intake:
    """Where leads come from ("import fair.csv", "form ebook"), when (UTC), and how their addresses get tokens."""

    origin: str
    now: datetime
    new_token: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of the drafts, by lead number: new, told us something new, or told nothing new."""

    created: tuple[int, ...] = ()
    updated: tuple[int, ...] = ()
    unchanged: tuple[int, ...] = ()


def save(connection: Connection, drafts: Sequence[Draft], intake: Intake) -> Saved:
    """Store drafts, at most one for each address, within the caller's transaction.

    A suppression, a legal ground, a stage and the first touch that are there already stay as they are; an
    opt-out that the draft tells of is obeyed.
    """
    addresses = _addresses(connection, drafts, intake)
    known = _leads_at(connection, [address.id for address in addresses.values()])
    opted_out = [addresses[draft.email].id for draft in drafts if draft.opted_out]
    suppress(connection, opted_out, Suppression.OPT_OUT, intake.origin, intake.now)
    new = {addresses[draft.email].id: draft for draft in drafts if addresses[draft.email].id not in known}
    told = {lead.id: (lead, draft) for draft in drafts if (lead := known.get(addresses[draft.email].id))}
    filled = {number: draft for number, (lead, draft) in told.items() if _tells_more(lead, draft)}
    if filled:
        connection.execute(_FILL_IN, [_row(draft, intake) | {"id": number} for number, draft in filled.items()])
        connection.execute(_ADD_SCORE, [{"lead_id": number, "now": intake.now} for number in filled])
    created = _create(connection, new, intake) if new else ()
    return Saved(created, tuple(filled), tuple(number for number in told if number not in filled))


def _addresses(connection: Connection, drafts: Sequence[Draft], intake: Intake) -> dict[str, Row[Any]]:
    """The address rows, made where there were none, locked until the transaction ends."""
    # always in the same order, so that two intakes at once wait for each other instead of for ever
    emails = sorted(draft.email for draft in drafts)
    connection.execute(_ADD_ADDRESS, [{"email": email, "token": intake.new_token()} for email in emails])
    return {row.email: row for row in connection.execute(leads.LOCK, {"emails": emails})}


def _leads_at(connection: Connection, address_ids: Sequence[int]) -> dict[int, Row[Any]]:
    return {row.address_id: row for row in connection.execute(leads.KNOWN, {"ids": address_ids})}


def _tells_more(lead: Row[Any], draft: Draft) -> bool:
    """Whether the draft knows something about a lead that we did not."""
    return any(getattr(lead, name) is None and getattr(draft, name) is not None for name in (*_DETAILS, "legal_ground"))


def _create(connection: Connection, new: Mapping[int, Draft], intake: Intake) -> tuple[int, ...]:
    """The leads, what may start a sequence for them, what they did at first touch, and a score to be worked out."""
    connection.execute(_ADD_LEAD, [_row(draft, intake) | {"address_id": at} for at, draft in new.items()])
    numbers = {at: lead.id for at, lead in _leads_at(connection, list(new)).items()}
    trigger(connection, numbers.values(), "lead_created", intake.now)
    connection.execute(_ADD_SCORE, [{"lead_id": number, "now": intake.now} for number in numbers.values()])
    acts = [_act(numbers[at], draft, draft.act, intake) for at, draft in new.items() if draft.act]
    if acts:
        connection.execute(_ADD_ACT, acts)
    return tuple(numbers.values())


def _row(draft: Draft, intake: Intake) -> dict[str, object]:
    """A draft as the lead table has it."""
    first_touch = draft.created_at or intake.now
    return {
        **{name: getattr(draft, name) for name in (*_DETAILS, "source", "asset", "legal_ground")},
        "ground_since": first_touch if draft.legal_ground else None,
        "ground_source": intake.origin if draft.legal_ground else None,
        "created_at": first_touch,
    }


def _act(number: int, draft: Draft, name: str, intake: Intake) -> dict[str, object]:
    occurred = draft.created_at or intake.now
    return {
        "key": content_key(int(occurred.timestamp()), "import", draft.email, name),
        "lead_id": number,
        "name": name,
        "occurred_at": occurred,
        "because": f"told by {intake.origin}",
        "now": intake.now,
    }
