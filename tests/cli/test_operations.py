"""`nurture status`, `gate` and `messages`: what needs a person, and the person's word."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Nurture, execute, mails


def test_status_is_fine_until_something_needs_a_person(nurture: Nurture, imported: Path) -> None:
    assert nurture("status").code == 0
    nurture("gate", "close", "everything", "--reason", "wrong price")
    answer = nurture("status", "--json")
    assert answer.code == 1
    assert answer.json["status"]["todo"][0]["do"] == "nurture gate open everything"
    assert "nurture gate open everything" in nurture("status").out


def test_a_closed_gate_stops_mail_until_it_is_opened(nurture: Nurture, imported: Path) -> None:
    assert nurture("gate", "close", "everything", "--reason", "wrong price").code == 0
    assert "everything is stopped: wrong price" in nurture("run").err
    assert mails(imported) == []
    assert [gate["name"] for gate in nurture("gate", "list", "--json").json["gates"]] == ["everything"]
    nurture("gate", "open", "everything")
    assert nurture("gate", "list").out == "Stopped: none\n"
    nurture("run")
    assert "1.eml" in mails(imported)


def test_stopping_works_with_broken_files_and_without_a_key(nurture: Nurture, imported: Path, monkeypatch: Any) -> None:
    (imported / "nurture.yaml").write_text("broken: [")
    monkeypatch.setenv("NURTURE_MAIL__PROVIDER", "sendgrid")
    assert nurture("status").code == 1
    assert nurture("gate", "close", "sequence:welcome", "--reason", "typo").code == 0


def test_a_gate_that_does_not_exist_is_a_wrong_word(nurture: Nurture, project: Path) -> None:
    answer = nurture("gate", "close", "sequence:welcom", "--reason", "typo")
    assert answer.code == 2
    assert "did you mean 'sequence:welcome'?" in answer.err


@pytest.fixture
def in_doubt(nurture: Nurture, imported: Path) -> Path:
    """Nobody knows whether the first mail went out."""
    nurture("run")
    execute(imported, "UPDATE attempt SET state = 'unknown' WHERE message_id = 1")
    execute(imported, "UPDATE message SET state = 'held', reason = 'nobody knows' WHERE id = 1")
    execute(imported, "UPDATE enrollment SET due_at = NULL, step = 'tofu/one', until = NULL, waiting = NULL")
    (imported / "outbox" / "1.eml").unlink()
    return imported


def test_a_mail_in_doubt_is_not_sent_again_without_a_yes(nurture: Nurture, in_doubt: Path) -> None:
    [message] = nurture("messages", "list", "--state", "held", "--json").json["messages"]
    assert (message["id"], message["step"]) == (1, "tofu/one")
    answer = nurture("messages", "resolve", 1, "--as", "resend")
    assert answer.code == 2
    assert "--yes" in answer.err
    nurture("run")
    assert "1.eml" not in mails(in_doubt)
    assert nurture("messages", "resolve", 1, "--as", "resend", "--yes").code == 0
    nurture("run")
    assert "1.eml" in mails(in_doubt)
    assert nurture("messages", "list").out == "Messages: none\n"


def test_a_mail_in_doubt_can_be_called_sent(nurture: Nurture, in_doubt: Path) -> None:
    told = nurture("messages", "resolve", 1, "--as", "sent").out
    assert told == "Message 1 (welcome, tofu/one, lead 1) was held: noted as sent, and the lead goes on.\n"
    [coming] = nurture("leads", "explain", 1, "--json").json["upcoming"]
    assert coming["what"] == "mail tofu/two"
