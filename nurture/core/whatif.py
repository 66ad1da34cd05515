"""What would take a lead further: one change at a time, each answered by the gate itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from math import ceil
from typing import TYPE_CHECKING, Literal

from nurture.core.evidence import FIELDS, SURGE, is_one_of
from nurture.core.facts import Engagement
from nurture.core.qualify import QUALIFIED, RETURNED, RULED_OUT, STAYS_AWAY, Check, Gate, Qualification, qualify
from nurture.core.questions import QUESTIONS
from nurture.core.rules import (
    AnswersAtLeast,
    AttributeIs,
    CellIn,
    DaysAtLeast,
    DidAtLeast,
    FitAtLeast,
    KindsAtLeast,
    Known,
    NothingWithin,
    OpenWithin,
    ScoreAtLeast,
    SurgesWith,
)
from nurture.core.score import Act, acts_of

if TYPE_CHECKING:
    from nurture.core.agreement import Agreement
    from nurture.core.fit import Fit
    from nurture.core.lifecycle import Stage
    from nurture.core.rules import Rule
    from nurture.core.signals import Signal

DAY = timedelta(days=1)
#: both ends of a window belong to it, so a rule turns just after
_AFTER = timedelta(seconds=1)
#: a lead at any other stage is not promoted, whatever it does
_ASKED = frozenset({"iql", "recycled", "mql"})
_FURTHER = {None: 0, "mql": 1, "sql": 2}
#: a title that is read as this senior
_TITLES = {
    "owner": "Owner", "c_level": "CEO", "vp": "VP", "head": "Director", "manager": "Manager",
    "senior": "Senior Specialist", "individual": "Specialist",
}  # fmt: skip
_LABELS = {"employees": "number of people"}


@dataclass(frozen=True)
class Case:
    """All that the gate is asked about one lead at one moment. `engagements` are those that count since it was last
    recycled (nurture.core.qualify)."""

    engagements: Sequence[Engagement]
    lead: Mapping[str, object]
    agreement: Agreement
    now: datetime
    stage: Stage
    rejected_times: int = 0
    zone: str | None = None

    def answer(self) -> Qualification:
        """The gate's answer."""
        return self._judged(self.acts, self.lead, self.now)

    def after(self, what: Engagement) -> Qualification:
        """The answer to the same lead after one more act, which is the newest."""
        return self._judged((*acts_of([what], self.agreement, what.at), *self.acts), self.lead, what.at)

    def knowing(self, **fields: object) -> Qualification:
        """The answer to the same lead with more known of it."""
        return self._judged(self.acts, {**self.lead, **fields}, self.now)

    def at(self, moment: datetime) -> Qualification:
        """The answer later on, if nothing happens."""
        return self._judged(self.acts, self.lead, moment)

    @cached_property
    def acts(self) -> tuple[Act, ...]:
        return acts_of(self.engagements, self.agreement, self.now)

    def _judged(self, acts: tuple[Act, ...], lead: Mapping[str, object], now: datetime) -> Qualification:
        times, zone = self.rejected_times, self.zone
        return qualify(acts, lead, self.agreement, now, stage=self.stage, rejected_times=times, zone=zone)


@dataclass(frozen=True, slots=True)
class WhatIf:
    """One change ("it came back on another day"), and how far it would take the lead."""

    to: Literal["mql", "sql"]
    change: str


def what_if(case: Case, answer: Qualification) -> tuple[WhatIf, ...]:
    """The single changes that would take the lead further than `answer`, which is the gate's to the case.

    None of them is guessed: each is put to the gate. Empty where nothing less than two things at once would do.
    """
    if answer.to == "sql" or case.stage not in _ASKED:
        return ()
    found: dict[str, WhatIf] = {}
    for change, changed in _changes(case, answer):
        if changed.to is not None and _FURTHER[changed.to] > _FURTHER[answer.to]:
            found.setdefault(change, WhatIf(changed.to, change))
    return tuple(found.values())


def _changes(case: Case, answer: Qualification) -> Iterator[tuple[str, Qualification]]:
    """One at a time, with what the gate says to it. What cannot help is not put to it."""
    if _one_act_may_do(case.agreement, answer):
        yield from _doings(case)
        yield from _returns(case)
    if _knowing_may_do(case.agreement, answer):
        yield from _learnt(case, answer.score.unknown)
    yield from _silence(case)
    yield "it asked for a person", case.after(_made("submitted", case.now, name=case.agreement.hand_raise.forms[0]))


# --- what may help --------------------------------------------------------------------------------------------

#: what stands in the way: a kind of rule, or a built-in question by its text
_Kind = type | str
_KNOWLEDGE: frozenset[_Kind] = frozenset(
    {FitAtLeast, Known, AttributeIs, AnswersAtLeast, RULED_OUT, RETURNED, STAYS_AWAY}
)
#: knowing more of the lead may remove these as well as an act
_EITHER: frozenset[_Kind] = frozenset({CellIn, OpenWithin, QUALIFIED})
#: one act adds at most one to what these count
_COUNTS: frozenset[_Kind] = frozenset({KindsAtLeast, DaysAtLeast, DidAtLeast})


def _one_act_may_do(agreement: Agreement, answer: Qualification) -> bool:
    points = max(signal.points for signal in agreement.signals.values())

    def may_fall(kind: _Kind, check: Check) -> bool:
        if kind is ScoreAtLeast:
            return check.short <= points + 1  # both ends are rounded
        return kind not in _KNOWLEDGE and (kind not in _COUNTS or check.short <= 1)

    return _may_open(agreement, answer, may_fall)


