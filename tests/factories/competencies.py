"""The framework for tests. Asking for a slug or a number that is there gives the row that is there."""

import factory

from competencies.models import Area, Competency, Indicator, ProficiencyLevel


class ProficiencyLevelFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ProficiencyLevel
        django_get_or_create = ("number",)

    number = 1
    name = factory.LazyAttribute(lambda level: f"Step {level.number}")
    meaning = factory.LazyAttribute(lambda level: f"What step {level.number} means.")


class AreaFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Area
        django_get_or_create = ("slug",)

    slug = "building"
    name = factory.LazyAttribute(lambda area: area.slug.replace("-", " ").title())
    position = 1


class CompetencyFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Competency
        django_get_or_create = ("slug",)

    area = factory.SubFactory(AreaFactory)
    slug = factory.Sequence(lambda n: f"competency-{n}")
    name = factory.LazyAttribute(lambda one: one.slug.replace("-", " ").title())
    definition = factory.LazyAttribute(lambda one: f"What {one.slug} is.")


class IndicatorFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Indicator

    competency = factory.SubFactory(CompetencyFactory)
    level = factory.SubFactory(ProficiencyLevelFactory)
    text = factory.Sequence(lambda n: f"Is seen to do thing {n}.")
