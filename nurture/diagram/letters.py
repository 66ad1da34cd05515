"""How wide texts are, by rule of thumb and a little wide, because nobody here knows the reader's fonts."""

from __future__ import annotations

from collections.abc import Iterator

_NARROW, _WIDE = frozenset("iljtfrI.,:;'|!()[]/- "), frozenset("mwMW@%")


def wrapped(text: str, room: float, size: float, *, bold: bool = False) -> list[str]:
    """The text in lines that fit; a word that is too long for one is broken."""
    lines = [""]
    for word in text.split():
        for piece in _pieces(word, room, size, bold=bold):
            longer = f"{lines[-1]} {piece}".strip()
            if long(longer, size, bold=bold) <= room:
                lines[-1] = longer
            else:
                lines.append(piece)
    return lines


def long(text: str, size: float, *, bold: bool = False) -> float:
    """How wide a text is at most, in pixels."""
    widths = (0.34 if letter in _NARROW else 0.88 if letter in _WIDE else 0.58 for letter in text)
    return sum(widths) * size * (1.1 if bold else 1)


def _pieces(word: str, room: float, size: float, *, bold: bool) -> Iterator[str]:
    """A word, in as many pieces as it needs."""
    rest = word
    while long(rest, size, bold=bold) > room and len(rest) > 1:
        cut = next(n for n in range(len(rest) - 1, 0, -1) if n == 1 or long(rest[:n], size, bold=bold) <= room)
        yield rest[:cut]
        rest = rest[cut:]
    yield rest
