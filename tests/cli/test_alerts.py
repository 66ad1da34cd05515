"""`nurture alerts`, and what `doctor` and `gate` say of chat channels."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Nurture
from tests.receiver import Answer, Receiver


@pytest.fixture
def slack(imported: Path, monkeypatch: Any) -> Iterator[Receiver]:
    """A chat service that the project has a channel at."""
    with Receiver() as receiver:
        path = imported / "nurture.yaml"
        channels = {"alerts": [{"name": "sales-slack", "for": "team"}]}
        path.write_text(json.dumps(json.loads(path.read_text()) | channels))
        monkeypatch.setenv("NURTURE_ALERT_CHANNELS__SALES_SLACK", receiver.url.replace("http:", "json:"))
        yield receiver


def findings(nurture: Nurture) -> list[tuple[str, str, str]]:
    found = nurture("doctor", "--json").json["findings"]
    return [(one["level"], one["about"], one["says"]) for one in found if one["about"].startswith("channel")]


def test_a_test_message_is_about_nobody_and_says_whether_it_was_taken(nurture: Nurture, slack: Receiver) -> None:
    answer = nurture("alerts", "test", "sales-slack", "--json")
    (got,) = slack.got
    assert (got.body["title"], got.body["message"]) == ("A test by nurture", "Alerts come here (sales-slack).")
    assert (answer.code, answer.json["delivered"]) == (0, True)
    slack.script(Answer(403))
    refused = nurture("alerts", "test", "sales-slack")
    assert (refused.code, refused.out) == (1, "sales-slack: did not take it.\n")


def test_a_channel_nobody_knows_is_guessed(nurture: Nurture, slack: Receiver) -> None:
    answer = nurture("alerts", "test", "sales-slak")
    assert (answer.code, "sales-slack" in answer.err) == (2, True)


def test_doctor_says_what_is_missing_without_the_address(nurture: Nurture, slack: Receiver, monkeypatch: Any) -> None:
    [(level, about, says)] = findings(nurture)
    assert (level, about) == ("ok", "channel sales-slack")
    assert says.startswith("JSON")
    monkeypatch.setenv("NURTURE_ALERT_CHANNELS__SALE_SLACK", "json://example.com/in-the-address")
    monkeypatch.delenv("NURTURE_ALERT_CHANNELS__SALES_SLACK")
    assert findings(nurture) == [
        ("fail", "channel sales-slack", "it has no address, so its alerts wait"),
        ("warn", "channels", "NURTURE_ALERT_CHANNELS__SALE_SLACK is the address of none"),
    ]
    assert "in-the-address" not in nurture("doctor").out
    assert nurture("alerts", "test", "sales-slack").code == 3
