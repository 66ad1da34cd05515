"""A script: which lead does what when, written down in YAML.

    script:
      - lead: mona@mill.example.com
        click: tofu/night-load          # or opt_out, complain, bounce: a mail, by its template
        after: 2 hours                  # after that mail
      - lead: mona@mill.example.com
        form: call-me
        after: 12 days                  # after the start
      - lead: mona@mill.example.com
        sales: reject                   # or accept
        reason: not_ready
        after: 1 hour                   # after the handoff

Whoever is not in it reads nothing, and sales leaves unanswered what is not in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from nurture.content.faults import check
from nurture.content.source import Document, read_yaml
from nurture.core.agreement import Agreement
from nurture.core.cadence import after
from nurture.core.schema import SpanText, Strict, Text, fault
from nurture.core.steps import After
from nurture.core.suggest import did_you_mean
from nurture.engage.forms import forms_of
from nurture.errors import ContentError, Problem, UserError
from nurture.simulate.acts import Act, Kind, Mail, Offer

_MAILS = ("click", "opt_out", "complain", "bounce")
_KINDS = (*_MAILS, "form", "sales")

MailName = Annotated[Text | None, Field(description="The mail, by its template.", examples=["tofu/night-load"])]


class Line(Strict):
    """One thing that one lead does, or that sales answers about it."""

    lead: Text = Field(description="The address of the lead.", examples=["mona@mill.example.com"])
    click: MailName = None
    opt_out: MailName = None
    complain: MailName = None
    bounce: MailName = None
    form: Text | None = Field(default=None, description="The form that it sends.", examples=["call-me"])
    sales: Literal["accept", "reject"] | None = Field(default=None, description="What sales says to its handoff.")
    after: SpanText = Field(
        default=After(1, "hours", "1 hour"),
        description="How long after the mail, the start (forms) or the handoff (sales).",
        examples=["2 hours"],
    )
    link: str = Field(default="", description="What the clicked link holds; left out: the first link.")
    message: str = Field(default="", description="What it writes in the form, or the note to a rejection.")
    reason: str = Field(default="", description="The code of the reason to reject.", examples=["not_ready"])

    @model_validator(mode="after")
    def _one_thing(self) -> Line:
        if len([kind for kind in _KINDS if getattr(self, kind)]) != 1:
            raise fault("script_line", f"say one thing that happens; there are: {', '.join(_KINDS)}")
        if self.sales == "reject" and not self.reason:
            raise fault("script_line", "a rejection needs its 'reason:'")
        return self

    @property
    def address(self) -> str:
        return self.lead.lower()

    @property
    def kind(self) -> str:
        return next(kind for kind in _KINDS if getattr(self, kind))

    @property
    def in_words(self) -> str:
        return f"{self.lead}: {self.kind} {getattr(self, self.kind)}"

    def time_after(self, base: datetime) -> datetime:
        return after(self.after, base, "UTC")


class _File(Strict):
    """The whole file."""

    script: tuple[Line, ...]


def read_script(path: Path, agreement: Agreement) -> Script:
    """The script in a file. Raises ContentError with every fault of it."""
    try:
        document = read_yaml(path.read_text(encoding="utf-8-sig"), path.name)
    except UnicodeDecodeError:
        raise ContentError([Problem(path.name, 0, 0, "this is not saved as UTF-8", "encoding")]) from None
    parsed, faults = check(_File, document)
    problems = [*document.problems, *faults]
    if parsed is not None:
        problems += _against(document, parsed.script, agreement)
    errors = [problem for problem in problems if problem.severity == "error"]
    if parsed is None or errors:
        raise ContentError(sorted(problems))
    return Script(parsed.script)


def _against(document: Document, lines: Sequence[Line], agreement: Agreement) -> Iterator[Problem]:
    """What does not fit the agreement: forms and reasons that it does not name, a reason without the note it needs."""
    known = {"form": sorted(forms_of(agreement)), "reason": sorted(agreement.reject_reasons)}
    for number, line in enumerate(lines):
        for key, words in known.items():
            word = getattr(line, key)
            if word and word not in words:
                hint = did_you_mean(word, words) or f"; there are: {', '.join(words)}"
                yield document.problem(
                    ("script", number, key), f"the agreement has no {key} '{word}'{hint}", f"script_{key}"
                )
        terms = agreement.reject_reasons.get(line.reason)
        if terms and terms.needs_note and not line.message.strip():
            message = f"reason '{line.reason}' needs a note: say it as 'message:'"
            yield document.problem(("script", number, "reason"), message, "script_note")


@dataclass(slots=True)
class Script:
    """An audience that does what is written, and nothing else."""

    lines: Sequence[Line]
    _open: list[Line] = field(init=False)

    def __post_init__(self) -> None:
        self._open = list(self.lines)

    @property
    def never(self) -> list[str]:
        """The lines that did not come to pass: the mail or the handoff they wait for never was."""
        return [line.in_words for line in self._open]

    def arrive(self, addresses: Sequence[str], start: datetime) -> Iterator[Act]:
        for line in self._take(lambda line: line.form is not None):
            at = line.time_after(start)
            yield Act(at, Kind.FORM, line.address, form=line.form or "", message=line.message)

    def read(self, mail: Mail) -> Iterator[Act]:
        about = self._take(lambda line: line.address == mail.address and _is_about(line, mail))
        if any(line.kind == "bounce" for line in about):
            yield Act(mail.at + timedelta(seconds=4), Kind.BOUNCE, mail.address, mail)
            return
        yield Act(mail.at + timedelta(seconds=5), Kind.DELIVERED, mail.address, mail)
        for line in about:
            yield Act(line.time_after(mail.at), Kind(line.kind), mail.address, mail, url=_link(line, mail))

    def answer(self, offer: Offer) -> Iterator[Act]:
        for line in self._take(lambda line: line.sales is not None and line.address == offer.address, most=1):
            kind, at = Kind(str(line.sales)), line.time_after(offer.offered_at)
            yield Act(at, kind, offer.address, handoff_id=offer.handoff_id, reason=line.reason, message=line.message)

    def _take(self, wanted: Callable[[Line], bool], most: int | None = None) -> list[Line]:
        """The next lines that are wanted; they are over then."""
        taken = [line for line in self._open if wanted(line)][:most]
        self._open = [line for line in self._open if not any(line is one for one in taken)]
        return taken


def _is_about(line: Line, mail: Mail) -> bool:
    name = getattr(line, line.kind) if line.kind in _MAILS else None
    return name in (mail.template, mail.template.partition("/")[2])


def _link(line: Line, mail: Mail) -> str:
    """The first link that fits. Raises UserError where the mail has none."""
    if line.kind != "click":
        return ""
    found = next((link for link in mail.taken.links if line.link in link), None)
    if found is None:
        links = ", ".join(mail.taken.links) or "none"
        raise UserError(f"{line.in_words}: no link of that mail has '{line.link}' in it; there are: {links}")
    return found
