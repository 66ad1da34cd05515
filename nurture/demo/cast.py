"""Who plays which part: leads of the samples, chosen by what they are, so that the story is the same each time."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from models.queries import demo
from nurture.demo.provider import Mail
from nurture.errors import EngineError
from nurture.ports import Ports

SEED = 7
#: a forgotten first visit earns nothing any more
LATELY = timedelta(days=28)
READERS = 0.2


@dataclass(frozen=True, slots=True)
class Actor:
    """A lead with a part, and the mail it got in the morning."""

    lead_id: int
    mail: Mail

    @property
    def address(self) -> str:
        return self.mail.address


@dataclass(frozen=True, slots=True)
class Cast:
    """The parts. Whoever is in none of them got a mail and did nothing."""

    #: fits, reads, works out the savings, asks for prices: ready for sales by its acts
    buyer: Actor
    #: sends "call me": a hand-raise goes to sales whatever the points
    caller: Actor
    #: come back on another day, to compare what there is: marketing qualified
    returning: tuple[Actor, ...]
    #: asks for prices, but does not fit that well
    price_hunter: Actor
    #: works out the savings at the first visit ever
    first_timer: Actor
    #: their mail gateways follow every link
    scanned: tuple[Actor, ...]
    readers: tuple[Actor, ...]
    bounces: Actor
    complains: Actor
    opts_out: Actor


def choose(ports: Ports, mails: Sequence[Mail], now: datetime) -> Cast:
    """The cast among the leads that these mails went to."""
    by_address = {mail.address: mail for mail in mails}
    with ports.database.reading() as connection:
        rows = [row for row in connection.execute(demo.CAST) if row.email in by_address]
    pool = _Pool(rows, by_address)
    buyer = pool.take(lambda row: row.fit >= 75 and row.phone and row.name == "webinar" and _lately(row, now))
    caller = pool.take(lambda row: row.country == "DE" and row.fit >= 50 and row.phone)
    price_hunter = pool.take(lambda row: 50 <= row.fit < 70 and row.name == "webinar" and _lately(row, now))
    first_timer = pool.take(lambda row: row.fit >= 50 and not _lately(row, now))
    returning = tuple(
        pool.take(lambda row: row.fit >= 50 and row.name in ("ebook", "checklist") and _lately(row, now))
        for _ in range(3)
    )
    pool.shuffle()
    scanned = tuple(pool.take() for _ in range(3))
    bounces, complains, opts_out = pool.take(), pool.take(), pool.take()
    readers = tuple(pool.take() for _ in range(int(len(mails) * READERS)))
    return Cast(buyer, caller, returning, price_hunter, first_timer, scanned, readers, bounces, complains, opts_out)


def _lately(row: Row[Any], now: datetime) -> bool:
    return row.occurred_at is not None and now - row.occurred_at < LATELY


@dataclass(slots=True)
class _Pool:
    """Leads without a part yet."""

    rows: list[Row[Any]]
    mails: Mapping[str, Mail]

    def take(self, fits: Callable[[Row[Any]], object] = lambda _: True) -> Actor:
        """The first that fits, who is then taken."""
        row = next((row for row in self.rows if fits(row)), None)
        if row is None:
            raise EngineError("The samples have nobody for a part in the demo.")
        self.rows.remove(row)
        return Actor(row.id, self.mails[row.email])

    def shuffle(self) -> None:
        random.Random(SEED).shuffle(self.rows)
