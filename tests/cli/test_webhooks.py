"""`nurture webhooks`, and what `doctor` and `gate` say of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nurture.runtime import opened
from nurture.webhooks import enqueue_step
from tests.cli.conftest import Nurture, execute
from tests.receiver import SECRET, Answer, Receiver

TELL = """
sequence: tell
title: Tell the CRM
owner: marketing
stage: tofu
enter: {trigger: lead_created}
steps: [{webhook: big-crm}]
"""


@pytest.fixture
def crm(imported: Path, monkeypatch: Any) -> Iterator[Receiver]:
    """A receiver that the project knows, and leads to tell of."""
    with Receiver() as receiver:
        path = imported / "nurture.yaml"
        path.write_text(json.dumps(json.loads(path.read_text()) | {"webhooks": {"big-crm": {"url": receiver.url}}}))
        monkeypatch.setenv("NURTURE_WEBHOOK_SECRETS__BIG_CRM", SECRET)
        yield receiver


def reach(project: Path, step: str = "tell") -> None:
    with opened(project) as ports, ports.database.transaction("step") as connection:
        now = ports.clock.now()
        enqueue_step(connection, webhook="big-crm", enrollment_id=7, lead_id=1, sequence="welcome", step=step, now=now)


def webhook_findings(nurture: Nurture) -> list[tuple[str, str, str]]:
    findings = nurture("doctor", "--json").json["findings"]
    return [(one["level"], one["about"], one["says"]) for one in findings if one["about"].startswith("webhook")]


def test_a_test_event_is_signed_and_told_as_it_was_answered(nurture: Nurture, crm: Receiver) -> None:
    answer = nurture("webhooks", "test", "big-crm", "--json")
    (got,) = crm.got
    assert got.genuine
    assert got.body | {"timestamp": ""} == {"type": "test", "timestamp": "", "data": {}}
    assert (answer.code, answer.json["delivered"], answer.json["id"]) == (0, True, got.id)
    crm.script(Answer(401))
    refused = nurture("webhooks", "test", "big-crm")
    assert (refused.code, refused.out.startswith("big-crm answered 401")) == (1, True)


def test_a_webhook_nobody_knows_is_guessed(nurture: Nurture, crm: Receiver) -> None:
    for command in ("test", "retry"):
        answer = nurture("webhooks", command, "big-crn")
        assert (answer.code, "did you mean 'big-crm'" in answer.err) == (2, True)


def test_without_a_secret_the_set_up_is_incomplete(nurture: Nurture, crm: Receiver, monkeypatch: Any) -> None:
    monkeypatch.delenv("NURTURE_WEBHOOK_SECRETS__BIG_CRM")
    answer = nurture("webhooks", "test", "big-crm")
    assert answer.code == 3
    assert "set NURTURE_WEBHOOK_SECRETS__BIG_CRM" in answer.err
    assert crm.got == []


def test_a_round_posts_what_is_due_and_status_shows_what_waits(nurture: Nurture, crm: Receiver, imported: Path) -> None:
    reach(imported)
    status = nurture("status", "--json").json["status"]
    assert (status["webhooks"]["big-crm"]["count"], "pending" in status["outbox"]) == (1, False)
    assert "Events on their way to webhook big-crm: 1" in nurture("status").out
    assert nurture("run", "--json").json["webhooks"] == {"sent": 1, "again": 0, "dead": 0}
    assert crm.got[0].genuine
    assert nurture("status", "--json").json["status"]["webhooks"] == {}


def test_a_step_of_a_sequence_tells_of_the_lead_that_reaches_it(
    nurture: Nurture, crm: Receiver, imported: Path
) -> None:
    (imported / "sequences" / "tell.yaml").write_text(TELL)
    assert nurture("run", "--json").json["webhooks"]["sent"] == 1
    (got,) = crm.got
    told = got.body["data"]
    assert (told["sequence"], told["step"]) == ("tell", "start/webhook-1")
    assert told["lead"]["email"] == "mona@mill.example.com"
    nurture("run")
    assert len(crm.got) == 1


def test_what_was_given_up_is_posted_again_by_a_word(nurture: Nurture, crm: Receiver, imported: Path) -> None:
    reach(imported)
    execute(imported, "UPDATE outbox SET state = 'dead', reason = 'answered 401' WHERE kind = 'webhook'")
    assert "nurture webhooks retry big-crm" in nurture("status").out
    assert nurture("webhooks", "retry", "big-crm", "--json").json["events"] == 1
    nurture("run")
    assert len(crm.got) == 1


def test_a_webhook_is_stopped_by_its_gate(nurture: Nurture, crm: Receiver, imported: Path) -> None:
    reach(imported)
    assert nurture("gate", "close", "webhook:big-crm", "--reason", "they move house").code == 0
    nurture("run")
    assert crm.got == []
    nurture("gate", "open", "webhook:big-crm")
    nurture("run")
    assert len(crm.got) == 1


def test_the_doctor_shows_host_and_set_up_but_neither_secret_nor_address(
    nurture: Nurture, crm: Receiver, monkeypatch: Any
) -> None:
    found = nurture("doctor")
    assert "NURTURE_WEBHOOK_SECRETS__BIG_CRM: set (environment)" in found.out
    assert "webhook big-crm: signed, to localhost" in found.out
    assert SECRET not in found.out
    assert "in-the-address" not in found.out
    monkeypatch.setenv("NURTURE_WEBHOOK_SECRETS__BIG_CRM", "sesame")
    monkeypatch.setenv("NURTURE_WEBHOOK_SECRETS__BIGCRM", SECRET)
    told = webhook_findings(nurture)
    says = "its secret is not one: it does not begin with whsec_, so its events wait"
    assert ("fail", "webhook big-crm", says) in told
    assert ("warn", "webhooks", "NURTURE_WEBHOOK_SECRETS__BIGCRM is the secret of none") in told


@pytest.mark.parametrize("value", ["whsec_sesame", '{"crm": ["whsec_sesame"]}'])
def test_secrets_set_in_one_word_are_refused_without_quoting_them(
    nurture: Nurture, project: Path, monkeypatch: Any, value: str
) -> None:
    monkeypatch.setenv("NURTURE_WEBHOOK_SECRETS", value)
    answer = nurture("status")
    assert answer.code == 3
    assert "sesame" not in answer.out + answer.err
