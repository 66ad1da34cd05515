"""Mails as they come back to us, made by hand after what mail programs and servers write: answers in eight languages,
machines of all kinds, delivery reports, complaints, and mails that no program should send."""

from __future__ import annotations

from dataclasses import dataclass

from nurture.mail.inbound import Intent, Kind
from tests.mail.inbound_machines import BOUNCES, MACHINES
from tests.mail.inbound_mails import (
    FOOTER,
    LEAD,
    ORIGINAL,
    TO,
    auto,
    dsn,
    form,
    outlook,
    posted,
    raw,
    report,
)
from tests.mail.inbound_people import PEOPLE

__all__ = [
    "FOOTER", "LEAD", "ORIGINAL", "SAMPLES", "TO", "Sample", "auto", "dsn", "form", "outlook", "posted", "raw",
    "report",
]  # fmt: skip


@dataclass(frozen=True)
class Sample:
    """A raw mail, what it is, and of a person's what it asks for, its own words and the day to come back."""

    name: str
    raw: bytes
    kind: Kind = Kind.HUMAN
    intent: Intent | None = None
    own: str | None = None
    on: str = ""
    about: str = ""


SAMPLES = [
    *(Sample(name, mail, Kind.HUMAN, intent, own) for name, mail, intent, own in PEOPLE),
    *(Sample(name, mail, Kind.AUTOMATIC) for name, mail in MACHINES),
    *(Sample(name, mail, kind, about=about) for name, mail, kind, about in BOUNCES),
]
