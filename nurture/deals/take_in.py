"""Taking in what a CRM says of deals: each fact once, in whatever order, and one that makes no sense stops no other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row
from sqlalchemy.exc import IntegrityError

from models.queries import deals, sales
from models.statement import write
from models.words import OpportunityState
from nurture.announce import announce
from nurture.deals.close import WON, End, close
from nurture.deals.fact import Fact
from nurture.handoff.answer import Given, take_on
from nurture.leads.who import leads_at
from nurture.ports import Ports
from nurture.suppress import hold_leads

#: who acts where the CRM says what happened
CRM = "CRM"
OPEN = OpportunityState.OPEN

_OPEN = write(
    """
    INSERT INTO opportunity (lead_id, external_id, state, name, amount, currency, opened_at, source)
    VALUES (:lead_id, :external_id, 'open', :name, :amount, :currency, :opened_at, :source)
    ON CONFLICT (external_id) DO NOTHING
    """
)
_ADOPT = write("UPDATE opportunity SET external_id = :external_id WHERE id = :id")
_FILL_IN = write(
    """
    UPDATE opportunity SET name = coalesce(:name, name), amount = coalesce(:amount, amount),
        currency = coalesce(:currency, currency)
    WHERE id = :id
    """
)


@dataclass(slots=True)
class TakenIn:
    """What became of some facts: deals we did not know, that changed, that stood like that, or of which we know
    something later. `faults` are those that were left out: number, field and reason; `doubts` are those that were
    taken in, but not as they were told."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    faults: tuple[tuple[int, str, str], ...] = ()
    doubts: list[tuple[int, str, str]] = field(default_factory=list)


def take_in(connection: Connection, ports: Ports, facts: Sequence[Fact], source: str, now: datetime) -> TakenIn:
    """Take facts in, in their order. `source` is kept with deals that were not known ("api", "import deals.csv")."""
    done = TakenIn()
    known = _known(connection, facts)
    found = _leads(connection, facts)
    whose = {fact.number: known.get(fact.external_id) or found.get(_name_of(fact)) for fact in facts}
    hold_leads(connection, {lead_id for lead_id in whose.values() if lead_id})
    faults = []
    for fact in facts:
        lead_id = whose[fact.number]
        fault = _take(connection, ports, fact, lead_id, source, now, done) if lead_id else "is no lead of ours"
        if fault:
            faults.append((fact.number, _name_of(fact)[0], fault))
    done.faults = tuple(faults)
    return done


def _take(
    connection: Connection, ports: Ports, fact: Fact, lead_id: int, source: str, now: datetime, done: TakenIn
) -> str | None:
    """Take one fact in; why it cannot be."""
    deal = connection.execute(deals.BY_EXTERNAL_ID, {"external_id": fact.external_id}).first()
    fresh = deal is None
    if deal is None:
        deal = _open(connection, ports, fact, lead_id, source, now)
    if deal.lead_id != lead_id:
        return "has no deal of this number: it is another lead's"
    if not fresh and not _says_more(fact, deal):
        done.unchanged += 1
        return None
    details = {"name": fact.name, "amount": fact.amount, "currency": fact.currency}
    connection.execute(_FILL_IN, {"id": deal.id, **details})
    ended_at = _ends_at(fact, deal, now)
    if fact.state != OPEN and (fact.state, ended_at) != (deal.state, deal.closed_at):
        told = connection.execute(deals.DEAL, {"id": deal.id}).one()
        note = f"the CRM says: {fact.words}" if fact.words else ""
        end = End(state=fact.state, by=CRM, closed_at=ended_at, reason=fact.reason, note=note)
        close(connection, ports, told, end, now)
        if fact.doubt:
            done.doubts.append((fact.number, "reason", fact.doubt))
    done.created += fresh
    done.updated += not fresh
    return None


