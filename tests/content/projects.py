"""Small projects on disk, for tests."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from nurture.content import Project, load_project

ROOT = Path(__file__).parents[2]

SEQUENCE = """\
sequence: try-out
title: Try-out
owner: marketing
stage: tofu
enter:
  trigger: lead_created
steps:
  - email: tofu/welcome
"""
TEXT = """\
Subject: Welcome, {{ lead.first_name or "all" }}
Preview: What to expect, and what it is good for in a week

{% extends "_layouts/mail.txt" %}
{% block body %}
Hello, here is what you asked for, and this is what comes next.
{% endblock %}
"""
HTML = """\
{% extends "_layouts/mail.html" %}
{% block body %}
<p>Hello {{ lead.first_name or "there" }}</p>
{% endblock %}
"""
MAIL_TXT = "{% block body %}{% endblock %}\n{{ links.unsubscribe }}\n{{ brand.address }}\n"
MAIL_HTML = (
    '<html lang="en"><title>{{ subject }}</title>\n<i>{{ preview }}</i>\n{% block body %}{% endblock %}\n'
    '<a href="{{ links.unsubscribe }}">x</a> {{ brand.address }}\n'
)


@functools.cache
def shipped() -> Project:
    """The project that comes with nurture."""
    return load_project(ROOT)


def write_project(root: Path, files: Mapping[str, str] = MappingProxyType({})) -> Path:
    """A valid project with one sequence, one mail, and our own alerts and pages; `files` (path -> text) replace or add
    to it."""
    written = {
        "nurture.yaml": (ROOT / "nurture.yaml").read_text(encoding="utf-8"),
        "sequences/try-out.yaml": SEQUENCE,
        "templates/_layouts/mail.txt": MAIL_TXT,
        "templates/_layouts/mail.html": MAIL_HTML,
        "templates/tofu/welcome.txt": TEXT,
        "templates/tofu/welcome.html": HTML,
    }
    for path, text in {**written, **files}.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    for folder in ("templates/alerts", "templates/pages"):
        (root / folder).mkdir(parents=True, exist_ok=True)
        for path in (ROOT / folder).iterdir():
            if not (root / folder / path.name).exists():
                shutil.copy(path, root / folder)
    return root
