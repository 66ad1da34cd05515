"""The mails in MJML that come with nurture: whole, readable in light and dark, and safe to cut to pieces."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

import pytest

from nurture.content.checks import MIN_CONTRAST, contrast
from nurture.content.mjml import Faulty, compile_mail
from nurture.content.templates import Templates
from tests.content.mjml import MAIL, TEXT, WHO, html, write
from tests.content.projects import ROOT, shipped

TEMPLATES = {path.relative_to(ROOT / "templates").as_posix(): path for path in (ROOT / "templates").rglob("*.mjml")}
BITS = ["<", ">", '"', "{{", "}}", "{%", "%}", "&", "\x00", "<br>", "</mj-text>", "<!--", "<table>", "{{ lead.x }}"]


@pytest.mark.parametrize("seed", range(40))
def test_a_mangled_mail_ends_in_a_mail_or_in_faults_with_their_places(seed: int) -> None:
    chance = Random(seed)
    files = {name: path.read_text(encoding="utf-8") for name, path in TEMPLATES.items()}
    mail = chance.choice([name for name in files if not name.startswith("_")])
    mangled = chance.choice([mail, "_layouts/mail.mjml"])
    at, bit = chance.randrange(len(files[mangled])), chance.choice(BITS)
    files[mangled] = files[mangled][:at] + bit + files[mangled][at + chance.randrange(20) :]
    try:
        made, faults = compile_mail("a.html", mail, files, {}).source, ()
    except Faulty as faulty:
        made, faults = "", faulty.faults
    assert faults or "<html" in made
    assert all(1 <= fault.line <= files[fault.file].count("\n") + 1 for fault in faults)


def _unbalanced(html: str) -> list[str]:
    """Tags that are not closed in their order."""
    stack: list[str] = []
    for end, tag in re.findall(r"<(/?)(table|tbody|thead|tr|td|th|div)\b", html):
        if not end:
            stack.append(tag)
        elif not stack or stack.pop() != tag:
            return [*stack, f"/{tag}"]
    return stack


@pytest.mark.parametrize("company", ["Mill AS", None])
def test_a_section_that_is_left_out_leaves_no_hole_in_what_outlook_reads(tmp_path: Path, company: str | None) -> None:
    words = "{% if lead.company %}<mj-text>{{ lead.company }}</mj-text>{% endif %}"
    section = f"<mj-section><mj-column>{words}</mj-column></mj-section>"
    block = f"{{% block content %}}{{% if lead.company %}}{section}{{% endif %}}{section}{{% endblock %}}"
    files = {name: path.read_text(encoding="utf-8") for name, path in TEMPLATES.items() if name.startswith("_")}
    write(tmp_path, files)
    write(tmp_path, {"tofu/one.txt": TEXT, "tofu/one.mjml": f'{{% extends "{MAIL}" %}}{block}'})
    made = Templates(tmp_path, shipped().config.brand.model_dump(), {"name": "Nora"})
    arrived = html(made, dict(WHO, company=company))
    assert _unbalanced(re.sub(r"<!--.*?-->", "", arrived, flags=re.DOTALL)) == []
    assert _unbalanced(re.sub(r"<!--\[if mso \| IE\]>|<!\[endif\]-->", "", arrived)) == []


#: ink on paper, as the shipped layout has them
READ = {
    "light": [("#52626A", "#FFFFFF"), ("brand.colors.ink", "brand.colors.paper"),
              ("brand.colors.primary", "brand.colors.paper"), ("brand.colors.on_primary", "brand.colors.primary")],
    "dark": [("#E8EEF0", "#1A262C"), ("#E8EEF0", "#24343C"), ("#7FD0DC", "#1A262C"), ("#7FD0DC", "#10181C"),
             ("#A9B8BE", "#10181C"), ("#A9B8BE", "#1A262C")],
}  # fmt: skip


@pytest.mark.parametrize(("ink", "paper"), [pair for pairs in READ.values() for pair in pairs])
def test_every_text_of_the_layout_stands_out_from_its_ground(ink: str, paper: str) -> None:
    layout = TEMPLATES[MAIL].read_text(encoding="utf-8")
    assert ink in layout and paper in layout
    colors = {f"brand.colors.{name}": value for name, value in shipped().config.brand.colors.model_dump().items()}
    assert contrast(colors.get(ink, ink), colors.get(paper, paper)) >= MIN_CONTRAST


def test_the_mail_in_the_docs_is_one(tmp_path: Path) -> None:
    shown = re.findall(
        r"^```html\n(\{% extends.*?)^```", (ROOT / "docs/templates.md").read_text(), re.DOTALL | re.MULTILINE
    )
    files = {name: path.read_text(encoding="utf-8") for name, path in TEMPLATES.items() if name.startswith("_")}
    assert [compile_mail("a.html", "a.mjml", files | {"a.mjml": mail}, {}).key for mail in shown] == ["a.html"]
