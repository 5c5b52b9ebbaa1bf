"""What is kept of people's bars, day by day."""

from datetime import date
from typing import Any

import pytest

from accomplishments.choices import Answer
from accomplishments.models import Ratings, ScoringPolicy
from accomplishments.queries.trends import rated
from accomplishments.services.entries import archive
from accomplishments.services.ratings import store
from people.models import User
from tests.factories.accomplishments import claim_of, entry, verified
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db

FIRST, SECOND, THIRD = date(2026, 7, 1), date(2026, 7, 2), date(2026, 7, 3)
NOTHING = [0.0] * 5


@pytest.fixture
def person() -> User:
    return UserFactory()


def rows(person: User) -> list[tuple[date, int, dict[str, Any]]]:
    return list(Ratings.objects.filter(person=person).values_list("taken_on", "policy", "fills"))


def test_store_keeps_all_and_verified_fills(person: User) -> None:
    entry(person=person, claims={"design": 3})
    assert store(people=[person.pk], on=FIRST) == 1
    assert rows(person) == [(FIRST, 1, {"design": [[0.5, 0.5, 0.25, 0.0, 0.0], NOTHING]})]


def test_store_counts_what_was_confirmed_by_that_day(person: User) -> None:
    made = entry(person=person, claims={"design": 2}, ended_on=date(2026, 5, 1), part="contributed")
    answered = verified(claim_of(made, "design"))
    type(answered).objects.update(answered_at="2026-07-02T10:00:00Z")
    store(people=[person.pk], on=FIRST)
    store(people=[person.pk], on=SECOND)
    assert [(day, fills) for day, _, fills in rows(person)] == [
        (FIRST, {"design": [[0.3, 0.3, 0.0, 0.0, 0.0], NOTHING]}),
        (SECOND, {"design": [[0.6, 0.6, 0.0, 0.0, 0.0], [0.6, 0.6, 0.0, 0.0, 0.0]]}),
    ]


def test_store_rounds_to_four_places(person: User) -> None:
    entry(person=person, claims={"design": 5})
    store(people=[person.pk], on=FIRST)
    assert rows(person)[0][2]["design"][0] == [0.5, 0.5, 0.25, 0.25, 0.1667]


def test_store_leaves_a_day_without_a_change_alone(person: User) -> None:
    entry(person=person, claims={"design": 1})
    assert [store(people=[person.pk], on=day) for day in (FIRST, SECOND, THIRD)] == [1, 0, 0]
    assert [day for day, _, _ in rows(person)] == [FIRST]


def test_store_says_nothing_of_somebody_without_evidence(person: User) -> None:
    entry(person=person, claims={"design": 1}, log=False)
    disputed = entry(person=person, claims={"testing": 1})
    verified(claim_of(disputed, "testing"), says=Answer.DISPUTED)
    assert store(people=[person.pk], on=date(2126, 1, 1)) == 0
    assert rows(person) == []


def test_store_twice_on_a_day_brings_its_row_up_to_date(person: User) -> None:
    made = entry(person=person, claims={"design": 1})
    store(people=[person.pk], on=FIRST)
    entry(person=person, claims={"testing": 1})
    store(people=[person.pk], on=SECOND)
    assert [sorted(fills) for _, _, fills in rows(person)] == [["design"], ["design", "testing"]]
    archive(entry=made, by=person)
    store(people=[person.pk], on=SECOND)
    assert [sorted(fills) for _, _, fills in rows(person)] == [["design"], ["testing"]]


def test_store_takes_a_row_back_when_the_day_turns_out_unchanged(person: User) -> None:
    entry(person=person, claims={"design": 1})
    store(people=[person.pk], on=FIRST)
    later = entry(person=person, claims={"testing": 1})
    store(people=[person.pk], on=SECOND)
    archive(entry=later, by=person)
    assert store(people=[person.pk], on=SECOND) == 0
    assert [day for day, _, _ in rows(person)] == [FIRST]


def test_store_keeps_that_everything_is_gone(person: User) -> None:
    made = entry(person=person, claims={"design": 1})
    store(people=[person.pk], on=FIRST)
    archive(entry=made, by=person)
    store(people=[person.pk], on=SECOND)
    assert rows(person) == [(FIRST, 1, rows(person)[0][2]), (SECOND, 1, {})]


def test_store_follows_a_new_policy(person: User) -> None:
    entry(person=person, claims={"design": 1})
    store(people=[person.pk], on=FIRST)
    ScoringPolicy.objects.create(version=2, reason="A word counts more.", self_claimed="0.6")
    store(people=[person.pk], on=SECOND)
    assert [(policy, fills["design"][0][0]) for _, policy, fills in rows(person)] == [(1, 0.5), (2, 0.6)]


def test_store_costs_a_fixed_number_of_queries(django_assert_num_queries: Any) -> None:
    for _ in range(3):
        verified(claim_of(entry(claims={"design": 1, "testing": 2}), "design"))
    with django_assert_num_queries(1 + 6 + 2):  # who, what, and a savepoint
        assert store(people=rated(), on=FIRST) == 3
    for _ in range(12):
        verified(claim_of(entry(claims={"design": 1, "testing": 2}), "design"))
    with django_assert_num_queries(1 + 6 + 2):
        assert store(people=rated(), on=SECOND) == 12
