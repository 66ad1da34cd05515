"""`mona@` and `mona+fair@` are one person: at every door, for opt-outs and erasure, and when two come in at once."""

from __future__ import annotations

import io
import itertools
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from models.database import Database
from models.migrate import config_for, upgrade
from models.words import Suppression
from nurture.clock import VirtualClock
from nurture.engage import fold, receive
from nurture.handoff import qualify_due
from nurture.leads import Draft, Intake, find_lead, import_leads, left_open, save
from nurture.mail.events import content_key
from nurture.suppress import lift, soft_bounced, suppress
from tests.mail.inbound_samples import posted, raw
from tests.office import Office
from tests.support import START
from tests.test_leads_import import NOW, one, outcome, take_in
from tests.test_migrations import empty
from tests.test_rights_forget import WAITING, everything, forget_lead

__all__ = ["empty"]

PLAIN, TAGGED = "mona@mill.example", "mona+fair@mill.example"


def keep_apart(office: Office) -> tuple[int, int]:
    """Two leads of one mailbox, as a database may hold them that was filled before tags were understood."""
    first = office.add_lead(PLAIN)
    second = office.add_lead("somebody@mill.example")
    with office.database.transaction("long ago") as connection:
        values = {"email": TAGGED, "mailbox": PLAIN, "id": second}
        connection.execute(
            text("UPDATE address SET email = :email, mailbox = :mailbox, twin = id WHERE id = :id"), values
        )
    return first, second


def put(office: Office, reason: Suppression, *leads: int) -> None:
    with office.database.transaction("suppress") as connection:
        suppress(connection, leads, reason, "test", office.clock.now())


def suppressed(office: Office) -> list[str | None]:
    return [row.suppressed for row in office.rows("SELECT suppressed FROM address ORDER BY id")]


# --- coming in


@pytest.mark.parametrize(("first", "then"), [(PLAIN, TAGGED), (TAGGED, PLAIN), (TAGGED, "mona+news@mill.example")])
def test_another_tag_fills_in_and_mail_goes_to_the_address_that_came_first(
    database: Database, first: str, then: str
) -> None:
    take_in(database, f"email,first name\n{first},Mona\n")
    assert outcome(take_in(database, f"email,company,first name\n{then},Mill,Lisa\n")) == (0, 1, 0, 0)
    with database.reading() as connection:
        rows = connection.execute(
            text("SELECT a.email, l.first_name, l.company FROM address a LEFT JOIN lead l ON l.address_id = a.id")
        ).all()
    assert [tuple(row) for row in rows] == [(first, "Mona", "Mill")]


def test_two_tags_in_one_file_are_one_lead_and_neither_row_is_lost(database: Database) -> None:
    rows = f"email,first name,company,opted out\n{TAGGED},Mona,,\n{PLAIN},,Mill,\nmona+x@mill.example,,,yes\n"
    assert outcome(take_in(database, rows)) == (1, 1, 1, 0)
    assert one(database, "SELECT email FROM address") == TAGGED
    assert (one(database, "SELECT company FROM lead"), one(database, "SELECT suppressed FROM address")) == (
        "Mill", "opt_out",
    )  # fmt: skip


@pytest.mark.parametrize("other", ["mo.na@mill.example", "mona-fair@mill.example", "mona+fair@mill2.example"])
def test_a_dot_a_hyphen_and_another_domain_are_somebody_else(database: Database, other: str) -> None:
    assert take_in(database, f"email\n{PLAIN}\n{TAGGED}\n{other}\n").created == 2


def test_the_same_act_told_of_two_tags_is_one(database: Database) -> None:
    for email in (TAGGED, PLAIN, TAGGED):
        take_in(database, f"email,source,attendance,date\n{email},webinar,attended,2026-11-02T10:00\n")
    assert one(database, "SELECT COUNT(*) FROM event") == 1


def test_a_lead_is_found_by_any_tag_the_very_address_first(office: Office) -> None:
    first, second = keep_apart(office)
    for asked, lead in (
        (PLAIN, first),
        (TAGGED, second),
        ("MONA+new@mill.example", first),
        ("nobody+x@mill.example", 0),
    ):
        found = find_lead(office.database, asked)
        assert (found.id if found else 0) == lead


