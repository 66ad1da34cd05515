"""The links of a mail that a reader may follow to see what is behind them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

#: where the hidden link leads, which no reader sees
TRAP = "/about-this-mail"
#: the page behind which a poll is answered
POLL = "/a/"
#: links that answer for the reader (opting out, a poll), or are hidden
_OTHERS = ("/u/", POLL, TRAP)
#: pages of ours that ask the reader for an answer: opting out, a poll, confirming
_ASKING = ("/u/", POLL, "/c/")
_HREF = re.compile(r"""\bhref\s*=\s*["'](https?://[^"']+)["']""", re.IGNORECASE)


def links_of(html: str) -> tuple[str, ...]:
    """What a reader of a mail may follow, each once, in its order."""
    found = (url.replace("&amp;", "&") for url in _HREF.findall(html))
    return tuple(dict.fromkeys(url for url in found if is_to_read(url)))


def polls_of(html: str) -> tuple[str, ...]:
    """The links of a mail's polls, each of which leads to a page with a button."""
    found = (url.replace("&amp;", "&") for url in _HREF.findall(html))
    return tuple(dict.fromkeys(url for url in found if POLL in url))


def is_to_read(url: str) -> bool:
    """Whether a link is followed for what is behind it, and does not answer for the reader."""
    return not any(part in url for part in _OTHERS)


def without_token(url: str, public_url: str) -> str:
    """A link of ours that answers for its reader, as a click on it is kept: without the token in it, by which anybody
    could answer. Any other link is kept as it is."""
    path = url.removeprefix(public_url)
    if path is url or not path.startswith(_ASKING):
        return url
    return path[:3] + path[3:].partition("/")[2]


def asks(url: str) -> bool:
    """Whether a click, as it is kept, was one on a page that asks: no reading, whoever it was."""
    return url.startswith(_ASKING)


def places(urls: Iterable[str]) -> set[str]:
    """Where those of these links lead that are followed for what is behind them."""
    return {bare(url).partition("#")[0].rstrip("/") for url in urls if url and is_to_read(url)}


@lru_cache(maxsize=4096)
def bare(url: str) -> str:
    """A link without what was put on it for the statistics of others (utm_...)."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    query = parse_qsl(parts.query, keep_blank_values=True)
    kept = urlencode([(name, value) for name, value in query if not name.startswith("utm_")])
    return urlunsplit(parts._replace(query=kept))
