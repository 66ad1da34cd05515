"""Many at once: the stretches of time that hold too many different links, or too many different readers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Protocol, TypeVar

#: clicks of one caller in mails to so many leads within `TOGETHER` are a gateway's work, or an office's at nine
LEADS_OF_A_CROWD, TOGETHER = 5, timedelta(minutes=2)


class _Timed(Protocol):
    @property
    def at(self) -> datetime: ...


T = TypeVar("T", bound=_Timed)


@dataclass(frozen=True, slots=True)
class Seen:
    """A click as it is stored: in whose mail, when."""

    id: int
    lead_id: int
    message_id: int
    at: datetime


def crowd(clicks: Sequence[Seen]) -> list[Seen]:
    """Of the clicks of one caller (address on the net, program) those with which it came to many leads at once. The
    order in which they are told does not matter, and more clicks never take one out again."""
    ordered = sorted(clicks, key=attrgetter("at", "id"))
    return crowded(ordered, TOGETHER, LEADS_OF_A_CROWD, attrgetter("lead_id"))


def crowded(ordered: Sequence[T], span: timedelta, many: int, what: Callable[[T], Hashable]) -> list[T]:
    """Those in any stretch of `span` that holds so many different ones. `ordered` by time; one pass, however many."""
    if len(ordered) < many:
        return []
    inside, start, taken = Counter[Hashable](), 0, 0
    found = list[T]()
    for end, one in enumerate(ordered):
        inside[what(one)] += 1
        while one.at - ordered[start].at > span:
            left = what(ordered[start])
            inside[left] -= 1
            if not inside[left]:
                del inside[left]
            start += 1
        if len(inside) >= many:
            found += ordered[max(start, taken) : end + 1]
            taken = end + 1
    return found
