"""The writer's own words: a reply without the mail that it quotes, which says "unsubscribe" itself."""

from __future__ import annotations

import re
from collections.abc import Sequence

import quotequail

from nurture.mail.inbound.optouts import BARE

#: what is looked at of a text, in characters, lines, and characters of a line
MOST_TEXT, MOST_LINES, LONGEST_LINE = 64_000, 2_000, 1_000

_INTRO_VERB = re.compile(
    r"\b(wrote|schrieb|skrev|a écrit|escribió|schreef|ha scritto|escreveu|napisał\w*"
    r"|kirjoitti)\b.{0,200}:$",
    re.IGNORECASE,
)
#: "2026. nov. 23. 9:12 ezt írta (Nora <nora@acme.example>):", in a language that nobody told us of
_INTRO_ADDRESS = re.compile(r"<?[^\s<>@]{1,80}@[^\s<>@]{1,80}>?\)?.{0,60}:$")
_FROM = re.compile(
    r"^[*>\s]*(from|von|fra|från|de|expéditeur|desde|van|da|od|lähettäjä|remetente)\s?:[*\s]", re.IGNORECASE
)
_SENT = re.compile(
    r"^[*>\s]*(sent|date|gesendet|datum|sendt|dato|skickat|envoyé|enviado( el)?|enviada( em)?|fecha|to|an|til|till|à"
    r"|para"
    r"|verzonden|aan|inviato|data|a|wysłano|do|lähetetty|vastaanottaja|päiväys)\s?:",
    re.IGNORECASE,
)
#: a line of the head of a mail, whatever the language: "Küldi: Nora <nora@acme.example>"
_HEAD_LINE = re.compile(r"^[*>\s]*\w[\w .-]{0,24}\s?:\*{0,2}\s+\S")
_ADDRESS = re.compile(r"[^\s<>@]@[^\s<>@]+\.\w")
#: Lotus Notes: "Nora Lie ---23/11/2026 09:12:33---Hello"
_NOTES = re.compile(r"^.{0,80}---\d{1,4}[-./]\d{1,2}[-./]\d{2,4} \d{1,2}:\d\d.{0,12}---")
_DIVIDER = re.compile(
    r"^(_{20,}|-{3,} ?(original message|original appointment|forwarded message|ursprüngliche nachricht"
    r"|opprinnelig melding|ursprungligt meddelande|message d'origine|mensaje original|videresendt melding"
    r"|weitergeleitete nachricht|vidarebefordrat meddelande|message transféré|mensaje reenviado"
    r"|oorspronkelijk bericht|doorgestuurd bericht|messaggio originale|messaggio inoltrato|oryginalna wiadomość"
    r"|wiadomość oryginalna|alkuperäinen viesti|mensagem original|oprindelig meddelelse).*)$",
    re.IGNORECASE,
)
#: lines after which "Sent:" may follow "From:", lines of a head in any language, and those an intro is wrapped over
_HEADER_LINES, _HEAD, _WRAPPED = 4, 4, 3
_LONGEST_INTRO = 300


def own_words(text: str, ours: Sequence[str] = ()) -> tuple[str, bool]:
    """What the writer wrote, and whether it could be told from what is quoted.

    `ours` are marks of our own mails: where its links lead, our postal address. A line with one of them is a footer of
    ours that a mail program did not set off, and so what begins its paragraph is quoted too.

    Where nothing but quotes is found, or something stands below such a footer, the whole text comes back with False:
    better too much for a person to read than nothing, but nothing may be concluded from it.
    """
    lines = [line[:LONGEST_LINE].rstrip() for line in text[:MOST_TEXT].splitlines()[:MOST_LINES]]
    begins = next((n for n in range(len(lines)) if _begins_quote(lines, n)), len(lines))
    footer = _footer(lines[:begins], ours)
    if _is_answered_below(lines[footer:begins], ours):
        return _joined(lines), False
    cut = _cut(lines[:footer])
    top = _joined(lines[:cut])
    if top:
        return top, True
    below = _joined(_unquoted(lines[cut:]))
    return (below, True) if below else (_joined(lines), not lines)


def _cut(lines: Sequence[str]) -> int:
    """The line at which a quote begins that quotequail knows."""
    kept = quotequail.quote("\n".join(lines), limit=MOST_LINES, quote_intro_line=True)[0][1]
    return len(kept.split("\n")) if kept else 0


def _footer(lines: Sequence[str], ours: Sequence[str]) -> int:
    """The first line of the paragraph in which a footer of ours stands, or of a lone "Unsubscribe" above it."""
    n = next((n for n, line in enumerate(lines) if _is_ours(line, ours)), len(lines))
    while 0 < n < len(lines) and (lines[n - 1].strip() or _is_lone(lines, n)):
        n -= 1
    return n


def _is_ours(line: str, ours: Sequence[str]) -> bool:
    """Whether this line is one of a footer of ours: a link stands at its end, not in a sentence of somebody's."""
    for mark in ours:
        before, found, behind = line.strip().casefold().partition(mark.casefold())
        is_apart = not before or before.rstrip()[-1:] in ":<([|"
        if mark and found and (not mark.startswith("http") or (is_apart and " " not in behind)):
            return True
    return False


def _is_answered_below(lines: Sequence[str], ours: Sequence[str]) -> bool:
    """Whether something stands below the paragraph that ends a footer of ours: of whom, nobody can tell."""
    last = max((n for n, line in enumerate(lines) if _is_ours(line, ours)), default=len(lines))
    paragraph = next((n for n in range(last, len(lines)) if not lines[n].strip()), len(lines))
    return any(line.strip() for line in lines[paragraph:])


def _is_lone(lines: Sequence[str], n: int) -> bool:
    """Whether above this line and blank ones a link of ours stands by itself, without where it leads."""
    above = next((line.strip().casefold() for line in reversed(lines[:n]) if line.strip()), "")
    return any(re.fullmatch(pattern, above) for pattern in BARE.values())


def _begins_quote(lines: Sequence[str], n: int) -> bool:
    line = lines[n].strip()
    if not line:
        return False
    if line.startswith(">") or _DIVIDER.match(line) or _NOTES.match(line):
        return True
    if _FROM.match(line) and any(map(_SENT.match, lines[n + 1 : n + 1 + _HEADER_LINES])):
        return True
    return _is_head(lines[n : n + _HEAD]) or _is_intro(lines, n)


def _is_head(lines: Sequence[str]) -> bool:
    """From, sent, to and subject in any language: who wrote it is an address, and when has a figure."""
    if len(lines) < _HEAD or not all(map(_HEAD_LINE.match, lines)):
        return False
    return bool(_ADDRESS.search(lines[0])) and any(re.search(r"\d", line) for line in lines[1:3])


def _is_intro(lines: Sequence[str], n: int) -> bool:
    """ "On Tue, 3 Mar 2026 at 10:00, Nora wrote:", in any of our languages, perhaps wrapped."""
    for last in range(n, min(n + _WRAPPED, len(lines))):
        if not lines[last].strip():
            return False
        joined = " ".join(line.strip() for line in lines[n : last + 1])
        if len(joined) > _LONGEST_INTRO:
            return False
        if joined.endswith(":") and _introduces(joined):
            return last == n or not _introduces(" ".join(line.strip() for line in lines[n + 1 : last + 1]))
    return False


def _introduces(line: str) -> bool:
    if not re.search(r"\d", line):
        return False
    return bool(_INTRO_VERB.search(line) or (_INTRO_ADDRESS.search(line) and re.search(r"\d[:.h]\d\d", line)))


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
