"""What may stand in a mail header, decided once for every mailer.

Leads type their own names, and names end up in headers. A line break there is a second header of the
lead's choosing, a Bcc for instance. So text that could break a line makes that one mail REJECTED, and an
RFC 2047 encoded-word, which Python's own email package (3.11.7) decodes into live header lines, is defused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nurture.clock import Budget
from nurture.mail import Email, Mailbox, Outcome, Receipt

#: longest header line in bytes, its name included (RFC 5322 section 2.1.1)
MAX_LINE = 998
#: longest display name in bytes; a name goes on one line, base64 and all
MAX_NAME = 320

#: headers that a mailer or the provider writes itself, so that nobody else may
RESERVED = frozenset(
    {"from", "to", "cc", "bcc", "sender", "subject", "reply-to", "return-path", "date", "message-id"}
    | {"mime-version", "content-type", "content-transfer-encoding", "received", "dkim-signature"}
    | {"x-sg-id", "x-sg-eid", "x-nurture-message", "x-nurture-attempt"}
)

# C0, DEL, C1, the two Unicode line separators, and halves of surrogate pairs, which no encoding can carry.
_HOSTILE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+")
_HEADER_NAME = re.compile(r"[!-9;-~]+")
_ID = re.compile(r"[!-~]{1,200}")


def screen(email: Email, budget: Budget) -> Receipt | None:
    """Settle a mail that must not be started: out of time, or not fit to be sent. None means go ahead."""
    if budget.spent():
        return Receipt(email.attempt_id, Outcome.NOT_ACCEPTED, reason="not started in time")
    if fault := find_fault(email):
        return Receipt(email.attempt_id, Outcome.REJECTED, reason=fault)
    return None


def find_fault(email: Email) -> str:
    """The first thing that makes a mail unsafe or impossible to write, as a sentence; empty if there is none.

    The sentence names the field, never what is in it: it may be logged, and the field is personal data.
    """
    return next((fault for fault in _faults(email) if fault), "")


def defuse(text: str) -> str:
    """Break up RFC 2047 encoded-words, so that no mail program decodes what a lead typed.

    Both ends of them: Python 3.11 writes what looks like the end of a long one anew with an empty line in it.
    """
    return text.replace("=?", "= ?").replace("?=", "? =")


def _faults(email: Email) -> Iterator[str]:
    yield _mailbox_fault("sender", email.sender)
    yield _mailbox_fault("recipient", email.to)
    if email.reply_to:
        yield _mailbox_fault("reply-to", email.reply_to)
    yield _text_fault("subject", email.subject) or ("" if email.subject.strip() else "the subject is empty")
    yield _id_fault("message id", email.message_id)
    yield _id_fault("attempt id", email.attempt_id)
    for name, value in email.headers.items():
        yield _header_fault(name, value)
    yield _body_fault("text", email.text)
    yield _body_fault("html", email.html)


def _mailbox_fault(field: str, mailbox: Mailbox) -> str:
    if not _ADDRESS.fullmatch(mailbox.address) or "=?" in mailbox.address:
        return f"the {field} address is not a plain ASCII address (an international domain goes in its xn-- form)"
    return _text_fault(f"{field} name", mailbox.name, MAX_NAME)


def _text_fault(field: str, text: str, room: int = MAX_LINE) -> str:
    if _HOSTILE.search(text):
        return f"the {field} holds a line break or another control character"
    if len(text.encode()) > room:
        return f"the {field} is longer than {room} bytes"
    return ""


def _id_fault(field: str, text: str) -> str:
    return "" if _ID.fullmatch(text) else f"the {field} is not 1 to 200 printable ASCII characters"


def _header_fault(name: str, value: str) -> str:
    if not _HEADER_NAME.fullmatch(name):
        return "an extra header has a name that is not printable ASCII without spaces and colons"
    if name.lower() in RESERVED:
        return f"the header {name} is written by the mailer and cannot be given"
    return _text_fault(f"header {name}", value, MAX_LINE - len(name) - 2)


def _body_fault(field: str, body: str) -> str:
    try:
        body.encode()
    except UnicodeEncodeError:
        return f"the {field} body holds half a surrogate pair, which is not a character"
    return ""
