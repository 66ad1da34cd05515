"""What our own people and visitors look at: alerts and pages of a project, and pages that come with nurture."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from nurture.content.inhouse import environment


def render(root: Path, name: str, **values: object) -> str:
    """Fill in `templates/<name>` of the project at `root`. HTML is escaped by its ending, text is not."""
    return environment(root).get_template(name).render(values)


def render_own(package: Path, name: str, **values: object) -> str:
    """Fill in `templates/<name>` of a package of ours: a page that comes with nurture, and that nobody else writes."""
    return _own(package).get_template(name).render(values)


@cache
def _own(package: Path) -> Environment:
    return Environment(
        loader=FileSystemLoader(package / "templates"),
        undefined=StrictUndefined,
        autoescape=select_autoescape(["html"]),
        trim_blocks=True,
        lstrip_blocks=True,
    )
