"""Which companies' mail is scanned: the domains where machines follow the links in most mails.

A mail with a single link has no burst to know its scanner by. What is known of the domain tells then where to doubt.
It is learnt from mails whose clicks speak for themselves, and put down once: see `models.engagement.DomainPrior`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from nurture.core.matching import at_domain

#: what is learnt from: the mails of this time before
LEARNT_FROM = timedelta(days=90)
#: fewer mails than this say nothing, and fewer recipients would be about a person
LEAST_MAILS, LEAST_RECIPIENTS = 20, 3
#: what was learnt holds for clicks from so much later on: by then everybody who judges can see it
HOLDS_AFTER = timedelta(hours=1)
#: anyone can have an address there, so nothing that is true of one is true of another
FREE_MAIL = (
    "gmail.com", "googlemail.com", "outlook.com", "outlook.de", "outlook.fr", "hotmail.com", "hotmail.co.uk",
    "hotmail.de", "hotmail.fr", "hotmail.it", "hotmail.no", "live.com", "live.no", "live.se", "msn.com", "yahoo.com",
    "yahoo.co.uk", "yahoo.de", "yahoo.fr", "ymail.com", "icloud.com", "me.com", "mac.com", "aol.com", "gmx.com",
    "gmx.de", "gmx.net", "gmx.at", "gmx.ch", "web.de", "t-online.de", "freenet.de", "posteo.de", "mailbox.org",
    "proton.me", "protonmail.com", "tutanota.com", "fastmail.com", "zoho.com", "mail.com", "mail.ru", "yandex.ru",
    "qq.com", "163.com", "126.com", "online.no", "orange.fr", "wanadoo.fr", "free.fr", "laposte.net", "sfr.fr",
    "libero.it", "virgilio.it", "btinternet.com", "bluewin.ch", "telia.com", "comcast.net", "verizon.net", "att.net",
)  # fmt: skip


@dataclass(slots=True)
class Tally:
    """Mails to one domain: in how many a machine followed links, in how many a person did; who got them."""

    machine: int = 0
    human: int = 0
    recipients: int = 0

    @property
    def scans(self) -> bool:
        """Whether machines follow the links in most mails, as far as that can be said."""
        enough = self.machine + self.human >= LEAST_MAILS and self.recipients >= LEAST_RECIPIENTS
        return enough and self.machine > self.human


def domain_of(email: str) -> str:
    """The domain of a mail address; empty for what is none (any more)."""
    return email.rpartition("@")[2].lower() if "@" in email else ""


def tallies(mails: Iterable[tuple[str, int, int]], free_mail: Iterable[str] = ()) -> dict[str, Tally]:
    """By domain. `mails`: for each address, in how many of its mails machines followed links, and in how many people
    did. Those where anyone can have an address are left out."""
    found: dict[str, Tally] = {}
    for email, machine, human in mails:
        tally = found.setdefault(domain_of(email), Tally())
        tally.machine += machine
        tally.human += human
        tally.recipients += 1
    free = ("", *FREE_MAIL, *free_mail)
    return {domain: tally for domain, tally in found.items() if not at_domain(domain, free)}
