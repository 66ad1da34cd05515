"""A mail as the provider posts it, raw (`email`) or in fields, read into one shape. What is broken in it is skipped.

Read with the old policy of Python's email package: the new one decodes RFC 2047 words into live header lines, and
raises on some that are malformed. Nothing read here is ever written into a header again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.policy import compat32
from email.utils import getaddresses
from typing import Any

import orjson

from nurture.mail.inbound.form import Field, read_form
from nurture.mail.inbound.markup import text_of

#: what is kept of a text, in characters, and how many parts of a mail are looked at
MOST_TEXT, MOST_PARTS = 64_000, 200
_LONGEST_HEADER, _LONGEST_HEAD = 2_000, 100_000
#: real mails nest two or three multiparts; a mail made to nest thousands is read as its headers only
_MOST_MULTIPARTS = 20
#: bytes of a mail that are read: its text stands first, attachments behind
_MOST_MAIL = 300_000
#: blocks of a report, and addresses of a mail, that are looked at
_MOST_BLOCKS, _MOST_ADDRESSES = 20, 100
#: Python's parser of its options takes quadratic time
_CONTENT_TYPE = re.compile(
    rb"(?:^|(?<=[\r\n]))content-type[ \t]*:[^\r\n]*(?:(?:\r\n|\r|\n)[ \t][^\r\n]*)*", re.IGNORECASE
)
#: what mails are written in. Python has codecs that are none (base64, zip) or take quadratic time (punycode)
_CHARSET = re.compile(
    r"us-?ascii|ascii|(windows|cp|ibm)-?\d{3,4}|utf-?(7|8|16|32)(-?[bl]e)?|(iso-?)?8859-?\d{1,2}(-[ei])?|iso-2022-(jp|kr)"
    r"|(iso-)?latin-?\d{1,2}|koi8-?[rut]|gb2312|gb_2312-80|gbk|gb18030|hz-gb-2312|big5(-?hkscs)?|euc-?(jp|kr)"
    r"|shift[_-]?jis|s-?jis|ks_?c_?5601(-1987)?|tis-?620|mac(intosh|-?roman)",
    re.IGNORECASE,
)
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,250})>")

Headers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that came in. Header names are in small letters, values decoded, of several the first."""

    headers: Headers
    sender: str
    #: where bounces of it go; empty for `<>`, which is how machines write; None where nobody says
    return_path: str | None
    #: envelope recipients first, then To, Cc and Delivered-To
    recipients: tuple[str, ...]
    subject: str
    text: str
    content_types: tuple[str, ...] = ()
    #: blocks of fields of a delivery status or a feedback report, and the headers of the mail that was returned
    report: tuple[Headers, ...] = ()
    returned: Headers = field(default_factory=dict)
    #: domains whose DKIM signature was good, and the sender's if SPF passed
    authenticated: frozenset[str] = frozenset()

    @property
    def message_id(self) -> str:
        return next(iter(_MESSAGE_ID.findall(self.headers.get("message-id", ""))), "")

    @property
    def answers(self) -> tuple[str, ...]:
        """The mails it answers: In-Reply-To, then References, the last first."""
        named = _MESSAGE_ID.findall(self.headers.get("references", ""))[::-1]
        return tuple(dict.fromkeys([*_MESSAGE_ID.findall(self.headers.get("in-reply-to", "")), *named]))

    @property
    def is_from_its_domain(self) -> bool:
        """Whether the domain of the sender vouches for it."""
        domain = self.sender.rpartition("@")[2]
        return any(domain == one or domain.endswith(f".{one}") for one in self.authenticated)


def read_mail(body: bytes) -> Mail:
    """Read the body of a request to the inbound webhook. Raises ValueError for one that holds no mail at all."""
    fields = {one.name: one for one in reversed(read_form(body))}
    charsets = _object(fields.get("charsets"))

    def told(name: str) -> str:
        found = fields.get(name)
        return _decoded(found.value, str(charsets.get(name) or "utf-8")) if found else ""

    if "email" in fields:
        message = _parsed(fields["email"].value)
    elif "headers" in fields or "from" in fields:
        message = _parsed(fields["headers"].value + b"\r\n\r\n" if "headers" in fields else b"")
    else:
        raise ValueError("the form holds neither `email` nor `headers`")
    read = _from_raw(message) if "email" in fields else _from_fields(message, fields, told("text"), told("html"))
    return _mail(message, read, told, _object(fields.get("envelope")))


