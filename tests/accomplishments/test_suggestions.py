"""What the form proposes for a text: only what can be claimed, and never more than three."""

from datetime import date
from typing import Any

import pytest

from accomplishments.queries.claiming import Ground, options, steps_of
from accomplishments.queries.suggestions import proposals
from accomplishments.suggesting import suggest, suggest_level
from roles.queries.snapshot import snapshot
from tests.factories.competencies import CompetencyFactory, IndicatorFactory, ProficiencyLevelFactory

pytestmark = pytest.mark.django_db

TODAY = date(2026, 7, 15)
TEXT = (
    "Put a Redis cache in front of the quote service and proved it with a load test. "
    "Wrote unit tests, reviewed pull requests and mentored a junior engineer on design documents."
)
SLUGS = ("performance-scalability", "mentorship", "testing-quality", "system-design", "software-engineering")


def ground(*slugs: str, **retired: date) -> Ground:
    for slug in slugs:
        CompetencyFactory(slug=slug)
    for slug, day in retired.items():
        CompetencyFactory(slug=slug.replace("_", "-"), retired_on=day)
    return Ground(options(snapshot(), TODAY), TODAY, {})


def proposed(text: str, on: Ground, *claimed: str) -> list[str]:
    return [one.competency.slug for one in proposals(text, "", "", on, claimed)]


def test_proposals_are_at_most_three_with_phrases_and_a_level() -> None:
    found = proposals(TEXT, "team", "owned", ground(*SLUGS), ())
    wanted = [one for one in suggest(TEXT, 8) if one.slug in SLUGS]
    assert len(wanted) > 3
    assert [one.suggestion for one in found] == wanted[:3]
    assert [one.competency.slug for one in found] == [one.slug for one in wanted[:3]]
    assert {one.level for one in found} == {suggest_level(TEXT, "team", "owned")}


def test_proposals_of_no_words_are_none() -> None:
    assert proposed("", ground(*SLUGS)) == []
    assert proposed(" \n 12 ", ground(*SLUGS)) == []


def test_proposals_leave_out_what_the_framework_does_not_have() -> None:
    assert proposed(TEXT, ground("mentorship")) == ["mentorship"]


def test_proposals_give_the_place_of_what_is_retired_to_the_next() -> None:
    first, second, third, fourth = [one.slug for one in suggest(TEXT, 8) if one.slug in SLUGS][:4]
    on = ground(second, third, fourth, **{first.replace("-", "_"): TODAY})
    assert proposed(TEXT, on) == [second, third, fourth]


def test_proposals_hold_what_is_retired_tomorrow() -> None:
    assert proposed(TEXT, ground(mentorship=date(2026, 7, 16))) == ["mentorship"]


def test_proposals_leave_out_what_is_claimed_without_a_fourth_taking_its_place() -> None:
    first, second, third = [one.slug for one in suggest(TEXT, 8) if one.slug in SLUGS][:3]
    assert proposed(TEXT, ground(*SLUGS), first) == [second, third]


def test_options_say_from_when_a_competency_is_retired() -> None:
    on = ground("design", mentorship=TODAY, testing=date(2026, 7, 16))
    assert {slug: one.retired_on for slug, one in on.options.items()} == {
        "design": None,
        "mentorship": TODAY,
        "testing": None,
    }
    assert [on.is_open(slug) for slug in ("design", "mentorship", "testing", "nothing")] == [True, False, True, False]


def test_steps_hold_the_scale_with_the_sentences_of_each_level(django_assert_num_queries: Any) -> None:
    design, testing = (CompetencyFactory(slug=slug) for slug in ("design", "testing"))
    low, high = (ProficiencyLevelFactory(number=number) for number in (1, 2))
    here = [IndicatorFactory(competency=design, level=high, text=text) for text in ("Shapes it.", "Explains it.")]
    IndicatorFactory(competency=testing, level=low, text="Tests it.")
    with django_assert_num_queries(2):
        found = steps_of(["design"])
    assert found == {
        "design": [(1, "Step 1", []), (2, "Step 2", [(here[0].pk, "Shapes it."), (here[1].pk, "Explains it.")])]
    }
    with django_assert_num_queries(0):
        assert steps_of([]) == {}
