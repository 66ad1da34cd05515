"""What our own people and visitors look at: alerts and pages of a project, and pages that come with nurture."""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from nurture import preset
from nurture.content.inhouse import environment

log = logging.getLogger(__name__)


def render(root: Path, name: str, **values: object) -> str:
    """Fill in `templates/<name>` of the project at `root`. HTML is escaped by its ending, text is not.

    One that was copied from an earlier version may be missing, or ask for what there is no more: then ours stands in,
    because nobody who opts out, and no lead that asks for a person, may wait until it is mended.
    """
    try:
        return environment(root).get_template(name).render(values)
    except Exception as error:
        ours = preset.shipped()
        if root == ours:
            raise
        _tell(root, name, type(error).__name__)
        return environment(ours).get_template(name).render(values)


@cache
def _tell(_root: Path, name: str, fault: str) -> None:
    """Once for each fault: a page is shown a thousand times."""
    log.error("templates/%s cannot be filled in (%s), so ours is shown; `nurture validate` says why", name, fault)


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
