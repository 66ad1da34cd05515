"""Words about leads that every alert and page shares: who it is, where, how long ago, what it did."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Row

from nurture.content import Project
from nurture.core.agreement import Agreement
from nurture.core.cadence import local
from nurture.core.lifecycle import since_recycled
from nurture.core.owners import POOL
from nurture.core.score import Act, acts_of
from nurture.gather import Known


@dataclass(frozen=True, slots=True)
class Line:
    """One line of evidence: what, and how much or when, as people read it."""

    text: str
    detail: str = ""


def owner_name(agreement: Agreement, key: str | None) -> str:
    """The rep's name, "the pool" for nobody's; the key itself for one who has left the agreement."""
    if key == POOL:
        return "the pool"
    return next((owner.name for owner in agreement.owners if owner.key == key), key or "")


def name_of(lead: Row[Any]) -> str:
    """Given and family name, as far as they are known."""
    return " ".join(part for part in (lead.first_name, lead.last_name) if part)


def role_of(lead: Row[Any]) -> str:
    """ "Plant manager, Mill", as far as it is known."""
    return ", ".join(part for part in (lead.title, lead.company) if part)


def place_of(lead: Row[Any], now: datetime) -> str:
    """Where the lead is, and what time it is there."""
    return ", ".join(part for part in (lead.country, lead.timezone and local(now, lead.timezone)) if part)


def ago(span: timedelta) -> str:
    """ "just now", "4 minutes ago", "3 days ago"."""
    return "just now" if span < timedelta(minutes=1) else f"{_span(span)} ago"


def until(span: timedelta) -> str:
    """ "in 4 minutes", "3 days late"."""
    return f"in {_span(span)}" if span >= timedelta() else f"{_span(-span)} late"


def _span(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    for unit, size in (("day", 1440), ("hour", 60)):
        if minutes >= size * 2:
            return f"{minutes // size} {unit}s"
    return "1 minute" if minutes == 1 else f"{minutes} minutes"


def begin(text: str) -> str:
    """The text as a line begins."""
    return text[:1].upper() + text[1:]


def acts_of_lead(known: Known, lead: Row[Any], project: Project, now: datetime) -> tuple[Act, ...]:
    """What the lead did that the agreement knows, newest first, since it was last recycled."""
    counted = since_recycled(known.engagements.get(lead.id, []), lead.recycled_at)
    return acts_of(counted, project.config.agreement, now)


def acts_of_handoff(
    known: Known, handoff: Row[Any], lead: Row[Any], project: Project, now: datetime
) -> tuple[Act, ...]:
    """The same for a handoff; of one that sales gave back, what the lead had done by then."""
    given_back_at = given_back(handoff, lead)
    if given_back_at is None:
        return acts_of_lead(known, lead, project, now)
    ever = acts_of(known.engagements.get(lead.id, []), project.config.agreement, now)
    return tuple(act for act in ever if act.at <= given_back_at)


def given_back(handoff: Row[Any], lead: Row[Any]) -> datetime | None:
    """When sales gave the lead back; None while this handoff is the lead's last word with sales."""
    answered_at: datetime | None = handoff.decided_at
    has_ended = answered_at and lead.recycled_at and lead.recycled_at >= answered_at
    return answered_at if has_ended else None


def tell_acts(acts: Iterable[Act], zone: str | None, now: datetime) -> tuple[Line, ...]:
    """What was done and when, a line each."""
    return tuple(Line(tell(act), f"{local(act.at, zone)} ({ago(now - act.at)})") for act in acts)


def tell(act: Act) -> str:
    """The act as a line begins: "Asked for prices", "Clicked /pricing in tofu/welcome"."""
    if act.signal is None:
        return f"Asked for a person ({act.engagement.name})"
    if act.signal.kind == "clicked":
        return f"Clicked {urlsplit(act.engagement.url).path or '/'} in {act.engagement.template}"
    return begin(act.signal.about)


def listed(parts: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return " and ".join(part for part in (", ".join(parts[:-1]), *parts[-1:]) if part)
