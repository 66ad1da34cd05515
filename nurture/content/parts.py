"""A template file taken apart: the head of a .txt, and the bodies."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

#: the lines a .txt may begin with
HEADERS = ("subject", "preview")

_HEADER = re.compile(r"([A-Za-z][A-Za-z-]*):[ \t]*(.*)")


class Place(NamedTuple):
    """Where a tag was written that begins behind `line` of a made source: in `file`, from `first` on, `lines` long."""

    line: int
    file: str
    first: int
    lines: int


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of template source. `key` is what Jinja calls it, `file` where it stands.

    It keeps its line numbers, unless it was made from several `files`: then `places` says where its tags were written.
    """

    key: str
    file: str
    source: str
    places: tuple[Place, ...] = ()
    files: frozenset[str] = frozenset()

    def place(self, line: int) -> tuple[str, int]:
        """The file and line in which a line of this source was written."""
        if not self.places:
            return self.file, line
        place = self.places[max(bisect_left(self.places, line, key=lambda one: one.line) - 1, 0)]
        return place.file, place.first + min(max(line - place.line - 1, 0), place.lines - 1)


def split(file: str, text: str) -> Iterator[Part]:
    """The parts of a template file: head lines and body for the .txt of a mail, the whole for anything else. MJML is
    no template of its own: it is made into one."""
    if file.endswith(".mjml"):
        return
    if file.startswith("_") or not file.endswith(".txt"):
        yield Part(file, file, text)
        return
    head = headers(text)
    found = {name.lower(): (line, value) for line, name, value in head}
    for name in HEADERS:
        line, value = found.get(name, (1, ""))
        yield Part(f"{file}#{name}", file, "\n" * (line - 1) + value)
    body = text.split("\n", len(head) + 1)[len(head) + 1 :] if head else [text]
    # A comment as long as the head keeps the line numbers without printing anything.
    filler = "{#" + "\n" * (len(head) + 1) + "-#}" if head else ""
    yield Part(file, file, filler + (body[0] if body else ""))


def headers(text: str) -> list[tuple[int, str, str]]:
    """The head of a mail's .txt as (line, name, value), up to the first line that is none."""
    found = []
    for line, written in enumerate(text.split("\n"), start=1):
        match = _HEADER.fullmatch(written.rstrip("\r"))
        if not match:
            break
        found.append((line, match[1], match[2]))
    return found
