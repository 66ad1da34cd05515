"""Every SELECT about leads that make no progress."""

from __future__ import annotations

from models.statement import read

_STALLED = """
    SELECT l.id FROM lead l
    WHERE l.stage = 'mql' AND l.stage_since <= :since AND (l.stalled_cycle IS NULL OR l.stalled_cycle <> l.cycle)
      AND NOT EXISTS (
          SELECT 1 AS one FROM event e WHERE e.lead_id = l.id AND e.occurred_at > :since AND e.verdict = 'human')
    """
#: qualified for marketing since then at least, did nothing itself since, and has not changed track in this round
STALLED = read(f"{_STALLED} AND l.id > :after ORDER BY l.id LIMIT :limit")
STILL_STALLED = read(f"{_STALLED} AND l.id IN :ids* ORDER BY l.id")

#: the sequences that these leads are in
RUNNING = read("SELECT id, lead_id, sequence FROM enrollment WHERE lead_id IN :ids* AND state = 'active' ORDER BY id")
