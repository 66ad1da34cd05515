"""A person in what arrived from outside: which entries of a raw request mention its address, and the rest without them.

A list of events loses the entries that mention it and keeps those of others; anything else that mentions it goes
as a whole. Looked at as written, and behind the usual disguises: JSON and percent escapes, quoted-printable, base64.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, unquote_plus

import orjson

from nurture.core.mailbox import as_stored, as_typed, mailbox_of

#: whether a text mentions whom we look for
Mentions = Callable[[str], bool]
#: by which a site knows it: the field, in small letters, and what stands in it
Names = frozenset[tuple[str, str]]
NOBODY: Names = frozenset()

_BASE64 = re.compile(rb"(?:[A-Za-z0-9+/]{40,}\s*)+[A-Za-z0-9+/]*={0,2}")
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})")
#: no longer than RFC 5321 lets it be, so that a flood of letters costs no more than it is long
_LETTER = r"[^\s<>\"'(),;:\[\]\\@]"
_ADDRESS = re.compile(rf"{_LETTER}{{1,64}}@[\w.-]{{1,255}}")
#: what takes the place of an address in the words of others
ERASED = "[erased]"
#: where the entries of a request with several stand
_LIST = "batch"


@dataclass(frozen=True, slots=True)
class Split:
    """A body that mentions somebody: what is about them, and what is left. `left` is empty where nothing is."""

    theirs: list[Any]
    left: bytes


def mentions_any(*addresses: str) -> Mentions:
    """Whether a text holds one of these texts as a whole: `ida@x.example` is not in `frida@x.example`.

    An address is found under any tag, `ida@x.example` in `ida+fair@x.example`, and a domain in either of its forms.
    """
    mailboxes = [mailbox_of(address.lower()) for address in addresses]
    written = list(dict.fromkeys(form for mailbox in mailboxes for form in (mailbox, as_typed(mailbox))))
    words = [word for form in written for word in _beginnings(form)]
    pattern = _pattern(written)

    def mentions(text: str) -> bool:
        text = _plain(text)
        # a plain search first: it is many times as fast, and mostly there is nothing
        return any(word in text for word in words) and pattern.search(text) is not None

    return mentions


def blanked(text: str, address: str) -> str:
    """Somebody else's words without this address; what mentions it in a disguise goes whole."""
    mailbox = mailbox_of(address.lower())
    pattern = _pattern([mailbox, as_typed(mailbox)], at="(?:@|%40)")
    left = pattern.sub(ERASED, text if text.isascii() else unicodedata.normalize("NFC", text))
    return ERASED if any(map(mentions_any(address), _unescaped(left))) else left


def _plain(text: str) -> str:
    """In small letters, each of them one character however it was typed."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFC", text).lower()


def _pattern(written: list[str], at: str = "@") -> re.Pattern[str]:
    either = "|".join(_under_any_tag(form, at) for form in written)
    return re.compile(rf"(?<![\w.+-])(?:{either})(?![\w-]|\.\w)", re.IGNORECASE)


def _beginnings(mailbox: str) -> tuple[str, ...]:
    """One of these stands in whatever holds the mailbox."""
    return (mailbox, f"{mailbox.rpartition('@')[0]}+") if "@" in mailbox else (mailbox.split()[0],)


def _under_any_tag(mailbox: str, at: str) -> str:
    local, sign, domain = mailbox.rpartition("@")
    if not sign:
        # a name may stand at the end of a line
        return r"\s+".join(map(re.escape, mailbox.split()))
    return rf"{re.escape(local)}(?:\+{_LETTER}{{0,64}}?)?{at}{re.escape(domain)}"


def addresses_in(text: str) -> Iterator[str]:
    """Everything in a text that looks like a mail address, normalized."""
    for found in _ADDRESS.findall(_plain(text)):
        yield as_stored(found.rstrip("."))


def split(body: bytes, mentions: Mentions, names: Names = NOBODY) -> Split | None:
    """What of a raw request is about somebody; None where nothing is. By its `names` it is found in JSON alone."""
    # most requests are about others: the whole text is looked through faster than each of its values
    if not names and not found_in(body, mentions):
        return None
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        return Split([_readable(body)], b"") if found_in(body, mentions) else None
    if isinstance(told, list):
        return _entries(told, mentions, names, lambda left: left)
    if isinstance(told, dict) and isinstance(told.get(_LIST), list):
        rest = {key: value for key, value in told.items() if key != _LIST}
        if not _in_json(rest, mentions, names):
            return _entries(told[_LIST], mentions, names, lambda left: rest | {_LIST: left})
    return Split([told], b"") if _in_json(told, mentions, names) else None


def remaining(body: bytes, mentions: Mentions, names: Names = NOBODY) -> bytes:
    """A raw request without what mentions somebody; the same bytes where nothing does."""
    found = split(body, mentions, names) if body else None
    return found.left if found else body


def _entries(entries: list[Any], mentions: Mentions, names: Names, around: Callable[[list[Any]], Any]) -> Split | None:
    theirs = [entry for entry in entries if _in_json(entry, mentions, names)]
    if not theirs:
        return None
    left = [entry for entry in entries if not _in_json(entry, mentions, names)]
    return Split(theirs, orjson.dumps(around(left)) if left else b"")


def _in_json(value: Any, mentions: Mentions, names: Names) -> bool:
    """Whether any text in it, names of fields too, mentions them, or a field names them. Without recursion: depth is
    the sender's choice."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if names and any(_named(key, told) in names for key, told in one.items()):
                return True
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, str) and any(map(mentions, _unescaped(one))):
            return True
    return False


def _named(field: str, told: object) -> tuple[str, str]:
    return field.lower(), str(told).strip() if isinstance(told, str | int | float) else ""


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
    plain, *others = _texts(data)
    yield from _unescaped(plain)
    yield from others
    if "\\/" in plain:
        yield plain.replace("\\/", "/")
    if "\\u" in plain:
        yield _ESCAPE.sub(lambda found: chr(int(found[1], 16)), plain)
    if data.lstrip()[:1] in (b"{", b"["):
        # JSON knows no other disguise, and most of what arrives is JSON
        return
    if b"=" in data:
        yield from _texts(quopri.decodestring(data))
    for packed in _BASE64.findall(data):
        letters = b"".join(packed.split())
        try:
            yield from _texts(base64.b64decode(letters[: len(letters) // 4 * 4]))
        except binascii.Error:
            continue


def _texts(data: bytes) -> Iterator[str]:
    """As UTF-8; what is none may be of an old mail program, which writes one byte for a letter."""
    text = data.decode("utf-8", "replace")
    yield text
    if "\ufffd" in text:
        yield data.decode("latin-1")


def _readable(body: bytes) -> str:
    return body.decode("utf-8", "replace")
