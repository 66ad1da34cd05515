"""Polls in mails: whoever follows the link sees the question, and only the button answers it, once and for good."""

from __future__ import annotations

import pytest

from models.queries import journey
from nurture.brief import brief
from nurture.core.questions import POLLS, QUESTIONS
from nurture.handoff import qualify_due
from tests.office import Office
from tests.web.conftest import Visitor


@pytest.fixture
def token(office: Office) -> str:
    office.add_lead()
    return str(office.one("SELECT token FROM address").token)


def test_a_scanner_that_gets_every_link_answers_nothing(office: Office, visitor: Visitor, token: str) -> None:
    for name, question in POLLS.items():
        for path in ("", *(f"/{code}" for code in question.choices), "/made-up"):
            for method in ("GET", "HEAD"):
                assert visitor.request(method, f"/a/{token}/{name}{path}").status_code == 200
    assert office.rows("SELECT 1 FROM answer") == []


def test_the_button_answers_and_the_first_answer_stands(office: Office, visitor: Visitor, token: str) -> None:
    page = visitor.get(f"/a/{token}/budget/planned")
    assert "Not yet, but it is planned" in page.text
    assert f'action="/a/{token}/budget"' in page.text
    for said in ("planned", "no", "planned"):
        assert "Thank you" in visitor.post(f"/a/{token}/budget", data={"answer": said}).text
    row = office.one("SELECT question, value, source FROM answer")
    assert tuple(row) == ("budget", "planned", "poll")


def test_whether_it_would_recommend_us_is_none_of_sales_questions(office: Office, visitor: Visitor, token: str) -> None:
    assert "Would you recommend us" in visitor.get(f"/a/{token}/recommend/yes").text
    visitor.post(f"/a/{token}/recommend", data={"answer": "not_yet"})
    assert tuple(office.one("SELECT question, value FROM answer")) == ("recommend", "not_yet")
    with office.database.reading() as connection:
        lead = connection.execute(journey.LEADS, {"ids": [1]}).one()
    assert (lead.recommend, lead.answered_at) == ("not_yet", None)


def test_an_answer_in_own_words(office: Office, visitor: Visitor, token: str) -> None:
    assert "textarea" in visitor.get(f"/a/{token}/need").text
    visitor.post(f"/a/{token}/need", data={"answer": "  The night load <b>costs</b> us \x00"})
    assert office.one("SELECT value FROM answer").value == "The night load <b>costs</b> us"


@pytest.mark.parametrize("said", [None, "", "   ", "perhaps", "x" * 300])
def test_what_is_no_answer_is_asked_again(office: Office, visitor: Visitor, token: str, said: str | None) -> None:
    answer = visitor.post(f"/a/{token}/budget", data={"answer": said} if said is not None else {})
    assert answer.status_code == 422
    assert "Please choose an answer" in answer.text
    assert office.rows("SELECT 1 FROM answer") == []


def test_nobody_learns_which_links_are_real(office: Office, visitor: Visitor, token: str) -> None:
    strange = "A" * len(token)
    for path in ("budget", "budget/yes"):
        assert (
            visitor.get(f"/a/{strange}/{path}").text.replace(strange, token) == visitor.get(f"/a/{token}/{path}").text
        )
    answered = [visitor.post(f"/a/{one}/budget", data={"answer": "yes"}) for one in (strange, token)]
    assert answered[0].text == answered[1].text
    assert len(office.rows("SELECT 1 FROM answer")) == 1


def test_a_question_that_we_do_not_ask_is_not_there(visitor: Visitor, token: str) -> None:
    assert visitor.get(f"/a/{token}/salary").status_code == 404
    assert visitor.post(f"/a/{token}/salary", data={"answer": "yes"}).status_code == 404


def test_sales_reads_what_was_answered_and_asks_only_the_rest(office: Office, visitor: Visitor, token: str) -> None:
    visitor.post(f"/a/{token}/budget", data={"answer": "yes"})
    office.submit("demo", timing="Within a year")
    qualify_due(office.ports)
    with office.database.reading() as connection:
        told = brief(connection, office.ports, 1, office.clock.now())
    assert [(line.text, line.detail.partition(",")[0]) for line in told.answers] == [
        ("By when would you like it solved? Within a year", "form demo"),
        ("Is there a budget for it? Yes", "poll"),
    ]
    assert not {QUESTIONS[name].asked_by_sales for name in ("budget", "timing")} & set(told.questions)
