"""decide() at each kind of step, and the promises that hold for every lead and every moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.core.cadence import is_open, parse_cap
from nurture.core.decide import (
    FINISHED,
    GOAL_REACHED,
    Act,
    Exit,
    Move,
    Position,
    Send,
    Wait,
    arrive,
    decide,
    forecast,
    walk,
)
from nurture.core.facts import Engagement, Facts
from nurture.core.steps import SendWindow
from tests.core.sequences import sequence

NOW = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)  # a Tuesday
DAY = timedelta(days=1)

WALK = sequence(
    """
    - email: tofu/welcome
    - wait: 3 days
    - branch:
        - when: clicked('tofu/welcome')
          steps:
            - email: tofu/more
        - otherwise:
            - wait: until tuesday 10:00
            - email: tofu/again
    - wait_for: submitted('ebook')
      at_most: 7 days
      if_not:
        - email: tofu/last
    - promote: mql
      when: lead.score >= 40
    - exit: done with it
    """
)
CLICK = Engagement("clicked", NOW, template="tofu/welcome", url="https://x.example.com/pricing")


def at(step: str | None, since: datetime = NOW, **more: object) -> Position:
    return Position(step, since, NOW - 10 * DAY, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("position", "facts", "expected"),
    [
        # a mail goes out, unless it did already
        (at("tofu/welcome"), Facts(), Send),
        (
            at("tofu/welcome"),
            Facts(done=frozenset({"tofu/welcome"})),
            Move("tofu/welcome/wait-1", NOW, "mailed already"),
        ),
        # a wait that is over leads on, as of its end and not as of now
        (at("tofu/welcome/wait-1", NOW - 4 * DAY), Facts(), Move("tofu/welcome/branch-1", NOW - DAY)),
        # the first true arm wins
        (at("tofu/welcome/branch-1"), Facts(engagements=(CLICK,)), Move("tofu/more", NOW, "clicked('tofu/welcome')")),
        (at("tofu/welcome/branch-1"), Facts(), Move("tofu/more/wait-1", NOW, "otherwise")),
        # a wait that is met already passes at once
        (
            at("tofu/again/wait-for-1", NOW - DAY),
            Facts(engagements=(Engagement("submitted", NOW, name="ebook"),)),
            Move("tofu/last/promote-1", NOW, "submitted('ebook'): yes"),
        ),
        # what did not happen in time goes the other way exactly then
        (
            at("tofu/again/wait-for-1", NOW - 8 * DAY),
            Facts(),
            Move("tofu/last", NOW - DAY, "submitted('ebook'): not in 7 days"),
        ),
        # `when` skips a step
        (
            at("tofu/last/promote-1"),
            Facts(lead={"score": 39}),
            Move("tofu/last/exit-1", NOW, "skipped: not lead.score >= 40"),
        ),
        (at("tofu/last/promote-1"), Facts(lead={"score": 40}), Act),
        (at("tofu/last/exit-1"), Facts(), Exit("done with it")),
        # the end, and a step that is not there
        (at(None), Facts(), Exit(FINISHED, done=True)),
        (at("gone"), Facts(), Exit(FINISHED, done=True)),
        # reasons not to mail come before everything
        (at("tofu/welcome"), Facts(barred="opted out"), Exit("opted out")),
        (at(None), Facts(barred="opted out"), Exit("opted out")),
    ],
)
def test_each_step_has_its_answer(position: Position, facts: Facts, expected: object) -> None:
    answer = decide(WALK, position, facts, NOW)
    assert answer == expected or isinstance(answer, expected if isinstance(expected, type) else ())


def test_a_running_wait_keeps_its_time_unless_its_text_changed() -> None:
    edited = sequence("[{email: tofu/welcome}, {wait: 9 days}]")
    running = at("tofu/welcome/wait-1", NOW, until=NOW + 3 * DAY, waiting="3 days")
    assert decide(WALK, running, Facts(), NOW).until == NOW + 3 * DAY  # type: ignore[union-attr]
    moved_since = Position(running.step, NOW - DAY, running.entered_at, running.until, running.waiting)
    assert decide(WALK, moved_since, Facts(), NOW).until == NOW + 3 * DAY  # type: ignore[union-attr]
    assert decide(edited, running, Facts(), NOW).until == NOW + 9 * DAY  # type: ignore[union-attr]


def test_a_wait_for_the_lead_says_what_it_waits_for() -> None:
    answer = decide(WALK, at("tofu/again/wait-for-1"), Facts(), NOW)
    assert answer == Wait(NOW + 7 * DAY, "waits for submitted('ebook'), at most 7 days", "7 days")


def test_waits_count_on_the_wall_clock_of_the_lead() -> None:
    """Three days over the night when clocks go forward are 71 hours."""
    oslo = ZoneInfo("Europe/Oslo")
    friday = datetime(2026, 3, 27, 9, 0, tzinfo=oslo).astimezone(UTC)
    position = arrive(WALK, "tofu/welcome/wait-1", friday, friday, "Europe/Oslo", None)
    assert position.until == datetime(2026, 3, 30, 9, 0, tzinfo=oslo).astimezone(UTC)
    assert position.until - friday == timedelta(hours=71)


def test_the_goal_ends_the_sequence_only_within_its_time() -> None:
    short = sequence(
        "[{email: tofu/welcome}]", goal={"when": "lead.stage == 'mql'", "within": "5 days", "then": "exit"}
    )
    reached = Facts(lead={"stage": "mql"})
    assert decide(short, Position("tofu/welcome", NOW, NOW - 5 * DAY), reached, NOW) == Exit(GOAL_REACHED, done=True)
    assert isinstance(decide(short, Position("tofu/welcome", NOW, NOW - 6 * DAY), reached, NOW), Send)


def test_a_goal_that_lets_the_lead_go_on_is_noted_once() -> None:
    on = sequence("[{email: tofu/welcome}]", goal={"when": "lead.stage == 'mql'", "then": "continue"})
    reached = Facts(lead={"stage": "mql"})
    assert decide(on, at("tofu/welcome"), reached, NOW) == Act()
    assert isinstance(decide(on, at("tofu/welcome"), Facts(lead={"stage": "mql"}, goal_met=True), NOW), Send)


def test_an_exit_rule_is_asked_before_every_step() -> None:
    leaving = sequence("[{wait: 3 days}]", exit=[{"when": "lead.is_customer", "because": "bought"}])
    assert decide(leaving, at("start/wait-1"), Facts(lead={"is_customer": True}), NOW) == Exit("bought")


def test_the_send_window_moves_mails_only() -> None:
    office = sequence("[{wait: 1 day}, {email: tofu/welcome}]", window=SendWindow(zone="Europe/Oslo"))
    saturday = datetime(2026, 3, 7, 12, 0, tzinfo=UTC)
    moved = decide(office, Position("start/wait-1", saturday - DAY, NOW), Facts(), saturday)
    assert moved == Move("tofu/welcome", saturday)
    held = decide(office, Position("tofu/welcome", saturday, NOW), Facts(), saturday)
    assert held == Wait(
        datetime(2026, 3, 9, 8, 0, tzinfo=UTC), "Sat 7 Mar is not a sending day; next is Mon 9 Mar 09:00 Oslo"
    )


def test_a_capped_mail_is_re_timed_with_its_reason() -> None:
    facts = Facts(caps=(parse_cap("1 per 48 hours"),), mailed_at=(NOW - timedelta(hours=40),))
    held = decide(WALK, at("tofu/welcome"), facts, NOW)
    assert isinstance(held, Wait)
    assert held.until == NOW + timedelta(hours=8)
    assert "1 mail in 48 hours already" in held.why


# --- what holds for everyone -----------------------------------------------------------------------------------

_zones = st.sampled_from(
    [None, "Europe/Oslo", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/Santiago", "no/where"]
)
_moments = st.integers(0, 7 * 365 * 86_400).map(
    lambda seconds: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
_acts = st.builds(
    Engagement,
    kind=st.sampled_from(["clicked", "submitted"]),
    at=_moments,
    template=st.sampled_from(["", "tofu/welcome", "tofu/more"]),
    url=st.sampled_from(["", "https://x.example.com/pricing"]),
    name=st.sampled_from(["", "ebook", "pricing"]),
)
_facts = st.builds(
    Facts,
    lead=st.fixed_dictionaries(
        {
            "score": st.none() | st.integers(-5, 120) | st.text(max_size=3),
            "stage": st.sampled_from([None, "iql", "mql", "sql"]),
            "is_customer": st.sampled_from([None, True, False]),
        }
    ),
    zone=_zones,
    engagements=st.lists(_acts, max_size=4).map(tuple),
    mailed_at=st.lists(_moments, max_size=4).map(tuple),
    caps=st.sampled_from([(), (parse_cap("1 per 48 hours"), parse_cap("2 per 7 days"))]),
    barred=st.sampled_from([None, None, None, "opted out"]),
    on_request=st.booleans(),
    held=st.none() | st.tuples(_moments, st.just("paused")),
    done=st.sets(st.sampled_from(sorted(WALK.steps))).map(frozenset),
    goal_met=st.booleans(),
)
_OFFICE = sequence(
    """
    - wait: 2 business days
    - email: tofu/welcome
    - wait_for: clicked('tofu/welcome')
      at_most: 4 days
    - email: tofu/more
    """,
    window=SendWindow(zone="Europe/Oslo"),
    goal={"when": "lead.stage == 'sql'", "then": "continue"},
    exit=[{"when": "lead.is_customer", "because": "bought"}],
)
_sequences = st.sampled_from([WALK, _OFFICE])


@st.composite
def _situations(draw: st.DrawFn) -> tuple[object, Position, Facts, datetime]:
    one = draw(_sequences)
    step = draw(st.sampled_from([None, "gone", *one.steps]))
    since, entered = draw(_moments), draw(_moments)
    until = draw(st.none() | _moments)
    position = Position(step, since, entered, until, draw(st.sampled_from([None, "3 days"])) if until else None)
    return one, position, draw(_facts), draw(_moments)


@settings(max_examples=400, deadline=None)
@given(_situations())
def test_decide_is_total_and_never_waits_for_the_past(situation) -> None:  # type: ignore[no-untyped-def]
    one, position, facts, now = situation
    answer = decide(one, position, facts, now)
    assert isinstance(answer, Send | Wait | Move | Act | Exit)
    if isinstance(answer, Wait):
        assert answer.until > now
        assert answer.why


@settings(max_examples=300, deadline=None)
@given(_situations())
def test_a_walk_ends_in_a_decision_that_needs_the_world_or_time(situation) -> None:  # type: ignore[no-untyped-def]
    one, position, facts, now = situation
    reached, decision = walk(one, position, facts, now)
    assert not isinstance(decision, Move)
    if isinstance(decision, Send):
        assert reached.step == decision.step.id
        assert not facts.barred


@settings(max_examples=300, deadline=None)
@given(_situations())
def test_no_mail_leaves_outside_the_window_of_the_lead(situation) -> None:  # type: ignore[no-untyped-def]
    one, position, facts, now = situation
    _, decision = walk(one, position, facts, now)
    if isinstance(decision, Send):
        assert is_open(one.send, facts.zone, now)
        assert facts.held is None or facts.held[0] <= now


@settings(max_examples=300, deadline=None)
@given(_situations())
def test_the_explanation_agrees_with_the_decision(situation) -> None:  # type: ignore[no-untyped-def]
    """What is forecast is what is decided when the time comes, if nothing else happens."""
    one, position, facts, now = situation
    told = forecast(one, position, facts, now)
    moment, here = now, position
    for _ in range(60):
        here, decision = walk(one, here, facts, moment)
        if not isinstance(decision, Wait):
            break
        moment = max(decision.until, moment + timedelta(microseconds=1))
    assert (told.decision, told.at) == (decision, moment)
