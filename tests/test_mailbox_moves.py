"""A tag that its host refuses gives way to the next address; what is told late of the tag is not held against that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from models.database import Database
from models.queries import engagement
from nurture.engage import fold, receive
from nurture.mail import Email
from tests.mail.fake_sendgrid import Event
from tests.mail.inbound_samples import posted, raw
from tests.office import Office
from tests.test_engage_soft import blocked, three_mails
from tests.test_one_mailbox import keep_apart

PLAIN, TAGGED = "mona@mill.example", "mona+fair@mill.example"
LISTED = {"reason": "Bounced Address"}


def moved(office: Office, then: str = PLAIN, mails: int = 2) -> list[Email]:
    """Mails to a tag that bounced with the first of them, whereupon its lead came with another."""
    office.add_lead(TAGGED)
    sent = [office.mail()]
    for _ in range(1, mails):
        office.pass_time(days=5)
        sent.append(office.mail())
    assert [email.to.address for email in sent] == [TAGGED] * mails
    office.tell(office.event(sent[0], "bounce", type="bounce"))
    office.submit("ebook", then)
    assert address(office) == (then, None)
    return sent


def address(office: Office) -> tuple[str, str | None]:
    row = office.one("SELECT email, suppressed FROM address")
    return row.email, row.suppressed


def late(office: Office, email: Email, kind: str, **fields: str) -> Event:
    return office.event(email, kind, timedelta(days=6).total_seconds(), **fields)


@pytest.mark.parametrize(("kind", "fields"), [("bounce", {"type": "bounce"}), ("dropped", LISTED)])
@pytest.mark.parametrize("then", [PLAIN, "mona+news@mill.example"])
def test_a_late_bounce_of_the_address_before_spares_the_one_its_lead_moved_to(
    office: Office, then: str, kind: str, fields: dict[str, str]
) -> None:
    sent = moved(office, then)
    told = len(office.rows("SELECT 1 FROM event"))
    assert office.tell(late(office, sent[1], kind, **fields)).events == 1
    assert address(office) == (then, None)
    assert len(office.rows("SELECT 1 FROM event")) == told + 1  # it is kept all the same


@pytest.mark.parametrize(("kind", "fields"), [("bounce", {"type": "bounce"}), ("dropped", LISTED)])
@pytest.mark.parametrize("reported", [PLAIN, "Mona@Mill.example", ""])
def test_a_bounce_of_the_address_it_has_now_counts(
    here: Office, reported: str, kind: str, fields: dict[str, str]
) -> None:
    (email,) = moved(here, mails=1)
    here.tell(late(here, email, kind, **fields) | {"email": reported})
    assert address(here) == (PLAIN, "hard_bounce")


@pytest.mark.parametrize(
    ("kind", "fields", "reason"),
    [
        ("spamreport", {}, "complaint"),
        ("unsubscribe", {}, "opt_out"),
        ("dropped", {"reason": "Spam Reporting Address"}, "complaint"),
    ],
)
def test_what_the_person_wants_goes_along_from_the_address_before(
    here: Office, kind: str, fields: dict[str, str], reason: str
) -> None:
    here.tell(late(here, moved(here)[1], kind, **fields))
    assert address(here) == (PLAIN, reason)


def test_the_late_bounce_is_told_to_no_system_as_one_of_the_lead_s_address(
    here: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr("nurture.engage.events.announce", lambda *about, **_: told.append(about[2]))
    sent = moved(here)
    assert told == ["email.bounced"]
    here.tell(late(here, sent[1], "bounce", type="bounce"))
    assert told == ["email.bounced"]


def test_an_address_in_letters_is_the_one_that_is_kept_in_ascii(here: Office) -> None:
    here.add_lead("mona@xn--mlle-gra.no")
    here.tell(here.event(here.mail(), "bounce", type="bounce") | {"email": "Mona@M\u00f8lle.no"})
    assert address(here) == ("mona@xn--mlle-gra.no", "hard_bounce")


@pytest.mark.parametrize(("now", "outcome"), [(PLAIN, "soft_bounce"), (TAGGED, None)])
def test_a_mail_put_off_at_the_address_before_is_no_verdict_on_the_one_after(
    here: Office, now: str, outcome: str | None
) -> None:
    one, two, three = three_mails(here)
    here.tell(blocked(here, one, 0), blocked(here, two, 4))
    with here.database.transaction("move") as connection:
        connection.exec_driver_sql("UPDATE address SET email = ?", (now,))
    here.tell(blocked(here, three, 8))
    assert address(here) == (now, outcome)


# --- two leads of before


@pytest.fixture
def twins(postgres_database: Database, tmp_path: Path) -> Office:
    """An office with two leads of one mailbox, both of whom were mailed."""
    office = Office(postgres_database, tmp_path)
    keep_apart(office)
    office.mail()
    return office


def _locks(office: Office, monkeypatch: pytest.MonkeyPatch, body: Callable[[], object]) -> list[tuple[str, list[int]]]:
    """What is locked, in its order: of leads and of their enrollments."""
    seen: list[tuple[str, list[int]]] = []
    names = {engagement.LOCK_LEADS: "leads", engagement.LOCK_ENROLLMENTS: "enrollments"}
    execute = Connection.execute

    def look(self: Connection, statement: Any, *values: Any, **options: Any) -> Any:
        if (name := names.get(statement)) and values[0]["ids"]:
            seen.append((name, list(values[0]["ids"])))
        return execute(self, statement, *values, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Connection, "execute", look)
        body()
    assert {row.suppressed for row in office.rows("SELECT suppressed FROM address")} <= {"complaint", "opt_out"}
    return seen


@pytest.mark.parametrize("of", [0, 1])
def test_an_event_locks_both_leads_of_a_mailbox_before_their_enrollments(
    twins: Office, monkeypatch: pytest.MonkeyPatch, of: int
) -> None:
    email = twins.mailer.emails[of]
    locks = _locks(twins, monkeypatch, lambda: twins.tell(twins.event(email, "spamreport")))
    assert locks[:2] == [("leads", [1, 2]), ("enrollments", [1, 2])]


def test_a_reply_locks_both_leads_of_a_mailbox_before_their_enrollments(
    twins: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = raw("Stop, please unsubscribe me", sender=f"Mona <{PLAIN}>")
    receive(twins.ports, "inbound", posted(body, dkim="{@mill.example : pass}", SPF="pass"))
    locks = _locks(twins, monkeypatch, lambda: fold(twins.ports))
    assert locks[:2] == [("leads", [1, 2]), ("enrollments", [1, 2])]
