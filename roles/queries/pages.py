"""All that one page of the catalogue needs. A fixed number of queries, each noted; the snapshot costs at most two."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from competencies.queries import indicators_at
from roles.choices import Direction, Section, Track
from roles.models import RoleVersion
from roles.queries.documents import document_of
from roles.queries.search import search
from roles.queries.snapshot import Card, Known, Snapshot, card_of
from roles.shapes import wording
from roles.shapes.content import LABELS, LISTS, TEXTS, Document, at, salary, years
from roles.shapes.gap import Change, Need, compare
from roles.shapes.lattice import Route, routes

LADDERS_A_PAGE = 40
LADDERS_ON_MAP = 8


# ── One role ────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Required:
    """One row of the table of requirements."""

    competency: Known
    need: int
    tier: str
    level_name: str
    indicators: list[str]


@dataclass(frozen=True)
class Way:
    """One move as the page shows it: to a role of ours (`card`, with the gap) or to an outside title."""

    card: Card | None
    title: str
    focus: str
    gap: int = 0
    shares: int = 0


@dataclass
class RolePage:
    """One version of one role; everything lazy, so that a cached page asks for nothing."""

    catalogue: Snapshot
    card: Card
    find: Callable[[], RoleVersion]

    @cached_property
    def version(self) -> RoleVersion:
        return self.find()

    @cached_property
    def document(self) -> Document:
        return document_of(self.version)

    @property
    def summary(self) -> str:
        return str(self.document.get("summary", ""))

    @cached_property
    def needs(self) -> list[Need]:
        known = self.catalogue.competencies
        return self.catalogue.in_framework_order(
            Need(**need) for need in self.document["requirements"] if need["competency"] in known
        )

    @cached_property
    def requirements(self) -> list[Required]:
        """The heaviest tier first; 1 query."""
        looks = indicators_at((need.competency, need.need) for need in self.needs)
        rows = [
            Required(
                self.catalogue.competencies[need.competency],
                need.need,
                need.tier,
                *looks.get(need.competency, ("", [])),
            )
            for need in self.needs
        ]
        tiers = ("core", "supporting", "emerging")
        return sorted(rows, key=lambda row: tiers.index(row.tier))

    @property
    def core(self) -> list[Required]:
        return [row for row in self.requirements if row.tier == "core"]

    @property
    def salary(self) -> str:
        return salary(self.document)

    @property
    def years(self) -> str:
        return years(self.document)

    @property
    def rail(self) -> list[Card]:
        """The ladder, the top first."""
        return list(reversed(self.catalogue.ladders.get(self.card.ladder, ())))

    def _ways(self, direction: str) -> list[Way]:
        found = []
        for move in self.document.get("moves", {}).get(direction, []):
            card = self.catalogue.by_path.get(move.get("role", ""))
            if card is None:
                found.append(Way(None, move.get("title") or move.get("role", ""), move.get("focus", "")))
                continue
            here, there = (card, self.card) if direction == Direction.ENTRY else (self.card, card)
            found.append(Way(card, card.title, move.get("focus", ""), here.gap_to(there), here.shares_with(there)))
        return found

    @property
    def ways_in(self) -> list[Way]:
        return self._ways(Direction.ENTRY)

    @property
    def ways_up(self) -> list[Way]:
        return self._ways(Direction.UP)

    @property
    def ways_sideways(self) -> list[Way]:
        return self._ways(Direction.SIDEWAYS)

    @property
    def next(self) -> Card | None:
        return self.catalogue.above(self.card) if self.card.ladder in self.catalogue.ladders else None


def current_version(card: Card) -> Callable[[], RoleVersion]:
    """1 query, when asked."""
    return lambda: RoleVersion.objects.get(pk=card.version_id)


def page_of(version: RoleVersion, catalogue: Snapshot) -> RolePage:
    """The page of one version that need not be in force: a draft (3 queries for its rows), or an older one."""
    return RolePage(catalogue, card_of(version, document_of(version)), lambda: version)


def versions_of(path: str, user: object) -> list[RoleVersion]:
    """The published versions of a role that this person may see, the newest first; 1 query."""
    family, specialty, level = path.split("/")
    return list(
        RoleVersion.objects.visible_to(user)
        .published()
        .filter(role__level__slug=level, role__specialty__slug=specialty, role__specialty__family__slug=family)
        .select_related("role__level", "role__specialty__family")
        .order_by("-number")
    )


# ── The catalogue ───────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Filters:
    """What the visitor chose; empty means all."""

    q: str = ""
    family: str = ""
    specialty: str = ""
    level: str = ""
    track: str = ""
    competency: str = ""
    at_least: int = 1

    @property
    def any(self) -> bool:
        return bool(self.q or self.family or self.specialty or self.level or self.track or self.competency)

    def need_of(self, card: Card) -> int:
        """What a role needs of the chosen competency, 0 where it does not ask for it."""
        return next((need.need for need in card.needs if need.competency == self.competency), 0)

    def holds(self, card: Card, *, but: str = "") -> bool:
        """Does a role fit, leaving one filter out of it?"""
        return all(
            name == but or not getattr(self, name) or fits
            for name, fits in (
                ("family", card.family == self.family),
                ("specialty", card.ladder == self.specialty),
                ("level", card.level_slug == self.level),
                ("track", card.track == self.track),
                ("competency", self.need_of(card) >= self.at_least),
            )
        )


@dataclass(frozen=True)
class Option:
    """One choice of a filter, with the number of roles that choosing it would show."""

    value: str
    label: str
    count: int


@dataclass
class Catalogue:
    """The matrix of families and levels, or the ranked answer to a search."""

    snapshot: Snapshot
    filters: Filters
    asked: int = 1

    @property
    def page(self) -> int:
        """The number that was asked for, or the last page: an old link does not lead to an empty table."""
        return min(self.asked, self.pages)

    @cached_property
    def found(self) -> list[Card]:
        """What the search alone finds, ranked; everything where nothing is searched for. At most 2 queries."""
        return search(self.snapshot, self.filters.q) if self.filters.q else list(self.snapshot.roles)

    @cached_property
    def roles(self) -> list[Card]:
        return [card for card in self.found if self.filters.holds(card)]

    @property
    def shown(self) -> list[Card]:
        """One page of the ranked answer."""
        start = (self.page - 1) * LADDERS_A_PAGE
        return self.roles[start : start + LADDERS_A_PAGE]

    @cached_property
    def _rows(self) -> list[str]:
        return list(dict.fromkeys(card.ladder for card in self.roles))

    @property
    def pages(self) -> int:
        things = len(self.roles) if self.filters.q else len(self._rows)
        return max(1, -(-things // LADDERS_A_PAGE))

    @property
    def families(self) -> list[dict[str, Any]]:
        """The matrix: families, each with its ladders, each with a cell (a role or nothing) for every level."""
        start = (self.page - 1) * LADDERS_A_PAGE
        wanted = set(self._rows[start : start + LADDERS_A_PAGE])
        by_ladder: defaultdict[str, dict[int, Card]] = defaultdict(dict)
        for card in self.roles:
            by_ladder[card.ladder][card.level] = card
        families: dict[str, dict[str, Any]] = {}
        for path in self._rows:
            if path not in wanted:
                continue
            first = self.snapshot.ladders[path][0]
            family = families.setdefault(
                first.family, {"name": first.family_name, "about": first.family_about, "ladders": []}
            )
            family["ladders"].append(
                {"first": first, "cells": [by_ladder[path].get(level[0]) for level in self.levels]}
            )
        return list(families.values())

    @cached_property
    def levels(self) -> list[tuple[int, str, str]]:
        shown = {card.level for card in self.roles}
        return [level for level in self.snapshot.levels if level[0] in shown or not self.filters.level]

    def _options(self, name: str, key: Callable[[Card], Iterable[str]], labels: Mapping[str, str]) -> list[Option]:
        counts = Counter(value for card in self.found if self.filters.holds(card, but=name) for value in key(card))
        return [Option(value, label, counts[value]) for value, label in labels.items()]

    @property
    def options(self) -> dict[str, list[Option]]:
        roles = self.snapshot.roles
        family = self.filters.family
        at_least = self.filters.at_least
        return {
            "family": self._options("family", lambda card: [card.family], {c.family: c.family_name for c in roles}),
            "specialty": self._options(
                "specialty",
                lambda card: [card.ladder],
                {c.ladder: c.specialty_name for c in roles if not family or c.family == family},
            ),
            "level": self._options(
                "level",
                lambda card: [card.level_slug],
                {slug.lower(): f"{slug} {name}" for _, slug, name in self.snapshot.levels},
            ),
            "track": self._options("track", lambda card: [card.track], dict(Track.choices)),
            "competency": self._options(
                "competency",
                lambda card: [need.competency for need in card.needs if need.need >= at_least],
                {slug: known.name for slug, known in self.snapshot.competencies.items()},
            ),
        }


# ── Two roles, or two versions of one ───────────────────────────────────────
@dataclass(frozen=True)
class Row:
    """One row of the wording side by side: a heading and its pairs of lines."""

    label: str
    pairs: tuple[wording.Pair, ...]

    @property
    def is_different(self) -> bool:
        return any(pair.is_different for pair in self.pairs)


PLURAL = {
    Section.PRIMARY: "Responsibilities",
    Section.SECONDARY: "Secondary responsibilities",
    Section.HARD: "Hard skills",
    Section.SOFT: "Soft skills",
    Section.MINIMUM_EDUCATION: "Minimum education",
    Section.PREFERRED_EDUCATION: "Preferred education",
    Section.CERTIFICATION: "Certifications",
    Section.FIELD: "Fields of study",
    Section.PREFERRED_EXPERIENCE: "Preferred experience",
    Section.AI: "AI accelerators",
    Section.CHANGE: "What changes at the next level",
}


def wording_rows(before: Document, after: Document, names: Mapping[str, str] | None = None) -> list[Row]:
    """Every text and list of two documents side by side, where either has it; `names` are those of roles by path."""

    def texts(document: Document) -> dict[str, str]:
        return {
            **{key: document.get(key, "") for key in TEXTS},
            "tags": ", ".join(document.get("tags", [])),
            "keywords": ", ".join(document.get("keywords", [])),
            "salary": salary(document),
            "years": years(document),
            "experience_note": document.get("experience", {}).get("note", ""),
            "next_theme": document.get("next_level", {}).get("theme", ""),
        }

    old, new = texts(before), texts(after)
    rows = [Row(LABELS[key], (wording.pieces(old[key], new[key]),)) for key in old if old[key] or new[key]]
    for section, path in LISTS.items():
        left, right = at(before, path), at(after, path)
        if left or right:
            rows.append(Row(PLURAL[Section(section)], tuple(wording.lists(left, right))))
    for direction, label in Direction.choices:
        left, right = (
            [": ".join(filter(None, (_target(move, names or {}), move.get("focus")))) for move in moves]
            for moves in (before.get("moves", {}).get(direction, []), after.get("moves", {}).get(direction, []))
        )
        if left or right:
            rows.append(Row(label, tuple(wording.lists(left, right))))
    return rows


def _target(move: Mapping[str, str], names: Mapping[str, str]) -> str:
    path = move.get("role", "")  # in a draft, a move may be half typed
    return move.get("title") or names.get(path, path)


@dataclass
class Comparison:
    """Two documents of roles; what rises, falls, comes and goes."""

    catalogue: Snapshot
    find: Callable[[], tuple[Document, Document]]

    @cached_property
    def documents(self) -> tuple[Document, Document]:
        return self.find()

    @cached_property
    def changes(self) -> list[Change]:
        before, after = (
            [Need(**need) for need in document["requirements"] if need["competency"] in self.catalogue.competencies]
            for document in self.documents
        )
        return sorted(compare(before, after), key=lambda change: self.catalogue.order_of(change.competency))

    @property
    def named(self) -> list[tuple[Known, Change]]:
        return [(self.catalogue.competencies[change.competency], change) for change in self.changes]

    @property
    def different_rows(self) -> list[Row]:
        return [row for row in self.rows if row.is_different]

    @property
    def counts(self) -> Counter[str]:
        return Counter(change.kind for change in self.changes)

    @property
    def levels_more(self) -> int:
        return sum(max(0, change.difference) for change in self.changes)

    @property
    def tier_moves(self) -> int:
        return sum(bool(change.tier_move) for change in self.changes)

    @cached_property
    def rows(self) -> list[Row]:
        return wording_rows(*self.documents, {card.path: card.name for card in self.catalogue.roles})


def documents_of(*cards: Card) -> Callable[[], tuple[Document, Document]]:
    """The documents of two roles; 1 query, when asked."""

    def find() -> tuple[Document, Document]:
        by_id = dict(
            RoleVersion.objects.filter(pk__in=[card.version_id for card in cards]).values_list("pk", "document")
        )
        first, second = (dict(by_id[card.version_id] or {}) for card in cards)
        return first, second

    return find


# ── The map ─────────────────────────────────────────────────────────────────
@dataclass
class Lattice:
    """The ladders side by side, the moves between them, and the ways from one role to another; no queries."""

    catalogue: Snapshot
    start: Card | None
    end: Card | None
    prefer: str = "gap"
    family: str = ""
    chosen: int = 0
    most: int = field(default=3)

    @cached_property
    def routes(self) -> list[Route]:
        if not (self.start and self.end):
            return []
        shapes = {card.path: card.needs for card in self.catalogue.roles}
        found = routes(shapes, self.catalogue.edges, self.start.path, self.end.path, prefer=self.prefer, most=self.most)
        return list(found)

    @property
    def route(self) -> Route | None:
        return self.routes[min(self.chosen, len(self.routes) - 1)] if self.routes else None

    @property
    def steps(self) -> list[dict[str, Any]]:
        """The chosen way, one role a step, with the kind of move, its gap and what it asks for."""
        if not self.route:
            return []
        cards = [self.catalogue.by_path[path] for path in self.route.roles]
        steps: list[dict[str, Any]] = [{"card": cards[0], "kind": "", "gap": 0, "asks": []}]
        for here, there, levels in zip(cards, cards[1:], self.route.gaps, strict=False):
            asks = [
                f"{self.catalogue.competencies[change.competency].name} to {change.after}"
                for change in compare(here.needs, there.needs)
                if change.difference > 0 and change.competency in self.catalogue.competencies
            ]
            steps.append(
                {"card": there, "kind": self.catalogue.edges[here.path, there.path], "gap": levels, "asks": asks}
            )
        return steps

    @property
    def others(self) -> list[dict[str, Any]]:
        """The ways that were not chosen."""
        return [
            {
                "number": number,
                "route": route,
                "through": [self.catalogue.by_path[path] for path in route.roles[1:-1]],
            }
            for number, route in enumerate(self.routes)
            if route is not self.route
        ]

    @cached_property
    def ladders(self) -> list[tuple[Card, ...]]:
        """The columns: the family that was chosen, and always those that the way touches; so many and no more."""
        needed = {self.catalogue.by_path[path].ladder for path in (self.route.roles if self.route else ())}
        needed |= {card.ladder for card in (self.start, self.end) if card}
        ladders = self.catalogue.ladders
        wanted = [path for path, cards in ladders.items() if not self.family or cards[0].family == self.family]
        room = max(0, LADDERS_ON_MAP - len(needed))
        extra = [path for path in wanted if path not in needed][:room]
        return [cards for path, cards in ladders.items() if path in needed or path in extra]

    @property
    def left_out(self) -> int:
        return len(self.catalogue.ladders) - len(self.ladders)

    @property
    def families(self) -> list[tuple[str, str]]:
        return list({card.family: card.family_name for card in self.catalogue.roles}.items())

    @cached_property
    def moves(self) -> list[dict[str, Any]]:
        """Every move between the ladders that are shown."""
        shown = {card.path for cards in self.ladders for card in cards}
        by_path = self.catalogue.by_path
        return [
            {"from": by_path[here], "to": by_path[there], "kind": kind, "gap": by_path[here].gap_to(by_path[there])}
            for (here, there), kind in sorted(
                self.catalogue.edges.items(),
                key=lambda edge: (by_path[edge[0][0]].path, edge[1], by_path[edge[0][1]].path),
            )
            if here in shown and there in shown
        ]
