"""The writer's own words: a reply without the mail that it quotes, which says "unsubscribe" itself."""

from __future__ import annotations

import re
from collections.abc import Sequence

import quotequail

#: what is looked at of a text, in characters, lines, and characters of a line
MOST_TEXT, MOST_LINES, LONGEST_LINE = 64_000, 2_000, 1_000

_INTRO_VERB = re.compile(r"\b(wrote|schrieb|skrev|a écrit|escribió)\b.{0,200}:$", re.IGNORECASE)
_FROM = re.compile(r"^[*>\s]*(from|von|fra|från|de|expéditeur|desde)\s?:", re.IGNORECASE)
_SENT = re.compile(
    r"^[*>\s]*(sent|date|gesendet|datum|sendt|dato|skickat|envoyé|enviado( el)?|fecha|to|an|til|till|à|para)\s?:",
    re.IGNORECASE,
)
_DIVIDER = re.compile(
    r"^(_{20,}|-{3,} ?(original message|original appointment|forwarded message|ursprüngliche nachricht"
    r"|opprinnelig melding|ursprungligt meddelande|message d'origine|mensaje original|videresendt melding"
    r"|weitergeleitete nachricht|vidarebefordrat meddelande|message transféré|mensaje reenviado).*)$",
    re.IGNORECASE,
)
#: lines after which "Sent:" may follow "From:", and lines over which an intro may be wrapped
_HEADER_LINES, _WRAPPED = 4, 3
_LONGEST_INTRO = 300


def own_words(text: str) -> tuple[str, bool]:
    """What the writer wrote, and whether it could be told from what is quoted.

    Where nothing but quotes is found, the whole text comes back with False: better too much for a person to
    read than nothing, but nothing may be concluded from it.
    """
    lines = [line[:LONGEST_LINE].rstrip() for line in text[:MOST_TEXT].splitlines()[:MOST_LINES]]
    cut = _cut(lines)
    top = _joined(lines[:cut])
    if top:
        return top, True
    below = _joined(_unquoted(lines[cut:]))
    return (below, True) if below else (_joined(lines), not lines)


def _cut(lines: Sequence[str]) -> int:
    """The line at which the quoted mail begins."""
    ours = next((n for n in range(len(lines)) if _begins_quote(lines, n)), len(lines))
    kept = quotequail.quote("\n".join(lines[:ours]), limit=MOST_LINES, quote_intro_line=True)[0][1]
    return len(kept.split("\n")) if kept else 0


def _begins_quote(lines: Sequence[str], n: int) -> bool:
    line = lines[n].strip()
    if not line:
        return False
    if line.startswith(">") or _DIVIDER.match(line):
        return True
    if _FROM.match(line) and any(map(_SENT.match, lines[n + 1 : n + 1 + _HEADER_LINES])):
        return True
    return _is_intro(lines, n)


def _is_intro(lines: Sequence[str], n: int) -> bool:
    """ "On Tue, 3 Mar 2026 at 10:00, Nora wrote:", in any of our languages, perhaps wrapped."""
    for last in range(n, min(n + _WRAPPED, len(lines))):
        if not lines[last].strip():
            return False
        joined = " ".join(line.strip() for line in lines[n : last + 1])
        if len(joined) > _LONGEST_INTRO:
            return False
        if joined.endswith(":") and re.search(r"\d", joined) and _INTRO_VERB.search(joined):
            return not _INTRO_VERB.search(" ".join(line.strip() for line in lines[n + 1 : last + 1])) or last == n
    return False


def _unquoted(lines: Sequence[str]) -> list[str]:
    """What stands between and below lines with ">", where a blank line sets it off: answers below the question.

    Unquoted lines right behind a quoted one are the rest of it, wrapped.
    """
    if not any(line.startswith(">") for line in lines):
        return []
    own: list[str] = []
    apart = False
    for line in lines:
        if line.startswith(">"):
            apart = False
        elif not line.strip():
            apart = True
        elif apart:
            own.append(line)
    return own


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(lines).strip()
