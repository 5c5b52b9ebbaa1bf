"""The catalogue as it stands: every role in force, slim, in memory.

Two queries whatever the number of roles, then none until the revision or the date changes. The parts of a version
that fill a page (its sentences) are not here; they are read from its document when that page is made.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby
from typing import Any

from django.urls import reverse

from competencies.models import Competency, Revision
from roles.models import RoleVersion
from roles.shapes.content import Document
from roles.shapes.gap import Need, gap, shared


@dataclass(frozen=True)
class Card:
    """One role in force. `path` is `<family>/<specialty>/<level>` and names it everywhere."""

    path: str
    role_id: int
    version_id: int
    number: int
    title: str
    mission: str
    level: int
    level_slug: str
    level_name: str
    specialty: str
    specialty_name: str
    specialty_about: str
    track: str
    family: str
    family_name: str
    family_about: str
    needs: tuple[Need, ...]
    moves: tuple[tuple[str, str, str, str], ...]  # direction, path of ours or "", outside title or "", focus

    @property
    def code(self) -> str:
        return self.level_slug.upper()

    @property
    def name(self) -> str:
        """The title with its level, as one calls it among others."""
        return f"{self.title}, {self.code}"

    @property
    def ladder(self) -> str:
        """The path of its specialty."""
        return f"{self.family}/{self.specialty}"

    @cached_property
    def url(self) -> str:
        return reverse("roles:role", args=self.path.split("/"))

    def gap_to(self, other: "Card") -> int:
        return gap(self.needs, other.needs)

    def shares_with(self, other: "Card") -> int:
        return shared(self.needs, other.needs)


@dataclass(frozen=True)
class Known:
    """A competency as pages show it."""

    slug: str
    name: str
    area: str
    order: int
    definition: str

    @property
    def url(self) -> str:
        return reverse("roles:competency", args=[self.slug])


@dataclass(frozen=True)
class Snapshot:
    """All roles in force, in catalogue order, and all competencies, in framework order."""

    stamp: str
    roles: tuple[Card, ...]
    competencies: dict[str, Known]

    @cached_property
    def by_path(self) -> dict[str, Card]:
        return {card.path: card for card in self.roles}

    @cached_property
    def by_role(self) -> dict[int, Card]:
        """By the key of the role."""
        return {card.role_id: card for card in self.roles}

    @cached_property
    def ladders(self) -> dict[str, tuple[Card, ...]]:
        """The roles of each specialty from the lowest level up, by the specialty's path."""
        return {path: tuple(cards) for path, cards in groupby(self.roles, key=lambda card: card.ladder)}

    @cached_property
    def levels(self) -> tuple[tuple[int, str, str], ...]:
        """Number, code and name of each level that has a role."""
        return tuple(sorted({(card.level, card.code, card.level_name) for card in self.roles}))

    def above(self, card: Card) -> Card | None:
        return next((other for other in self.ladders[card.ladder] if other.level > card.level), None)

    def below(self, card: Card) -> Card | None:
        return next((other for other in reversed(self.ladders[card.ladder]) if other.level < card.level), None)

    @cached_property
    def edges(self) -> dict[tuple[str, str], str]:
        """Every move between two roles of ours: (from, to) -> `up` or `sideways`.

        A step up a ladder is a move without being written down, and an entry move is the same way seen from its end.
        A move that skips a level says where a role may lead in time; nobody takes it in one step.
        """
        found: dict[tuple[str, str], str] = {}
        for card in self.roles:
            for direction, path, _, _ in card.moves:
                if path not in self.by_path or path == card.path:
                    continue
                other = self.by_path[path]
                rise = (card.level - other.level) if direction == "entry" else (other.level - card.level)
                if rise > 1:
                    continue
                pair = (path, card.path) if direction == "entry" else (card.path, path)
                rises = other.level < card.level if direction == "entry" else direction == "up"
                found[pair] = "up" if rises else "sideways"
            if (above := self.above(card)) is not None:
                found[card.path, above.path] = "up"
        return found

    def in_framework_order(self, needs: Iterable[Need]) -> list[Need]:
        """So that a shape keeps its silhouette from one level to the next."""
        return sorted(needs, key=lambda need: self.order_of(need.competency))

    def order_of(self, slug: str) -> int:
        return self.competencies[slug].order


def _card(row: Mapping[str, Any]) -> Card:
    moves = row["document__moves"] or {}
    family, specialty = row["role__specialty__family__slug"], row["role__specialty__slug"]
    return Card(
        path=f"{family}/{specialty}/{row['role__level__slug']}",
        role_id=row["role"],
        version_id=row["pk"],
        number=row["number"],
        title=row["title"],
        mission=row["mission"],
        level=row["role__level__number"],
        level_slug=row["role__level__slug"],
        level_name=row["role__level__name"],
        specialty=specialty,
        specialty_name=row["role__specialty__name"],
        specialty_about=row["role__specialty__about"],
        track=row["role__specialty__track"],
        family=family,
        family_name=row["role__specialty__family__name"],
        family_about=row["role__specialty__family__about"],
        needs=tuple(Need(**need) for need in row["document__requirements"] or []),
        moves=tuple(
            (direction, move.get("role", ""), move.get("title", ""), move.get("focus", ""))
            for direction in ("entry", "up", "sideways")
            for move in moves.get(direction, [])
        ),
    )


@lru_cache(maxsize=2)
def _snapshot(stamp: str) -> Snapshot:
    rows = (
        RoleVersion.objects.current()
        .order_by(
            "role__specialty__family__position",
            "role__specialty__family__name",
            "role__specialty__position",
            "role__specialty__name",
            "role__specialty_id",
            "role__level__number",
        )
        .values(
            "pk",
            "role",
            "number",
            "title",
            "mission",
            "role__level__number",
            "role__level__slug",
            "role__level__name",
            "role__specialty__slug",
            "role__specialty__name",
            "role__specialty__about",
            "role__specialty__track",
            "role__specialty__family__slug",
            "role__specialty__family__name",
            "role__specialty__family__about",
            "document__requirements",
            "document__moves",
        )
    )
    competencies = Competency.objects.order_by("area__position", "area__name", "position", "name").values_list(
        "slug", "name", "area__name", "definition"
    )
    return Snapshot(
        stamp,
        tuple(_card(row) for row in rows),
        {slug: Known(slug, name, area, order, text) for order, (slug, name, area, text) in enumerate(competencies)},
    )


def snapshot(stamp: str | None = None) -> Snapshot:
    """The catalogue in force now: two queries where it changed since this process last looked; one for the stamp."""
    return _snapshot(stamp or Revision.stamp())


def card_of(version: RoleVersion, document: Document) -> Card:
    """One version as if it were in force: a draft, or an older one. Its role comes with level, specialty and family."""
    role = version.role
    family = role.specialty.family
    return Card(
        path=str(role),
        role_id=role.pk,
        version_id=version.pk,
        number=version.number or 0,
        title=version.title,
        mission=version.mission,
        level=role.level.number,
        level_slug=role.level.slug,
        level_name=role.level.name,
        specialty=role.specialty.slug,
        specialty_name=role.specialty.name,
        specialty_about=role.specialty.about,
        track=role.specialty.track,
        family=family.slug,
        family_name=family.name,
        family_about=family.about,
        needs=tuple(Need(**need) for need in document["requirements"]),
        moves=(),
    )
