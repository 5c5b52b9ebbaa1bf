"""What the database refuses, and which versions somebody sees."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError, UniqueConstraint
from django.utils import timezone

from roles.choices import State
from roles.models import Move, Requirement, Role, RoleVersion, SearchTerm, Sentence, Specialty
from roles.services.publishing import publish
from tests.factories.competencies import CompetencyFactory
from tests.factories.people import UserFactory, ladder_editor
from tests.factories.roles import (
    FamilyFactory,
    LevelFactory,
    RoleFactory,
    RoleVersionFactory,
    SearchTermFactory,
    SpecialtyFactory,
    draft,
    published,
    role_at,
)

pytestmark = pytest.mark.django_db

REFUSAL = "a published role version never changes"


# ── Named constraints ───────────────────────────────────────────────────────


def numbered(**fields: Any) -> RoleVersion:
    """A version straight into its table, as no service would make it."""
    values = {"state": State.PUBLISHED, "number": 1, "document": {"title": "x"}, "published_at": timezone.now()}
    return RoleVersionFactory(**{**values, **fields})


def twice(make: Callable[[], Any]) -> None:
    make()
    make()


def _sentence(**fields: Any) -> None:
    Sentence.objects.create(**{"version": RoleVersionFactory(), "section": "primary", "text": "x", **fields})


def _requirement(**fields: Any) -> None:
    values = {"version": RoleVersionFactory(), "competency": CompetencyFactory(), "need": 1, "tier": "core"}
    Requirement.objects.create(**{**values, **fields})


def _move(**fields: Any) -> None:
    Move.objects.create(**{"version": RoleVersionFactory(), "direction": "up", **fields})


PAY = {"salary_minimum": 1, "salary_maximum": 2, "salary_currency": "USD", "salary_period": "year"}
REFUSED: list[tuple[str, str, Callable[[], Any]]] = [
    (
        "specialty_once_in_family",
        "the same slug again",
        lambda: twice(lambda: Specialty.objects.create(family=FamilyFactory(), slug="backend", name="x")),
    ),
    ("specialty_track_known", "another track", lambda: SpecialtyFactory(track="sideline")),
    (
        "role_once_per_specialty_and_level",
        "the same again",
        lambda: (role := RoleFactory()) and Role.objects.create(specialty=role.specialty, level=role.level),
    ),
    (
        "version_number_once",
        "the same number again",
        lambda: (one := numbered()) and numbered(role=one.role),
    ),
    ("version_state_known", "another state", lambda: RoleVersionFactory(state="gone")),
    ("published_all_or_none", "a draft with a number", lambda: RoleVersionFactory(number=1)),
    ("published_all_or_none", "a draft with a document", lambda: RoleVersionFactory(document={"title": "x"})),
    ("published_all_or_none", "a draft with a day", lambda: RoleVersionFactory(published_at=timezone.now())),
    ("published_all_or_none", "published without number", lambda: numbered(number=None)),
    ("published_all_or_none", "published without document", lambda: numbered(document=None)),
    ("published_all_or_none", "published without day", lambda: numbered(published_at=None)),
    ("salary_all_or_none", "upside down", lambda: RoleVersionFactory(**{**PAY, "salary_maximum": 0})),
    ("salary_all_or_none", "no maximum", lambda: RoleVersionFactory(**{**PAY, "salary_maximum": None})),
    ("salary_all_or_none", "no minimum", lambda: RoleVersionFactory(**{**PAY, "salary_minimum": None})),
    ("salary_all_or_none", "no currency", lambda: RoleVersionFactory(**{**PAY, "salary_currency": ""})),
    ("salary_all_or_none", "no period", lambda: RoleVersionFactory(**{**PAY, "salary_period": ""})),
    ("salary_all_or_none", "unknown period", lambda: RoleVersionFactory(**{**PAY, "salary_period": "week"})),
    ("salary_all_or_none", "only a currency", lambda: RoleVersionFactory(salary_currency="USD")),
    ("salary_all_or_none", "only a period", lambda: RoleVersionFactory(salary_period="year")),
    ("years_in_order", "upside down", lambda: RoleVersionFactory(minimum_years=5, maximum_years=4)),
    ("sentence_section_known", "another section", lambda: _sentence(section="hobbies")),
    (
        "requirement_once_per_competency",
        "the same again",
        lambda: (
            (one := draft(needs={"design": (1, "core")}))
            and _requirement(version=one, competency=CompetencyFactory(slug="design"), need=2)
        ),
    ),
    ("requirement_need_1_to_5", "zero", lambda: _requirement(need=0)),
    ("requirement_need_1_to_5", "six", lambda: _requirement(need=6)),
    ("requirement_tier_known", "another tier", lambda: _requirement(tier="vital")),
    ("move_role_or_title", "both", lambda: _move(role=RoleFactory(), outside_title="Elsewhere")),
    ("move_role_or_title", "neither", lambda: _move()),
    ("move_direction_known", "another direction", lambda: _move(direction="down", outside_title="Elsewhere")),
    (
        "term_once_per_version",
        "the same again",
        lambda: (one := SearchTermFactory()) and SearchTermFactory(version=one.version),
    ),
]


def said_by_database(name: str) -> str:
    """What an error of this constraint names: SQLite tells a unique constraint by its columns."""
    for model in apps.get_app_config("roles").get_models():
        for constraint in model._meta.constraints:
            if constraint.name == name and isinstance(constraint, UniqueConstraint) and connection.vendor == "sqlite":
                columns = [model._meta.get_field(field).column for field in constraint.fields]
                return ", ".join(f"{model._meta.db_table}.{column}" for column in columns)
    return name


@pytest.mark.parametrize(
    ("name", "make"), [pytest.param(name, make, id=f"{name}: {what}") for name, what, make in REFUSED]
)
def test_constraint_refuses_the_row(name: str, make: Callable[[], Any]) -> None:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        make()
    # No row breaks `version_state_known` alone, and the database names whichever it looks at first.
    names = {name, "published_all_or_none"} if name == "version_state_known" else {name}
    assert any(said_by_database(one) in str(refused.value) for one in names)


def test_constraint_list_above_is_complete() -> None:
    named = {
        constraint.name for model in apps.get_app_config("roles").get_models() for constraint in model._meta.constraints
    }
    assert named == {name for name, _, _ in REFUSED}


def test_constraint_lets_a_specialty_slug_stand_in_two_families() -> None:
    SpecialtyFactory(slug="operations", family=FamilyFactory(slug="one"))
    SpecialtyFactory(slug="operations", family=FamilyFactory(slug="two"))
    assert Specialty.objects.filter(slug="operations").count() == 2


def test_constraint_lets_a_draft_be_paid_and_experienced() -> None:
    version = RoleVersionFactory(paid=True, experienced=True)
    assert RoleVersion.objects.filter(pk=version.pk, salary_maximum=85_000, maximum_years=7).exists()


def test_constraint_lets_an_open_range_of_years_stand() -> None:
    assert RoleVersionFactory(minimum_years=8).pk
    assert RoleVersionFactory(maximum_years=2).pk


def test_what_a_version_names_can_not_be_deleted() -> None:
    version = published(needs={"design": (2, "core")}, moves={"up": [{"role": "software-engineering/backend/l2"}]})
    for row in (
        version.role,
        version.role.level,
        version.role.specialty,
        version.role.specialty.family,
        version.requirements.get().competency,
        role_at("software-engineering/backend/l2"),
    ):
        with pytest.raises(ProtectedError):
            row.delete()


# ── Published versions never change ─────────────────────────────────────────

WHOLE = {
    "needs": {"design": (2, "core")},
    "responsibilities": {"primary": ["Builds."]},
    "moves": {"up": [{"title": "Elsewhere"}]},
}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda one: RoleVersion.objects.filter(pk=one.pk).update(title="Other"), id="update"),
        pytest.param(lambda one: RoleVersion.objects.filter(pk=one.pk).update(state=State.DRAFT), id="back to draft"),
        pytest.param(lambda one: one.save(), id="save"),
        pytest.param(lambda one: one.delete(), id="delete"),
        pytest.param(lambda one: RoleVersion.objects.filter(pk=one.pk)._raw_delete("default"), id="raw delete"),
        pytest.param(lambda one: one.sentences.update(text="Other"), id="sentence: update"),
        pytest.param(lambda one: one.sentences.all().delete(), id="sentence: delete"),
        pytest.param(lambda one: one.sentences.create(section="primary", text="x"), id="sentence: insert"),
        pytest.param(lambda one: one.requirements.update(need=5), id="requirement: update"),
        pytest.param(lambda one: one.requirements.all().delete(), id="requirement: delete"),
        pytest.param(
            lambda one: one.requirements.create(competency=CompetencyFactory(), need=1), id="requirement: insert"
        ),
        pytest.param(lambda one: one.moves.update(focus="x"), id="move: update"),
        pytest.param(lambda one: one.moves.all().delete(), id="move: delete"),
        pytest.param(lambda one: one.moves.create(direction="up", outside_title="x"), id="move: insert"),
        pytest.param(lambda one: one.terms.update(weight=9), id="term: update"),
        pytest.param(lambda one: one.terms.all().delete(), id="term: delete"),
        pytest.param(lambda one: SearchTermFactory(version=one, term="x"), id="term: insert"),
    ],
)
def test_published_version_refuses(change: Callable[[RoleVersion], Any]) -> None:
    version = published(**WHOLE)
    with pytest.raises(IntegrityError, match=REFUSAL), transaction.atomic():
        change(version)


SQL = {
    "version: update": "UPDATE roles_roleversion SET title = 'Other' WHERE id = %(id)s",
    "version: delete": "DELETE FROM roles_roleversion WHERE id = %(id)s",
    "sentence: insert": (
        "INSERT INTO roles_sentence (version_id, section, position, text) VALUES (%(id)s, 'ai', 1, 'x')"
    ),
    "sentence: update": "UPDATE roles_sentence SET text = 'Other' WHERE version_id = %(id)s",
    "sentence: delete": "DELETE FROM roles_sentence WHERE version_id = %(id)s",
    "sentence: away": "UPDATE roles_sentence SET version_id = %(draft)s WHERE version_id = %(id)s",
    "sentence: hither": "UPDATE roles_sentence SET version_id = %(id)s WHERE version_id = %(draft)s",
    "requirement: insert": "INSERT INTO roles_requirement (version_id, competency_id, need, tier, position)"
    " VALUES (%(id)s, %(competency)s, 1, 'core', 9)",
    "requirement: update": "UPDATE roles_requirement SET need = 5 WHERE version_id = %(id)s",
    "requirement: delete": "DELETE FROM roles_requirement WHERE version_id = %(id)s",
    "requirement: away": "UPDATE roles_requirement SET version_id = %(draft)s WHERE version_id = %(id)s",
    "requirement: hither": "UPDATE roles_requirement SET version_id = %(id)s WHERE version_id = %(draft)s",
    "move: insert": "INSERT INTO roles_move (version_id, direction, outside_title, focus, position)"
    " VALUES (%(id)s, 'up', 'x', '', 9)",
    "move: update": "UPDATE roles_move SET focus = 'x' WHERE version_id = %(id)s",
    "move: delete": "DELETE FROM roles_move WHERE version_id = %(id)s",
    "move: away": "UPDATE roles_move SET version_id = %(draft)s WHERE version_id = %(id)s",
    "move: hither": "UPDATE roles_move SET version_id = %(id)s WHERE version_id = %(draft)s",
    "term: insert": "INSERT INTO roles_searchterm (version_id, term, weight) VALUES (%(id)s, 'other', 1)",
    "term: update": "UPDATE roles_searchterm SET weight = 9 WHERE version_id = %(id)s",
    "term: delete": "DELETE FROM roles_searchterm WHERE version_id = %(id)s",
}


@pytest.mark.parametrize("statement", SQL.values(), ids=SQL)
def test_published_version_refuses_plain_sql(statement: str) -> None:
    version = published(**WHOLE)
    other = draft(role=role_at("data/science/l1"), **{**WHOLE, "needs": {"testing": (1, "core")}})
    ids = {"id": version.pk, "draft": other.pk, "competency": CompetencyFactory(slug="writing").pk}
    with pytest.raises(IntegrityError, match=REFUSAL), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, ids)


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="a statement that only SQLite has")
def test_published_version_refuses_to_be_replaced() -> None:
    version = published(**WHOLE)
    columns = ", ".join(field.column for field in RoleVersion._meta.concrete_fields if field.column != "title")
    with pytest.raises(IntegrityError, match=REFUSAL), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT OR REPLACE INTO roles_roleversion (title, {columns})"  # noqa: S608  our own columns
            f" SELECT 'Other', {columns} FROM roles_roleversion WHERE id = %s",
            [version.pk],
        )


def test_draft_can_be_changed_and_deleted() -> None:
    version = draft(**WHOLE)
    version.sentences.update(text="Other")
    version.requirements.all().delete()
    version.title = "Other"
    version.save()
    version.delete()
    assert (RoleVersion.objects.count(), Sentence.objects.count(), Move.objects.count()) == (0, 0, 0)


def test_person_who_edited_a_published_version_can_be_erased() -> None:
    person = UserFactory()
    version = RoleVersionFactory(edited_by=person)
    publish(version=version)
    person.delete()
    assert RoleVersion.objects.get(pk=version.pk).edited_by is None


def test_person_who_edits_a_draft_can_be_erased() -> None:
    person = UserFactory()
    version = RoleVersionFactory(edited_by=person)
    person.delete()
    assert RoleVersion.objects.get(pk=version.pk).edited_by is None


# ── Who sees what ───────────────────────────────────────────────────────────


@time_machine.travel("2026-03-01 12:00Z", tick=False)
def test_visible_to_shows_drafts_and_what_is_to_come_to_editors_only() -> None:
    role = RoleFactory()
    old = published(role=role, title="Old")
    now = published(role=role, title="Now", effective_from=date(2026, 3, 1))
    coming = published(role=role, title="Coming", effective_from=date(2026, 3, 2))
    open_draft = draft(role=role, title="Draft")

    def seen(user: object) -> set[RoleVersion]:
        return set(RoleVersion.objects.visible_to(user))

    assert seen(AnonymousUser()) == {old, now}
    assert seen(UserFactory()) == {old, now}
    assert seen(UserFactory(is_staff=True)) == {old, now}
    assert seen(ladder_editor()) == {old, now, coming, open_draft}
    assert seen(UserFactory(is_superuser=True)) == {old, now, coming, open_draft}
    assert seen(ladder_editor(is_active=False)) == {old, now}


# ── Which version holds ─────────────────────────────────────────────────────


def current() -> list[str]:
    return sorted(RoleVersion.objects.current().values_list("title", flat=True))


def test_current_is_the_latest_day_of_each_role() -> None:
    backend, data = role_at("software-engineering/backend/l1"), role_at("data/data-engineering/l1")
    published(role=backend, title="Backend 1", effective_from=date(2025, 1, 1))
    published(role=backend, title="Backend 2", effective_from=date(2025, 7, 1))
    published(role=data, title="Data 1", effective_from=date(2025, 3, 1))
    assert current() == ["Backend 2", "Data 1"]


def test_current_of_one_day_is_the_highest_number() -> None:
    role = RoleFactory()
    for title in ("First", "Second", "Third"):
        published(role=role, title=title, effective_from=date(2025, 7, 1))
    assert current() == ["Third"]


def test_current_goes_by_day_before_number() -> None:
    role = RoleFactory()
    published(role=role, title="Now", effective_from=date(2025, 7, 1))
    published(role=role, title="Higher number", effective_from=date(2999, 1, 1))
    assert current() == ["Now"]


def test_current_leaves_out_drafts() -> None:
    role = RoleFactory()
    published(role=role, title="Published")
    draft(role=role, title="Draft", effective_from=date(2025, 12, 1))
    assert current() == ["Published"]


@pytest.mark.parametrize(
    ("today", "title", "scheduled"),
    [("2026-02-28", "Now", True), ("2026-03-01", "Coming", False), ("2026-03-02", "Coming", False)],
)
def test_current_changes_on_the_day_of_a_scheduled_version(today: str, title: str, scheduled: bool) -> None:
    with time_machine.travel("2026-01-01 12:00Z"):
        role = RoleFactory()
        published(role=role, title="Now")
        coming = published(role=role, title="Coming", effective_from=date(2026, 3, 1))
    with time_machine.travel(f"{today} 00:00:01Z", tick=False):
        assert current() == [title]
        assert coming.is_scheduled == scheduled


def test_current_day_is_that_of_the_installation(settings: Any) -> None:
    settings.TIME_ZONE = "Pacific/Auckland"
    published(title="Coming", effective_from=date(2026, 3, 1))
    with time_machine.travel("2026-02-28 12:00Z", tick=False):  # 1 March in Auckland
        assert current() == ["Coming"]


# ── Words ───────────────────────────────────────────────────────────────────


def test_str_names_what_it_is() -> None:
    role = role_at("software-engineering/backend/l2")
    version = published(
        role=role, title="Engineer", needs={"design": (2, "core")}, moves={"up": [{"title": "Elsewhere"}]}
    )
    assert str(role) == "software-engineering/backend/l2"
    assert str(LevelFactory(number=2)) == "L2 Level 2"
    assert str(role.specialty) == "Software engineering: Backend"
    assert str(version) == "Engineer, version 1"
    assert str(draft(role=role)) == "Engineer, draft"
    assert str(version.requirements.get()) == "Design 2 (Core)"
    assert str(version.moves.get()) == "Up to Elsewhere"
    assert str(SearchTerm.objects.get(version=version, term="engin")) == "engin"
