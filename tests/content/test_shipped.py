"""What comes with nurture must itself be sound: every sequence valid, every mail ready for every kind of lead."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from nurture.content.samples import SAMPLE_LEADS, UNSUBSCRIBE_URL
from nurture.content.templates import Rendered
from nurture.core.links import TRAP
from nurture.core.steps import EmailStep, PromoteStep, Sequence, TagStep
from tests.content.projects import ROOT, shipped

SITE = "https://fjordlight.example.com"
#: forms on the company's site; a mail may link to them
FORMS = {"ebook", "webinar", "checklist", "roi-calculator", "pricing", "contact", "demo", "call-me"}
#: forms by which a lead asks for a person: not what someone hears who only wants to find out more, or compares
SALES_ASKS = {"demo", "contact", "call-me", "pricing"}
#: words that filters and readers have seen too often
WORN_WORDS = re.compile(
    r"\b(act now|last chance|hurry|limited time|don't miss|free!|100 ?%|guaranteed|click here|buy now|exclusive)\b",
    re.I,
)
KNOWN = "a lead of whom everything is known"
NAMES = shipped().templates.names()


def mails_of(sequence: Sequence) -> list[EmailStep]:
    return [step for step in sequence.steps.values() if isinstance(step, EmailStep)]


def rendered(name: str, who: str = KNOWN, subject: str | None = None) -> Rendered:
    templates = shipped().templates
    return templates.render(name, templates.context(SAMPLE_LEADS[who], UNSUBSCRIBE_URL), subject)


def pages_linked(mail: Rendered) -> set[str]:
    """The pages of the company's site that a mail leads to."""
    return {link.removeprefix(f"{SITE}/") for link in _Page(mail.html).links if link.startswith(f"{SITE}/")}


# --- the sequences


def test_the_shipped_project_has_no_problems() -> None:
    assert [str(problem) for problem in shipped().problems] == []


def test_there_is_a_sequence_for_each_time_of_a_leads_life() -> None:
    assert {name: one.stage for name, one in shipped().sequences.items()} == {
        "first-interest": "tofu",
        "compare-options": "mofu",
        "decide-with-confidence": "bofu",
        "another-look": "mofu",
        "other-angle": "mofu",
        "keep-warm": "bofu",
        "still-useful": "tofu",
        "first-months": "loyalty",
    }


@pytest.mark.parametrize("name", sorted(shipped().sequences))
def test_a_sequence_sends_three_to_six_mails(name: str) -> None:
    """But for the two that a rep lets a lead get while it is with sales, and the two for a lead that has stalled."""
    fewest = 2 if name in ("keep-warm", "other-angle") else 3
    assert fewest <= len(mails_of(shipped().sequences[name])) <= 6


def test_every_mail_is_in_a_sequence() -> None:
    used = {step.template for one in shipped().sequences.values() for step in mails_of(one)}
    assert used == {name if not name.endswith("/check-in") else "check-in" for name in NAMES}


def test_who_decides_is_served_before_who_reads_and_the_quiet_ones_last() -> None:
    by_priority = sorted(shipped().sequences.values(), key=lambda one: one.priority)
    order = [one.name for one in by_priority]
    assert order.index("decide-with-confidence") < order.index("compare-options") < order.index("first-interest")
    assert order[-1] == "still-useful"


def test_prices_asked_for_go_out_at_once_and_nothing_else_jumps_the_caps() -> None:
    every = [step for one in shipped().sequences.values() for step in mails_of(one)]
    assert [step.template for step in every if step.transactional] == ["bofu/price-logic"]


def test_each_mail_has_a_topic_that_leads_may_decline() -> None:
    topics = {step.topic for one in shipped().sequences.values() for step in mails_of(one)}
    assert topics == set(shipped().config.topics)


def test_who_stays_quiet_hears_goodbye_after_three_mails_and_is_never_asked_again() -> None:
    quiet = shipped().sequences["still-useful"]
    assert [step.template for step in mails_of(quiet)][-1] == "tofu/goodbye"
    assert quiet.enter.when and "not tagged('said-goodbye')" in quiet.enter.when.text
    assert not any(isinstance(step, PromoteStep) for step in quiet.steps.values())


@pytest.mark.parametrize("name", ["compare-options", "decide-with-confidence", "another-look"])
def test_who_comes_back_by_its_own_doing_is_no_longer_gone(name: str) -> None:
    steps = shipped().sequences[name].steps.values()
    assert any(isinstance(step, TagStep) and step.remove and step.tags == ("said-goodbye",) for step in steps)


def test_only_one_of_the_sequences_that_sell_takes_a_lead_that_qualified() -> None:
    compare, decide = (shipped().sequences[name] for name in ("compare-options", "decide-with-confidence"))
    asked = "(submitted('pricing') or submitted('roi-calculator'))"
    assert compare.enter.when and decide.enter.when
    assert compare.enter.when.text == f"lead.stage == 'mql' and not {asked}"
    assert decide.enter.when.text == f"lead.stage == 'mql' and {asked}"


