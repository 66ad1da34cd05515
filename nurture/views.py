"""What our own people and visitors look at: alerts and pages, from templates/alerts and templates/pages."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape


def render(root: Path, name: str, **values: object) -> str:
    """Fill in `templates/<name>` of the project at `root`. HTML is escaped by its ending, text is not."""
    return _environment(root).get_template(name).render(values)


@cache
def _environment(root: Path) -> Environment:
    return Environment(
        loader=FileSystemLoader(root / "templates"),
        undefined=StrictUndefined,
        autoescape=select_autoescape(["html"]),
        trim_blocks=True,
        lstrip_blocks=True,
    )
