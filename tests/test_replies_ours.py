"""What our own people write into a conversation, say a rep to all: kept and listed, and never the lead's act."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from nurture.engage import fold, receive
from nurture.engage.answered import is_ours
from nurture.mail import Email
from tests.mail.inbound_samples import posted, raw
from tests.office import Office

DOMAIN = "in.acme.example"


@pytest.fixture
def office(office: Office) -> Office:
    """The company, with a domain for replies."""
    office.ports = replace(office.ports, reply_domain=DOMAIN)
    return office


def write(office: Office, mail: Email, sender: str, said: str, subject: str = "Re: The power") -> None:
    """Somebody answers to the address that our mail was sent from."""
    assert mail.reply_to
    letter = raw(said, sender=sender, subject=subject)
    envelope = json.dumps({"to": [mail.reply_to.address], "from": sender})
    receive(office.ports, "inbound", posted(letter, envelope=envelope))
    fold(office.ports)


@pytest.mark.parametrize("sender", ["kari@acme.example", "Kari+Phone@ACME.example", "somebody@post.acme.example"])
@pytest.mark.parametrize(
    "said", ["When can we talk? Let's set up a demo.", "Unsubscribe me", "She has left the company"]
)
def test_what_our_own_people_write_is_no_act_of_the_lead(office: Office, sender: str, said: str) -> None:
    office.add_lead()
    mail = office.mail()
    before = [tuple(office.one(sql)) for sql in STATES]
    write(office, mail, sender, said)
    row = office.one("SELECT kind, sorted_by, intent, lead_id, proved, text, sender FROM reply")
    assert (row.kind, row.intent, row.lead_id, row.text) == ("ours", None, 1, said)
    assert row.sender == sender.lower()
    assert office.rows("SELECT id FROM event WHERE kind = 'replied'") == []
    assert office.rows("SELECT id FROM outbox WHERE kind = 'note_alert'") == []
    assert [tuple(office.one(sql)) for sql in STATES] == before


STATES = (
    "SELECT state, reason, due_at FROM enrollment",
    "SELECT suppressed, paused_until, version FROM address",
    "SELECT stage FROM lead",
    "SELECT COUNT(*) FROM handoff",
    "SELECT COUNT(*) FROM lead_tag",
)


def test_a_colleague_who_is_away_does_not_make_the_lead_wait(office: Office) -> None:
    office.add_lead()
    write(office, office.mail(), "kari@acme.example", "I am away until 20 March.", "Automatic reply: The power")
    assert office.one("SELECT kind FROM reply").kind == "ours"
    assert office.one("SELECT paused_until FROM address").paused_until is None


def test_the_leads_own_answer_and_that_of_its_colleague_count_as_before(office: Office) -> None:
    office.add_lead()
    write(office, office.mail(), "assistant@mill.example", "Can you call me on Friday?")
    assert office.one("SELECT kind FROM reply").kind == "human"
    assert office.one("SELECT name FROM event WHERE kind = 'replied'").name == "call-me"


def test_a_colleague_who_is_a_lead_to_try_our_mails_is_one(office: Office) -> None:
    office.add_lead("kari@acme.example")
    write(office, office.mail(), "Kari+Phone@acme.example", "Unsubscribe me")
    assert office.one("SELECT suppressed FROM address").suppressed == "opt_out"


def test_who_shares_only_a_free_mail_host_with_us_is_no_colleague(here: Office) -> None:
    config = here.ports.project.config
    mailed = config.model_copy(update={"sender": config.sender.model_copy(update={"address": "acme@gmail.com"})})
    assert is_ours(mailed, "acme@gmail.com", None)
    assert not is_ours(mailed, "mona@gmail.com", None)
    assert is_ours(mailed, config.agreement.owners[0].address, None)
