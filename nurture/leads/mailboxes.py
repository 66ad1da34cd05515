"""Mailboxes that are no person's: those nobody reads, those that many share, those that are thrown away.

Mail to them is a complaint waiting to happen. The list of throw-away services is the public one of the package
disposable-email-domains (MIT); it is read when an address is first asked about.
"""

from __future__ import annotations

from functools import cache

from nurture.core.mailbox import mailbox_of
from nurture.timezones import letters

_NOBODY = frozenset({"abuse", "postmaster", "mailerdaemon", "noreply", "donotreply", "bounce", "bounces", "spam"})
_SHARED = frozenset(
    {
        "accounting",
        "accounts",
        "admin",
        "administrator",
        "billing",
        "contact",
        "feedback",
        "finance",
        "firmapost",
        "hello",
        "help",
        "helpdesk",
        "hostmaster",
        "hr",
        "info",
        "information",
        "jobs",
        "kontakt",
        "legal",
        "mail",
        "marketing",
        "newsletter",
        "office",
        "post",
        "press",
        "privacy",
        "reception",
        "root",
        "sales",
        "security",
        "service",
        "support",
        "team",
        "webmaster",
    }
)


def is_nobodys(email: str) -> bool:
    """Whether mail to it is read by machines, if at all."""
    return _name(email) in _NOBODY


def is_shared(email: str) -> bool:
    """Whether the address is a role's (info@, sales@), so that only it itself can sign up (RFC 2142)."""
    return _name(email) in _SHARED


def _name(email: str) -> str:
    """The letters before the @, without a tag: "No-Reply+7@mill.example" is "noreply"."""
    return letters(mailbox_of(email).rpartition("@")[0])


def is_thrown_away(domain: str) -> bool:
    """Whether the domain, or one above it, gives out mailboxes for ten minutes."""
    labels = domain.lower().split(".")
    return any(".".join(labels[at:]) in _services() for at in range(len(labels) - 1))


@cache
def _services() -> frozenset[str]:
    from disposable_email_domains import blocklist

    return frozenset(blocklist)
