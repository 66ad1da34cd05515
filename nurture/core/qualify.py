"""The gate: is this lead marketing qualified, is it ready for sales, and why (not)?

There are three lists of plain questions. A lead is MQL when every answer on the first is yes, and SQL when
every answer on the second is, or on the third, which is for leads that ask for a person. The decision is made
from the answers and from nothing else, so the checklist that people read cannot disagree with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from nurture.core.agreement import (
    ActedWithin,
    CellIn,
    DaysAtLeast,
    FitAtLeast,
    IntentWithin,
    KindsAtLeast,
    Known,
    ScoreAtLeast,
)
from nurture.core.score import Act, Score, acts_of, best_fit, score_of

if TYPE_CHECKING:
    from nurture.core.agreement import Agreement, Rule
    from nurture.core.facts import Engagement
    from nurture.core.lifecycle import Stage

Answer = Literal["yes", "no", "unknown"]
Gate = Literal["mql", "sql", "hand-raise"]

#: sent back by sales this often, a lead is promoted no more by points, only when it asks for a person
MOST_RETURNS = 3


@dataclass(frozen=True, slots=True)
class Check:
    """One question of a gate and its answer. `detail` is what the answer rests on. Only yes lets a lead through."""

    gate: Gate
    text: str
    answer: Answer
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Qualification:
    """Where the agreement lets a lead go now: to MQL, to sales, or nowhere (`to` None), and why.

    `hand_raise` is the newest request for a person, also where a check stops it: a person should look then.
    `disqualified` is the reason why the lead must not reach sales, or None. The checklist is empty for a lead that
    is past both gates.
    """

    to: Literal["mql", "sql"] | None
    because: str
    checklist: tuple[Check, ...]
    score: Score
    hand_raise: Engagement | None = None
    disqualified: str | None = None

    def checks(self, gate: Gate) -> tuple[Check, ...]:
        return _gate(self.checklist, gate)

    def passes(self, gate: Gate) -> bool:
        """Whether every answer at this gate is yes. A gate that was not asked lets nobody through."""
        return _all_yes(self.checks(gate))


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What the questions are asked of. `acts` are newest first."""

    agreement: Agreement
    lead: Mapping[str, object]
    stage: Stage
    rejected_times: int
    now: datetime
    acts: tuple[Act, ...]
    score: Score
    disqualified: str | None

    def since(self, days: int) -> tuple[Act, ...]:
        """The acts of the last so many days, both ends included."""
        start = self.now - timedelta(days=days)
        return tuple(act for act in self.acts if act.at >= start)

    @property
    def hand_raise(self) -> Act | None:
        return next((act for act in self.acts if act.signal is None), None)


def qualify(
    engagements: Sequence[Engagement],
    lead: Mapping[str, object],
    agreement: Agreement,
    now: datetime,
    *,
    stage: Stage,
    rejected_times: int = 0,
) -> Qualification:
    """Ask the gates about a lead at `stage`. It only moves forward: iql or recycled to mql or sql, mql to sql.

    Give only engagement that counts: human, settled, and since the lead was last recycled, so that an old
    hand-raise is not heard twice. `lead` is the field catalogue's mapping; where it also says
    `no_sales_contact`, the lead never reaches sales. `rejected_times` is how often sales sent it back.
    """
    acts = acts_of(engagements, agreement, now)
    score = score_of(acts, lead, agreement, now)
    disqualified = next((row.because for row in agreement.disqualify if row.fits(lead)), None)
    facts = _Evidence(agreement, lead, stage, rejected_times, now, acts, score, disqualified)
    checklist = _checklist(facts)
    to, because = _decide(checklist, facts)
    hand_raise = facts.hand_raise
    return Qualification(to, because, checklist, score, hand_raise.engagement if hand_raise else None, disqualified)


def _decide(checklist: Sequence[Check], facts: _Evidence) -> tuple[Literal["mql", "sql"] | None, str]:
    if not checklist:
        return None, f"a lead at {facts.stage} is past both gates or out of them"
    hand_raise, sql, mql = (_gate(checklist, gate) for gate in ("hand-raise", "sql", "mql"))
    if _all_yes(hand_raise):
        return "sql", hand_raise[0].detail
    if _all_yes(sql):
        return "sql", f"meets every rule for SQL: {_tell(next(act for act in facts.acts if act.intent))}"
    if _all_yes(mql):
        return "mql", f"meets every rule for MQL; not SQL because {_obstacle(sql)}"
    return None, _obstacle(hand_raise if facts.hand_raise else mql or sql)


def _all_yes(checks: Sequence[Check]) -> bool:
    return bool(checks) and all(check.answer == "yes" for check in checks)


def _gate(checklist: Iterable[Check], gate: Gate) -> tuple[Check, ...]:
    return tuple(check for check in checklist if check.gate == gate)


def _obstacle(checks: Iterable[Check]) -> str:
    first = next(check for check in checks if check.answer != "yes")
    return f'"{first.text}" is {first.answer}' + (f" ({first.detail})" if first.detail else "")


# --- the three lists ------------------------------------------------------------------------------------------


def _checklist(facts: _Evidence) -> tuple[Check, ...]:
    if facts.stage == "mql":
        return (*_sql_checks(facts, None), *_hand_raise_checks(facts))
    if facts.stage in ("iql", "recycled"):
        mql = _mql_checks(facts)
        return (*mql, *_sql_checks(facts, mql), *_hand_raise_checks(facts))
    return ()


