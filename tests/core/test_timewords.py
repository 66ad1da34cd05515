"""Time as marketers write it, and what they are told when it cannot be read."""

from __future__ import annotations

import re
from datetime import time

import pytest

from nurture.core.cadence import Cap, parse_cap
from nurture.core.steps import After, Delay, Until
from nurture.core.timewords import MIDNIGHT, clock_text, parse_days, parse_delay, parse_hours, parse_span, parse_zone


@pytest.mark.parametrize(
    ("text", "delay"),
    [
        ("3 days", After(3, "days", "3 days")),
        ("1 day", After(1, "days", "1 day")),
        ("2 business days", After(2, "business days", "2 business days")),
        ("1 business day", After(1, "business days", "1 business day")),
        ("90 minutes", After(90, "minutes", "90 minutes")),
        ("4 hours", After(4, "hours", "4 hours")),
        ("2 weeks", After(2, "weeks", "2 weeks")),
        ("  2   Weeks ", After(2, "weeks", "2 weeks")),  # blanks and capitals do not matter
        ("until tuesday 10:00", Until(1, time(10), "until tuesday 10:00")),
        ("until Tue 9:30", Until(1, time(9, 30), "until tue 9:30")),
        ("until 10:00", Until(None, time(10), "until 10:00")),
    ],
)
def test_a_delay_is_read_as_it_is_spoken(text: str, delay: Delay) -> None:
    assert parse_delay(text) == delay


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("3 dasy", "'3 days'"),
        ("3", "'3 days'"),
        ("", "'3 days'"),
        ("0 days", "'3 days'"),  # a wait of nothing is a step too many
        ("-1 days", "'3 days'"),
        ("1.5 days", "'3 days'"),
        ("99999 weeks", "'3 days'"),  # would leave the calendar
        ("three days", "'3 days'"),
        ("until", "'until tuesday 10:00'"),
        ("until tuesday", "'until tuesday 10:00'"),
        ("until tusday 10:00", "did you mean 'tuesday'?"),
        ("until 24:00", "hours go from 00 to 23"),
        ("until 10:75", "minutes from 00 to 59"),
    ],
)
def test_a_delay_that_cannot_be_read_is_refused_with_an_example(text: str, hint: str) -> None:
    with pytest.raises(ValueError, match=re.escape(hint)):
        parse_delay(text)


def test_a_span_has_a_length_and_no_end() -> None:
    assert parse_span("45 days") == After(45, "days", "45 days")
    with pytest.raises(ValueError, match="30 days"):
        parse_span("until 10:00")


@pytest.mark.parametrize("text", ["09:00-16:30", "9:00 - 16:30"])
def test_hours_are_two_times_with_a_dash(text: str) -> None:
    assert parse_hours(text) == (time(9), time(16, 30))


@pytest.mark.parametrize("text", ["22:00-24:00", "00:00-24:00", "09:30-17:00"])
def test_hours_may_last_until_midnight_and_are_told_as_they_were_written(text: str) -> None:
    start, end = parse_hours(text)
    assert (end == MIDNIGHT) is text.endswith("24:00")
    assert f"{clock_text(start)}-{clock_text(end)}" == text


@pytest.mark.parametrize(
    "text",
    ["9 to 5", "09:00", "16:00-09:00", "09:00-09:00", "09:00-25:00", "09:00-24:01", "24:00-24:00", "24:00-09:00", ""],
)
def test_hours_that_make_no_span_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"09:00-16:30|hours go from"):
        parse_hours(text)


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("weekdays", {0, 1, 2, 3, 4}),
        ("every day", set(range(7))),
        ("mon-thu", {0, 1, 2, 3}),
        ("fri-mon", {4, 5, 6, 0}),  # over the weekend
        ("wednesday", {2}),
        (["mon", "Tuesday", "wed"], {0, 1, 2}),
        (["mon-tue", "sat"], {0, 1, 5}),
    ],
)
def test_days_are_words_a_range_or_a_list(words: str | list[str], days: set[int]) -> None:
    assert parse_days(words) == days


@pytest.mark.parametrize("words", ["", "tuu", [], "mon-", ["mon", "xyz"]])
def test_days_that_do_not_exist_are_refused(words: str | list[str]) -> None:
    with pytest.raises(ValueError, match=r"weekdays|did you mean"):
        parse_days(words)


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("lead or Europe/Oslo", ("Europe/Oslo", True)),
        ("Europe/Oslo", ("Europe/Oslo", False)),
        ("UTC", ("UTC", False)),
    ],
)
def test_a_time_zone_is_for_everyone_or_for_leads_without_one(text: str, zone: tuple[str, bool]) -> None:
    assert parse_zone(text) == zone


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("lead", "lead or Europe/Oslo"),  # what about leads without a known zone?
        ("lead or Europe/Olso", "did you mean 'Europe/Oslo'?"),
        ("Oslo", "did you mean 'Europe/Oslo'?"),
        ("lead or new_york", "did you mean 'America/New_York'?"),
        ("../../etc/passwd", "not a time zone"),
        ("", "not a time zone"),
    ],
)
def test_a_time_zone_that_does_not_exist_is_refused(text: str, hint: str) -> None:
    with pytest.raises(ValueError, match=re.escape(hint)):
        parse_zone(text)


def test_a_cap_counts_mails_per_span() -> None:
    assert parse_cap("2 per 7 days") == Cap(2, After(7, "days", "7 days"), "2 per 7 days")


@pytest.mark.parametrize("text", ["2", "two per week", "0 per 7 days", "2 per", "2 per 7", "2 per 3 business days"])
def test_a_cap_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="days"):
        parse_cap(text)
