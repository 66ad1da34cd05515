"""Mails in MJML: what arrives, where each fault is shown, and the traps of the compiler behind it."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest

from nurture.content.checks import MIN_CONTRAST, contrast
from nurture.content.mjml import Faulty, compile_mail
from nurture.content.samples import SAMPLE_LEADS, UNSUBSCRIBE_URL
from nurture.content.templates import Templates
from nurture.content.vetting import vet
from nurture.errors import RenderError
from tests.content.projects import ROOT, shipped

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
    _write(root, written | {name.replace("__", "/") + ".mjml": text for name, text in files.items()})
    return Templates(root, BRAND, {"name": "Nora"})


def _write(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")


def html(templates: Templates, lead: Mapping[str, object] = WHO) -> str:
    return templates.render("tofu/one", templates.context(lead, UNSUBSCRIBE_URL)).html


def words(templates: Templates, lead: Mapping[str, object] = WHO) -> str:
    """What a reader sees, without styles and what only Outlook reads."""
    seen = re.sub(r"<head>.*?</head>|<!--.*?-->", " ", html(templates, lead), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", seen).split())


# What arrives


def test_a_mail_is_put_together_from_layout_and_blocks(tmp_path: Path) -> None:
    templates = project(tmp_path, "<mj-text><p>Hello {{ lead.first_name }}</p></mj-text>")
    assert list(vet(templates)) == []
    assert words(templates) == "What to expect Hello Ingrid Fjord &amp; Light stop"


def test_what_a_lead_told_us_is_escaped_in_text_and_in_attributes(tmp_path: Path) -> None:
    templates = project(
        tmp_path, '<mj-button href="https://a.example.com/{{ lead.company }}">{{ lead.company }}</mj-button>'
    )
    arrived = html(templates, dict(WHO, company='<b title="x">'))
    assert 'href="https://a.example.com/&lt;b title=&#34;x&#34;&gt;"' in arrived
    assert "&gt;" in words(templates, dict(WHO, company="a > b"))
    assert "<b title" not in arrived


def test_jinja_in_an_attribute_may_choose_between_texts(tmp_path: Path) -> None:
    mail = """<mj-image width="300px" src="https://a.example.com/{% if lead.score < 10 %}a{% else %}b{% endif %}.png"
        alt="{{ lead.company or 'you' }}" />"""
    arrived = html(project(tmp_path, mail))
    assert 'src="https://a.example.com/b.png"' in arrived
    assert 'alt="Nordvik Bakeri AS"' in arrived


def test_the_language_of_the_mail_is_the_one_it_says(tmp_path: Path) -> None:
    assert '<html lang="en"' in html(project(tmp_path))
    assert 'lang="und"' not in html(project(tmp_path))


def test_rules_for_dark_screens_stay_in_the_head_and_the_others_are_written_into_the_elements(tmp_path: Path) -> None:
    arrived = html(project(tmp_path, '<mj-text css-class="text"><p>Hello</p></mj-text>'))
    assert "@media (prefers-color-scheme: dark) { .text > div { color: #fff !important } }" in arrived
    assert '<p style="margin: 0 0 16px' in arrived


def test_what_is_the_same_for_everyone_is_filled_in_when_the_files_are_read(tmp_path: Path) -> None:
    templates = project(tmp_path, '<mj-text><a href="{{ links.site }}/a">{{ brand.name }}</a></mj-text>')
    source = templates.parts["tofu/one.html"].source
    assert '<a href="https://fjord.example.com/a">Fjord &amp; Light</a>' in source
    assert "color:#1C2B33" in source
    assert "brand." not in source


def test_html_may_leave_its_single_tags_open_and_its_ampersands_bare(tmp_path: Path) -> None:
    mail = '<mj-text>A & B&nbsp;&ndash;<br>C <img src="https://a.example.com/x.png" alt="{{ lead.company }}"></mj-text>'
    templates = project(tmp_path, mail)
    assert list(vet(templates)) == []
    assert 'alt="Nordvik Bakeri AS"' in html(templates)


def test_a_jinja_tag_over_several_lines_keeps_its_place(tmp_path: Path) -> None:
    templates = project(tmp_path, "<mj-text>{{\n  lead.first_name\n  or\n  lead.frist_name }}</mj-text>")
    (problem,) = vet(templates)
    assert (problem.line, problem.column) == (6, 8)


IF, ELSE, END = "{% if lead.score > 50 %}", "{% else %}", "{% endif %}"
FAR, NEAR = "<mj-text>far</mj-text>", "<mj-text>near</mj-text>"
ROWS = f"{IF}<tr><td>far</td></tr>{ELSE}<tr><td>near</td></tr>{END}"
BETWEEN = {
    "elements of a column": f"{IF}{FAR}{ELSE}{NEAR}{END}",
    "words": f"<mj-text>{IF}far{ELSE}near{END}</mj-text>",
    "rows of a table": f"<mj-table>{ROWS}</mj-table>",
    "rows of a table in a text": f"<mj-text><table><tbody>{ROWS}</tbody></table></mj-text>",
    "cells": f"<mj-table><tr>{IF}<td>far</td>{ELSE}<td>near</td>{END}</tr></mj-table>",
    "in mj-raw": f"<mj-raw>{IF}</mj-raw>{FAR}<mj-raw>{ELSE}</mj-raw>{NEAR}<mj-raw>{END}</mj-raw>",
    "items of a list": f"<mj-text><ul>{IF}<li>far</li>{ELSE}<li>near</li>{END}</ul></mj-text>",
}


@pytest.mark.parametrize("body", BETWEEN.values(), ids=BETWEEN)
def test_a_condition_chooses_between_parts_wherever_they_stand(tmp_path: Path, body: str) -> None:
    """A browser, and what puts styles into elements, moves text out of tables: the tags must stay where they are."""
    templates = project(tmp_path, body)
    assert list(vet(templates)) == []
    assert words(templates) == "What to expect near Fjord &amp; Light stop"
    assert words(templates, dict(WHO, score=60)) == "What to expect far Fjord &amp; Light stop"


def test_a_condition_chooses_between_sections_and_columns(tmp_path: Path) -> None:
    column = "<mj-column><mj-text>{{ lead.company }}</mj-text></mj-column>"
    section = f"<mj-section>{IF}{column}{END}</mj-section>"
    block = f"{{% block content %}}{{% if lead.country == 'NO' %}}{section}{{% endif %}}{{% endblock %}}"
    templates = project(tmp_path, mail=f'{{% extends "{MAIL}" %}}{block}')
    assert list(vet(templates)) == []
    near = words(templates)
    assert words(templates, dict(WHO, score=60)) == near.replace("Fjord", "Nordvik Bakeri AS Fjord", 1)
    assert words(templates, dict(WHO, score=60, country="SE")) == near


# Layouts and snippets


def test_blocks_may_build_on_those_of_the_layout(tmp_path: Path) -> None:
    mail = f'{{% extends "{MAIL}" %}}{{% block foot %}}<mj-text>before</mj-text>{{{{ super() }}}}{{% endblock %}}'
    assert words(project(tmp_path, mail=mail)) == "What to expect before Fjord &amp; Light stop"


def test_a_layout_may_extend_another(tmp_path: Path) -> None:
    inside = "{% block body %}{% block more %}{% endblock %}<mj-text>b</mj-text>{% endblock %}"
    middle = f'{{% extends "{MAIL}" %}}{inside}'
    mail = '{% extends "_layouts/news.mjml" %}{% block more %}<mj-text>a</mj-text>{% endblock %}'
    assert words(project(tmp_path, mail=mail, _layouts__news=middle)) == "What to expect a b Fjord &amp; Light stop"


def test_a_snippet_stands_where_it_is_included(tmp_path: Path) -> None:
    templates = project(
        tmp_path, '<mj-text>a</mj-text>{% include "_snippets/b.mjml" %}', _snippets__b="{# why #}<mj-text>b</mj-text>\n"
    )
    assert words(templates) == "What to expect a b Fjord &amp; Light stop"


def test_a_fault_in_a_snippet_is_shown_in_the_snippet(tmp_path: Path) -> None:
    templates = project(
        tmp_path, '{% include "_snippets/b.mjml" %}', _snippets__b="<mj-text>\n{{ lead.company }}</mj-text>"
    )
    assert list(vet(templates)) == []
    with pytest.raises(RenderError) as refused:
        html(templates, STRANGER)
    assert str(refused.value).startswith(f"{tmp_path.name}/_snippets/b.mjml:2:1 error this is not known for every lead")


def test_a_faulty_snippet_breaks_only_the_mails_that_use_it(tmp_path: Path) -> None:
    _write(tmp_path, {"tofu/two.txt": TEXT, "tofu/two.mjml": f'{{% extends "{MAIL}" %}}'})
    templates = project(tmp_path, '{% include "_snippets/b.mjml" %}', _snippets__b="<mj-txt/>")
    assert "_snippets/b.mjml" in templates.sources("tofu/one")
    assert templates.sources("tofu/two") == {"tofu/two.txt", "tofu/two.mjml", MAIL}
    assert templates.render("tofu/two", templates.context(WHO, UNSUBSCRIBE_URL)).html


def test_a_mail_that_cannot_be_made_is_refused_with_its_fault(tmp_path: Path) -> None:
    with pytest.raises(RenderError, match=r"one.mjml:3:1 error there is no element <mj-txt>, did you mean '(mj-\w+)'"):
        html(project(tmp_path, "<mj-txt>a</mj-txt>"))


# Faults: block `body` of the mail (its first line is line 3) -> line, column, rule, and a part of the message

DEEP = "<div>" * 3_000 + "</div>" * 3_000
FAULTS: list[tuple[str, tuple[int, int, str], str]] = [
    # broken tags
    ("<mj-text>\n<p>a</mj-text>", (4, 1, "mjml"), "<p> is not closed before </mj-text> in line 4"),
    ("<mj-text>a\n", (3, 1, "mjml"), "<mj-text> is not closed before </mj-column> in line 11 of _layouts/mail.mjml"),
    ("<mj-text>a < b</mj-text>", (3, 13, "mjml"), "&lt;"),
    ('<mj-text color="red>a</mj-text>', (3, 22, "mjml"), 'name="value"'),
    ("<mj-text color=red>a</mj-text>", (3, 16, "mjml"), 'name="value"'),
    ('<mj-text color="a" color="b">a</mj-text>', (3, 20, "mjml"), "twice"),
    ("<mj-text>é{{ lead.company }}é<b>a</i></mj-text>", (3, 30, "mjml"), "<b> is not closed before </i>"),
    ('<mj-text>a<br>b<img src="x">c<p>d</mj-text>', (3, 30, "mjml"), "<p> is not closed"),
    ("<mj-text>a</p></mj-text>", (3, 1, "mjml"), "<mj-text> is not closed before </p>"),
    ("<?php echo 1 ?><mj-text>a</mj-text>", (3, 1, "mjml"), "is not used here"),
    ("<!DOCTYPE x [<!ENTITY a 'b'>]><mj-text>a</mj-text>", (3, 3, "mjml"), "cannot be read"),
    # words that do not exist, or not here
    ("<mj-txt>a</mj-txt>", (3, 1, "mjml_element"), "'mj-text'?"),
    ("<mj-text>a</mj-text>\n<mj-include path='x'/>", (4, 1, "mjml_element"), "{% include"),
    ("<mj-section></mj-section>", (3, 1, "mjml_element"), "stands in <mj-body> or <mj-wrapper>, not in <mj-column>"),
    ("<mj-text><mj-image src='x'/></mj-text>", (3, 10, "mjml_element"), "cannot stand inside the HTML of <mj-text>"),
    ("<p>a</p>", (3, 1, "mjml_element"), "HTML stands in <mj-text>"),
    ("some text", (3, 1, "mjml_element"), "text stands in <mj-text>"),
    ("<mj-text>a</mj-text> and", (3, 22, "mjml_element"), "text stands in <mj-text>"),
    ("<mj-text><script>a</script></mj-text>", (3, 10, "mjml_element"), "no scripts"),
    ("<mj-text colour='#fff'>a</mj-text>", (3, 1, "mjml_attribute"), "'color'?"),
    ("<mj-text class='text'>a</mj-text>", (3, 1, "mjml_attribute"), "'css-class'?"),
    ("<mj-text mj-class='quite'>a</mj-text>", (3, 1, "mjml_attribute"), "'quiet'?"),
    # Jinja where it cannot stand
    ("<mj-spacer height='{{ lead.score }}px'/>", (3, 1, "mjml_attribute"), "write a number"),
    ("<mj-text {% if lead.score %}color='red'{% endif %}>a</mj-text>", (3, 10, "mjml"), "name=\"value\""),
    ("<mj-spacer>{{ lead.score }}</mj-spacer>", (3, 12, "mjml"), "no Jinja can stand here"),
    ("<mj-text>{{ lead.score</mj-text>", (3, 10, "template_syntax"), "not closed"),
    ("<mj-text>{{ lead.score ? }}</mj-text>", (3, 10, "template_syntax"), "cannot be read"),
    ("<mj-text>{% if lead.score %}a</mj-text>", (3, 10, "template_syntax"), "has no {% endif %}"),
    ("<mj-text>{% for a in [1] %}a{% endif %}</mj-text>", (3, 29, "template_syntax"), "before {% endfor %}"),
    ("<mj-text>{% fi lead.score %}</mj-text>", (3, 13, "template_syntax"), "'fi'"),
    ("<mj-text>{% endif %}</mj-text>", (3, 10, "template_syntax"), "endif"),
    # names
    ("<mj-text>{{ lead.frist_name }}</mj-text>", (3, 18, "unknown_name"), "'lead.first_name'?"),
    ("<mj-text>\n\n{{ brand.nmae }} {{ lead.nmae }}</mj-text>", (5, 10, "unknown_name"), "'brand.name'?"),
    ("<mj-text>\n\n{{ brand.name }} {{ lead.nmae }}</mj-text>", (5, 26, "unknown_name"), "lead.nmae"),
    ("<mj-text>{{ lead.company|uper }}</mj-text>", (3, 26, "template_filter"), "'upper'?"),
    # layouts, blocks, snippets
    ("{% include '_snippets/no.mjml' %}", (3, 1, "template"), "there is no template"),
    ("{% include lead.company %}", (3, 1, "template_syntax"), "name one file"),
    ("{% include 'tofu/one.mjml' %}", (1, 1, "template"), "cannot extend"),
    ("{% block body %}{% endblock %}", (3, 1, "template_syntax"), "two blocks called 'body'"),
    ("{{ super() }}{{ super() }}{% block new %}{{ super() }}{% endblock %}", (3, 42, "template"), "super()"),
    ("{% endblock %}{% endblock %}", (3, 15, "template_syntax"), "not begun"),
    ("{% endblock %}and so on{% block foot %}", (3, 15, "template"), "outside of the blocks"),
    ("{% endblock %}{% block boddy %}", (3, 15, "template"), "'body'?"),
    ("{% extends '_layouts/mail.mjml' %}", (3, 1, "template_syntax"), "one layout"),
    # bombs go off neither while the mail is compiled nor while it is rendered
    ("<mj-text>{{ 'x' * 3000000000 }}</mj-text>", (3, 10, "template_arithmetic"), "reckon"),
    ("<mj-button href='{{ 9 ** 9 ** 9 }}'>a</mj-button>", (3, 18, "template_arithmetic"), "reckon"),
    (f"<mj-text>{DEEP}</mj-text>", (3, 285, "mjml"), "nested more than"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "place", "message"), FAULTS, ids=[f"{one[1][2]}-{one[2][:30]}" for one in FAULTS])
def test_a_fault_is_shown_where_it_was_written(
    tmp_path: Path, body: str, place: tuple[int, int, str], message: str
) -> None:
    problems = list(vet(project(tmp_path, body)))
    found = [(one.line, one.column, one.rule) for one in problems]
    assert place in found, problems
    assert any(message in one.message for at, one in zip(found, problems, strict=True) if at == place), problems


def test_a_fault_in_the_layout_is_shown_in_the_layout_once(tmp_path: Path) -> None:
    _write(tmp_path, {MAIL: LAYOUT})
    templates = project(tmp_path)
    _write(tmp_path, {MAIL: LAYOUT.replace("mj-title>", "mj-titel>"), "tofu/two.mjml": f'{{% extends "{MAIL}" %}}'})
    assert templates.refresh()
    assert {(one.file, one.line, one.column, one.rule) for one in vet(templates) if "mjml" in one.rule} == {
        (f"{tmp_path.name}/{MAIL}", 3, 5, "mjml_element")
    }


def test_layouts_that_extend_each_other_are_refused(tmp_path: Path) -> None:
    loop = '{% extends "_layouts/loop.mjml" %}'
    (problem,) = vet(project(tmp_path, mail=loop, _layouts__loop=loop))
    assert "itself" in problem.message


def test_snippets_that_include_themselves_are_refused(tmp_path: Path) -> None:
    (problem,) = vet(
        project(tmp_path, '{% include "_snippets/a.mjml" %}', _snippets__a='{% include "_snippets/a.mjml" %}')
    )
    assert (problem.file, problem.rule) == (f"{tmp_path.name}/_snippets/a.mjml", "template")
    assert "includes itself" in problem.message


def test_snippets_that_grow_beyond_measure_are_refused_at_once(tmp_path: Path) -> None:
    """Ten snippets that include the next one ten times are 10,000,000,000 of the last."""
    snippets: dict[str, Any] = {
        f"_snippets__s{n}": f'{{% include "_snippets/s{n + 1}.mjml" %}}' * 10 for n in range(10)
    }
    problems = list(
        vet(project(tmp_path, '{% include "_snippets/s0.mjml" %}', _snippets__s10="<!-- a -->", **snippets))
    )
    assert [one.rule for one in problems] == ["template"]
    assert "letters" in problems[0].message


@pytest.mark.parametrize("again", ["<p>a</p>", "<mj-text mj-class='x'/>", "<br", '<br "', "{{ lead.x }}", "<b><i>"])
def test_a_mail_full_of_faults_is_read_in_no_time(tmp_path: Path, again: str) -> None:
    started = time.process_time()
    problems = list(vet(project(tmp_path, again * (100_000 // len(again)))))
    assert problems
    assert time.process_time() - started < 10


def test_compiling_is_only_loaded_for_mails_that_want_it() -> None:
    loaded = "import sys, nurture.content, nurture.cli; print('mrml' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", loaded], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_word_that_looks_like_a_stand_in_stays_a_word(tmp_path: Path) -> None:
    templates = project(tmp_path, "<mj-text>JX0X and JX1X {{ lead.first_name }}</mj-text>")
    assert "JX0X and JX1X Ingrid" in words(templates)


def test_a_mail_is_written_in_one_way(tmp_path: Path) -> None:
    _write(tmp_path, {"tofu/one.html": "x"})
    assert [one.rule for one in vet(project(tmp_path))] == ["template_half"]


def test_a_mail_brings_no_doctype_of_its_own(tmp_path: Path) -> None:
    """With one, a few lines of XML entities would grow to gigabytes."""
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    problems = list(vet(project(tmp_path, mail=f"{bomb}<mjml><mj-body></mj-body></mjml>")))
    assert [(one.line, one.column, one.rule) for one in problems] == [(1, 1, "mjml")]


@pytest.mark.parametrize("mail", ["{{ lead.score }}<mjml></mjml>", "<mjml></mjml>{{ lead.score }}"])
def test_nothing_stands_around_a_mail(tmp_path: Path, mail: str) -> None:
    (problem,) = vet(project(tmp_path, mail=mail))
    assert "begins with <mjml> and ends with </mjml>" in problem.message
    assert (problem.line, problem.column) == (1, mail.index("{") + 1)


def test_a_tag_that_the_compiler_leaves_out_is_refused_not_lost(tmp_path: Path) -> None:
    unused = '<mj-attributes>\n<mj-class name="a" color="{{ lead.company }}" />\n</mj-attributes>'
    mail = f"<mjml><mj-head>{unused}</mj-head><mj-body></mj-body></mjml>"
    (problem,) = vet(project(tmp_path, mail=mail))
    assert (problem.line, problem.column, problem.rule) == (2, 27, "mjml")
    assert "would be lost" in problem.message


def test_an_empty_mail_says_how_to_begin(tmp_path: Path) -> None:
    (problem,) = vet(project(tmp_path, mail=""))
    assert "begin with <mjml>" in problem.message


# The mails that come with nurture

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
    _write(tmp_path, files)
    _write(tmp_path, {"tofu/one.txt": TEXT, "tofu/one.mjml": f'{{% extends "{MAIL}" %}}{block}'})
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
