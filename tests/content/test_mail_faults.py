"""What arrives in a mailbox is told where it is written: in the mail, its text part, the layout, an alert."""

from __future__ import annotations

import time
from dataclasses import fields
from pathlib import Path

import pytest

from nurture.alerts.note import Note
from nurture.brief import Brief
from nurture.content import validate
from nurture.content.inhouse import FOLDERS, environment, samples
from nurture.errors import Problem
from tests.content.projects import HTML, MAIL_HTML, MAIL_TXT, ROOT, TEXT, shipped, write_project

WELCOME_HTML, WELCOME_TXT = "templates/tofu/welcome.html", "templates/tofu/welcome.txt"
LAYOUT = "templates/_layouts/mail.html"
SITE = "{{ links.site }}"


def _html(line: str) -> dict[str, str]:
    return {WELCOME_HTML: HTML.replace("<p>", f"<p>Well,</p>\n{line}\n<p>")}


def _text(old: str, new: str) -> dict[str, str]:
    assert old in TEXT
    return {WELCOME_TXT: TEXT.replace(old, new)}


def _layout(old: str, new: str) -> dict[str, str]:
    assert old in MAIL_HTML
    return {LAYOUT: MAIL_HTML.replace(old, new)}


PREVIEW = "What to expect, and what it is good for in a week"
SUBJECT = 'Welcome, {{ lead.first_name or "all" }}'
LINE = "Hello, here is what you asked for"

#: files -> file, line, column, rule, severity, and a part of the message
FAULTS = [
    # the line in the inbox
    (_text(PREVIEW, "Read on"), (WELCOME_TXT, 2, 1, "preview_length", "warning"), "below 40"),
    (_text(PREVIEW, "on and " * 20), (WELCOME_TXT, 2, 1, "preview_length", "warning"), "more than 110"),
    (_text(f"Preview: {PREVIEW}\n", ""), (WELCOME_TXT, 1, 1, "preview_length", "warning"), "'Preview: ...'"),
    (_text(SUBJECT, "Here is the guide that everybody in your trade has been asking us for"),
     (WELCOME_TXT, 1, 1, "subject_length", "warning"), "more than 60"),
    # only one of the sample leads shows it, and is named
    (_text(SUBJECT, "{{ lead.company or 'Well' }}: your nights"),
     (WELCOME_TXT, 1, 1, "subject_length", "warning"), "as for a lead with a very long company name"),
    (_text(SUBJECT, "{{ lead.first_name or '' }}"),
     (WELCOME_TXT, 1, 1, "subject", "error"), "only the address is known"),
    # images
    (_html(f'<img src="{SITE}/night.png">'), (WELCOME_HTML, 4, 27, "image_alt", "error"), "has no alt text"),
    (_html('<img src="/night.png" alt="A night">'), (WELCOME_HTML, 4, 11, "image_source", "error"), "with https://"),
    (_html('<img src="http://acme.example/a.png" alt="">'),
     (WELCOME_HTML, 4, 11, "image_source", "error"), "not https"),
    (_html('<img src="data:image/png;base64,AAAA" alt="A night">'),
     (WELCOME_HTML, 4, 11, "image_source", "error"), "Gmail"),
    (_layout("<i>", f'<img src="{SITE}/logo.png"><i>'), (LAYOUT, 2, 27, "image_alt", "error"), "has no alt text"),
    # links
    (_html('<a href="/guide">Guide</a>'), (WELCOME_HTML, 4, 10, "link", "error"), "leads nowhere"),
    (_html('<a href="http://acme.example/guide">Guide</a>'), (WELCOME_HTML, 4, 10, "link", "error"), "not https"),
    (_html('<a href="https://127.0.0.1:8000/guide">Guide</a>'), (WELCOME_HTML, 4, 10, "link", "error"), "own computer"),
    (_html('<a href="#more">More</a>'), (WELCOME_HTML, 4, 10, "link", "error"), "leads nowhere"),
    (_html('<a href="ftp://acme.example/x">x</a>'), (WELCOME_HTML, 4, 10, "link", "error"), "not https"),
    (_text(LINE, f"{LINE}: http://acme.example/guide"), (WELCOME_TXT, 6, 36, "link", "error"), "not https"),
    (_layout('>x</a>', '>x</a> <a href="imprint">Imprint</a>'), (LAYOUT, 4, 50, "link", "error"), "leads nowhere"),
    (_html('{% if lead.source == "fair" %}<a href="htps://acme.example">Go</a>{% endif %}'),
     (WELCOME_HTML, 4, 40, "link", "error"), "not https"),
    (_html('{% if lead.source == "fair" %}<img alt="" src="logo.png">{% endif %}'),
     (WELCOME_HTML, 4, 48, "image_source", "error"), "leads nowhere"),
    # colors
    (_html('<p style="color:#aaa">Half of it is used at night.</p>'),
     (WELCOME_HTML, 4, 23, "contrast", "warning"), "a darker or a lighter color"),
    (_html('<p style="background:#0B5D6B">Half of it is used at night.</p>'),
     (WELCOME_HTML, 4, 31, "contrast", "warning"), "#000000 on #0b5d6b"),
    # code that was not filled in
    (_html("<p>Hello *|FNAME|*</p>"), (WELCOME_HTML, 4, 10, "left_over", "error"), "'*|FNAME|*' is filled in by other"),
    (_text(LINE, f"Dear %FIRST_NAME%, {LINE}"), (WELCOME_TXT, 6, 6, "left_over", "error"), "%FIRST_NAME%"),
    (_text(LINE, f"Dear [First Name], {LINE}"), (WELCOME_TXT, 6, 6, "left_over", "error"), "[First Name]"),
    (_text(LINE, f"Dear {{first_name}}, {LINE}"), (WELCOME_TXT, 6, 6, "left_over", "error"), "{first_name}"),
    (_html("<p>Hello {% raw %}{{ lead.first_name }}{% endraw %}</p>"),
     (WELCOME_HTML, 4, 19, "left_over", "error"), "template code"),
    (_text(LINE, f"{LINE} {{% raw %}}{{%{{% endraw %}}"), (WELCOME_TXT, 6, 60, "left_over", "error"), "template code"),
    # what the law asks for
    (_layout("{{ brand.address }}", ""), (WELCOME_HTML, 0, 0, "postal_address", "error"), "{{ brand.address }}"),
    (_layout("{{ links.unsubscribe }}", SITE), (WELCOME_HTML, 0, 0, "unsubscribe_link", "error"), "links.unsubscribe"),
    ({"templates/_layouts/mail.txt": MAIL_TXT.replace("{{ brand.address }}", "")},
     (WELCOME_TXT, 0, 0, "postal_address", "error"), "in the text part"),
    (_layout(' lang="en"', ""), (LAYOUT, 1, 1, "language", "warning"), '<html lang="en">'),
    (_html("<p>" + "long " * 21_000 + "</p>"), (WELCOME_HTML, 0, 0, "html_size", "warning"), "link to the rest"),
    # too early
    (_html('<a href="https://acme.example/guide">Book a demo</a>'),
     (WELCOME_HTML, 4, 38, "tofu_ask", "warning"), "early"),
    (_html("<p>Just talk\n to our <b>sales</b> people</p>"),
     (WELCOME_HTML, 4, 9, "tofu_ask", "warning"), "talk to our sales"),
    (_text(SUBJECT, "Shall we book a call?"), (WELCOME_TXT, 1, 19, "tofu_ask", "warning"), "'book a call'"),
]  # fmt: skip


