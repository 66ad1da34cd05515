"""Sequence tests, played: the real engine does what they say, and what differs from the expectation is shown."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from typing import get_args

import pytest

from nurture.content import Project, load_project
from nurture.content.doings import ReplyName
from nurture.content.faults import check
from nurture.content.rehearsal import RehearsalFile
from nurture.content.rehearsals import FOLDER, Rehearsals, read_rehearsals
from nurture.content.source import read_yaml
from nurture.core.fields import REPLIES
from nurture.mail.inbound import read_intent
from nurture.rehearsal import Outcome, rehearse_all
from nurture.simulate.posted import WORDS
from tests.content.examples import yaml_examples
from tests.support import REPOSITORY, sample_project, write_project

WELCOME = """
sequence: welcome
title: Welcome
owner: marketing
stage: tofu
enter:
  trigger: [lead_created, manual, form_submitted]
  when: lead.stage == 'iql'
goal:
  when: lead.stage in ['mql', 'customer']
exit:
  - when: lead.industry == 'hemp'
    because: not our trade
send:
  between: 09:00-16:30
  timezone: lead or Europe/Oslo
steps:
  - email: tofu/one
  - wait: 3 days
  - split:
      - share: 90%
        steps:
          - email: tofu/two
      - share: 10%
        steps:
          - tag: lucky
  - wait_for: clicked('tofu/one', link='pricing')
    at_most: 5 days
    if_not:
      - alert: marketing
        note: Clicks nothing
  - promote: sql
"""
BACK = """
sequence: back
title: Back again
owner: marketing
stage: mofu
enter:
  trigger: [handoff_rejected, stage_changed]
send:
  days: every day
  between: 10:00-12:00
  timezone: Europe/Oslo
  spread: 30 minutes
steps:
  - tag: said-goodbye
    remove: true
  - email: tofu/three
"""
LISTENS = """
sequence: listens
title: Listens
owner: marketing
stage: tofu
enter:
  trigger: lead_created
steps:
  - email: tofu/one
  - wait_for: visited('/pricing') or did('trial_started') or replied('question')
    at_most: 5 days
  - branch:
      - when: visited('/pricing')
        steps: [{tag: prices}]
      - when: did('trial_started')
        steps: [{tag: trial}]
      - when: replied('question')
        steps: [{tag: asks}]
"""
TRIAL = """
sequence: trial
title: Trial
owner: marketing
stage: tofu
enter:
  trigger: trial_started
steps:
  - email: tofu/three
"""
TEMPLATES = ("tofu/one", "tofu/two", "tofu/three")
LINKS = '<p><a href="https://acme.example/guide">Guide</a> <a href="https://acme.example/pricing">Prices</a></p>\n'
REASONS = {"not_ready": {"label": "Not ready yet", "track": "recycle", "after_days": 30}}
HEAD = "sequence: {}\ntests:\n"

Play = Callable[..., list[Outcome]]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    root = tmp_path_factory.mktemp("project")
    sequences = {"welcome": WELCOME, "back": BACK, "listens": LISTENS, "trial": TRIAL}
    write_project(root, sequences=sequences, templates=TEMPLATES, reject_reasons=REASONS)
    for name in TEMPLATES:
        with (root / "templates" / f"{name}.html").open("a") as html:
            html.write(LINKS)
    config = (root / "nurture.yaml").read_text().rstrip().removesuffix("}")
    events = '"events": {"trial_started": "started a trial", "signed_in": "signed in"}'
    (root / "nurture.yaml").write_text(f'{config}, {events}, "alert_to": "marketing@acme.example"}}\n')
    loaded = load_project(root)
    assert set(loaded.sequences) == set(sequences)
    return loaded


@pytest.fixture
def play(project: Project) -> Play:
    def _play(tests: str, sequence: str = "welcome") -> list[Outcome]:
        path = project.root / FOLDER / "t.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(HEAD.format(sequence) + tests)
        files, problems = read_rehearsals(project)
        assert problems == []
        return list(rehearse_all(project, files))

    return _play


def shown(outcome: Outcome) -> list[str]:
    """What differs, in lines."""
    mails = [f"{line.mark} {line.mail} {line.when}" for line in outcome.mails]
    return [*mails, *map(str, outcome.differences)]


def test_the_tests_that_come_with_our_own_sequences_pass() -> None:
    ours = sample_project()
    files, problems = read_rehearsals(ours)
    assert problems == []
    assert {file.sequence for file in files} == set(ours.sequences)
    failed = {(one.sequence, one.name): shown(one) for one in rehearse_all(ours, files) if not one.ok}
    assert failed == {}


def test_the_example_of_the_page_about_tests_passes() -> None:
    document = read_yaml(yaml_examples(REPOSITORY / "docs" / "testing-sequences.md")[0], "example.yaml")
    example, faults = check(RehearsalFile, document)
    assert faults == []
    assert example
    [outcome] = rehearse_all(sample_project(), [Rehearsals(document, example.sequence, tuple(example.tests))])
    assert shown(outcome) == [f"  {line.mail} {line.when}" for line in outcome.mails]


def test_what_is_expected_and_comes_passes(play: Play) -> None:
    [whole] = play(
        """
  - name: all of it
    lots: {tofu/one/split-1: 1}
    expect:
      mails: [tofu/one at mon 09:00, two after 3 days]
      alerts: Clicks nothing
      webhooks: []
      tags: []
      ended: finished
      stage: iql
      enters: true
