"""A quarter of a company's year: its market, its reps and the whole engine on a clock that jumps."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nurture.content import load_project
from nurture.core.owners import POOL
from nurture.core.sales import Absence
from nurture.handoff.worklist import worklist
from nurture.simulate import World, new_world, play
from tests.company.crowd import Crowd
from tests.company.reps import Desk
from tests.company.truth import market

ROOT = Path(__file__).parents[2]
#: a Monday
START = datetime(2026, 2, 2, 6, 0, tzinfo=UTC)
DAYS = 90


@dataclass(slots=True)
class Year:
    """What is true, what was done, and the database of the engine that saw the doing only. `twice` are leads that were
    seen on more than one list."""

    world: World
    crowd: Crowd
    until: datetime
    looked: int = 0
    twice: list[tuple[datetime, int]] = field(default_factory=list)

    def look_at_the_lists(self, now: datetime) -> None:
        """Count on how many lists each lead is."""
        ports, self.looked = self.world.ports, self.looked + 1
        owners = [one.key for one in ports.project.config.agreement.owners]
        with ports.database.reading() as connection:
            items = [item for owner in (*owners, POOL) for item in worklist(connection, ports, owner, now)]
        found = Counter(item.lead_id for item in items)
        self.twice += [(now, lead) for lead, lists in found.items() if lists > 1]


def live(count: int, seed: int) -> Year:
    """So many people, for 90 days; always the same for one seed."""
    project = load_project(ROOT)
    gone, back = START + timedelta(days=21), START + timedelta(days=28)
    absence = Absence.model_validate({"owner": "aisha", "from": gone.date(), "until": back.date() - timedelta(days=1)})
    project = replace(project, config=project.config.model_copy(update={"absences": (absence,)}))
    until = START + timedelta(days=DAYS)
    world = new_world(project, START, seed)
    crowd = Crowd(market(count, START, DAYS, seed), START, until, seed, Desk(world.ports, seed, ("aisha", gone, back)))
    year, next_look = Year(world, crowd, until), [START]

    def look(now: datetime) -> None:
        if now >= next_look[0]:
            next_look[0] = now + timedelta(days=3)
            year.look_at_the_lists(now)

    play(world, crowd, until, look)
    year.look_at_the_lists(until)
    return year
