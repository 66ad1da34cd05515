"""What was edited: the lines that differ, and what stands in the way of making them live."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import unified_diff

from nurture.content import Project
from nurture.core.suggest import did_you_mean
from nurture.errors import ContentError, UsageError
from nurture.library import Edit, Library, Live

#: lines of a diff that are shown
MOST_LINES = 60


@dataclass(frozen=True, slots=True)
class Change:
    """How the file of one sequence differs from what is live; `edit` None: it does not."""

    sequence: str
    edit: Edit | None
    diff: tuple[str, ...] = ()


def changes(library: Library, live: Live, names: Iterable[str]) -> list[Change]:
    """One for each of these sequences."""
    return [Change(name, library.edits.get(name), _diff(library.project, live, name)) for name in sorted(names)]


def choose(library: Library, live: Live, words: Iterable[str], under_way: Iterable[str]) -> list[str]:
    """The sequences that were asked for; without words, all there are. Raises UsageError for an unknown one.

    `under_way` are those that leads are in: one that was taken out may still have some.
    """
    known = {*library.edits, *live.versions, *under_way}
    for word in words:
        if word not in known:
            hint = did_you_mean(word, known) or f"; there are: {', '.join(sorted(known))}"
            raise UsageError(f"unknown sequence '{word}'{hint}")
    return sorted(set(words) or known)


def refuse_faults(project: Project) -> None:
    """Raise ContentError while a sequence's file has faults: it might be one that seems to be gone."""
    faults = [one for one in project.problems if one.severity == "error" and one.file.startswith("sequences/")]
    if faults:
        raise ContentError(faults)


def refuse_pin(live: Live, names: Iterable[str]) -> None:
    """Raise UsageError where nobody could finish the text that is live."""
    for name in names:
        if (text := live.sequences.get(name)) and text.paused:
            raise UsageError(f"{name} is paused: whoever is pinned to that would stand still for good; leave out --pin")


def _diff(project: Project, live: Live, name: str) -> tuple[str, ...]:
    old, new = live.sequences.get(name), project.sequences.get(name)
    if not (old and new):
        return ()
    lines = unified_diff(old.source.splitlines(), new.source.splitlines(), lineterm="", n=1)
    shown = [line for line in lines if not line.startswith(("---", "+++"))]
    rest = len(shown) - MOST_LINES
    return (*shown[:MOST_LINES], *([f"... {rest} more lines"] if rest > 0 else []))