def _mail(message: Message, read: _Read, told: Any, envelope: Mapping[str, Any]) -> Mail:
    headers = _headers(message)
    sender = next(iter(addresses_of([headers.get("from", "") or told("from")])), "")
    envelope_to = envelope.get("to")
    told_to = [str(each) for each in envelope_to] if isinstance(envelope_to, list) else []
    named = [headers.get(name, "") or told(name) for name in ("to", "cc", "delivered-to", "x-original-to")]
    return Mail(
        headers=headers,
        sender=sender,
        return_path=_return_path(envelope, headers),
        recipients=(*addresses_of(told_to), *addresses_of(named)),
        subject=_clean(headers.get("subject", "") or told("subject"))[:_LONGEST_HEADER],
        text=_clean(read.text)[:MOST_TEXT],
        content_types=tuple(read.content_types),
        report=tuple(read.report),
        returned=read.returned,
        authenticated=frozenset(_vouching(told("dkim"), told("SPF"), envelope)),
    )


@dataclass(slots=True)
class _Read:
    """What the parts of a mail say."""

    text: str = ""
    content_types: list[str] = field(default_factory=list)
    report: list[Headers] = field(default_factory=list)
    returned: Headers = field(default_factory=dict)


def _parsed(raw: bytes) -> Message:
    raw = _CONTENT_TYPE.sub(lambda header: header[0][:_LONGEST_HEADER], raw[:_MOST_MAIL])
    if len(_head(raw)) > _LONGEST_HEAD:
        raw = raw[:_LONGEST_HEAD]
    head_only = raw.lower().count(b"boundary=") > _MOST_MULTIPARTS
    try:
        return message_from_bytes(_head(raw) if head_only else raw, policy=compat32)
    except (RecursionError, ValueError, LookupError):
        return message_from_bytes(_head(raw), policy=compat32)


def _head(raw: bytes) -> bytes:
    return re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0] + b"\r\n\r\n"


def _from_raw(message: Message) -> _Read:
    read, html, plain = _Read(), "", list[str]()
    for part in _parts(message):
        kind = part.get_content_type()
        read.content_types.append(_full_type(part))
        if kind in _REPORTS:
            read.report += _blocks(part)
        elif kind in _RETURNED:
            read.returned = read.returned or _returned(part)
        elif part.get_content_disposition() == "attachment":
            continue
        elif kind == "text/plain" and not read.returned:
            plain.append(_payload(part))
        elif kind == "text/html" and not html and not read.returned:
            html = _payload(part)
    read.text = "\n".join(each for each in plain if each.strip())
    if not read.text.strip():
        read.text = text_of(html)
    return read


_REPORTS = ("message/delivery-status", "message/feedback-report")
_RETURNED = ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers")


def _parts(message: Message) -> Iterator[Message]:
    """The parts of a mail, not those of mails inside it, in order."""
    waiting = [message]
    for _ in range(MOST_PARTS):
        if not waiting:
            return
        part = waiting.pop(0)
        yield part
        payload = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(payload, list):
            waiting[:0] = [one for one in payload if isinstance(one, Message)]


def _from_fields(message: Message, fields: Mapping[str, Field], text: str, html: str) -> _Read:
    read = _Read(text if text.strip() else text_of(html), [_full_type(message)])
    for one in fields.values():
        if one.content_type:
            read.content_types.append(one.content_type.lower())
        if one.content_type.lower() in _REPORTS:
            read.report += _split(one.value)
        elif one.content_type.lower() in _RETURNED:
            read.returned = _headers(_parsed(_head(one.value)))
    return read


def _full_type(part: Message) -> str:
    """ "multipart/report; report-type=delivery-status", "text/calendar; method=reply", as far as it matters."""
    options = [(name, part.get_param(name)) for name in ("report-type", "method")]
    told = [f"; {name}={value.lower()}" for name, value in options if isinstance(value, str)]
    return part.get_content_type() + "".join(told)


