"""Roles for tests. `published(...)` goes the way that the product goes: rows, then publication."""

from datetime import date
from typing import Any

import factory

from roles.models import Family, Level, Role, RoleVersion, SearchTerm, Specialty
from roles.services.publishing import fields_of, publish, write_rows
from roles.shapes.content import canonical
from tests.factories.competencies import CompetencyFactory

LONG_AGO = date(2025, 1, 1)  # the day of every version that does not say its own


class FamilyFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Family
        django_get_or_create = ("slug",)

    slug = "software-engineering"
    name = factory.LazyAttribute(lambda family: family.slug.replace("-", " ").capitalize())
    position = 1


class SpecialtyFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Specialty
        django_get_or_create = ("family", "slug")

    family = factory.SubFactory(FamilyFactory)
    slug = factory.Sequence(lambda n: f"specialty-{n}")
    name = factory.LazyAttribute(lambda specialty: specialty.slug.replace("-", " ").capitalize())
    position = 1


class LevelFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Level
        django_get_or_create = ("number",)

    number = 1
    slug = factory.LazyAttribute(lambda level: f"l{level.number}")
    name = factory.LazyAttribute(lambda level: f"Level {level.number}")


class RoleFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Role
        django_get_or_create = ("specialty", "level")

    specialty = factory.SubFactory(SpecialtyFactory)
    level = factory.SubFactory(LevelFactory)


class RoleVersionFactory(factory.django.DjangoModelFactory):
    """A draft with a title and nothing else."""

    class Meta:
        model = RoleVersion

    role = factory.SubFactory(RoleFactory)
    title = "Engineer"
    effective_from = LONG_AGO

    class Params:
        paid = factory.Trait(salary_minimum=60_000, salary_maximum=85_000, salary_currency="USD", salary_period="year")
        experienced = factory.Trait(minimum_years=3, maximum_years=7, experience_note="Any kind of work counts.")
        described = factory.Trait(
            summary="Builds things.",
            mission="Make things that work.",
            tour_of_duty="Build one thing.",
            about_family="They build.",
            about_specialty="They build things.",
            tags=["Building"],
            keywords=["Python", "SQL"],
            next_theme="Ownership",
        )


class SearchTermFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = SearchTerm

    version = factory.SubFactory(RoleVersionFactory)
    term = "build"
    weight = 1.0


def role_at(path: str) -> Role:
    """The role `<family>/<specialty>/l<number>`, made where it is not there."""
    family, specialty, level = path.split("/")
    return RoleFactory(
        specialty=SpecialtyFactory(family=FamilyFactory(slug=family), slug=specialty),
        level=LevelFactory(number=int(level.removeprefix("l"))),
    )


def draft(
    *,
    role: Role | str | None = None,
    needs: dict[str, tuple[int, str]] | None = None,
    title: str = "Engineer",
    effective_from: date = LONG_AGO,
    **document: Any,
) -> RoleVersion:
    """A draft with its rows; `needs` is slug -> (need, tier), the rest are keys of a document."""
    role = role_at(role) if isinstance(role, str) else role or RoleFactory()
    requirements = [{"competency": slug, "need": need, "tier": tier} for slug, (need, tier) in (needs or {}).items()]
    content = canonical({"title": title, "requirements": requirements, **document})
    version = RoleVersionFactory(role=role, effective_from=effective_from, **fields_of(content))
    paths = {move["role"] for moves in content.get("moves", {}).values() for move in moves if "role" in move}
    write_rows(
        version,
        content,
        competencies={slug: CompetencyFactory(slug=slug) for slug in needs or {}},
        roles={path: role_at(path) for path in paths},
    )
    return version


def published(**content: Any) -> RoleVersion:
    """A published version of what `draft` takes."""
    return publish(version=draft(**content))
