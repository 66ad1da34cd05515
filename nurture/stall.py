"""Changing track: a qualified lead that makes no progress gets something else, once in each of its rounds.

A lead stalls when it has been marketing qualified for as long as the agreement says (`stall`) and has done nothing
itself in that time. The sequences that were to bring it further end, and those that listen to `lead_stalled` may begin.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Connection

from models.queries import stall as queries
from models.statement import write
from nurture.announce import announce_left
from nurture.core import steps
from nurture.core.steps import FunnelStage
from nurture.enroll import trigger
from nurture.library import Live
from nurture.ports import Ports
from nurture.suppress import hold_leads

STALLED = "lead_stalled"
_BATCH = 500
#: what speaks to qualified leads; what watches over everybody, or welcomes, goes on
_TRACKS: frozenset[FunnelStage] = frozenset({"mofu", "bofu"})

_STOP = write(
    """
    UPDATE enrollment SET state = 'stopped', ended_at = :now, reason = 'stalled: another track', due_at = NULL,
        lease_until = NULL
    WHERE id IN :ids* AND state = 'active'
    """
)
_DROP_PLANNED = write(
    """
    UPDATE message SET state = 'suppressed', reason = 'stalled: another track'
    WHERE enrollment_id IN :ids* AND state = 'planned'
    """
)
_REMEMBER = write("UPDATE lead SET stalled_cycle = cycle WHERE id IN :ids*")


def change_track(ports: Ports) -> int:
    """Let every lead that has stalled change track; gives how many. Once a day is enough.

    Nothing happens while no live sequence listens to `lead_stalled`: there is no other track then. Safe to call at any
    time, from several places at once: who has changed in this round does not change again.
    """
    with ports.database.reading() as connection:
        if not is_listened_to(ports.library.live(connection)):
            return 0
    total, last = 0, 0
    while True:
        since = ports.clock.now() - timedelta(days=ports.project.config.agreement.stall.after_days)
        with ports.database.reading() as connection:
            page = {"since": since, "after": last, "limit": _BATCH}
            found = [row.id for row in connection.execute(queries.STALLED, page)]
        if not found:
            return total
        with ports.database.transaction("change track") as connection:
            total += _change(connection, ports, found, {"since": since, "ids": found})
        last = found[-1]


def is_listened_to(live: Live) -> bool:
    """Whether there is another track for leads that stall."""
    return any(STALLED in one.enter.triggers for one in live.sequences.values())


def _change(connection: Connection, ports: Ports, found: Sequence[int], asked: dict[str, object]) -> int:
    """Ask again under the locks: somebody may have clicked just now."""
    hold_leads(connection, found)
    stalled = [row.id for row in connection.execute(queries.STILL_STALLED, asked)]
    live = ports.library.hold(connection)
    if not stalled or not is_listened_to(live):
        return 0
    now = ports.clock.now()
    running = connection.execute(queries.RUNNING, {"ids": stalled}).all()
    ends = [row.id for row in running if _leads_on(live.sequences.get(row.sequence))]
    connection.execute(_STOP, {"ids": ends, "now": now})
    connection.execute(_DROP_PLANNED, {"ids": ends})
    connection.execute(_REMEMBER, {"ids": stalled})
    announce_left(connection, ports.project.config, stalled, now)
    trigger(connection, stalled, STALLED, now)
    return len(stalled)


def _leads_on(sequence: steps.Sequence | None) -> bool:
    return sequence is not None and sequence.stage in _TRACKS and STALLED not in sequence.enter.triggers
