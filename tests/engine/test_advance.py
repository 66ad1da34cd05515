"""One lead's way through a sequence: planned, handed over, settled, moved on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from models.words import Suppression
from nurture import gates
from nurture.advance import advance, due, tick
from nurture.ledger.recover import recover
from nurture.ledger.settle import accepted, settle
from nurture.mail import Outcome, Receipt
from nurture.suppress import suppress
from tests.engine.conftest import START, TWO_MAILS, Company
from tests.engine.interleave import at


def spoil_for_lead_2(company: Company) -> None:
    """A mail that is valid for every sample lead, but not for this one: a value nobody foresaw."""
    text = company.root / "templates" / "tofu" / "one.txt"
    text.write_text(text.read_text().replace("this is", "{{ 1 // (lead.id - 2) }} this is"))
    company.reread()


def opt_out(company: Company, *address_ids: int) -> None:
    with company.database.transaction("opt out") as connection:
        suppress(connection, address_ids, Suppression.OPT_OUT, "test", company.clock.now())


def test_a_lead_gets_its_mails_at_their_times_and_the_enrollment_ends(company: Company) -> None:
    company.add_leads()
    assert company.tick().counts == {"sent": 1}
    assert company.tick(days=2).counts == {}
    assert company.tick(days=1).counts["sent"] == 1
    assert company.one("SELECT state FROM enrollment") == "done"
    assert [email.subject for email in company.mailer.sent] == ["About tofu/one", "About tofu/two"]
    assert company.rows("SELECT step, state FROM message ORDER BY id") == [
        ("tofu/one", "accepted"),
        ("tofu/two", "accepted"),
    ]


def test_a_mail_waits_for_the_window_of_the_lead_with_its_sentence(company: Company) -> None:
    company.clock.move_to(datetime(2026, 3, 7, 12, 0, tzinfo=UTC))
    company.add_leads(zone="America/New_York")
    [outcome] = company.tick().outcomes
    assert outcome.kind == "waiting"
    assert outcome.until == datetime(2026, 3, 9, 13, 0, tzinfo=UTC)
    assert outcome.why == "Sat 7 Mar is not a sending day; next is Mon 9 Mar 09:00 New York"
    assert company.mailer.sent == []


def test_an_opt_out_between_planning_and_handing_over_stops_the_mail(company: Company) -> None:
    company.add_leads()
    at(company.database, "hand over: before", lambda: opt_out(company, 1))
    company.tick()
    assert company.mailer.sent == []
    assert company.rows("SELECT state, reason FROM enrollment") == [("stopped", "opted out")]
    assert company.one("SELECT state FROM message") == "suppressed"


def test_two_sequences_keep_the_frequency_cap_together(company: Company) -> None:
    company.configure(caps=["1 per 48 hours"])
    company.write("other", TWO_MAILS.format(name="other"))
    company.add_leads()
    report = company.tick()
    assert report.counts == {"sent": 1, "waiting": 1}
    [waiting] = [one for one in report.outcomes if one.kind == "waiting"]
    assert waiting.until == START + timedelta(hours=48)
    assert "1 mail in 48 hours already" in waiting.why


def test_the_days_quota_moves_the_rest_to_tomorrow(company: Company) -> None:
    company.configure(quota={"per_day": 3})
    company.add_leads(5)
    assert company.tick().counts == {"sent": 3, "waiting": 2}
    assert company.tick(days=1).counts["sent"] == 2


def test_what_was_certainly_not_accepted_does_not_use_up_the_quota(company: Company) -> None:
    company.configure(quota={"per_day": 3})
    company.add_leads(4)
    company.mailer.answers = [Outcome.ACCEPTED, Outcome.NOT_ACCEPTED, Outcome.NOT_ACCEPTED]
    assert company.tick().counts == {"sent": 1, "skipped": 2, "waiting": 1}
    assert company.tick(minutes=2).counts == {"sent": 2}


def test_nothing_leaves_through_a_closed_gate(company: Company) -> None:
    company.add_leads()
    with company.database.transaction("stop") as connection:
        gates.close(connection, "everything", "fire", company.clock.now(), by="op")
    assert due(company.ports) == []
    assert advance(company.ports, [1]).counts == {"waiting": 1}
    assert company.mailer.sent == []
    with company.database.transaction("go") as connection:
        gates.reopen(connection, "everything", company.clock.now(), "op")
    assert company.tick(minutes=2).counts == {"sent": 1}


def test_a_stopped_sequence_waits_while_others_go_on(company: Company) -> None:
    company.write("other", TWO_MAILS.format(name="other"))
    company.add_leads()
    with company.database.transaction("stop") as connection:
        gates.close(connection, "sequence:walk", "a typo", company.clock.now())
    assert [one.sequence for one in company.tick().outcomes] == ["other"]


def test_a_mail_that_cannot_be_rendered_is_set_aside_and_the_rest_go_out(company: Company) -> None:
    company.add_leads(3)
    spoil_for_lead_2(company)
    report = company.tick()
    assert report.counts == {"sent": 2, "failed": 1}
    assert company.rows("SELECT lead_id, state FROM enrollment ORDER BY id")[1] == (2, "dead")
    assert "tofu/one.txt" in company.one("SELECT reason FROM message WHERE state = 'rejected'")


def test_an_opt_out_while_a_mail_is_set_aside_stays_an_opt_out(company: Company) -> None:
    company.add_leads(2)
    spoil_for_lead_2(company)
    at(company.database, "set aside: before", lambda: opt_out(company, 2))
    company.tick()
    assert company.rows("SELECT state, reason FROM enrollment WHERE lead_id = 2") == [("stopped", "opted out")]
    assert company.one("SELECT state FROM message WHERE lead_id = 2") == "suppressed"


@pytest.mark.parametrize(
    ("outcome", "message", "enrollment"),
    [
        (Outcome.ACCEPTED, "accepted", "active"),
        (Outcome.NOT_ACCEPTED, "planned", "active"),
        (Outcome.REJECTED, "rejected", "dead"),
        (Outcome.UNKNOWN, "handed_over", "active"),
    ],
)
def test_each_outcome_has_its_end(company: Company, outcome: Outcome, message: str, enrollment: str) -> None:
    company.add_leads()
    company.mailer.answers = [outcome]
    company.tick()
    assert company.one("SELECT state FROM message") == message
    assert company.one("SELECT state FROM attempt") == outcome
    assert company.one("SELECT state FROM enrollment") == enrollment


def test_what_was_certainly_not_accepted_is_tried_again_later(company: Company) -> None:
    company.add_leads()
    company.mailer.answers = [Outcome.NOT_ACCEPTED]
    company.tick()
    assert company.tick(seconds=59).counts == {}
    assert company.tick(seconds=2).counts == {"sent": 1}
    assert company.rows("SELECT n, state FROM attempt ORDER BY n") == [(1, "not_accepted"), (2, "accepted")]


def test_what_is_unknown_waits_in_sight_until_an_event_settles_it(company: Company) -> None:
    company.add_leads()
    company.mailer.answers = [Outcome.UNKNOWN]
    company.tick()
    assert company.tick(hours=20).counts == {}
    attempt = company.one("SELECT id FROM attempt")
    for _ in range(2):  # hearing of it twice is the same as once
        with company.database.transaction("event") as connection:
            settle(
                connection,
                company.ports.library,
                accepted([attempt], "processed"),
                company.clock.now(),
            )
    assert company.one("SELECT state FROM message") == "accepted"
    assert company.tick(days=2, hours=6).counts["sent"] == 1  # three days after the first attempt, not after the event
    assert len(company.mailer.sent) == 2


def test_without_proof_either_way_a_mail_is_held_for_a_person(company: Company) -> None:
    company.add_leads()
    company.mailer.answers = [Outcome.UNKNOWN]
    company.tick()
    company.clock.advance(timedelta(hours=27))
    assert recover(company.ports).held == 1
    assert company.one("SELECT state FROM message") == "held"
    assert company.tick(days=30).counts == {}
    assert len(company.mailer.sent) == 1


def test_a_full_account_closes_the_gate_until_a_person_opens_it(company: Company) -> None:
    company.add_leads(2)
    company.mailer.answers = [Receipt("", Outcome.NOT_ACCEPTED, reason="401", closes_gate=True)] * 2
    company.tick()
    company.clock.advance(timedelta(days=1))
    assert due(company.ports) == []
    with company.database.transaction("go") as connection:
        gates.reopen(connection, "mailer:sendgrid", company.clock.now(), "op")
    assert company.tick().counts["sent"] == 2


def test_too_many_requests_slow_the_whole_sender(company: Company) -> None:
    company.add_leads(1)
    company.mailer.answers = [Receipt("", Outcome.NOT_ACCEPTED, reason="429", retry_after=300)]
    company.tick()
    company.add_leads(1)
    assert company.tick(seconds=200).counts == {}
    assert company.tick(seconds=101).counts["sent"] == 2


def test_a_receipt_that_comes_too_late_changes_nothing(company: Company) -> None:
    """The process slept through its lease; the mailer is idempotent, and the mail was sent again meanwhile."""
    company.mailer.name, company.mailer.idempotent = "outbox", True
    company.add_leads()
    company.mailer.answers = [Outcome.UNKNOWN]
    company.tick()
    company.clock.advance(timedelta(minutes=10))
    first = company.one("SELECT id FROM attempt")
    with company.database.transaction("forget") as connection:
        connection.exec_driver_sql("UPDATE attempt SET state = 'posting'")
    assert recover(company.ports).again == 1
    assert company.tick(minutes=1).counts == {"sent": 1}
    with company.database.transaction("late") as connection:
        late = settle(
            connection,
            company.ports.library,
            accepted([first], "late"),
            company.clock.now(),
        )
    assert late == 0


def test_an_edit_moves_leads_to_the_next_step_that_survives(company: Company) -> None:
    company.add_leads()
    company.tick()
    company.write("walk", TWO_MAILS.format(name="walk").replace("  - wait: 3 days\n", ""))
    report = company.tick(days=3)
    assert [(one.step, one.kind) for one in report.outcomes] == [("tofu/two", "sent"), ("", "finished")]


def test_a_running_wait_keeps_its_time_when_other_steps_change(company: Company) -> None:
    company.add_leads()
    company.tick()
    company.write("walk", TWO_MAILS.format(name="walk") + "  - wait: 9 days\n  - email: tofu/three\n")
    assert company.tick(days=2, hours=23).counts == {}
    assert company.tick(hours=1).counts == {"sent": 1}


def test_no_mail_twice_when_a_mail_already_sent_comes_up_again(company: Company) -> None:
    """Reordered so that the mail the lead had now stands after the wait it is in."""
    company.add_leads()
    company.tick()
    head = TWO_MAILS.format(name="walk").partition("steps:")[0]
    steps = "steps:\n  - {id: tofu/one/wait-1, wait: 3 days}\n  - email: tofu/one\n  - email: tofu/two\n"
    company.write("walk", head + steps)
    assert company.ports.project.faulty == frozenset()
    company.tick(days=3)
    assert [email.subject for email in company.mailer.sent] == ["About tofu/one", "About tofu/two"]


def test_a_faulty_file_leaves_the_last_good_version_in_force(company: Company) -> None:
    company.add_leads()
    company.tick()
    company.write("walk", "sequence: walk\nsteps: [{emial: tofu/one}]\n")
    assert "walk" not in company.ports.project.sequences
    assert company.tick(days=3).counts["sent"] == 1


def test_one_tick_takes_a_lead_as_far_as_it_goes(company: Company) -> None:
    head = TWO_MAILS.format(name="walk").partition("steps:")[0]
    company.write(
        "walk",
        f"{head}steps:\n"
        "  - branch: [{when: lead.stage == 'iql', steps: [{exit: not for us}]}]\n"
        "  - email: tofu/one\n",
    )
    company.add_leads(2)
    company.tick()
    assert company.rows("SELECT state, reason FROM enrollment") == [("stopped", "not for us")] * 2


def test_chunks_are_four_times_what_is_in_flight(company: Company) -> None:
    company.mailer.connections = 2
    sizes: list[int] = []
    company.mailer.before_send = lambda: sizes.append(len(company.mailer.sent))
    company.add_leads(20)
    tick(company.ports)
    assert sizes == [0, 8, 16]
