"""Mails in MJML, and what arrives of them: blocks, layouts, snippets, conditions."""

from __future__ import annotations

from pathlib import Path

import pytest

from nurture.content.samples import UNSUBSCRIBE_URL
from nurture.content.vetting import vet
from nurture.errors import RenderError
from tests.content.mjml import MAIL, STRANGER, TEXT, WHO, html, project, words, write


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
    write(tmp_path, {"tofu/two.txt": TEXT, "tofu/two.mjml": f'{{% extends "{MAIL}" %}}'})
    templates = project(tmp_path, '{% include "_snippets/b.mjml" %}', _snippets__b="<mj-txt/>")
    assert "_snippets/b.mjml" in templates.sources("tofu/one")
    assert templates.sources("tofu/two") == {"tofu/two.txt", "tofu/two.mjml", MAIL}
    assert templates.render("tofu/two", templates.context(WHO, UNSUBSCRIBE_URL)).html


def test_a_mail_that_cannot_be_made_is_refused_with_its_fault(tmp_path: Path) -> None:
    with pytest.raises(RenderError, match=r"one.mjml:3:1 error there is no element <mj-txt>, did you mean '(mj-\w+)'"):
        html(project(tmp_path, "<mj-txt>a</mj-txt>"))
