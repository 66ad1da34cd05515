"""What happens next to one lead in one sequence: a pure function of the sequence, the position, the facts and the time.

    decide(sequence, position, facts, now) -> Send | Wait | Move | Act | Exit

One decision a call. `walk` follows moves to the next decision that needs the outside world, `forecast` asks
when the next mail goes out if nothing else happens, so that an explanation can never disagree with a decision.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any

from nurture.core.cadence import after, frequency_cap, local, open_at, zone_for
from nurture.core.chance import chance, pick
from nurture.core.facts import Facts
from nurture.core.steps import (
    KEEP_WARM,
    AlertStep,
    BranchStep,
    Deed,
    Delay,
    EmailStep,
    ExitStep,
    Goal,
    PromoteStep,
    Sequence,
    SetStep,
    SplitStep,
    Step,
    TagStep,
    WaitForStep,
    WaitStep,
    WebhookStep,
)

MAX_MOVES = 50
FINISHED = "finished"
GOAL_REACHED = "goal reached"
#: how the sentence begins of a wait for something that the lead may do
WAITS = "waits "


@dataclass(frozen=True, slots=True)
class Position:
    """Where a lead stands: at `step` (None: past the end) since `since`, in an enrollment begun at `entered_at`.

    `until` is the end of a running wait and `waiting` the text it was computed from: a running wait keeps its
    time unless its text is edited.
    """

    step: str | None
    since: datetime
    entered_at: datetime
    until: datetime | None = None
    waiting: str | None = None

    def during(self, wait: Wait) -> Position:
        """The same place while it waits there; only a wait of the step's own has an end to keep."""
        return replace(self, until=wait.until if wait.waiting else None, waiting=wait.waiting)

    def columns(self, now: datetime) -> dict[str, object]:
        """The position as an enrollment's columns: looked at when a plain wait ends, else now."""
        return {
            "step": self.step,
            "since": self.since,
            "until": self.until,
            "waiting": self.waiting,
            "due_at": self.until or now,
            "why": self.waiting or "",
        }


@dataclass(frozen=True, slots=True)
class Send:
    """Mail this step now."""

    step: EmailStep


@dataclass(frozen=True, slots=True)
class Wait:
    """Do nothing until `until` (UTC); `why` is the sentence for it."""

    until: datetime
    why: str
    waiting: str | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """Go on to step `to` (None: past the end), as of `at`: waits there count from this moment."""

    to: str | None
    at: datetime
    why: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """Do something that is not a mail: what the step says, or, without a step, note that the goal is met."""

    step: Deed | None = None


@dataclass(frozen=True, slots=True)
class Exit:
    """Leave the sequence. `done` tells reaching the end or the goal from leaving early."""

    reason: str
    done: bool = False


Decision = Send | Wait | Move | Act | Exit


def decide(sequence: Sequence, position: Position, facts: Facts, now: datetime) -> Decision:
    """The next thing to do. Total: every position and every set of facts has an answer.

    Reasons not to mail at all come first, then the sequence's exits and its goal, then the step itself.
    """
    step = sequence.steps.get(position.step) if position.step else None
    if facts.barred and not is_excused(sequence, step, facts):
        return Exit(facts.barred)
    for rule in sequence.exits:
        if rule.when.holds(facts):
            return Exit(rule.because)
    if sequence.goal and not facts.goal_met and goal_is_met(sequence.goal, position, facts, now):
        return Exit(GOAL_REACHED, done=True) if sequence.goal.then == "exit" else Act()
    if step is None:
        return Exit(FINISHED, done=True)
    if step.when and not step.when.holds(facts):
        return Move(step.next, position.since, f"skipped: not {step.when.text}")
    return _ANSWER[type(step)](step, sequence, position, facts, now)


def goal_is_met(goal: Goal, position: Position, facts: Facts, now: datetime) -> bool:
    """Whether the goal holds, within its time from the start of the enrollment."""
    in_time = goal.within is None or now <= after(goal.within, position.entered_at, facts.zone or "UTC")
    return in_time and goal.when.holds(facts)


