"""The life of a role version."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError

from competencies.models import Revision
from roles.choices import State
from roles.models import RoleVersion, SearchTerm
from roles.queries.documents import document_of
from roles.queries.snapshot import snapshot
from roles.services.publishing import AlreadyPublished, DraftExists, TooEarly, clone, publish, start_draft
from roles.shapes.content import canonical
from roles.shapes.stems import terms
from tests.factories.people import UserFactory
from tests.factories.roles import LONG_AGO, LevelFactory, RoleFactory, RoleVersionFactory, draft, published, role_at

pytestmark = pytest.mark.django_db

# Every part that a document can have.
WHOLE: dict[str, Any] = {
    "title": "Engineer",
    "summary": "Builds things.",
    "mission": "Make things that work.",
    "tour_of_duty": "Build one thing.",
    "about_family": "They build.",
    "about_specialty": "They build things.",
    "tags": ["Building"],
    "keywords": ["Python", "SQL"],
    "salary": {"minimum": 60_000, "maximum": 85_000, "currency": "USD", "period": "year"},
    "responsibilities": {"primary": ["Builds.", "Another.", "A third."], "secondary": ["Sweeps."]},
    "skills": {"hard": ["Sawing."], "soft": ["Listening."]},
    "education": {"minimum": ["None."], "preferred": ["Some."], "certifications": ["A paper."], "fields": ["Woodwork"]},
    "experience": {"minimum_years": 0, "maximum_years": 2, "note": "Any.", "preferred": ["A shed."]},
    "ai_accelerators": ["Asks a machine."],
    "moves": {
        "entry": [{"title": "Intern", "focus": "Showing up."}],
        "up": [{"role": "software-engineering/backend/l2"}, {"title": "Elsewhere"}],
        "sideways": [{"role": "data/science/l1", "focus": "Numbers."}],
    },
    "next_level": {"theme": "Ownership", "changes": ["From one thing to many."]},
}
NEEDS = {"writing": (3, "core"), "design": (2, "supporting"), "analysis": (1, "emerging")}
REQUIREMENTS = [
    {"competency": "writing", "need": 3, "tier": "core"},
    {"competency": "design", "need": 2, "tier": "supporting"},
    {"competency": "analysis", "need": 1, "tier": "emerging"},
]


# ── document_of ─────────────────────────────────────────────────────────────


def test_document_of_rows_says_everything() -> None:
    assert document_of(draft(needs=NEEDS, **WHOLE)) == {**WHOLE, "requirements": REQUIREMENTS}


def test_document_of_rows_is_canonical() -> None:
    document = document_of(draft(needs=NEEDS, **WHOLE))
    assert repr(document) == repr(canonical(document))


def test_document_of_a_bare_draft_is_its_title() -> None:
    assert document_of(RoleVersionFactory()) == {"title": "Engineer", "requirements": []}


def test_document_of_rows_takes_three_queries(django_assert_num_queries: Any) -> None:
    version = RoleVersion.objects.get(pk=draft(needs=NEEDS, **WHOLE).pk)
    with django_assert_num_queries(3):
        document_of(version)


def test_document_of_a_published_version_takes_none(django_assert_num_queries: Any) -> None:
    version = published(needs=NEEDS, **WHOLE)
    with django_assert_num_queries(0):
        assert document_of(version) == {**WHOLE, "requirements": REQUIREMENTS}


# ── publish ─────────────────────────────────────────────────────────────────


@time_machine.travel("2026-03-01 12:00Z", tick=False)
def test_publish_freezes_the_document_of_the_rows() -> None:
    version = draft(needs=NEEDS, **WHOLE)
    frozen = publish(version=version)
    assert (frozen.pk, frozen.state, frozen.number, frozen.effective_from) == (version.pk, State.PUBLISHED, 1, LONG_AGO)
    assert frozen.published_at.isoformat() == "2026-03-01T12:00:00+00:00"
    assert frozen.document == {**WHOLE, "requirements": REQUIREMENTS}


def test_publish_freezes_what_its_rows_still_say() -> None:
    frozen = published(needs=NEEDS, **WHOLE)
    rows = RoleVersion.objects.defer("document").get(pk=frozen.pk)
    rows.document = None
    assert document_of(rows) == frozen.document


def test_publish_takes_the_rows_of_the_database_not_of_the_caller() -> None:
    version = draft(title="Engineer")
    version.title = "Never saved"
    assert publish(version=version).document == {"title": "Engineer", "requirements": []}


def test_publish_writes_the_search_terms() -> None:
    version = published(**WHOLE)
    level, specialty = version.role.level, version.role.specialty
    names = f"{level.slug} {level.name} {specialty.name} {specialty.family.name}"
    written = dict(SearchTerm.objects.filter(version=version).values_list("term", "weight"))
    assert written == terms(version.document, names)
    assert written[level.slug] == 4.0


def test_publish_that_fails_on_its_way_leaves_nothing_behind() -> None:
    """The number fits no column, and is written after the search terms."""
    version = draft(needs=NEEDS, **WHOLE)
    stamp = Revision.stamp()
    with pytest.raises((OverflowError, DatabaseError)):
        publish(version=version, number=2**63)
    version.refresh_from_db()
    assert (version.state, version.number, version.document) == (State.DRAFT, None, None)
    assert not SearchTerm.objects.exists()
    assert Revision.stamp() == stamp


def test_publish_numbers_the_versions_of_each_role() -> None:
    role, other = role_at("software-engineering/backend/l1"), role_at("software-engineering/backend/l2")
    assert [published(role=one).number for one in (role, role, other, role)] == [1, 2, 1, 3]


@pytest.mark.parametrize(("asked", "given"), [(0, 3), (2, 3), (3, 3), (7, 7)])
def test_publish_gives_at_least_the_number_that_is_asked_for(asked: int, given: int) -> None:
    role = RoleFactory()
    published(role=role)
    published(role=role)
    assert publish(version=draft(role=role), number=asked).number == given


def test_publish_takes_another_day() -> None:
    assert publish(version=draft(), effective_from=date(2030, 1, 1)).effective_from == date(2030, 1, 1)


def test_publish_twice_is_refused_and_changes_nothing() -> None:
    version = draft(needs=NEEDS, **WHOLE)
    publish(version=version)

    def everything() -> list[Any]:
        return [
            Revision.stamp(),
            list(RoleVersion.objects.values()),
            list(SearchTerm.objects.order_by("pk").values()),
        ]

    before = everything()
    with pytest.raises(AlreadyPublished):
        publish(version=version, number=9, effective_from=date(2030, 1, 1))
    assert everything() == before


def test_publish_forgets_who_edited() -> None:
    version = RoleVersionFactory(edited_by=UserFactory())
    assert publish(version=version).edited_by is None


def test_publish_changes_the_stamp_and_the_snapshot() -> None:
    role = role_at("software-engineering/backend/l1")
    published(role=role, title="First")
    stamp = Revision.stamp()
    assert [card.title for card in snapshot().roles] == ["First"]
    published(role=role, title="Second", needs=NEEDS)
    assert Revision.stamp() != stamp
    assert [(card.title, card.number) for card in snapshot().roles] == [("Second", 2)]


# ── start_draft ─────────────────────────────────────────────────────────────


def test_start_draft_begins_with_the_newest_version() -> None:
    role = RoleFactory()
    published(role=role, title="First")
    published(role=role, needs=NEEDS, **WHOLE)
    person = UserFactory()
    version = start_draft(role=role, by=person)
    assert (version.role, version.state, version.number, version.edited_by) == (role, State.DRAFT, None, person)
    assert document_of(version) == {**WHOLE, "requirements": REQUIREMENTS}


def test_start_draft_twice_gives_one_draft() -> None:
    role = RoleFactory()
    published(role=role)
    first = start_draft(role=role, by=UserFactory())
    assert start_draft(role=role, by=UserFactory()) == first
    assert role.versions.filter(state=State.DRAFT).count() == 1


def test_start_draft_of_a_new_role_has_its_path_as_title() -> None:
    version = start_draft(role=role_at("software-engineering/backend/l1"), by=None)
    assert document_of(version) == {"title": "software-engineering/backend/l1", "requirements": []}


def test_start_draft_changes_nothing_that_is_published() -> None:
    role = RoleFactory()
    published(role=role, needs=NEEDS, **WHOLE)
    stamp = Revision.stamp()
    start_draft(role=role, by=None)
    assert Revision.stamp() == stamp
    assert role.versions.filter(state=State.PUBLISHED).count() == 1


def test_start_draft_published_unchanged_says_the_same() -> None:
    role = RoleFactory()
    first = published(role=role, needs=NEEDS, **WHOLE)
    second = publish(version=start_draft(role=role, by=None))
    assert (second.number, repr(second.document)) == (2, repr(first.document))


# ── clone ───────────────────────────────────────────────────────────────────


def test_clone_makes_the_role_and_a_draft_of_the_same_content() -> None:
    source = published(role=role_at("software-engineering/backend/l1"), needs=NEEDS, **WHOLE)
    copy = clone(version=source, specialty=source.role.specialty, level=LevelFactory(number=5), by=None)
    assert (str(copy.role), copy.state) == ("software-engineering/backend/l5", State.DRAFT)
    assert document_of(copy) == source.document


def test_clone_of_a_draft_leaves_the_draft_alone() -> None:
    source = draft(role=role_at("software-engineering/backend/l1"), needs=NEEDS, **WHOLE)
    copy = clone(version=source, specialty=source.role.specialty, level=LevelFactory(number=5), by=None)
    copy.sentences.all().delete()
    copy.requirements.all().delete()
    assert document_of(source) == {**WHOLE, "requirements": REQUIREMENTS}


def test_clone_onto_a_role_with_an_open_draft_gives_no_second_one() -> None:
    source = published(role=role_at("software-engineering/backend/l1"), **WHOLE)
    there = draft(role=role_at("software-engineering/backend/l2"), title="In the making")
    with pytest.raises(DraftExists) as refused:
        clone(version=source, specialty=there.role.specialty, level=there.role.level, by=None)
    assert refused.value.draft == there
    assert there.role.versions.filter(state=State.DRAFT).count() == 1


def test_publish_refuses_a_day_before_the_version_that_it_follows() -> None:
    """It would be immutable and never in force."""
    first = published(role=role_at("software-engineering/backend/l1"), title="First", effective_from=date(2026, 1, 1))
    late = draft(role=first.role, title="Late", effective_from=date(2025, 12, 31))
    with pytest.raises(TooEarly, match=r"Version 1 holds from 1 January 2026"):
        publish(version=late)
    assert first.role.versions.filter(state=State.DRAFT).count() == 1
    late.effective_from = date(2026, 1, 1)
    late.save()
    assert publish(version=late).number == 2


def test_draft_begins_on_the_day_of_a_scheduled_version_at_the_earliest() -> None:
    coming = published(role=role_at("software-engineering/backend/l1"), title="Coming", effective_from=date(2999, 1, 1))
    assert start_draft(role=coming.role, by=None).effective_from == date(2999, 1, 1)
