"""Pins, the primary one among them, versions that came since, and what doesn't apply."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection

from accomplishments.models import Exemption, Record, ScoringPolicy, Target
from accomplishments.services import targets
from people.models import User
from tests.factories.competencies import CompetencyFactory
from tests.factories.people import UserFactory
from tests.factories.roles import published, role_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def me() -> User:
    return UserFactory()


def pins(person: User, count: int) -> list[Target]:
    return [
        targets.pin(by=person, version=published(role=f"data/science/l{n}", title=f"Scientist {n}"))
        for n in range(1, count + 1)
    ]


def standing(person: User) -> list[tuple[int, str, bool]]:
    """Slot, role, whether it is the primary one."""
    return [(one.slot, str(one.role), one.is_primary) for one in person.targets.order_by("slot")]


def test_first_pin_is_the_primary_one(me: User) -> None:
    pins(me, 2)
    assert standing(me) == [(1, "data/science/l1", True), (2, "data/science/l2", False)]


def test_pin_twice_is_one_target_at_its_version(me: User) -> None:
    (first,) = pins(me, 1)
    newer = published(role=first.role, title="Scientist anew")
    again = targets.pin(by=me, version=newer)
    assert (again.pk, again.version_id, me.targets.count()) == (first.pk, first.version_id, 1)


def test_sixth_pin_is_refused_and_changes_nothing(me: User) -> None:
    pins(me, 5)
    token = Record.objects.get(pk=me.pk).token
    with pytest.raises(targets.TooManyTargets):
        targets.pin(by=me, version=published(role="data/science/l6"))
    assert me.targets.count() == 5
    assert Record.objects.get(pk=me.pk).token == token


def test_pin_takes_the_first_free_place(me: User) -> None:
    made = pins(me, 3)
    targets.unpin(target=made[1], by=me)
    targets.pin(by=me, version=published(role="data/science/l6"))
    assert standing(me) == [
        (1, "data/science/l1", True),
        (2, "data/science/l6", False),
        (3, "data/science/l3", False),
    ]


def test_unpin_the_primary_one_makes_the_next_one_primary(me: User) -> None:
    made = pins(me, 3)
    targets.unpin(target=made[0], by=me)
    assert standing(me) == [(2, "data/science/l2", True), (3, "data/science/l3", False)]


def test_unpin_another_leaves_the_primary_one(me: User) -> None:
    made = pins(me, 3)
    targets.make_primary(target=made[2], by=me)
    targets.unpin(target=made[0], by=me)
    assert standing(me) == [(2, "data/science/l2", False), (3, "data/science/l3", True)]


def test_unpin_twice_and_the_last_one(me: User) -> None:
    (only,) = pins(me, 1)
    targets.unpin(target=only, by=me)
    targets.unpin(target=only, by=me)
    assert standing(me) == []


def test_make_primary_leaves_exactly_one(me: User) -> None:
    made = pins(me, 3)
    for target in (made[1], made[1], made[2]):
        assert targets.make_primary(target=target, by=me)
    assert [primary for _, _, primary in standing(me)] == [False, False, True]


def test_make_primary_of_what_another_tab_unpinned_keeps_the_one_there_is(me: User) -> None:
    made = pins(me, 2)
    targets.unpin(target=made[1], by=me)
    assert not targets.make_primary(target=made[1], by=me)
    assert standing(me) == [(1, "data/science/l1", True)]


def test_targets_of_others_are_not_touched(me: User) -> None:
    other = UserFactory()
    theirs = pins(other, 2)
    targets.unpin(target=theirs[0], by=me)
    assert not targets.make_primary(target=theirs[1], by=me)
    assert not targets.move_on(target=theirs[0], by=me, version=theirs[0].version)
    assert not targets.stay(target=theirs[0], by=me, version=theirs[0].version)
    assert standing(other) == [(1, "data/science/l1", True), (2, "data/science/l2", False)]


def test_move_on_takes_the_version_and_forgets_the_stay(me: User) -> None:
    (target,) = pins(me, 1)
    newer = published(role=target.role, title="Scientist anew")
    assert targets.stay(target=target, by=me, version=newer)
    target.refresh_from_db()
    assert (target.version.number, target.stayed) == (1, 2)
    assert targets.move_on(target=target, by=me, version=newer)
    target.refresh_from_db()
    assert (target.version, target.stayed) == (newer, 0)


def test_move_on_to_a_version_of_another_role_is_refused(me: User) -> None:
    (target,) = pins(me, 1)
    other = published(role="data/science/l6")
    assert not targets.move_on(target=target, by=me, version=other)
    assert not targets.stay(target=target, by=me, version=other)


def test_exempt_twice_is_one_row_with_the_last_reason(me: User) -> None:
    role, competency = role_at("data/science/l1"), CompetencyFactory(slug="design")
    for reason in ("No design here.", "Another team designs."):
        targets.exempt(by=me, role=role, competency=competency, reason=reason)
    assert list(Exemption.objects.values_list("person", "reason")) == [(me.pk, "Another team designs.")]


def test_unexempt_removes_only_their_own(me: User) -> None:
    role, competency = role_at("data/science/l1"), CompetencyFactory(slug="design")
    other = UserFactory()
    for person in (me, other):
        targets.exempt(by=person, role=role, competency=competency, reason="No design here.")
    targets.unexempt(by=me, role=role, competency=competency)
    targets.unexempt(by=me, role=role, competency=competency)
    assert list(Exemption.objects.values_list("person", flat=True)) == [other.pk]


@pytest.mark.parametrize("verb", ["pin", "unpin", "make_primary", "move_on", "stay", "exempt", "unexempt"])
def test_each_change_moves_the_record_on(verb: str, me: User) -> None:
    (target,) = pins(me, 1)
    design = {"role": target.role, "competency": CompetencyFactory(slug="design")}
    words: dict[str, dict[str, Any]] = {
        "pin": {"version": published(role="data/science/l6")},
        "unpin": {"target": target},
        "make_primary": {"target": target},
        "move_on": {"target": target, "version": target.version},
        "stay": {"target": target, "version": target.version},
        "exempt": design | {"reason": "No design here."},
        "unexempt": design,
    }
    before = Record.objects.get(pk=me.pk).token
    getattr(targets, verb)(by=me, **words[verb])
    assert Record.objects.get(pk=me.pk).token != before


# ── Two tabs at once ────────────────────────────────────────────────────────


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Each in a thread and a connection of its own, all starting together; what they gave or raised."""
    together = Barrier(len(acts))

    def act(one: Callable[[], object]) -> object:
        together.wait()
        try:
            return one()
        except Exception as problem:
            return type(problem)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(act, acts))