def _found(root: Path) -> list[Problem]:
    return [problem for problem in validate(root) if not problem.file.startswith("sequences/")]


@pytest.mark.parametrize(("files", "place", "message"), FAULTS, ids=[f"{case[1][3]}-{case[2]}" for case in FAULTS])
def test_a_fault_is_shown_where_it_is_written(
    tmp_path: Path, files: dict[str, str], place: tuple[str, int, int, str, str], message: str
) -> None:
    found = _found(write_project(tmp_path, files))
    assert [(one.file, one.line, one.column, one.rule, one.severity) for one in found] == [place]
    assert message in found[0].message


def test_a_fault_of_a_layout_is_told_once_though_every_mail_has_it(tmp_path: Path) -> None:
    more = {f"templates/mofu/more.{kind}": text for kind, text in (("txt", TEXT), ("html", HTML))}
    [problem] = _found(write_project(tmp_path, _layout(' lang="en"', "") | more))
    assert problem.file == LAYOUT


def test_what_all_sample_leads_see_is_told_without_naming_one(tmp_path: Path) -> None:
    [problem] = _found(write_project(tmp_path, _text(PREVIEW, "Read on")))
    assert "as for" not in problem.message


def test_the_shipped_mails_alerts_and_pages_have_no_faults() -> None:
    assert [problem for problem in shipped().problems if problem.file.startswith("templates/")] == []


