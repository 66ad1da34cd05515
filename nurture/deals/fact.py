"""What a CRM says of a deal, read from a row of a file or an entry of a request: pure, each fault with its field."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TypeVar

from models.words import OpportunityState
from nurture.core import money
from nurture.core.project import ProjectConfig, folded
from nurture.core.sales import RejectReason
from nurture.leads import values
from nurture.timezones import letters

#: field -> what it says
FIELDS: Mapping[str, str] = {
    "external_id": "the CRM's own number of the deal",
    "email": "the lead's address",
    "lead_id": "or the lead's number here",
    "userId": "or the number by which the site knows it",
    "state": "open, won or lost",
    "amount": "what it is worth, such as 12500.00",
    "currency": "three letters, such as EUR",
    "name": "what it is called",
    "reason": "for one that was lost: a reason of the agreement, by its code or label, or a word of `crm_reasons`",
    "opened_at": "when it began",
    "closed_at": "when it was won or lost",
}
_LONGEST = {"external_id": 100, "name": 200, "userId": 200, "email": 254}
_STATES = {
    "open": OpportunityState.OPEN,
    "won": OpportunityState.WON,
    "closedwon": OpportunityState.WON,
    "lost": OpportunityState.LOST,
    "closedlost": OpportunityState.LOST,
}
#: a clock that is somewhat fast, and a day that ends later elsewhere
_AHEAD = timedelta(days=1)
#: the code of a reason that says no more
OTHER = "other"
_LONGEST_WORDS = 200
#: as people write a day where the month comes second; with slashes it may be either
_WITH_DOTS = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_MOST_LEADS = 2**31 - 1

Faults = list[tuple[str, str]]
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A deal as the CRM has it. The lead goes by one of three names. `amount` is in hundredths of `currency`.

    `closed_at` None is "not said": then it counts from when we hear of it first.
    """

    number: int
    external_id: str
    email: str | None = None
    lead_id: int | None = None
    user_id: str | None = None
    state: OpportunityState
    amount: int | None = None
    currency: str | None = None
    name: str | None = None
    reason: str | None = None
    #: what the CRM gives as the reason, where that is none of the agreement
    words: str = ""
    #: why the reason is not the CRM's own; empty where it is
    doubt: str = ""
    opened_at: datetime | None = None
    closed_at: datetime | None = None


def usual_reason(reasons: Mapping[str, RejectReason]) -> str:
    """The reason of a loss for which the CRM gives none that the agreement knows: "other", else the first after which
    a lead comes back."""
    if OTHER in reasons:
        return OTHER
    return next((code for code, terms in reasons.items() if terms.track == "recycle"), next(iter(reasons)))


def read_fact(
    number: int,
    told: Mapping[str, str],
    config: ProjectConfig,
    received_at: datetime,
    *,
    by_people: bool = False,
) -> Fact | Faults:
    """The deal in these fields (all of them text, empty where nothing is said), or all that is wrong with it.

    `config` says what reasons there are. `by_people`: amounts and days are read as people write them.
    """
    reader = _Reader({field: values.cleaned(told.get(field, "")) for field in FIELDS}, config, received_at, by_people)
    fact = reader.fact(number)
    return reader.faults or fact


class _Reader:
    """Reads field by field, and keeps what is wrong."""

    def __init__(self, told: Mapping[str, str], config: ProjectConfig, received_at: datetime, by_people: bool) -> None:
        self.faults: Faults = []
        self._told, self._config, self._received_at, self._by_people = told, config, received_at, by_people

    def fact(self, number: int) -> Fact:
        for field, longest in _LONGEST.items():
            if len(self._told[field]) > longest:
                self._fault(field, f"is longer than {longest} characters")
        state = self._state()
        email, lead_id, user_id = self._email(), self._lead_id(), self._told["userId"] or None
        if not any((email, lead_id, user_id, self.faults)):
            self._fault("email", "is empty: say whose deal it is, by email, lead_id or userId")
        amount, currency = self._amount(), self._currency()
        reason, words, doubt = self._reason() if state is OpportunityState.LOST else (None, "", "")
        if (amount is None) != (currency is None) and not self.faults:
            self._fault("currency", "an amount and its currency go together")
        if not self._told["external_id"]:
            self._fault("external_id", "is empty: it tells the same deal from another one")
        return Fact(
            number=number,
            external_id=self._told["external_id"],
            email=email,
            lead_id=lead_id,
            user_id=user_id,
            state=state,
            amount=amount,
            currency=currency,
            name=self._told["name"] or None,
            reason=reason,
            words=words[:_LONGEST_WORDS],
            doubt=doubt,
            opened_at=self._moment("opened_at", time()),
            closed_at=self._moment("closed_at", time.max) if state is not OpportunityState.OPEN else None,
        )

    def _state(self) -> OpportunityState:
        told = self._told["state"]
        state = _STATES.get(letters(told))
        if state is None:
            self._fault("state", f"'{told}' is no state; write open, won or lost" if told else "is empty")
        return state or OpportunityState.OPEN

    def _email(self) -> str | None:
        try:
            return str(values.value("email", self._told["email"])) if self._told["email"] else None
        except ValueError as error:
            self._fault("email", str(error))
            return None

    def _lead_id(self) -> int | None:
        told = self._told["lead_id"]
        if told and not (told.isascii() and told.isdecimal() and 0 < int(told[:11]) <= _MOST_LEADS):
            self._fault("lead_id", f"'{told[:20]}' is no number of a lead")
            return None
        return int(told) if told else None

    def _amount(self) -> int | None:
        return self._read("amount", money.amount if self._by_people else money.decimal)

    def _currency(self) -> str | None:
        return self._read("currency", money.currency)

    def _read(self, field: str, read: Callable[[str], _T]) -> _T | None:
        try:
            return read(self._told[field]) if self._told[field] else None
        except ValueError as error:
            self._fault(field, str(error))
            return None

    def _reason(self) -> tuple[str, str, str]:
        """The agreement's reason, the CRM's own words where it has others, and why the reason is a guess: a deal that
        is lost is lost in any case."""
        told, reasons = self._told["reason"], self._config.agreement.reject_reasons
        if code := self._config.reason_names.get(folded(told)):
            return code, told, ""
        names = {letters(name): code for code, terms in reasons.items() for name in (code, terms.label)}
        if code := names.get(letters(told)):
            return code, "", ""
        usual = usual_reason(reasons)
        said = f"'{told[:_LONGEST_WORDS]}' is no reason of the agreement" if told else "no reason is said"
        return usual, told, f"{said}: taken in as '{usual}'"

    def _moment(self, field: str, of_day: time) -> datetime | None:
        """A day is its beginning for what begins and its end for what ends; never later than now."""
        told = self._day_by_people(field) if self._by_people else self._told[field]
        if not told:
            return None
        try:
            at = values.moment(told)
        except ValueError as error:
            self._fault(field, str(error))
            return None
        if len(told) <= len("2026-09-14"):
            at = datetime.combine(at.date(), of_day, UTC)
        if not _LONG_AGO <= at <= self._received_at + _AHEAD:
            self._fault(field, "lies in the future" if at > self._received_at else "lies before 2000")
        return min(at, self._received_at)

    def _day_by_people(self, field: str) -> str:
        """21.11.2026 as 2026-11-21; anything else as it is."""
        found = _WITH_DOTS.fullmatch(self._told[field])
        return "{2}-{1:0>2}-{0:0>2}".format(*found.groups()) if found else self._told[field]

    def _fault(self, field: str, reason: str) -> None:
        self.faults.append((field, reason))
