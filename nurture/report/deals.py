"""What became of the deals that sales opened."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from models.words import OpportunityState
from nurture.core.agreement import Agreement
from nurture.core.stats import Rate, rate
from nurture.report.promoted import UNKNOWN, Reason, reason_mix


@dataclass(frozen=True, slots=True)
class Amount:
    """Money of deals that were won, in hundredths of a currency; `deals` of them told an amount."""

    currency: str
    hundredths: int
    deals: int

    @property
    def in_words(self) -> str:
        """ "120,000 NOK"."""
        return f"{self.hundredths / 100:,.0f} {self.currency}"


@dataclass(frozen=True, slots=True)
class DealSource:
    """Deals by where their leads first came from."""

    name: str
    opened: int
    won: Rate
    amounts: tuple[Amount, ...]


@dataclass(frozen=True, slots=True)
class Deals:
    """Deals that were opened in this time, and those that were won or lost in it, whenever they were opened."""

    opened: int
    won: Rate
    lost: int
    amounts: tuple[Amount, ...]
    reasons: tuple[Reason, ...]
    sources: tuple[DealSource, ...]


@dataclass(slots=True)
class _Tally:
    opened: int = 0
    won: int = 0
    lost: int = 0
    money: Counter[str] = field(default_factory=Counter)
    deals: Counter[str] = field(default_factory=Counter)

    def add(self, row: Row[Any], since: datetime, now: datetime) -> None:
        self.opened += row.opened_at >= since
        if row.closed_at is None or not since <= row.closed_at <= now:
            return
        self.won += row.state == OpportunityState.WON
        self.lost += row.state == OpportunityState.LOST
        if row.state == OpportunityState.WON and row.amount is not None and row.currency:
            self.money[row.currency] += row.amount
            self.deals[row.currency] += 1

    @property
    def amounts(self) -> tuple[Amount, ...]:
        return tuple(Amount(currency, self.money[currency], self.deals[currency]) for currency in sorted(self.money))


def deals(rows: Iterable[Row[Any]], agreement: Agreement, since: datetime, now: datetime) -> Deals:
    """All of it; money of different currencies is not added up."""
    whole, sources, reasons = _Tally(), defaultdict[str, _Tally](_Tally), Counter[str]()
    for row in rows:
        for tally in (whole, sources[row.source or UNKNOWN]):
            tally.add(row, since, now)
        closed = row.closed_at is not None and since <= row.closed_at <= now
        if closed and row.state == OpportunityState.LOST:
            reasons[row.reason or UNKNOWN] += 1
    return Deals(
        opened=whole.opened,
        won=rate(whole.won, whole.won + whole.lost),
        lost=whole.lost,
        amounts=whole.amounts,
        reasons=reason_mix(reasons, agreement),
        sources=tuple(
            DealSource(name, tally.opened, rate(tally.won, tally.won + tally.lost), tally.amounts)
            for name, tally in sorted(sources.items(), key=lambda item: (-item[1].opened, item[0]))
        ),
    )
