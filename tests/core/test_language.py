"""The further words of the sequence language: each does what docs/sequences.md says of it."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from nurture.core.cadence import after, is_open, open_at, parse_cap
from nurture.core.chance import chance, pick
from nurture.core.decide import (
    Act,
    Exit,
    Move,
    Position,
    Send,
    Wait,
    decide,
    may_send,
    subject_for,
    unwanted,
    variant_for,
    walk,
)
from nurture.core.facts import Facts
from nurture.core.schema import SendRules
from nurture.core.steps import EmailStep, SendWindow, Sequence, SetStep, SplitStep, TagStep
from nurture.core.timewords import parse_delay
from tests.core.sequences import ALWAYS, sequence

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)  # a Wednesday
DAY = timedelta(days=1)
OSLO = ZoneInfo("Europe/Oslo")


def at(step: str, since: datetime = NOW) -> Position:
    return Position(step, since, since)


def lead(number: int = 1, **fields: object) -> Facts:
    return Facts(lead={"id": number, **fields})


def mail(one: Sequence, step: str = "tofu/welcome") -> EmailStep:
    found = one.steps[step]
    assert isinstance(found, EmailStep)
    return found


SPLIT = """
- split:
    - share: 20%
      steps: [{email: tofu/short}]
    - share: 80%
      steps: [{email: tofu/long}]
