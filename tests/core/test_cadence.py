"""When a wait is over and when mail may go out, over weekends, nights and changes of the clocks."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.core.cadence import after, frequency_cap, is_open, local, open_at, parse_cap, zone_for
from nurture.core.office_hours import deadline, worked
from nurture.core.steps import SendWindow
from nurture.core.timewords import MIDNIGHT, parse_delay

ZONES = [
    "Europe/Oslo",
    "America/New_York",
    "Asia/Kolkata",  # half an hour
    "Australia/Lord_Howe",  # clocks change by half an hour
    "Africa/Casablanca",  # clocks change around Ramadan
    "America/Santiago",  # clocks change at midnight
    "UTC",
]
FIRST, LAST = datetime(2024, 1, 1, tzinfo=UTC), datetime(2030, 12, 31, tzinfo=UTC)


def _changes(zone: str) -> list[datetime]:
    """The hours in which the clocks of `zone` change."""
    place = ZoneInfo(zone)
    hours = [FIRST + timedelta(hours=6 * number) for number in range((LAST - FIRST).days * 4)]
    offsets = [hour.astimezone(place).utcoffset() for hour in hours]
    return [hour for hour, before, now in zip(hours[1:], offsets, offsets[1:], strict=False) if before != now]


CHANGES = {zone: _changes(zone) or [FIRST] for zone in ZONES}


@st.composite
def _zones_and_moments(draw: st.DrawFn) -> tuple[str, datetime]:
    """Any moment of seven years, and often one near a change of the clocks."""
    zone = draw(st.sampled_from(ZONES))
    if draw(st.booleans()):
        return zone, draw(st.sampled_from(CHANGES[zone])) + timedelta(seconds=draw(st.integers(-90_000, 90_000)))
    return zone, FIRST + timedelta(seconds=draw(st.integers(0, int((LAST - FIRST).total_seconds()))))


@st.composite
def _windows(draw: st.DrawFn) -> SendWindow:
    start, end = sorted(draw(st.lists(st.integers(0, 96), min_size=2, max_size=2, unique=True)))
    days = draw(st.frozensets(st.integers(0, 6), min_size=1))
    return SendWindow(days, _quarter(start), _quarter(end))


def _quarter(number: int) -> time:
    return MIDNIGHT if number == 96 else time(number // 4, number % 4 * 15)


@given(_windows(), _zones_and_moments())
def test_mail_goes_out_inside_the_window_whatever_the_moment(
    window: SendWindow, zone_and_moment: tuple[str, datetime]
) -> None:
    zone, moment = zone_and_moment
    opening, why = open_at(window, zone, moment)
    wall = opening.astimezone(ZoneInfo(zone))
    assert opening >= moment
    assert wall.weekday() in window.days
    assert window.start <= wall.time().replace(fold=0) < window.end
    assert (why == "") == (opening == moment) == is_open(window, zone, moment)


@given(_windows(), _zones_and_moments())
def test_a_moment_inside_the_window_stays_as_it_is(window: SendWindow, zone_and_moment: tuple[str, datetime]) -> None:
    zone, moment = zone_and_moment
    opening, _ = open_at(window, zone, moment)
    assert open_at(window, zone, opening) == (opening, "")


@given(_windows(), _zones_and_moments(), st.integers(0, 200_000))
def test_whoever_is_due_later_never_goes_out_earlier(
    window: SendWindow, zone_and_moment: tuple[str, datetime], seconds: int
) -> None:
    zone, moment = zone_and_moment
    later = moment + timedelta(seconds=seconds)
    assert open_at(window, zone, moment)[0] <= open_at(window, zone, later)[0]


@given(_windows(), _zones_and_moments(), st.integers(0, 4 * 24 * 7))
def test_nothing_inside_the_window_is_passed_over(
    window: SendWindow, zone_and_moment: tuple[str, datetime], quarters: int
) -> None:
    zone, moment = zone_and_moment
    between = moment + timedelta(minutes=15 * quarters)
    opening, _ = open_at(window, zone, moment)
    assert between >= opening or not is_open(window, zone, between)


@pytest.mark.parametrize(
    ("zone", "opens", "shuts"),
    [
        ("Europe/Oslo", "2026-03-28T21:00", "2026-03-28T23:00"),  # the night in which the clocks go forward
        ("Europe/Oslo", "2026-10-25T21:00", "2026-10-25T23:00"),  # and the day on which they went back
        ("America/Santiago", "2026-09-06T02:00", "2026-09-06T04:00"),  # 24:00 is 01:00 at once
        ("America/Santiago", "2026-04-05T01:00", "2026-04-05T04:00"),  # 23:00 to 24:00 comes twice
    ],
)
def test_a_window_that_ends_at_midnight_is_open_to_the_last_moment_of_the_day(
    zone: str, opens: str, shuts: str
) -> None:
    late = SendWindow(frozenset(range(7)), time(22), MIDNIGHT)
    step = timedelta(microseconds=1)
    for moment, is_in in [(_utc(opens), True), (_utc(opens) - step, False), (_utc(shuts) - step, True)]:
        assert is_open(late, zone, moment) is is_in
    assert not is_open(late, zone, _utc(shuts))
    assert worked(late, zone, None, _utc(opens), _utc(shuts) + timedelta(hours=9)) == _utc(shuts) - _utc(opens)


def test_round_the_clock_no_moment_is_outside() -> None:
    always = SendWindow(frozenset(range(7)), time(0), MIDNIGHT)
    for moment in (FIRST, FIRST - timedelta(microseconds=1), *CHANGES["America/Santiago"]):
        assert open_at(always, "America/Santiago", moment) == (moment, "")
    assert deadline(always, None, None, FIRST, timedelta(days=3)) == FIRST + timedelta(days=3)


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("delay", "start", "zone", "end"),
    [
        # hours and minutes are exact, also over a change of the clocks
        ("4 hours", "2026-03-28T23:00", "Europe/Oslo", "2026-03-29T03:00"),
        ("90 minutes", "2026-11-20T10:00", "Europe/Oslo", "2026-11-20T11:30"),
        # days keep the time on the wall: 10:00 before and after the clocks go forward
        ("3 days", "2026-03-27T09:00", "Europe/Oslo", "2026-03-30T08:00"),
        ("2 weeks", "2026-10-20T08:00", "Europe/Oslo", "2026-11-03T09:00"),
        # 02:30 does not exist on 29 March: the first moment after the gap
        ("1 day", "2026-03-28T01:30", "Europe/Oslo", "2026-03-29T01:00"),
        # 02:30 comes twice on 25 October: its first pass
        ("1 day", "2026-10-24T00:30", "Europe/Oslo", "2026-10-25T00:30"),
        # half an hour is skipped on Lord Howe: 02:10 becomes 02:30
        ("1 day", "2026-10-02T15:40", "Australia/Lord_Howe", "2026-10-03T15:30"),
        # midnight does not exist on that day in Santiago: 01:00
        ("1 day", "2026-09-05T04:00", "America/Santiago", "2026-09-06T04:00"),
        # business days skip the weekend
        ("1 business day", "2026-11-20T09:00", "Europe/Oslo", "2026-11-23T09:00"),
        ("2 business days", "2026-11-21T09:00", "Europe/Oslo", "2026-11-24T09:00"),  # from a Saturday
        ("5 business days", "2026-11-21T09:00", "Europe/Oslo", "2026-11-27T09:00"),
        ("5 business days", "2026-11-23T09:00", "Europe/Oslo", "2026-11-30T09:00"),
        ("11 business days", "2026-11-23T09:00", "Europe/Oslo", "2026-12-08T09:00"),
        # the next such time, strictly later
        ("until 10:00", "2026-11-23T08:59", "Europe/Oslo", "2026-11-23T09:00"),
        ("until 10:00", "2026-11-23T09:00", "Europe/Oslo", "2026-11-24T09:00"),
        ("until tuesday 10:00", "2026-11-23T12:00", "Europe/Oslo", "2026-11-24T09:00"),
        ("until tuesday 10:00", "2026-11-24T09:00", "Europe/Oslo", "2026-12-01T09:00"),
        ("until 02:30", "2026-10-25T00:45", "Europe/Oslo", "2026-10-26T01:30"),  # its second pass is not another one
        # a zone nobody knows is UTC
        ("1 day", "2026-11-23T09:00", "Mars/Base", "2026-11-24T09:00"),
    ],
)
def test_a_wait_ends_at(delay: str, start: str, zone: str, end: str) -> None:
    assert after(parse_delay(delay), _utc(start), zone) == _utc(end)


@given(
    st.integers(1, 60),
    st.integers(0, 2000).map(lambda days: FIRST + timedelta(days=days, hours=9)),
    st.frozensets(st.integers(0, 6), min_size=1),
)
def test_business_days_are_counted_one_by_one(count: int, start: datetime, days: frozenset[int]) -> None:
    end = after(parse_delay(f"{count} business days"), start, "UTC", SendWindow(days))
    passed = [
        (start + timedelta(days=number)).weekday() in days for number in range(1, (end.date() - start.date()).days + 1)
    ]
    assert sum(passed) == count
    assert passed[-1]


@pytest.mark.parametrize(
    "text", ["3 days", "2 business days", "1 week", "until 02:30", "until sunday 02:15", "5 hours"]
)
@given(zone_and_moment=_zones_and_moments())
def test_a_wait_always_moves_forward(text: str, zone_and_moment: tuple[str, datetime]) -> None:
    zone, moment = zone_and_moment
    assert after(parse_delay(text), moment, zone) > moment


WINDOW = SendWindow(frozenset(range(5)), time(9), time(16, 30), "Europe/Oslo")


@pytest.mark.parametrize(
    ("moment", "zone", "why"),
    [
        ("2026-11-24T09:00", "Europe/Oslo", ""),
        ("2026-11-21T10:00", "Europe/Oslo", "Sat 21 Nov is not a sending day; next is Mon 23 Nov 09:00 Oslo"),
        ("2026-11-23T17:40", "Europe/Oslo", "18:40 Oslo is past 16:30; next is Tue 24 Nov 09:00 Oslo"),
        ("2026-11-23T06:10", "Europe/Oslo", "07:10 Oslo is before 09:00; next is Mon 23 Nov 09:00 Oslo"),
        ("2026-11-23T12:00", "America/New_York", "07:00 New York is before 09:00; next is Mon 23 Nov 09:00 New York"),
        ("2026-11-23T17:40", None, "18:40 Oslo is past 16:30; next is Tue 24 Nov 09:00 Oslo"),
        ("2026-11-23T17:40", "Mars/Base", "18:40 Oslo is past 16:30; next is Tue 24 Nov 09:00 Oslo"),
    ],
)
def test_a_send_time_comes_with_its_reason(moment: str, zone: str | None, why: str) -> None:
    assert open_at(WINDOW, zone, _utc(moment))[1] == why


def test_a_window_with_one_zone_for_everyone_ignores_the_lead() -> None:
    window = SendWindow(zone="Europe/Oslo", lead_zone=False)
    assert zone_for(window, "America/New_York") == "Europe/Oslo"
    assert is_open(window, "America/New_York", _utc("2026-11-24T09:00"))


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("Europe/Oslo", "Tue 24 Nov 09:00 Oslo"),
        ("America/Argentina/Buenos_Aires", "Tue 24 Nov 05:00 Buenos Aires"),
        (None, "Tue 24 Nov 08:00 UTC"),
        ("Mars/Base", "Tue 24 Nov 08:00 UTC"),
    ],
)
def test_a_moment_is_shown_on_the_wall_clock(zone: str | None, text: str) -> None:
    assert local(_utc("2026-11-24T08:00"), zone) == text


CAPS = [parse_cap("1 per 48 hours"), parse_cap("2 per 7 days")]


@pytest.mark.parametrize(
    ("mailed", "hold"),
    [
        ([], None),
        (["2026-11-20T10:00"], None),  # longer ago than 48 hours, and only one this week
        (
            ["2026-11-23T10:00"],
            ("2026-11-25T10:00", "1 mail in 48 hours already; the next may go Wed 25 Nov 11:00 Oslo"),
        ),
        # both caps hold it: the later one counts
        (
            ["2026-11-23T10:00", "2026-11-19T10:00"],
            ("2026-11-26T10:00", "2 mails in 7 days already; the next may go Thu 26 Nov 11:00 Oslo"),
        ),
        # more than the cap allows were sent: enough of them must age
        (
            ["2026-11-18T10:00", "2026-11-19T10:00", "2026-11-20T10:00"],
            ("2026-11-26T10:00", "3 mails in 7 days already; the next may go Thu 26 Nov 11:00 Oslo"),
        ),
        (["2026-11-22T10:00"], None),  # 48 hours ago to the second
    ],
)
def test_a_cap_says_when_the_next_mail_may_go(mailed: list[str], hold: tuple[str, str] | None) -> None:
    now = _utc("2026-11-24T10:00")
    found = frequency_cap(CAPS, [_utc(moment) for moment in mailed], now, "Europe/Oslo")
    assert found == ((_utc(hold[0]), hold[1]) if hold else None)


@given(st.lists(st.integers(0, 20 * 24), max_size=12))
def test_when_a_cap_says_so_the_mail_may_go(hours: list[int]) -> None:
    now = _utc("2026-11-24T10:00")
    mailed = [now - timedelta(hours=number) for number in hours]
    hold = frequency_cap(CAPS, mailed, now)
    if hold:
        assert hold[0] > now
        assert frequency_cap(CAPS, mailed, hold[0]) is None
        assert frequency_cap(CAPS, mailed, hold[0] - timedelta(seconds=1)) is not None
