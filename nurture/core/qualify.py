"""The gate: is this lead marketing qualified, is it ready for sales, and why (not)?

There are lists of plain questions. A lead is MQL when every answer on the first is yes, or on the list for leads that
fit so well that they need not do anything, where the agreement has one. It is SQL when every answer on the next is, or
on the last, which is for leads that ask for a person. The decision is made from the answers and from nothing else, so
the checklist that people read cannot disagree with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Literal

from nurture.core.agreement import stage_name
from nurture.core.evidence import Answer as Answer
from nurture.core.evidence import Evidence, ask, by_fit, known, tell
from nurture.core.score import Act, Score, score_of

if TYPE_CHECKING:
    from nurture.core.agreement import Agreement
    from nurture.core.facts import Engagement
    from nurture.core.lifecycle import Stage
    from nurture.core.rules import Rule

Gate = Literal["mql", "fit", "sql", "hand-raise"]

QUALIFIED = "Is marketing qualified"
RULED_OUT = "Is someone we want to sell to"
RETURNED = "Was not sent back by sales time and again"
STAYS_AWAY = "Did not ask sales to stay away"

#: sent back by sales this often, a lead is promoted no more by points, only when it asks for a person
MOST_RETURNS = 3


@dataclass(frozen=True, slots=True)
class Check:
    """One question of a gate and its answer. Only yes lets a lead through.

    `detail` is what the answer rests on, `near` what is missing to a yes ("2 more points") where that can be said, and
    `short` the number of it.
    """

    gate: Gate
    text: str
    answer: Answer
    detail: str = ""
    near: str = ""
    short: int = 0


@dataclass(frozen=True, slots=True)
class Qualification:
    """Where the agreement lets a lead go now: to MQL, to sales, or nowhere (`to` None), and why.

    `hand_raise` is the newest request for a person, also where a check stops it: a person should look then.
    `disqualified` is the reason why the lead must not reach sales, or None. The checklist is empty for a lead that
    is past both gates, and for one that was ruled out and asks for nobody.
    """

    to: Literal["mql", "sql"] | None
    because: str
    checklist: tuple[Check, ...]
    score: Score
    hand_raise: Engagement | None = None
    disqualified: str | None = None

    def checks(self, gate: Gate) -> tuple[Check, ...]:
        return _gate(self.checklist, gate)

    @property
    def turned_down(self) -> str:
        """What stands between sales and a lead that asks for a person; empty where nothing does, or nobody asks."""
        if self.hand_raise is None or self.to == "sql":
            return ""
        return next((_told(check) for check in self.checks("hand-raise") if check.answer != "yes"), "")

    def passes(self, gate: Gate) -> bool:
        """Whether every answer at this gate is yes. A gate that was not asked lets nobody through."""
        return _all_yes(self.checks(gate))


def qualify(
    acts: tuple[Act, ...],
    lead: Mapping[str, object],
    agreement: Agreement,
    now: datetime,
    *,
    stage: Stage,
    rejected_times: int,
    zone: str | None,
) -> Qualification:
    """Ask the gates about a lead at `stage`. It only moves forward: iql or recycled to mql or sql, mql to sql.

    Give only acts that count: human, settled, and since the lead was last recycled, so that an old hand-raise is not
    heard twice. `lead` is the field catalogue's mapping; where it also says `no_sales_contact`, the lead never reaches
    sales, and `answered_at` is when it last answered one of the four questions. `rejected_times` is how often sales
    sent it back, `zone` the clock by which its days are counted.
    """
    score = score_of(acts, lead, agreement, now)
    disqualified = next((row.because for row in agreement.disqualify if row.fits(lead)), None)
    interest = tuple(act for act in acts if not act.flag)
    facts = Evidence(agreement, lead, stage, rejected_times, now, zone, interest, score, disqualified)
    checklist = _checklist(facts)
    to, because = _decide(checklist, facts)
    hand_raise = facts.hand_raise
    return Qualification(to, because, checklist, score, hand_raise.engagement if hand_raise else None, disqualified)


def _decide(checklist: Sequence[Check], facts: Evidence) -> tuple[Literal["mql", "sql"] | None, str]:
    name = partial(stage_name, facts.agreement)
    if not checklist:
        return None, f"a lead at {name(facts.stage)} is past both gates or out of them"
    hand_raise, sql, mql, fit = (_gate(checklist, gate) for gate in ("hand-raise", "sql", "mql", "fit"))
    if _all_yes(hand_raise):
        return "sql", hand_raise[0].detail
    if _all_yes(sql):
        return "sql", f"meets every rule for {name('sql')}: {tell(next(act for act in facts.acts if act.intent))}"
    if _all_yes(mql):
        return "mql", f"meets every rule for {name('mql')}; not {name('sql')} because {_obstacle(sql)}"
    if _all_yes(fit):
        return "mql", f"fits so well that it is {name('mql')} by that alone ({fit[0].detail})"
    return None, _obstacle(hand_raise if facts.hand_raise else mql or sql)


def _all_yes(checks: Sequence[Check]) -> bool:
    return bool(checks) and all(check.answer == "yes" for check in checks)


def _gate(checklist: Iterable[Check], gate: Gate) -> tuple[Check, ...]:
    return tuple(check for check in checklist if check.gate == gate)


def _obstacle(checks: Iterable[Check]) -> str:
    return _told(next(check for check in checks if check.answer != "yes"))


def _told(check: Check) -> str:
    return f'"{check.text}" is {check.answer}' + (f" ({check.detail})" if check.detail else "")


# --- the three lists ------------------------------------------------------------------------------------------


def _checklist(facts: Evidence) -> tuple[Check, ...]:
    if facts.stage == "mql":
        return (*_sql_checks(facts, None), *_hand_raise_checks(facts))
    if facts.stage in ("iql", "recycled"):
        mql = _mql_checks(facts)
        return (*mql, *_fit_checks(facts), *_sql_checks(facts, mql), *_hand_raise_checks(facts))
    if facts.stage == "disqualified" and facts.hand_raise:
        return _hand_raise_checks(facts)
    return ()


def _mql_checks(facts: Evidence) -> tuple[Check, ...]:
    built_in = (_beyond_mail("mql", facts), _not_ruled_out("mql", facts), _not_returned("mql", facts))
    return (*built_in, *(_check("mql", rule, facts) for rule in facts.agreement.mql))


def _fit_checks(facts: Evidence) -> tuple[Check, ...]:
    """The way to MQL of a new lead that fits well enough for it; it never leads to sales."""
    bar = facts.agreement.fit.alone_at_least
    if bar is None or facts.stage != "iql":
        return ()
    detail, near = f"fit is {facts.score.fit} of {bar}", f"{bar - facts.score.fit} more points of fit"
    fits = by_fit(lambda fit: fit >= bar, facts, detail, near)
    text = "Fits so well that it need not have done anything"
    return (Check("fit", text, *fits), _not_ruled_out("fit", facts), _not_returned("fit", facts))


def _sql_checks(facts: Evidence, mql: Sequence[Check] | None) -> tuple[Check, ...]:
    """`mql` are the answers of the gate before; None says that the lead has passed it."""
    built_in = (
        _beyond_mail("sql", facts),
        Check("sql", QUALIFIED, _yes(mql is None or _all_yes(mql))),
        _not_ruled_out("sql", facts),
        _not_returned("sql", facts),
        _may_be_called("sql", facts),
    )
    return (*built_in, *(_check("sql", rule, facts) for rule in facts.agreement.sql))


def _hand_raise_checks(facts: Evidence) -> tuple[Check, ...]:
    asked = facts.hand_raise
    return (
        Check("hand-raise", "Asked for a person", _yes(asked is not None), tell(asked) if asked else ""),
        _not_ruled_out("hand-raise", facts),
        _may_be_called("hand-raise", facts),
        Check("hand-raise", "Can be reached", *known(("reachable",), facts.lead)),
    )


def _beyond_mail(gate: Gate, facts: Evidence) -> Check:
    """Built in, because nothing that only a mail scanner need have done may promote anyone."""
    act = next((act for act in facts.acts if act.kind != "mail"), None)
    return Check(gate, "Did something beyond reading mail", _yes(act is not None), tell(act) if act else "")


def _not_ruled_out(gate: Gate, facts: Evidence) -> Check:
    before = "it was ruled out before" if facts.stage == "disqualified" else ""
    because = facts.disqualified or before
    return Check(gate, RULED_OUT, _yes(not because), because)


def _not_returned(gate: Gate, facts: Evidence) -> Check:
    times = facts.rejected_times
    detail = f"sent back {times} times; only asking for a person counts now" if times >= MOST_RETURNS else ""
    return Check(gate, RETURNED, _yes(times < MOST_RETURNS), detail)


def _may_be_called(gate: Gate, facts: Evidence) -> Check:
    return Check(gate, STAYS_AWAY, _yes(not facts.lead.get("no_sales_contact")))


def _yes(holds: bool) -> Answer:
    return "yes" if holds else "no"


def _check(gate: Gate, rule: Rule, facts: Evidence) -> Check:
    return Check(gate, rule.text, *ask(rule, facts))
