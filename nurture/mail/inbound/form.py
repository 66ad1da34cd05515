"""The multipart form in which the provider posts a mail, read part by part without copying the whole.

Not left to a web framework: each field's bytes are in a charset of their own, which another field names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

#: what is read of one field, and of how many; the largest mail has 30 MB, nearly all of it attachments
MOST_BYTES, MOST_FIELDS = 1_000_000, 200
#: what is kept of all fields together
_MOST_KEPT = 4_000_000
_LONGEST_HEAD = 4_000
_NAME = re.compile(rb'(?<![a-z])name="([^"\r\n]*)"', re.IGNORECASE)
_TYPE = re.compile(rb"^content-type:\s*([^\s;]+)", re.IGNORECASE | re.MULTILINE)
_FENCE = re.compile(rb"--[!-~ ]{1,100}")


@dataclass(frozen=True, slots=True)
class Field:
    """One field as it came, cut at MOST_BYTES."""

    name: str
    content_type: str
    value: bytes


def read_form(body: bytes) -> list[Field]:
    """The fields in order. Raises ValueError for a body that is no multipart form."""
    fence = _fence(body)
    if fence is None:
        raise ValueError("the body is not a multipart form")
    fields = [field for head, value in _parts(body, fence) if (field := _field(head, value))]
    if not fields:
        raise ValueError("the form holds no field")
    return fields


def without_attachments(body: bytes | bytearray) -> bytes:
    """The form with each field cut at MOST_BYTES: whole mails as they came, of larger ones all that is ever read."""
    fence = _fence(body)
    if len(body) <= MOST_BYTES or fence is None:
        return bytes(body[:MOST_BYTES])
    kept, room = list[bytes](), _MOST_KEPT
    for head, value in _parts(body, fence):
        part = fence + b"\r\n" + head + b"\r\n\r\n" + value + b"\r\n"
        room -= len(part)
        if room > 0:
            kept.append(part)
    return b"".join([*kept, fence, b"--\r\n"])


def _fence(body: bytes | bytearray) -> bytes | None:
    first = bytes(body[:200]).split(b"\r\n", 1)[0]
    return first if _FENCE.fullmatch(first) else None


def _parts(body: bytes | bytearray, fence: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The head of each part, and its content as far as it is read."""
    start = len(fence) + 2
    for _ in range(MOST_FIELDS):
        end = body.find(b"\r\n" + fence, start)
        end = len(body) if end < 0 else end
        head_end = body.find(b"\r\n\r\n", start, min(end, start + _LONGEST_HEAD))
        if head_end >= 0:
            yield bytes(body[start:head_end]), bytes(body[head_end + 4 : min(end, head_end + 4 + MOST_BYTES)])
        start = end + len(fence) + 4
        if start >= len(body) or body[start - 2 : start] == b"--":
            return


def _field(head: bytes, value: bytes) -> Field | None:
    name, kind = _NAME.search(head), _TYPE.search(head)
    if name is None:
        return None
    return Field(name[1].decode("ascii", "replace"), kind[1].decode("ascii", "replace") if kind else "", value)
