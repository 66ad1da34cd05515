"""YAML with places: every key and value knows its line and column, and every fault shows them.

What YAML allows and a marketer never means is refused before anything is built: aliases (a few lines of them
grow to gigabytes), keys that stand twice, keys without a value, tags, endless nesting.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
)

from nurture.content.syntax import in_plain_words
from nurture.errors import Problem

#: a sequence has some 3,000 characters and 200 values; this much is still read within two seconds
MAX_SIZE = 200_000
MAX_VALUES = 3_000
#: faults shown of one file; nobody mends more at once
MAX_PROBLEMS = 100
MAX_DEPTH = 24
#: letters of a line that are shown around a fault
FRAME_WIDTH = 110

Loc = tuple[str | int, ...]
Severity = Literal["error", "warning"]

_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_COMMENT_BY_ACCIDENT = re.compile(r"\s+#(?=[^\s#])")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Document:
    """A file as it was read. `data` is None where it could not be read at all."""

    file: str
    text: str
    data: Any
    problems: tuple[Problem, ...]

    def problem(
        self, loc: Loc, message: str, rule: str, *, at_key: bool = False, column: int = 1, severity: Severity = "error"
    ) -> Problem:
        """A fault at `loc`: at the value there, or at its key; `column` counts from 1 inside a one-line text."""
        line, start = locate(self.data, loc, want_key=at_key)
        if column > 1:
            start += self._inside(line, start, column)
        return problem_at(self.file, self.text, line, start, message, rule, severity)

    def _inside(self, line: int, start: int, column: int) -> int:
        """How far to go into the value; its start will do for a text that is folded over several lines."""
        written = self.text.splitlines()[line - 1][start - 1 :]
        quote = written[:1] in ("'", '"')
        return column - 1 + quote if column <= len(written) and written[:1] not in ("|", ">") else 0


def problem_at(
    file: str, text: str, line: int, column: int, message: str, rule: str, severity: Severity = "error"
) -> Problem:
    """A fault in `file` with the lines around it."""
    return Problem(file, line, column, message, rule, severity, frame(text, line, column))


def frame(text: str, line: int, column: int) -> str:
    """The line at fault, the one before it, and a mark below the column; of long lines, the part around it."""
    lines = text.expandtabs(1).splitlines()
    if not 1 <= line <= len(lines):
        return ""
    left = 0 if column <= FRAME_WIDTH else column - FRAME_WIDTH // 2
    shown = [
        f"{'>' if number == line else ' '} {number:3} | {lines[number - 1][left : left + FRAME_WIDTH]}".rstrip()
        for number in (line - 1, line)
        if number
    ]
    return "\n".join([*shown, f"      | {' ' * (column - 1 - left)}^"])


def locate(data: Any, loc: Loc, *, want_key: bool = False) -> tuple[int, int]:
    """Line and column (from 1) of what `loc` leads to; of the innermost part that exists, when it does not."""
    node, place = data, (0, 0)
    # pydantic puts the kind of a step into the path, as '<email>'; no key of ours looks like that.
    parts = [part for part in loc if not (isinstance(part, str) and part.startswith("<"))]
    for number, part in enumerate(parts, start=1):
        try:
            child, marks = node[part], node.lc
            if isinstance(part, int) and isinstance(node, list):
                place = marks.item(part)
            else:
                place = marks.key(part) if want_key and number == len(parts) else marks.value(part)
        except (KeyError, IndexError, TypeError, AttributeError):
            break
        node = child
    return place[0] + 1, place[1] + 1


def read_yaml(text: str, file: str) -> Document:
    """Read one YAML document. Never raises: what is wrong comes back as problems."""
    if len(text) > MAX_SIZE:
        message = f"this file has {len(text):,} characters; at most {MAX_SIZE:,} are read"
        return Document(file, text, None, (Problem(file, 0, 0, message, "size"),))
    problems: list[Problem] = []
    try:
        for line, column, message, rule, severity in _Scan(text).faults():
            problems.append(problem_at(file, text, line + 1, column + 1, message, rule, severity))
            if rule in _FATAL or len(problems) == MAX_PROBLEMS:
                return Document(file, text, None, tuple(problems))
        data = _load(text)
    except YAMLError as error:
        line, column, message, rule = in_plain_words(error, text)
        problems.append(problem_at(file, text, line, column, message, rule))
        return Document(file, text, None, tuple(problems))
    if not isinstance(data, dict):
        message = "the file is empty" if data is None else "keys and values are expected here, such as 'title: ...'"
        problems.append(problem_at(file, text, 1, 1, message, "type"))
        return Document(file, text, None, tuple(problems))
    return Document(file, text, data, tuple(problems))


def read_file(path: Path, file: str) -> Document:
    """Read a YAML file; `file` is what problems call it. Never raises: what is wrong comes back as problems."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        return Document(file, "", None, (Problem(file, 0, 0, f"this cannot be read: {error.strerror}", "file"),))
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        message = "this is not saved as UTF-8: save the file again with that encoding"
        return Document(file, "", None, (Problem(file, line, 1, message, "encoding"),))
    return read_yaml(text, file)


