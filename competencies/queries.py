"""What pages and exports need of the framework, each in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from competencies.models import Area, Competency, Indicator, ProficiencyLevel


def framework_document() -> dict[str, Any]:
    """The framework as ladder-as-code, in 4 queries."""
    indicators: defaultdict[int, defaultdict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for competency, level, text in Indicator.objects.values_list("competency_id", "level__number", "text"):
        indicators[competency][level].append(text)
    competencies = defaultdict(list)
    for one in Competency.objects.order_by("position", "slug"):
        competencies[one.area_id].append(
            {
                "slug": one.slug,
                "name": one.name,
                **({"retired_on": one.retired_on} if one.retired_on else {}),
                "definition": one.definition,
                "indicators": {level: indicators[one.pk][level] for level in sorted(indicators[one.pk])},
            }
        )
    return {
        "proficiency": list(ProficiencyLevel.objects.order_by("number").values("number", "name", "meaning")),
        "areas": [
            {"slug": area.slug, "name": area.name, "competencies": competencies[area.pk]}
            for area in Area.objects.order_by("position", "slug")
        ],
    }


def scale() -> list[ProficiencyLevel]:
    return list(ProficiencyLevel.objects.all())


def indicators_of(slug: str) -> list[tuple[ProficiencyLevel, list[str]]]:
    """The scale with this competency's indicators at each level, the lowest first; 2 queries."""
    texts = defaultdict(list)
    for level, text in Indicator.objects.filter(competency__slug=slug).values_list("level__number", "text"):
        texts[level].append(text)
    return [(level, texts[level.number]) for level in scale()]


def indicators_at(needs: Iterable[tuple[str, int]]) -> dict[str, tuple[str, list[str]]]:
    """What each competency looks like at the given level: slug -> name of the level and sentences; 1 query."""
    wanted = dict(needs)
    found: dict[str, tuple[str, list[str]]] = {}
    for slug, number, name, text in Indicator.objects.filter(competency__slug__in=wanted).values_list(
        "competency__slug", "level__number", "level__name", "text"
    ):
        if wanted[slug] == number:
            found.setdefault(slug, (name, []))[1].append(text)
    return found
