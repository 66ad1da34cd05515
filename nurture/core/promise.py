"""The promises of the agreement about a lead that is handed over: how long, in whose hours, and the ladder."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple

from nurture.core.agreement import Agreement
from nurture.core.cadence import place_of, zone_for
from nurture.core.office_hours import deadline
from nurture.core.project import ProjectConfig
from nurture.core.sales import Rung
from nurture.core.steps import SendWindow


class Calendar(NamedTuple):
    """Whose working hours count: the first three arguments of all business-hour arithmetic (core.office_hours)."""

    window: SendWindow
    zone: str | None
    country: str | None

    @property
    def place(self) -> tzinfo:
        """The wall clock by which days are told."""
        return place_of(zone_for(self.window, self.zone)) or UTC


def calendar_of(config: ProjectConfig, owner_key: str) -> Calendar:
    """The working hours of a rep; those of the company for the pool, or for one who has left the agreement."""
    agreement = config.agreement
    window = agreement.hours.window(config.window.zone)
    owner = next((owner for owner in agreement.owners if owner.key == owner_key), None)
    return Calendar(window, owner.timezone if owner else None, owner.country if owner else None)


def promise(agreement: Agreement, *, hand_raise: bool) -> timedelta:
    """How long sales may take to answer, in business hours."""
    if hand_raise:
        return timedelta(minutes=agreement.sla.hand_raise_minutes)
    return timedelta(hours=agreement.sla.accept_hours)


def ladder(agreement: Agreement) -> tuple[Rung, ...]:
    """The rungs that a handoff climbs. A rep who works alone is reminded: there is nobody to give it to."""
    alone = len(agreement.owners) == 1
    return tuple(rung for rung in agreement.sla.ladder if rung.do == "remind" or not alone)


def part(rung: Rung, promised: timedelta) -> timedelta:
    """The business hours after which a rung is due."""
    return promised * rung.at_percent / 100


def due_after_giving(config: ProjectConfig, owner_key: str, given_at: datetime) -> datetime:
    """Until when a rep does something about a lead that was begun with and then given to it: the time for an answer."""
    return deadline(*calendar_of(config, owner_key), given_at, promise(config.agreement, hand_raise=False))
