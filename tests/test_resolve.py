"""A person's word on a mail in doubt or refused: the lead goes on, and no mail goes out twice unasked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from models.queries import messages
from models.words import Suppression
from nurture.advance import tick
from nurture.errors import UsageError
from nurture.ledger.recover import SILENCE, recover
from nurture.ledger.resolve import Word, in_doubt, look, resolve
from nurture.ledger.settle import accepted, settle
from nurture.mail import Outcome
from nurture.suppress import suppress
from tests.office import START, Office

MESSAGE = 1


def mailed(office: Office, outcome: Outcome) -> None:
    """One lead, whose first mail ended so."""
    office.add_lead()
    office.mailer.answer = lambda email: outcome
    office.mail()
    office.mailer.answer = lambda email: Outcome.ACCEPTED


def held(office: Office) -> None:
    mailed(office, Outcome.UNKNOWN)
    office.clock.advance(SILENCE + timedelta(hours=1))
    recover(office.ports)


def say(office: Office, word: Word, *, may_double: bool = False) -> None:
    resolve(office.ports, MESSAGE, word, by="kim", may_double=may_double)


def state(office: Office) -> str:
    return str(office.one("SELECT state FROM message WHERE id = 1").state)


def mails(office: Office) -> list[str]:
    return [email.subject for email in office.mailer.emails]


@pytest.mark.parametrize("doubt", [held, lambda office: mailed(office, Outcome.UNKNOWN)], ids=["held", "unknown"])
class TestInDoubt:
    def test_sent_counts_from_the_attempt_and_the_next_mail_comes_in_its_time(
        self, office: Office, doubt: object
    ) -> None:
        doubt(office)
        say(office, "sent")
        assert state(office) == "accepted"
        office.clock.move_to(START + timedelta(days=5))
        tick(office.ports)
        assert mails(office) == ["About tofu/one", "About tofu/two"]

    def test_resend_needs_to_hear_that_it_may_come_twice(self, office: Office, doubt: object) -> None:
        doubt(office)
        before = state(office)
        with pytest.raises(UsageError, match="may come twice"):
            say(office, "resend")
        assert state(office) == before
        tick(office.ports)
        assert mails(office) == ["About tofu/one"]

    def test_resend_goes_out_once_more(self, office: Office, doubt: object) -> None:
        doubt(office)
        say(office, "resend", may_double=True)
        tick(office.ports)
        tick(office.ports)
        assert mails(office) == ["About tofu/one", "About tofu/one"]
        assert office.rows("SELECT n, state FROM attempt ORDER BY n") == [(1, "not_accepted"), (2, "accepted")]

    def test_skip_gives_the_mail_up_and_the_lead_goes_on_from_now(self, office: Office, doubt: object) -> None:
        doubt(office)
        now = office.clock.now()
        say(office, "skip")
        assert state(office) == "suppressed"
        office.clock.move_to(now + timedelta(days=5))
        tick(office.ports)
        assert mails(office) == ["About tofu/one", "About tofu/two"]

    def test_proof_after_a_skip_moves_nobody(self, office: Office, doubt: object) -> None:
        doubt(office)
        say(office, "skip")
        place = office.one("SELECT step, due_at FROM enrollment")
        attempt = office.one("SELECT id FROM attempt").id
        with office.database.transaction("test") as connection:
            receipts = accepted([attempt], "delivered")
            settle(connection, office.ports.library, receipts, office.clock.now())
        assert state(office) == "accepted"
        assert office.one("SELECT step, due_at FROM enrollment") == place

    def test_a_lead_that_left_gets_nothing_again(self, office: Office, doubt: object) -> None:
        doubt(office)
        with office.database.transaction("test") as connection:
            suppress(connection, [1], Suppression.OPT_OUT, "test", office.clock.now())
        with pytest.raises(UsageError, match="has left welcome"):
            say(office, "resend", may_double=True)
        say(office, "skip")
        assert state(office) == "suppressed"
        assert office.one("SELECT state FROM enrollment").state == "stopped"


def test_a_word_is_taken_once(office: Office) -> None:
    held(office)
    say(office, "sent")
    with pytest.raises(UsageError, match="message 1 is accepted"):
        say(office, "resend", may_double=True)


def test_a_refused_mail_goes_out_again_once_its_cause_is_mended(office: Office) -> None:
    mailed(office, Outcome.REJECTED)
    assert not in_doubt(look(office.ports, MESSAGE))
    say(office, "resend")
    tick(office.ports)
    assert mails(office) == ["About tofu/one", "About tofu/one"]
    assert state(office) == "accepted"


def test_a_refused_mail_can_be_skipped(office: Office) -> None:
    mailed(office, Outcome.REJECTED)
    say(office, "skip")
    office.pass_time(days=5)
    tick(office.ports)
    assert mails(office) == ["About tofu/one", "About tofu/two"]


def test_a_refused_mail_was_not_sent_whatever_a_person_says(office: Office) -> None:
    mailed(office, Outcome.REJECTED)
    with pytest.raises(UsageError, match="was refused"):
        say(office, "sent")


def test_a_lead_that_came_into_the_sequence_anew_is_not_woken_in_the_old_place(office: Office) -> None:
    mailed(office, Outcome.REJECTED)
    with office.database.transaction("test") as connection:
        columns = "lead_id, sequence, version, step, since, entered_at, due_at, why, fence"
        again = f"INSERT INTO enrollment ({columns}, state) SELECT {columns}, 'active' FROM enrollment"
        connection.execute(text(again))
    with pytest.raises(UsageError, match="again already"):
        say(office, "resend")
    say(office, "skip")
    assert office.rows("SELECT state FROM enrollment ORDER BY id") == [("dead",), ("active",)]


def test_an_unknown_number_is_told(office: Office) -> None:
    with pytest.raises(UsageError, match="there is no message 7"):
        resolve(office.ports, 7, "sent", by="kim")


@pytest.mark.parametrize(
    ("story", "listed"),
    [
        (held, "held"),
        (lambda office: mailed(office, Outcome.UNKNOWN), "unknown"),
        (lambda office: mailed(office, Outcome.REJECTED), "rejected"),
        (lambda office: mailed(office, Outcome.ACCEPTED), None),
        (lambda office: mailed(office, Outcome.NOT_ACCEPTED), None),
    ],
)
def test_what_waits_for_a_word_is_listed_until_it_has_one(office: Office, story: object, listed: str | None) -> None:
    def waiting() -> list[str]:
        with office.database.reading() as connection:
            states = ["held", "rejected", "unknown"]
            return [row.state for row in connection.execute(messages.WAITING, {"states": states, "limit": 10})]

    story(office)
    assert waiting() == ([listed] if listed else [])
    if listed:
        say(office, "skip")
        assert waiting() == []
