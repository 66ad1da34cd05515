"""Forms of the site: who sent them becomes a lead or is known better, and whoever asks for a person reaches one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.words import LegalGround, Suppression
from nurture.alerts import deliver
from nurture.engage import fold, receive
from nurture.handoff import qualify_due, reject
from nurture.suppress import suppress
from tests.office import START, Office


def test_a_stranger_becomes_a_lead_with_the_form_as_first_touch(office: Office) -> None:
    folded = office.submit("ebook", " Mona@Mill.Example ", first_name="Mona", country="Norge", phone="+47 22 33")
    assert (folded.events, folded.faults) == (1, 0)
    lead = office.one("SELECT l.*, a.email FROM lead l JOIN address a ON a.id = l.address_id")
    assert (lead.email, lead.first_name, lead.country, lead.phone) == ("mona@mill.example", "Mona", "NO", "+47 22 33")
    assert (lead.source, lead.stage, lead.timezone, lead.legal_ground) == ("ebook", "iql", "Europe/Oslo", None)
    triggers = [row.name for row in office.rows("SELECT name FROM lead_trigger ORDER BY id")]
    assert triggers == ["lead_created", "form_submitted"]
    event = office.one("SELECT kind, name, verdict, counts_at, occurred_at FROM event")
    assert tuple(event[:3]) == ("submitted", "ebook", "human")
    assert event.counts_at == event.occurred_at


def test_a_known_lead_gains_what_was_not_known_and_keeps_its_first_touch(office: Office) -> None:
    lead = office.add_lead(source="webinar", title=None)
    office.submit("ebook", first_name="Ramona", title="Manager")
    row = office.one("SELECT id, first_name, title, source FROM lead")
    assert tuple(row) == (lead, "Mona", "Manager", "webinar")


def test_consent_is_kept_with_where_it_was_given(office: Office) -> None:
    office.submit("ebook", consent="on")
    row = office.one("SELECT legal_ground, ground_source, ground_since FROM lead")
    assert (row.legal_ground, row.ground_source) == (LegalGround.CONSENT, "form ebook")
    assert str(row.ground_since)[:19] == "2026-03-03 09:00:00"


@pytest.mark.parametrize("consent", ["yes", " On ", "ja", "checked", "I agree", "y", "1", True])
def test_a_ticked_box_is_consent_whatever_it_sends(here: Office, consent: object) -> None:
    here.submit("ebook", consent=consent)
    assert here.one("SELECT legal_ground FROM lead").legal_ground == "consent"


@pytest.mark.parametrize("consent", ["", "no", "off", False, None, "perhaps"])
def test_anything_but_a_yes_is_no_consent(here: Office, consent: object) -> None:
    here.submit("ebook", consent=consent)
    assert here.one("SELECT legal_ground FROM lead").legal_ground is None


@pytest.mark.parametrize("reason", [Suppression.OPT_OUT, Suppression.COMPLAINT, Suppression.HARD_BOUNCE])
def test_a_form_that_does_not_agree_to_mail_lifts_no_suppression(office: Office, reason: Suppression) -> None:
    office.add_lead()
    with office.database.transaction("opt out") as connection:
        suppress(connection, [1], reason, "test", START)
    office.submit("ebook")
    assert office.one("SELECT suppressed FROM address").suppressed == reason


def test_a_double_click_counts_once(office: Office) -> None:
    assert office.submit("ebook", submission="s-1").events == 1
    office.pass_time(seconds=1.2)
    assert office.submit("ebook", submission="s-1").repeated == 1
    assert office.submit("ebook", submission="s-2").events == 1
    assert len(office.rows("SELECT 1 FROM lead_trigger WHERE name = 'form_submitted'")) == 2


def test_without_a_number_the_same_words_on_one_day_count_once(here: Office) -> None:
    assert here.submit("ebook", message="Hello").events == 1
    assert here.submit("ebook", message="Hello").repeated == 1
    assert here.submit("ebook", message="Hello?").events == 1
    here.pass_time(days=1)
    assert here.submit("ebook", message="Hello").events == 1


@pytest.mark.parametrize("email", ["", "mona", "mona@", "noreply@mill.example", None, 7, ["a@b.example"]])
def test_without_a_usable_address_the_form_is_set_aside_for_a_person(here: Office, email: object) -> None:
    folded = here.submit("demo", email)  # type: ignore[arg-type]
    assert (folded.events, folded.faults) == (0, 1)
    row = here.one("SELECT state, faults FROM inbox")
    assert row.state == "quarantined"
    assert "the address" in row.faults
    assert here.rows("SELECT 1 FROM lead") == []


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'{"email": {"a": 1}}'])
def test_rubbish_is_set_aside(here: Office, body: bytes) -> None:
    receive(here.ports, "form:demo", body)
    assert fold(here.ports).faults == 1


def test_a_field_that_makes_no_sense_is_left_out_and_the_lead_is_not_lost(here: Office) -> None:
    folded = here.submit("demo", country="Atlantis", first_name="x" * 500, message="Call me")
    assert (folded.events, folded.faults) == (1, 2)
    assert here.one("SELECT country, first_name FROM lead") == (None, None)


def test_hostile_words_are_only_words(office: Office) -> None:
    office.submit("ebook", first_name="Robert'); DROP TABLE lead;--\x00", message="{{ 7 * 7 }} \x00" + "y" * 5000)
    assert office.one("SELECT first_name FROM lead").first_name == "Robert'); DROP TABLE lead;--"
    said = office.one("SELECT reason FROM event").reason
    assert said.startswith("{{ 7 * 7 }} yyy")
    assert len(said) == 1000


def test_a_time_that_lies_ahead_or_is_no_time_is_the_time_of_arrival(here: Office) -> None:
    here.submit("ebook", occurred_at="2031-01-01T00:00:00Z")
    here.submit("webinar", occurred_at="yesterday")
    here.submit("checklist", occurred_at="2026-03-01T08:00:00+01:00")
    times = [str(row.occurred_at)[:16] for row in here.rows("SELECT occurred_at FROM event ORDER BY id")]
    assert times == ["2026-03-03 09:00", "2026-03-03 09:00", "2026-03-01 07:00"]


# --- what follows


def test_a_call_for_a_person_is_a_handoff_with_an_alert_in_the_same_minute(office: Office) -> None:
    office.submit("call-me", first_name="Mona", message="We open a second mill", phone="+47 22 33 44 55")
    assert qualify_due(office.ports) == 1
    assert deliver(office.ports).sent == 1
    assert office.one("SELECT stage FROM lead").stage == "sql"
    handoff = office.one("SELECT hand_raise, owner, due_at FROM handoff")
    assert (bool(handoff.hand_raise), handoff.owner, str(handoff.due_at)[11:16]) == (True, "kari", "09:05")
    (alert,) = office.alerts
    assert alert.to.address == "kari@example.com"
    assert "We open a second mill" in alert.text


def test_a_call_for_a_person_needs_no_consent_and_survives_an_opt_out(office: Office) -> None:
    office.add_lead(legal_ground=None)
    with office.database.transaction("opt out") as connection:
        suppress(connection, [1], Suppression.OPT_OUT, "test", START)
    office.submit("demo")
    assert qualify_due(office.ports) == 1
    deliver(office.ports)
    assert "No marketing mail (opted out): answer in person, do not add to lists." in office.alerts[0].text


def test_the_same_call_twice_is_one_handoff_and_one_alert(office: Office) -> None:
    for number in ("a", "b"):
        office.submit("demo", submission=number)
        qualify_due(office.ports)
        deliver(office.ports)
    assert len(office.rows("SELECT 1 FROM handoff")) == 1
    assert len(office.alerts) == 1


def test_a_form_and_a_click_promote_on_another_day_once_the_click_has_settled(here: Office) -> None:
    here.add_lead(title="Manager", employees=120, industry="Food", country="NO")
    email = here.mail()
    here.submit("pricing")
    here.tell(here.click(email, 86_400))
    assert qualify_due(here.ports) == 0
    here.clock.move_to(START + timedelta(days=1, minutes=9))
    assert qualify_due(here.ports) == 0
    here.pass_time(minutes=1)
    assert qualify_due(here.ports) == 1
    assert here.one("SELECT stage FROM lead").stage == "mql"


def test_a_lead_that_sales_gave_back_may_ask_for_a_person_again(here: Office) -> None:
    here.submit("demo")
    qualify_due(here.ports)
    reject(here.ports, 1, "kari", "not_ready")
    here.pass_time(days=2)
    here.submit("demo")
    assert qualify_due(here.ports) == 1
    deliver(here.ports)
    assert [row.cycle for row in here.rows("SELECT cycle FROM handoff ORDER BY id")] == [1, 2]


def test_a_lead_that_sales_has_is_not_judged_again_for_each_thing_it_does(office: Office) -> None:
    office.add_lead()
    office.submit("demo")
    qualify_due(office.ports)
    decided = len(office.rows("SELECT id FROM decision"))
    office.submit("ebook")
    qualify_due(office.ports)
    assert len(office.rows("SELECT id FROM decision")) == decided == 1
