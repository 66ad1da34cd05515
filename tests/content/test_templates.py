"""Mail templates: how they are filled in, and each way they can go wrong."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from nurture.content import Templates, load_project, validate
from nurture.content.samples import SAMPLE_LEADS, UNSUBSCRIBE_URL
from nurture.errors import RenderError
from tests.content.projects import HTML, TEXT, write_project

WHO = SAMPLE_LEADS["a lead of whom everything is known"]
MARKUP = SAMPLE_LEADS["a lead whose name looks like markup"]


def _templates(root: Path, **files: str) -> Templates:
    return load_project(
        write_project(root, {f"templates/tofu/welcome.{kind}": text for kind, text in files.items()})
    ).templates


def _context(templates: Templates, lead: Any = WHO) -> dict[str, Any]:
    return templates.context(lead, UNSUBSCRIBE_URL)


def test_a_mail_is_its_head_its_text_and_its_html(tmp_path: Path) -> None:
    templates = _templates(tmp_path)
    mail = templates.render("tofu/welcome", _context(templates))
    assert mail.subject == "Welcome, Ingrid"
    assert mail.preview == "What to expect, and what it is good for in a week"
    assert mail.text.startswith("Hello, here is what you asked for")
    assert "Subject:" not in mail.text
    assert "<title>Welcome, Ingrid</title>" in mail.html
    assert "<i>What to expect, and" in mail.html


def test_what_a_lead_told_us_is_escaped_in_html_and_plain_elsewhere(tmp_path: Path) -> None:
    templates = _templates(tmp_path)
    mail = templates.render("tofu/welcome", _context(templates, MARKUP))
    assert "<p>Hello &lt;b&gt;Bo&lt;/b&gt;</p>" in mail.html
    assert mail.subject == "Welcome, <b>Bo</b>"


def test_what_a_lead_told_us_is_never_template_source(tmp_path: Path) -> None:
    templates = _templates(tmp_path)
    lead = dict(WHO, first_name="{{ brand.name }}{% for a in [1] %}")
    mail = templates.render("tofu/welcome", _context(templates, lead))
    assert mail.subject == "Welcome, {{ brand.name }}{% for a in [1] %}"
    assert "{{ brand.name }}" in mail.html


def test_a_subject_is_one_line_whatever_is_in_it(tmp_path: Path) -> None:
    templates = _templates(tmp_path)
    lead = dict(WHO, first_name="Eve\r\nBcc: all@example.com\x00\u2028x")
    assert templates.render("tofu/welcome", _context(templates, lead)).subject == "Welcome, Eve Bcc: all@example.com x"


def test_a_step_may_give_its_own_subject(tmp_path: Path) -> None:
    templates = _templates(tmp_path)
    mail = templates.render("tofu/welcome", _context(templates), subject="{{ lead.company }}: shall we?")
    assert mail.subject == "Nordvik Bakeri AS: shall we?"
    assert "<title>Nordvik Bakeri AS: shall we?</title>" in mail.html


@pytest.mark.parametrize(
    ("template", "funnel", "stage", "name"),
    [
        ("tofu/welcome", "bofu", "mofu", "tofu/welcome"),  # a slash is fixed
        ("welcome", "tofu", "mofu", "tofu/welcome"),  # the lead's stage first
        ("welcome", "bofu", "tofu", "tofu/welcome"),  # then the sequence's
        ("welcome", "bofu", "mofu", None),
        ("mofu/welcome", "tofu", "tofu", None),
    ],
)
def test_a_template_is_found_by_the_stage_of_the_lead(
    tmp_path: Path, template: str, funnel: str, stage: str, name: str | None
) -> None:
    assert _templates(tmp_path).resolve(template, funnel, stage) == name


def test_templates_are_read_again_only_when_told(tmp_path: Path) -> None:
    templates = _templates(tmp_path)
    file = tmp_path / "templates" / "tofu" / "welcome.txt"
    file.write_text(TEXT.replace("Welcome", "Hello"), encoding="utf-8")
    os.utime(file, (1, 1))
    assert templates.render("tofu/welcome", _context(templates)).subject == "Welcome, Ingrid"
    assert templates.refresh()
    assert templates.render("tofu/welcome", _context(templates)).subject == "Hello, Ingrid"
    assert not templates.refresh()


def test_pages_and_alerts_are_not_mails(tmp_path: Path) -> None:
    root = write_project(tmp_path, {"templates/pages/thanks.html": "{{ nonsense }}", "templates/alerts/sla.txt": "x"})
    assert validate(root) == []
    assert load_project(root).templates.names() == ("tofu/welcome",)


def test_a_mail_that_cannot_be_filled_in_says_where_and_what_to_do(tmp_path: Path) -> None:
    templates = _templates(tmp_path, html=HTML.replace(' or "there"', ""))
    with pytest.raises(RenderError) as refused:
        templates.render("tofu/welcome", _context(templates, SAMPLE_LEADS["a lead of whom only the address is known"]))
    assert str(refused.value).startswith("templates/tofu/welcome.html:3:10 error this is not known for every lead")
    assert "or 'there'" in str(refused.value)


def test_a_mail_that_does_not_exist_is_named(tmp_path: Path) -> None:
    templates = _templates(tmp_path)
    with pytest.raises(RenderError, match="there is no template 'tofu/welcom"):
        templates.render("tofu/welcom", _context(templates))


def _html(old: str, new: str) -> tuple[str, str]:
    return "html", HTML.replace(old, new)


def _txt(old: str, new: str) -> tuple[str, str]:
    return "txt", TEXT.replace(old, new, 1)


BODY = "Hello, here is what you asked for, and this is what comes next."
HEAD = TEXT.partition("{%")[0]

#: which half of the mail, and its text -> line, column, rule, and a part of the message
FAULTS = [
    # names
    (_html("first_name", "frist_name"), (3, 18, "unknown_name"), "'lead.first_name'?"),
    (_html("lead.first_name", "first_name"), (3, 13, "unknown_name"), "'lead.first_name'?"),
    (_html("lead.first_name", "laed.first_name"), (3, 13, "unknown_name"), "'lead'?"),
    (_html("lead.first_name", "brand.nmae"), (3, 19, "unknown_name"), "'brand.name'?"),
    (_html("lead.first_name", "links.unsubscrib"), (3, 19, "unknown_name"), "'links.unsubscribe'?"),
    (_txt("Hello,", "Hello {{ lead.nmae }},"), (6, 15, "unknown_name"), "lead.nmae"),
    (_txt("first_name", "frist_name"), (1, 27, "unknown_name"), "'lead.first_name'?"),
    # a branch that no sample lead takes is looked at as well
    (_html("<p>", "<p>{% if lead.country == 'XX' %}{{ lead.x }}{% endif %}"), (3, 41, "unknown_name"), "lead.x"),
    # values that are not known for every lead
    (_html(' or "there"', ""), (3, 10, "unknown_value"), "give a fallback"),
    (_html(' or "there"', "|upper"), (3, 10, "unknown_value"), "give a fallback"),
    (_html("<p>", "<p>{% if lead.employees > 20 %}x{% endif %}"), (3, 4, "unknown_value"), "give a fallback"),
    (_txt(' or "all"', ""), (1, 19, "unknown_value"), "give a fallback"),
    # syntax, and what is not there
    (_html("<p>", "<p>{% if lead.score %}"), (4, 4, "template_syntax"), "endblock"),
    (_html("lead.first_name", "lead.first_name|uper"), (3, 29, "template_filter"), "'upper'?"),
    (_html("mail.html", "mial.html"), (1, 13, "template"), "'_layouts/mail.html'?"),
    (_txt("mail.txt", "mial.txt"), (4, 13, "template"), "'_layouts/mail.txt'?"),
    # the head
    (_txt("Subject:", "Subjct:"), (1, 1, "template_head"), "did you mean 'Subject'?"),
    (("txt", TEXT.partition("\n\n")[2]), (1, 1, "template_head"), "no subject"),
    (_txt("\n\n", "\n"), (3, 1, "template_head"), "line empty"),
    (_txt('Welcome, {{ lead.first_name or "all" }}', '{{ lead.company or "" }}'), (1, 1, "subject"), "is empty"),
    (_txt("Welcome", "Welcome " * 12), (1, 1, "subject_length"), "more than 60"),
    # what the law and mailbox providers ask for
    (("html", "<p>Hello</p>"), (0, 0, "unsubscribe_link"), "links.unsubscribe"),
    (("txt", HEAD + BODY), (0, 0, "unsubscribe_link"), "links.unsubscribe"),
    (("html", '<a href="{{ links.unsubscribe }}">stop</a>'), (0, 0, "postal_address"), "brand.address"),
    (_txt(BODY, ""), (0, 0, "text_part"), "empty"),
    # bombs go off neither when they are compiled nor when they are rendered
    (_html("lead.first_name", "'x' * 300000000"), (3, 10, "template_arithmetic"), "reckon"),
    (_html("lead.first_name", "9 ** 9 ** 9"), (3, 10, "template_arithmetic"), "reckon"),
    (_html("lead.first_name", "range(10)"), (3, 13, "unknown_name"), "range"),
    (_html("<p>", "<p>{% include 'tofu/welcome.html' %}"), (3, 4, "template"), "includes itself"),
    # ways out of the sandbox
    (_html("lead.first_name", "''.__class__.__mro__"), (3, 10, "template"), "unsafe"),
]


@pytest.mark.parametrize(("half", "place", "message"), FAULTS, ids=[f"{case[1][2]}-{case[2]}" for case in FAULTS])
def test_a_fault_is_shown_where_it_is(
    tmp_path: Path, half: tuple[str, str], place: tuple[int, int, str], message: str
) -> None:
    kind, text = half
    file = f"templates/tofu/welcome.{kind}"
    problems = [one for one in validate(write_project(tmp_path, {file: text})) if one.file == file]
    found = [(one.line, one.column, one.rule) for one in problems]
    assert place in found
    assert any(message in one.message for at, one in zip(found, problems, strict=True) if at == place)


def test_a_template_that_is_not_utf_8_is_shown_with_its_line(tmp_path: Path) -> None:
    root = write_project(tmp_path)
    (root / "templates" / "tofu" / "welcome.html").write_bytes(HTML.replace("Hello", "Grüße").encode("cp1252"))
    assert ("templates/tofu/welcome.html", 3, "encoding") in [(one.file, one.line, one.rule) for one in validate(root)]


@pytest.mark.parametrize(("missing", "named"), [("txt", "welcome.txt"), ("html", "welcome.mjml")])
def test_a_mail_has_two_parts(tmp_path: Path, missing: str, named: str) -> None:
    root = write_project(tmp_path)
    (root / "templates" / "tofu" / f"welcome.{missing}").unlink()
    assert [problem.rule for problem in validate(root) if named in problem.message and "half" in problem.rule] == [
        "template_half"
    ]
    assert not load_project(root).sequences


def test_a_mail_that_gmail_would_cut_off_is_a_warning(tmp_path: Path) -> None:
    (problem,) = validate(
        write_project(tmp_path, {"templates/tofu/welcome.html": HTML.replace("<p>", "<p>" + "long " * 21_000)})
    )
    assert (problem.rule, problem.severity) == ("html_size", "warning")


def test_layouts_may_share_pieces(tmp_path: Path) -> None:
    parts = '{% macro button(href) %}<a href="{{ href }}">{{ brand.name }}</a>{% endmacro %}\n'
    body = '{% block body %}{{ button(links.site + "/a?b&c") }}{% endblock %}\n'
    html = '{% extends "_layouts/mail.html" %}\n{% from "_layouts/parts.html" import button %}\n' + body
    root = write_project(tmp_path, {"templates/_layouts/parts.html": parts, "templates/tofu/welcome.html": html})
    assert validate(root) == []
    templates = load_project(root).templates
    mail = templates.render("tofu/welcome", _context(templates))
    assert '<a href="https://fjordlight.example.com/a?b&amp;c">Fjordlight</a>' in mail.html
