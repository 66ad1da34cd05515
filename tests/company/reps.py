"""Sales, as it works a lead it was handed: calls until somebody picks up, a yes or a no by what is true, a verdict, and
weeks later a deal that is won or lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Row, text

from nurture.core.owners import POOL
from nurture.deals import lose, win
from nurture.handoff import Given, accept, reject
from nurture.handoff.answer import judge
from nurture.handoff.keep_warm import keep_warm
from nurture.handoff.snooze import snooze
from nurture.handoff.take import take
from nurture.handoff.touches import log_touch
from nurture.ports import Ports
from nurture.simulate.acts import Act, Kind, Offer
from tests.company.truth import Person

_HANDOFF = text("SELECT id, state, owner, decided_by FROM handoff WHERE id = :id")
_DEAL = text("SELECT id FROM opportunity WHERE handoff_id = :id AND state = 'open'")
#: the first call, in parts of the promised time: one quick, one slow, one in between
_PACE = {"kari": (0.1, 0.8), "aisha": (0.2, 0.9), "tom": (0.7, 2.5), POOL: (0.5, 3.0)}
#: what is true of somebody who fits and does not buy now
_NOT_NOW = ("not_ready", "no_budget", "wrong_person")
_DAY = timedelta(days=1)
#: the handoff as it is at that moment, and the rep who has it
Step = Callable[[Ports, Row[Any], str], object]


@dataclass(slots=True)
class Desk:
    """The reps. `away` is who does nothing from when to when; `said` are their answers by handoff: "accepted", or the
    reason against it."""

    ports: Ports
    seed: int
    away: tuple[str, datetime, datetime]
    said: dict[int, str] = field(default_factory=dict)

    def work(self, one: Person, offer: Offer) -> Iterator[Act]:
        """All that is going to be done about a handoff. Each act looks first whether it still makes sense."""
        chance = Random(f"{self.seed}/{one.address}/handoff {offer.handoff_id}")
        at = self._first_call(chance, offer)
        if chance.random() < 0.05:
            back = at + 3 * _DAY
            yield self._act(at, one, offer, "offered", lambda ports, row, rep: snooze(ports, row.id, rep, back))
            at = back
        for number in range(1, (one.picks_up or 5) + 1):
            outcome = "reached" if number == one.picks_up else "no_answer"
            yield self._act(at, one, offer, "offered", _call(outcome))
            at += _DAY if outcome == "no_answer" else timedelta(minutes=20)
        reason = self._against(chance, one, at)
        if reason:
            yield self._act(at, one, offer, "offered", self._reject(reason))
        else:
            yield self._act(at, one, offer, "offered", self._accept(chance))
            if chance.random() < 0.25:
                yield self._act(at, one, offer, "accepted", lambda ports, row, rep: keep_warm(ports, row.id, rep, True))
        told = _verdict(chance, one, at)
        if chance.random() < 0.85:
            then = at + chance.uniform(1, 16) * _DAY
            yield self._act(then, one, offer, "accepted" if not reason else "rejected", told)
        if not reason:
            closes = at + chance.uniform(6, 45) * _DAY
            yield self._act(closes, one, offer, "accepted", _close(chance, one, at))

    def _first_call(self, chance: Random, offer: Offer) -> datetime:
        with self.ports.database.reading() as connection:
            owner = connection.execute(_HANDOFF, {"id": offer.handoff_id}).one().owner
        who, gone, back = self.away
        promised = max(offer.due_at - offer.offered_at, timedelta(minutes=5))
        at = offer.offered_at + promised * chance.uniform(*_PACE[owner])
        return back + timedelta(hours=chance.uniform(3, 6)) if owner == who and gone <= at < back else at

    def _against(self, chance: Random, one: Person, at: datetime) -> str | None:
        """The true reason against a lead; None takes it. A few are misjudged."""
        if not one.picks_up:
            return "unreachable"
        if one.is_ready(at) and one.fits:
            return None if chance.random() < 0.92 else "other"
        if chance.random() < (0.25 if one.fits or one.is_ready(at) else 0.06):
            return None
        return chance.choice(_NOT_NOW) if one.fits else "wrong_fit"

    def _act(self, at: datetime, one: Person, offer: Offer, state: str, step: Step) -> Act:
        def do(ports: Ports) -> None:
            with ports.database.reading() as connection:
                row = connection.execute(_HANDOFF, {"id": offer.handoff_id}).one()
            if row.state != state:
                return
            rep = row.owner
            if rep == POOL:
                rep = "kari"
                assert take(ports, row.id, rep)[1]
            step(ports, row, rep)

        return Act(at.replace(microsecond=0), Kind.BY_HAND, one.address, by_hand=do)

    def _accept(self, chance: Random) -> Step:
        given = Given(chance.choice(("yes", "unknown")), chance.choice(("yes", "no", "unknown")))

        def step(ports: Ports, row: Row[Any], rep: str) -> None:
            if accept(ports, row.id, rep, given).fresh:
                self.said[row.id] = "accepted"

        return step

    def _reject(self, reason: str) -> Step:
        def step(ports: Ports, row: Row[Any], rep: str) -> None:
            if reject(ports, row.id, rep, reason, note="as they said themselves").fresh:
                self.said[row.id] = reason

        return step


def _call(outcome: str) -> Step:
    return lambda ports, row, rep: log_touch(ports, row.id, rep, "call", outcome)


def _verdict(chance: Random, one: Person, at: datetime) -> Step:
    person, ready = ("yes" if one.fits else "no"), ("yes" if one.is_ready(at) else "no")
    helpful = chance.choice(("yes", "yes", "no", "unknown"))
    return lambda ports, row, rep: judge(ports, row.id, row.decided_by, person, ready, helpful)


def _close(chance: Random, one: Person, at: datetime) -> Step:
    won = chance.random() < (0.6 if one.is_ready(at) and one.fits else 0.1)
    amount, reason = chance.randint(2, 90) * 100_000, chance.choice(("not_ready", "competitor_chosen", "wrong_person"))

    def step(ports: Ports, row: Row[Any], rep: str) -> None:
        with ports.database.reading() as connection:
            deal = connection.execute(_DEAL, {"id": row.id}).first()
        if deal and won:
            win(ports, deal.id, rep, amount, "NOK")
        elif deal:
            lose(ports, deal.id, rep, reason)

    return step
