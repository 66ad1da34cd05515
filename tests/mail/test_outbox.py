"""The outbox: mail as files that any mail program opens."""

from __future__ import annotations

import base64
import os
import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from nurture.clock import VirtualClock
from nurture.errors import SetupError
from nurture.mail import Email, Mailbox, Outcome
from nurture.mail.mime import file_safe, write_mail
from nurture.mail.outbox import OutboxMailer
from tests.mail.samples import ENCODED_WORD, mail, mails, plenty

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def _read(path: Path) -> EmailMessage:
    message = message_from_bytes(path.read_bytes(), policy=default)
    assert isinstance(message, EmailMessage)
    return message


def _written(email: Email) -> EmailMessage:
    message = message_from_bytes(write_mail(email, NOON), policy=default)
    assert isinstance(message, EmailMessage)
    return message


def test_the_file_reads_back_as_the_mail(tmp_path: Path) -> None:
    email = mail(to=Mailbox("lead-1@example.com", "Åse Løv, Acme"), subject="Grüße, 3 charts worth stealing " * 4)
    receipt = OutboxMailer(tmp_path, VirtualClock(NOON)).send([email], plenty())[0]
    message = _read(tmp_path / receipt.provider_id)
    assert [(a.display_name, a.addr_spec) for a in message["To"].addresses] == [(email.to.name, email.to.address)]
    assert message["Subject"] == email.subject
    assert message["From"] == "Acme <hello@acme.example>"
    assert message["Reply-To"] == "r+token1@in.acme.example"
    assert message["Date"].datetime == NOON
    assert message["Message-ID"] == "<message-1@acme.example>"
    assert message["X-Nurture-Message"] == "message-1"
    assert message["X-Nurture-Attempt"] == "attempt-1"
    assert message["List-Unsubscribe"] == "<https://u.acme.example/token-1>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@pytest.mark.parametrize(
    "name", ['Dr. "Ada", Ltd; <x@y>', "a\\b", "Åse", "田中太郎" * 6, "x" * 300, "( )", "ad a", "O'Neil", '"', "🦊 =!"]
)
def test_any_name_reads_back(name: str) -> None:
    for mailbox in _written(mail(to=Mailbox("a@example.com", name)))["To"].addresses:
        assert (mailbox.display_name, mailbox.addr_spec) == (name, "a@example.com")


@pytest.mark.parametrize("subject", ["é" * 400, "🦊" * 200, "a" + "é" * 60, "plain " * 40 + "end"])
def test_a_long_subject_reads_back_and_no_character_is_cut_in_two(subject: str) -> None:
    """Programs other than Python's decode each encoded-word by itself."""
    email = mail(subject=subject)
    assert _written(email)["Subject"] == subject
    words = re.findall(rb"=\?utf-8\?b\?(.*?)\?=", write_mail(email, NOON))
    assert "".join(base64.b64decode(word).decode() for word in words) == subject


def test_the_text_comes_first_and_both_parts_read_back_exactly() -> None:
    email = mail(text="Hei på deg 🦊\n\n.\n=20 From x\ntrailing \t\n", html="<p>" + "long line é" * 900 + "</p>\n")
    message = _written(email)
    assert message.get_content_type() == "multipart/alternative"
    text, html = message.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert text.get_content().replace("\r\n", "\n") == email.text
    assert html.get_content().replace("\r\n", "\n") == email.html


@pytest.mark.parametrize("email", [mail(), mail(text="é" * 9000), mail(subject="é" * 400), mail(html="")])
def test_every_line_is_legal_and_the_parser_finds_no_defect(email: Email) -> None:
    data = write_mail(email, NOON)
    lines = data.split(b"\r\n")
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert all(len(line) <= 78 for line in lines)
    assert data.isascii()
    message = _written(email)
    assert not message.defects
    assert not [fault for value in message.values() for fault in value.defects]


@pytest.mark.parametrize("where", ["subject", "to", "sender", "reply_to", "header"])
def test_an_encoded_word_typed_by_a_lead_never_becomes_a_header(where: str) -> None:
    """Python 3.11.7 turns it into a live Bcc; ours is read, written again by Python, and still harmless."""
    typed = ENCODED_WORD
    email = {
        "subject": mail(subject=typed),
        "to": mail(to=Mailbox("lead@example.com", typed)),
        "sender": mail(sender=Mailbox("hello@acme.example", typed)),
        "reply_to": mail(reply_to=Mailbox("in@acme.example", typed)),
        "header": mail(headers={"X-Topic": typed}),
    }[where]
    once = _written(email)
    again = message_from_bytes(once.as_bytes(), policy=default)
    for message in (once, again):
        assert "Bcc" not in message
        assert not any("\n" in str(value) or "a\nBcc" in str(value) for value in message.values())
    assert once.keys() == again.keys()


def test_the_same_message_again_replaces_its_file(tmp_path: Path) -> None:
    outbox = OutboxMailer(tmp_path)
    outbox.send([mail(subject="first")], plenty())
    outbox.send([mail(subject="second", attempt_id="attempt-1b")], plenty())
    (only,) = tmp_path.iterdir()
    assert _read(only)["Subject"] == "second"
    assert _read(only)["X-Nurture-Attempt"] == "attempt-1b"


@pytest.mark.parametrize("identifier", ["../../etc/passwd", "a/b", "a.b", ".hidden", "x" * 120, "C:\\x", "a|b"])
def test_no_id_leads_out_of_the_directory_and_no_two_ids_share_a_file(tmp_path: Path, identifier: str) -> None:
    twin = identifier.replace("/", "_").replace(".", "_") + "_"
    OutboxMailer(tmp_path).send([mail(message_id=identifier), mail(message_id=twin)], plenty())
    assert len(list(tmp_path.iterdir())) == 2
    assert all(path.suffix == ".eml" for path in tmp_path.iterdir())
    assert file_safe(identifier) != file_safe(twin)


def test_a_full_disk_is_not_the_mails_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mail is certainly not there, so it may be tried again."""
    outbox = OutboxMailer(tmp_path)

    def fail(fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    receipts = outbox.send(mails(2), plenty())
    assert {receipt.outcome for receipt in receipts} == {Outcome.NOT_ACCEPTED}
    assert "No space left" in receipts[0].reason
    assert not list(tmp_path.glob("*.eml"))


def test_an_outbox_thrown_away_while_running_is_made_anew(tmp_path: Path) -> None:
    outbox = OutboxMailer(tmp_path / "out")
    (tmp_path / "out").rmdir()
    assert outbox.send([mail()], plenty())[0].outcome is Outcome.ACCEPTED


def test_an_outbox_that_cannot_be_made_is_a_set_up_fault(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SetupError, match="outbox"):
        OutboxMailer(tmp_path / "file")
