"""What leads, their mail systems and sales do in a simulation, told to the engine the way the real ones tell it."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

import orjson

from nurture import polls
from nurture.core.lifecycle import MOVES, Stage
from nurture.core.links import POLL
from nurture.core.questions import POLLS
from nurture.engage import receive
from nurture.engage.inbox import INBOUND
from nurture.engage.site import SERVER
from nurture.enroll import trigger
from nurture.errors import UserError
from nurture.handoff import Given, accept, reject
from nurture.handoff.stages import move
from nurture.leads import find_lead
from nurture.ports import Ports
from nurture.simulate import posted
from nurture.simulate.post import Taken
from nurture.simulate.world import World
from nurture.suppress import hold_leads


class Kind(StrEnum):
    """What is done."""

    DELIVERED = "delivered"
    BOUNCE = "bounce"
    CLICK = "click"
    ANSWER = "answer"
    COMPLAIN = "complain"
    OPT_OUT = "opt_out"
    REPLY = "reply"
    FORM = "form"
    VISIT = "visit"
    TRACK = "track"
    STAGE = "stage"
    ACCEPT = "accept"
    REJECT = "reject"
    #: anything else that people do with the tools of the engine
    BY_HAND = "by_hand"


#: SendGrid's words for what happens to a mail
_EVENTS = {
    Kind.DELIVERED: "delivered",
    Kind.BOUNCE: "bounce",
    Kind.CLICK: "click",
    Kind.COMPLAIN: "spamreport",
    Kind.OPT_OUT: "unsubscribe",
}


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that reached a lead: `template` in `sequence`, and how well the lead fits (0 to 100)."""

    taken: Taken
    lead_id: int
    sequence: str
    step: str
    template: str
    fit: int

    @property
    def at(self) -> datetime:
        return self.taken.at

    @property
    def address(self) -> str:
        return self.taken.email.to.address

    @property
    def stage(self) -> str:
        """The funnel stage it speaks to: the folder of its template."""
        return self.template.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Offer:
    """A handoff that waits for sales' answer, promised by `due_at` (UTC)."""

    handoff_id: int
    address: str
    fit: int
    offered_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Act:
    """One thing done at `at` (UTC, whole seconds): to a mail, on the site, to the stage, or as an answer to a handoff.

    `about` is the form, the page, the event, or what a reply asks for; a `message` takes the place of its usual words.
    `caller` is from where on the net a link is followed and by which program; empty: the reader's own. What is done
    `by_hand` is done with the ports of the simulated engine.
    """

    at: datetime
    kind: Kind
    address: str
    mail: Mail | None = None
    url: str = ""
    about: str = ""
    message: str = ""
    stage: Stage | None = None
    handoff_id: int = 0
    reason: str = ""
    caller: tuple[str, str] = ("", "")
    by_hand: Callable[[Ports], object] | None = None

    @property
    def told_at(self) -> datetime:
        """When we hear of it: a form and an answer at once, an event with the others of its minute."""
        return self.at + timedelta(seconds=-self.at.timestamp() % 60) if self.kind in _EVENTS else self.at


class Audience(Protocol):
    """Who reads the mails, and what they do. Every answer lies at or after what it answers."""

    def arrive(self, addresses: Sequence[str], start: datetime) -> Iterable[Act]:
        """What leads do by themselves."""
        ...

    def read(self, mail: Mail) -> Iterable[Act]:
        """What becomes of a mail."""
        ...

    def answer(self, offer: Offer) -> Iterable[Act]:
        """What sales says."""
        ...


@dataclass(slots=True)
class Diary:
    """What we are going to hear of, the soonest first; at the same moment, in the order in which it was written."""

    _acts: list[tuple[datetime, int, Act]] = field(default_factory=list)
    _written: int = 0

    def write(self, acts: Iterable[Act]) -> None:
        for act in acts:
            self._written += 1
            heapq.heappush(self._acts, (act.told_at, self._written, act))

    @property
    def next_at(self) -> datetime | None:
        return self._acts[0][0] if self._acts else None

    def until(self, now: datetime) -> list[Act]:
        """Take out what is heard of by now."""
        past = []
        while self._acts and self._acts[0][0] <= now:
            past.append(heapq.heappop(self._acts)[2])
        return past


def tell(world: World, acts: Sequence[Act]) -> None:
    """Let the engine hear of it: events as the provider posts them, forms as the site does, stages, sales' answers."""
    about_mails = [act for act in acts if act.kind in _EVENTS]
    if about_mails:
        environment = world.environment
        receive(world.ports, "sendgrid", orjson.dumps([_event(act, environment) for act in about_mails]))
    for act in acts:
        if act.kind in _REQUESTS:
            receive(world.ports, *_REQUESTS[act.kind](act))
        elif act.kind is Kind.STAGE:
            _move(world, act)
        elif act.kind is Kind.ACCEPT:
            accept(world.ports, act.handoff_id, "simulation", Given("unknown", "unknown"))
        elif act.kind is Kind.REJECT:
            reject(world.ports, act.handoff_id, by="simulation", reason=act.reason, note=act.message)
        elif act.kind is Kind.ANSWER:
            _answer(world, act)
        elif act.by_hand:
            act.by_hand(world.ports)


def _move(world: World, act: Act) -> None:
    """Move a lead to the stage that somebody said it has. Raises UserError where the lifecycle has no such move."""
    lead = find_lead(world.ports.database, act.address)
    if lead is None or act.stage is None or (lead.stage, act.stage) not in MOVES:
        raise UserError(f"no lead moves from {lead.stage if lead else 'nothing'} to {act.stage}")
    with world.ports.database.transaction("move") as connection:
        hold_leads(connection, [lead.id])
        config, because = world.ports.project.config, "a person said so"
        move(connection, config, lead.id, lead.stage, act.stage, act.at, actor="simulation", because=because)
        trigger(connection, [lead.id], "stage_changed", act.at)
        if act.stage == "customer":
            trigger(connection, [lead.id], "handoff_won", act.at)


def _answer(world: World, act: Act) -> None:
    """Press the button behind the link of a poll. Raises UserError where that asks or takes nothing."""
    token, question, *chosen = act.url.partition(POLL)[2].split("/")
    if question not in POLLS:
        raise UserError(f"no poll asks '{question}'; there are: {', '.join(POLLS)}")
    try:
        polls.answer(world.ports, token, question, chosen[0] if chosen else act.message)
    except ValueError as error:
        raise UserError(f"the answer to '{question}' {error}") from None


def _event(act: Act, environment: str) -> dict[str, object]:
    assert act.mail is not None
    return posted.event(act.mail.taken.email, _EVENTS[act.kind], act.at, environment, url=act.url, caller=act.caller)


def _reply(act: Act) -> Request:
    assert act.mail is not None
    return INBOUND, posted.reply(act.mail.taken.email, act.about, act.at, act.message)


def _form(act: Act) -> Request:
    return f"form:{act.about}", posted.submission(act.address, act.at, act.message)


def _visit(act: Act) -> Request:
    return f"{SERVER}:page", posted.call(act.address, act.at, properties={"path": act.about})


def _track(act: Act) -> Request:
    return f"{SERVER}:track", posted.call(act.address, act.at, event=act.about)


#: what a request comes in as, and its body
Request = tuple[str, bytes]
_REQUESTS: Mapping[Kind, Callable[[Act], Request]] = {
    Kind.REPLY: _reply,
    Kind.FORM: _form,
    Kind.VISIT: _visit,
    Kind.TRACK: _track,
}
