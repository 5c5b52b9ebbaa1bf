"""What the form of an entry offers to claim: competencies, their levels, what one sees at each."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from typing import NamedTuple

from accomplishments.queries.standing import Pinned, Standing
from competencies.models import Competency, Indicator
from competencies.queries import scale
from roles.queries.snapshot import Known, Snapshot


class Option(NamedTuple):
    """A competency of the framework: its key, how pages show it, and the day from which it is retired if it is."""

    pk: int
    known: Known
    retired_on: date | None


def options(catalogue: Snapshot, today: date) -> dict[str, Option]:
    """Every competency by slug, in framework order; 1 query."""
    rows = {slug: (pk, day) for pk, slug, day in Competency.objects.values_list("pk", "slug", "retired_on")}
    return {
        slug: Option(pk, known, day if day and day <= today else None)
        for slug, known in catalogue.competencies.items()
        for pk, day in [rows[slug]]
    }


class Step(NamedTuple):
    """One level of one competency, with the sentences (key, text) that say what one sees there."""

    number: int
    name: str
    indicators: list[tuple[int, str]]


def steps_of(slugs: Collection[str]) -> Mapping[str, list[Step]]:
    """The whole scale for each of these competencies, the lowest level first; 2 queries, none for none."""
    if not slugs:
        return {}
    found: defaultdict[tuple[str, int], list[tuple[int, str]]] = defaultdict(list)
    for pk, slug, level, text in Indicator.objects.filter(competency__slug__in=slugs).values_list(
        "pk", "competency__slug", "level__number", "text"
    ):
        found[slug, level].append((pk, text))
    levels = scale()
    return {slug: [Step(one.number, one.name, found[slug, one.number]) for one in levels] for slug in slugs}


def target_of(standing: Standing) -> Pinned | None:
    """The primary target."""
    return next((target for target in standing.head.targets if target.is_primary), None)


class Ground(NamedTuple):
    """What a form stands on: all competencies by slug, the day, and what the primary target needs by competency."""

    options: Mapping[str, Option]
    today: date
    needs: Mapping[str, int]

    def is_open(self, slug: str) -> bool:
        """Whether it can be claimed now."""
        return slug in self.options and self.options[slug].retired_on is None


def ground_of(standing: Standing) -> Ground:
    """2 queries, and those of the catalogue."""
    target = target_of(standing)
    needs = {need.competency: need.need for need in target.needs} if target else {}
    return Ground(options(standing.catalogue, standing.today), standing.today, needs)