def test_two_leads_of_before_stay_two_and_each_row_goes_to_its_own(office: Office) -> None:
    first, second = keep_apart(office)
    rows = [
        Draft(email=PLAIN, title="CTO"),
        Draft(email=TAGGED, title="CEO"),
        Draft(email="mona+x@mill.example", phone="1"),
    ]
    with office.database.transaction("save") as connection:
        saved = save(connection, rows, Intake("test", office.clock.now(), office.ports.new_id))
    assert saved.by_email == {PLAIN: first, TAGGED: second, "mona+x@mill.example": first}
    found = office.rows("SELECT title, phone FROM lead ORDER BY id")
    assert [tuple(row) for row in found] == [("CTO", "1"), ("CEO", None)]


def test_many_doors_at_once_make_one_lead(database: Database) -> None:
    """Each waits for whoever was first with the mailbox, and nobody for ever."""
    numbers, together = itertools.count(), threading.Barrier(4)
    people = [f"p{number}" for number in range(40)]

    def come_in(tag: str) -> int:
        order = people if tag in ("", "+b") else people[::-1]
        rows = "".join(f"{name}{tag}@mill.example\n" for name in order)
        together.wait()
        file = io.BytesIO(f"email\n{rows}".encode())
        report = import_leads(
            database, VirtualClock(NOW), file, file="x.csv", new_token=lambda: f"token-{next(numbers)}"
        )
        assert report.faults == []
        return report.created

    with ThreadPoolExecutor(4) as pool:
        created = list(pool.map(come_in, ["", "+a", "+b", "+c"]))
    assert sum(created) == len(people)
    assert one(database, "SELECT COUNT(*) FROM address") == one(database, "SELECT COUNT(*) FROM lead") == len(people)


@given(
    rows=st.lists(
        st.sampled_from([f"{name}{tag}@mill.example" for name in "ab" for tag in ("", "+x", "+y")]), max_size=8
    )
)
def test_however_rows_come_each_person_is_one_lead_at_the_first_address(rows: list[str]) -> None:
    database, first = Database("sqlite://"), dict[str, str]()
    try:
        upgrade(database)
        numbers = itertools.count()
        for email in rows:
            first.setdefault(email[0], email)
        with database.transaction("save") as connection:
            drafts = [Draft(email=email) for email in rows]
            saved = save(connection, drafts, Intake("test", NOW, lambda: f"token-{next(numbers)}"))
            found = connection.execute(
                text("SELECT a.email, l.id FROM lead l JOIN address a ON a.id = l.address_id")
            ).all()
        assert {row.email for row in found} == set(first.values())
        assert saved.by_email == {email: next(row.id for row in found if row.email[0] == email[0]) for email in rows}
    finally:
        database.close()


def test_what_an_old_program_left_open_is_filled_in(office: Office) -> None:
    """It put in addresses and handoffs while the tables were those of this version already."""
    office.submit("demo", PLAIN)
    qualify_due(office.ports)
    others = [office.add_lead(f"{name}@mill.example") for name in ("a", "b", "c")]
    with office.database.transaction("old") as connection:
        for number, email in zip(others, (TAGGED, "omar+1@mill.example", "omar+2@mill.example"), strict=True):
            values = {"email": email, "id": number}
            connection.execute(text("UPDATE address SET email = :email, mailbox = NULL WHERE id = :id"), values)
        connection.execute(text("UPDATE handoff SET first_owner = ''"))
    assert [left_open.fill_in(office.ports), left_open.fill_in(office.ports)] == [4, 0]
    assert [tuple(row) for row in office.rows("SELECT mailbox, twin FROM address ORDER BY id")] == [
        (PLAIN, 0), (PLAIN, others[0]), ("omar@mill.example", 0), ("omar@mill.example", others[2])
    ]  # fmt: skip
    handoff = office.one("SELECT owner, first_owner FROM handoff")
    assert handoff.owner == handoff.first_owner


def test_who_is_erased_meanwhile_gets_no_mailbox_back(postgres_database: Database, tmp_path: Path) -> None:
    office = Office(postgres_database, tmp_path)
    office.add_lead(TAGGED)
    with office.database.transaction("old") as connection:
        connection.execute(text("UPDATE address SET mailbox = NULL"))
    filling = threading.Thread(target=left_open.fill_in, args=[office.ports])
    with office.database.transaction("erasure") as connection:
        connection.execute(text("UPDATE address SET email = 'erased-1'"))
        filling.start()
        while filling.is_alive() and not office.one(WAITING).waiting:
            pass
    filling.join(30)
    assert office.one("SELECT mailbox FROM address").mailbox is None


# --- mail


