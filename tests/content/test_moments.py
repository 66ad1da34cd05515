"""Moments of a sequence test: what they mean on the wall clock, and what is not understood."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from nurture.content.moments import parse_moment, parse_start, parse_time

THURSDAY = datetime(2026, 3, 5, 10, 30, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["thu", "Thursday", "10:30", "thu 10:30", "5 mar", "5 March 10:30", "thu 5 mar 10:30", "2026-03-05",
     "  Thu  2026-03-05   10:30 "],
)  # fmt: skip
def test_a_moment_means_every_time_that_fits_all_it_says(text: str) -> None:
    assert parse_moment(text).fits(THURSDAY)


@pytest.mark.parametrize(
    "text", ["fri", "10:31", "10:29", "thu 09:30", "6 mar", "5 apr", "2025-03-05", "2026-03-05 11:30"]
)
def test_and_no_other(text: str) -> None:
    assert not parse_moment(text).fits(THURSDAY)


def test_where_mail_is_spread_over_some_time_a_moment_may_be_as_much_later() -> None:
    spread = timedelta(minutes=20)
    assert parse_moment("10:10").fits(THURSDAY, spread)
    assert not parse_moment("10:09").fits(THURSDAY, spread)
    assert not parse_moment("10:31").fits(THURSDAY, spread)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is not a moment"),
        ("at nine", "is not a moment"),
        ("tomorow", "'tomorow' is no day of the week"),
        ("mon 2026-03-05", "that day is a thursday"),
        ("30 feb", "there is no such day"),
        ("2026-02-29", "there is no such day"),
        ("5 mai", "'mai' is no month"),
        ("24:00", "24:00 is no time of day"),
        ("9:7", "is not a moment"),
    ],
)
def test_what_is_no_moment_is_told_so(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_moment(text)


def test_a_start_is_a_date_and_a_time_and_an_event_needs_its_time_of_day() -> None:
    with pytest.raises(ValueError, match="is no date with a time of day"):
        parse_start("mon 09:00")
    with pytest.raises(ValueError, match="has no time of day"):
        parse_time("mon")


def test_a_moment_is_that_of_the_zone_across_a_change_of_clocks() -> None:
    assert parse_start("2026-03-28 09:00").on("Europe/Oslo") == datetime(2026, 3, 28, 8, 0, tzinfo=UTC)
    assert parse_start("2026-03-30 09:00").on("Europe/Oslo") == datetime(2026, 3, 30, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("09:00", datetime(2026, 3, 4, 8, 0, tzinfo=UTC)),
        ("tue 09:00", datetime(2026, 3, 10, 8, 0, tzinfo=UTC)),
        ("tue 10:30", datetime(2026, 3, 3, 9, 30, tzinfo=UTC)),
        ("1 apr 09:00", datetime(2026, 4, 1, 7, 0, tzinfo=UTC)),
        ("2026-05-04 09:00", datetime(2026, 5, 4, 7, 0, tzinfo=UTC)),
        ("sun 29 feb 09:00", datetime(2032, 2, 29, 8, 0, tzinfo=UTC)),
    ],
)
def test_an_event_happens_at_the_first_such_moment_from_then_on(text: str, moment: datetime) -> None:
    tuesday = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
    assert parse_time(text).next_after(tuesday, "Europe/Oslo") == moment
