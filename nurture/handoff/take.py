"""Taking a lead from the list of the whole team: whoever is first has it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from nurture.core.owners import POOL
from nurture.core.suggest import did_you_mean
from nurture.errors import UsageError
from nurture.handoff.open import hold_open, read
from nurture.handoff.reassign import give_to
from nurture.ports import Ports


def is_free(ports: Ports, handoff: Row[Any]) -> bool:
    """Whether anybody may take it: it is in the pool, or its rep has left the agreement."""
    return handoff.owner == POOL or handoff.owner not in {one.key for one in ports.project.config.agreement.owners}


def take(ports: Ports, handoff_id: int, by: str) -> tuple[Row[Any], bool]:
    """A rep takes a lead that nobody has, and whether it got it: of two the first does, and the other changes nothing.

    Raises UsageError where there is no such rep, and for a handoff that sales has no more.
    """
    keys = [owner.key for owner in ports.project.config.agreement.owners]
    if by not in keys:
        raise UsageError(f"there is no rep '{by}'{did_you_mean(by, keys)}; there are: {', '.join(keys)}")
    now = ports.clock.now()
    with ports.database.transaction("take") as connection:
        handoff = hold_open(connection, handoff_id)
        if is_free(ports, handoff):
            give_to(connection, ports, handoff, by, "taken from the pool", now, by)
            handoff = read(connection, handoff_id)
        return handoff, handoff.owner == by
