"""Mails to try mailers with."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from nurture.clock import Budget, SystemClock
from nurture.mail import Email, Mailbox

HOSTILE = (
    "Ada\r\nBcc: eve@evil.example",
    "Ada\nBcc: eve@evil.example",
    "Ada\rBcc: eve@evil.example",
    "Ada\x00",
    "Ada\x85Bcc: eve@evil.example",
    "Ada\u2028Bcc: eve@evil.example",
    "Ada\u2029",
    "Ada\x7f",
    "Ada\ud800",
    "x" * 2000,
)

#: what Python 3.11.7 decodes into a live Bcc line
ENCODED_WORD = "=?utf-8?q?a=0ABcc:_eve=40evil.example?="


def mail(n: int = 1, **changes: Any) -> Email:
    """A whole, ordinary mail; `n` makes it another one."""
    email = Email(
        message_id=f"message-{n}",
        attempt_id=f"attempt-{n}",
        sender=Mailbox("hello@acme.example", "Acme"),
        to=Mailbox(f"lead-{n}@example.com", "Ada Lovelace"),
        subject="Your guide is here",
        text="Hi Ada,\nhere it is: https://acme.example/guide\n",
        html='<p>Hi Ada,<br>here it is: <a href="https://acme.example/guide">the guide</a></p>\n',
        reply_to=Mailbox(f"r+token{n}@in.acme.example"),
        headers={
            "List-Unsubscribe": f"<https://u.acme.example/token-{n}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
        categories=("ebook-to-demo", "tofu"),
    )
    return replace(email, **changes)


def mails(count: int) -> list[Email]:
    return [mail(n) for n in range(1, count + 1)]


def plenty() -> Budget:
    return Budget.of(SystemClock(), 60)


def spent() -> Budget:
    return Budget.of(SystemClock(), 0)
