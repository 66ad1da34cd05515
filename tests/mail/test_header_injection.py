"""Whatever a lead or a marketer types into whichever field, the mail has our headers and no others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from email import policy
from email.parser import BytesParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.mail import Email, Mailbox
from nurture.mail.headers import find_fault
from nurture.mail.mime import write_mail
from nurture.mail.sendgrid.payload import build_payload
from tests.mail.samples import mail
from tests.office import START

_BREAKS = [
    "\r\n",
    "\n",
    "\r",
    "\n\n",
    "\r\n\r\n",
    "\r\n ",
    "\n\t",
    "\x0b",
    "\x0c",
    "\x1c",
    "\x1d",
    "\x1e",
    "\x85",
    "\u2028",
    "\u2029",
    "\x00",
    "\x00\r\n",
    "\x7f",
    "\x9f",
    "\ud800",
    "\r\n.\r\n",
    "%0d%0a",
    "\\r\\n",
    "&#13;&#10;",
    "嘊嘍",
    "\u010d\u010a",
]
_MORE = [
    "Bcc: eve@evil.example",
    "To: eve@evil.example",
    "Content-Type: text/html\r\n\r\n<h1>x",
    "Subject: other",
    "MIME-Version: 1.0\r\nX: y",
    "DKIM-Signature: x",
    "List-Unsubscribe: <https://evil.example>",
]
_WORDS = [
    "=?utf-8?q?a=0ABcc:_eve=40evil.example?=",
    "=?utf-8?q?a=0D=0ABcc:_eve=40evil.example?=",
    "=?UTF-8?B?YQpCY2M6IGV2ZUBldmlsLmV4YW1wbGU=?=",
    "=?utf-8?b?YQ0KQmNjOiBldmVAZXZpbC5leGFtcGxl?=",
    "=?us-ascii?q?=0A?=",
    "=?utf-7?q?+AAo-Bcc:_x?=",
    "=?utf-16?b?AAoAQgBjAGM=?=",
    "=?utf-8*en?q?a=0ABcc:_x?=",
    "a =?utf-8?q?=0ABcc:_x?= b",
    "=?utf-8?q?a?= =?utf-8?q?=0ABcc:_x?=",
    "==?utf-8?q?=0ABcc:_x?==",
    "=?=?utf-8?q?=0ABcc:_x?=?=",
    "= ?utf-8?q?=0ABcc:_x?=",
    "=\u200b?utf-8?q?=0ABcc:_x?=",
    "=?x-unknown?q?=0A?=",
    "=?utf-8?q?" + "=0A" * 30 + "?=",
    "ü =?utf-8?q?a=0ABcc:_x?=",
    "=?utf-8?q?a=0ABcc:_x",
    "utf-8?q?a=0ABcc:_x?=",
]
_SYNTAX = [
    '"',
    '\\"',
    '"\\',
    "a, eve@evil.example",
    "eve@evil.example>",
    "<eve@evil.example>",
    "a <eve@evil.example>, b",
    "(comment)",
    "a;b",
    "group: eve@evil.example;",
    '" <eve@evil.example>, "',
    "@",
    ":",
    "x" * 321,
    "x" * 999,
    "ü" * 600,
    "",
    " ",
    "\u202e",
    "\ufeff",
    "a@[127.0.0.1]",
    "a@b@c.example",
    "a b@c.example",
    "a@b.example?cc=eve@evil.example",
    "a%0d%0abcc:eve@evil.example@c.example",
]
CORPUS = [
    *(f"Kim{gap}{more}" for gap in _BREAKS for more in _MORE),
    *(gap for gap in _BREAKS),
    *_WORDS,
    *_SYNTAX,
    *(f"{word}{gap}Bcc: x" for word in _WORDS[:4] for gap in _BREAKS[:4]),
    # a name that Python 3.11 breaks over an empty line when it writes a mail anew
    2 * f"=?utf-8?q?{30 * '=0A'}?=",
]


def _with_header(email: Email, text: str) -> Email:
    return replace(email, headers={**email.headers, "X-Topic": text})


FIELDS: dict[str, Callable[[Email, str], Email]] = {
    "subject": lambda email, text: replace(email, subject=text),
    "sender name": lambda email, text: replace(email, sender=Mailbox(email.sender.address, text)),
    "sender address": lambda email, text: replace(email, sender=Mailbox(text, "Nora")),
    "recipient name": lambda email, text: replace(email, to=Mailbox(email.to.address, text)),
    "recipient address": lambda email, text: replace(email, to=Mailbox(text, "Kim")),
    "reply-to name": lambda email, text: replace(email, reply_to=Mailbox("hello@acme.example", text)),
    "reply-to address": lambda email, text: replace(email, reply_to=Mailbox(text, "Nora")),
    "header": _with_header,
    "header name": lambda email, text: replace(email, headers={**email.headers, text: "x"}),
    "list-unsubscribe": lambda email, text: replace(email, headers={**email.headers, "List-Unsubscribe": text}),
    "message id": lambda email, text: replace(email, message_id=text),
    "attempt id": lambda email, text: replace(email, attempt_id=text),
}


def head(raw: bytes) -> list[str]:
    return [name.lower() for name in BytesParser(policy=policy.compat32).parsebytes(raw)]


def ours(email: Email) -> list[str]:
    """The headers that such a mail has, whatever is in them."""
    harmless = replace(
        email,
        subject="About you",
        sender=Mailbox("nora@acme.example", "Nora"),
        to=Mailbox("kim@mill.example", "Kim"),
        reply_to=Mailbox("hello@acme.example") if email.reply_to else None,
        message_id="m1",
        attempt_id="a1",
        headers=dict.fromkeys(email.headers, "x"),
    )
    return head(write_mail(harmless, START))


def check(email: Email) -> bool:
    """Whether it is refused; if not, that every reading of it has exactly our headers."""
    if find_fault(email):
        return True
    raw, expected = write_mail(email, START), ours(email)
    assert head(raw) == expected
    # as a program would that reads a mail, understands it, and writes it anew
    understood = BytesParser(policy=policy.default).parsebytes(raw)
    assert [name.lower() for name in understood] == expected
    for name in understood:
        assert not set("\r\n\x00") & set(str(understood[name]))
    assert head(understood.as_bytes(policy=policy.SMTP)) == expected
    assert [address.addr_spec for address in understood["To"].addresses] == [email.to.address]
    assert [address.addr_spec for address in understood["From"].addresses] == [email.sender.address]
    _check_payload(build_payload(email, "test"))
    return False


def _check_payload(value: Any) -> None:
    for name, inner in value.items() if isinstance(value, dict) else ():
        if name in ("subject", "name", "email"):
            assert "=?" not in inner and not set("\r\n\x00") & set(inner)
        _check_payload(inner)
    for inner in value if isinstance(value, list) else ():
        _check_payload(inner)


@pytest.mark.parametrize("field", FIELDS)
def test_no_text_in_any_field_makes_a_header(field: str) -> None:
    assert sum(check(FIELDS[field](mail(), text)) for text in CORPUS) > 0


@pytest.mark.parametrize("gap", _BREAKS[:21])
@pytest.mark.parametrize("field", FIELDS)
def test_every_kind_of_line_break_and_control_character_is_refused(field: str, gap: str) -> None:
    fault = find_fault(FIELDS[field](mail(), f"Kim{gap}Bcc: eve@evil.example"))
    assert fault
    assert "eve" not in fault and "Kim" not in fault


@given(st.sampled_from(sorted(FIELDS)), st.lists(st.sampled_from([*_BREAKS, *_WORDS, *_SYNTAX, *_MORE]), max_size=4))
def test_no_mixture_does_either(field: str, parts: list[str]) -> None:
    check(FIELDS[field](mail(), "".join(parts)))


@given(st.sampled_from(sorted(FIELDS)), st.text(max_size=60))
def test_nor_does_any_text_at_all(field: str, text: str) -> None:
    check(FIELDS[field](mail(), text))
