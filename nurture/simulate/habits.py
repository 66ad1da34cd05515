"""How readers behave by chance: a few rates, named and open to argument. What comes out is no forecast of anyone's
readers; it shows how sequences, caps and the agreement deal with a plausible crowd.

Chance is drawn for each lead and mail by itself, out of the seed, the address and the template. So the same seed
gives the same readers, and a change to one sequence does not change what readers do with the mails of another.
Opens are left out: nothing here may rest on them.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from nurture.core.agreement import Agreement
from nurture.simulate.acts import Act, Kind, Mail, Offer

_SECOND = timedelta(seconds=1)


def _by_stage(**rates: float) -> Mapping[str, float]:
    return MappingProxyType(rates)


@dataclass(frozen=True, slots=True)
class Rates:
    """Shares between 0 and 1. Those by funnel stage are of mails of that stage; a stage that is missing is tofu's."""

    #: of addresses: they no longer exist
    dead: float = 0.01
    #: of mail domains: their gateway follows every link within a minute
    scanners: float = 0.08
    #: of mails, times 0.5 for a lead that does not fit at all, up to 1.5 for one that fits perfectly
    clicks: Mapping[str, float] = field(default_factory=lambda: _by_stage(tofu=0.05, mofu=0.07, bofu=0.09))
    #: of clickers: they go on to a form that shows interest, one that shows intent, one that asks for a person
    interest: Mapping[str, float] = field(default_factory=lambda: _by_stage(tofu=0.15, mofu=0.12, bofu=0.05))
    intent: Mapping[str, float] = field(default_factory=lambda: _by_stage(tofu=0.04, mofu=0.12, bofu=0.2))
    hand_raises: Mapping[str, float] = field(default_factory=lambda: _by_stage(tofu=0.005, mofu=0.02, bofu=0.08))
    #: of those who sent a form: they come back within a week for one that shows intent
    returns: float = 0.35
    #: of leads: they send a form some time in the first 60 days, without any mail of ours
    visits: float = 0.05
    #: of mails
    opt_outs: float = 0.003
    complaints: float = 0.0003
    #: of handoffs, from a lead that does not fit to one that fits perfectly
    accepted: tuple[float, float] = (0.3, 0.8)


def _at(rates: Mapping[str, float], stage: str) -> float:
    return rates.get(stage, rates["tofu"])


@dataclass(frozen=True, slots=True)
class ByChance:
    """An audience that behaves by chance, out of `seed`; forms and reject reasons are those of the agreement."""

    seed: int
    agreement: Agreement
    rates: Rates = Rates()

    def arrive(self, addresses: Sequence[str], start: datetime) -> Iterator[Act]:
        for address in addresses:
            chance = self._chance(address, "visit")
            if chance.random() < self.rates.visits:
                at = start + timedelta(seconds=chance.randrange(60 * 24 * 3600))
                yield from self._form(chance, address, at, self._interest)

    def read(self, mail: Mail) -> Iterator[Act]:
        if self._chance(mail.address, "dead").random() < self.rates.dead:
            yield Act(mail.at + 4 * _SECOND, Kind.BOUNCE, mail.address, mail)
            return
        yield Act(mail.at + 5 * _SECOND, Kind.DELIVERED, mail.address, mail)
        if self._chance(mail.address.partition("@")[2], "gateway").random() < self.rates.scanners:
            yield from _scan(mail)
        chance = self._chance(mail.address, mail.template)
        leaves = chance.random()
        if leaves < self.rates.opt_outs + self.rates.complaints:
            kind = Kind.OPT_OUT if leaves < self.rates.opt_outs else Kind.COMPLAIN
            yield Act(_later(chance, mail.at), kind, mail.address, mail)
        elif chance.random() < _at(self.rates.clicks, mail.stage) * (0.5 + mail.fit / 100):
            yield from self._follow(chance, mail)

    def answer(self, offer: Offer) -> Iterator[Act]:
        chance = self._chance(offer.address, f"handoff {offer.handoff_id}")
        promised = (offer.due_at - offer.offered_at).total_seconds()
        at = offer.offered_at + timedelta(seconds=round(promised * chance.uniform(0.3, 1.5)))
        low, high = self.rates.accepted
        if chance.random() < low + (high - low) * offer.fit / 100:
            yield Act(at, Kind.ACCEPT, offer.address, handoff_id=offer.handoff_id)
        else:
            reason = chance.choice(list(self.agreement.reject_reasons))
            yield Act(at, Kind.REJECT, offer.address, handoff_id=offer.handoff_id, reason=reason, message="by chance")

    def _follow(self, chance: random.Random, mail: Mail) -> Iterator[Act]:
        """A reader follows a link, and perhaps sends a form."""
        links = mail.taken.links
        if not links:
            return
        at = _later(chance, mail.at)
        yield Act(at, Kind.CLICK, mail.address, mail, url=chance.choice(links))
        then = at + timedelta(minutes=chance.randint(2, 15))
        for rate, forms in (
            (self.rates.hand_raises, self.agreement.hand_raise.forms),
            (self.rates.intent, self._intent),
            (self.rates.interest, self._interest),
        ):
            if chance.random() < _at(rate, mail.stage):
                yield from self._form(chance, mail.address, then, forms)
                return

    def _form(self, chance: random.Random, address: str, at: datetime, forms: Sequence[str]) -> Iterator[Act]:
        if not forms:
            return
        yield Act(at, Kind.FORM, address, about=chance.choice(forms))
        if self._intent and chance.random() < self.rates.returns:
            again = at + timedelta(seconds=chance.randrange(24 * 3600, 7 * 24 * 3600))
            yield Act(again, Kind.FORM, address, about=chance.choice(self._intent))

    @property
    def _interest(self) -> Sequence[str]:
        return _forms(self.agreement, intent=False)

    @property
    def _intent(self) -> Sequence[str]:
        return _forms(self.agreement, intent=True)

    def _chance(self, *about: str) -> random.Random:
        return random.Random("/".join((str(self.seed), *about)))


def _forms(agreement: Agreement, *, intent: bool) -> Sequence[str]:
    return [form for signal in agreement.signals.values() if signal.intent is intent for form in signal.forms]


def _later(chance: random.Random, at: datetime) -> datetime:
    """When a mail is read: after some hours, seldom after days."""
    hours = min(chance.expovariate(1 / 5), 96)
    return at + timedelta(minutes=2, seconds=round(hours * 3600))


def _scan(mail: Mail) -> Iterable[Act]:
    """A mail gateway follows all links at once."""
    for number, url in enumerate(mail.taken.links):
        yield Act(mail.at + (31 + number % 2) * _SECOND, Kind.CLICK, mail.address, mail, url=url)
