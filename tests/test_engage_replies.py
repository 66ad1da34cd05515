"""What comes of mails that come in: opt-outs, calls, pauses, bounces, complaints, and what a person should read."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from models.statement import write
from models.words import Suppression
from nurture.alerts import deliver
from nurture.content import load_project
from nurture.engage import Folded, fold, receive
from nurture.handoff import Given, accept, qualify_due
from nurture.mail import Email
from nurture.suppress import suppress
from tests.mail.inbound_samples import FOOTER, ORIGINAL, SAMPLES, TO, dsn, form, outlook, posted, raw, report
from tests.office import WELCOME, Office
from tests.support import make_ports

DOMAIN = "in.acme.example"


@pytest.fixture
def office(office: Office) -> Office:
    """The company, with a domain for replies and somebody who reads what has no owner."""
    office.ports = replace(office.ports, reply_domain=DOMAIN)
    config = office.ports.project.config
    object.__setattr__(config, "alert_to", "marketing@example.com")
    return office


@pytest.fixture
def mail(office: Office) -> Email:
    """The first mail to Mona."""
    office.add_lead()
    return office.mail()


def reply(office: Office, body: bytes, **fields: str) -> Folded:
    receive(office.ports, "inbound", posted(body, **fields))
    return fold(office.ports)


def answer(office: Office, mail: Email, text: str, **headers: str) -> Folded:
    """Mona answers from her mail program."""
    assert mail.reply_to
    return reply(office, raw(text, **headers), envelope=envelope(mail.reply_to.address))


def envelope(to: str) -> str:
    return json.dumps({"to": [to], "from": "mona@mill.example"})


def state(office: Office) -> str:
    return str(office.one("SELECT state FROM enrollment ORDER BY id LIMIT 1").state)


def told(office: Office) -> list[str]:
    """What our people are told, to whom."""
    deliver(office.ports)
    return [f"{alert.to.address}: {alert.subject}" for alert in office.alerts]


def test_mails_ask_for_replies_at_an_address_that_names_them(office: Office, mail: Email) -> None:
    assert mail.reply_to and mail.reply_to.address.endswith(f"@{DOMAIN}")
    assert mail.reply_to.address.startswith(f"reply+{mail.message_id}-")
    assert "mona" not in mail.reply_to.address


def test_stop_opts_out_and_nobody_need_read_it(office: Office, mail: Email) -> None:
    assert answer(office, mail, "Please unsubscribe me.").events == 1
    address = office.one("SELECT suppressed, suppressed_by FROM address")
    assert tuple(address) == ("opt_out", "reply")
    assert state(office) == "stopped"
    assert told(office) == []
    row = office.one("SELECT kind, intent, because, matched_by, proved, text FROM reply")
    assert tuple(row)[:4] == ("human", "stop", 'says "unsubscribe me" (en)', "token")
    assert row.proved and row.text == "Please unsubscribe me."


def test_stop_over_a_name_opts_out(office: Office, mail: Email) -> None:
    answer(office, mail, "Stop\r\nBob Quuxbob\r\nMill Ltd")
    assert office.one("SELECT suppressed FROM address").suppressed == "opt_out"


def test_a_no_ends_the_sequence_and_is_neither_interest_nor_an_opt_out(office: Office, mail: Email) -> None:
    answer(office, mail, "Not interested, we just signed with your competitor.")
    assert state(office) == "stopped"
    assert office.one("SELECT suppressed FROM address").suppressed is None
    assert office.one("SELECT name FROM event WHERE kind = 'replied'").name == "not-interested"
    (subject,) = told(office)
    assert subject.startswith("marketing@example.com: Mona Berg, Mill: Replied, is not interested")


def test_a_call_for_a_day_that_is_far_waits_for_it_and_its_words_are_told(office: Office, mail: Email) -> None:
    answer(office, mail, "Not now. Call me in June.")
    assert str(office.one("SELECT resume_at FROM reply").resume_at)[:10] == "2026-06-01"
    assert qualify_due(office.ports) == 0
    (subject,) = told(office)
    assert "Call me in June." in subject


def test_whoever_asks_for_a_call_is_handed_to_sales_at_once(office: Office, mail: Email) -> None:
    answer(office, mail, "Yes please, call me on Friday.")
    assert qualify_due(office.ports) == 1
    handoff = office.one("SELECT hand_raise, state FROM handoff")
    assert handoff.hand_raise and handoff.state == "offered"
    assert office.one("SELECT stage FROM lead").stage == "sql"
    deliver(office.ports)
    brief = next(alert for alert in office.alerts if "Asks for a person" in alert.subject)
    assert "Yes please, call me on Friday." in brief.text and brief.to.address == "kari@example.com"


def test_a_question_ends_the_sequence_and_goes_to_a_person_with_its_words(office: Office, mail: Email) -> None:
    answer(office, mail, "Does it work at 16 bar?")
    row = office.one("SELECT state, reason FROM enrollment")
    assert tuple(row) == ("stopped", "replied")
    (subject,) = told(office)
    assert subject.startswith(
        "marketing@example.com: Mona Berg, Mill: Replied, asks something: Does it work at 16 bar?"
    )
    office.pass_time(days=9)
    sent = len(office.mailer.emails)
    office.mail()
    assert len(office.mailer.emails) == sent


def test_the_owner_reads_what_its_lead_answers(office: Office, mail: Email) -> None:
    with office.database.transaction("give") as connection:
        connection.exec_driver_sql("UPDATE lead SET owner = 'kari'")
    answer(office, mail, "Thanks, nice read.")
    (subject,) = told(office)
    assert subject.startswith("kari@example.com: ")


def test_not_now_pauses_until_the_day_that_is_named(office: Office, mail: Email) -> None:
    answer(office, mail, "Not now, try again in June.")
    assert state(office) == "active"
    until = office.one("SELECT resume_at FROM reply").resume_at
    assert datetime.fromisoformat(str(until)).replace(tzinfo=UTC) == datetime(2026, 6, 1, tzinfo=UTC)
    sent = len([email for email in office.mailer.emails if not email.message_id.startswith("alert-")])
    office.pass_time(days=30)
    office.mail()
    assert len(office.mailer.emails) == sent
    office.pass_time(days=70)
    assert office.mail().subject == "About tofu/two"


def test_the_wrong_person_is_marked_left_alone_and_marketing_is_told(office: Office, mail: Email) -> None:
    answer(office, mail, "I am not responsible for this, please ask my colleague.")
    assert state(office) == "stopped"
    assert office.one("SELECT tag FROM lead_tag").tag == "wrong-person"
    assert office.one("SELECT suppressed FROM address").suppressed is None
    (subject,) = told(office)
    assert subject.startswith("marketing@example.com: ")


def test_machines_answers_change_nothing(office: Office, mail: Email) -> None:
    machines = [sample for sample in SAMPLES if sample.kind == "automatic"]
    for sample in machines:
        receive(office.ports, "inbound", posted(returned(mail, sample.raw)))
    folded = fold(office.ports)
    assert folded.events + folded.repeated == len(machines)
    assert state(office) == "active"
    assert office.rows("SELECT 1 FROM outbox") == office.rows("SELECT 1 FROM event WHERE kind = 'replied'") == []
    kept = office.rows("SELECT DISTINCT kind, matched_by, text, sender, subject FROM reply")
    assert [tuple(row) for row in kept] == [("automatic", "token", None, None, None)]
    assert office.one("SELECT suppressed FROM address").suppressed is None


def away(office: Office, mail: Email, text: str) -> None:
    body = raw(text, subject="Automatic reply: A word on leaks", auto_submitted="auto-replied")
    reply(office, returned(mail, body))


def test_who_is_away_gets_the_next_mail_after_the_return_and_nothing_else_follows(office: Office, mail: Email) -> None:
    away(office, mail, "I am out of the office until 20 March. For urgent matters call me on +47 99.")
    assert str(office.one("SELECT paused_until FROM address").paused_until)[:10] == "2026-03-21"
    assert office.rows("SELECT 1 FROM event WHERE kind = 'replied'") == office.rows("SELECT 1 FROM outbox") == []
    office.pass_time(days=16)
    office.mail()
    assert len(office.mailer.emails) == 1
    assert state(office) == "active"
    office.pass_time(days=2)
    office.mail()
    assert len(office.mailer.emails) == 2


def test_away_without_a_day_is_three_working_days(office: Office, mail: Email) -> None:
    away(office, mail, "I am out of the office.")
    assert str(office.one("SELECT paused_until FROM address").paused_until)[:10] == "2026-03-06"


def test_an_absence_makes_no_pause_shorter(office: Office, mail: Email) -> None:
    answer(office, mail, "Not now, try again in June.")
    away(office, mail, "I am out of the office until 20 March.")
    assert str(office.one("SELECT paused_until FROM address").paused_until)[:10] == "2026-06-01"


def test_a_note_that_proves_no_mail_of_ours_puts_nothing_off(office: Office, mail: Email) -> None:
    reply(office, raw("I am out of the office until 20 March.", subject="Out of office", auto_submitted="auto-replied"))
    assert office.one("SELECT paused_until FROM address").paused_until is None


def returned(mail: Email, body: bytes) -> bytes:
    """A report that holds this mail of ours."""
    assert mail.reply_to
    return body.replace(TO.encode(), mail.reply_to.address.encode())


@pytest.mark.parametrize(
    ("body", "kind", "suppressed"),
    [
        (dsn("5.1.1", "550 5.1.1 User unknown"), "bounced", "hard_bounce"),
        (dsn("5.2.2", "552 mailbox full"), "blocked", None),
        (dsn("4.4.7", "expired"), "blocked", None),
        (dsn("5.1.1", "550 no such user", recipient="old@elsewhere.example"), "blocked", None),
        (report("feedback-report", "Feedback-Type: abuse\nVersion: 1\n", ORIGINAL), "complained", "complaint"),
    ],
)
def test_reports_of_mail_systems_count_for_what_they_say(
    office: Office, mail: Email, body: bytes, kind: str, suppressed: str | None
) -> None:
    reply(office, returned(mail, body), envelope='{"to":[],"from":""}')
    assert office.one("SELECT kind FROM event").kind == kind
    assert office.one("SELECT suppressed FROM address").suppressed == suppressed
    assert office.rows("SELECT 1 FROM outbox") == []


def test_a_report_that_does_not_have_our_mail_bounces_nobody(office: Office, mail: Email) -> None:
    """Anybody can write one that names a victim."""
    for body in (dsn("5.1.1", "550 5.1.1"), report("feedback-report", "Feedback-Type: abuse\n", ORIGINAL)):
        reply(office, body)
    assert [row.kind for row in office.rows("SELECT kind FROM reply ORDER BY id")] == ["bounced", "complained"]
    assert office.one("SELECT suppressed FROM address").suppressed is None
    assert office.rows("SELECT 1 FROM event") == []


def test_an_answer_from_another_address_counts_for_the_lead_that_was_mailed(office: Office, mail: Email) -> None:
    other = office.add_lead("per@mill.example", first_name="Per")
    answer(office, mail, "Unsubscribe us please", sender="Per <per@mill.example>")
    rows = office.rows("SELECT l.id, a.suppressed FROM lead l JOIN address a ON a.id = l.address_id ORDER BY l.id")
    assert [(row.id == other, row.suppressed) for row in rows] == [(False, "opt_out"), (True, None)]


def test_a_thread_is_known_by_the_number_that_the_provider_gave_it(office: Office, mail: Email) -> None:
    with office.database.transaction("number") as connection:
        connection.exec_driver_sql("UPDATE attempt SET provider_id = 'Zt0dLxYQ6qVGVRzP4IKVA'")
    headers = {"in_reply_to": "<Zt0dLxYQ6qVGVRzP4IKVA@geopod-ismtpd-1>"}
    reply(office, raw("Please call me", to="nora@acme.example", sender="pa@gmail.example", **headers))
    assert tuple(office.one("SELECT matched_by, lead_id FROM reply")) == ("thread", 1)
    assert office.one("SELECT name FROM event WHERE kind = 'replied'").name == "call-me"


@pytest.mark.parametrize("text", ["Unsubscribe me", "Call me"])
def test_a_sender_that_nobody_vouches_for_changes_nothing_and_a_person_decides(
    office: Office, mail: Email, text: str
) -> None:
    reply(office, raw(text, to="nora@acme.example"))
    assert office.one("SELECT suppressed FROM address").suppressed is None
    assert state(office) == "active"
    assert office.rows("SELECT 1 FROM event WHERE kind = 'replied'") == []
    (subject,) = told(office)
    assert "perhaps" in subject and subject.startswith("marketing@example.com: ")


def test_a_sender_that_its_domain_vouches_for_is_heard(office: Office, mail: Email) -> None:
    reply(office, raw("Unsubscribe me", to="nora@acme.example"), dkim="{@mill.example : pass}")
    assert office.one("SELECT suppressed FROM address").suppressed == "opt_out"


def test_a_made_up_token_proves_nothing(office: Office, mail: Email) -> None:
    made_up = f"reply+{mail.message_id}-{'a' * 20}@{DOMAIN}"
    folded = reply(office, raw("Unsubscribe me", to=made_up, sender="evil@evil.example"),
                   envelope=envelope(made_up))  # fmt: skip
    assert folded.foreign == 1
    assert office.one("SELECT suppressed FROM address").suppressed is None
    assert office.one("SELECT lead_id FROM reply").lead_id is None


def test_told_twice_in_any_form_is_told_once(office: Office, mail: Email) -> None:
    folded = [answer(office, mail, "Why so cheap?", message_id="<one@mill.example>") for _ in range(3)]
    assert [(one.events, one.repeated) for one in folded] == [(1, 0), (0, 1), (0, 1)]
    without = [answer(office, mail, "And why so late?") for _ in range(2)]
    assert [one.repeated for one in without] == [0, 1]
    assert len(office.rows("SELECT 1 FROM reply")) == len(office.rows("SELECT 1 FROM outbox")) == 2


def test_our_own_words_in_a_quote_opt_nobody_out(office: Office, mail: Email) -> None:
    answer(office, mail, outlook("Thanks!").decode().partition("\r\n\r\n")[2])
    answer(office, mail, "> " + FOOTER.replace("\n", "\n> "))
    assert office.one("SELECT suppressed FROM address").suppressed is None
    assert [row.intent for row in office.rows("SELECT intent FROM reply")] == ["other", "other"]


def test_our_footer_is_known_where_a_program_does_not_say_what_it_quotes(office: Office, mail: Email) -> None:
    """A line of it is one word, "Unsubscribe", where the link behind it is left out."""
    below = mail.text.partition("\n")[2]
    assert "/u/" in below
    answer(office, mail, f"Thanks!\n\n~~ so it began ~~\n\nUnsubscribe\n{below}")
    row = office.one("SELECT text, intent FROM reply")
    assert (row.text, row.intent) == ("Thanks!\n\n~~ so it began ~~", "other")


def test_an_answer_brings_back_whoever_was_let_go_for_being_quiet_and_nobody_else(office: Office, mail: Email) -> None:
    for reason, after in ((Suppression.SUNSET, None), (Suppression.COMPLAINT, "complaint")):
        with office.database.transaction("suppress") as connection:
            suppress(connection, [1], reason, "test", office.clock.now())
        answer(office, mail, f"Still here, {reason}")
        assert office.one("SELECT suppressed FROM address").suppressed == after


def test_a_sequence_that_asks_for_replies_goes_its_own_way(office: Office) -> None:
    root = office.ports.project.root
    text = WELCOME.replace("steps:", "goal: {when: replied('question')}\nsteps:")
    (root / "sequences" / "welcome.yaml").write_text(text)
    project = load_project(root)
    office.ports = replace(make_ports(office.database, office.clock, office.mailer, project), reply_domain=DOMAIN)
    office.add_lead()
    answer(office, office.mail(), "How much?")
    assert state(office) == "active"
    qualify_due(office.ports)
    office.mail()
    assert state(office) == "done"


def test_a_flood_of_answers_is_no_flood_of_alerts(office: Office, mail: Email) -> None:
    for n in range(14):
        answer(office, mail, f"Number {n}?")
    assert len(office.rows("SELECT 1 FROM reply")) == 14
    assert len(office.rows("SELECT 1 FROM outbox")) == 10


def test_words_of_people_are_in_no_log_event_or_alert_row(
    office: Office, mail: Email, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        answer(office, mail, "My canary sings at tweet@canary.example?", sender="Bird <bird@canary.example>")
        receive(office.ports, "inbound", form({"hello": b"canary"}))
        receive(office.ports, "inbound", b"canary")
        folded = fold(office.ports)
        qualify_due(office.ports)
        deliver(office.ports)
    assert folded.faults == 2
    assert "canary" not in caplog.text
    for table in ("event", "outbox", "enrollment", "attempt", "message", "decision", "transition"):
        assert not any("canary" in str(row) for row in office.rows(f"SELECT * FROM {table}")), table
    assert "canary sings" in office.alerts[-1].text


def test_no_sample_is_too_odd_to_be_kept(office: Office) -> None:
    for sample in SAMPLES:
        receive(office.ports, "inbound", posted(sample.raw))
    folded = fold(office.ports)
    assert (folded.requests, folded.faults) == (len(SAMPLES), 0)
    kinds = {sample.kind for sample in SAMPLES}
    assert {row.kind for row in office.rows("SELECT DISTINCT kind FROM reply")} == kinds


def test_who_asks_for_a_call_time_and_again_is_told_of_each_time_there_are_words(office: Office, mail: Email) -> None:
    answer(office, mail, "Please call me.")
    qualify_due(office.ports)
    accept(office.ports, 1, "kari", Given("yes", "unknown"))
    deliver(office.ports)
    office.pass_time(days=3)
    office.mailer.emails.clear()
    answer(office, mail, "Please call me, but on my mobile, 99 88 77 66.")
    answer(office, mail, "Please call me before three.")
    assert [one.startswith("kari@example.com: ") for one in told(office)] == [True, True]
    for _ in range(2):
        office.submit("demo", first_name="Mona")
        office.pass_time(minutes=5)
    assert len(told(office)) == 3
    office.submit("demo", first_name="Mona", message="I am in until four.")
    assert len(told(office)) == 4
    office.pass_time(days=1)
    office.submit("demo", first_name="Mona")
    assert len(told(office)) == 5


def test_a_lead_with_sales_by_its_points_that_answers_call_me_has_the_shorter_promise(
    office: Office, mail: Email
) -> None:
    with office.database.transaction("ready by points") as connection:
        connection.execute(write("UPDATE lead SET title = 'Managing Director', employees = 120, industry = 'Food'"))
    for name in ("webinar", "pricing", "ebook"):
        office.submit(name)
        office.pass_time(days=1)
    qualify_due(office.ports)
    assert not office.one("SELECT hand_raise FROM handoff").hand_raise
    answer(office, mail, "Yes please, call me on Friday.")
    row = office.one("SELECT hand_raise, due_at, clock_from FROM handoff")
    assert row.hand_raise
