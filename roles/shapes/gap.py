"""The distance between two shapes, counted in proficiency levels."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple


class Need(NamedTuple):
    """One requirement: slug of the competency, needed level (1..5), tier (core, supporting, emerging)."""

    competency: str
    need: int
    tier: str


Shape = tuple[Need, ...]  # hashable, so that a gap is counted once
TIER_ORDER = ("core", "supporting", "emerging")


@lru_cache(maxsize=100_000)
def gap(here: Shape, there: Shape) -> int:
    """Levels to gain on the way from one shape to another: only what rises counts, a lower need costs nothing."""
    have = {need.competency: need.need for need in here}
    return sum(max(0, need.need - have.get(need.competency, 0)) for need in there)


@dataclass(frozen=True)
class Change:
    """One competency in two shapes; 0 means that the shape does not ask for it."""

    competency: str
    before: int
    after: int
    tier_before: str
    tier_after: str

    @property
    def difference(self) -> int:
        return self.after - self.before

    @property
    def kind(self) -> str:
        if not self.before:
            return "new"
        if not self.after:
            return "gone"
        if self.before == self.after:
            return "unchanged"
        return "raised" if self.after > self.before else "lowered"

    @property
    def tier_move(self) -> str:
        """`up` towards core, `down` away from it, or nothing."""
        if not (self.tier_before and self.tier_after) or self.tier_before == self.tier_after:
            return ""
        return "up" if TIER_ORDER.index(self.tier_after) < TIER_ORDER.index(self.tier_before) else "down"

    @property
    def is_different(self) -> bool:
        return self.kind != "unchanged" or bool(self.tier_move)

    @property
    def tier(self) -> str:
        return self.tier_after or self.tier_before


def compare(before: Iterable[Need], after: Iterable[Need]) -> tuple[Change, ...]:
    """Every competency of either shape, in the order of `after`, then what is gone in the order of `before`."""
    old = {need.competency: need for need in before}
    new = {need.competency: need for need in after}
    nothing = Need("", 0, "")
    return tuple(
        Change(
            slug,
            old.get(slug, nothing).need,
            new.get(slug, nothing).need,
            old.get(slug, nothing).tier,
            new.get(slug, nothing).tier,
        )
        for slug in [*new, *(slug for slug in old if slug not in new)]
    )


def shared(here: Shape, there: Shape) -> int:
    """How many competencies two shapes have in common."""
    return len({need.competency for need in here} & {need.competency for need in there})
