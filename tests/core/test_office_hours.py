"""Business hours: promised times over nights, weekends, public holidays and changes of the clocks."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.core.cadence import is_open
from nurture.core.office_hours import deadline, worked, working_day
from nurture.core.sales import Hours
from nurture.core.steps import SendWindow
from nurture.core.timewords import MIDNIGHT

OFFICE = SendWindow(skip_holidays=True)
ZONES = ["Europe/Oslo", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/Santiago", "UTC"]
FIRST = datetime(2025, 1, 1, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "country", "start", "span", "due"),
    [
        pytest.param("Europe/Oslo", "NO", "2026-11-24 09:00", 4 * HOUR, "2026-11-24 13:00", id="within a day"),
        pytest.param("Europe/Oslo", "NO", "2026-11-24 08:00", 8 * HOUR, "2026-11-24 16:00", id="to the end of the day"),
        pytest.param("Europe/Oslo", "NO", "2026-11-24 15:58", 5 * MINUTE, "2026-11-25 08:03", id="over a night"),
        pytest.param("Europe/Oslo", "NO", "2026-11-24 02:13", 5 * MINUTE, "2026-11-24 08:05", id="from opening"),
        pytest.param("Europe/Oslo", "NO", "2026-11-27 15:00", 4 * HOUR, "2026-11-30 11:00", id="over a weekend"),
        pytest.param("Europe/Oslo", "NO", "2026-12-24 15:00", 4 * HOUR, "2026-12-28 11:00", id="over Christmas"),
        pytest.param("Europe/Oslo", "SE", "2027-01-05 15:00", 4 * HOUR, "2027-01-07 11:00", id="a holiday of Sweden"),
        pytest.param("Europe/Oslo", None, "2026-12-24 15:00", 4 * HOUR, "2026-12-25 11:00", id="unknown country"),
        pytest.param("Asia/Kolkata", "IN", "2026-11-25 11:00", 1 * HOUR, "2026-11-26 04:00", id="half-hour zone"),
        pytest.param("Europe/Oslo", "NO", "2026-03-27 15:00", 4 * HOUR, "2026-03-30 10:00", id="clocks go forward"),
        pytest.param("Europe/Oslo", "NO", "2026-10-23 14:00", 4 * HOUR, "2026-10-26 11:00", id="clocks go back"),
        pytest.param("Europe/Oslo", "NO", "2026-11-28 12:00", 0 * HOUR, "2026-11-30 08:00", id="when it opens"),
    ],
)
def test_a_promise_is_due_after_its_business_hours(
    zone: str, country: str | None, start: str, span: timedelta, due: str
) -> None:
    assert deadline(OFFICE, zone, country, utc(start), span) == utc(due)
    assert worked(OFFICE, zone, country, utc(start), utc(due)) == span


def test_a_night_shift_on_the_day_the_clocks_change_is_as_long_as_it_really_is() -> None:
    night = SendWindow(frozenset(range(7)), time(0), time(6))
    assert worked(night, "Europe/Oslo", None, utc("2026-03-28 22:00"), utc("2026-03-29 22:00")) == 5 * HOUR
    assert worked(night, "Europe/Oslo", None, utc("2026-10-24 22:00"), utc("2026-10-25 22:00")) == 7 * HOUR


def test_hours_that_a_change_of_the_clocks_swallows_whole_are_none() -> None:
    early = SendWindow(frozenset({6}), time(2), time(3))
    assert working_day(early, "Europe/Oslo", None, utc("2026-03-28 12:00"), 0) == utc("2026-04-05 00:00")


def test_hours_until_midnight_are_kept_as_they_were_agreed() -> None:
    """What is stored of an agreement is read again."""
    late = Hours.model_validate({"between": "22:00-24:00"})
    assert late.model_dump(mode="json")["between"] == "22:00-24:00"
    assert deadline(late.window("UTC"), None, None, utc("2026-11-24 12:00"), 2 * HOUR) == utc("2026-11-25 00:00")


def test_days_off_of_the_agreement_count_like_public_holidays() -> None:
    window = SendWindow(closed=frozenset({"12-31", "2026-11-25"}))
    assert deadline(window, None, None, utc("2026-11-24 16:00"), 2 * HOUR) == utc("2026-11-26 10:00")
    assert deadline(window, None, None, utc("2026-12-30 16:00"), 2 * HOUR) == utc("2027-01-01 10:00")


def test_a_calendar_without_any_working_day_counts_every_hour() -> None:
    never = SendWindow(days=frozenset())
    assert deadline(never, None, None, FIRST, 4 * HOUR) == FIRST + 4 * HOUR
    assert worked(never, None, None, FIRST, FIRST + 4 * HOUR) == timedelta()
    assert working_day(never, None, None, FIRST, 2) == FIRST + timedelta(days=2)


@pytest.mark.parametrize(
    ("number", "begins"), [(0, "2026-11-26 10:00"), (1, "2026-11-27 08:00"), (2, "2026-11-30 08:00")]
)
def test_working_days_are_counted_from_the_day_itself(number: int, begins: str) -> None:
    assert working_day(OFFICE, "Europe/Oslo", "NO", utc("2026-11-26 10:00"), number) == utc(begins)


_windows = st.builds(
    lambda days, quarters: SendWindow(
        days,
        *(MIDNIGHT if quarter == 96 else time(quarter // 4, quarter % 4 * 15) for quarter in sorted(quarters)),
        skip_holidays=True,
    ),
    st.frozensets(st.integers(0, 6), min_size=1),
    st.lists(st.integers(0, 96), min_size=2, max_size=2, unique=True),
)
_moments = st.integers(0, 3 * 365 * 24 * 60).map(lambda minutes: FIRST + minutes * MINUTE)
_spans = st.integers(0, 100 * 60).map(lambda minutes: minutes * MINUTE)
_countries = st.sampled_from(["NO", "US", "IN", None])


@given(_windows, st.sampled_from(ZONES), _countries, _moments, _spans)
def test_what_is_due_after_a_span_is_due_when_exactly_that_was_worked(
    window: SendWindow, zone: str, country: str | None, start: datetime, span: timedelta
) -> None:
    due = deadline(window, zone, country, start, span)
    assert worked(window, zone, country, start, due) == span


@given(_windows, st.sampled_from(ZONES), _countries, _moments, _spans, _spans)
def test_a_later_start_and_a_longer_span_are_never_due_earlier(
    window: SendWindow, zone: str, country: str | None, start: datetime, span: timedelta, more: timedelta
) -> None:
    due = deadline(window, zone, country, start, span)
    assert due >= start + span
    assert deadline(window, zone, country, start, span + more) >= due + more
    assert deadline(window, zone, country, start + more, span) >= due


@given(_windows, st.sampled_from(["Europe/Oslo", "Asia/Kolkata", "UTC"]), _countries, _moments, _spans)
def test_a_promise_is_due_while_somebody_works(
    window: SendWindow, zone: str, country: str | None, start: datetime, span: timedelta
) -> None:
    """The closing moment itself is the end of a day's work, so look at the minute before."""
    due = deadline(window, zone, country, start, span)
    moment = due - MINUTE if span else due
    # where the clocks go back over the closing time, the hour that comes twice counts once
    inside = is_open(window, zone, moment, country)
    assert inside or worked(window, zone, country, moment, due) == MINUTE


@given(_windows, st.sampled_from(ZONES), _moments, _spans, _spans)
def test_business_hours_add_up(
    window: SendWindow, zone: str, start: datetime, first: timedelta, second: timedelta
) -> None:
    middle, end = start + first, start + first + second
    parts = worked(window, zone, None, start, middle) + worked(window, zone, None, middle, end)
    assert parts == worked(window, zone, None, start, end)
