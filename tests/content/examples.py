"""The examples that rules and pages show: a few keys of a file, put into a whole one."""

from __future__ import annotations

import re
from pathlib import Path

_KEY = re.compile(r"^[\w-]+:", re.MULTILINE)
_FENCED = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)


def merged(whole: str, keys: str) -> str:
    """The file `whole` with what `keys` says in the place of its own; `agreement:` is merged key by key."""
    blocks = _blocks(whole)
    for key, text in _blocks(keys).items():
        blocks[key] = _inside(blocks[key], text) if key == "agreement" else text
    return "".join(blocks.values())


def yaml_examples(page: Path) -> list[str]:
    """Every YAML example in a page, as it stands there."""
    return _FENCED.findall(page.read_text(encoding="utf-8"))


def _blocks(text: str) -> dict[str, str]:
    """Top-level key -> its lines, wherever they stand."""
    starts = [match.start() for match in _KEY.finditer(text)]
    pieces = [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]
    blocks: dict[str, str] = {}
    for piece in pieces:
        key = piece.partition(":")[0]
        blocks[key] = blocks.get(key, "") + piece
    return blocks


def _inside(whole: str, keys: str) -> str:
    (head, below), (_, wanted) = (text.split("\n", 1) for text in (whole, keys))
    inner = merged(_moved(below, -2), _moved(wanted, -2))
    return f"{head}\n{_moved(inner, 2)}"


def _moved(text: str, by: int) -> str:
    lines = text.splitlines(keepends=True)
    return "".join(" " * by + line if by > 0 else line.removeprefix(" " * -by) for line in lines)
