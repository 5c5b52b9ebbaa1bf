"""What an entry would change in the match to the primary target."""

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from accomplishments.models import Accomplishment
from accomplishments.queries.effect import Effect, effect_of
from accomplishments.queries.standing import Standing
from accomplishments.scoring.evidence import Claim
from accomplishments.services import targets
from competencies.models import Revision
from people.models import User
from tests.factories.accomplishments import claim_of, entry, verified
from tests.factories.competencies import CompetencyFactory
from tests.factories.people import UserFactory
from tests.factories.roles import published

pytestmark = pytest.mark.django_db

TODAY = date(2026, 7, 15)


@pytest.fixture
def me() -> User:
    return UserFactory()


def aim(me: User, **needs: tuple[int, str]) -> None:
    targets.pin(by=me, version=published(role="data/science/l1", title="Scientist", needs=needs))


def typed(slug: str, level: int = 1, part: str = "owned", ended: date = TODAY) -> Claim:
    CompetencyFactory(slug=slug)
    return Claim(f"typed {slug}", "typed", slug, level, part, ended)


def effect(
    me: User, *claims: Claim, of: Accomplishment | None = None, keeps: bool = False, known: bool = True
) -> Effect | None:
    standing = Standing(me.pk, Revision.stamp(), TODAY)
    return effect_of(standing, entry=of.pk if of else None, typed=claims if known else None, keeps_substance=keeps)


def numbers(found: Effect | None) -> list[Fraction | None]:
    assert found is not None
    return [match and match.match for match in (found.now, found.typed, found.confirmed)]


def test_effect_is_the_match_now_as_typed_and_confirmed(me: User) -> None:
    aim(me, design=(1, "core"), testing=(1, "core"))
    entry(person=me, claims={"testing": 1})
    found = effect(me, typed("design"))
    assert numbers(found) == [Fraction(1, 4), Fraction(1, 2), Fraction(3, 4)]
    assert found is not None
    assert found.target.title == "Scientist"
    (shift,) = found.shifts
    assert shift.competency.name == "Design"
    assert [row and (row.have, row.verified, row.need) for row in shift[1:]] == [
        (0, 0, 1),
        (Fraction(1, 2), 0, 1),
        (1, 1, 1),
    ]


def test_effect_weighs_part_and_age_as_the_match_does(me: User) -> None:
    aim(me, design=(1, "core"))
    assert numbers(effect(me, typed("design", part="contributed"))) == [0, Fraction(3, 10), Fraction(6, 10)]
    assert numbers(effect(me, typed("design", ended=date(2024, 12, 15)))) == [0, Fraction(45, 100), Fraction(9, 10)]


def test_effect_of_what_the_target_does_not_ask_for(me: User) -> None:
    aim(me, design=(1, "core"))
    found = effect(me, typed("testing"))
    assert numbers(found) == [0, 0, 0]
    assert found is not None
    assert [(shift.competency.slug, shift.now) for shift in found.shifts] == [("testing", None)]


def test_effect_takes_the_place_of_what_the_entry_says_now(me: User) -> None:
    """Not on top of it: an entry that is opened and left as it is changes nothing."""
    aim(me, design=(1, "core"))
    one = entry(person=me, claims={"design": 1}, ended_on=TODAY)
    assert numbers(effect(me, typed("design"), of=one, keeps=True)) == [Fraction(1, 2), Fraction(1, 2), 1]
    assert numbers(effect(me, typed("testing"), of=one, keeps=True)) == [Fraction(1, 2), 0, 0]


def test_effect_keeps_what_was_confirmed_while_the_substance_stays(me: User) -> None:
    aim(me, design=(1, "core"))
    one = entry(person=me, claims={"design": 1}, ended_on=TODAY)
    verified(claim_of(one, "design"), at=datetime(2026, 7, 15, 9, tzinfo=UTC))
    assert numbers(effect(me, typed("design"), of=one, keeps=True)) == [1, 1, 1]
    assert numbers(effect(me, typed("design"), of=one, keeps=False)) == [1, Fraction(1, 2), 1]
    assert numbers(effect(me, typed("design", level=2), of=one, keeps=True)) == [1, Fraction(1, 2), 1]


def test_effect_while_nothing_can_be_counted_is_the_match_now(me: User) -> None:
    aim(me, design=(1, "core"))
    one = entry(person=me, claims={"design": 1}, ended_on=TODAY)
    assert numbers(effect(me)) == [Fraction(1, 2), None, None]
    assert numbers(effect(me, of=one, known=False)) == [Fraction(1, 2), None, None]


def test_effect_of_claiming_nothing_any_more(me: User) -> None:
    aim(me, design=(1, "core"))
    found = effect(me, of=entry(person=me, claims={"design": 1}, ended_on=TODAY))
    assert numbers(found) == [Fraction(1, 2), 0, 0]
    assert found is not None
    assert [shift.competency.slug for shift in found.shifts] == ["design"]


def test_effect_without_a_target_is_none(me: User) -> None:
    assert effect(me, typed("design")) is None


def test_effect_on_a_role_that_asks_for_nothing(me: User) -> None:
    aim(me)
    assert numbers(effect(me, typed("design"))) == [None, None, None]


def test_effect_leaves_out_what_does_not_apply(me: User) -> None:
    aim(me, design=(1, "core"), testing=(1, "core"))
    role = me.targets.get().role
    targets.exempt(by=me, role=role, competency=CompetencyFactory(slug="testing"), reason="Others do it.")
    assert numbers(effect(me, typed("design"))) == [0, Fraction(1, 2), 1]
