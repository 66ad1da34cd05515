"""Cutting what is due into tasks: few enough for the scheduler's memory, small enough to watch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from nurture.advance import Due, chunks

#: below so many due leads, each is a task of its own, which can be watched
SINGLES = 100
#: leads of a task where there are more
BATCH = 500
#: tasks of one sequence at once: a task costs the scheduler 10 ms and 20 KB
MOST_TASKS = 100


@dataclass(frozen=True, slots=True)
class Batch:
    """The enrollments of one task, all in one sequence. `name` says it with numbers only."""

    name: str
    sequence: str
    ids: tuple[int, ...]


def batches(due: Sequence[Due]) -> list[Batch]:
    """The tasks for what is due: one for each lead, or min(100, ceil(due / 500)) for each sequence."""
    if len(due) < SINGLES:
        return [Batch(f"lead {one.lead_id}", one.sequence, (one.id,)) for one in due]
    by_sequence = defaultdict[str, list[int]](list)
    for one in due:
        by_sequence[one.sequence].append(one.id)
    return [batch for sequence, ids in by_sequence.items() for batch in _cut(sequence, ids)]


def _cut(sequence: str, ids: Sequence[int]) -> list[Batch]:
    tasks = min(MOST_TASKS, ceil(len(ids) / BATCH))
    parts = list(chunks(ids, ceil(len(ids) / tasks)))
    return [
        Batch(f"{sequence} {n} of {len(parts)}, {len(part)} due", sequence, tuple(part))
        for n, part in enumerate(parts, start=1)
    ]
