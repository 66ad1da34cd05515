"""What happens to the lead of a sequence test: it clicks, replies, looks at pages, or somebody sets its stage."""

from __future__ import annotations

from datetime import date
from typing import get_args

import pytest

from nurture.content.doings import ReplyName
from nurture.core.fields import REPLIES
from nurture.mail.inbound import read_intent
from nurture.simulate.posted import WORDS
from tests.rehearsal.conftest import Play, shown


def test_events_happen_to_the_mail_after_a_while_or_at_a_time(play: Play) -> None:
    clicks, opts_out, bounces = play(
        """
  - name: follows the link to the prices
    events:
      - {click: one, link: pricing, at: tue 15:00}
    lots: {tofu/one/split-1: 2}
    expect: {alerts: [], ended: finished}
  - name: opts out
    events:
      - {opt_out: tofu/one, after: 1 day}
    expect: {mails: [one], ended: opted out}
  - name: bounces
    events:
      - bounce: tofu/one
    expect: {mails: [one], ended: the address does not exist}
"""
    )
    assert (shown(clicks), clicks.ok, opts_out.ok, bounces.ok) == ([], True, True, True)


def test_a_reply_does_what_a_real_one_does(play: Play) -> None:
    """By words, as if it had come in by mail: a question ends the sequence, asking for a call is a hand-raise, stop
    opts out, and whoever says "not now" waits."""
    tests = """
  - name: asks something
    events: [{reply: question, after: 1 day}]
    expect: {mails: [one], ended: replied, alerts: "Replied, asks something", stage: iql}
  - name: asks for a call
    events: [{reply: call-me, to: tofu/one, message: "Ring me up tomorrow, please call me."}]
    expect: {mails: [one], stage: sql, alerts: ["Replied, asks for a person: a call, a meeting, a demo, an offer"]}
  - name: has enough
    events: [{reply: stop}]
    expect: {mails: [one], ended: opted out, alerts: [], stage: iql}
  - name: not now
    lots: {tofu/one/split-1: 1}
    events: [{reply: not-now, message: "Not now, try again in June."}]
    expect: {mails: [one, two at mon 1 jun]}
  - name: the wrong person
    events: [{reply: wrong-person}]
    expect: {mails: [one], tags: wrong-person}
"""
    assert {outcome.name: shown(outcome)[1:] for outcome in play(tests) if not outcome.ok} == {}


def test_a_reply_whose_words_ask_for_something_else_is_said(play: Play) -> None:
    event = "{reply: call-me, message: 'Please unsubscribe me.'}"
    [outcome] = play(f"  - name: one\n    events: [{event}]\n    expect: {{ended: replied}}\n")
    [difference] = shown(outcome)
    assert difference.startswith("events: reply call-me: 'Please unsubscribe me.' reads as 'stop'")


@pytest.mark.parametrize("intent", REPLIES)
def test_what_a_reply_says_by_itself_asks_for_what_it_is_to(intent: str) -> None:
    assert read_intent(WORDS[intent], date(2026, 3, 2)).intent == intent
    assert set(WORDS) == set(REPLIES) == set(get_args(ReplyName))


def test_pages_events_and_replies_are_what_conditions_ask_about(play: Play) -> None:
    """Each is waited for by one arm: the lead goes on the moment it has happened, and not before."""
    tests = """
  - name: looks at the prices
    events: [{visit: /pricing/plans, at: tue 11:00}]
    expect: {tags: prices}
  - name: starts a trial
    events: [{track: trial_started, after: 2 days}]
    expect: {tags: trial}
  - name: asks something
    events: [{reply: question, after: 2 hours}]
    expect: {tags: asks}
  - name: looks at something else
    events: [{visit: /careers}, {track: signed_in}, {reply: other}]
    expect: {tags: []}
"""
    outcomes = play(tests, "listens")
    assert {outcome.name: shown(outcome) for outcome in outcomes if not outcome.ok} == {}
    told = [[entry.what for entry in outcome.timeline.entries] for outcome in outcomes if outcome.timeline]
    assert [
        word
        for one, word in zip(told, ("looks at /pricing/plans", "does trial_started", "replies question"), strict=False)
        if word not in one
    ] == []


def test_a_sequence_that_an_event_of_the_site_brings_leads_into_is_tested_like_any_other(play: Play) -> None:
    [outcome] = play("  - name: comes in\n    expect: {mails: [tofu/three at mon 09:00]}\n", "trial")
    assert shown(outcome) == ["  tofu/three Mon 2 Mar 09:00 Oslo"]


def test_an_answer_is_the_button_behind_the_link_of_a_poll_and_a_click_is_none(play: Play) -> None:
    tests = """
  - name: chooses
    events: [{answer: asks, link: timing/soon, after: 1 day}]
    expect: {tags: soon}
  - name: writes
    events: [{answer: asks, link: need, message: less noise}]
    expect: {tags: noise}
"""
    assert [shown(outcome)[1:] for outcome in play(tests, "asks") if not outcome.ok] == []


@pytest.mark.parametrize(
    ("link", "told"),
    [
        ("pay", "no poll asks 'pay'; there are: need, timing"),
        ("authority", "the answer to 'authority' is no answer we know; there are: decide, share, advise"),
        ("need", "the answer to 'need' is empty"),
        ("budget", "no link of that mail has 'budget' in it; there are: "),
    ],
)
def test_an_answer_that_no_page_would_take_fails_the_test(play: Play, link: str, told: str) -> None:
    message = "perhaps" if link == "authority" else "''"
    text = f"  - name: x\n    events: [{{answer: asks, link: {link}, message: {message}}}]\n    expect: {{tags: []}}\n"
    [outcome] = play(text, "asks")
    assert any(told in line for line in shown(outcome))


def test_an_event_that_never_comes_to_pass_fails_the_test(play: Play) -> None:
    never, no_link = play(
        """
  - name: never
    lots: {tofu/one/split-1: 2}
    events: [{click: tofu/two}]
    expect: {ended: finished}
  - name: no such link
    events: [{click: tofu/one, link: careers}]
    expect: {ended: finished}
"""
    )
    assert shown(never) == ["events: this never came to pass: click tofu/two"]
    [difference] = shown(no_link)
    assert "no link of that mail has 'careers' in it; there are: https://acme.example/guide" in difference


def test_a_stage_that_somebody_sets_can_meet_the_goal_or_be_no_move_at_all(play: Play) -> None:
    bought, nonsense = play(
        """
  - name: buys
    events: [{stage: customer, after: 1 day}]
    expect: {mails: [one], ended: goal reached, stage: customer}
  - name: nonsense
    events: [{stage: advocate, after: 1 day}]
    expect: {mails: [one]}
"""
    )
    assert bought.ok
    assert shown(nonsense) == ["events: no lead moves from iql to advocate"]
