"""How a match went over time, from the bars that were kept day by day."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from itertools import groupby
from math import lcm
from typing import NamedTuple

from django.db.models import Q, Subquery

from accomplishments.models import Ratings, Record
from accomplishments.scoring.matching import Match
from accomplishments.scoring.policy import LEVELS, Policy
from accomplishments.scoring.shape import Shape

A_YEAR = timedelta(days=365)
PLACES = 10_000  # fills are kept rounded to four places
NOT_YET: Sequence[Sequence[float]] = ((0.0,) * len(LEVELS),) * 2


class Point(NamedTuple):
    """The match and the verified match (0..1) from a day on."""

    day: date
    match: Fraction
    verified: Fraction


def rated() -> list[int]:
    """Whose ratings are kept: everyone who is active and has a record; 1 query."""
    return list(Record.objects.filter(person__is_active=True).order_by("pk").values_list("pk", flat=True))


def trend_of(person: int, now: Match) -> list[Point]:
    """A year up to the day of `now`, which is the last point: one a change, the oldest first; 1 query.

    The bars are as they were each day, the shape and the weights those of `now`.
    """
    start = now.as_of - A_YEAR
    rows = Ratings.objects.filter(person=person, taken_on__lt=now.as_of)
    before = rows.filter(taken_on__lte=start).order_by("-taken_on").values("pk")[:1]
    kept = rows.filter(Q(taken_on__gt=start) | Q(pk=Subquery(before))).order_by("taken_on")
    points = [
        Point(max(day, start), *_match(fills, now.shape, now.policy))
        for day, fills in kept.values_list("taken_on", "fills")
    ]
    changes = [next(same) for _, same in groupby(points, key=lambda point: point[1:])]
    return [*changes, Point(now.as_of, now.match, now.verified)]


def _match(fills: Mapping[str, Sequence[Sequence[float]]], shape: Shape, policy: Policy) -> tuple[Fraction, Fraction]:
    """The weighted mean of the coverages, all and verified; whole numbers until the last step, as in `scoring`."""
    whole, weight, sums = lcm(*LEVELS), 0, [0, 0]
    for one in shape.applicable:
        weight += policy.weights[one.tier]
        share = policy.weights[one.tier] * whole // one.need
        for view, bars in enumerate(fills.get(one.competency, NOT_YET)):
            sums[view] += share * sum(round(bar * PLACES) for bar in bars[: one.need])
    match, verified = (Fraction(total, weight * whole * PLACES) for total in sums)
    return match, verified