def _load(text: str) -> Any:
    yaml = YAML(typ="rt", pure=True)
    # The scan has reported them already; going on finds the other faults of the file as well.
    yaml.allow_duplicate_keys = True
    return yaml.load(text)


#: faults after which the rest of the file cannot be trusted to mean anything
_FATAL = frozenset(("size", "alias", "depth", "tag", "documents", "quotes", "date"))

_Fault = tuple[int, int, str, str, Severity]


@dataclass(slots=True)
class _Open:
    """A mapping or list that is being read: the keys so far (with their lines), and the key that wants its value."""

    is_mapping: bool
    keys: dict[str, int]
    key: ScalarEvent | None = None


class _Scan:
    """One pass over the events of a file, before anything is built from them."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = text.splitlines()
        self.open: list[_Open] = []
        self.documents = 0
        self.values = 0

    def faults(self) -> Iterator[_Fault]:
        for event in YAML(typ="safe", pure=True).parse(self.text):
            yield from self._refused(event)
            if isinstance(event, CollectionEndEvent):
                self.open.pop()
            elif isinstance(event, NodeEvent):
                yield from self._node(event)

    def _refused(self, event: Event) -> Iterator[_Fault]:
        if isinstance(event, AliasEvent):
            yield self._fault(event, "aliases (*name) are not used here: write the value out", "alias")
        elif isinstance(event, DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                yield self._fault(event, "one file holds one document: remove the '---'", "documents")
        elif getattr(event, "tag", None) not in (None, "!"):
            yield self._fault(event, "tags (!name) are not used here: put the text in quotes", "tag")
        elif isinstance(event, CollectionStartEvent) and len(self.open) >= MAX_DEPTH:
            yield self._fault(event, f"this is nested more than {MAX_DEPTH} levels deep", "depth")

    def _node(self, event: NodeEvent) -> Iterator[_Fault]:
        self.values += 1
        if self.values > MAX_VALUES:
            yield self._fault(event, f"this file has more than {MAX_VALUES:,} values; split it", "size")
        around = self.open[-1] if self.open else None
        if around and around.is_mapping and around.key is None:
            yield from self._key(around, event)
        else:
            yield from self._value(around, event)
            if around:
                around.key = None
        if isinstance(event, CollectionStartEvent):
            self.open.append(_Open(isinstance(event, MappingStartEvent), {}))

    def _key(self, around: _Open, event: NodeEvent) -> Iterator[_Fault]:
        if not isinstance(event, ScalarEvent):
            yield self._fault(event, "put the text in quotes: it begins with a bracket", "quotes", back=1)
            return
        around.key = event
        if not event.style and event.value in _NULLS:
            yield self._fault(event, "a key is missing here, before the ':'", "empty")
        if event.value == "<<":
            yield self._fault(event, "merging with '<<' is not used here: write the values out", "alias")
        if event.value in around.keys:
            first = around.keys[event.value]
            yield self._fault(
                event, f"'{event.value}' stands here twice; the first is in line {first}", "duplicate_key"
            )
        around.keys.setdefault(event.value, event.start_mark.line + 1)

    def _value(self, around: _Open | None, event: NodeEvent) -> Iterator[_Fault]:
        if not isinstance(event, ScalarEvent) or event.style:
            return
        if event.value in _NULLS:
            yield self._empty(around, event)
        elif _DATE.fullmatch(event.value) and not _is_date(event.value):
            yield self._fault(event, f"there is no day {event.value}", "date")
        elif _COMMENT_BY_ACCIDENT.match(self._rest_of_line(event)):
            mark = event.end_mark
            message = "what follows ' #' is read as a comment; put the text in quotes if it belongs to it"
            yield mark.line, mark.column, message, "comment", "warning"

    def _empty(self, around: _Open | None, event: ScalarEvent) -> _Fault:
        key = around.key if around else None
        if key is None:
            return self._fault(event, "this line is empty: give it a value, or remove it", "empty")
        hint = (
            "; put what follows '#' in quotes" if _COMMENT_BY_ACCIDENT.search(self.lines[key.start_mark.line]) else ""
        )
        return self._fault(key, f"'{key.value}' is empty: give it a value, or remove the line{hint}", "empty")

    def _rest_of_line(self, event: ScalarEvent) -> str:
        mark = event.end_mark
        return self.lines[mark.line][mark.column :] if mark.line < len(self.lines) else ""

    @staticmethod
    def _fault(event: Event, message: str, rule: str, back: int = 0) -> _Fault:
        mark = event.start_mark
        return mark.line, max(mark.column - back, 0), message, rule, "error"


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
