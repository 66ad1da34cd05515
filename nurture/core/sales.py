"""What sales owes and who it is: reps, business hours, promised times, the ladder, reasons; a part of the agreement."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_serializer, model_validator

from nurture.core.fit import Country, Employees, Word
from nurture.core.schema import DayOff, DaysText, HoursText, fault
from nurture.core.signals import Code, Days, Terms
from nurture.core.steps import SendWindow
from nurture.core.timewords import WEEKDAYS, clock_text, parse_zone

Address = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
Department = Literal["marketing", "sales"]


def _zone(name: str) -> str:
    zone, lead_first = parse_zone(name)
    if lead_first:
        raise ValueError(f"'{name}': a rep's zone is one zone, such as 'Europe/Oslo'")
    return zone


Zone = Annotated[str, AfterValidator(_zone)]
#: what a rung of the ladder does
RungAction = Literal["remind", "backup", "reassign", "pool"]
#: how a rep reaches out
Touch = Literal["call", "mail", "meeting"]


class StageTerms(Terms):
    """A lifecycle stage: what the company calls it, and the one department that answers for it."""

    name: str = Field(min_length=1, max_length=40, description="the stage's name in mails, alerts and reports")
    department: Department = Field(description="the department that answers for leads there")


class Rung(Terms):
    """A rung of the ladder that an unanswered handoff climbs, each at most once."""

    at_percent: int = Field(ge=1, le=2000, description="percent of the promised time, in business hours")
    do: RungAction = Field(
        description="remind the owner; tell the backup as well; give it to the backup and tell the manager; or back "
        "to the pool of all reps"
    )


_LADDER = (
    Rung(at_percent=50, do="remind"),
    Rung(at_percent=100, do="backup"),
    Rung(at_percent=150, do="reassign"),
    Rung(at_percent=300, do="pool"),
)


class MarketingPromise(Terms):
    """What marketing promises sales. Observed and reported."""

    handoffs_per_week: int = Field(ge=1, le=100_000, description="leads handed over in a week, at least")
    accepted_percent: int = Field(ge=1, le=100, description="of those sales answered, how many it takes, at least")
    complete_percent: int = Field(
        default=90, ge=1, le=100, description="leads with name, company, reason and a way to reach them, at least"
    )


class ServiceLevel(Terms):
    """How soon sales answers, in business hours. Observed, escalated and reported; nobody loses anything by it."""

    hand_raise_minutes: int = Field(ge=1, le=1440, description="minutes to the first touch of a hand-raise")
    accept_hours: int = Field(ge=1, le=720, description="hours to accept or reject any other lead")
    touch_hours: int = Field(default=24, ge=1, le=720, description="hours to the first touch of any other lead")
    verdict_days: int = Field(default=10, ge=1, le=100, description="working days to the verdict on an accepted lead")
    attempts: int = Field(default=5, ge=1, le=20, description="attempts to reach a lead before it is unreachable")
    attempts_days: int = Field(default=10, ge=1, le=100, description="working days in which the attempts are made")
    ladder: tuple[Rung, ...] = Field(default=_LADDER, description="what happens while nobody answers")
    marketing: MarketingPromise | None = Field(default=None, description="what marketing promises sales")

    @model_validator(mode="after")
    def _ladder_climbs(self) -> ServiceLevel:
        percents = [rung.at_percent for rung in self.ladder]
        if percents != sorted(set(percents)):
            reason = "the rungs of the ladder come in order, each later than the one before"
            raise fault("value", reason, at=("ladder",))
        return self


class Attempt(Terms):
    """One step of the playbook: what a rep does with a lead until it is reached."""

    day: int = Field(ge=0, le=100, description="working day since the handoff; 0 is the day itself")
    do: Touch = Field(description="call, mail or meeting")
    text: str = Field(default="", max_length=120, description="what it is about")


class RejectReason(Terms):
    """One reason for which sales may send a lead back, and where the lead goes."""

    label: str = Field(min_length=3, max_length=60, description="the words on the button")
    track: Literal["recycle", "disqualify"] = Field(description="nurture again later, or never")
    after_days: Days | None = Field(default=None, description="days of rest before nurture starts again (recycle)")
    needs_note: bool = Field(default=False, description="whether sales must say more")

    @model_validator(mode="after")
    def _delay_fits_track(self) -> RejectReason:
        if (self.track == "recycle") != (self.after_days is not None):
            raise ValueError("`recycle` needs `after_days`; `disqualify` has none")
        return self


class Owner(Terms):
    """A sales rep whom leads can belong to."""

    key: Code = Field(description="short and for good; leads and reports refer to it")
    name: str = Field(min_length=1, description="as leads and colleagues know the rep")
    address: Address = Field(description="where alerts go")
    countries: tuple[Country, ...] = Field(default=(), description="territory; left out: takes leads from anywhere")
    industries: tuple[Word, ...] = Field(default=(), description="territory: words in the lead's trade")
    employees: Employees | None = Field(default=None, description="territory: size of the lead's company")
    accounts: tuple[Word, ...] = Field(default=(), description="named accounts, by mail domain: always this rep's")
    weight: int = Field(default=1, ge=1, le=10, description="share of the leads, beside the others' weights")
    at_most_per_day: int | None = Field(default=None, ge=1, le=1000, description="no more new leads than this a day")
    timezone: Zone | None = Field(default=None, description="the rep's own wall clock; left out: that of `hours`")
    country: Country | None = Field(default=None, description="where the rep keeps public holidays")
    backup: Code | None = Field(default=None, description="key of the rep who steps in")


class Manager(Terms):
    """Whom the ladder tells when a lead is taken from a rep."""

    name: str = Field(min_length=1, description="the manager's name")
    address: Address = Field(description="where it is told")


class Absence(Terms):
    """Days on which a rep takes no leads; both ends included. It is no part of what the departments sign."""

    owner: Code = Field(description="the rep's key")
    from_: Annotated[date, Field(alias="from", description="first day away")]
    until: Annotated[date, Field(description="last day away")]

    @model_validator(mode="after")
    def _ends_in_order(self) -> Absence:
        if self.until < self.from_:
            raise ValueError("`until` is before `from`")
        return self

    def covers(self, owner: str, day: date) -> bool:
        return owner == self.owner and self.from_ <= day <= self.until


class Surge(Terms):
    """When several people of one company are warm at once, sales hears of the company, once."""

    people: int = Field(default=2, ge=2, le=50, description="people of one company who did something themselves")
    within_days: Days = Field(default=30, description="counted back from now")
    quiet_days: Days = Field(default=14, description="days without a second alert about the same company")


class Stall(Terms):
    """When a marketing qualified lead makes no progress, it changes track, once in each round."""

    after_days: Days = Field(default=45, description="days at the stage without anything new")


class Hours(Terms):
    """Business hours: promised times run only in them, on the wall clock of the rep."""

    days: DaysText = Field(default=frozenset(range(5)), description="working days")
    between: HoursText = Field(default=(time(9), time(17)), description="working hours")
    timezone: Zone | None = Field(default=None, description="zone of reps without one; left out: that of `send`")
    holidays: Literal["skip", "work"] = Field(default="skip", description="public holidays of the rep's country")
    closed: tuple[DayOff, ...] = Field(default=(), description="further days off; without a year: every year")

    def window(self, zone: str) -> SendWindow:
        """The hours as a window on the rep's own clock; `zone` is for reps without one, where these have none."""
        start, end = self.between
        return SendWindow(
            self.days, start, end, self.timezone or zone, True, self.holidays == "skip", frozenset(self.closed)
        )

    @field_serializer("days", when_used="json")
    def _days_as_words(self, days: frozenset[int]) -> list[str]:
        return [WEEKDAYS[day][:3] for day in sorted(days)]

    @field_serializer("between", when_used="json")
    def _hours_as_words(self, between: tuple[time, time]) -> str:
        return "-".join(map(clock_text, between))
