"""One `Email` written down as a MIME message (RFC 5322, 2045, 2047), pure and quick.

The standard library's `EmailMessage` takes about ten times as long and treats the values given to it as
headers to be parsed; here they are text to be written, and nothing is ever decoded.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from email.utils import format_datetime

from nurture.mail import Email, Mailbox
from nurture.mail.headers import defuse

_CRLF = "\r\n"
#: bytes in one encoded-word, so that its line stays within the 76 characters of RFC 2047
_WORD_BYTES = 39
#: ASCII text up to this length goes on one line as it is
_PLAIN_LENGTH = 66


def write_mail(email: Email, date: datetime) -> bytes:
    """The whole message, lines ended by CRLF. The mail must have passed `headers.find_fault`."""
    # "=_" cannot occur in quoted-printable text, so the boundary cannot occur in a part.
    boundary = "=_" + hashlib.sha256(email.message_id.encode()).hexdigest()[:24]
    head = "".join(f"{name}: {value}{_CRLF}" for name, value in _headers(email, date, boundary))
    parts = [_part(kind, body) for kind, body in (("plain", email.text), ("html", email.html)) if body]
    fence = f"--{boundary}".encode()
    return b"\r\n".join([head.encode(), *(fence + b"\r\n" + part for part in parts), fence + b"--\r\n"])


def file_safe(identifier: str) -> str:
    """An id as a file name or the left side of a Message-ID; different ids stay different."""
    safe = re.sub(r"[^A-Za-z0-9_-]", "_", identifier)[:80]
    return safe if safe == identifier else f"{safe}-{hashlib.sha256(identifier.encode()).hexdigest()[:12]}"


def _headers(email: Email, date: datetime, boundary: str) -> Iterator[tuple[str, str]]:
    yield "From", _mailbox(email.sender)
    yield "To", _mailbox(email.to)
    if email.reply_to:
        yield "Reply-To", _mailbox(email.reply_to)
    yield "Subject", _text(email.subject)
    yield "Date", format_datetime(date)
    yield "Message-ID", f"<{file_safe(email.message_id)}@{email.sender.address.rpartition('@')[2]}>"
    yield "X-Nurture-Message", defuse(email.message_id)
    yield "X-Nurture-Attempt", defuse(email.attempt_id)
    for name, value in email.headers.items():
        # Never folded when ASCII: mail programs do not find a List-Unsubscribe link that was.
        yield name, defuse(value) if value.isascii() else _words(value)
    yield "MIME-Version", "1.0"
    yield "Content-Type", f'multipart/alternative; boundary="{boundary}"'


def _mailbox(mailbox: Mailbox) -> str:
    if not mailbox.name:
        return mailbox.address
    return f"{_phrase(mailbox.name)}{_CRLF} <{mailbox.address}>"


def _phrase(name: str) -> str:
    if not _plain(name):
        # One word however long: Python's parser puts a space between two words of a name.
        return _word(defuse(name).encode())
    escaped = defuse(name).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _text(value: str) -> str:
    return defuse(value) if _plain(value) else _words(value)


def _plain(value: str) -> bool:
    return value.isascii() and len(value) <= _PLAIN_LENGTH


def _words(value: str) -> str:
    """Encoded-words, one a line. What was typed is inside as base64, so it cannot be taken for header syntax."""
    return f"{_CRLF} ".join(_word(chunk) for chunk in _chunks(defuse(value)))


def _word(data: bytes) -> str:
    return f"=?utf-8?b?{binascii.b2a_base64(data, newline=False).decode()}?="


def _chunks(value: str) -> Iterator[bytes]:
    """UTF-8 in pieces that never cut a character in two (RFC 2047 section 5)."""
    data = value.encode()
    while data:
        end = min(_WORD_BYTES, len(data))
        while end < len(data) and data[end] & 0xC0 == 0x80:
            end -= 1
        yield data[:end]
        data = data[end:]


def _part(kind: str, body: str) -> bytes:
    lines = body.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").replace("\n", _CRLF) + _CRLF
    head = f"Content-Type: text/{kind}; charset=utf-8{_CRLF}Content-Transfer-Encoding: quoted-printable{_CRLF * 2}"
    return head.encode() + binascii.b2a_qp(lines.encode())