def test_a_form_under_another_tag_is_answered_at_the_address_that_came_first(office: Office) -> None:
    office.submit("ebook", TAGGED, consent="yes")
    office.submit("pricing", PLAIN, consent="yes")
    assert office.mail().to.address == TAGGED
    assert {email.to.address for email in office.mailer.emails} == {TAGGED}
    given = office.rows("SELECT address_id, act, source FROM consent ORDER BY id")
    assert {(row.address_id, row.act) for row in given} == {(1, "given")}


def test_who_opted_out_is_not_mailed_under_another_tag(office: Office) -> None:
    office.add_lead(PLAIN)
    put(office, Suppression.OPT_OUT, 1)
    with office.database.transaction("save") as connection:
        save(connection, [Draft(email=TAGGED)], Intake("fair.csv", office.clock.now(), office.ports.new_id))
    assert suppressed(office) == ["opt_out"]


def test_a_tag_that_its_host_refuses_gives_way_to_the_next_address(office: Office) -> None:
    office.add_lead(TAGGED)
    put(office, Suppression.HARD_BOUNCE, 1)
    office.submit("ebook", PLAIN)
    row = office.one("SELECT email, suppressed, version FROM address")
    assert tuple(row) == (PLAIN, None, 2)
    put(office, Suppression.HARD_BOUNCE, 1)
    office.submit("pricing", TAGGED)
    assert tuple(office.one("SELECT email, suppressed FROM address")) == (PLAIN, "hard_bounce")


@pytest.mark.parametrize("reason", [Suppression.OPT_OUT, Suppression.COMPLAINT, Suppression.SUNSET])
def test_what_a_person_wants_goes_with_it_to_no_other_address(office: Office, reason: Suppression) -> None:
    office.add_lead(TAGGED)
    put(office, reason, 1)
    take_in(office.database, f"email\n{PLAIN}\n")
    assert tuple(office.one("SELECT email, suppressed FROM address")) == (TAGGED, reason)


@pytest.mark.parametrize("reason", Suppression)
@pytest.mark.parametrize("of", [0, 1])
def test_of_two_leads_of_before_the_other_is_spared_only_what_is_the_address_s_own(
    here: Office, reason: Suppression, of: int
) -> None:
    """A no of the person holds for both; a mailbox that is gone takes its tags along, a tag that is refused does not
    take the mailbox."""
    leads = keep_apart(here)
    put(here, reason, leads[of])
    both = reason in (Suppression.ERASED, Suppression.OPT_OUT, Suppression.COMPLAINT)
    both = both or (reason is Suppression.HARD_BOUNCE and of == 0)
    told = suppressed(here)
    assert (told[of], told[1 - of]) == (reason, reason if both else None)


def test_of_two_leads_of_before_neither_is_mailed_after_an_opt_out(office: Office) -> None:
    keep_apart(office)
    office.mail()
    put(office, Suppression.OPT_OUT, 2)
    assert {tuple(row) for row in office.rows("SELECT state, reason FROM enrollment")} == {("stopped", "opted out")}
    withdrawn = office.rows("SELECT address_id FROM consent WHERE act = 'withdrawn' ORDER BY address_id")
    assert [row.address_id for row in withdrawn] == [1, 2]
    with office.database.transaction("back") as connection:
        assert lift(connection, [1], {Suppression.OPT_OUT}, "form", office.clock.now()) == [1]
        soft_bounced(connection, [1], office.clock.now())
    assert suppressed(office) == ["soft_bounce", "opt_out"]


@pytest.mark.parametrize(
    ("address", "event", "outcome"),
    [
        (PLAIN, "spamreport", "complaint"),
        ("mona+x@mill.example", "spamreport", "complaint"),
        ("mona+x@mill.example", "unsubscribe", "opt_out"),
        (PLAIN, "bounce", "hard_bounce"),
        # a tag that is refused says nothing of the others
        ("mona+x@mill.example", "bounce", None),
    ],
)
def test_what_the_provider_tells_without_our_marks_is_about_the_mailbox(
    here: Office, address: str, event: str, outcome: str | None
) -> None:
    here.add_lead(TAGGED)
    told = {"email": address, "event": event, "timestamp": int(START.timestamp()), "sg_event_id": "e1"}
    here.tell({**told, "type": "bounce"} if event == "bounce" else told)
    assert suppressed(here) == [outcome]