def may_send(sequence: Sequence, step: EmailStep, facts: Facts, now: datetime) -> Send | Wait | Exit:
    """Whether this mail may leave at this moment. Asked when it is planned, and again when it is handed over."""
    if facts.barred and not is_excused(sequence, step, facts):
        return Exit(facts.barred)
    if step.transactional:
        return Send(step)
    caps = (*facts.caps, *sequence.limits)
    capped = frequency_cap(caps, facts.mailed_at, now, zone_for(sequence.send, facts.zone))
    moment, why_held = max((hold for hold in (facts.held, capped) if hold and hold[0] > now), default=(now, ""))
    lot = chance(sequence.name, step.id, facts.lead.get("id"), "spread") if sequence.send.spread else 0
    opens, why_closed = open_at(sequence.send, facts.zone, moment, facts.country, lot)
    if opens <= now:
        return Send(step)
    return Wait(opens, "; ".join(filter(None, (why_held, why_closed))))


def is_excused(sequence: Sequence, step: Step | None, facts: Facts) -> bool:
    """Whether a barred lead goes on here: where its rep keeps it warm, or to a mail that it asked for itself, past what
    is written down first."""
    if facts.kept_warm and KEEP_WARM in sequence.enter.triggers:
        return True
    while isinstance(step, SetStep | TagStep):
        step = sequence.steps.get(step.next or "")
    return facts.on_request and isinstance(step, EmailStep) and step.transactional


def unwanted(step: EmailStep, facts: Facts) -> str | None:
    """Why this one mail is skipped while others may go: the lead declined its topic, or had it already."""
    if step.topic and step.topic in facts.refused:
        return f"the lead does not want mail about {step.topic}"
    return "the lead had this mail before" if step.once and facts.had(step.template) else None


def variant_for(sequence: Sequence, step: EmailStep, lead_id: object) -> int | None:
    """Which of a mail's subjects a lead gets, from 1: even shares, always the same one. None without a test."""
    if len(step.subjects) < 2:
        return None
    return 1 + pick(len(step.subjects), sequence.name, step.id, lead_id, "subject")


def subject_for(sequence: Sequence, step: EmailStep, lead_id: object) -> str | None:
    """The subject (Jinja) that a lead gets; None for the template's own."""
    number = variant_for(sequence, step, lead_id) or 1
    return step.subjects[number - 1] if step.subjects else None


def arm_for(sequence: Sequence, step: SplitStep, lead_id: object) -> int:
    """Which arm of a split a lead draws, from 0: by the shares, always the same one."""
    lot = 100 * chance(sequence.name, step.id, lead_id)
    ends = accumulate(share.percent for share in step.shares)
    return next((number for number, end in enumerate(ends) if lot < end), len(step.shares) - 1)


def arrive(
    sequence: Sequence, to: str | None, at: datetime, entered_at: datetime, zone: str | None, country: str | None
) -> Position:
    """The position of a lead that reaches step `to` at `at`. Reaching a plain wait fixes its end."""
    step = sequence.steps.get(to) if to else None
    if not isinstance(step, WaitStep) or step.when:
        return Position(to, at, entered_at)
    until = _ends(step.delay, sequence, at, zone, country)
    return Position(to, at, entered_at, until, step.delay.text)