def _open(connection: Connection, ports: Ports, fact: Fact, lead_id: int, source: str, now: datetime) -> Row[Any]:
    """The deal that a new number stands for: the one that sales has opened with the lead, or another."""
    offered = connection.execute(deals.OFFERED, {"lead_id": lead_id}).first()
    if offered and (fact.state == WON or _is_since(fact, offered.offered_at)):
        handoff = connection.execute(sales.HANDOFF, {"id": offered.id}).one()
        take_on(connection, ports, handoff, CRM, Given("unknown", "unknown"), now)
    waiting = connection.execute(deals.WITHOUT_NUMBER, {"lead_id": lead_id}).first()
    if waiting and _is_since(fact, waiting.offered_at or waiting.opened_at):
        # while we looked, another lead may have got the number: then it is told of as any that is another's
        with suppress(IntegrityError), connection.begin_nested():
            connection.execute(_ADOPT, {"id": waiting.id, "external_id": fact.external_id})
    else:
        opened_at = min(filter(None, (fact.opened_at or now, fact.closed_at)))
        row = {"lead_id": lead_id, "external_id": fact.external_id, "opened_at": opened_at, "source": source}
        details = {"name": fact.name, "amount": fact.amount, "currency": fact.currency}
        if connection.execute(_OPEN, {**row, **details}).rowcount:
            opened = connection.execute(deals.BY_EXTERNAL_ID, {"external_id": fact.external_id}).one()
            told = {"opportunity_id": opened.id, "handoff_id": None}
            config = ports.project.config
            announce(connection, config, "opportunity.opened", lead_id, told, key=str(opened.id), now=now)
    return connection.execute(deals.BY_EXTERNAL_ID, {"external_id": fact.external_id}).one()


def _is_since(fact: Fact, moment: datetime) -> bool:
    """Whether a fact may be about what began at a moment: it did not end before."""
    return fact.state == OPEN or fact.closed_at is None or fact.closed_at >= moment


def _says_more(fact: Fact, deal: Row[Any]) -> bool:
    """Whether a fact changes what we know of a deal.

    What is closed is opened by nothing; of two ends the later one stands, of two at once the sale.
    """
    told = (fact.name, fact.amount, fact.currency)
    differs = any(
        new not in (None, old) for new, old in zip(told, (deal.name, deal.amount, deal.currency), strict=True)
    )
    if deal.state == OPEN:
        return fact.state != OPEN or differs
    if fact.state == OPEN:
        return False
    if fact.closed_at is None:
        return fact.state != deal.state or differs
    ours, theirs = (deal.closed_at, deal.state == WON), (fact.closed_at, fact.state == WON)
    return theirs > ours or (theirs == ours and differs)


def _ends_at(fact: Fact, deal: Row[Any], now: datetime) -> datetime:
    """When the deal ended; where the CRM does not say, when it first told us that it had."""
    if fact.closed_at is not None:
        return fact.closed_at
    kept: datetime | None = deal.closed_at if fact.state == deal.state else None
    return kept or now


def _known(connection: Connection, facts: Sequence[Fact]) -> Mapping[str, int]:
    names = sorted({fact.external_id for fact in facts})
    return {row.external_id: row.lead_id for row in connection.execute(deals.KNOWN, {"names": names})}


#: what a lead is named by, and the name
_Name = tuple[str, str]


def _name_of(fact: Fact) -> _Name:
    if fact.lead_id is not None:
        return "lead_id", str(fact.lead_id)
    return ("email", fact.email) if fact.email else ("userId", fact.user_id or "")


def _leads(connection: Connection, facts: Sequence[Fact]) -> Mapping[_Name, int]:
    """The leads of ours among those that the facts name."""
    names = {_name_of(fact) for fact in facts}
    ids = sorted(int(name) for kind, name in names if kind == "lead_id")
    emails = sorted(name for kind, name in names if kind == "email")
    users = sorted(f"u:{name}" for kind, name in names if kind == "userId")
    return {
        **{("lead_id", str(row.id)): row.id for row in connection.execute(deals.LEADS_BY_ID, {"ids": ids})},
        **{("email", email): lead_id for email, lead_id in leads_at(connection, emails).items()},
        **{
            ("userId", row.key.removeprefix("u:")): row.lead_id
            for row in connection.execute(deals.LEADS_BY_USER, {"names": users})
        },
    }
