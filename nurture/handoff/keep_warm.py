"""Keeping warm: a lead that belongs to sales gets no marketing mail, unless its rep lets it, lightly."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from models.queries import sales
from models.statement import write
from nurture.announce import announce_left
from nurture.core.steps import KEEP_WARM
from nurture.enroll import trigger_once
from nurture.errors import UsageError
from nurture.gather import OWNED_BY_SALES
from nurture.handoff.open import hold_open, log, read
from nurture.ports import Ports
from nurture.suppress import silence

_SWITCH = write("UPDATE lead SET kept_warm = :is_on WHERE id = :lead_id AND kept_warm <> :is_on")


def keep_warm(ports: Ports, handoff_id: int, by: str, on: bool) -> Row[Any]:
    """Let marketing write to a lead in hand by the sequences whose trigger is `keep_warm`, or no more. Twice is once.

    Raises UsageError for a lead that sales has no more.
    """
    now = ports.clock.now()
    with ports.database.transaction("keep warm") as connection:
        handoff = hold_open(connection, handoff_id)
        lead_id = handoff.lead_id
        stage = connection.execute(sales.LOCK_LEAD, {"id": lead_id}).one().stage
        if stage not in OWNED_BY_SALES:
            raise UsageError(f"lead {lead_id} is with sales no more: marketing writes to it as to others")
        if connection.execute(_SWITCH, {"lead_id": lead_id, "is_on": on}).rowcount:
            log(connection, handoff, "kept warm" if on else "not kept warm", by, now)
            if on:
                trigger_once(connection, lead_id, KEEP_WARM, now)
            else:
                silence(connection, [lead_id], "the rep writes alone again", now)
                announce_left(connection, ports.project.config, [lead_id], now)
        return read(connection, handoff_id)