def walk(sequence: Sequence, position: Position, facts: Facts, now: datetime) -> tuple[Position, Decision]:
    """Follow moves (at most 50) to a decision that needs the outside world or time."""
    for _ in range(MAX_MOVES):
        decision = decide(sequence, position, facts, now)
        if not isinstance(decision, Move):
            return position, decision
        position = arrive(sequence, decision.to, decision.at, position.entered_at, facts.zone, facts.country)
    return position, Wait(now, "going on at once")


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is coming if the lead does nothing more: at `at`, `decision`; `because` are the sentences on the way."""

    at: datetime
    decision: Decision
    because: tuple[str, ...]


def forecast(sequence: Sequence, position: Position, facts: Facts, now: datetime) -> Forecast:
    """Let time pass in thought until the next mail, promotion or exit."""
    because: list[str] = []
    for _ in range(MAX_MOVES):
        position, decision = walk(sequence, position, facts, now)
        if not isinstance(decision, Wait):
            break
        because.append(decision.why)
        now = max(decision.until, now + timedelta(microseconds=1))
    return Forecast(now, decision, tuple(because))


def _email(step: EmailStep, sequence: Sequence, position: Position, facts: Facts, now: datetime) -> Decision:
    if step.id in facts.done:
        return Move(step.next, position.since, "mailed already")
    if why := unwanted(step, facts):
        return Move(step.next, position.since, f"skipped: {why}")
    answer = may_send(sequence, step, facts, now)
    if step.stale_after and not isinstance(answer, Exit):
        goes = answer.until if isinstance(answer, Wait) else now
        if goes > _ends(step.stale_after, sequence, position.since, facts.zone, facts.country):
            return Move(step.next, position.since, f"skipped: it could not go out within {step.stale_after.text}")
    return answer


def _wait(step: WaitStep, sequence: Sequence, position: Position, facts: Facts, now: datetime) -> Decision:
    until = _running(step.delay, sequence, position, facts)
    if now >= until:
        return Move(step.next, until)
    since = local(position.since, facts.zone or sequence.send.zone)
    return Wait(until, f"{step.delay.text} from {since}", step.delay.text)


def _wait_for(step: WaitForStep, sequence: Sequence, position: Position, facts: Facts, now: datetime) -> Decision:
    if step.until.holds(facts):
        return Move(step.next, now, f"{step.until.text}: yes")
    until = _running(step.at_most, sequence, position, facts)
    if now >= until:
        return Move(step.if_not or step.next, until, f"{step.until.text}: not in {step.at_most.text}")
    return Wait(until, f"{WAITS}for {step.until.text}, at most {step.at_most.text}", step.at_most.text)


def _branch(step: BranchStep, sequence: Sequence, position: Position, facts: Facts, now: datetime) -> Decision:
    for arm in step.arms:
        if arm.when is None or arm.when.holds(facts):
            return Move(arm.first or step.next, position.since, arm.when.text if arm.when else "otherwise")
    return Move(step.next, position.since, "no arm fits")


def _split(step: SplitStep, sequence: Sequence, position: Position, facts: Facts, now: datetime) -> Decision:
    share = step.shares[arm_for(sequence, step, facts.lead.get("id"))]
    return Move(share.first or step.next, position.since, f"drawn by lot, {share.percent}%")


def _deed(step: Deed, sequence: Sequence, position: Position, facts: Facts, now: datetime) -> Decision:
    return Act(step)


def _exit(step: ExitStep, sequence: Sequence, position: Position, facts: Facts, now: datetime) -> Decision:
    return Exit(step.because)


_ANSWER: dict[type[Step], Callable[[Any, Sequence, Position, Facts, datetime], Decision]] = {
    EmailStep: _email,
    WaitStep: _wait,
    WaitForStep: _wait_for,
    BranchStep: _branch,
    SplitStep: _split,
    PromoteStep: _deed,
    AlertStep: _deed,
    SetStep: _deed,
    TagStep: _deed,
    WebhookStep: _deed,
    ExitStep: _exit,
}


def _running(delay: Delay, sequence: Sequence, position: Position, facts: Facts) -> datetime:
    """The end of the running wait as it was fixed, if it is still the wait that was started; else counted anew."""
    if position.until and position.waiting == delay.text:
        return position.until
    return _ends(delay, sequence, position.since, facts.zone, facts.country)


def _ends(delay: Delay, sequence: Sequence, start: datetime, zone: str | None, country: str | None) -> datetime:
    return after(delay, start, zone or sequence.send.zone, sequence.send, country)
