"""What the further words of a sequence do to leads, mails and the outbox, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from nurture.advance import advance, due
from nurture.mail import Mailbox, Outcome
from tests.engine.conftest import HEAD, START, Company
from tests.engine.interleave import at


def walk(company: Company, steps: str, name: str = "walk", **head: object) -> None:
    """Give the sequence these steps; `head` are further keys of the file."""
    more = "".join(f"{key}: {value}\n" for key, value in head.items())
    company.write(name, HEAD.format(name=name) + more + f"steps: {steps}")
    assert [one for one in company.ports.project.problems if one.severity == "error"] == []


def subjects(company: Company) -> list[str]:
    return [email.subject for email in company.mailer.sent]


def store(company: Company, statement: str) -> None:
    with company.database.transaction("test") as connection:
        connection.execute(text(statement))


def test_tags_fields_alerts_and_webhooks_are_done_on_the_way_in_one_tick(company: Company) -> None:
    company.configure(webhooks={"crm": {"url": "https://crm.example.com/hook"}}, alert_to="marketing@acme.example")
    walk(
        company,
        """
          - tag: [warm, new]
          - set: {industry: food, employees: 80}
          - alert: marketing
            note: look at this one
          - webhook: crm
          - tag: new
            remove: true
          - branch:
              - when: tagged('warm') and lead.industry == 'food'
                steps: [{email: tofu/one}]
              - otherwise: [{email: tofu/two}]
        """,
    )
    company.add_leads(2)
    assert company.tick().counts == {"acted": 10, "sent": 2, "finished": 2}
    assert subjects(company) == ["About tofu/one"] * 2
    assert company.rows("SELECT lead_id, tag FROM lead_tag ORDER BY lead_id") == [(1, "warm"), (2, "warm")]
    assert company.rows("SELECT industry, employees FROM lead ORDER BY id") == [("food", 80)] * 2
    assert company.rows(
        "SELECT kind, COUNT(*), COUNT(DISTINCT dedupe_key) FROM outbox GROUP BY kind ORDER BY kind"
    ) == [
        ("note_alert", 2, 2),
        ("webhook", 2, 2),
    ]


def test_a_deed_whose_transaction_is_lost_is_done_once_when_the_lease_is_over(company: Company) -> None:
    company.configure(alert_to="marketing@acme.example")
    walk(company, "[{tag: warm}, {alert: marketing, note: look}, {email: tofu/one}]")
    company.add_leads()

    def lose_power() -> None:
        raise KeyboardInterrupt

    at(company.database, "act: inside", lose_power)
    with pytest.raises(KeyboardInterrupt):
        company.tick()
    assert company.rows("SELECT tag FROM lead_tag") == []
    assert company.tick().counts == {}
    assert company.tick(minutes=2).counts == {"acted": 2, "sent": 1, "finished": 1}
    assert company.one("SELECT COUNT(*) FROM outbox") == 1


def test_nothing_is_done_for_a_lead_that_somebody_else_has_meanwhile(company: Company) -> None:
    walk(company, "[{tag: warm}, {email: tofu/one}]")
    company.add_leads()
    at(company.database, "act: before", lambda: store(company, "UPDATE enrollment SET fence = fence + 1"))
    company.tick()
    assert company.rows("SELECT tag FROM lead_tag") == []
    assert subjects(company) == []


def test_a_tag_wakes_a_lead_that_waits_for_it_in_another_sequence(company: Company) -> None:
    walk(company, "[{wait_for: tagged('warm'), at_most: 30 days, if_not: [{exit: cold}]}, {email: tofu/two}]", "other")
    walk(company, "[{wait: 3 days}, {tag: warm}]")
    company.add_leads()
    assert company.tick().counts == {"waiting": 1}
    company.tick(days=3)
    assert subjects(company) == ["About tofu/two"]


def test_the_subject_of_a_test_is_noted_with_the_mail(company: Company) -> None:
    walk(company, "[{email: tofu/one, subject: [First, Second]}]")
    company.add_leads(20)
    company.tick()
    noted = dict(company.rows("SELECT id, variant FROM message"))
    assert {int(mail.message_id): mail.subject for mail in company.mailer.sent} == {
        message: {1: "First", 2: "Second"}[variant] for message, variant in noted.items()
    }
    assert set(noted.values()) == {1, 2}


def test_a_declined_topic_is_skipped_even_if_it_was_declined_at_the_last_moment(company: Company) -> None:
    company.configure(topics={"news": "News"})
    walk(company, "[{email: tofu/one, topic: news}, {email: tofu/two}]")
    company.add_leads()
    refuse = f"INSERT INTO topic_refusal (address_id, topic, since, source) VALUES (1, 'news', '{START}', 'test')"
    at(company.database, "hand over: before", lambda: store(company, refuse))
    company.tick()
    assert subjects(company) == ["About tofu/two"]
    assert company.rows("SELECT step, state FROM message ORDER BY id") == [
        ("tofu/one", "suppressed"),
        ("tofu/two", "accepted"),
    ]


def test_a_mail_that_goes_once_is_not_sent_by_another_sequence_again(company: Company) -> None:
    walk(company, "[{email: tofu/one, once: true}, {email: tofu/three}]", "other")
    walk(company, "[{email: tofu/one, once: true}, {email: tofu/two}]")
    company.add_leads(2)
    company.tick()
    assert sorted(subjects(company)) == sorted(["About tofu/one", "About tofu/two", "About tofu/three"] * 2)


def test_the_smaller_priority_goes_first_under_a_cap(company: Company) -> None:
    company.configure(caps=["1 per 48 hours"])
    walk(company, "[{email: tofu/one}]", priority=7)
    walk(company, "[{email: tofu/two}]", "urgent", priority=2)
    company.add_leads(3)
    company.tick()
    assert subjects(company) == ["About tofu/two"] * 3
    company.tick(days=2)
    assert subjects(company)[3:] == ["About tofu/one"] * 3


def test_a_mail_lets_one_of_smaller_priority_go_first_that_is_due_but_not_at_hand(company: Company) -> None:
    """Two workers: this one has only the less urgent lead of the two."""
    company.configure(caps=["1 per 48 hours"])
    walk(company, "[{email: tofu/one}]", priority=7)
    walk(company, "[{email: tofu/two}]", "urgent", priority=2)
    company.add_leads()
    [less_urgent] = [one.id for one in due(company.ports) if one.sequence == "walk"]
    [outcome] = advance(company.ports, [less_urgent]).outcomes
    assert (outcome.kind, outcome.why, outcome.until) == ("waiting", "urgent goes first", START + timedelta(minutes=1))
    company.tick()
    assert subjects(company) == ["About tofu/two"]


def test_the_smaller_priority_goes_first_under_a_cap_of_its_own(company: Company) -> None:
    """Two workers again: a mail of the other sequence, which no cap holds up, would use up the urgent one's."""
    walk(company, "[{email: tofu/one}]", priority=7)
    walk(company, "[{email: tofu/two}]", "urgent", priority=2, send="{limit: 1 per day}")
    company.add_leads()
    advance(company.ports, [one.id for one in due(company.ports) if one.sequence == "walk"])
    company.tick(minutes=1)
    assert subjects(company) == ["About tofu/two", "About tofu/one"]


