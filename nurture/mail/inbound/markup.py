"""The words of an HTML mail, up to where a mail program put the mail it answers.

nh3 reads what strangers wrote and leaves a few plain tags; of them the text is kept, with links written out. It reads
like a browser, which takes quadratic time over mails made to be slow, so it is given the beginning of a mail only.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import islice

import nh3

#: characters and tags that are read
MOST_MARKUP, MOST_TAGS = 32_000, 600
SCHEMES = {"http", "https", "mailto"}
_LINES = {"br", "p", "div", "tr", "li", "h1", "h2", "h3", "table", "ul", "ol", "hr"}
_UNSEEN = {"script", "style", "title"}
_LONGEST_TARGET = 500
_BODY = re.compile(r"<body\b", re.IGNORECASE)
#: marks of Gmail, Outlook (two of them), Apple Mail, Yahoo, Thunderbird, each in a tag
_QUOTE = re.compile(
    r"""<[^<>]{0,500}?(?:gmail_quote|id=["']?divRplyFwdMsg|id=["']?appendonsend|yahoo_quoted|moz-cite-prefix"""
    r"""|(?<=<)blockquote[^<>]{0,500}?type=["']?cite|border:none;\s*border-top:\s*solid #[0-9a-f]{6})""",
    re.IGNORECASE,
)
_GAP = re.compile(r"[ \t]*\n[ \t]*(\n[ \t]*)*")


def text_of(markup: str) -> str:
    """The words of a page in lines, without what stands in a quoted mail. What has no words above the quote is taken
    as a whole: somebody answered below."""
    body = _BODY.search(markup)
    markup = markup[body.start() if body else 0 :]
    quote = _QUOTE.search(markup[: 10 * MOST_MARKUP])
    return (_words(markup[: quote.start()]) if quote else "") or _words(markup)


def _words(markup: str) -> str:
    markup = markup[:MOST_MARKUP]
    beyond = next(islice(re.finditer("<", markup), MOST_TAGS, None), None)
    plain = nh3.clean(
        markup[: beyond.start()] if beyond else markup,
        tags=_LINES | {"a"},
        clean_content_tags=_UNSEEN,
        attributes={"a": {"href"}},
        url_schemes=SCHEMES,
        link_rel=None,
    )
    reader = _Reader()
    reader.feed(plain)
    reader.close()
    return _GAP.sub(lambda gap: "\n\n" if gap[0].count("\n") > 2 else "\n", "".join(reader.words)).strip()


class _Reader(HTMLParser):
    """Plain tags as lines: points of a list with a dash, links with where they lead."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._link, self._begins = "", 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._link, self._begins = (dict(attrs).get("href") or "").removeprefix("mailto:"), len(self.words)
        else:
            self.words.append("\n- " if tag == "li" else "\n")

    def handle_endtag(self, tag: str) -> None:
        shown = "".join(self.words[self._begins :]).strip()
        if tag == "a" and shown and shown not in self._link and len(self._link) <= _LONGEST_TARGET:
            self.words.append(f" ({self._link})" if self._link else "")
        elif tag != "a":
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        self.words.append(re.sub(r"\s+", " ", data))