@pytest.mark.parametrize("name", sorted(shipped().sequences))
def test_each_sequence_is_described_with_its_mails_and_a_picture(name: str) -> None:
    page = (ROOT / "docs" / "mails.md").read_text(encoding="utf-8")
    about = page.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
    for step in mails_of(shipped().sequences[name]):
        assert f"`{step.template}`" in about
        assert all(subject in about for subject in step.subjects)
    assert f"(images/mails/{name}.png)" in about
    assert (ROOT / "docs" / "images" / "mails" / f"{name}.png").exists()


def test_the_sequences_show_most_kinds_of_step() -> None:
    kinds = {type(step).__name__ for one in shipped().sequences.values() for step in one.steps.values()}
    everything = {"EmailStep", "WaitStep", "WaitForStep", "BranchStep", "SplitStep", "PromoteStep", "ExitStep"}
    assert kinds == everything | {"TagStep", "AlertStep"}


# --- the mails


class _Page(HTMLParser):
    """The words, links and open tags of a mail's HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.stack: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "br", "hr", "img", "link"):
            self.stack.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href" and tag == "a"]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Opened and closed at once."""

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "title"} & set(self.stack):
            self.words += data.split()


@pytest.mark.parametrize("who", SAMPLE_LEADS)
@pytest.mark.parametrize("name", NAMES)
def test_each_mail_is_whole_for_each_kind_of_lead(name: str, who: str) -> None:
    mail = rendered(name, who)
    page = _Page(mail.html)
    assert page.stack == []
    assert 0 < len(mail.subject) <= 60
    assert 40 <= len(mail.preview) <= 110
    assert "None" not in page.words
    assert not re.search(r"\bNone\b|\{\{|\}\}", mail.text.replace(str(SAMPLE_LEADS[who]["company"]), ""))
    assert all(link.startswith("https://") for link in page.links)


@pytest.mark.parametrize("who", SAMPLE_LEADS)
def test_each_subject_of_a_test_fits_and_says_something_else(who: str) -> None:
    tested = [step for one in shipped().sequences.values() for step in mails_of(one) if len(step.subjects) > 1]
    assert {step.template for step in tested} == {"tofu/night-load", "mofu/four-ways"}
    for step in tested:
        subjects = {rendered(step.template, who, subject).subject for subject in step.subjects}
        assert len(subjects) == len(step.subjects)
        assert all(0 < len(subject) <= 60 for subject in subjects)


@pytest.mark.parametrize("name", NAMES)
def test_both_parts_of_a_mail_lead_to_the_same_pages(name: str) -> None:
    """But for the link that no reader sees, which is in the HTML only."""
    mail = rendered(name)
    links = {link for link in _Page(mail.html).links if not link.endswith(TRAP)}
    assert set(re.findall(r"https://[^\s)]+", mail.text)) == links - {SITE}


@pytest.mark.parametrize("name", NAMES)
def test_both_parts_of_a_mail_say_the_same(name: str) -> None:
    """The same numbers, and most of the sentences word for word: where the HTML has a table, the letter has lines."""
    mail = rendered(name)
    html = " ".join(_Page(mail.html).words)
    letter = mail.text.partition("\n--\n")[0]
    assert _numbers(letter) <= _numbers(html)
    sentences = [one for one in re.split(r"(?<=[.?!])\s|\n+", letter) if len(one.split()) > 7 and "https://" not in one]
    missing = [one for one in sentences if _plain(one) not in _plain(html)]
    assert len(missing) < len(sentences) / 2, missing


def _numbers(text: str) -> set[str]:
    """Numbers of two digits and more; smaller ones may only count lines."""
    return {number.rstrip(",") for number in re.findall(r"\d[\d,]+", text)}


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", text.lower())


@pytest.mark.parametrize("name", NAMES)
def test_the_text_part_is_a_letter(name: str) -> None:
    text = rendered(name).text
    assert text.startswith("Hello Ingrid,")
    letter = text.partition("\n--\n")[0].rstrip()
    assert letter.endswith("\nNora Lie, Fjordlight")
    assert 60 <= len(text.split()) <= 330


@pytest.mark.parametrize("name", NAMES)
def test_mails_link_to_guides_and_to_forms_that_exist(name: str) -> None:
    assert {page for page in pages_linked(rendered(name)) if not page.startswith("guides/")} <= FORMS


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith(("tofu/", "mofu/"))])
def test_who_finds_out_or_compares_is_not_asked_to_talk_to_sales(name: str) -> None:
    assert not SALES_ASKS & pages_linked(rendered(name))


@pytest.mark.parametrize("name", NAMES)
def test_no_mail_shouts_or_hurries(name: str) -> None:
    mail = rendered(name)
    assert not WORN_WORDS.search(f"{mail.subject} {mail.preview} {mail.text}")
    assert "!" not in mail.subject + mail.preview
