"""Signing: the terms of the agreement change only when both departments have put their names to the change."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from nurture.core.agreement import NOBODY, Agreement, Signature
from nurture.core.sales import Department

DEPARTMENTS: tuple[Department, ...] = ("marketing", "sales")
#: what names an entry of a list, so that a change of one is not told as a change of all behind it
_NAMES = ("text", "key", "because", "at_percent", "day")
#: it may be tomorrow already where the signature was given
_AHEAD = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Change:
    """One term that differs: where it stands, as a dotted path, and what it was and is; None where there is none."""

    path: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        if self.before is None:
            return f"{self.path}: new, {self.after}"
        if self.after is None:
            return f"{self.path}: gone, was {self.before}"
        return f"{self.path}: {self.before} -> {self.after}"


@dataclass(frozen=True, slots=True)
class Unsigned:
    """A department whose signature does not cover a change, and what to do about it."""

    department: Department
    what: str

    def __str__(self) -> str:
        return self.what


def changes(old: Agreement, new: Agreement) -> tuple[Change, ...]:
    """What differs in the terms, signatures aside, in the order of the agreement."""
    before, after = (dict(_leaves(terms.model_dump(mode="json", exclude={"agreed_by"}))) for terms in (old, new))
    found = (Change(path, before.get(path), after.get(path)) for path in dict.fromkeys([*before, *after]))
    return tuple(one for one in found if one.before != one.after and not _is_order_of_others(one))


def unsigned(old: Agreement, new: Agreement, now: datetime) -> tuple[Unsigned, ...]:
    """The departments that have not signed `new`, which is to follow `old`; `old` needs no more than it had.

    A signature covers a change if it is later than the one that the terms in force have, and not of a day to come.
    """
    # the terms themselves, not how they read: what nobody can tell apart is signed all the same
    changed = old.model_copy(update={"agreed_by": new.agreed_by}) != new
    found = (
        _unsigned(side, getattr(old.agreed_by, side), getattr(new.agreed_by, side), now.date(), changed=changed)
        for side in DEPARTMENTS
    )
    return tuple(one for one in found if one)


def without_hand(terms: Agreement) -> tuple[Department, ...]:
    """The departments that nobody has signed for, as in a project that is new."""
    return tuple(side for side in DEPARTMENTS if getattr(terms.agreed_by, side).name == NOBODY)


def signed_by(signature: Signature) -> str:
    """ "Ida Solberg, 22 Nov 2026", or "nobody yet"."""
    if signature.name == NOBODY:
        return NOBODY
    at = f" {signature.time}" if signature.time else ""
    return f"{signature.name}, {signature.date.day} {signature.date:%b %Y}{at}"


def _unsigned(side: Department, old: Signature, new: Signature, today: date, *, changed: bool) -> Unsigned | None:
    if new.name == NOBODY:
        if old.name == NOBODY and not changed:
            return None
        what = f"nobody has signed for {side}: write name and date at agreed_by.{side}"
    elif new.date > today + _AHEAD:
        what = (
            f"{side}'s signature is of {new.date}, a day to come: write the day it signed; until then nothing changes"
        )
    elif _moment(new) < _moment(old):
        what = f"{side}'s signature is of {new.date}, older than the one in force, of {old.date}"
    elif changed and _moment(new) == _moment(old):
        what = (
            f"{side} has not signed the change: set agreed_by.{side}.date to the day it did"
            f' (it still says {old.date}; for a second change on one day add time: "15:30")'
        )
    else:
        return None
    return Unsigned(side, what)


def _moment(signature: Signature) -> tuple[date, str]:
    return (date.min, "") if signature.name == NOBODY else (signature.date, signature.time)


def _leaves(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Every term by its path. Entries of lists go by their names, and the order of those is a term of its own."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and value and isinstance(value[0], Mapping):
        names = _named(value)
        for name, inner in zip(names, value, strict=True):
            yield from _leaves(inner, f"{path}.{name}")
        yield f"{path}{_ORDER}", ", ".join(names)
    elif value not in (None, [], "", {}):
        yield path, ", ".join(map(_entry, value)) if isinstance(value, list) else _word(value)


_ORDER = " (order)"


def _named(entries: list[Mapping[str, object]]) -> list[str]:
    found: list[str] = []
    for number, entry in enumerate(entries, start=1):
        name = str(next((entry[key] for key in _NAMES if key in entry), number))
        found.append(name if name not in found else f"{name} ({number})")
    return found


def _entry(value: object) -> str:
    """An entry of a list; in quotes where it could be taken for two."""
    word = str(value)
    return json.dumps(word, ensure_ascii=False) if "," in word or '"' in word else word


def _word(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _is_order_of_others(one: Change) -> bool:
    """Entries that came or went are told of themselves."""
    if not one.path.endswith(_ORDER):
        return False
    return sorted((one.before or "").split(", ")) != sorted((one.after or "").split(", "))