"""
    )
    assert (whole.ok, whole.sequence, whole.name, whole.line, whole.file) == (
        True, "welcome", "all of it", 4, "sequences/tests/t.yaml",
    )  # fmt: skip


def test_a_mail_that_comes_at_another_time_is_shown_as_expected_and_as_seen_with_its_sentence(play: Play) -> None:
    [late] = play(
        """
  - name: too late
    starts: fri 2026-03-06 15:00
    lots: {tofu/one/split-1: 1}
    expect:
      mails: [tofu/one at fri 15:00, tofu/two after 2 days]
"""
    )
    assert [(line.mark, line.mail, line.when) for line in late.mails] == [
        (" ", "tofu/one", "Fri 6 Mar 15:00 Oslo"),
        ("-", "tofu/two", "after 2 days"),
        ("+", "tofu/two", "Mon 9 Mar 15:00 Oslo"),
    ]
    assert late.mails[2].because == "3 days after tofu/one"
    assert not late.ok and late.differences == ()
    assert late.timeline
    assert "mail tofu/two" in [entry.what for entry in late.timeline.entries]


def test_mails_that_are_missing_and_mails_that_nobody_expected_are_told_apart(play: Play) -> None:
    more, other = play(
        """
  - name: expects more
    lots: {tofu/one/split-1: 2}
    expect: {mails: [tofu/one, tofu/two]}
  - name: expects less
    lots: {tofu/one/split-1: 1}
    expect: {mails: [tofu/two]}
"""
    )
    assert shown(more) == ["  tofu/one Mon 2 Mar 09:00 Oslo", "- tofu/two at any time"]
    assert shown(other) == ["+ tofu/one Mon 2 Mar 09:00 Oslo", "  tofu/two Thu 5 Mar 09:00 Oslo"]


@pytest.mark.parametrize(
    ("expect", "difference"),
    [
        ("stage: mql", "stage: expected mql; it is iql"),
        ("ended: goal reached", "ended: expected goal reached; it left: finished"),
        ("waiting: tofu/one/wait-1", "waiting: expected tofu/one/wait-1; it left: finished"),
        ("tags: lucky", "tags: expected lucky; there are: none"),
        ("alerts: [Clicks a lot]", "alerts: expected Clicks a lot; there are: Clicks nothing"),
        ("webhooks: crm", "webhooks: expected crm; there are: none"),
        ("enters: false", "enters: expected no; it came in"),
    ],
)
def test_all_else_that_differs_is_said_in_a_line(play: Play, expect: str, difference: str) -> None:
    [outcome] = play(f"  - name: one\n    lots: {{tofu/one/split-1: 1}}\n    expect: {{{expect}}}\n")
    assert shown(outcome) == [difference]


def test_where_the_lead_stands_is_shown_and_what_comes_next(play: Play) -> None:
    [outcome] = play("  - name: one\n    for: 2 days\n    expect: {ended: finished}\n")
    assert shown(outcome) == ["ended: expected finished; it stands at tofu/one/wait-1"]
    assert outcome.timeline
    assert [entry.what for entry in outcome.timeline.ahead][:1] != []


@pytest.mark.parametrize("arm", [1, 2])
def test_a_test_says_which_arm_of_a_split_is_drawn(play: Play, arm: int) -> None:
    [outcome] = play(
        f"  - name: one\n    lots: {{tofu/one/split-1: {arm}}}\n"
        f"    expect: {{mails: {'[one, two]' if arm == 1 else '[one]'}, tags: {'[]' if arm == 1 else 'lucky'}}}\n"
    )
    assert shown(outcome)[2 if arm == 1 else 1 :] == []


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


def test_a_lead_comes_in_by_hand_or_by_a_form_where_the_test_says_so(play: Play) -> None:
    outcomes = play(
        """
  - name: by hand
    enter: manual
    for: 1 day
    expect: {mails: [tofu/one at mon 09:00]}
  - name: by a form
    form: ebook
    for: 1 day
    expect: {mails: [tofu/one at mon 09:00]}
  - name: by hand, against the rules
    enter: manual
    lead: {stage: customer}
    expect: {enters: false, mails: []}
