"""The agreement: what marketing and sales have both signed about when a lead is ready, and what happens then.

It is the `agreement:` subtree of nurture.yaml, and the only place for its numbers. Every decision on a lead is
stamped with the version of this subtree, so that an old decision can still be read by its own rules.
"""

from __future__ import annotations

from datetime import date
from itertools import combinations
from typing import Annotated, Literal, cast

from pydantic import Field, ValidationInfo, field_validator, model_validator

from nurture.core.fit import Disqualifier, Fit, Grid
from nurture.core.lifecycle import STAGES, Stage
from nurture.core.matching import is_page, raise_twice
from nurture.core.rules import KINDS, IntentWithin, Rule, Rules, names_in
from nurture.core.sales import (
    Address,
    Attempt,
    Hours,
    Manager,
    Owner,
    RejectReason,
    ServiceLevel,
    StageTerms,
    Stall,
    Surge,
)
from nurture.core.schema import fault
from nurture.core.signals import Code, HandRaise, Signal, Terms

#: stands in the place of a name where the department has not signed the first agreement of a project
NOBODY = "nobody yet"


class Signature(Terms):
    """Who stands for a department's consent, and since when."""

    name: str = Field(min_length=1, description=f"the person who agreed; '{NOBODY}' in a new project")
    date: Annotated[date, Field(description="the day of it, year-month-day")]
    time: str = Field(
        default="",
        pattern=r"^(([01]\d|2[0-3]):[0-5]\d)?$",
        description='the time of it, such as "15:30": for a second change on one day',
    )


class AgreedBy(Terms):
    """Both departments, or the agreement does not hold. In a small company both may be one person."""

    marketing: Signature = Field(description="who agreed for marketing")
    sales: Signature = Field(description="who agreed for sales")


_STAGES: dict[Stage, StageTerms] = {
    "iql": StageTerms(name="IQL", department="marketing"),
    "mql": StageTerms(name="MQL", department="marketing"),
    "sql": StageTerms(name="SQL", department="sales"),
    "opportunity": StageTerms(name="Opportunity", department="sales"),
    "customer": StageTerms(name="Customer", department="marketing"),
    "advocate": StageTerms(name="Advocate", department="marketing"),
    "recycled": StageTerms(name="Recycled", department="marketing"),
    "disqualified": StageTerms(name="Disqualified", department="marketing"),
}
_PLAYBOOK = (
    Attempt(day=0, do="call"),
    Attempt(day=1, do="mail"),
    Attempt(day=3, do="call"),
    Attempt(day=6, do="mail"),
    Attempt(day=10, do="call"),
)


