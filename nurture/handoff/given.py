"""A lead that a rep has begun with and that is given on. The ladder is climbed no more, its promise to the lead was
kept; but whoever gets the lead must know of it in time, and so must others if it does nothing.

The reminders are written with the giving, and leave in the rep's own business hours unless something is done before.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from nurture.core.office_hours import deadline
from nurture.core.project import ProjectConfig
from nurture.core.promise import calendar_of, ladder, part, promise
from nurture.handoff.team import away
from nurture.handoff.told import holders, stand_in, tell


def remind_later(
    connection: Connection, config: ProjectConfig, handoff: Row[Any], was_with: str, now: datetime
) -> None:
    """At the rungs of the ladder that only tell, by the time promised for an answer, beginning now."""
    agreement, owner = config.agreement, handoff.owner
    payload = {"handoff_id": handoff.id, "was_with": was_with, "now_with": owner, "given_at": now.isoformat()}
    for number, rung in enumerate(ladder(agreement), 1):
        if rung.do in ("remind", "backup"):
            due_at = deadline(*calendar_of(config, owner), now, part(rung, promise(agreement, hand_raise=False)))
            absent = away(config, due_at)
            too = [stand_in(agreement, owner, absent)] if rung.do == "backup" else []
            key = f"handoff:{handoff.id}:given:{now.isoformat()}:rung:{number}"
            told = [*holders(agreement, owner, absent), *too]
            tell(connection, agreement, told, payload | {"do": rung.do}, key, due_at)