def _mql_checks(facts: _Evidence) -> tuple[Check, ...]:
    built_in = (_beyond_mail("mql", facts), _not_ruled_out("mql", facts), _not_returned("mql", facts))
    return (*built_in, *(_check("mql", rule, facts) for rule in facts.agreement.mql))


def _sql_checks(facts: _Evidence, mql: Sequence[Check] | None) -> tuple[Check, ...]:
    """`mql` are the answers of the gate before; None says that the lead has passed it."""
    built_in = (
        _beyond_mail("sql", facts),
        Check("sql", "Is marketing qualified", _yes(mql is None or _all_yes(mql))),
        _not_ruled_out("sql", facts),
        _not_returned("sql", facts),
        _may_be_called("sql", facts),
    )
    return (*built_in, *(_check("sql", rule, facts) for rule in facts.agreement.sql))


def _hand_raise_checks(facts: _Evidence) -> tuple[Check, ...]:
    asked = facts.hand_raise
    return (
        Check("hand-raise", "Asked for a person", _yes(asked is not None), _tell(asked) if asked else ""),
        _not_ruled_out("hand-raise", facts),
        _may_be_called("hand-raise", facts),
        Check("hand-raise", "Can be reached", *_known(("reachable",), facts)),
    )


def _beyond_mail(gate: Gate, facts: _Evidence) -> Check:
    """Built in, because nothing that only a mail scanner need have done may promote anyone."""
    act = next((act for act in facts.acts if act.kind != "mail"), None)
    return Check(gate, "Did something beyond reading mail", _yes(act is not None), _tell(act) if act else "")


def _not_ruled_out(gate: Gate, facts: _Evidence) -> Check:
    return Check(gate, "Is someone we want to sell to", _yes(facts.disqualified is None), facts.disqualified or "")


def _not_returned(gate: Gate, facts: _Evidence) -> Check:
    times = facts.rejected_times
    detail = f"sent back {times} times; only asking for a person counts now" if times >= MOST_RETURNS else ""
    return Check(gate, "Was not sent back by sales time and again", _yes(times < MOST_RETURNS), detail)


def _may_be_called(gate: Gate, facts: _Evidence) -> Check:
    return Check(gate, "Did not ask sales to stay away", _yes(not facts.lead.get("no_sales_contact")))


# --- the agreed rules -----------------------------------------------------------------------------------------


def _check(gate: Gate, rule: Rule, facts: _Evidence) -> Check:
    return Check(gate, rule.text, *_answer(rule, facts))


def _answer(rule: Rule, facts: _Evidence) -> tuple[Answer, str]:
    score = facts.score
    match rule:
        case FitAtLeast(fit_at_least=bar):
            return _by_fit(lambda fit: fit >= bar, facts, f"fit is {score.fit} of {bar}")
        case CellIn(cell_in=cells):
            grid = facts.agreement.grid
            return _by_fit(lambda fit: grid.cell(fit, score.engagement) in cells, facts, f"stands in {score.grade}")
        case ScoreAtLeast(score_at_least=bar):
            return _yes(score.engagement >= bar), f"engagement is {score.engagement} of {bar}"
        case KindsAtLeast(kinds_at_least=least, within_days=span):
            kinds = sorted({act.kind for act in facts.since(span)})
            return _yes(len(kinds) >= least), f"{len(kinds)} of {least}: {', '.join(kinds) or 'none'}"
        case DaysAtLeast(days_at_least=least, within_days=span):
            days = len({act.at.astimezone(UTC).date() for act in facts.since(span)})
            return _yes(days >= least), f"{days} of {least} days"
        case ActedWithin(acted_within_days=span):
            return _newest(facts.since(span))
        case IntentWithin(intent_within_days=span):
            return _newest(act for act in facts.since(span) if act.intent)
        case Known(known=names):
            return _known(names, facts)


def _yes(holds: bool) -> Answer:
    return "yes" if holds else "no"


def _by_fit(holds: Callable[[int], bool], facts: _Evidence, detail: str) -> tuple[Answer, str]:
    """Unknown where what we do not know about the lead could still turn a no into a yes."""
    score = facts.score
    if holds(score.fit):
        return "yes", detail
    best = min(100, score.fit + best_fit(score.unknown, facts.agreement.fit))
    if any(holds(fit) for fit in range(score.fit, best + 1)):
        return "unknown", f"{detail}; not known: {', '.join(score.unknown)}"
    return "no", detail


def _newest(acts: Iterable[Act]) -> tuple[Answer, str]:
    act = next(iter(acts), None)
    return ("no", "nothing in that time") if act is None else ("yes", _tell(act))


def _known(names: Iterable[str], facts: _Evidence) -> tuple[Answer, str]:
    missing = [name for name in names if not any(facts.lead.get(field) for field in _FIELDS.get(name, (name,)))]
    return ("unknown", f"not known: {', '.join(missing)}") if missing else ("yes", "")


#: either of these fields will do
_FIELDS = {"name": ("first_name", "last_name"), "reachable": ("email", "phone")}


def _tell(act: Act) -> str:
    what = act.signal.about if act.signal else f"asked for a person ({act.engagement.name})"
    return f"{what}, {act.at.astimezone(UTC):%-d %b %Y %H:%M} UTC"