class Agreement(Terms):
    """All of it. Both departments read it, both sign it, and every decision names its version."""

    agreed_by: AgreedBy = Field(description="both signatures")
    fit: Fit = Field(description="who we are looking for")
    grid: Grid = Field(description="letters of fit, digits of engagement")
    hand_raise: HandRaise = Field(description="how a lead asks for a person")
    signals: dict[Code, Signal] = Field(min_length=1, description="what counts; the first that fits an act counts it")
    settle_minutes: int = Field(ge=0, le=1440, description="minutes a click waits for signs of a scanner")
    mql: Rules = Field(description="all must hold for marketing to call a lead qualified; at most 7")
    sql: Rules = Field(description="all must hold, on top of MQL, for sales to get the lead; at most 7")
    disqualify: tuple[Disqualifier, ...] = Field(default=(), description="who never reaches sales")
    stages: dict[Stage, StageTerms] = Field(
        default=_STAGES, description="the company's own names of the lifecycle stages, and who answers for each"
    )
    surge: Surge = Field(default=Surge(), description="when sales hears of a company as a whole")
    stall: Stall = Field(default=Stall(), description="when a lead without progress changes track")
    hours: Hours = Field(default=Hours(), description="business hours, in which promised times run")
    sla: ServiceLevel = Field(description="what sales promises, and marketing")
    playbook: tuple[Attempt, ...] = Field(
        default=_PLAYBOOK, max_length=20, description="what a rep does with a lead, day by day, until it is reached"
    )
    reject_reasons: dict[Code, RejectReason] = Field(min_length=1, description="why sales may send a lead back")
    owners: tuple[Owner, ...] = Field(min_length=1, description="the reps leads go to, in turn")
    manager: Manager | None = Field(default=None, description="whom the ladder tells when a lead changes hands")
    tell_sales: Literal["at_once", "daily"] = Field(
        default="at_once",
        description="an alert for each lead, at once; or a list of all that wait, each working morning. Who asks for a "
        "person is told of at once either way",
    )
    alert_to: Address | None = Field(default=None, description="a team address that gets a copy of each alert")

    @field_validator("signals")
    @classmethod
    def _each_can_be_reached(cls, signals: dict[str, Signal], info: ValidationInfo) -> dict[str, Signal]:
        forms = [form for signal in signals.values() for form in signal.forms]
        raise_twice("form", forms)
        raise_twice("event", [event for signal in signals.values() for event in signal.events])
        hand_raise: HandRaise | None = info.data.get("hand_raise")
        if both := sorted(set(forms) & set(hand_raise.forms if hand_raise else ())):
            raise ValueError(f"form {both[0]!r} is a hand-raise, which bypasses points; take it out of one of the two")
        clicks = [(name, signal.link.casefold()) for name, signal in signals.items() if signal.kind == "clicked"]
        for (first, wide), (second, narrow) in combinations(clicks, 2):
            if wide in narrow:
                raise ValueError(f"{first!r} already takes every click of {second!r}; put {second!r} above it")
        pages = [(name, signal.page) for name, signal in signals.items() if signal.kind == "visited"]
        for (first, wide), (second, narrow) in combinations(pages, 2):
            if is_page(narrow, wide):
                raise ValueError(f"{first!r} already takes every visit of {second!r}; put {second!r} above it")
        return signals

    @field_validator("sql")
    @classmethod
    def _sales_needs_intent(cls, rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
        if not any(isinstance(rule, IntentWithin) for rule in rules):
            raise ValueError("a lead goes to sales only with intent: add a rule with `intent_within_days`")
        return rules

    @field_validator("stages")
    @classmethod
    def _every_stage_is_owned(cls, stages: dict[Stage, StageTerms]) -> dict[Stage, StageTerms]:
        if missing := [stage for stage in STAGES if stage not in stages]:
            raise ValueError(f"every stage has a department that answers for it; add {', '.join(missing)}")
        return stages

    @field_validator("owners")
    @classmethod
    def _keys_differ(cls, owners: tuple[Owner, ...]) -> tuple[Owner, ...]:
        keys = [owner.key for owner in owners]
        for number, key in enumerate(keys):
            if key in keys[:number]:
                raise fault("value", f"another rep has the key {key!r} already", at=(number, "key"))
        return owners

    @model_validator(mode="after")
    def _names_are_known(self) -> Agreement:
        known = {*self.signals, *KINDS}
        for gate, rules in (("mql", self.mql), ("sql", self.sql)):
            for number, rule in enumerate(rules):
                if strange := next((name for name in names_in(rule) if name not in known), None):
                    what = f"{strange!r}, which is no signal and none of {', '.join(KINDS)}"
                    raise fault("value", f"{rule.text!r} names {what}", at=(gate, number))
        keys = [owner.key for owner in self.owners]
        for number, owner in enumerate(self.owners):
            if owner.backup is not None and (owner.backup not in keys or owner.backup == owner.key):
                others = ", ".join(key for key in keys if key != owner.key) or "none"
                reason = f"{owner.key}'s backup {owner.backup!r} is no other rep; there are: {others}"
                raise fault("value", reason, at=("owners", number, "backup"))
        return self


def stage_name(agreement: Agreement, stage: str | None) -> str:
    """What the company calls a lifecycle stage, wherever people read of it; "" for none."""
    found = agreement.stages.get(cast("Stage", stage))
    return found.name if found else stage or ""
