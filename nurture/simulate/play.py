"""Playing: the engine works at every moment at which something is due, and nothing happens in between."""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import simulate
from nurture.engage import fold
from nurture.rounds import Part, Round, run_round
from nurture.simulate.acts import Audience, Diary, Mail, Offer, tell
from nurture.simulate.world import World
from nurture.stall import change_track, is_listened_to

#: rounds at one moment: a lead may be promoted by one, and enrolled by the next
MAX_ROUNDS = 20
_EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(slots=True)
class Played:
    """What a simulation notes beside what the database keeps.

    `reasons` are the sentences for which an enrollment (by number) was looked at just then, `moments` how often time
    jumped.
    """

    reasons: dict[int, list[tuple[datetime, str]]] = field(default_factory=lambda: defaultdict(list))
    moments: int = 0


def play(
    world: World, audience: Audience, until: datetime, progress: Callable[[datetime], None] = lambda _: None
) -> Played:
    """Let time pass until then. Writes only to the world's own database."""
    played, diary, offers = Played(), Diary(), _Offers(world)
    with world.ports.database.reading() as connection:
        addresses = [row.email for row in connection.execute(simulate.PEOPLE)]
    diary.write(audience.arrive(addresses, world.start))
    gc.freeze()  # the project stays to the end: a tenth of the time would go into looking through it again and again
    now: datetime | None = world.start
    night = _next_night(world, world.start)
    while now is not None and now <= until:
        world.clock.move_to(now)
        progress(now)
        if night and now >= night:
            change_track(world.ports)
            night = _next_night(world, now)
        if acts := diary.until(now):
            tell(world, acts)
            fold(world.ports)  # as a round does first; so it is known whose waits are looked at
        ahead = work(world, played)
        for mail in _mails(world):
            diary.write(audience.read(mail))
        for offer in offers.fresh(ahead.newest):
            diary.write(audience.answer(offer))
        played.moments += 1
        now = min((moment for moment in (ahead.next_at, diary.next_at, night) if moment), default=None)
    world.clock.move_to(until)
    return played


def _next_night(world: World, now: datetime) -> datetime | None:
    """When leads that make no progress change track, as every night; never, where there is no other track."""
    with world.ports.database.reading() as connection:
        if not is_listened_to(world.ports.library.live(connection)):
            return None
    return now.replace(hour=1, minute=0, second=0, microsecond=0) + timedelta(days=1)


def work(world: World, played: Played) -> Row[Any]:
    """Do all that can be done at this moment; when the next thing is due after it (UTC), and the newest handoff."""
    now = world.clock.now()
    for _ in range(MAX_ROUNDS):
        done = run_round(world.ports, is_idle=_Waiting(world, _look(world, played)))
        ahead = _ahead(world, _EPOCH)
        if ahead.next_at is None or ahead.next_at > now:
            return ahead
        if not _moved(done):
            break
    # What is still due is stopped by a gate, or has no file any more: it stays where it is.
    return _ahead(world, now)


@dataclass(slots=True)
class _Waiting:
    """What waits to be done. Mostly one thing does, and asking once costs less than each part's own looking.

    A part that did something may have left something to those after it, so then it is asked again.
    """

    world: World
    seen: Row[Any] | None

    def __call__(self, part: Part) -> bool:
        if self.seen is None:
            with self.world.ports.database.reading() as connection:
                self.seen = _waiting(connection, self.world)
        idle = not getattr(self.seen, part)
        if not idle:
            self.seen = None
        return idle


def _look(world: World, played: Played) -> Row[Any]:
    """What waits at the beginning of a round. For what reasons enrollments are looked at in it is noted."""
    now = world.clock.now()
    with world.ports.database.reading() as connection:
        waiting = _waiting(connection, world)
        if waiting.mail or waiting.qualify:
            for row in connection.execute(simulate.REASONS, {"now": now}):
                played.reasons[row.id].append((now, row.why))
    return waiting


def _waiting(connection: Connection, world: World) -> Row[Any]:
    return connection.execute(simulate.WAITING, {"now": world.clock.now()}).one()


def _moved(done: Round) -> bool:
    """Whether a round changed anything."""
    sales = done.promoted or done.climbed
    return bool(done.folded.requests or sales or done.enrolled.triggers or sum(done.report.counts.values()))


def _ahead(world: World, after: datetime) -> Row[Any]:
    with world.ports.database.reading() as connection:
        return connection.execute(simulate.NEXT, {"after_at": after}).one()


def _mails(world: World) -> Iterator[Mail]:
    """The mails that were just taken, with what is known of them."""
    taken = {int(one.email.message_id): one for one in world.post.fresh()}
    if not taken:
        return
    with world.ports.database.reading() as connection:
        rows = connection.execute(simulate.MAILS, {"ids": sorted(taken)}).all()
    for row in rows:
        yield Mail(taken[row.id], row.lead_id, row.sequence, row.step, row.template, row.fit or 0)


@dataclass(slots=True)
class _Offers:
    """Handoffs that sales has not been asked about yet."""

    world: World
    seen: int = 0

    def fresh(self, newest: int | None) -> Iterable[Offer]:
        if newest is None or newest == self.seen:
            return []
        with self.world.ports.database.reading() as connection:
            rows = connection.execute(simulate.OFFERS, {"after": self.seen}).all()
        self.seen = newest
        return [Offer(row.id, row.email, row.fit or 0, row.offered_at, row.due_at) for row in rows]