def test_a_stopped_sequence_keeps_no_other_from_going(company: Company) -> None:
    company.configure(caps=["1 per 48 hours"])
    walk(company, "[{email: tofu/one}]", priority=7)
    walk(company, "[{email: tofu/two}]", "urgent", priority=2)
    company.add_leads()
    store(
        company,
        f"INSERT INTO gate (name, closed_at, reason, closed_by) VALUES ('sequence:urgent', '{START}', 'typo', 'test')",
    )
    company.tick()
    assert subjects(company) == ["About tofu/one"]


def test_a_stale_mail_is_passed_and_not_sent_later(company: Company) -> None:
    steps = "[{email: tofu/one, stale_after: 3 hours}, {wait: 1 day}, {email: tofu/two}]"
    walk(company, steps, send="{days: every day, between: '00:00-23:59'}")
    company.add_leads()
    company.mailer.answers = [Outcome.NOT_ACCEPTED] * 10
    for _ in range(10):
        company.tick(hours=1)
    company.mailer.answers = []
    company.tick(days=2)
    assert subjects(company)[-1] == "About tofu/two"
    assert company.rows("SELECT step, state, reason FROM message ORDER BY id")[0] == (
        "tofu/one",
        "suppressed",
        "skipped: the lead has gone on",
    )


def test_a_mail_that_another_keeps_back_until_it_is_stale_is_passed_at_once(company: Company) -> None:
    """Both may go when they are planned; when they are handed over, only the first one may."""
    company.configure(caps=["1 per 7 days"])
    walk(company, "[{email: tofu/one}]", priority=1)
    walk(company, "[{email: tofu/two, stale_after: 72 hours}, {tag: passed}]", "other")
    company.add_leads()
    company.tick()
    assert subjects(company) == ["About tofu/one"]
    assert company.rows("SELECT tag FROM lead_tag") == [("passed",)]


def test_a_mail_in_the_name_of_the_sales_rep_comes_from_it_where_there_is_one(company: Company) -> None:
    walk(company, "[{email: tofu/one, from: owner}]")
    company.add_leads(2)
    rep = company.ports.project.config.agreement.owners[0]
    store(company, f"UPDATE lead SET owner = '{rep.key}' WHERE id = 2")
    company.tick()
    first, second = sorted(company.mailer.sent, key=lambda email: email.to.address)
    assert (first.sender, second.sender) == (
        Mailbox("nora@acme.example", "Nora from Acme"),
        Mailbox(rep.address, rep.name),
    )
    assert second.reply_to is None


def test_a_mail_that_was_asked_for_goes_out_at_night_and_over_the_cap(company: Company) -> None:
    company.configure(caps=["1 per 48 hours"])
    walk(company, "[{email: tofu/one}, {email: tofu/two, transactional: true}]")
    company.clock.move_to(START + timedelta(hours=1))
    company.add_leads()
    company.tick()
    assert subjects(company) == ["About tofu/one", "About tofu/two"]