#: file below templates/ -> what is put at its top, and where the fault is
INHOUSE = [
    ("alerts/sales.html", "{{ brief.whoo }}", (1, 10, "unknown_name"), "'whoo'"),
    ("alerts/sales.txt", "{% if brief.role %}", (None, None, "template_syntax"), "endif"),
    ("alerts/note.txt", "{{ lead.name }}", (1, 4, "unknown_name"), "'lead'"),
    ("pages/opt_out.html", "{{ name }}{{ donne }}", (None, None, "unknown_name"), "unknown name"),
    (
        "pages/handoff.html",
        "{% block more %}{{ brief.who | uper }}{% endblock %}",
        (1, 32, "template_filter"),
        "'uper'",
    ),
    ("pages/style.css", "a { color: {{ colors.primry }}; }", (1, 22, "unknown_name"), "'primry'"),
    ("pages/layout.html", "{{ ''.__class__.__mro__ }}", (1, 1, "template"), "unsafe"),
    # nothing that grows is even compiled
    ("pages/message.html", "{{ 'x' * 999999999 }}", (1, 1, "template_arithmetic"), "without end"),
    ("pages/message.html", "{{ 9 ** 9 ** 9 }}", (1, 1, "template_arithmetic"), "without end"),
    ("alerts/note.html", "{% set a = 'xx' ~ 'yy' %}", (1, 1, "template_arithmetic"), "without end"),
    ("alerts/note.html", "{{ 'a' | center(999999999) }}", (1, 10, "template_filter"), "'center'"),
    ("alerts/note.html", "{{ 'aaaa' | replace('a', 'aaaaaaaaaa') }}", (1, 1, "template_arithmetic"), "without end"),
    ("pages/layout.html", "{% for a in range(999999) %}{{ a }}{% endfor %}", (1, 13, "unknown_name"), "'range'"),
]


@pytest.mark.parametrize(
    ("file", "text", "place", "message"), INHOUSE, ids=[f"{case[0]}-{case[3]}" for case in INHOUSE]
)
def test_alerts_and_pages_are_filled_in_as_well(
    tmp_path: Path, file: str, text: str, place: tuple[int | None, int | None, str], message: str
) -> None:
    original = (ROOT / "templates" / file).read_text(encoding="utf-8")
    root = write_project(tmp_path, {f"templates/{file}": f"{text}\n{original}"})
    begun = time.process_time()
    [problem, *_] = [one for one in validate(root) if one.file == f"templates/{file}"]
    assert time.process_time() - begun < 8
    line, column, rule = place
    assert problem.rule == rule and message in problem.message
    assert (line, column) in ((problem.line, problem.column), (None, None))


def test_a_mark_that_editors_put_first_is_no_part_of_a_text(tmp_path: Path) -> None:
    root = write_project(tmp_path)
    page = "templates/pages/message.html"
    for file in (WELCOME_HTML, WELCOME_TXT, page):
        (root / file).write_text((root / file).read_text(encoding="utf-8"), encoding="utf-8-sig")
    assert list(validate(root)) == []
    [values, *_] = samples(shipped().config)["pages/message.html"]
    assert environment(root).get_template("pages/message.html").render(values).startswith("<!doctype")


def test_an_alert_may_build_on_a_snippet(tmp_path: Path) -> None:
    def alert(snippet: str) -> dict[str, str]:
        text = (ROOT / "templates/alerts/note.txt").read_text()
        return {"templates/alerts/note.txt": f'{text}{{% include "{snippet}" %}}', "templates/_snippets/x.txt": "Hi"}

    assert _found(write_project(tmp_path / "one", alert("_snippets/x.txt"))) == []
    [problem] = _found(write_project(tmp_path / "two", alert("_snippets/y.txt")))
    assert "there is no template '_snippets/y.txt'" in problem.message


def test_an_alert_that_is_missing_is_named(tmp_path: Path) -> None:
    root = write_project(tmp_path)
    (root / "templates" / "alerts" / "sales.txt").unlink()
    (root / "templates" / "pages" / "message.html").write_text("", encoding="utf-8")
    found = [(problem.file, problem.rule, problem.severity) for problem in validate(root)]
    assert found == [
        ("templates/alerts/sales.txt", "template", "error"),
        ("templates/pages/message.html", "template", "error"),
    ]


def test_alerts_are_tried_with_all_that_real_ones_have() -> None:
    tried = samples(shipped().config)
    for file, name, real in (("alerts/sales.txt", "brief", Brief), ("alerts/note.txt", "about", Note)):
        for values in tried[file]:
            given = values[name]
            assert isinstance(given, dict)
            assert {field.name for field in fields(real)} <= given.keys()


def test_every_alert_and_page_of_ours_is_tried() -> None:
    files = {
        path.relative_to(ROOT / "templates").as_posix()
        for part in FOLDERS
        for path in (ROOT / "templates" / part).iterdir()
    }
    parts_of_others = {"alerts/layout.html", "pages/layout.html", "pages/forms.html"}
    assert files - parts_of_others == set(samples(shipped().config))
