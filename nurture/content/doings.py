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
from nurture.core.schema import SpanText, Strict, Text, fault
from nurture.core.steps import After
from nurture.core.suggest import did_you_mean
from nurture.errors import Problem

#: what is done to a mail
TO_MAILS = ("click", "opt_out", "complain", "bounce")
_KINDS = (*TO_MAILS, "form", "stage", "sales")

MailName = Annotated[Text | None, Field(description="The mail, by its template.", examples=["tofu/night-load"])]


class Doing(Strict):
    """One thing that a lead does, or that is done about it."""

    click: MailName = None
    opt_out: MailName = None
    complain: MailName = None
    bounce: MailName = None
    form: Text | None = Field(default=None, description="The form that it sends.", examples=["call-me"])
    stage: Stage | None = Field(
        default=None, description="The lifecycle stage it is moved to, as by an import.", examples=["customer"]
    )
    sales: Literal["accept", "reject"] | None = Field(default=None, description="What sales says to its handoff.")
    after: SpanText = Field(
        default=After(1, "hours", "1 hour"),
        description="How long after the mail, the start (forms, stages) or the handoff (sales).",
        examples=["2 hours"],
    )
    link: str = Field(default="", description="What the clicked link holds; left out: the first link.")
    message: str = Field(default="", description="What it writes in the form, or the note to a rejection.")
    reason: str = Field(default="", description="The code of the reason to reject.", examples=["not_ready"])

    @model_validator(mode="after")
    def _one_thing(self) -> Doing:
        if len([kind for kind in _KINDS if getattr(self, kind)]) != 1:
            raise fault("event", f"say one thing that happens; there are: {', '.join(_KINDS)}")
        if self.sales == "reject" and not self.reason:
            raise fault("event", "a rejection needs its 'reason:'")
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
        """The mail, the form, the stage or the answer."""
        return str(getattr(self, self.kind))

    @property
    def in_words(self) -> str:
        return f"{self.kind} {self.about}"

    def is_about(self, template: str) -> bool:
        """Whether it is done to this mail."""
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


def against(document: Document, at: Loc, doings: Sequence[Doing], agreement: Agreement) -> Iterator[Problem]:
    """What does not fit the agreement: forms and reasons that it does not name, a reason without the note it needs.
    `at` is where the list stands in the document."""
    known = {"form": sorted(forms_of(agreement)), "reason": sorted(agreement.reject_reasons)}
    for number, one in enumerate(doings):
        for key, words in known.items():
            word = getattr(one, key)
            if word and word not in words:
                hint = did_you_mean(word, words) or f"; there are: {', '.join(words)}"
                message = f"the agreement has no {key} '{word}'{hint}"
                yield document.problem((*at, number, key), message, "form" if key == "form" else "test_name")
        terms = agreement.reject_reasons.get(one.reason)
        if terms and terms.needs_note and not one.message.strip():
            message = f"reason '{one.reason}' needs a note: say it as 'message:'"
            yield document.problem((*at, number, "reason"), message, "event")
