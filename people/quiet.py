"""Quiet hours: from when to when, by the clock on somebody's wall, mail that can wait is not sent."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

A_DAY = 25 * 60  # minutes of the longest one, on which clocks are put back


def is_quiet(at: datetime, zone: ZoneInfo, since: time, until: time) -> bool:
    """Whether the wall clock reads a time of the quiet hours, which may go over midnight."""
    clock = at.astimezone(zone).time()
    return since <= clock < until if since <= until else clock >= since or clock < until


def next_moment(at: datetime, zone: ZoneInfo, since: time, until: time) -> datetime:
    """`at`, or the minute in which the quiet hours around it end.

    Found by looking at the clock minute after minute, at most a day's 1500 times (about a millisecond): so it is right
    where an hour is skipped or comes twice, whichever end of the quiet hours lies in it.
    """
    if not is_quiet(at, zone, since, until):
        return at
    start = at.replace(second=0, microsecond=0)
    minutes = (start + timedelta(minutes=n) for n in range(1, A_DAY + 1))
    return next((moment for moment in minutes if not is_quiet(moment, zone, since, until)), at)
