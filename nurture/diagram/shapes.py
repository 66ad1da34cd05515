"""What drawings are put together from: shapes around a middle axis, below and beside each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

#: between a step and the next, and between arms
GAP, BETWEEN = 26, 24


@dataclass(frozen=True, slots=True)
class Shape:
    """Something that is drawn around the axis x, from y downwards. `ends`: no way leads on from it."""

    width: float
    height: float
    draw: Callable[[float, float], Iterator[str]]
    ends: bool = False


def stack(shapes: Sequence[Shape]) -> Shape:
    """One below the other."""

    def draw(x: float, y: float) -> Iterator[str]:
        for shape in shapes:
            yield from shape.draw(x, y)
            y += shape.height

    width = max((shape.width for shape in shapes), default=0)
    return Shape(width, sum(shape.height for shape in shapes), draw, bool(shapes) and shapes[-1].ends)


def beside(arms: Sequence[Shape]) -> Shape:
    """Side by side, below a line that parts and above one that brings together again those that do not end."""
    width = sum(arm.width for arm in arms) + BETWEEN * (len(arms) - 1)
    height = max(arm.height for arm in arms)

    def draw(x: float, y: float) -> Iterator[str]:
        top, bottom = y + GAP / 2, y + GAP / 2 + height
        axes = list(_axes(arms, x - width / 2))
        yield way(f"M{x:.1f} {y:.1f}V{top:.1f}M{axes[0]:.1f} {top:.1f}H{axes[-1]:.1f}")
        for axis, arm in zip(axes, arms, strict=True):
            yield from arm.draw(axis, top)
        going = [(axis, arm) for axis, arm in zip(axes, arms, strict=True) if not arm.ends]
        for axis, arm in going:
            yield way(f"M{axis:.1f} {top + arm.height:.1f}V{bottom:.1f}")
        if going:
            ways = [x, *(axis for axis, _ in going)]
            yield way(f"M{min(ways):.1f} {bottom:.1f}H{max(ways):.1f}")

    return Shape(width, height + GAP / 2, draw, all(arm.ends for arm in arms))


def _axes(arms: Sequence[Shape], left: float) -> Iterator[float]:
    for arm in arms:
        yield left + arm.width / 2
        left += arm.width + BETWEEN


def down(length: float) -> Shape:
    """A way that leads on."""
    return Shape(0, length, lambda x, y: iter([way(f"M{x:.1f} {y:.1f}v{length:.1f}")]))


def way(path: str) -> str:
    return f'<path class="way" d="{path}"/>'


def box(look: str, x: float, y: float, width: float, height: float, radius: float) -> str:
    """A rectangle from its upper left corner."""
    return f'<rect class="{look}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="{radius}"/>'


def text(look: str, x: float, y: float, words: str, anchor: str = "start") -> str:
    """One line on its base line."""
    return f'<text class="{look}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'
