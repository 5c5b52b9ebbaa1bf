"""All roles ranked for one person, their targets, and what newer versions of these change for them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple
from urllib.parse import urlencode

from django.urls import reverse

from accomplishments.models import MOST_TARGETS
from accomplishments.queries.standing import Pinned, Standing
from accomplishments.scoring.matching import Fit, Match, fills, ledger, rank
from roles.queries.snapshot import Card, Known
from roles.shapes.gap import Change, compare

ROLES_A_PAGE = 40
WAYS = {"": "All roles", "up": "Up", "sideways": "Sideways"}


def ranked(standing: Standing, cards: Iterable[Card]) -> list[tuple[Card, Fit]]:
    """Versions of roles for one person, the best match first; without those where nothing applies."""
    by_version = {(card.path, card.number): card for card in cards}
    shapes = [standing.shape(card) for card in by_version.values()]
    found = rank(shapes, standing.claims, standing.policy, standing.today)
    return [(by_version[fit.shape.role, fit.shape.version], fit) for fit in found]


# ── Best fit ────────────────────────────────────────────────────────────────
class Place(NamedTuple):
    """One role in the ranking. `way` says how it lies to the role held: up, sideways, here or nothing."""

    number: int
    card: Card
    fit: Fit
    gap: int
    way: str
    pinned: Pinned | None


@dataclass
class FitPage:
    """All roles in force, ranked for one person; the filters leave the places as they are."""

    standing: Standing
    way: str = ""  # a key of WAYS
    family: str = ""
    asked: int = 1

    @property
    def key(self) -> str:
        return f"{self.standing.key}:{self.way}:{self.family}:{self.asked}"

    @property
    def here(self) -> Card | None:
        """The role that they hold."""
        return self.standing.catalogue.by_path.get(self.standing.head.role)

    @cached_property
    def _held(self) -> Mapping[str, int]:
        """Competency -> the highest level whose bar is full, and so are all below it."""
        standing = self.standing
        book = ledger(standing.claims, standing.policy, standing.today)
        return {slug: sum(fill == 1 for fill in fills(sums.evidence, standing.policy)) for slug, sums in book.items()}

    def _gap(self, fit: Fit) -> int:
        """Levels that are not full yet."""
        return sum(max(0, one.need - self._held.get(one.competency, 0)) for one in fit.shape.applicable)

    @cached_property
    def _found(self) -> list[tuple[int, Card, Fit]]:
        places = enumerate(ranked(self.standing, self.standing.catalogue.roles), start=1)
        return [(number, card, fit) for number, (card, fit) in places if self._holds(card)]

    def _way(self, card: Card) -> str:
        here = self.standing.head.role
        return "here" if card.path == here else self.standing.catalogue.edges.get((here, card.path), "")

    def _holds(self, card: Card) -> bool:
        return (not self.way or self._way(card) == self.way) and (not self.family or card.family == self.family)

    @property
    def total(self) -> int:
        return len(self._found)

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // ROLES_A_PAGE))

    @property
    def page(self) -> int:
        return min(self.asked, self.pages)

    @cached_property
    def places(self) -> list[Place]:
        """Those of this page."""
        start, head = (self.page - 1) * ROLES_A_PAGE, self.standing.head
        return [
            Place(number, card, fit, self._gap(fit), self._way(card), head.pinned(card.path))
            for number, card, fit in self._found[start : start + ROLES_A_PAGE]
        ]

    def _url(self, number: int) -> str:
        chosen = {"way": self.way, "family": self.family, "page": str(number) if number > 1 else ""}
        query = urlencode({key: value for key, value in chosen.items() if value})
        return f"{reverse('accomplishments:fit')}?{query}"

    @property
    def url(self) -> str:
        return self._url(self.page)

    @property
    def previous_url(self) -> str:
        return self._url(self.page - 1)

    @property
    def next_url(self) -> str:
        return self._url(self.page + 1)

    @property
    def ways(self) -> list[tuple[str, str]]:
        return list(WAYS.items())

    @property
    def families(self) -> list[tuple[str, str]]:
        return list({card.family: card.family_name for card in self.standing.catalogue.roles}.items())


# ── Targets ─────────────────────────────────────────────────────────────────
class Aim(NamedTuple):
    """One target as the page shows it; `fit` is None where there is nothing to match, or no version in force."""

    pinned: Pinned
    url: str
    fit: Fit | None
    new: "NewVersion | None"


@dataclass
class TargetsPage:
    """The pinned roles of one person, the primary one first."""

    standing: Standing

    @property
    def key(self) -> str:
        return self.standing.key

    @cached_property
    def aims(self) -> list[Aim]:
        standing = self.standing
        targets = standing.head.targets
        fits = {card.path: fit for card, fit in ranked(standing, [pinned.card for pinned in targets if pinned.now])}
        return [
            Aim(pinned, standing.url_of(pinned.card), fits.get(pinned.path), new_version(standing, pinned))
            for pinned in targets
        ]

    @property
    def free(self) -> int:
        return MOST_TARGETS - len(self.standing.head.targets)


# ── Newer versions of targets ───────────────────────────────────────────────
class Moved(NamedTuple):
    """One competency that two versions ask for differently; coverages are None where it isn't asked for."""

    competency: Known
    change: Change
    before: Fraction | None
    after: Fraction | None


class NewVersion(NamedTuple):
    """A pinned role has another version in force: what changed for this person."""

    pinned: Pinned
    before: Card
    after: Card
    match_before: Match | None
    match_after: Match | None
    moved: Sequence[Moved]


def new_version(standing: Standing, pinned: Pinned) -> NewVersion | None:
    """None where the pinned version is in force, or the one in force was left alone."""
    now, before = pinned.now, pinned.card
    if now is None or now.number in (before.number, pinned.stayed):
        return None
    old, new = standing.match(before), standing.match(now)
    was, will = _coverages(old), _coverages(new)
    moved = [
        Moved(standing.known(change.competency), change, was.get(change.competency), will.get(change.competency))
        for change in compare(before.needs, now.needs)
        if change.is_different
    ]
    return NewVersion(pinned, before, now, old, new, sorted(moved, key=lambda one: one.competency.order))


def new_versions(standing: Standing) -> list[NewVersion]:
    """Of all targets, the primary one first."""
    return [new for pinned in standing.head.targets if (new := new_version(standing, pinned))]


def _coverages(match: Match | None) -> dict[str, Fraction]:
    return {line.requirement.competency: line.coverage for line in match.lines} if match else {}
