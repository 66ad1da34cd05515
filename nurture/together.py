"""Many at a time: what is done to a hundred in one transaction costs little more than what is done to one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy.exc import InterfaceError, OperationalError

T = TypeVar("T")
R = TypeVar("R")

#: so many that their number costs nothing, so few that nobody waits long for what they hold
MOST = 100


def together(items: Sequence[T], work: Callable[[Sequence[T]], R], set_aside: Callable[[T, Exception], R]) -> list[R]:
    """What came of all `items`, some at a time; `work` does them in one transaction, all or none.

    If one of them is in the way of the others, they are worked by halves until it stands alone: then it is `set_aside`
    with its error. The database's own trouble is nobody's fault, and is raised.
    """
    return [
        done for start in range(0, len(items), MOST) for done in _work(items[start : start + MOST], work, set_aside)
    ]


def _work(items: Sequence[T], work: Callable[[Sequence[T]], R], set_aside: Callable[[T, Exception], R]) -> list[R]:
    try:
        return [work(items)]
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one of them, the others go on
        if len(items) == 1:
            return [set_aside(items[0], error)]
    half = len(items) // 2
    return _work(items[:half], work, set_aside) + _work(items[half:], work, set_aside)
