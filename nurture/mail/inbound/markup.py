"""The text of an HTML mail, up to where a mail program put the mail it answers. Only to be read, never to be shown
as HTML; written so that no input takes more than one pass."""

from __future__ import annotations

import html
import re

MOST_MARKUP = 200_000
_TOKEN = re.compile(r"<[^<>]{0,4000}>|[^<]+|<")
_TAG = re.compile(r"</?([a-z0-9]+)", re.IGNORECASE)
_LINES = frozenset({"br", "p", "div", "tr", "li", "h1", "h2", "h3", "table", "ul", "ol", "hr"})
_UNSEEN = frozenset({"head", "style", "script", "title"})
#: marks of Gmail, Outlook (two of them), Apple Mail, Yahoo, Thunderbird
_QUOTES = re.compile(
    r"""gmail_quote|id=["']?divRplyFwdMsg|id=["']?appendonsend|yahoo_quoted|moz-cite-prefix"""
    r"""|<blockquote[^>]*type=["']?cite|border:none;\s*border-top:\s*solid #[0-9a-f]{6}""",
    re.IGNORECASE,
)


def text_of(markup: str) -> str:
    """The words of a page in lines, without what stands in a quoted mail."""
    lines: list[str] = []
    unseen = ""
    for match in _TOKEN.finditer(markup[:MOST_MARKUP]):
        token = match[0]
        tag = _TAG.match(token) if token.endswith(">") else None
        if tag is None:
            if not unseen and not token.startswith("<"):
                lines.append(re.sub(r"\s+", " ", html.unescape(token)))
            continue
        name = tag[1].lower()
        if unseen:
            unseen = "" if token.startswith("</") and name == unseen else unseen
        elif name in _UNSEEN and not token.startswith("</"):
            unseen = name
        elif _QUOTES.search(token) and "".join(lines).strip():
            break
        elif name in _LINES:
            lines.append("\n")
    return re.sub(
        r"[ \t]*\n[ \t]*(\n[ \t]*)*", lambda gap: "\n\n" if gap[0].count("\n") > 2 else "\n", "".join(lines)
    ).strip()