- email: tofu/last
"""


def arm(one: Sequence, number: int) -> str | None:
    answer = decide(one, at("start/split-1"), lead(number), NOW)
    assert isinstance(answer, Move)
    return answer.to


def test_a_split_sends_each_share_its_way_and_a_lead_always_the_same() -> None:
    one = sequence(SPLIT)
    arms = [arm(one, number) for number in range(2_000)]
    assert arms == [arm(one, number) for number in range(2_000)]
    assert set(arms) == {"tofu/short", "tofu/long"}
    assert 320 <= arms.count("tofu/short") <= 480  # 400 expected, five standard deviations are 90


def test_a_lead_keeps_its_lot_when_the_file_is_edited_around_the_split() -> None:
    before, edited = sequence(SPLIT), sequence(f"[{{wait: 1 day}}]\n{SPLIT}".split("\n", 1)[1] + "- wait: 3 days\n")
    assert [arm(before, number) for number in range(200)] == [arm(edited, number) for number in range(200)]


def test_a_larger_share_takes_leads_in_and_lets_none_go() -> None:
    few, many = sequence(SPLIT), sequence(SPLIT.replace("20%", "50%").replace("80%", "50%"))
    short = {number for number in range(500) if arm(few, number) == "tofu/short"}
    assert short < {number for number in range(500) if arm(many, number) == "tofu/short"}


def test_an_arm_without_steps_goes_straight_on() -> None:
    one = sequence("[{split: [{share: 50%, steps: []}, {share: 50%, steps: []}]}, {email: tofu/last}]")
    assert {arm(one, number) for number in range(50)} == {"tofu/last"}


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        (("50%", "40%"), "add up to 90%"),
        (("60%", "60%"), "add up to 120%"),
        (("half", "50%"), "'half' is not a share"),
        (("0%", "99%"), "'0%' is not a share"),
        (("99%",), "at least 2"),
    ],
)
def test_shares_make_a_hundred(shares: tuple[str, ...], message: str) -> None:
    arms = ", ".join(f"{{share: '{share}', steps: []}}" for share in shares)
    with pytest.raises(ValidationError, match=message):
        sequence(f"[{{split: [{arms}]}}]")


def test_a_list_of_subjects_is_an_even_test_that_sticks_to_the_lead() -> None:
    one = sequence("[{email: tofu/welcome, subject: [First, Second, Third]}]")
    step = mail(one)
    drawn = [variant_for(one, step, number) for number in range(3_000)]
    assert drawn == [variant_for(one, step, number) for number in range(3_000)]
    assert all(900 <= drawn.count(number) <= 1_100 for number in (1, 2, 3))
    assert {subject_for(one, step, number) for number in range(50)} == {"First", "Second", "Third"}
    assert all(subject_for(one, step, number) == step.subjects[(drawn[number] or 0) - 1] for number in range(50))


def test_one_subject_is_no_test_and_none_leaves_the_mails_own() -> None:
    single, none = sequence("[{email: tofu/welcome, subject: Only}]"), sequence("[{email: tofu/welcome}]")
    assert (variant_for(single, mail(single), 1), subject_for(single, mail(single), 1)) == (None, "Only")
    assert (variant_for(none, mail(none), 1), subject_for(none, mail(none), 1)) == (None, None)


@given(st.integers(), st.text())
def test_chance_is_a_number_from_0_to_1(number: int, text: str) -> None:
    assert 0 <= chance(text, number) < 1
    assert 0 <= pick(7, text, number) < 7
    assert chance(text, number) == chance(text, number)


@pytest.mark.parametrize(
    "step",
    [
        "alert: marketing\n  note: look",
        "set: {industry: food}",
        "tag: warm",
        "webhook: crm",
        "promote: mql",
    ],
)
def test_deeds_are_handed_out_one_at_a_time(step: str) -> None:
    one = sequence(f"- {step}\n- email: tofu/welcome\n")
    first = one.steps[str(one.first)]
    assert decide(one, at(str(one.first)), lead(), NOW) == Act(first)  # type: ignore[arg-type]
    assert first.next == "tofu/welcome"


def test_any_step_can_be_for_some_leads_only() -> None:
    one = sequence("[{tag: warm, when: lead.score >= 40}, {email: tofu/welcome}]")
    assert isinstance(walk(one, at("start/tag-1"), lead(score=50), NOW)[1], Act)
    assert isinstance(walk(one, at("start/tag-1"), lead(score=3), NOW)[1], Send)


def test_what_deeds_say_is_kept() -> None:
    one = sequence("[{set: {lead.industry: food, employees: 80, country: SE}}, {tag: [a, b], remove: true}]")
    assert one.steps["start/set-1"] == SetStep(
        id="start/set-1", next="start/tag-1", values={"industry": "food", "employees": 80, "country": "SE"}
    )
    assert one.steps["start/tag-1"] == TagStep(id="start/tag-1", tags=("a", "b"), remove=True)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ("{industri: food}", "cannot write 'industri', did you mean 'industry'"),
        ("{score: 100}", "cannot write 'score'"),
        ("{stage: sql}", "cannot write 'stage'"),
        ("{employees: many}", "'employees' is a whole number"),
        ("{employees: true}", "'employees' is a whole number"),
        ("{country: Norway}", "two capital letters"),
        ("{language: EN}", "two letters"),
        ("{industry: 3}", "a text of at most 200"),
        ("{}", "at least 1"),
    ],
)
def test_only_what_an_intake_may_write_can_be_set(values: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        sequence(f"[{{set: {values}}}]")


def test_conditions_ask_for_tags() -> None:
    one = sequence("[{wait_for: tagged('warm'), at_most: 7 days}, {email: tofu/welcome}]")
    cold, warm = Facts(), Facts(tags=frozenset({"warm"}))
    assert isinstance(decide(one, at("start/wait-for-1"), cold, NOW), Wait)
    assert decide(one, at("start/wait-for-1"), warm, NOW) == Move("tofu/welcome", NOW, "tagged('warm'): yes")


TOPIC = "[{email: tofu/welcome, topic: news}, {email: tofu/other}]"


def test_a_declined_topic_skips_the_mail_and_no_other() -> None:
    one = sequence(TOPIC)
    declined = Facts(refused=frozenset({"news"}))
    _, answer = walk(one, at("tofu/welcome"), declined, NOW)
    assert answer == Send(mail(one, "tofu/other"))
    assert isinstance(decide(one, at("tofu/welcome"), Facts(refused=frozenset({"tips"})), NOW), Send)


def test_the_topic_of_a_sequence_is_that_of_its_mails_unless_they_have_their_own() -> None:
    one = sequence(TOPIC, topic="tips")
    assert (mail(one).topic, mail(one, "tofu/other").topic) == ("news", "tips")


@pytest.mark.parametrize(
    ("template", "received", "had"),
    [
        ("tofu/welcome", {"tofu/welcome"}, True),
        ("tofu/welcome", {"mofu/welcome"}, False),
        ("welcome", {"mofu/welcome"}, True),
        ("welcome", {"mofu/welcome-again"}, False),
        ("welcome", set(), False),
    ],
)
def test_once_means_once_in_the_life_of_a_lead(template: str, received: set[str], had: bool) -> None:
    one = sequence(f"[{{email: {template}, once: true}}]")
    facts = Facts(received=frozenset(received))
    assert (unwanted(mail(one, template), facts) is not None) is had
    assert isinstance(decide(one, at(template), facts, NOW), Move if had else Send)


def test_a_mail_that_was_asked_for_passes_caps_and_hours_but_no_bar() -> None:
    one = sequence("[{email: tofu/welcome, transactional: true}]", window=SendWindow(zone="Europe/Oslo"))
    night = datetime(2026, 3, 8, 2, 0, tzinfo=UTC)
    capped = Facts(caps=(parse_cap("1 per 48 hours"),), mailed_at=(night,))
    assert may_send(one, mail(one), capped, night) == Send(mail(one))
    assert may_send(one, mail(one), Facts(barred="opted out"), night) == Exit("opted out")
    held = Facts(held=(night + timedelta(days=9), "paused"), barred="no legal ground", on_request=True)
    assert may_send(one, mail(one), held, night) == Send(mail(one))


def test_a_barred_lead_gets_what_it_asked_for_past_what_is_noted_first_and_nothing_else() -> None:
    one = sequence("[{tag: back}, {email: tofu/asked, transactional: true}, {email: tofu/more}]")
    asked = Facts(barred="no legal ground", on_request=True)
    tag = one.first or ""
    assert isinstance(decide(one, at(tag), asked, NOW), Act)
    assert decide(one, at("tofu/asked"), asked, NOW) == Send(mail(one, "tofu/asked"))
    assert decide(one, at("tofu/more"), asked, NOW) == Exit("no legal ground")
    for step in (tag, "tofu/asked", "tofu/more"):
        assert decide(one, at(step), Facts(barred="opted out"), NOW) == Exit("opted out")


def test_a_held_mail_goes_when_the_hold_ends_and_the_window_is_open() -> None:
    one = sequence("[{email: tofu/welcome}]")
    until = NOW + timedelta(days=3)
    answer = decide(one, at("tofu/welcome"), Facts(held=(until, "paused by the reader")), NOW)
    assert answer == Wait(until, "paused by the reader")
    assert decide(one, at("tofu/welcome"), Facts(held=(NOW, "paused by the reader")), NOW) == Send(mail(one))


def test_a_stale_mail_is_skipped_with_its_reason() -> None:
    one = sequence("[{email: tofu/welcome, stale_after: 72 hours}, {email: tofu/other}]")
    assert isinstance(decide(one, at("tofu/welcome", NOW - 3 * DAY), Facts(), NOW), Send)
    late = decide(one, at("tofu/welcome", NOW - 3 * DAY), Facts(), NOW + timedelta(seconds=1))
    assert isinstance(late, Move)
    assert (late.to, late.why) == ("tofu/other", "skipped: it could not go out within 72 hours")


def test_a_mail_that_a_cap_would_make_stale_is_skipped_at_once() -> None:
    one = sequence("[{email: tofu/welcome, stale_after: 1 day}]")
    capped = Facts(caps=(parse_cap("1 per 48 hours"),), mailed_at=(NOW - timedelta(hours=1),))
    assert isinstance(decide(one, at("tofu/welcome"), capped, NOW), Move)
    soon = Facts(caps=(parse_cap("1 per 48 hours"),), mailed_at=(NOW - timedelta(hours=40),))
    assert isinstance(decide(one, at("tofu/welcome"), soon, NOW), Wait)


def test_the_limit_of_a_sequence_is_a_cap_of_its_own() -> None:
    one = sequence("[{email: tofu/welcome}]", send={"limit": ["1 per day", "4 per month"]})
    assert [cap.text for cap in one.limits] == ["1 per 1 day", "4 per 1 month"]
    mailed = Facts(mailed_at=(NOW - timedelta(hours=20),))
    answer = may_send(one, mail(one), mailed, NOW)
    assert isinstance(answer, Wait)
    assert answer.until == NOW + timedelta(hours=4)


def test_holidays_of_the_leads_country_are_no_sending_days() -> None:
    window = SendWindow(zone="Europe/Oslo", skip_holidays=True)
    constitution_day = datetime(2028, 5, 17, 9, 30, tzinfo=OSLO).astimezone(UTC)  # a Wednesday
    opens, why = open_at(window, None, constitution_day, "NO")
    assert opens == datetime(2028, 5, 18, 9, 0, tzinfo=OSLO).astimezone(UTC)
    assert why == "Wed 17 May is Constitution Day in NO; next is Thu 18 May 09:00 Oslo"
    for country in ("DK", None, "XX", "no-such"):
        assert open_at(window, None, constitution_day, country) == (constitution_day, "")
    assert is_open(SendWindow(zone="Europe/Oslo"), None, constitution_day, "NO")


def test_days_the_company_is_closed_are_no_sending_days() -> None:
    window = SendWindow(zone="Europe/Oslo", closed=frozenset({"12-24", "2026-12-23"}))
    for day, open_ in ((22, True), (23, False), (24, False)):
        assert is_open(window, None, datetime(2026, 12, day, 10, 0, tzinfo=OSLO)) is open_
    assert is_open(window, None, datetime(2027, 12, 23, 10, 0, tzinfo=OSLO))
    assert not is_open(window, None, datetime(2027, 12, 24, 10, 0, tzinfo=OSLO))


def test_business_days_skip_holidays_and_closed_days() -> None:
    window = SendWindow(skip_holidays=True, closed=frozenset({"2026-04-07"}))
    wednesday = datetime(2026, 4, 1, 10, 0, tzinfo=OSLO)  # before Easter: Thursday to Monday are holidays in Norway
    done = after(parse_delay("1 business day"), wednesday.astimezone(UTC), "Europe/Oslo", window, "NO")
    assert done.astimezone(OSLO) == datetime(2026, 4, 8, 10, 0, tzinfo=OSLO)


@pytest.mark.parametrize(
    ("delay", "start", "end"),
    [
        ("1 month", "2026-01-31T09:00", "2026-02-28T09:00"),
        ("1 month", "2028-01-31T09:00", "2028-02-29T09:00"),
        ("13 months", "2026-12-15T09:00", "2028-01-15T09:00"),
        ("90 seconds", "2026-03-29T00:59:00", "2026-03-29T01:00:30"),
    ],
)
def test_time_words_from_seconds_to_months(delay: str, start: str, end: str) -> None:
    begun = datetime.fromisoformat(start).replace(tzinfo=UTC)
    assert after(parse_delay(delay), begun, "UTC") == datetime.fromisoformat(end).replace(tzinfo=UTC)


def test_what_waited_for_the_hours_goes_out_spread_over_time() -> None:
    one = sequence(
        "[{email: tofu/welcome}]",
        window=SendWindow(zone="Europe/Oslo", spread=parse_delay("15 minutes")),  # type: ignore[arg-type]
    )
    night = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)
    opening = datetime(2026, 3, 4, 9, 0, tzinfo=OSLO).astimezone(UTC)
    moments = []
    for number in range(300):
        answer = may_send(one, mail(one), lead(number), night)
        assert isinstance(answer, Wait)
        assert may_send(one, mail(one), lead(number), answer.until) == Send(mail(one))
        moments.append(answer.until)
    assert opening <= min(moments) and max(moments) < opening + timedelta(minutes=15)
    assert len(set(moments)) == 15
    assert may_send(one, mail(one), lead(1), opening + timedelta(hours=2)) == Send(mail(one))


def test_the_spread_never_leaves_the_hours() -> None:
    window = SendWindow(start=time(9), end=time(9, 5), spread=parse_delay("2 hours"))  # type: ignore[arg-type]
    night = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)
    for lot in (0, 0.01, 0.5, 0.99):
        opens, _ = open_at(window, None, night, None, lot)
        assert is_open(window, None, opens)


@pytest.mark.parametrize("day", ["24 December", "2026-13-01", "02-30", "2026-02-29", ""])
def test_closed_days_are_days(day: str) -> None:
    with pytest.raises(ValidationError, match="is not a day"):
        SendRules.model_validate({"closed": [day]})


def test_send_rules_of_a_sequence_complete_those_of_the_project() -> None:
    project = SendRules.model_validate({"holidays": "skip", "closed": ["12-24"], "spread": "15 minutes"})
    default = project.window(ALWAYS)
    assert (default.skip_holidays, default.closed, default.days) == (True, frozenset({"12-24"}), ALWAYS.days)
    own = SendRules.model_validate({"holidays": "send", "closed": []}).window(default)
    assert (own.skip_holidays, own.closed, own.spread) == (False, frozenset(), default.spread)


@pytest.mark.parametrize("priority", [0, 10, "high", 2.5])
def test_priorities_go_from_1_to_9(priority: object) -> None:
    with pytest.raises(ValidationError):
        sequence("[{wait: 1 day}]", priority=priority)


def test_the_head_says_priority_and_pause() -> None:
    one = sequence("[{wait: 1 day}]", priority=2, paused=True)
    assert (one.priority, one.paused) == (2, True)
    plain = sequence("[{wait: 1 day}]")
    assert (plain.priority, plain.paused, plain.limits) == (5, False, ())


def test_a_split_is_drawn_whatever_the_lead() -> None:
    one = sequence(SPLIT)
    split = one.steps["start/split-1"]
    assert isinstance(split, SplitStep)
    assert isinstance(decide(one, at(split.id), Facts(), NOW), Move)
