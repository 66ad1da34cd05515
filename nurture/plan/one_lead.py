"""What an edit does to one lead, in a sentence before and one after."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from models.queries import explain as queries
from nurture import gates
from nurture.errors import UsageError
from nurture.explain import Upcoming, upcoming
from nurture.gather import read_leads
from nurture.plan.edits import choose
from nurture.plan.look import to_be
from nurture.ports import Ports


@dataclass(frozen=True, slots=True)
class Outlook:
    """What comes next for a lead in one sequence, as things are and as they would be."""

    sequence: str
    step: str | None
    before: str
    after: str


def outlook(ports: Ports, lead_id: int, words: Collection[str] = (), *, pin: bool = False) -> list[Outlook]:
    """One for each of these sequences (left out: all) that the lead is in. Raises UsageError if it is in none."""
    now = ports.clock.now()
    with ports.database.reading() as connection:
        running = connection.execute(queries.RUNNING, {"ids": [lead_id]}).all()
        names = choose(ports.library, ports.library.live(connection), words, (row.sequence for row in running))
        rows = [row for row in running if row.sequence in names]
        if not rows:
            raise UsageError(f"lead {lead_id} is under way in no sequence that was asked for")
        lead = read_leads(connection, [lead_id], ports.project, now).leads[lead_id]
        live, stopped = ports.library.live(connection, rows), gates.closed(connection, now)
        then = to_be(ports, live, () if pin else names)
        found = []
        for row in rows:
            before = upcoming(connection, ports, live, row, lead, now, stopped=stopped)
            stays = row.pinned or row.version == then.versions.get(row.sequence)
            after = before if stays else upcoming(connection, ports, then, row, lead, now, stopped=stopped, anew=True)
            found.append(Outlook(row.sequence, row.step, _in_words(before), _in_words(after)))
    return found


def _in_words(one: Upcoming) -> str:
    what = ", ".join(filter(None, (one.what, one.when)))
    return ": ".join(filter(None, (what, "; ".join(one.because))))