def _blocks(part: Message) -> list[Headers]:
    payload = part.get_payload()
    if isinstance(payload, list):
        return [_headers(one) for one in payload[:_MOST_BLOCKS] if isinstance(one, Message)]
    return _split(_bytes(part))


def _split(report: bytes) -> list[Headers]:
    return [
        _headers(_parsed(block)) for block in re.split(rb"\r?\n\r?\n", report, maxsplit=_MOST_BLOCKS)[:_MOST_BLOCKS]
    ]


def _returned(part: Message) -> Headers:
    payload = part.get_payload()
    if isinstance(payload, list) and payload and isinstance(payload[0], Message):
        return _headers(payload[0])
    return _headers(_parsed(_head(_bytes(part))))


def _payload(part: Message) -> str:
    return _decoded(_bytes(part), part.get_content_charset() or "utf-8")


def _bytes(part: Message) -> bytes:
    """The content, cut before it is decoded: what is far too long is not read."""
    payload = part.get_payload()
    if isinstance(payload, str) and len(payload) > MOST_TEXT * 4:
        part.set_payload(payload[: MOST_TEXT * 4])
    try:
        content = part.get_payload(decode=True)
    except (ValueError, LookupError):
        return b""
    return content if isinstance(content, bytes) else b""


def _headers(message: Message) -> Headers:
    found: dict[str, str] = {}
    for name, value in message.items()[:500]:
        found.setdefault(name.lower(), _header(str(value)))
    return found


def _header(value: str) -> str:
    """One header value on one line, its encoded words decoded as far as they can be."""
    value = value[:_LONGEST_HEADER]
    try:
        parts = [
            _decoded(part, charset or "utf-8") if isinstance(part, bytes) else part
            for part, charset in decode_header(value)
        ]
    except (HeaderParseError, ValueError, LookupError):
        parts = [value]
    return " ".join(_clean("".join(parts)).split())


def addresses_of(values: Iterable[str]) -> tuple[str, ...]:
    """The addresses in header values, in small letters."""
    found = [address for value in list(values)[:_MOST_ADDRESSES] for address in _addresses(value[:_LONGEST_HEADER])]
    return tuple(dict.fromkeys(found))


def _addresses(value: str) -> list[str]:
    try:
        return [address.strip().lower()[:320] for _, address in getaddresses([value]) if "@" in address]
    except (ValueError, IndexError, RecursionError):
        return []


def _return_path(envelope: Mapping[str, Any], headers: Headers) -> str | None:
    told = [each for each in (envelope.get("from"), headers.get("return-path")) if isinstance(each, str)]
    paths = [each.strip(" <>").lower() for each in told]
    return min(paths) if paths else None


def _vouching(dkim: str, spf: str, envelope: Mapping[str, Any]) -> Iterator[str]:
    """SendGrid tells DKIM as "{@example.org : pass}", and SPF as one word about the envelope's sender."""
    yield from re.findall(r"@([a-z0-9.-]{1,250}) : pass\b", dkim.lower()[:_LONGEST_HEADER])
    sender = envelope.get("from")
    if spf.strip().lower() == "pass" and isinstance(sender, str) and "@" in sender:
        yield sender.rpartition("@")[2].strip(" >").lower()


def _object(told: Field | None) -> Mapping[str, Any]:
    try:
        value = orjson.loads(told.value) if told else {}
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _decoded(value: bytes, charset: str) -> str:
    """As text; what is no charset of mails is taken for UTF-8. Cut first: nobody reads on beyond MOST_TEXT."""
    known = charset if _CHARSET.fullmatch(charset.strip()) else "utf-8"
    try:
        return value[: MOST_TEXT * 4].decode(known.strip(), "replace")
    except (LookupError, ValueError):
        return value[: MOST_TEXT * 4].decode("utf-8", "replace")


def _clean(text: str) -> str:
    """Without what cannot be stored (NUL, halves of surrogate pairs), with plain line ends."""
    stored = text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    return stored.replace("\r\n", "\n").replace("\r", "\n")