@pytest.fixture(scope="module", autouse=True)
def what_migrations_brought(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A test without a transaction around it leaves empty tables; others need the first policy and the groups."""
    with django_db_blocker.unblock():
        policies = list(ScoringPolicy.objects.values())
        keys = ("codename", "content_type__app_label")
        groups = {group.name: list(group.permissions.values_list(*keys)) for group in Group.objects.all()}
    yield
    with django_db_blocker.unblock():
        ScoringPolicy.objects.bulk_create((ScoringPolicy(**row) for row in policies), ignore_conflicts=True)
        for name, permissions in groups.items():
            group, _ = Group.objects.get_or_create(name=name)
            given = [
                Permission.objects.get(codename=codename, content_type__app_label=app) for codename, app in permissions
            ]
            through = Group.permissions.through.objects  # past the listeners: nobody gave anything
            through.bulk_create((through.model(group=group, permission=one) for one in given), ignore_conflicts=True)


@pytest.mark.skipif(connection.vendor == "sqlite", reason="There, one writer waits for the other before it begins.")
@pytest.mark.django_db(transaction=True)
def test_two_tabs_leave_one_primary_target_and_five_places() -> None:
    me = UserFactory()
    roles = [published(role=f"data/science/l{n}") for n in range(1, 8)]
    acts = [partial(targets.pin, by=me, version=version) for version in (*roles, *roles)]
    found = at_once(*acts)
    assert found.count(targets.TooManyTargets) == 4  # of the two roles that found no place
    assert {type(one) for one in found} <= {Target, type}
    made = list(me.targets.order_by("slot"))
    assert ([one.slot for one in made], [one.is_primary for one in made].count(True)) == ([1, 2, 3, 4, 5], True)
    for _ in range(5):
        assert at_once(*(partial(targets.make_primary, target=one, by=me) for one in made)) == [True] * 5
        assert me.targets.filter(is_primary=True).count() == 1
    at_once(*(partial(targets.unpin, target=one, by=me) for one in made[:4]))
    assert [(one.pk, one.is_primary) for one in me.targets.all()] == [(made[4].pk, True)]
