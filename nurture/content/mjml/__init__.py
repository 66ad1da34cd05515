"""MJML with Jinja in it, made into a Jinja template of HTML, once: `mrml` writes the tables that mail programs want.

Jinja's tags are taken out by Jinja's own lexer before `mrml` reads the mail, and put back into what it wrote.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from nurture.content.mjml.check import Check
from nurture.content.mjml.expand import Fault, Piece, expand, unpaired
from nurture.content.mjml.words import CONTAINERS, TABLES
from nurture.content.parts import Part, Place

__all__ = ["Fault", "Faulty", "compile_mail"]

_LOST = "this has no place here and would be lost: put it into the text, or between two elements"
_OPENING = re.compile(r"\{[{%][-+]?")


class Faulty(Exception):
    """A mail that cannot be made into HTML."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(faults[0].message)
        self.faults = tuple(faults)


def compile_mail(key: str, file: str, files: Mapping[str, str], folded: Mapping[str, str]) -> Part:
    """The mail in `file` as a Jinja template of HTML, called `key`. `folded` is what tags that say the same in every
    mail are replaced by ("brand.name" -> HTML). Raises Faulty with all that is wrong."""
    try:
        pieces = expand(file, files)
    except Fault as fault:
        raise Faulty([fault]) from fault
    check = Check(pieces)
    if faults := [*check.faults, *unpaired(pieces)]:
        raise Faulty(faults)
    stand_in = _stand_in("".join(piece.text for piece in pieces))
    text = "".join(
        _carried(piece, f"{stand_in}{number}X", check.around.get(number)) for number, piece in enumerate(pieces)
    )
    try:
        html = _to_html(text)
    except OSError as error:
        raise Faulty([Fault(file, 1, 1, f"this cannot be made into a mail: {error}", "mjml")]) from error
    source, places, seen = _restored(html, stand_in, pieces, folded)
    if lost := _lost(pieces, seen, check.around, folded):
        raise Faulty([piece.fault(_LOST, "mjml") for piece in lost])
    return Part(key, file, source, places, frozenset(piece.file for piece in pieces))


def _stand_in(text: str) -> str:
    """What stands for a Jinja tag, and nowhere in the mail."""
    word = "JX"
    while word in text:
        word += "Q"
    return word


def _carried(piece: Piece, name: str, parent: str | None) -> str:
    """What `mrml` reads for a piece. Between the parts of a table, a script is the one thing that HTML leaves in its
    place; text would be moved out of the table."""
    if not piece.is_tag:
        return piece.text
    if parent in CONTAINERS:
        return f"<mj-raw><script>{name}</script></mj-raw>"
    return f"<script>{name}</script>" if parent in TABLES or parent == "mj-raw" else name


@lru_cache(maxsize=512)
def _to_html(text: str) -> str:
    import mrml  # 10 ms, and only mails in MJML want it

    return mrml.to_html(text).content


def _restored(
    html: str, stand_in: str, pieces: Sequence[Piece], folded: Mapping[str, str]
) -> tuple[str, tuple[Place, ...], set[int]]:
    """The template, where its tags were written, and the numbers of the tags in it."""
    places: list[Place] = []
    seen: set[int] = set()
    parts: list[str] = []
    line = 1
    for part in re.split(rf"(?:<script>)?{stand_in}(\d+)X(?:</script>)?", html):
        text = part
        if len(parts) % 2:
            piece = pieces[int(part)]
            text = _tag(piece, folded)
            seen.add(int(part))
            if text.startswith("{"):
                places.append(Place(line, piece.file, piece.line, piece.text.count("\n") + 1))
        parts.append(text)
        line += text.count("\n")
    return "".join(parts), tuple(places), seen


def _tag(piece: Piece, folded: Mapping[str, str]) -> str:
    """A Jinja tag as the template has it: its words on a line of their own, by which its place is told."""
    name = _printed(piece)
    return folded[name] if name in folded else _OPENING.sub(lambda match: f"{match[0]}\n", piece.text, count=1)


def _printed(piece: Piece) -> str:
    """The name a tag prints, when that is all it does."""
    return "".join(piece.words or ()) if piece.text.startswith("{{") else ""


def _lost(pieces: Sequence[Piece], seen: set[int], around: Mapping[int, str], folded: Mapping[str, str]) -> list[Piece]:
    """Tags that `mrml` left out. Of styles it takes what it needs."""
    return [
        piece
        for number, piece in enumerate(pieces)
        if piece.is_tag and number not in seen and around.get(number) != "mj-style" and _printed(piece) not in folded
    ]
