"""Did you mean ...? One way to guess what a person meant to write."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like `word`, or None when nothing is near."""
    by_lower = {name.lower(): name for name in known}
    matches = get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[matches[0]] if matches else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """ ", did you mean 'email'?" to end a sentence with, or nothing when no known word is near."""
    match = closest(word, known)
    return f", did you mean '{match}'?" if match else ""
