"""Faults of mails in MJML, each shown where it was written, and the traps of the compiler behind them."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from nurture.content.vetting import vet
from tests.content.mjml import LAYOUT, MAIL, project, words, write
from tests.content.projects import ROOT

DEEP = "<div>" * 3_000 + "</div>" * 3_000
#: block `body` of the mail (its first line is line 3) -> line, column, rule, and a part of the message
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
    write(tmp_path, {MAIL: LAYOUT})
    templates = project(tmp_path)
    write(tmp_path, {MAIL: LAYOUT.replace("mj-title>", "mj-titel>"), "tofu/two.mjml": f'{{% extends "{MAIL}" %}}'})
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
    write(tmp_path, {"tofu/one.html": "x"})
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
