"""A script: which lead does what when, written down in YAML.

    script:
      - lead: mona@mill.example.com
        click: tofu/night-load          # or opt_out, complain, bounce: a mail, by its template
        after: 2 hours                  # after that mail
      - lead: mona@mill.example.com
        answer: loyalty/would-you       # presses the button behind the link of a poll in that mail
        link: recommend/yes
      - lead: mona@mill.example.com
        reply: question                 # or call-me, not-now, not-interested, wrong-person, stop, other
        to: tofu/night-load             # left out: the first mail it gets
        after: 1 day
      - lead: mona@mill.example.com
        form: call-me                   # or `visit: /pricing`, `track: trial_started`
        after: 12 days                  # after the start
      - lead: mona@mill.example.com
        stage: customer                 # as an import or the CRM would say
        after: 20 days
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

from pydantic import Field

from nurture.content.doings import BY_ITSELF, Doing, against
from nurture.content.faults import check
from nurture.content.source import read_file
from nurture.core.project import ProjectConfig
from nurture.core.schema import Strict, Text
from nurture.errors import ContentError, UserError
from nurture.mail.inbound import read_intent
from nurture.simulate.acts import Act, Kind, Mail, Offer


class Line(Doing):
    """One thing that one lead does, or that sales answers about it."""

    lead: Text = Field(description="The address of the lead.", examples=["mona@mill.example.com"])

    @property
    def address(self) -> str:
        return self.lead.lower()

    @property
    def in_words(self) -> str:
        return f"{self.lead}: {self.kind} {self.about}"


class _File(Strict):
    """The whole file."""

    script: tuple[Line, ...]


def read_script(path: Path, config: ProjectConfig) -> Script:
    """The script in a file. Raises ContentError with every fault of it."""
    document = read_file(path, path.name)
    parsed, faults = check(_File, document)
    problems = [*document.problems, *faults]
    if parsed is not None:
        problems += against(document, ("script",), parsed.script, config)
    errors = [problem for problem in problems if problem.severity == "error"]
    if parsed is None or errors:
        raise ContentError(sorted(problems))
    return Script(parsed.script)


@dataclass(slots=True)
class Script:
    """An audience that does what is written, and nothing else. A line that names no lead is about the only one."""

    lines: Sequence[Doing]
    zone: str = "UTC"
    _open: list[Doing] = field(init=False)

    def __post_init__(self) -> None:
        self._open = list(self.lines)

    @property
    def never(self) -> list[str]:
        """The lines that did not come to pass: the mail or the handoff they wait for never was."""
        return [line.in_words for line in self._open]

    def arrive(self, addresses: Sequence[str], start: datetime) -> Iterator[Act]:
        for line in self._take(lambda line: line.kind in BY_ITSELF):
            address = line.address or addresses[0]
            at, kind = line.time_after(start, self.zone), Kind(line.kind)
            yield Act(at, kind, address, about=line.about, message=line.message, stage=line.stage)

    def read(self, mail: Mail) -> Iterator[Act]:
        about = self._take(lambda line: line.address in ("", mail.address) and line.is_about(mail.template))
        if any(line.kind == "bounce" for line in about):
            yield Act(mail.at + timedelta(seconds=4), Kind.BOUNCE, mail.address, mail)
            return
        yield Act(mail.at + timedelta(seconds=5), Kind.DELIVERED, mail.address, mail)
        for line in about:
            at, kind, url = line.time_after(mail.at, self.zone), Kind(line.kind), _link(line, mail)
            yield Act(at, kind, mail.address, mail, url=url, about=line.about, message=_words(line, at))

    def answer(self, offer: Offer) -> Iterator[Act]:
        def about(line: Doing) -> bool:
            return line.sales is not None and line.address in ("", offer.address)

        for line in self._take(about, most=1):
            kind, at = Kind(str(line.sales)), line.time_after(offer.offered_at, self.zone)
            yield Act(at, kind, offer.address, handoff_id=offer.handoff_id, reason=line.reason, message=line.message)

    def _take(self, wanted: Callable[[Doing], bool], most: int | None = None) -> list[Doing]:
        """The next lines that are wanted; they are over then."""
        taken = [line for line in self._open if wanted(line)][:most]
        self._open = [line for line in self._open if not any(line is one for one in taken)]
        return taken


def _link(line: Doing, mail: Mail) -> str:
    """The first link that fits. Raises UserError where the mail has none."""
    if line.kind not in ("click", "answer"):
        return ""
    told = mail.taken.links if line.kind == "click" else mail.taken.polls
    found = next((link for link in told if line.link in link), None)
    if found is None:
        links = ", ".join(told) or "none"
        raise UserError(f"{line.in_words}: no link of that mail has '{line.link}' in it; there are: {links}")
    return found


def _words(line: Doing, at: datetime) -> str:
    """What a reply says. Raises UserError where that asks for something else than the line tells."""
    if line.reply is None or not line.message:
        return line.message
    reading = read_intent(line.message, at.date())
    if reading.intent != line.reply:
        raise UserError(f"{line.in_words}: '{line.message}' reads as '{reading.intent}' ({reading.because})")
    return line.message
