"""Sequences as one page that needs nothing else: no scripts, light and dark. Where there is room the page shows the
drawing, on a phone and on paper the steps one below the other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nurture.core.project import Brand
from nurture.diagram.drawing import drawing
from nurture.diagram.tree import Tree
from nurture.views import render_own

_HERE = Path(__file__).parent


def page(brand: Brand, trees: Sequence[Tree]) -> str:
    """The HTML."""
    drawings = [drawing(tree, brand.colors.primary) for tree in trees]
    return render_own(_HERE, "page.html", brand=brand, trees=trees, drawings=drawings)
