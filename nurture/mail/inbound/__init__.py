"""Mails that come to us: read from what the provider posts, sorted, and the person's own words found in them.

Everything here is pure: bytes in, values out. What follows from a mail is `nurture.engage.replies`.
"""

from nurture.mail.inbound.absence import Absence, read_absence
from nurture.mail.inbound.address import reply_address, reply_token, tokens_in
from nurture.mail.inbound.form import without_attachments
from nurture.mail.inbound.intent import Reading, read_intent
from nurture.mail.inbound.parse import Mail, read_mail
from nurture.mail.inbound.phrases import Intent
from nurture.mail.inbound.quotes import own_words
from nurture.mail.inbound.sort import Kind, Sorted, sort_mail

__all__ = [
    "Absence",
    "Intent",
    "Kind",
    "Mail",
    "Reading",
    "Sorted",
    "own_words",
    "read_absence",
    "read_intent",
    "read_mail",
    "reply_address",
    "reply_token",
    "sort_mail",
    "tokens_in",
    "without_attachments",
]