def _knowing_may_do(agreement: Agreement, answer: Qualification) -> bool:
    may = _may_open(agreement, answer, lambda kind, _: kind in _KNOWLEDGE | _EITHER)
    return may or bool(answer.checks("fit"))


def _may_open(agreement: Agreement, answer: Qualification, may_fall: Callable[[_Kind, Check], bool]) -> bool:
    """Whether all that stands in the way of MQL may fall, or all that does of SQL, which has MQL before it."""
    mql, sql = (
        [may_fall(kind, check) for kind, check in _obstacles(agreement, answer, gate)] for gate in ("mql", "sql")
    )
    return all(mql) and (bool(mql) or all(sql))


def _obstacles(agreement: Agreement, answer: Qualification, gate: Gate) -> list[tuple[_Kind, Check]]:
    rules = {rule.text: type(rule) for rule in (agreement.mql if gate == "mql" else agreement.sql)}
    missing = (check for check in answer.checks(gate) if check.answer != "yes")
    return [(rules.get(check.text, check.text), check) for check in missing]


# --- what may be different ------------------------------------------------------------------------------------


def _doings(case: Case) -> Iterator[tuple[str, Qualification]]:
    for signal in case.agreement.signals.values():
        if not signal.flag:
            yield f"it {signal.about}", case.after(_act(signal, case.now))


def _act(signal: Signal, at: datetime) -> Engagement:
    name = next(iter(signal.forms or signal.events or signal.replies), "question" if signal.kind == "replied" else "")
    return _made(signal.kind, at, url=signal.page or signal.link, name=name)


def _made(kind: str, at: datetime, *, url: str = "", name: str = "") -> Engagement:
    return Engagement(kind, at, url=url, name=name, key=b"what if")


def _returns(case: Case) -> Iterator[tuple[str, Qualification]]:
    """The newest thing it did, done once more a day from now."""
    newest = next((act.engagement for act in case.acts if not act.flag), None)
    if newest is not None:
        again = replace(newest, at=case.now + DAY, key=b"what if")
        yield "it came back on another day", case.after(again)


def _learnt(case: Case, unknown: Sequence[str]) -> Iterator[tuple[str, Qualification]]:
    for field in unknown:
        value = _best(field, case.agreement.fit)
        yield f"its {_LABELS.get(field, field)} turned out to be {value}", case.knowing(**{field: value})
    for rule in (*case.agreement.mql, *case.agreement.sql):
        match rule:
            case Known(known=names):
                if missing := [name for name in names if not _is_known(name, case.lead)]:
                    fields = {FIELDS.get(name, (name,))[0]: "known" for name in missing}
                    yield f"we knew its {' and '.join(missing)}", case.knowing(**fields)
            case AttributeIs(attribute=field) if case.lead.get(field) in (None, ""):
                value = rule.one_of[0] if rule.one_of else rule.at_least or rule.at_most
                yield f"its {_LABELS.get(field, field)} turned out to be {value}", case.knowing(**{field: value})
            case AnswersAtLeast(of=questions):
                open_ones = (name for name in questions or QUESTIONS if not case.lead.get(name))
                if name := next(open_ones, None):
                    known = {name: "yes", "answered_at": case.now}
                    yield f"it answered one more question ({name})", case.knowing(**known)


def _is_known(name: str, lead: Mapping[str, object]) -> bool:
    return any(lead.get(field) for field in FIELDS.get(name, (name,)))


def _best(field: str, fit: Fit) -> object:
    """What would give the most points."""
    match field:
        case "employees":
            size = max(fit.employees, key=lambda row: row.points)
            return size.at_least or size.at_most
        case "country":
            return max(fit.countries, key=lambda row: row.points).codes[0]
        case "title" if fit.seniority and not fit.titles:
            return _TITLES.get(max(fit.seniority, key=lambda name: fit.seniority[name]), "Specialist")
        case _:
            rows = fit.titles if field == "title" else fit.industries
            return max(rows, key=lambda row: row.points).words[0] if rows else "known"


def _silence(case: Case) -> Iterator[tuple[str, Qualification]]:
    """Where a rule wants quiet: as long as it still takes."""
    for rule in (*case.agreement.mql, *case.agreement.sql):
        if isinstance(rule, NothingWithin) and (ends := _quiet_at(case, rule)):
            days = ceil((ends - _AFTER - case.now) / DAY) or 1
            later = case.at(case.now + timedelta(days=days) + _AFTER)
            yield f"it were quiet for {days} more {'day' if days == 1 else 'days'}", later


# --- what time alone may change -------------------------------------------------------------------------------


def turns_at(case: Case) -> datetime | None:
    """The first moment at which time alone may turn a rule to yes, so that the gate is worth asking again; None where
    only something new could."""
    if case.stage not in _ASKED:
        return None
    return min((at for rule in (*case.agreement.mql, *case.agreement.sql) for at in _turns(case, rule)), default=None)


def _turns(case: Case, rule: Rule) -> Iterator[datetime]:
    match rule:
        case NothingWithin():
            if ends := _quiet_at(case, rule):
                yield ends
        case SurgesWith(within_days=days):
            # what a surge is measured against leaves its window
            ends_of = (act.at + SURGE * timedelta(days=days) + _AFTER for act in _interest(case))
            yield from (at for at in ends_of if at > case.now)


def _quiet_at(case: Case, rule: NothingWithin) -> datetime | None:
    """When it has been quiet for long enough; None where it has been by now."""
    newest = next((act.at for act in _interest(case) if is_one_of(act, rule.of)), None)
    ends = newest + timedelta(days=rule.nothing_within_days) + _AFTER if newest else None
    return ends if ends and ends - _AFTER >= case.now else None


def _interest(case: Case) -> Iterator[Act]:
    return (act for act in case.acts if not act.flag)
