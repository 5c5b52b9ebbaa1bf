"""What is said beside a word: mutual within 30 days, and the manager's alone. Neither changes what it counts."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accomplishments.choices import Answer, Void
from accomplishments.models import Accomplishment, Verification
from accomplishments.queries.entry import EntryPage
from accomplishments.queries.facts import BY_THE_MANAGER_ALONE, facts_by_claim
from accomplishments.queries.log import lines_of
from people.models import User
from tests.conftest import texts, tree
from tests.factories.accomplishments import claim_of, entry, verified
from tests.factories.people import UserFactory
from tests.factories.roles import published

pytestmark = pytest.mark.django_db

THEN = timezone.make_aware(datetime(2026, 9, 1, 12))
RETURNED = "confirmed the owner's work, and the owner theirs, within 30 days."
MUTUAL = f"Kwame {RETURNED} It counts in full, and is said so that you know."


@pytest.fixture
def noor() -> User:
    return UserFactory(name="Noor", manager=UserFactory(name="Mara"))


@pytest.fixture
def kwame() -> User:
    return UserFactory(name="Kwame")


def word(by: User, about: User, at: datetime, **how: Any) -> Accomplishment:
    """An entry of `about` on which `by` said something at a moment."""
    made = entry(person=about, claims={"design": 2}, visibility="everyone")
    verified(claim_of(made, "design"), by=by, at=at, **how)
    return made


def everywhere(made: Accomplishment) -> list[list[str]]:
    """As the page of an entry, the lists and the match have it."""
    (claim,) = made.claims.all()
    (line,) = lines_of([made])
    return [
        list(EntryPage(made, made.person).claims[0].facts),
        line.facts,
        facts_by_claim(made.person_id).get(str(claim.pk), []),
    ]


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    ("apart", "facts"),
    [
        (timedelta(0), [MUTUAL]),
        (timedelta(days=30), [MUTUAL]),
        (timedelta(days=30, seconds=1), []),
        (timedelta(days=31), []),
    ],
)
def test_word_that_was_returned_within_thirty_days_is_mutual(
    apart: timedelta, facts: list[str], sign: int, noor: User, kwame: User
) -> None:
    made = word(kwame, noor, THEN)
    word(noor, kwame, THEN + sign * apart)
    assert everywhere(made) == [facts] * 3


def test_several_who_are_mutual_are_one_sentence(noor: User, kwame: User) -> None:
    made = word(kwame, noor, THEN)
    others = [UserFactory(name=name) for name in ("Ada", "Zoe")]
    for other in others:
        verified(claim_of(made, "design"), by=other, at=THEN)
    for one in (kwame, *others):
        word(noor, one, THEN)
    several = f"Kwame, Ada and Zoe {RETURNED} It counts in full, and is said so that you know."
    assert everywhere(made) == [[several]] * 3


def test_only_a_confirmation_that_stands_is_mutual(noor: User, kwame: User) -> None:
    made = word(kwame, noor, THEN)
    word(noor, kwame, THEN, says=Answer.DISPUTED, note="No.")
    word(noor, kwame, THEN, says=Answer.CANNOT_SAY)
    word(noor, UserFactory(name="Ada"), THEN)
    assert everywhere(made) == [[]] * 3
    returned = word(noor, kwame, THEN, says=Answer.CONFIRMED_OTHER, level=1)
    assert everywhere(made) == [[MUTUAL]] * 3
    Verification.objects.filter(claim__accomplishment=returned).update(voided_at=THEN, voided_for=Void.CHANGED)
    assert everywhere(made) == [[]] * 3


def test_word_of_the_manager_alone_is_said_to_be_that(noor: User, kwame: User) -> None:
    made = word(noor.manager, noor, THEN)
    assert everywhere(made) == [[BY_THE_MANAGER_ALONE]] * 3
    verified(claim_of(made, "design"), by=UserFactory(name="Ada"), says=Answer.CANNOT_SAY, at=THEN)
    assert everywhere(made) == [[BY_THE_MANAGER_ALONE]] * 3
    verified(claim_of(made, "design"), by=kwame, at=THEN)
    assert everywhere(made) == [[]] * 3


def test_facts_stand_on_the_pages(noor: User, kwame: User) -> None:
    today = timezone.now()
    made = word(kwame, noor, today)
    word(noor, kwame, today)
    Accomplishment.objects.filter(pk=made.pk).update(ended_on=timezone.localdate())
    published(role="data/science/l1", needs={"design": (1, "core")})
    mine, other = Client(), Client()
    mine.force_login(noor)
    other.force_login(UserFactory())
    fact = ".//p[@class='small fact']"
    found = [
        texts(tree(mine.get(address)), fact) for address in (f"/log/{made.pk}/", "/log/", "/match/data/science/l1/")
    ]
    found += [texts(tree(other.get(address)), fact) for address in (f"/log/{made.pk}/", f"/people/{noor.pk}/")]
    assert found == [[MUTUAL]] * 5
