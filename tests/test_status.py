"""The status: what is due, and everything that needs a person, with what to do about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from models.statement import write
from nurture import gates
from nurture.engage import fold, receive
from nurture.enroll import enroll
from nurture.handoff import qualify_due
from nurture.ledger.recover import SILENCE, recover
from nurture.mail import Outcome
from nurture.runtime import reread
from nurture.status import ASLEEP, Queue, Status, status
from tests.office import WELCOME, Office


def look(office: Office) -> Status:
    return status(office.ports, office.clock.now())


def todo(office: Office) -> list[tuple[str, str]]:
    return [(one.what, one.do) for one in look(office).todo]


def close_gate(office: Office, until: timedelta | None = None) -> None:
    now = office.clock.now()
    with office.database.transaction("test") as connection:
        end = now + until if until else None
        gates.close(connection, "everything", "fire", now, until=end, by="kim")


def test_an_empty_house_needs_nobody(office: Office) -> None:
    assert look(office).todo == ()
    assert set(look(office).stages.values()) == {0}


def test_leads_are_counted_where_they_stand(office: Office) -> None:
    office.add_lead()
    enroll(office.ports)
    [step] = look(office).steps
    assert (step.sequence, step.step, step.waiting, step.due, step.in_flight) == ("welcome", "tofu/one", 0, 1, 0)
    office.mail()
    [step] = look(office).steps
    assert (step.step, step.waiting, step.due, step.in_flight) == ("tofu/one/wait-1", 1, 0, 0)
    assert step.next_at == office.clock.now() + timedelta(days=5)
    assert look(office).stages["iql"] == 1


def test_an_engine_that_sleeps_is_told(office: Office) -> None:
    office.add_lead()
    enroll(office.ports)
    office.clock.advance(ASLEEP)
    assert todo(office) == []
    office.clock.advance(timedelta(seconds=1))
    [late] = look(office).todo
    assert late.what.startswith("leads due: 1; nobody works on them")
    assert (late.do.split(",")[0], late.since) == ("nurture run --every 60s", look(office).steps[0].due_since)
    office.mail()
    assert todo(office) == []


def test_a_restored_backup_needs_a_newer_one(office: Office) -> None:
    office.ports.watermark.take(office.database, 10)
    with office.database.transaction("test") as connection:
        connection.execute(write("UPDATE installation SET attempts_reserved = 3"))
    assert todo(office) == [
        ("the database is older than the mail already sent: nothing leaves", "restore a newer backup")
    ]


def test_requests_that_nobody_reads_are_told(office: Office) -> None:
    receive(office.ports, "sendgrid", b"[]")
    office.clock.advance(ASLEEP * 2)
    [late] = look(office).todo
    assert late.what.startswith("requests not read: 1; nobody works on them")
    fold(office.ports)
    assert todo(office) == []


def test_what_is_stopped_on_purpose_does_not_sleep(office: Office) -> None:
    office.add_lead()
    enroll(office.ports)
    close_gate(office)
    office.clock.advance(ASLEEP * 2)
    [(what, _)] = todo(office)
    assert what == "everything is stopped by kim: fire"


def test_a_paused_sequence_does_not_sleep(office: Office) -> None:
    office.add_lead()
    enroll(office.ports)
    live = office.ports.library.in_force
    office.ports.library.in_force = {name: replace(sequence, paused=True) for name, sequence in live.items()}
    office.clock.advance(ASLEEP * 2)
    assert todo(office) == []


def test_a_mail_in_doubt_is_in_flight_until_it_is_held(office: Office) -> None:
    office.add_lead()
    office.mailer.answer = lambda email: Outcome.UNKNOWN
    started = office.clock.now()
    office.mail()
    assert (look(office).steps[0].in_flight, look(office).unknown, todo(office)) == (1, Queue(1, started), [])
    office.clock.advance(SILENCE + timedelta(hours=1))
    recover(office.ports)
    [(what, do)] = todo(office)
    assert what == "message 1 (welcome, tofu/one, lead 1) is held: nobody knows whether it went out"
    assert do.endswith("nurture messages resolve 1 --as sent|resend|skip")


def test_a_refused_mail_needs_a_person(office: Office) -> None:
    office.add_lead()
    office.mailer.answer = lambda email: Outcome.REJECTED
    office.mail()
    [(what, do)] = todo(office)
    assert what.endswith("was refused: as told")
    assert do.endswith("nurture messages resolve 1 --as resend|skip")


def test_a_gate_closed_by_a_person_needs_one_to_open_it(office: Office) -> None:
    close_gate(office)
    assert todo(office) == [("everything is stopped by kim: fire", "nurture gate open everything")]


def test_a_gate_that_opens_by_itself_is_shown_and_needs_nobody(office: Office) -> None:
    close_gate(office, timedelta(minutes=5))
    assert [gate.name for gate in look(office).gates] == ["everything"]
    assert todo(office) == []
    office.pass_time(minutes=6)
    assert look(office).gates == ()


def test_a_handoff_past_its_time_needs_a_person(office: Office) -> None:
    office.add_lead()
    office.submit("call-me")
    qualify_due(office.ports)
    assert todo(office) == []
    assert look(office).outbox["pending"].count == 1
    office.pass_time(days=1)
    [(what, do)] = todo(office)
    assert "past the promised time" in what
    assert do == "nurture handoffs show 1"


def test_requests_not_worked_yet_are_counted(office: Office) -> None:
    receive(office.ports, "form:call-me", b"{}")
    found = look(office)
    assert (found.inbox["new"].count, found.todo) == (1, ())


def test_a_request_with_an_unusable_part_is_counted_and_needs_nobody(office: Office) -> None:
    office.tell({"event": "click", "timestamp": "yesterday"})
    found = look(office)
    assert (found.faults, found.todo) == (1, ())


def test_what_cannot_be_read_needs_a_person_for_a_week(office: Office) -> None:
    receive(office.ports, "sendgrid", b"not JSON")
    fold(office.ports)
    assert todo(office) == [
        (
            "1 requests of the last 7 days could not be read and are kept aside",
            "look at tables inbox (state 'quarantined') and inbox_body",
        )
    ]
    office.pass_time(days=8)
    assert todo(office) == []


def test_alerts_that_were_given_up_need_a_person(office: Office) -> None:
    office.add_lead()
    office.submit("call-me")
    qualify_due(office.ports)
    with office.database.transaction("test") as connection:
        connection.exec_driver_sql("UPDATE outbox SET state = 'dead'")
    assert [do for _, do in todo(office)] == ["tell sales by hand: nurture handoffs list"]


def change_file(office: Office, text: str | None) -> None:
    path = office.ports.project.root / "sequences" / "welcome.yaml"
    path.unlink() if text is None else path.write_text(text)
    office.ports = reread(office.ports)


def test_a_faulty_file_is_told_with_the_version_that_runs_on(office: Office) -> None:
    change_file(office, WELCOME.replace("wait:", "wiat:"))
    assert todo(office) == [("sequences/welcome.yaml has faults; its last good version runs on", "nurture validate")]


@pytest.mark.parametrize(("text", "what"), [(None, "removed"), (WELCOME.replace("5 days", "6 days"), "edited")])
def test_an_edit_that_is_not_live_is_told(office: Office, text: str | None, what: str) -> None:
    change_file(office, text)
    assert todo(office) == [
        (f"welcome was {what}; what is live runs on", "`nurture plan` shows what that does, `nurture apply` does it")
    ]


def test_leads_that_wait_by_an_older_text_are_told(office: Office) -> None:
    office.add_lead()
    enroll(office.ports)
    change_file(office, WELCOME.replace("5 days", "6 days"))
    office.ports.library.publish(office.ports.project, office.clock.now())
    assert todo(office) == [
        ("1 leads of welcome wait by an older text, until their own time comes", "nurture apply welcome")
    ]


def test_a_live_mail_without_a_template_is_told(office: Office) -> None:
    for path in (office.ports.project.root / "templates" / "tofu").glob("two.*"):
        path.unlink()
    office.ports = reread(office.ports)
    told = ("welcome, as it is live, mails tofu/two, which has no template", "put templates/tofu/two.txt back")
    assert told in todo(office)
