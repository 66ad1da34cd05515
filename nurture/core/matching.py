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


def event_name(text: str) -> str:
    """A tracked event by the name it is known under here: "Form Submitted" and "formSubmitted" are form_submitted."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    return re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_")


def is_page(path: str, page: str) -> bool:
    """Whether a path of the site is this page or one below it; case and a slash at the end do not matter."""
    here, there = path.casefold().rstrip("/"), page.casefold().rstrip("/")
    return here == there or here.startswith(f"{there}/")


def raise_twice(what: str, names: Iterable[str]) -> None:
    """Refuse a name that stands twice (ValueError)."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"{what} {name!r} stands here twice")
        seen.add(name)
