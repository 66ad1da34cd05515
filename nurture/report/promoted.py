"""What sales made of the leads it was handed: answers, reasons, verdicts, and where the two departments disagree."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from models.words import HandoffState
from nurture.core.agreement import Agreement
from nurture.core.stats import Rate, rate

#: handoffs that are named, of those in dispute and of all
DISPUTED, LATEST = 50, 20
_HOT = frozenset({"A1", "A2", "B1", "B2"})
UNKNOWN = "not known"
#: what sales says of a lead -> as the report says it
QUESTIONS: Mapping[str, str] = {
    "project": "There is a project",
    "budget": "There is a budget",
    "right_person": "It was the right person",
    "ready": "It was ready to talk",
    "helpful": "What marketing sent helped",
}
#: which part of the agreement, or of the work, many a "no" speaks against
_SPEAKS_OF: Mapping[str, str] = {
    "right_person": "who we look for (fit)",
    "ready": "the bar for sales",
    "helpful": "brief and mails",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why sales sent leads back: its share of all rejections."""

    code: str
    label: str
    share: Rate


@dataclass(frozen=True, slots=True)
class Group:
    """Handoffs of one source or of one rep, the first each was offered to. `accepted` is of those that were answered or
    are late."""

    name: str
    promoted: int
    pending: int
    accepted: Rate


@dataclass(frozen=True, slots=True)
class Case:
    """One lead that was handed over, by number: the grade marketing gave it, and what sales said."""

    handoff_id: int
    lead_id: int
    offered_at: datetime
    grade: str
    state: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Marketing's grade beside sales' answer. Hot is a grade of A1 to B2: fits, and warm. `disputed` are the leads
    that one side calls hot and the other does not, the newest 50. Who asked for a person goes to sales whatever its
    grade, so it is counted apart and is no dispute."""

    hot_accepted: int
    hot_rejected: int
    cold_accepted: int
    cold_rejected: int
    asked_accepted: int
    asked_rejected: int
    disputed: tuple[Case, ...]

    @property
    def agree(self) -> Rate:
        """How often both say the same."""
        same = self.hot_accepted + self.cold_rejected
        return rate(same, same + self.hot_rejected + self.cold_accepted)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One question that sales answers of a lead: the share of yes among yes and no; the rest apart.

    `about` is what to look at where the share is low.
    """

    question: str
    text: str
    about: str
    yes: Rate
    unknown: int
    unsaid: int


@dataclass(frozen=True, slots=True)
class Promotions:
    """Leads handed to sales in this time. `accepted` is of those that were answered or whose promised time is over
    (`late`); those that sales still has time for are `pending`, and those that were taken back are in no share."""

    promoted: int
    hand_raised: int
    accepted: Rate
    rejected: int
    late: int
    pending: int
    withdrawn: int
    reasons: tuple[Reason, ...]
    sources: tuple[Group, ...]
    reps: tuple[Group, ...]
    disagreement: Disagreement
    verdicts: tuple[Verdict, ...]
    latest: tuple[Case, ...]


@dataclass(slots=True)
class _Tally:
    states: Counter[str] = field(default_factory=Counter)
    late: int = 0

    def add(self, row: Row[Any], now: datetime) -> None:
        self.states[row.state] += 1
        self.late += row.state == HandoffState.OFFERED and row.due_at <= now

    @property
    def accepted(self) -> Rate:
        answered = self.states[HandoffState.ACCEPTED] + self.states[HandoffState.REJECTED]
        return rate(self.states[HandoffState.ACCEPTED], answered + self.late)

    @property
    def pending(self) -> int:
        return self.states[HandoffState.OFFERED] - self.late

    def group(self, name: str) -> Group:
        return Group(name, self.states.total(), self.pending, self.accepted)


