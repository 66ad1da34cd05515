"""Who gets the lead: the rep it or its company belongs to, else the territory's, else whose turn it is, or the pool."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nurture.core.matching import any_word, at_domain

if TYPE_CHECKING:
    from nurture.core.sales import Owner

#: the list of the whole team: what nobody can take now waits there for anybody. No rep has this key.
POOL = "pool"

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Load:
    """What a rep was offered: how many leads of late, how many of them today, and when the last one was (None: never).

    `started`: so many more count for who came to the team, or back to it, meanwhile: it has nothing to make up for.
    """

    handed: int = 0
    last_at: datetime | None = None
    today: int = 0
    started: float = 0


@dataclass(frozen=True, slots=True)
class Team:
    """The reps at one moment: who is away on this day of its own calendar, and what each was given of late."""

    owners: Sequence[Owner]
    away: frozenset[str] = frozenset()
    loads: Mapping[str, Load] = field(default_factory=dict)

    def rep(self, key: object) -> Owner | None:
        return next((owner for owner in self.owners if owner.key == key), None)

    def load(self, owner: Owner) -> Load:
        return self.loads.get(owner.key, Load())

    def share(self, owner: Owner) -> float:
        """How many leads count for a rep whose turn it may be, for its weight."""
        load = self.load(owner)
        return (load.handed + load.started) / owner.weight

    def behind(self, key: str) -> float:
        """How many leads a rep is behind whoever of those present has the fewest for its weight: of the reps with a
        territory, or of those without one."""
        rep = self.rep(key)
        present = [one for one in self.owners if one.key not in self.away]
        shares = [self.share(one) for one in present if rep and bool(_territory(one, {})) == bool(_territory(rep, {}))]
        return max(0.0, (min(shares) - self.share(rep)) * rep.weight) if rep and shares else 0.0

    def free(self, owner: Owner) -> bool:
        """Whether the rep takes new leads today."""
        full = owner.at_most_per_day is not None and self.load(owner).today >= owner.at_most_per_day
        return owner.key not in self.away and not full


def assign(team: Team, lead: Mapping[str, object], company: Mapping[str, str] | None = None) -> tuple[str, str]:
    """The key of the owner for a lead, and why that one. The same lead and team give the same owner.

    First match wins: the rep its mail domain is named for; the owner the lead has; those its company belongs to already
    (`company`: key -> why, the strongest first); the reps of its territory; the reps without one; the pool. Where the
    rep is away, its backup steps in, and takes nothing over (`rep_of`). Among several it is the turn of the one with
    the fewest leads of late for its weight, then of who has waited longest, then by key: so of two with the same weight
    none gets more than one ahead. By turn, who is away or had its share of the day gets none.
    """
    for rep, why in _claims(team, lead, company or {}):
        if found := _stands_for(team, rep, why):
            return found
    return _by_turn(team, lead) or (POOL, "nobody is free to take it")


def rep_of(team: Team, lead: Mapping[str, object], company: Mapping[str, str] | None = None) -> str | None:
    """The rep whose lead it is already, be it there or away; None for a lead that is anybody's."""
    return next((rep.key for rep, _ in _claims(team, lead, company or {})), None)


def _claims(team: Team, lead: Mapping[str, object], company: Mapping[str, str]) -> Iterator[tuple[Owner, str]]:
    """The reps it belongs to, the strongest claim first, and why."""
    named = [owner.key for owner in team.owners if at_domain(lead.get("email"), owner.accounts)]
    claims = dict.fromkeys(named, "its company is a named account")
    for key, why in ((str(lead.get("owner")), "already the lead's owner"), *company.items()):
        claims.setdefault(key, why)
    for key, why in claims.items():
        if rep := team.rep(key):
            yield rep, why


def _stands_for(team: Team, owner: Owner, why: str) -> tuple[str, str] | None:
    """The rep itself or, while it is away, its backup."""
    if owner.key not in team.away:
        return owner.key, why
    backup = team.rep(owner.backup)
    if backup is None or backup.key in team.away:
        return None
    return backup.key, f"stands in for {owner.name}, who is away ({why})"


def _by_turn(team: Team, lead: Mapping[str, object]) -> tuple[str, str] | None:
    local = [owner for owner in team.owners if (conditions := _territory(owner, lead)) and all(conditions.values())]
    anywhere = [owner for owner in team.owners if not _territory(owner, lead)]
    for group in (local, anywhere):
        if free := [owner for owner in group if team.free(owner)]:
            owner = min(free, key=lambda one: _turn(team, one))
            covers = [f"territory {', '.join(_territory(owner, lead))}"] if group is local else []
            turn = ["next in turn"] if len(group) > 1 or not covers else []
            return owner.key, ", ".join(covers + turn)
    return None


def _territory(owner: Owner, lead: Mapping[str, object]) -> dict[str, bool]:
    """What a rep's territory asks of a lead, and whether it is so; empty for a rep without a territory."""
    country, industry, people = (
        str(lead.get("country") or "").upper(),
        lead.get("industry") or "",
        lead.get("employees"),
    )
    conditions = {}
    if owner.countries:
        conditions[country] = country in owner.countries
    if owner.industries:
        conditions[str(industry)] = bool(any_word(owner.industries).search(str(industry)))
    if owner.employees:
        conditions[f"{people} people"] = owner.employees.fits(people)
    return conditions


def _turn(team: Team, owner: Owner) -> tuple[float, datetime, str]:
    return team.share(owner), team.load(owner).last_at or _NEVER, owner.key
