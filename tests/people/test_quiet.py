"""Quiet hours by the clock on the wall, on the days, too, on which clocks are moved."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people.quiet import is_quiet, next_moment

NIGHT = (time(22), time(7))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "at", "goes"),
    [
        ("UTC", "2026-11-20 21:59:59", "2026-11-20 21:59:59"),
        ("UTC", "2026-11-20 22:00:00", "2026-11-21 07:00:00"),
        ("UTC", "2026-11-21 06:59:59", "2026-11-21 07:00:00"),
        ("UTC", "2026-11-21 07:00:00", "2026-11-21 07:00:00"),
        ("Europe/Berlin", "2026-11-20 21:30:00", "2026-11-21 06:00:00"),  # half past ten at night there
        ("Europe/Berlin", "2026-07-20 21:30:00", "2026-07-21 05:00:00"),
        ("Asia/Kolkata", "2026-11-20 17:00:00", "2026-11-21 01:30:00"),  # half an hour beside the others
        ("Asia/Kathmandu", "2026-11-20 17:00:00", "2026-11-21 01:15:00"),
        ("Pacific/Kiritimati", "2026-11-20 09:00:00", "2026-11-20 17:00:00"),  # a day ahead
        ("America/Los_Angeles", "2026-11-20 20:00:00", "2026-11-20 20:00:00"),  # noon there
        ("America/Los_Angeles", "2026-11-20 07:00:00", "2026-11-20 15:00:00"),
    ],
)
def test_night_ends_by_the_clock_of_the_place(zone: str, at: str, goes: str) -> None:
    assert next_moment(utc(at), ZoneInfo(zone), *NIGHT) == utc(goes)


def test_hours_of_one_day_end_on_that_day() -> None:
    lunch = (time(12), time(13, 30))
    assert next_moment(utc("2026-11-20 12:10"), ZoneInfo("UTC"), *lunch) == utc("2026-11-20 13:30")
    assert next_moment(utc("2026-11-20 14:00"), ZoneInfo("UTC"), *lunch) == utc("2026-11-20 14:00")


@pytest.mark.parametrize(
    ("zone", "since", "until", "at", "goes"),
    [
        # Berlin, 29 March 2026: after 01:59 comes 03:00. Quiet until half past two, which never comes, ends at three.
        ("Europe/Berlin", "22:00", "02:30", "2026-03-29 00:30", "2026-03-29 01:00"),
        # Quiet since half past two, which never comes: at three it is quiet.
        ("Europe/Berlin", "02:30", "07:00", "2026-03-29 00:59", "2026-03-29 00:59"),
        ("Europe/Berlin", "02:30", "07:00", "2026-03-29 01:00", "2026-03-29 05:00"),
        # The night is an hour shorter: it ends at seven all the same.
        ("Europe/Berlin", "22:00", "07:00", "2026-03-28 21:00", "2026-03-29 05:00"),
        # Berlin, 25 October 2026: two o'clock comes twice, and what ends at half past two has ended the first time.
        ("Europe/Berlin", "22:00", "02:30", "2026-10-25 00:10", "2026-10-25 00:30"),
        ("Europe/Berlin", "22:00", "02:30", "2026-10-25 01:10", "2026-10-25 01:30"),  # 02:10 for the second time
        ("Europe/Berlin", "22:00", "07:00", "2026-10-24 20:00", "2026-10-25 06:00"),  # an hour longer
        # Lord Howe moves its clocks by half an hour: on 4 October 2026 after 01:59 comes 02:30.
        ("Australia/Lord_Howe", "22:00", "02:15", "2026-10-03 15:00", "2026-10-03 15:30"),
        # Havana, 8 March 2026: after 23:59 comes one o'clock, so midnight never comes.
        ("America/Havana", "20:00", "00:00", "2026-03-08 04:30", "2026-03-08 05:00"),
    ],
)
def test_days_on_which_clocks_are_moved(zone: str, since: str, until: str, at: str, goes: str) -> None:
    hours = time.fromisoformat(since), time.fromisoformat(until)
    assert next_moment(utc(at), ZoneInfo(zone), *hours) == utc(goes)


@given(
    at=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/Havana", "Australia/Lord_Howe", "Africa/Casablanca"]),
    since=st.integers(0, 1439),
    until=st.integers(0, 1439),
)
def test_moment_is_the_first_that_is_not_quiet(at: datetime, zone: str, since: int, until: int) -> None:
    hours = [(datetime.min + timedelta(minutes=n)).time() for n in (since, until)]
    place = ZoneInfo(zone)
    goes = next_moment(at, place, *hours)
    assert not is_quiet(goes, place, *hours)
    assert goes == at or is_quiet(goes - timedelta(minutes=1), place, *hours)
    assert at <= goes <= at + timedelta(hours=25)
