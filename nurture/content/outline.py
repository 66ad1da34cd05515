"""A sequence file as its author sees it: lists of steps, one inside the other, each with its place in the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nurture.content.source import Loc

Step = Mapping[str, Any]
Steps = Sequence[Step]


def lists(data: Mapping[str, Any]) -> Iterator[tuple[Loc, Steps]]:
    """Every list of steps in the file, the outer ones first."""
    waiting: list[tuple[Loc, Steps]] = [(("steps",), data["steps"])]
    while waiting:
        loc, steps = waiting.pop(0)
        yield loc, steps
        waiting += [
            ((*loc, number, *inside), nested) for number, step in enumerate(steps) for inside, nested in within(step)
        ]


def steps(data: Mapping[str, Any]) -> Iterator[tuple[Loc, Step]]:
    """Every step in the file with its place."""
    for loc, listed in lists(data):
        yield from (((*loc, number), step) for number, step in enumerate(listed))


def within(step: Step) -> Iterator[tuple[Loc, Steps]]:
    """The lists of steps inside a step, each with its place in it."""
    if "if_not" in step:
        yield ("if_not",), step["if_not"]
    for kind in ("branch", "split"):
        for number, arm in enumerate(step.get(kind, ())):
            inside = "otherwise" if "otherwise" in arm else "steps"
            yield (kind, number, inside), arm[inside]


def questions(node: Any, at: Loc = ()) -> Iterator[tuple[Loc, str]]:
    """Every condition in the file with its place."""
    yield from ((loc, text) for loc, key, text in texts(node, at) if key in ("when", "wait_for"))


def texts(node: Any, at: Loc = ()) -> Iterator[tuple[Loc, str, str]]:
    """Every text in the file with its place and its key."""
    pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in pairs:
        if isinstance(value, str):
            yield (*at, key), str(key), value
        else:
            yield from texts(value, (*at, key))


def value_at(data: Any, loc: Loc) -> Any:
    """What stands at a place of the file."""
    for part in loc:
        data = data[part]
    return data
