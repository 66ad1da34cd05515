"""A sequence as a Mermaid flowchart: text that forges draw where it stands in a pull request or a page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from nurture.diagram.tree import Node, Tree

#: node -> the word on the way from it, of everybody who is on the way to the next step
_Tails = list[tuple[str, str]]
_SHAPES = {
    "email": '["{}"]',
    "wait": '("{}")',
    "wait_for": '{{{{"{}"}}}}',
    "branch": '{{"{}"}}',
    "split": '{{"{}"}}',
    "exit": '(["{}"])',
}
_OTHER_SHAPE = '[/"{}"/]'
_CLASSES = (
    "classDef email fill:#d7ecef,stroke:#0b5d6b,color:#12303a",
    "classDef wait fill:#eef1f3,stroke:#7a8a92,color:#1c2b33",
    "classDef question fill:#fdf1d6,stroke:#a56a00,color:#3d2a00",
    "classDef deed fill:#e6e2f7,stroke:#5b4bb0,color:#221a4d",
    "classDef end_ fill:#ffffff,stroke:#7a8a92,color:#1c2b33",
)
_CLASS = {
    "email": "email",
    "wait": "wait",
    "wait_for": "question",
    "branch": "question",
    "split": "question",
    "exit": "end_",
}


def mermaid(tree: Tree) -> str:
    """The flowchart, from who comes in to the end."""
    return "\n".join(["flowchart TD", *(f"    {line}" for line in _Chart().lines(tree))]) + "\n"


@dataclass(slots=True)
class _Chart:
    """Numbers the nodes as they are drawn."""

    written: list[str] = field(default_factory=list)
    drawn: int = 0

    def lines(self, tree: Tree) -> Iterator[str]:
        self.written.append(f'start(["{_text(("enters by " + tree.enters[0], *tree.enters[1:]))}"]):::end_')
        tails = self._steps(tree.steps, [("start", "")])
        if tails:
            counts = tree.end.in_words if tree.end else ()
            self.written.append(f'finish(["{_text(("finished", *counts))}"]):::end_')
            self._join(tails, "finish")
        yield from self.written
        yield from _CLASSES

    def _steps(self, nodes: Sequence[Node], tails: _Tails) -> _Tails:
        for node in nodes:
            name = self._draw(node)
            self._join(tails, name)
            tails = self._out_of(node, name)
        return tails

    def _draw(self, node: Node) -> str:
        self.drawn += 1
        name = f"s{self.drawn}"
        words = (f"{node.name}: {node.title}", *node.lines, *([f"only if {node.when}"] if node.when else ()))
        counts = node.counts.in_words if node.counts else ()
        shape = _SHAPES.get(node.kind, _OTHER_SHAPE).format(_text((*words, *counts)))
        self.written.append(f"{name}{shape}:::{_CLASS.get(node.kind, 'deed')}")
        return name

    def _out_of(self, node: Node, name: str) -> _Tails:
        tails = [] if node.ends or node.arms else [(name, "")]
        for arm in node.arms:
            tails += self._steps(arm.steps, [(name, arm.label)])
        return tails

    def _join(self, tails: _Tails, to: str) -> None:
        for name, label in tails:
            arrow = f'-->|"{_text((label,))}"|' if label else "-->"
            self.written.append(f"{name} {arrow} {to}")


_LOOKS_LIKE = str.maketrans({"<": "＜", '"': "'", "`": "'"})
_WIDE = {"&": "＆", "#": "＃"}
#: the first letter of an entity, in HTML or in Mermaid
_ENTITY = re.compile(r"[&#](?=\w+;)")


def _text(lines: Sequence[str]) -> str:
    """Text inside the quotes of Mermaid, which reads HTML and entities there. Its own escapes (#quot;) are not undone
    on ways, so letters that mean something to it give way to those that look like them."""
    return "<br>".join(_ENTITY.sub(_widened, line.translate(_LOOKS_LIKE)) for line in lines)


def _widened(sign: re.Match[str]) -> str:
    return _WIDE[sign[0]]
