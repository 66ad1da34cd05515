"""What comes with nurture must itself be sound: every sequence valid, every mail ready for every kind of lead."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from nurture.content.samples import SAMPLE_LEADS, UNSUBSCRIBE_URL
from nurture.core.steps import EmailStep
from tests.content.projects import shipped

#: forms on the company's site; a mail may link to them
FORMS = {"ebook", "webinar", "checklist", "roi-calculator", "pricing", "contact", "demo", "call-me"}
#: forms by which a lead asks for a person: not what someone hears who only wants to find out more
SALES_ASKS = {"demo", "contact", "call-me", "pricing"}


def test_the_shipped_project_has_no_problems() -> None:
    assert [str(problem) for problem in shipped().problems] == []


def test_there_is_a_sequence_for_each_stage_on_the_way_to_a_customer() -> None:
    assert {name: one.stage for name, one in shipped().sequences.items()} == {
        "first-interest": "tofu",
        "compare-options": "mofu",
        "decide-with-confidence": "bofu",
    }


@pytest.mark.parametrize("name", sorted(shipped().sequences))
def test_each_sequence_sends_three_mails(name: str) -> None:
    sequence = shipped().sequences[name]
    assert len([step for step in sequence.steps.values() if isinstance(step, EmailStep)]) == 3


def test_the_sequences_show_every_kind_of_step() -> None:
    kinds = {type(step).__name__ for one in shipped().sequences.values() for step in one.steps.values()}
    assert kinds == {"EmailStep", "WaitStep", "WaitForStep", "BranchStep", "PromoteStep", "ExitStep"}


class _Page(HTMLParser):
    """The words, links and open tags of a mail's HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.stack: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "br"):
            self.stack.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.stack:
            self.words += data.split()


@pytest.mark.parametrize("who", SAMPLE_LEADS)
@pytest.mark.parametrize("name", shipped().templates.names())
def test_each_mail_is_whole_for_each_kind_of_lead(name: str, who: str) -> None:
    templates = shipped().templates
    mail = templates.render(name, templates.context(SAMPLE_LEADS[who], UNSUBSCRIBE_URL))
    page = _Page(mail.html)
    assert page.stack == []
    assert 0 < len(mail.subject) <= 60 or "very long" in who
    assert 40 <= len(mail.preview) <= 110
    assert "None" not in page.words
    assert not re.search(r"\bNone\b|\{\{|\}\}", mail.text.replace(str(SAMPLE_LEADS[who]["company"]), ""))
    assert all(link.startswith("https://") for link in page.links)


@pytest.mark.parametrize("name", shipped().templates.names())
def test_both_parts_of_a_mail_lead_to_the_same_pages(name: str) -> None:
    templates = shipped().templates
    mail = templates.render(
        name, templates.context(SAMPLE_LEADS["a lead of whom everything is known"], UNSUBSCRIBE_URL)
    )
    site = "https://fjordlight.example.com"
    assert set(re.findall(r"https://\S+", mail.text)) == set(_Page(mail.html).links) - {site}


@pytest.mark.parametrize("name", shipped().templates.names())
def test_mails_link_to_guides_and_to_forms_that_exist(name: str) -> None:
    source = shipped().templates.files[f"{name}.html"]
    pages = set(re.findall(r'links\.site(?: \}\}| \+ ")/([\w/-]+)', source))
    assert {page for page in pages if not page.startswith("guides/")} <= FORMS


@pytest.mark.parametrize("name", [name for name in shipped().templates.names() if name.startswith("tofu/")])
def test_who_only_wants_to_find_out_more_is_asked_for_nothing(name: str) -> None:
    for ending in ("html", "txt"):
        source = shipped().templates.files[f"{name}.{ending}"]
        assert not SALES_ASKS & set(re.findall(r"/([a-z-]+)", source))
