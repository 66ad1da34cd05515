"""Signals: what a lead can do that says something of it, and how much; a part of the agreement."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from nurture.core.matching import is_page
from nurture.core.schema import Strict

if TYPE_CHECKING:
    from nurture.core.facts import Engagement

Days = Annotated[int, Field(ge=1, le=3650)]
Code = Annotated[str, Field(pattern=r"^[a-z0-9]+([_-][a-z0-9]+)*$", max_length=40)]
EventName = Annotated[str, Field(pattern=r"^[a-z0-9]+(_[a-z0-9]+)*$", max_length=60)]
Wish = Literal["call-me", "question", "other", "not-now", "not-interested", "wrong-person", "stop"]
#: replies by which a person sends us away: they are never a sign of interest
REFUSALS = frozenset({"not-now", "not-interested", "wrong-person", "stop"})


class Terms(Strict):
    """A part of the agreement."""


_DAY, _WEEK = timedelta(days=1), timedelta(days=7)


class Cap(Terms):
    """The most that one signal can give within any day (24 hours) or week (7 days)."""

    points: int = Field(ge=1, le=100, description="points, before they fade")
    per: Literal["day", "week"] = Field(description="day or week, sliding")

    @property
    def span(self) -> timedelta:
        return _DAY if self.per == "day" else _WEEK


#: kind of signal -> the key that says what it is about
_ABOUT = {"clicked": "link", "submitted": "forms", "visited": "page", "tracked": "events", "replied": "replies"}
#: kinds that need not say what they are about: any link, any reply
_WIDE = ("clicked", "replied")


class Signal(Terms):
    """Something a lead can do that says something, and how much. Points halve with every half-life.

    One with a `flag` is no interest in what we sell (a look at our jobs): it gives no points and meets no rule, and
    people are told of it.
    """

    about: str = Field(min_length=3, max_length=120, description='what the lead did, as in "asked for prices"')
    kind: Literal["clicked", "submitted", "visited", "tracked", "replied"] = Field(
        description="a link in a mail, a form on the site, a page of the site, another event that the site tells, or "
        "an answer to a mail, written by a person"
    )
    forms: tuple[Code, ...] = Field(default=(), description="which forms (submitted only)")
    link: str = Field(default="", description="text that the link holds (clicked only); left out: any link")
    page: str = Field(
        default="", pattern="^(/.*)?$", description="path of the page, with all below it (visited only); '/' is any"
    )
    events: tuple[EventName, ...] = Field(default=(), description="which events of the site (tracked only)")
    replies: tuple[Wish, ...] = Field(
        default=(), description="what the reply asks for (replied only); left out: any but those that send us away"
    )
    points: int = Field(ge=0, le=100, description="points when it has just happened; 0: it only counts in rules")
    half_life_days: Days = Field(description="days until it counts half")
    at_most: Cap | None = Field(default=None, description="the most it can give in a day or a week")
    intent: bool = Field(default=False, description="whether it shows that the lead means to buy")
    flag: str = Field(default="", max_length=40, description='what to tell people of the lead, as in "job seeker"')

    @model_validator(mode="after")
    def _makes_sense(self) -> Signal:
        told = {key: getattr(self, key) for key in _ABOUT.values()}
        own = _ABOUT[self.kind]
        if strange := next((key for key, value in told.items() if value and key != own), None):
            raise ValueError(f"a {self.kind} signal has no `{strange}`; say `{own}`")
        if self.kind not in _WIDE and not told[own]:
            raise ValueError(f"a {self.kind} signal names its `{own}`")
        if self.flag and (self.points or self.intent):
            raise ValueError("a `flag` is a warning, not interest: it goes with `points: 0`, and without `intent`")
        if self.kind in ("visited", "tracked") and (self.intent or not (self.at_most or self.flag)):
            raise ValueError(f"what browsers tell can be made up: a {self.kind} signal has `at_most`, and no `intent`")
        if self.kind == "clicked" and self.intent:
            raise ValueError("a click is never intent, because mail scanners click too; a form can be")
        if self.at_most and self.at_most.points < self.points:
            raise ValueError(f"`at_most` {self.at_most.points} is less than the {self.points} points of doing it once")
        return self

    def fits(self, act: Engagement) -> bool:
        if act.kind != self.kind:
            return False
        if self.kind == "visited":
            return is_page(act.url, self.page)
        if self.kind == "replied":
            return act.name in self.replies if self.replies else act.name not in REFUSALS
        names = self.forms or self.events
        return act.name in names if names else self.link.casefold() in act.url.casefold()


class HandRaise(Terms):
    """The forms by which a lead asks for a person. They bypass the score, not the legal checks."""

    forms: tuple[Code, ...] = Field(min_length=1, description="forms that mean: please talk to me")

    def fits(self, act: Engagement) -> bool:
        return act.kind == "submitted" and act.name in self.forms
