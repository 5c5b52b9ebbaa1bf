"""The framework: its rules, its loading, what pages read of it."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from competencies import queries
from competencies.models import Area, Competency, Indicator, ProficiencyLevel, Revision
from competencies.services import load_framework
from tests.factories.competencies import AreaFactory, CompetencyFactory, IndicatorFactory, ProficiencyLevelFactory

pytestmark = pytest.mark.django_db


def framework(**competency: Any) -> dict[str, Any]:
    """Two steps, one area, one competency; `competency` replaces keys of it."""
    return {
        "proficiency": [
            {"number": 1, "name": "Guided", "meaning": "With help."},
            {"number": 2, "name": "Capable", "meaning": "Alone."},
        ],
        "areas": [
            {
                "slug": "building",
                "name": "Building",
                "competencies": [
                    {
                        "slug": "testing",
                        "name": "Testing",
                        "definition": "Finding faults first.",
                        "indicators": {1: ["Runs tests."], 2: ["Writes tests.", "Removes tests."]},
                        **competency,
                    }
                ],
            }
        ],
    }


def test_load_framework_makes_every_row() -> None:
    assert load_framework(framework()) == 5  # two steps, an area, a competency, its indicators
    assert queries.framework_document() == framework()


def test_load_framework_twice_changes_nothing() -> None:
    load_framework(framework())
    before = list(Indicator.objects.values())
    assert load_framework(framework()) == 0
    assert list(Indicator.objects.values()) == before


def test_load_framework_counts_only_what_changed() -> None:
    load_framework(framework())
    assert load_framework(framework(name="Proving")) == 1
    assert Competency.objects.get().name == "Proving"


def test_load_framework_replaces_indicators() -> None:
    load_framework(framework())
    assert load_framework(framework(indicators={2: ["Writes tests."]})) == 1
    assert list(Indicator.objects.values_list("level__number", "position", "text")) == [(2, 1, "Writes tests.")]


def test_load_framework_keeps_what_it_does_not_name() -> None:
    other = CompetencyFactory(slug="design")
    load_framework(framework())
    assert Competency.objects.filter(pk=other.pk).exists()


def test_load_framework_retires_a_competency() -> None:
    load_framework(framework())
    load_framework(framework(retired_on=date(2026, 1, 1)))
    assert list(Competency.objects.filter(retired_on__isnull=True)) == []
    assert queries.framework_document()["areas"][0]["competencies"][0]["retired_on"] == date(2026, 1, 1)


def test_load_framework_without_a_scale_uses_the_one_that_is_there() -> None:
    load_framework(framework())
    assert load_framework({"areas": framework(indicators={1: ["Runs all tests."]})["areas"]}) == 1
    assert list(Indicator.objects.values_list("level__number", "text")) == [(1, "Runs all tests.")]


def test_load_framework_with_part_of_the_scale_uses_the_rest_that_is_there() -> None:
    load_framework(framework())
    part = {**framework(indicators={2: ["Writes tests."]}), "proficiency": framework()["proficiency"][:1]}
    assert load_framework(part) == 1


def test_indicators_of_gives_the_whole_scale() -> None:
    load_framework(framework())
    ProficiencyLevelFactory(number=3)
    assert [(level.number, texts) for level, texts in queries.indicators_of("testing")] == [
        (1, ["Runs tests."]),
        (2, ["Writes tests.", "Removes tests."]),
        (3, []),
    ]


def test_indicators_of_takes_two_queries(django_assert_num_queries: Any) -> None:
    load_framework(framework())
    with django_assert_num_queries(2):
        queries.indicators_of("testing")


def test_indicators_at_gives_those_of_the_wanted_levels(django_assert_num_queries: Any) -> None:
    load_framework(framework())
    other = IndicatorFactory(competency=CompetencyFactory(slug="design"), level=ProficiencyLevelFactory(number=1))
    with django_assert_num_queries(1):
        assert queries.indicators_at([("testing", 2), ("design", 1)]) == {
            "testing": ("Capable", ["Writes tests.", "Removes tests."]),
            "design": ("Guided", [other.text]),
        }


def test_indicators_at_of_nothing_is_nothing() -> None:
    load_framework(framework())
    assert queries.indicators_at([]) == {}


def test_framework_document_takes_four_queries(django_assert_num_queries: Any) -> None:
    load_framework(framework())
    AreaFactory(slug="delivering")
    with django_assert_num_queries(4):
        document = queries.framework_document()
    assert [area["slug"] for area in document["areas"]] == ["building", "delivering"]


def test_revision_stamp_changes_with_a_bump_and_with_the_day() -> None:
    with time_machine.travel("2026-03-01 12:00Z", tick=False):
        nothing = Revision.stamp()
        Revision.bump()
        first = Revision.stamp()
        assert Revision.stamp() == first
        Revision.bump()
        second = Revision.stamp()
    with time_machine.travel("2026-03-02 12:00Z", tick=False):
        third = Revision.stamp()
    assert len({nothing, first, second, third}) == 4
    assert second.split(":")[0] == third.split(":")[0]


def test_revision_stamp_takes_one_query(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        Revision.stamp()


def test_revision_is_one_row() -> None:
    Revision.bump()
    Revision.bump()
    assert Revision.objects.count() == 1
    with pytest.raises(IntegrityError, match="revision_is_one_row"), transaction.atomic():
        Revision.objects.create(pk=2)


@pytest.mark.parametrize("number", [0, 6])
def test_proficiency_1_to_5_refuses_the_rest(number: int) -> None:
    with pytest.raises(IntegrityError, match="proficiency_1_to_5"), transaction.atomic():
        ProficiencyLevelFactory(number=number)


def test_indicator_once_refuses_the_same_sentence_again() -> None:
    first = IndicatorFactory(text="Writes tests.")
    IndicatorFactory(text="Writes tests.", competency=CompetencyFactory())  # of another competency it may stand
    other = ProficiencyLevelFactory(number=2)
    refused = r"indicator_once|competency_id, competencies_indicator\.text"
    with pytest.raises(IntegrityError, match=refused), transaction.atomic():
        IndicatorFactory(competency=first.competency, level=other, text="Writes tests.")


@pytest.mark.parametrize("model", [Area, ProficiencyLevel])
def test_what_a_competency_needs_can_not_be_deleted(model: Any) -> None:
    IndicatorFactory()
    with pytest.raises(ProtectedError):
        model.objects.get().delete()
