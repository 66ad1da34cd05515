"""What an erasure could leave behind: other ways to write a domain, short ids of the site, the words of colleagues."""

from __future__ import annotations

import email
import email.policy
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from nurture import alerts
from nurture.engage import fold, receive
from nurture.errors import UsageError
from nurture.handoff import qualify_due
from nurture.mail.outbox import OutboxMailer
from nurture.rights.bodies import ERASED, blanked
from nurture.rights.forget import forget, forget_stranger
from nurture.rights.mentions import PLACES
from nurture.rights.personal import personal_data, strangers_data
from nurture.rights.retention import tidy
from tests.mail.inbound_samples import posted, raw
from tests.office import Office
from tests.test_one_mailbox import PLAIN, TAGGED, keep_apart
from tests.test_rights_forget import everything, forget_lead
from tests.test_statement import values_of

FOUND = re.compile(r"zita|quux|99988777|m\u00f8lle|m\\u00f8lle|xn--mlle", re.IGNORECASE)


def traces(office: Office, folder: Path | None = None) -> list[tuple[str, str]]:
    """All text of all tables and of all mails as files in which the person is found."""
    return [found for found in (*everything(office.database), *_files(folder)) if FOUND.search(found[1])]


def _files(folder: Path | None) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.glob("*")) if folder else ():
        mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        words = [str(value) for value in mail.values()]
        words += [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
        yield path.name, " ".join(words)


def erase(office: Office, lead: int, folder: Path | None = None) -> None:
    address = office.one("SELECT address_id FROM lead WHERE id = :id", id=lead).address_id
    forget(office.ports, address, folder)


def site(office: Office, call: str, told: dict[str, object]) -> None:
    receive(office.ports, f"site:server:{call}", json.dumps(told).encode())
    fold(office.ports)


@pytest.mark.parametrize("escaped", [True, False])
def test_a_domain_with_letters_is_found_as_it_was_typed(office: Office, escaped: bool) -> None:
    form = json.dumps({"email": "zita@m\u00f8lle.example", "first_name": "Quuxzita"}, ensure_ascii=escaped)
    receive(office.ports, "form:ebook", form.encode())
    letter = "From: x@y.example\r\nContent-Type: text/plain; charset=latin-1\r\n\r\nAsk zita@m\u00f8lle.example"
    receive(office.ports, "inbound", letter.encode("latin-1"))
    fold(office.ports)
    lead = office.one("SELECT l.id FROM lead l JOIN address a ON a.id = l.address_id WHERE a.email LIKE 'zita@%'").id
    told = personal_data(office.ports, office.one("SELECT address_id FROM lead WHERE id = :id", id=lead).address_id)
    assert any("Quuxzita" in str(row) for row in told["data"]["inbox"]["rows"])
    erase(office, lead)
    assert traces(office) == []
    receive(office.ports, "form:ebook", form.encode())
    fold(office.ports)
    tidy(office.ports)
    assert traces(office) == [], "what arrives later is recognized by the same hash"


def test_what_the_site_says_of_an_account_goes_however_short_its_number_is(office: Office) -> None:
    site(office, "identify", {"userId": "4711", "traits": {"email": "zita@mill.example", "firstName": "Zita"}})
    site(office, "identify", {"userId": 4711, "traits": {"lastName": "Quux", "phone": "+4799988777"}})
    site(office, "track", {"userId": "4711", "event": "Trial Started", "context": {"traits": {"name": "Zita Quux"}}})
    others = [
        {"type": "track", "userId": "47110", "event": "Longer"},
        {"type": "track", "anonymousId": "4711", "event": "A browser of that number"},
        {"type": "track", "userId": "12", "event": "About 4711", "properties": {"order": "4711"}},
    ]
    site(office, "batch", {"batch": [*others, {"type": "track", "userId": "4711", "event": "Quux"}]})
    lead = office.one("SELECT id FROM lead").id
    exported = personal_data(office.ports, office.one("SELECT address_id FROM lead").address_id)
    assert len(exported["data"]["inbox"]["rows"]) == 4
    erase(office, lead)
    assert traces(office) == []
    kept = [json.loads(bytes(row.body)) for row in office.rows("SELECT body FROM inbox_body ORDER BY id") if row.body]
    assert [told["batch"] for told in kept] == [others]


def test_her_address_goes_out_of_what_a_colleague_wrote_and_the_rest_stays(office: Office) -> None:
    lead = office.add_lead("zita@mill.example")
    said = "My colleague Zita+Fair@Mill.example told me. Or frazita@mill.example?"
    office.submit("ebook", "bob@mill.example", message=said)
    reason = office.one("SELECT id FROM event WHERE reason IS NOT NULL").id
    with office.database.transaction("notes") as connection:
        connection.execute(
            text(
                "UPDATE event SET url = '/thanks?e=zita%40mill.example', because = 'x zita@mill.example' WHERE id = :id"
            ),
            {"id": reason},
        )
        connection.execute(
            text("INSERT INTO outbox (dedupe_key, kind, payload, state, due_at, tries, created_at) VALUES"
                 " ('x zita@mill.example', 'webhook', :payload, 'delivered', :at, 0, :at)"),
            {"payload": json.dumps({"note": ["of zita@mill.example", 1, None]}), "at": str(office.clock.now())},
        )  # fmt: skip
    erase(office, lead)
    assert [row for row in traces(office) if "frazita" not in row[1]] == []
    row = office.one("SELECT reason, url, because FROM event WHERE id = :id", id=reason)
    assert row.reason == f"My colleague {ERASED} told me. Or frazita@mill.example?"
    assert (row.url, row.because) == (f"/thanks?e={ERASED}", f"x {ERASED}")
    payload = office.one("SELECT payload FROM outbox WHERE dedupe_key LIKE 'x [erased]-%'").payload
    assert (payload if isinstance(payload, dict) else json.loads(payload)) == {"note": [f"of {ERASED}", 1, None]}


def test_alerts_as_files_that_name_a_colleague_go_too(here: Office, tmp_path: Path) -> None:
    folder = tmp_path / "mails"
    lead = here.add_lead("z@mill.example", first_name="Zita", last_name="Quux")
    here.add_lead("bob@mill.example", first_name="Bob")
    here.add_lead("eva@other.example", first_name="Eva", company="Other")
    here.mail()
    here.ports = replace(here.ports, mailer=OutboxMailer(folder, here.clock))
    for address in ("z@mill.example", "bob@mill.example", "eva@other.example"):
        here.submit("call-me", address, phone="+4722330000")
        here.pass_time(minutes=5)
        qualify_due(here.ports)
        alerts.deliver(here.ports)
    (folder / "alert-900000.eml").write_text("To: anna@acme.example\r\n\r\nBob's boss is Zita  Quux")
    (folder / "alert-900001.eml").write_text("To: anna@acme.example\r\n\r\nWilma Quuxly")
    before = [name for name, words in _files(folder) if re.search("Zita", words)]
    assert len(before) >= 3
    erase(here, lead, folder)
    assert [name for name, words in _files(folder) if re.search("Zita", words)] == []
    left = " ".join(words for _, words in _files(folder))
    assert "Eva" in left
    assert "Wilma Quuxly" in left


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("zita@mill.example", ERASED),
        ("Ask ZITA+x@Mill.example.", f"Ask {ERASED}."),
        ("zita@mill.example.au", "zita@mill.example.au"),
        ("zita%40mill.example&x", f"{ERASED}&x"),
        ("z%69ta@mill.example", ERASED),
        ("nothing", "nothing"),
    ],
)
def test_the_words_of_others_lose_the_address_and_no_more(said: str, left: str) -> None:
    assert blanked(said, "zita@mill.example") == left


