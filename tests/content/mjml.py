"""Mails in MJML to try things with: a project with a layout and one mail, and what its readers get."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from nurture.content.samples import SAMPLE_LEADS, UNSUBSCRIBE_URL
from nurture.content.templates import Templates

WHO = SAMPLE_LEADS["a lead of whom everything is known"]
STRANGER = SAMPLE_LEADS["a lead of whom only the address is known"]
BRAND = {"name": "Fjord & Light", "site": "https://fjord.example.com", "address": "Quay 1, Bergen", "ink": "#1C2B33"}
LAYOUT = """\
<mjml lang="en">
  <mj-head>
    <mj-title>{{ subject }}</mj-title>
    <mj-preview>{{ preview }}</mj-preview>
    <mj-attributes><mj-text color="{{ brand.ink }}" /><mj-class name="quiet" font-size="12px" /></mj-attributes>
    <mj-style inline="inline">.text p { margin: 0 0 16px }</mj-style>
    <mj-style>@media (prefers-color-scheme: dark) { .text > div { color: #fff !important } }</mj-style>
  </mj-head>
  <mj-body>
    {% block content %}
    <mj-section><mj-column>{% block body %}{% endblock %}</mj-column></mj-section>
    {% endblock %}
    <mj-section><mj-column>
      {% block foot %}<mj-text>{{ brand.name }} <a href="{{ links.unsubscribe }}">stop</a></mj-text>{% endblock %}
    </mj-column></mj-section>
  </mj-body>
</mjml>
"""
MAIL = "_layouts/mail.mjml"
TEXT = "Subject: Hello\nPreview: What to expect\n\nHello {{ lead.first_name or 'there' }}\n"


def project(root: Path, body: str = "", *, mail: str | None = None, **files: str) -> Templates:
    """A project with one mail, whose block `body` is given, or the whole of it; `files` are further ones."""
    extended = f'{{% extends "{MAIL}" %}}\n{{% block body %}}\n{body}\n{{% endblock %}}\n'
    written = {MAIL: LAYOUT, "tofu/one.txt": TEXT, "tofu/one.mjml": extended if mail is None else mail}
    write(root, written | {name.replace("__", "/") + ".mjml": text for name, text in files.items()})
    return Templates(root, BRAND, {"name": "Nora"})


def write(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")


def html(templates: Templates, lead: Mapping[str, object] = WHO) -> str:
    return templates.render("tofu/one", templates.context(lead, UNSUBSCRIBE_URL)).html


def words(templates: Templates, lead: Mapping[str, object] = WHO) -> str:
    """What a reader sees, without styles and what only Outlook reads."""
    seen = re.sub(r"<head>.*?</head>|<!--.*?-->", " ", html(templates, lead), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", seen).split())
