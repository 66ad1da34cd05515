"""A person in what arrived from outside: which entries of a raw request mention its address, and the rest without them.

A list of events loses the entries that mention it and keeps those of others; anything else that mentions it goes
as a whole. Looked at as written, and behind the usual disguises: JSON and percent escapes, quoted-printable, base64.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, unquote_plus

import orjson

from nurture.core.mailbox import mailbox_of

#: whether a text mentions whom we look for
Mentions = Callable[[str], bool]

_BASE64 = re.compile(rb"(?:[A-Za-z0-9+/]{40,}\s*)+[A-Za-z0-9+/]*={0,2}")
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})")
#: no longer than RFC 5321 lets it be, so that a flood of letters costs no more than it is long
_LETTER = r"[^\s<>\"'(),;:\[\]\\@]"
_ADDRESS = re.compile(rf"{_LETTER}{{1,64}}@[A-Za-z0-9.-]{{1,255}}")
#: where the entries of a request with several stand
_LIST = "batch"


@dataclass(frozen=True, slots=True)
class Split:
    """A body that mentions somebody: what is about them, and what is left. `left` is empty where nothing is."""

    theirs: list[Any]
    left: bytes


def mentions_any(*addresses: str) -> Mentions:
    """Whether a text holds one of these texts as a whole: `ida@x.example` is not in `frida@x.example`.

    An address is found under any tag: `ida@x.example` is in `ida+fair@x.example`.
    """
    mailboxes = [mailbox_of(address.lower()) for address in addresses]
    words = [word for mailbox in mailboxes for word in _beginnings(mailbox)]
    pattern = re.compile(rf"(?<![\w.+-])(?:{'|'.join(map(_under_any_tag, mailboxes))})(?![\w-]|\.\w)")

    def mentions(text: str) -> bool:
        text = text.lower()
        # a plain search first: it is many times as fast, and mostly there is nothing
        return any(word in text for word in words) and pattern.search(text) is not None

    return mentions


def _beginnings(mailbox: str) -> tuple[str, ...]:
    """One of these stands in whatever holds the mailbox."""
    return (mailbox, f"{mailbox.rpartition('@')[0]}+") if "@" in mailbox else (mailbox,)


def _under_any_tag(mailbox: str) -> str:
    local, at, domain = mailbox.rpartition("@")
    tag = rf"(?:\+{_LETTER}{{0,64}})?" if at else ""
    return f"{re.escape(local)}{tag}{re.escape(at + domain)}"


def addresses_in(text: str) -> Iterator[str]:
    """Everything in a text that looks like a mail address, normalized."""
    for found in _ADDRESS.findall(text.lower()):
        yield found.rstrip(".")


def split(body: bytes, mentions: Mentions) -> Split | None:
    """What of a raw request is about somebody; None where nothing is."""
    # most requests are about others: the whole text is looked through faster than each of its values
    if not found_in(body, mentions):
        return None
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        return Split([_readable(body)], b"")
    if isinstance(told, list):
        return _entries(told, mentions, lambda left: left)
    if isinstance(told, dict) and isinstance(told.get(_LIST), list):
        rest = {key: value for key, value in told.items() if key != _LIST}
        if not _in_json(rest, mentions):
            return _entries(told[_LIST], mentions, lambda left: rest | {_LIST: left})
    return Split([told], b"") if _in_json(told, mentions) else None


def remaining(body: bytes, mentions: Mentions) -> bytes:
    """A raw request without what mentions somebody; the same bytes where nothing does."""
    found = split(body, mentions) if body else None
    return found.left if found else body


def _entries(entries: list[Any], mentions: Mentions, around: Callable[[list[Any]], Any]) -> Split | None:
    theirs = [entry for entry in entries if _in_json(entry, mentions)]
    if not theirs:
        return None
    left = [entry for entry in entries if not _in_json(entry, mentions)]
    return Split(theirs, orjson.dumps(around(left)) if left else b"")


def _in_json(value: Any, mentions: Mentions) -> bool:
    """Whether any text in it, names of fields too, mentions them. Without recursion: depth is the sender's choice."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, str) and any(map(mentions, _unescaped(one))):
            return True
    return False


def _unescaped(text: str) -> Iterator[str]:
    """As written, and without percent escapes: a plus is a space, or the beginning of a tag."""
    yield text
    if "%" in text:
        yield unquote_plus(text)
        yield unquote(text)


def found_in(data: bytes, mentions: Mentions) -> bool:
    """Whether a file or a mail mentions them, as written or in one of the usual disguises."""
    return any(map(mentions, _disguises(data)))


def _disguises(data: bytes) -> Iterator[str]:
    """The bytes as text, and as the texts they may stand for."""
    plain = data.decode("utf-8", "replace")
    yield from _unescaped(plain)
    if "\\/" in plain:
        yield plain.replace("\\/", "/")
    if "\\u" in plain:
        yield _ESCAPE.sub(lambda found: chr(int(found[1], 16)), plain)
    if data.lstrip()[:1] in (b"{", b"["):
        # JSON knows no other disguise, and most of what arrives is JSON
        return
    if b"=" in data:
        yield quopri.decodestring(data).decode("utf-8", "replace")
    for packed in _BASE64.findall(data):
        letters = b"".join(packed.split())
        try:
            yield base64.b64decode(letters[: len(letters) // 4 * 4]).decode("utf-8", "replace")
        except binascii.Error:
            continue


def _readable(body: bytes) -> str:
    return body.decode("utf-8", "replace")