"""
    )
    assert [(one.name, shown(one)) for one in outcomes if not one.ok] == []
    causes = [one.timeline.entries for one in outcomes[1:2] if one.timeline]
    assert "sends the form ebook" in [entry.what for entry in causes[0]]


def test_why_a_lead_does_not_come_in_is_said(play: Play) -> None:
    stage, ground = play(
        """
  - name: another stage
    lead: {stage: mql}
    expect: {mails: []}
  - name: no ground
    lead: {may_be_mailed: false}
    expect: {ended: finished}
"""
    )
    assert shown(stage) == ["enters: it did not come in: not lead.stage == 'iql'"]
    assert shown(ground)[0] == "enters: it did not come in: no legal ground to mail"


def test_what_sales_gave_back_comes_in_as_recycled_and_spread_mails_may_be_as_much_later(play: Play) -> None:
    outcomes = play(
        """
  - name: given back
    enter: handoff_rejected
    lead: {tags: [said-goodbye, other]}
    starts: 2026-03-02 07:00
    expect: {mails: [tofu/three at mon 10:00], stage: recycled, tags: other, ended: finished}
""",
        "back",
    )
    assert [shown(one) for one in outcomes if not one.ok] == []


def test_other_sequences_enroll_only_where_the_test_lets_them(play: Play) -> None:
    alone, together = play(
        """
  - name: alone
    events:
      - {form: demo, after: 1 day}
      - {sales: reject, reason: not_ready, after: 1 hour}
    expect: {mails: [one], stage: recycled, ended: handed to sales}
  - name: together
    with: back
    events:
      - {form: demo, after: 1 day}
      - {sales: reject, reason: not_ready, after: 1 hour}
    expect: {mails: [one, three at thu 2 apr]}
"""
    )
    assert shown(alone)[1:] == []
    assert shown(together)[2:] == [], shown(together)


def test_the_lead_is_who_the_test_says_and_its_wall_clock_counts(play: Play) -> None:
    chicago, unknown, hemp = play(
        """
  - name: in Chicago
    lead: {timezone: America/Chicago}
    starts: 2026-03-02 06:30
    for: 1 day
    expect: {mails: [one at mon 09:00]}
  - name: nothing is known of it
    lead: {first_name: '', last_name: '', company: '', title: '', industry: '', employees: 0, country: '',
      language: '', phone: ''}
    for: 1 day
    expect: {mails: [one]}
  - name: not our trade
    lead: {industry: hemp}
    expect: {mails: [], ended: not our trade}
"""
    )
    assert (chicago.ok, unknown.ok, hemp.ok) == (True, True, True)
    assert chicago.mails[0].when == "Mon 2 Mar 09:00 Chicago"


def test_a_test_takes_milliseconds(play: Play) -> None:
    """What is promised is under 50 ms on an idle machine; this one is not idle."""
    text = "".join(f"  - name: test {n}\n    expect: {{ended: finished}}\n" for n in range(12))
    play(text)
    begun = time.process_time()
    assert all(one.ok for one in play(text))
    assert (time.process_time() - begun) / 12 < 0.25
