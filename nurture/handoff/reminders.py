"""Once a week, each rep is asked what became of the leads it took: those whose verdict was promised by now."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from models.queries import sla
from models.statement import write
from nurture.alerts.verdicts import VERDICT_ALERT
from nurture.core.project import ProjectConfig
from nurture.handoff.reassign import LINK_LASTS
from nurture.handoff.sla import calendar_of, verdict_due
from nurture.outbox import enqueue
from nurture.ports import Ports

#: one mail tells of no more leads than this; the longest overdue come first
MOST = 50

_KEEP_LINK = write("UPDATE handoff SET token_until = :until WHERE id = :id AND token_until < :until")


def remind_verdicts(ports: Ports) -> int:
    """Remind every rep who owes verdicts, in one mail each, once in a week of its calendar. Returns how many reps are.

    Never more than that: nobody loses a lead over paperwork.
    """
    config, now = ports.project.config, ports.clock.now()
    with ports.database.transaction("remind of verdicts") as connection:
        owed: dict[str, list[int]] = defaultdict(list)
        soonest = now - timedelta(days=config.agreement.sla.verdict_days)
        for row in connection.execute(sla.NO_VERDICT, {"before_at": soonest}):
            if verdict_due(config, row.owner, row.decided_at) <= now:
                owed[row.owner].append(row.id)
        for owner, handoffs in owed.items():
            # the links in the mail must open
            links = [{"id": handoff, "until": now + LINK_LASTS} for handoff in handoffs[:MOST]]
            connection.execute(_KEEP_LINK, links)
            payload = {"owner": owner, "handoffs": handoffs[:MOST]}
            enqueue(connection, f"verdicts:{owner}:{_week(config, owner, now)}", VERDICT_ALERT, payload, now)
    return len(owed)


def _week(config: ProjectConfig, owner: str, now: datetime) -> str:
    """ "2026-W48", on the rep's calendar."""
    return f"{now.astimezone(calendar_of(config, owner).place):%G-W%V}"