def test_every_search_for_mentions_is_one_that_both_databases_understand(office: Office) -> None:
    assert {"event", "reply", "outbox", "touch", "handoff", "decision"} <= {
        column.table.name for place in PLACES for column in place.columns
    }
    with office.database.reading() as connection:
        for place in PLACES:
            assert connection.execute(place.find, {"written": "%nobody%"}).all() == []
            for change in place.changes:
                explained = text(f"EXPLAIN {change.text}").bindparams(*change._bindparams.values())
                assert connection.execute(explained, values_of(change)).first()


def write_in(office: Office, sender: str, said: str) -> None:
    receive(office.ports, "inbound", posted(raw(said, sender=sender)))
    fold(office.ports)


@pytest.mark.parametrize("known_by", ["zita@quux.example", "zita+fair@quux.example"])
def test_who_wrote_to_us_and_is_no_lead_is_told_and_forgotten_by_its_address(office: Office, known_by: str) -> None:
    office.add_lead("mona@mill.example")
    write_in(office, "Zita Quux <zita@quux.example>", "My phone is 99988777")
    write_in(office, "tom@other.example", "I am nobody's lead, too, says zita@quux.example")
    told = strangers_data(office.ports, known_by)
    assert (told["about"], [row["text"] for row in told["data"]["reply"]["rows"]]) == (
        known_by,
        ["My phone is 99988777"],
    )
    assert set(told["data"]) == {"reply", "inbox"}
    done = forget_stranger(office.ports, known_by)
    assert traces(office) == []
    assert (done.lead_id, done.rows["reply"], done.rows["inbox"]) == (None, 1, 2)
    assert office.one("SELECT sender, text FROM reply").text == f"I am nobody's lead, too, says {ERASED}"
    with office.database.reading() as connection:
        assert office.ports.erasures.among(connection, ["zita@quux.example"])
    with pytest.raises(UsageError, match="there is nobody"):
        forget_stranger(office.ports, known_by)


