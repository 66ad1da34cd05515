"""Words, domains and names, matched in one way everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterable


def any_word(words: Iterable[str]) -> re.Pattern[str]:
    """Finds any of the words or phrases where it stands as a whole word, in any case."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)", re.IGNORECASE)


def at_domain(email: object, domains: Iterable[str]) -> bool:
    """Whether a mail address is at one of the domains, or at a host below one."""
    host = str(email or "").rpartition("@")[2].lower()
    return any(host == domain or host.endswith(f".{domain}") for domain in map(str.lower, domains))


def raise_twice(what: str, names: Iterable[str]) -> None:
    """Refuse a name that stands twice (ValueError)."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"{what} {name!r} stands here twice")
        seen.add(name)