def test_stop_from_another_tag_opts_out_where_the_domain_vouches(office: Office) -> None:
    office.add_lead(TAGGED)
    body = raw("Stop, please unsubscribe me", sender="Mona <mona+phone@mill.example>")
    receive(office.ports, "inbound", posted(body, dkim="{@mill.example : pass}", SPF="pass"))
    fold(office.ports)
    row = office.one("SELECT lead_id, matched_by, proved FROM reply")
    assert (row.lead_id, row.matched_by, row.proved) == (1, "sender", True)
    assert suppressed(office) == ["opt_out"]


# --- erasure


@pytest.mark.parametrize("had", [PLAIN, TAGGED])
def test_a_person_that_was_erased_comes_back_under_no_tag(office: Office, had: str) -> None:
    lead = office.add_lead(had)
    forget_lead(office, lead)
    for email in (PLAIN, TAGGED, "mona+new@mill.example"):
        assert office.submit("ebook", email).faults == 1
        report = take_in(office.database, f"email\n{email}\n", erased=office.ports.erasures.among)
        assert (report.created, [fault.reason for fault in report.faults]) == (0, ["was erased at its own wish"])
    assert office.rows("SELECT 1 FROM address WHERE email LIKE 'mona%' OR mailbox IS NOT NULL") == []


def test_who_was_erased_under_a_tag_before_tags_were_understood_stays_erased(office: Office) -> None:
    with office.database.transaction("long ago") as connection:
        office.ports.erasures.remember(connection, TAGGED, office.clock.now())
        assert office.ports.erasures.among(connection, [TAGGED, PLAIN, "tom@mill.example"]) == {TAGGED, PLAIN}
        test = office.ports.erasures.test(connection)
    assert test is not None
    assert [test(email) for email in (" MONA+fair@mill.example", PLAIN, "tom@mill.example")] == [True, True, False]


def test_after_forgetting_nothing_is_found_of_any_tag(office: Office) -> None:
    lead = office.add_lead(TAGGED)
    other = office.add_lead("mona.lisa@mill.example", first_name="Lisa")
    office.submit("pricing", PLAIN, message="call me")
    office.submit("ebook", "mona.lisa+x@mill.example")
    receive(office.ports, "inbound", posted(raw("Hello", sender="Mona <mona+phone@mill.example>")))
    receive(
        office.ports, "site:browser:page", b'{"anonymousId": "a", "properties": {"path": "/?e=mona+x%40mill.example"}}'
    )
    fold(office.ports)
    with office.database.transaction("before it was a lead") as connection:
        for number, sender in enumerate(("Mona+early@mill.example", "mona.lisa@mill.example")):
            connection.execute(
                text(
                    "INSERT INTO reply (key, kind, sorted_by, sender, proved, received_at)"
                    " VALUES (:key, 'human', 'x', :sender, FALSE, :at)"
                ),
                {"key": content_key(0, str(number)), "sender": sender, "at": f"{START:%Y-%m-%d %H:%M:%S}"},
            )
    forget_lead(office, lead)
    left = [row for _, row in everything(office.database) if "mona" in row.lower().replace("mona.lisa", "")]
    assert left == []
    assert office.one("SELECT sender FROM reply").sender == "mona.lisa@mill.example"
    assert office.one("SELECT a.email FROM lead l JOIN address a ON a.id = l.address_id WHERE l.id = :id", id=other)


# --- a database of before


def test_addresses_that_were_there_before_are_told_apart_and_known_by_their_mailbox(empty: Database) -> None:
    emails = [
        "mona+b@mill.example",
        "mona@mill.example",
        "mona+a@mill.example",
        "tom+x@mill.example",
        "tom+y@mill.example",
    ]
    more = ["erased-6", "+odd@mill.example"]
    with empty.transaction("old") as connection:
        command.upgrade(config_for(connection), "0005")
    with empty.transaction("old") as connection:
        for number, email in enumerate([*emails, *more], 1):
            connection.execute(
                text(
                    "INSERT INTO address (id, email, token, version, suppressed_by) VALUES (:id, :email, :email, 0, '')"
                ),
                {"id": number, "email": email},
            )
    upgrade(empty)
    with empty.reading() as connection:
        rows: Sequence[object] = connection.execute(text("SELECT id, mailbox, twin FROM address ORDER BY id")).all()
    assert [tuple(row) for row in rows] == [  # type: ignore[arg-type]
        (1, PLAIN, 1), (2, PLAIN, 0), (3, PLAIN, 3), (4, "tom@mill.example", 0), (5, "tom@mill.example", 5),
        (6, None, 0), (7, "+odd@mill.example", 0),
    ]  # fmt: skip
