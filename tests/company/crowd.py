"""How people and gateways behave, by what is true of them. What they did is kept here, to be held against what the
engine made of it."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from nurture.core.links import TRAP
from nurture.leads import import_leads
from nurture.ports import Ports
from nurture.simulate.acts import Act, Kind, Mail, Offer
from tests.company.reps import Desk
from tests.company.truth import Gateway, Person, as_file, cohorts

_SECOND = timedelta(seconds=1)
_TRAP = re.compile(rf'href="(https?://[^"]*{TRAP}[^"]*)"')
_INTEREST = ("ebook", "checklist", "webinar")
_INTENT = ("roi-calculator", "pricing")
ASKS = ("demo", "contact", "call-me")
#: seconds between two links of a gateway that takes its time
_BETWEEN: Mapping[Gateway, int] = {"slow": 6, "careful": 2}
#: one that nobody knows by its name, and one that says what it is
_QUIET, _NAMED = ("203.0.113.9", "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"), ("203.0.113.10", "LinkScanner/2.1 bot")


@dataclass(slots=True)
class Crowd:
    """Everybody of the market, and sales. `acts` is all that was done, `by_machine` which clicks a gateway made:
    (number of the mail, when)."""

    people: Mapping[str, Person]
    start: datetime
    until: datetime
    seed: int
    desk: Desk
    acts: list[Act] = field(default_factory=list)
    by_machine: set[tuple[int, datetime]] = field(default_factory=set)
    by_people: set[tuple[int, datetime]] = field(default_factory=set)

    # --- the audience of a simulation

    def arrive(self, addresses: Sequence[str], start: datetime) -> Iterator[Act]:
        for joins, some in cohorts(self.people.values()):
            yield Act(joins, Kind.BY_HAND, "", by_hand=_bring_in(as_file(some, self.seed)))
        for one in self.people.values():
            yield from self._done(self._on_their_own(one))

    def read(self, mail: Mail) -> Iterator[Act]:
        return self._done(self._reaction(self.people[mail.address], mail))

    def answer(self, offer: Offer) -> Iterator[Act]:
        return iter(self.desk.work(self.people[offer.address], offer))

    def _done(self, acts: Iterable[Act]) -> Iterator[Act]:
        for act in acts:
            if act.at <= self.until:
                self.acts.append(act)
                yield act

    # --- people

    def _on_their_own(self, one: Person) -> Iterator[Act]:
        """What somebody does without any mail of ours."""
        chance = self._chance(one, "own")
        if chance.random() < 0.15:
            yield self._form(one, one.joins + timedelta(days=chance.uniform(1, 40)), chance.choice(_INTEREST))
        if one.ready_at is None:
            return
        at = one.ready_at
        for _ in range(chance.randint(0, 3)):
            yield Act(_whole(at), Kind.VISIT, one.address, about="/pricing")
            at += timedelta(days=chance.uniform(0.3, 2))
        for forms, likely in ((_INTEREST, 0.7), (_INTENT, 0.8), (_INTENT, 0.6), (ASKS, 0.8 if one.no_calls else 0.3)):
            if chance.random() < likely:
                yield self._form(one, at, chance.choice(forms))
            at += timedelta(days=chance.uniform(0.5, 4))

    def _reaction(self, one: Person, mail: Mail) -> Iterator[Act]:
        if one.gone:
            yield Act(mail.at + 4 * _SECOND, Kind.BOUNCE, one.address, mail)
            return
        yield Act(mail.at + 5 * _SECOND, Kind.DELIVERED, one.address, mail)
        if one.gateway != "none":
            yield from self._scan(one, mail)
        chance = self._chance(one, mail.template)
        leaves = chance.random()
        if leaves < 0.005:
            kind = Kind.COMPLAIN if leaves < 0.0005 else Kind.OPT_OUT
            yield Act(_later(chance, mail.at), kind, one.address, mail)
        elif chance.random() < one.reads * (2 if one.is_ready(mail.at) else 1):
            yield from self._reading(chance, one, mail)

    def _reading(self, chance: Random, one: Person, mail: Mail) -> Iterator[Act]:
        """Somebody follows a link or two, and perhaps goes on to a form or writes back."""
        at = _later(chance, mail.at)
        for url in chance.sample(mail.taken.links, min(len(mail.taken.links), 1 + (chance.random() < 0.15))):
            self.by_people.add((int(mail.taken.email.message_id), at))
            yield Act(at, Kind.CLICK, one.address, mail, url=url)
            at += timedelta(seconds=chance.randint(15, 240))
        ready = one.is_ready(mail.at)
        if chance.random() < (0.5 if ready else 0.12):
            yield self._form(one, at + timedelta(minutes=3), chance.choice(_INTENT if ready else _INTEREST))
        if mail.taken.email.reply_to is not None and chance.random() < 0.12:
            wish = "call-me" if ready else chance.choice(("question", "not-now", "stop", "wrong-person", "other"))
            yield Act(at + timedelta(minutes=20), Kind.REPLY, one.address, mail, about=wish)

    def _form(self, one: Person, at: datetime, form: str) -> Act:
        return Act(_whole(at), Kind.FORM, one.address, about=form)

    # --- machines

    def _scan(self, one: Person, mail: Mail) -> Iterator[Act]:
        """A gateway follows every link, the hidden one too, unless it is a careful one."""
        chance = self._chance(one, f"scan {mail.template}")
        links = list(mail.taken.links)
        if one.gateway != "careful":
            links += _TRAP.findall(mail.taken.email.html)[:1]
        at = mail.at + timedelta(seconds=5 + chance.randint(12, 50))
        for url in links:
            self.by_machine.add((int(mail.taken.email.message_id), at))
            caller = _NAMED if one.gateway == "named" else _QUIET
            yield Act(at, Kind.CLICK, one.address, mail, url=url, caller=caller)
            at += timedelta(seconds=_BETWEEN.get(one.gateway) or chance.choice((0, 1)))

    def _chance(self, one: Person, about: str) -> Random:
        return Random(f"{self.seed}/{one.address}/{about}")


def _bring_in(file: bytes) -> Callable[[Ports], None]:
    def bring_in(ports: Ports) -> None:
        report = import_leads(
            ports.database, ports.clock, io.BytesIO(file), file="market.csv", new_token=ports.new_id,
            config=ports.project.config,
        )  # fmt: skip
        assert not report.faults and not report.warnings, (report.faults, report.warnings)

    return bring_in


def _later(chance: Random, at: datetime) -> datetime:
    """When a mail is read: after minutes or hours, seldom after days."""
    return _whole(at) + timedelta(seconds=90 + round(min(chance.expovariate(1 / 6), 90) * 3600))


def _whole(at: datetime) -> datetime:
    return at.replace(microsecond=0)