@dataclass(slots=True)
class _Handed:
    """Counts handoffs one after the other."""

    now: datetime
    all: _Tally = field(default_factory=_Tally)
    hand_raised: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    sources: dict[str, _Tally] = field(default_factory=lambda: defaultdict(_Tally))
    reps: dict[str, _Tally] = field(default_factory=lambda: defaultdict(_Tally))
    #: (hot, or None where it asked for a person; accepted) -> handoffs
    opinions: Counter[tuple[bool | None, bool]] = field(default_factory=Counter)
    disputed: list[Case] = field(default_factory=list)
    latest: list[Case] = field(default_factory=list)
    #: (question, answer) -> verdicts
    said: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, row: Row[Any]) -> None:
        for tally in (self.all, self.sources[row.source or UNKNOWN], self.reps[row.first_owner]):
            tally.add(row, self.now)
        self.hand_raised += bool(row.hand_raise)
        self.latest = [_case(row), *self.latest[: LATEST - 1]]
        if row.state == HandoffState.REJECTED:
            self.reasons[row.reason] += 1
        if row.state in (HandoffState.ACCEPTED, HandoffState.REJECTED):
            self._compare(row)
        if row.verdict is not None:
            self.said.update((name, getattr(row, name) or "") for name in QUESTIONS)

    def _compare(self, row: Row[Any]) -> None:
        hot, accepted = None if row.hand_raise else is_hot(row.grade), row.state == HandoffState.ACCEPTED
        self.opinions[hot, accepted] += 1
        if hot is not None and hot != accepted:
            self.disputed = [_case(row), *self.disputed[: DISPUTED - 1]]


def _case(row: Row[Any]) -> Case:
    return Case(row.id, row.lead_id, row.offered_at, row.grade or "", row.state, row.reason)


def is_hot(grade: str | None) -> bool:
    """Whether marketing calls a lead hot: fits (A or B), and is warm at least (1 or 2)."""
    return grade in _HOT


def promotions(rows: Iterable[Row[Any]], agreement: Agreement, now: datetime) -> Promotions:
    """All of it, from handoffs in the order in which they were offered."""
    handed = _Handed(now)
    for row in rows:
        handed.add(row)
    states = handed.all.states
    return Promotions(
        promoted=states.total(),
        hand_raised=handed.hand_raised,
        accepted=handed.all.accepted,
        rejected=states[HandoffState.REJECTED],
        late=handed.all.late,
        pending=handed.all.pending,
        withdrawn=states[HandoffState.WITHDRAWN],
        reasons=reason_mix(handed.reasons, agreement),
        sources=_groups(handed.sources),
        reps=_groups(handed.reps),
        disagreement=_disagreement(handed),
        verdicts=tuple(_verdict(handed.said, name) for name in QUESTIONS),
        latest=tuple(handed.latest),
    )


def reason_mix(counts: Counter[str], agreement: Agreement) -> tuple[Reason, ...]:
    """Each reason's share, the most frequent first; a reason that the agreement has no more goes by its code."""
    terms = agreement.reject_reasons
    return tuple(
        Reason(code, terms[code].label if code in terms else code, rate(number, counts.total()))
        for code, number in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    )


def _groups(tallies: Mapping[str, _Tally]) -> tuple[Group, ...]:
    """By how many there are, not by how good they look: few tell nothing."""
    groups = (tally.group(name) for name, tally in tallies.items())
    return tuple(sorted(groups, key=lambda one: (-one.promoted, one.name)))


def _disagreement(handed: _Handed) -> Disagreement:
    table = handed.opinions
    return Disagreement(
        hot_accepted=table[True, True],
        hot_rejected=table[True, False],
        cold_accepted=table[False, True],
        cold_rejected=table[False, False],
        asked_accepted=table[None, True],
        asked_rejected=table[None, False],
        disputed=tuple(handed.disputed),
    )


def _verdict(said: Counter[tuple[str, str]], name: str) -> Verdict:
    yes, no = said[name, "yes"], said[name, "no"]
    about = _SPEAKS_OF.get(name, "")
    return Verdict(name, QUESTIONS[name], about, rate(yes, yes + no), said[name, "unknown"], said[name, ""])