def test_a_stranger_whose_request_is_gone_is_found_by_what_it_wrote(office: Office) -> None:
    write_in(office, "zita@quux.example", "My phone is 99988777")
    with office.database.transaction("as if") as connection:
        connection.execute(text("DELETE FROM inbox_body"))
        connection.execute(text("DELETE FROM inbox"))
    forget_stranger(office.ports, "zita@quux.example")
    assert traces(office) == []


def test_an_address_that_nobody_ever_named_is_refused_and_not_remembered(office: Office) -> None:
    write_in(office, "zita@quux.example", "Hello")
    for about in (forget_stranger, strangers_data):
        with pytest.raises(UsageError, match=r"there is nobody 'ita@quux\.example'"):
            about(office.ports, "ita@quux.example")
    assert office.rows("SELECT hash FROM erasure") == []


def test_mails_of_people_who_are_no_lead_go_after_ninety_days_and_those_of_leads_stay(office: Office) -> None:
    office.add_lead("mona@mill.example")
    write_in(office, "zita@quux.example", "Hello")
    write_in(office, "mona@mill.example", "Hello")
    office.pass_time(days=89)
    write_in(office, "tom@other.example", "Hello")
    assert tidy(office.ports).counts["strangers' mails"] == 0
    office.pass_time(days=2)
    assert tidy(office.ports).counts["strangers' mails"] == 1
    left = office.rows("SELECT sender FROM reply ORDER BY id")
    assert [row.sender for row in left] == ["mona@mill.example", "tom@other.example"]
    assert tidy(office.ports).counts["strangers' mails"] == 0


def test_of_two_leads_of_one_mailbox_both_are_shown_and_both_are_on_the_list(office: Office) -> None:
    """Who wants to be erased is whole on the list before anything is erased: it may end between the two."""
    first, second = keep_apart(office)
    document = personal_data(office.ports, first)
    assert [document["about"], *(one["about"] for one in document["other_leads"])] == [PLAIN, TAGGED]
    forget_lead(office, first)
    assert [row.address_id for row in office.rows("SELECT address_id FROM erasure_request")] == [second]
