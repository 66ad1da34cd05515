"""What a lead may be told to do in a script or a sequence test, in one vocabulary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, model_validator

from nurture.content.source import Document, Loc
from nurture.core.agreement import Agreement
from nurture.core.cadence import after
from nurture.core.lifecycle import Stage
from nurture.core.project import ProjectConfig
from nurture.core.schema import SpanText, Strict, Text, fault
from nurture.core.signals import EventName
from nurture.core.steps import After
from nurture.core.suggest import did_you_mean
from nurture.errors import Problem

#: what is done to a mail
TO_MAILS = ("click", "answer", "opt_out", "complain", "bounce")
#: what a lead does by itself, and what is done about it: counted from the start
BY_ITSELF = ("form", "visit", "track", "stage")
_KINDS = (*TO_MAILS, "reply", *BY_ITSELF, "sales")

#: what a reply may ask for: nurture.core.fields.REPLIES
ReplyName = Literal["stop", "call-me", "wrong-person", "not-now", "not-interested", "question", "other"]

MailName = Annotated[Text | None, Field(description="The mail, by its template.", examples=["tofu/night-load"])]


class Doing(Strict):
    """One thing that a lead does, or that is done about it."""

    click: MailName = None
    answer: MailName = Field(
        default=None,
        description="The mail, by its template: it follows the link of a poll there, and presses the button.",
        examples=["loyalty/would-you"],
    )
    opt_out: MailName = None
    complain: MailName = None
    bounce: MailName = None
    reply: ReplyName | None = Field(
        default=None, description="It answers a mail, and this is what it asks for, as `replied()` knows it."
    )
    form: Text | None = Field(default=None, description="The form that it sends.", examples=["call-me"])
    visit: str | None = Field(
        default=None,
        pattern="^/",
        max_length=300,
        description="The page of the site that it looks at, by its path.",
        examples=["/pricing"],
    )
    track: EventName | None = Field(
        default=None, description="What the site tells that it did, as `did()` knows it.", examples=["trial_started"]
    )
    stage: Stage | None = Field(
        default=None, description="The lifecycle stage it is moved to, as by an import.", examples=["customer"]
    )
    sales: Literal["accept", "reject"] | None = Field(default=None, description="What sales says to its handoff.")
    after: SpanText = Field(
        default=After(1, "hours", "1 hour"),
        description="How long after the mail, the start (forms, pages, events, stages) or the handoff (sales).",
        examples=["2 hours"],
    )
    link: str = Field(default="", description="What the link holds that it follows; left out: the first link.")
    to: MailName = Field(default=None, description="The mail that it answers; left out: the first it gets.")
    message: str = Field(default="", description="What it writes: form, reply, poll, or the note to a rejection.")
    reason: str = Field(default="", description="The code of the reason to reject.", examples=["not_ready"])

    @model_validator(mode="after")
    def _one_thing(self) -> Doing:
        if len([kind for kind in _KINDS if getattr(self, kind)]) != 1:
            raise fault("event", f"say one thing that happens; there are: {', '.join(_KINDS)}")
        if self.sales == "reject" and not self.reason:
            raise fault("event", "a rejection needs its 'reason:'")
        if self.to and not self.reply:
            raise fault("event", "'to:' says which mail a reply answers", key="to")
        return self

    @property
    def address(self) -> str:
        """Who does it; "" where there is only one lead."""
        return ""

    @property
    def kind(self) -> str:
        return next(kind for kind in _KINDS if getattr(self, kind))

    @property
    def about(self) -> str:
        """The mail, what a reply asks for, the form, the page, the event, the stage or the answer."""
        return str(getattr(self, self.kind))

    @property
    def in_words(self) -> str:
        return f"{self.kind} {self.about}"

    def is_about(self, template: str) -> bool:
        """Whether it is done to this mail."""
        if self.kind == "reply":
            return self.to is None or is_mail(self.to, template)
        return self.kind in TO_MAILS and is_mail(self.about, template)

    def time_after(self, base: datetime, zone: str) -> datetime:
        """When it is done, counted from `base` (both UTC); days are those of `zone`."""
        return after(self.after, base, zone)


def is_mail(name: str, template: str) -> bool:
    """Whether `name` means this template; the funnel stage may be left out."""
    return name in (template, template.partition("/")[2])


def forms_of(agreement: Agreement) -> frozenset[str]:
    """The forms that both departments know of: those that score, and those that ask for a person."""
    scored = {form for signal in agreement.signals.values() for form in signal.forms}
    return frozenset(scored | set(agreement.hand_raise.forms))


def against(document: Document, at: Loc, doings: Sequence[Doing], config: ProjectConfig) -> Iterator[Problem]:
    """What does not fit nurture.yaml: forms, reasons and events that it does not name, a reason without the note it
    needs. `at` is where the list stands in the document."""
    agreement, events = config.agreement, sorted(config.tracked)
    known = {"form": sorted(forms_of(agreement)), "reason": sorted(agreement.reject_reasons)}
    for number, one in enumerate(doings):
        for key, words in known.items():
            word = getattr(one, key)
            if word and word not in words:
                hint = did_you_mean(word, words) or f"; there are: {', '.join(words)}"
                message = f"the agreement has no {key} '{word}'{hint}"
                yield document.problem((*at, number, key), message, "form" if key == "form" else "test_name")
        if one.track and one.track not in events:
            hint = did_you_mean(one.track, events) or "; name it under 'events:' there"
            yield document.problem((*at, number, "track"), f"nurture.yaml knows no event '{one.track}'{hint}", "event")
        terms = agreement.reject_reasons.get(one.reason)
        if terms and terms.needs_note and not one.message.strip():
            message = f"reason '{one.reason}' needs a note: say it as 'message:'"
            yield document.problem((*at, number, "reason"), message, "event")
