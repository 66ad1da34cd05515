"""What every mailer owes the engine, whoever carries the mail (docs/adding-a-mailer.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from nurture.mail import Mailbox, Mailer, Outcome
from nurture.mail.null import NullMailer
from nurture.mail.outbox import OutboxMailer
from nurture.mail.registry import is_idempotent
from nurture.mail.sendgrid import SendGridMailer
from tests.mail.fake_sendgrid import FakeSendGrid
from tests.mail.samples import ENCODED_WORD, HOSTILE, mail, mails, plenty, spent


@dataclass(frozen=True)
class Case:
    """A mailer, and where its mail can be seen to arrive: sorted message ids. The null mailer's cannot."""

    mailer: Mailer
    arrived: Callable[[], list[str]] | None

    def assert_arrived(self, *message_ids: str) -> None:
        if self.arrived:
            assert self.arrived() == sorted(message_ids)


def _in_folder(folder: Path) -> list[str]:
    found = (message_from_bytes(path.read_bytes(), policy=default) for path in folder.iterdir())
    return sorted(str(message["X-Nurture-Message"]) for message in found)


@pytest.fixture(params=["outbox", "null", "sendgrid"])
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Case]:
    if request.param == "outbox":
        yield Case(OutboxMailer(tmp_path / "outbox"), lambda: _in_folder(tmp_path / "outbox"))
    elif request.param == "null":
        yield Case(NullMailer(), None)
    else:
        with FakeSendGrid() as fake:
            mailer = SendGridMailer(fake.api_key, fake.url, "test", connections=4)
            yield Case(mailer, lambda: sorted(taken.message_id for taken in fake.accepted))
            mailer.close()


def test_has_a_name_an_honest_flag_and_a_width(case: Case) -> None:
    assert case.mailer.name.isidentifier()
    assert case.mailer.idempotent in (True, False)
    assert case.mailer.connections >= 1


def test_recovery_has_the_same_word_on_sending_twice(case: Case) -> None:
    assert is_idempotent(case.mailer.name) is case.mailer.idempotent


def test_gives_one_receipt_per_mail_in_order(case: Case) -> None:
    emails = mails(9)
    receipts = case.mailer.send(emails, plenty())
    assert [receipt.attempt_id for receipt in receipts] == [email.attempt_id for email in emails]
    assert {receipt.outcome for receipt in receipts} == {Outcome.ACCEPTED}
    case.assert_arrived(*(email.message_id for email in emails))


def test_the_same_message_again_is_harmless_if_and_only_if_it_says_so(case: Case) -> None:
    """`idempotent` decides whether recovery may simply send again, so it has to be true."""
    first, second = mail(), mail(attempt_id="attempt-1b")
    receipts = case.mailer.send([first], plenty()) + case.mailer.send([second], plenty())
    assert [receipt.outcome for receipt in receipts] == [Outcome.ACCEPTED] * 2
    case.assert_arrived(*["message-1"] * (1 if case.mailer.idempotent else 2))


def test_starts_nothing_once_the_budget_is_spent(case: Case) -> None:
    receipts = case.mailer.send(mails(3), spent())
    assert [receipt.outcome for receipt in receipts] == [Outcome.NOT_ACCEPTED] * 3
    assert all(receipt.reason and not receipt.closes_gate for receipt in receipts)
    case.assert_arrived()


@pytest.mark.parametrize("poison", HOSTILE, ids=ascii)
@pytest.mark.parametrize("field", ["subject", "sender", "to", "reply_to", "header", "header name", "address"])
def test_a_hostile_header_costs_that_mail_only(case: Case, field: str, poison: str) -> None:
    changes: dict[str, dict[str, Any]] = {
        "subject": {"subject": poison},
        "sender": {"sender": Mailbox("hello@acme.example", poison)},
        "to": {"to": Mailbox("lead-2@example.com", poison)},
        "reply_to": {"reply_to": Mailbox("in@acme.example", poison)},
        "header": {"headers": {"X-Topic": poison}},
        "header name": {"headers": {poison + ":": "x"}},
        "address": {"to": Mailbox(f"lead-2@example.com{poison} ")},
    }
    before, after = mail(1), mail(3)
    receipts = case.mailer.send([before, mail(2, **changes[field]), after], plenty())
    assert [receipt.outcome for receipt in receipts] == [Outcome.ACCEPTED, Outcome.REJECTED, Outcome.ACCEPTED]
    assert receipts[1].reason and poison not in receipts[1].reason
    case.assert_arrived(before.message_id, after.message_id)


@pytest.mark.parametrize(
    "name", ["Bcc", "to", "From", "Content-Type", "Reply-To", "DKIM-Signature", "X-Nurture-Message"]
)
def test_an_extra_header_cannot_stand_in_for_a_real_one(case: Case, name: str) -> None:
    receipts = case.mailer.send([mail(headers={name: "eve@evil.example"})], plenty())
    assert receipts[0].outcome is Outcome.REJECTED
    case.assert_arrived()


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": " "},
        {"text": "half a pair: \ud83d"},
        {"html": "<p>\udc00</p>"},
        {"message_id": ""},
        {"attempt_id": "with space"},
        {"to": Mailbox("nobody")},
        {"to": Mailbox("two@example.com, three@example.com")},
        {"to": Mailbox("å@example.com")},
        {"to": Mailbox("=?utf-8?q?a=40b?=@example.com")},
    ],
    ids=ascii,
)
def test_what_no_provider_can_send_is_rejected_alike_by_all(case: Case, changes: dict[str, object]) -> None:
    receipts = case.mailer.send([replace(mail(), **changes)], plenty())  # type: ignore[arg-type]
    assert receipts[0].outcome is Outcome.REJECTED
    case.assert_arrived()


def test_takes_any_language_and_any_name(case: Case) -> None:
    names = ["Ægir Ødegård", "田中太郎" * 6, 'Dr. "Ada", Ltd; <x>', ENCODED_WORD, "a\\b", "🦊", "=?", "x" * 300, ","]
    emails = [mail(n, to=Mailbox(f"lead-{n}@example.com", name), subject=name * 3) for n, name in enumerate(names)]
    bodies = mail(99, text="naïve 🦊\r\nline\rline\n\n.\n" + "x" * 5000, html="<p>" + "é" * 5000)
    receipts = case.mailer.send([*emails, bodies], plenty())
    assert [(r.outcome, r.reason) for r in receipts] == [(Outcome.ACCEPTED, "")] * (len(names) + 1)
    case.assert_arrived(*(email.message_id for email in emails), "message-99")


def test_a_mail_may_be_as_plain_as_can_be(case: Case) -> None:
    bare = mail(html="", reply_to=None, headers={}, categories=(), sender=Mailbox("a@acme.example"))
    assert case.mailer.send([bare], plenty())[0].outcome is Outcome.ACCEPTED


def test_an_empty_chunk_is_nothing(case: Case) -> None:
    assert case.mailer.send([], plenty()) == []


def test_closing_twice_is_once(case: Case) -> None:
    emails = mails(2)
    case.mailer.send(emails, plenty())
    case.mailer.close()
    case.mailer.close()
    case.assert_arrived(*(email.message_id for email in emails))
