"""`nurture replies`: what came in, on the screen and for scripts."""

from __future__ import annotations

import pytest

from nurture.engage import fold, receive
from nurture.runtime import opened
from tests.cli.conftest import Nurture
from tests.mail.inbound_samples import posted, raw


@pytest.fixture
def replied(nurture: Nurture, project: object) -> None:
    """Mona, a lead, asks something; a stranger says hello; a machine answers."""
    nurture("leads", "import", "leads.csv")
    with opened() as ports:
        mails = [
            posted(raw("Does it work at 16 bar?", sender="mona@mill.example.com"), dkim="{@mill.example.com : pass}"),
            posted(raw("Hello there", sender="stranger@else.example")),
            posted(raw("Away", auto_submitted="auto-replied")),
        ]
        for mail in mails:
            receive(ports, "inbound", mail)
        fold(ports)


@pytest.mark.usefixtures("replied")
def test_replies_are_listed_the_newest_first_without_what_was_written(nurture: Nurture) -> None:
    listed = nurture("replies", "list", "--json").json["replies"]
    assert [(row["kind"], row["lead_id"], row["intent"]) for row in listed] == [
        ("automatic", None, None),
        ("human", None, "other"),
        ("human", 1, "question"),
    ]
    assert "16 bar" not in nurture("replies", "list").out
    (stranger,) = nurture("replies", "list", "--unmatched", "--json").json["replies"]
    assert stranger["id"] == 2


@pytest.mark.usefixtures("replied")
def test_a_reply_is_shown_with_its_words_and_what_they_were_taken_for(nurture: Nurture) -> None:
    out = nurture("replies", "show", "1").out
    for told in ("Does it work at 16 bar?", "question (asks a question)", "sender, proved", "mona@mill.example.com"):
        assert told in out
    assert nurture("replies", "show", "1", "--json").json["reply"]["text"] == "Does it work at 16 bar?"
    missing = nurture("replies", "show", "9")
    assert (missing.code, "there is no reply 9" in missing.err) == (2, True)


@pytest.mark.usefixtures("replied")
def test_a_lead_is_shown_with_what_it_answered(nurture: Nurture) -> None:
    assert "Does it work at 16 bar?" in nurture("leads", "show", "1").out
    assert nurture("leads", "show", "1", "--json").json["replies"][0]["intent"] == "question"
