"""A sequence as one SVG that needs nothing else: light and dark, drawn from top to bottom, arms side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from nurture.diagram.counts import Counts
from nurture.diagram.letters import long, wrapped
from nurture.diagram.shapes import GAP, Shape, beside, box, down, stack, text, way
from nurture.diagram.style import style
from nurture.diagram.tree import Kind, Node, Tree

WIDTH, PAD, MARGIN, NARROWEST = 272, 18, 24, 520
_CHIP, _CHIP_ROW = 21, 26
_TONES: dict[Kind, str] = {
    "email": "mail",
    "wait": "wait",
    "wait_for": "ask",
    "branch": "ask",
    "split": "ask",
    "exit": "wait",
}

#: a line of text: its look, how tall it is, the words
_Line = tuple[str, int, str]


def drawing(tree: Tree, primary: str = "#0b5d6b") -> str:
    """The SVG. `primary` is the color of the brand."""
    body = stack([_pill(("Comes in by " + tree.enters[0], *tree.enters[1:])), _chain(tree.steps)])
    if not body.ends:
        body = stack([body, down(GAP), _pill(("Finished", *(tree.end.in_words if tree.end else ())))])
    whole = stack([_heading(tree, max(body.width, NARROWEST)), body])
    width, height = max(whole.width, NARROWEST) + 2 * MARGIN, whole.height + 2 * MARGIN
    size = f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}"'
    lines = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="drawn" {size} role="img" aria-label="{escape(tree.title)}">',
        f"<style>{style(primary)}</style>",
        '<rect class="ground" width="100%" height="100%"/>',
        *whole.draw(width / 2, MARGIN),
        "</svg>\n",
    )
    return "\n".join(lines)


def _chain(nodes: Sequence[Node]) -> Shape:
    """Steps one below the other, each with the way that leads to it."""
    return stack([shape for node in nodes for shape in (down(GAP), *_step(node))])


def _step(node: Node) -> Iterator[Shape]:
    yield _card(node)
    if node.arms:
        labels = [wrapped(arm.label, WIDTH - 40, 12) for arm in node.arms]
        most = max(map(len, labels))
        yield beside([_arm(label, most, arm.steps) for label, arm in zip(labels, node.arms, strict=True)])


def _arm(label: Sequence[str], most: int, nodes: Sequence[Node]) -> Shape:
    steps = _chain(nodes)
    return stack([_label(label, most), steps, *([] if steps.ends else [down(GAP / 2)])])


def _label(lines: Sequence[str], most: int) -> Shape:
    """Who goes this way. It is as tall as one of `most` lines, so that the arms begin at one height."""
    tall, wide = 8 + 15 * len(lines), max(long(line, 12) for line in lines) + 24
    rest = 15 * (most - len(lines))

    def draw(x: float, y: float) -> Iterator[str]:
        yield way(f"M{x:.1f} {y:.1f}v12")
        yield box("label", x - wide / 2, y + 12, wide, tall, 11)
        for number, line in enumerate(lines):
            yield text("label-text", x, y + 28 + 15 * number, line, "middle")
        yield from down(rest).draw(x, y + 12 + tall)

    return Shape(max(wide, WIDTH * 0.6), 12 + tall + rest, draw)


def _card(node: Node) -> Shape:
    lines, rows = list(_lines(node)), _rows(node.counts)
    tall = sum(height for _, height, _ in lines)
    height = tall + 18 + (8 + _CHIP_ROW * len(rows) if rows else 0)

    def draw(x: float, y: float) -> Iterator[str]:
        left = x - WIDTH / 2
        yield f'<g class="{_TONES.get(node.kind, "deed")}">'
        yield box("box", left, y, WIDTH, height, 12)
        yield f'<path class="bar" d="M{left + 6:.1f} {y:.1f}h-1a6 12 0 0 0 -5 12v{height - 24}a6 12 0 0 0 5 12h1z"/>'
        yield from _written(lines, left + PAD, y + 8)
        for number, row in enumerate(rows):
            yield from _chips(row, left + PAD, y + tall + 16 + _CHIP_ROW * number)
        yield "</g>"

    return Shape(WIDTH, height, draw, node.ends)


def _lines(node: Node) -> Iterator[_Line]:
    room = WIDTH - 2 * PAD
    yield "kind", 16, node.name
    yield from (("title", 20, line) for line in wrapped(node.title, room, 15, bold=True))
    for words in (*node.lines, *([f"only if {node.when}"] if node.when else [])):
        yield from (("soft", 18, line) for line in wrapped(words, room, 13))


def _written(lines: Sequence[_Line], x: float, y: float, anchor: str = "start") -> Iterator[str]:
    for look, height, words in lines:
        y += height
        yield text(look, x, y - 4, words, anchor)


def _rows(counts: Counts | None) -> list[list[str]]:
    """Numbers in rows, as many in each as there is room for."""
    rows: list[list[str]] = []
    left = 0.0
    for words in counts.in_words if counts else ():
        if not rows or _wide(words) > left:
            rows.append([])
            left = WIDTH - 2 * PAD
        rows[-1].append(words)
        left -= _wide(words) + 6
    return rows


def _wide(words: str) -> float:
    return long(words, 12, bold="here now" in words) + 18


def _chips(row: Sequence[str], x: float, y: float) -> Iterator[str]:
    for words in row:
        now = "here now" in words
        yield box("now" if now else "chip", x, y, _wide(words), _CHIP, 11)
        yield text("small now-text" if now else "small", x + _wide(words) / 2, y + 15, words, "middle")
        x += _wide(words) + 6


def _pill(texts: Sequence[str]) -> Shape:
    lines = [
        ("soft" if number else "", 18, line)
        for number, words in enumerate(texts)
        for line in wrapped(words, WIDTH - 32, 13)
    ]
    height = 18 + 18 * len(lines)

    def draw(x: float, y: float) -> Iterator[str]:
        yield box("box", x - WIDTH / 2, y, WIDTH, height, 18)
        yield from _written(lines, x, y + 8, "middle")

    return Shape(WIDTH, height, draw)


def _heading(tree: Tree, width: float) -> Shape:
    said = [f"{tree.name}, {tree.stage}" + (", paused" if tree.paused else "")]
    said += [f"Goal: {tree.goal}"] if tree.goal else []
    said += [f"Leaves early, {rule}" for rule in tree.exits]
    lines = [("head", 30, line) for line in wrapped(tree.title, width, 22, bold=True)]
    lines += [("soft", 20, line) for words in said for line in wrapped(words, width, 13)]
    height = sum(tall for _, tall, _ in lines) + 18
    return Shape(0, height, lambda x, y: _written(lines, x, y, "middle"))
