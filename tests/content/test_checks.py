"""What arrives in a mailbox, looked at: each row is one mail that is sound but for one thing."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from nurture.content import Rendered
from nurture.content.checks import Finding, check, check_written, contrast, worst
from nurture.content.samples import SAMPLE_LEADS, UNSUBSCRIBE_URL
from tests.content.projects import shipped

ADDRESS = "Acme AS, Storgata 1, 0155 Oslo, Norway"
BODY = "<p>Hello, here is what you asked for, and this is what comes next.</p>"
FOOT = f'<p>{ADDRESS} <a href="{UNSUBSCRIBE_URL}">Unsubscribe</a></p>'
SOUND = Rendered(
    subject="Here is your guide",
    preview="Three ways to find waste with what you already have",
    text=f"Hello, here is what you asked for, and this is what comes next.\n{UNSUBSCRIBE_URL}\n{ADDRESS}\n",
    html=f'<html lang="en"><body>{BODY}{FOOT}</body></html>',
)


def findings(mail: Rendered, *typed: str) -> list[Finding]:
    found = check(mail, unsubscribe_url=UNSUBSCRIBE_URL, address=ADDRESS, typed=typed)
    return [finding for finding in found if finding.level != "ok"]


def with_body(html: str) -> Rendered:
    return replace(SOUND, html=SOUND.html.replace(BODY, html))


def test_a_sound_mail_has_no_findings_and_says_what_was_looked_at() -> None:
    assert findings(SOUND) == []
    every = check(SOUND, unsubscribe_url=UNSUBSCRIBE_URL, address=ADDRESS)
    assert {finding.rule for finding in every} >= {"subject_length", "link", "contrast", "left_over", "text_part"}
    assert worst(every) == "ok"


@pytest.mark.parametrize(
    ("mail", "rule", "level", "words"),
    [
        # the line in the inbox
        (replace(SOUND, subject=""), "subject", "error", "empty"),
        (replace(SOUND, subject="x" * 61), "subject_length", "warning", "61 characters"),
        (replace(SOUND, preview="Too short to fill the line"), "preview_length", "warning", "below 40"),
        (replace(SOUND, preview="x" * 111), "preview_length", "warning", "more than 110"),
        # what Gmail cuts off is counted in bytes
        (with_body(BODY + "<!-- " + "ø" * 50_000 + " -->"), "html_size", "warning", "Gmail"),
        (replace(SOUND, html=SOUND.html.replace(' lang="en"', "")), "language", "warning", 'lang="en"'),
        # images
        (with_body('<img src="https://acme.example/a.png">'), "image_alt", "error", "alt"),
        (with_body('<img src="/a.png" alt="">'), "image_source", "error", "nowhere"),
        (with_body('<img src="data:image/png;base64,AA" alt="">'), "image_source", "error", "Gmail"),
        # links, in either part
        (with_body('<a href="/guide">Guide</a>'), "link", "error", "nowhere"),
        (with_body('<a href="#top">Top</a>'), "link", "error", "nowhere"),
        (with_body('<a href="">Guide</a>'), "link", "error", "nowhere"),
        (with_body('<a href="http://acme.example/">Guide</a>'), "link", "error", "not https"),
        (with_body('<a href="https://localhost:8000/g">Guide</a>'), "link", "error", "own computer"),
        (with_body('<a href="https://[acme">Guide</a>'), "link", "error", "no web address"),
        (replace(SOUND, text=SOUND.text + "http://127.0.0.1/x"), "link", "error", "own computer"),
        # colors as they are written into the mail; a link without one has the brand's
        (with_body('<p style="color:#999">Pale words</p>'), "contrast", "warning", "#999 on #ffffff"),
        (with_body('<td bgcolor="#0b5d6b"><a style="color: #1C2B33" href="https://a.example">Go</a></td>'),
         "contrast", "warning", "#1c2b33 on #0b5d6b"),
        (with_body('<p style="background:#00c"><a href="https://a.example">Go</a></p>'), "contrast", "warning", "Go"),
        # template code that was not filled in
        (replace(SOUND, subject="Hello {{ lead.first_name }}"), "left_over", "error", "first_name"),
        (with_body("<p>{% if lead.company %} your firm</p>"), "left_over", "error", "{%"),
        (with_body('<a href="https://acme.example/{{ x }}">Go</a>'), "left_over", "error", "{{"),
        # what the law asks for
        (replace(SOUND, html=SOUND.html.replace("/u/", "/x/")), "unsubscribe_link", "error", "HTML part"),
        (replace(SOUND, text=SOUND.text.replace(ADDRESS, "")), "postal_address", "error", "text part"),
    ],
)  # fmt: skip
def test_one_fault_is_one_finding(mail: Rendered, rule: str, level: str, words: str) -> None:
    found = findings(mail)
    assert [(finding.rule, finding.level) for finding in found] == [(rule, level)]
    assert words in found[0].message


def test_an_empty_text_part_is_found() -> None:
    assert "text_part" in {finding.rule for finding in findings(replace(SOUND, text=""))}


@pytest.mark.parametrize(
    "html",
    [
        '<p>Write to <a href="mailto:hello@acme.example">us</a> or <a href="tel:+4755000000">call</a></p>',
        '<p>An ornament <img src="https://acme.example/line.png" alt=""></p>',
        "<style>@media (max-width: 1px) { p { color: red }}</style><p>Braces of a style sheet</p>",
        '<div style="display:none;color:#fff">What nobody sees may be white on white</div>',
        '<p style="background:#111;color:#fff">A paragraph that is not closed<p>ends where the next one begins</p>',
        "<p><br>Tags that never close <b>do not</b> swallow the rest</p></section>",
    ],
)
def test_what_is_right_is_not_complained_of(html: str) -> None:
    assert findings(with_body(html)) == []


def test_what_a_lead_calls_itself_is_no_template_code() -> None:
    odd = "{{ brand.name }} & Sons"
    assert findings(replace(SOUND, subject=f"For {odd}"), odd) == []
    assert findings(replace(SOUND, subject="For {{ brand.name }} itself"), odd) != []


@pytest.mark.parametrize(
    ("ink", "paper", "expected"),
    [("#000000", "#ffffff", 21.0), ("#fff", "#ffffff", 1.0), ("#767676", "#ffffff", 4.54), ("#FF0000", "#FFFFFF", 4.0)],
)  # fmt: skip
def test_contrast_is_that_of_wcag(ink: str, paper: str, expected: float) -> None:
    assert contrast(ink, paper) == contrast(paper, ink) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("name", shipped().templates.names())
def test_the_shipped_mails_have_no_findings_for_any_sample_lead(name: str) -> None:
    project = shipped()
    for lead in SAMPLE_LEADS.values():
        mail = project.templates.render(name, project.templates.context(lead, UNSUBSCRIBE_URL))
        found = check(
            mail,
            unsubscribe_url=UNSUBSCRIBE_URL,
            address=project.config.brand.address,
            link_color=project.config.brand.colors.primary,
            typed=[value for value in lead.values() if isinstance(value, str)],
        )
        assert [finding for finding in found if finding.level != "ok"] == []


@pytest.mark.parametrize("again", ["<!--", "{#", 'href="', "href "])
def test_a_template_of_nothing_but_beginnings_is_read_in_no_time(again: str) -> None:
    begun = time.process_time()
    list(check_written(again * (100_000 // len(again))))
    assert time.process_time() - begun < 2


def test_what_is_commented_out_is_not_looked_at() -> None:
    link = '<a href="htps://acme.example">Go</a>'
    [found] = check_written(f"<!-- {link} -->\n{{# {link} #}}\n{link}\n<!-- {link}")
    assert found.about == "htps://acme.example"
