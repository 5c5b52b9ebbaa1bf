"""The match over time."""

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given

from accomplishments.models import Ratings
from accomplishments.queries.evidence import claims_of, policy_in_force
from accomplishments.queries.trends import Point, _match, rated, trend_of
from accomplishments.scoring.evidence import Claim
from accomplishments.scoring.matching import Match, compare
from accomplishments.scoring.policy import Policy
from accomplishments.scoring.shape import Requirement, Shape
from accomplishments.services.ratings import fills_of, store
from people.models import User
from tests.accomplishments.strategies import TODAY as THAT_DAY
from tests.accomplishments.strategies import calm, claim_lists, policies, shapes
from tests.factories.accomplishments import claim_of, entry, verified
from tests.factories.people import UserFactory

TODAY = date(2026, 7, 31)
SHAPE = Shape("data/science/l2", 1, [Requirement("design", 2, "core"), Requirement("testing", 1, "emerging")])


def now(person: User, shape: Shape = SHAPE, on: date = TODAY) -> Match:
    return compare(shape, claims_of(person.pk, on), policy_in_force(), on)


def kept(person: User, day: date, design: list[float], proven: list[float] | None = None) -> None:
    Ratings.objects.create(person=person, taken_on=day, policy=1, fills={"design": [design, proven or [0.0] * 5]})


@pytest.mark.django_db
def test_trend_is_computed_from_the_kept_bars(django_assert_num_queries: Any) -> None:
    person = UserFactory()
    made = entry(person=person, claims={"design": 2}, ended_on=date(2026, 6, 1))
    store(people=[person.pk], on=date(2026, 6, 2))
    answered = verified(claim_of(made, "design"))
    type(answered).objects.update(answered_at="2026-06-20T10:00:00Z")
    entry(person=person, claims={"testing": 1}, ended_on=date(2026, 6, 10))
    store(people=[person.pk], on=date(2026, 6, 15))
    here = now(person)
    with django_assert_num_queries(1):
        found = trend_of(person.pk, here)
    assert found == [
        Point(date(2026, 6, 2), Fraction(3, 8), Fraction(0)),
        Point(date(2026, 6, 15), Fraction(4, 8), Fraction(0)),
        Point(TODAY, Fraction(7, 8), Fraction(3, 4)),
    ]


@pytest.mark.django_db
def test_trend_leaves_out_what_changed_elsewhere() -> None:
    person = UserFactory()
    entry(person=person, claims={"design": 1}, ended_on=date(2026, 6, 1))
    store(people=[person.pk], on=date(2026, 6, 2))
    entry(person=person, claims={"writing": 1}, ended_on=date(2026, 6, 1))
    store(people=[person.pk], on=date(2026, 6, 3))
    assert Ratings.objects.count() == 2
    assert [point.day for point in trend_of(person.pk, now(person))] == [date(2026, 6, 2), TODAY]


@pytest.mark.django_db
def test_trend_begins_a_year_ago_with_what_held_then() -> None:
    person = UserFactory()
    start = TODAY - timedelta(days=365)
    kept(person, start - timedelta(days=40), [0.1] * 5)
    kept(person, start - timedelta(days=3), [0.5] * 5)
    kept(person, start + timedelta(days=1), [1.0] * 5)
    kept(person, TODAY + timedelta(days=1), [0.9] * 5)
    assert trend_of(person.pk, now(person)) == [
        Point(start, Fraction(3, 8), Fraction(0)),
        Point(start + timedelta(days=1), Fraction(3, 4), Fraction(0)),
        Point(TODAY, Fraction(0), Fraction(0)),
    ]


@pytest.mark.django_db
def test_trend_ends_with_now_and_not_with_what_was_kept_this_morning() -> None:
    person = UserFactory()
    kept(person, TODAY, [1.0] * 5)
    assert trend_of(person.pk, now(person)) == [Point(TODAY, Fraction(0), Fraction(0))]


@pytest.mark.django_db
def test_trend_leaves_out_what_does_not_apply() -> None:
    person = UserFactory()
    kept(person, date(2026, 7, 1), [0.5] * 5, [0.25] * 5)
    shape = Shape(SHAPE.role, 1, [Requirement("design", 2, "core"), Requirement("testing", 1, "core", "None here.")])
    assert trend_of(person.pk, now(person, shape))[0][1:] == (Fraction(1, 2), Fraction(1, 4))


@pytest.mark.django_db
def test_trend_is_of_one_person() -> None:
    person = UserFactory()
    kept(UserFactory(), date(2026, 7, 1), [0.5] * 5)
    assert len(trend_of(person.pk, now(person))) == 1


@pytest.mark.django_db
def test_rated_are_active_and_have_a_record() -> None:
    first = entry(claims={"design": 1}).person
    entry(person=UserFactory(is_active=False))
    UserFactory()
    assert rated() == [first.pk]


@calm
@given(claims=claim_lists(), shape=shapes, policy=policies())
def test_match_from_kept_bars_is_the_match_to_four_places(claims: list[Claim], shape: Shape, policy: Policy) -> None:
    exact = compare(shape, claims, policy, THAT_DAY)
    found = _match(fills_of(claims, policy, THAT_DAY), shape, policy)
    pairs = zip(found, (exact.match, exact.verified), strict=True)
    assert max(abs(one - other) for one, other in pairs) <= Fraction(1, 10_000)
