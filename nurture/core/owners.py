"""Who gets the lead: the rep it belongs to already, else the territory's, else whose turn it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nurture.core.agreement import Owner

#: owner key -> how many handoffs of late, and when the last one was (None: never)
Load = Mapping[str, tuple[int, datetime | None]]

_NEVER = datetime.min.replace(tzinfo=UTC)


def assign(owners: Sequence[Owner], lead: Mapping[str, object], load: Load) -> tuple[str, str]:
    """The key of the owner for a lead, and why. The same lead and load give the same owner.

    First match wins: the owner the lead has, if still listed; the reps of its country; the reps without a
    territory; all of them. Among several, the one with the fewest handoffs in `load`, then the one who has waited
    longest, then by key: so no rep of a group gets more than one ahead.
    """
    if any(owner.key == lead.get("owner") for owner in owners):
        return str(lead["owner"]), "already the lead's owner"
    group, why = _group(owners, str(lead.get("country") or "").upper())
    return min((owner.key for owner in group), key=lambda key: _turn(key, load)), why


def _group(owners: Sequence[Owner], country: str) -> tuple[Sequence[Owner], str]:
    local = [owner for owner in owners if country in owner.countries]
    anywhere = [owner for owner in owners if not owner.countries]
    if local:
        return local, f"territory {country}" + (", next in turn" if len(local) > 1 else "")
    return anywhere or owners, "next in turn"


def _turn(key: str, load: Load) -> tuple[int, datetime, str]:
    count, last_at = load.get(key, (0, None))
    return count, last_at or _NEVER, key
