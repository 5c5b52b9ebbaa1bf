"""What counts for one person today: their record, evidence, targets and exemptions, and the versions they look at.

Everything is lazy: a page whose parts are kept asks for nothing but the key that they are kept under, `Standing.key`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, cached_property
from typing import NamedTuple
from urllib.parse import urlencode

from django.db import connection
from django.db.models import Subquery
from django.urls import reverse
from django.utils import timezone

from accomplishments.models import Exemption, Record, ScoringPolicy
from accomplishments.queries.evidence import Evidence, evidence_of, policy_at, shape_of
from accomplishments.scoring import evidence, matching, planning
from accomplishments.scoring.matching import Match
from accomplishments.scoring.planning import Plan
from accomplishments.scoring.policy import TIERS, Policy
from accomplishments.scoring.shape import Shape
from ladder.locality import manner
from people.models import User
from roles.models import Role, RoleVersion
from roles.queries.snapshot import Card, Known, Snapshot, card_of, snapshot
from roles.shapes.gap import Need

UNKNOWN = 10_000  # in the order of the framework: after everything in it


class Older:
    """Pinned versions by key, for those that are not in force; 1 query, when the first of them is looked at."""

    def __init__(self, versions: Iterable[int]) -> None:
        self.versions = list(versions)

    @cached_property
    def cards(self) -> Mapping[int, Card]:
        found = RoleVersion.objects.filter(pk__in=self.versions)
        found = found.select_related("role__level", "role__specialty__family")
        return {version.pk: card_of(version, version.document or {}) for version in found}


@dataclass(frozen=True)
class Pinned:
    """One target, at the version that was pinned; `stayed` is the newer version that was left alone, 0 for none.

    `now` is the version in force, None while there is none.
    """

    pk: int
    version_id: int
    is_primary: bool
    stayed: int
    pinned_at: datetime
    now: Card | None
    older: Older = field(compare=False)

    @property
    def card(self) -> Card:
        """The version that was pinned."""
        if self.now and self.now.version_id == self.version_id:
            return self.now
        return self.older.cards[self.version_id]

    @property
    def path(self) -> str:
        return (self.now or self.card).path

    @property
    def number(self) -> int:
        return self.card.number

    @property
    def title(self) -> str:
        return self.card.title

    @property
    def needs(self) -> tuple[Need, ...]:
        return self.card.needs


@dataclass(frozen=True)
class Head:
    """A record without its entries: its token, the path of the role held ("" for none) and since when, the targets;
    and the version of the policy in force, which comes in the same query.

    The primary target comes first.
    """

    token: str
    role: str
    since: date | None
    targets: tuple[Pinned, ...]
    policy: int = 0

    def pinned(self, path: str) -> Pinned | None:
        return next((one for one in self.targets if one.path == path), None)


def head_of(person: int, catalogue: Snapshot) -> Head:
    """1 query, also where there is no record yet; another one where the role held is not in force."""
    rows = list(
        User.objects.filter(pk=person)
        .order_by("-targets__is_primary", "targets__slot")
        .values_list(
            "record__token",
            "record__role",
            "record__since",
            Subquery(ScoringPolicy.objects.order_by("-version").values("version")[:1]),
            "targets__role",
            "targets__pk",
            "targets__version",
            "targets__is_primary",
            "targets__stayed",
            "targets__pinned_at",
        )
    )
    token, role, since, policy = rows[0][:4]
    pins = [row[4:] for row in rows if row[5]]
    cards = catalogue.by_role
    older = Older(version for role, _, version, *_ in pins)
    targets = tuple(
        Pinned(pk, version, primary, stayed, at, cards.get(role), older)
        for role, pk, version, primary, stayed, at in pins
    )
    return Head(str(token or ""), _path(role, cards), since, targets, policy)


def _path(role: int | None, cards: Mapping[int, Card]) -> str:
    """Of a role by its key; 1 query where none of its versions is in force."""
    if role is None or role in cards:
        return cards[role].path if role else ""
    return str(Role.objects.select_related("level", "specialty__family").get(pk=role))


@dataclass
class Standing:
    """What counts for one person today, under the policy and the catalogue in force."""

    person: int
    stamp: str
    today: date = field(default_factory=timezone.localdate)

    @property
    def key(self) -> str:
        """Moves on whenever anything that a match rests on does; 1 query."""
        return f"{self.person}:{self.head.token}:{self.stamp}:{self.head.policy}:{self.today}:{manner()}"

    @cached_property
    def catalogue(self) -> Snapshot:
        return snapshot(self.stamp)

    @cached_property
    def policy(self) -> Policy:
        return policy_at(self.head.policy)

    @cached_property
    def head(self) -> Head:
        """1 query."""
        return head_of(self.person, self.catalogue)

    @cached_property
    def _evidence(self) -> Evidence:
        """2 queries."""
        return evidence_of(self.person, self.today)

    @property
    def claims(self) -> Sequence[evidence.Claim]:
        return self._evidence.claims

    @property
    def waiting(self) -> Mapping[str, Sequence[str]]:
        """By the key of a claim as text: names of those who were asked about it and haven't answered."""
        return self._evidence.waiting

    @property
    def titles(self) -> Mapping[str, str]:
        """Of the entries that count, by the key of the entry as text."""
        return self._evidence.titles

    @cached_property
    def exempt(self) -> Mapping[int, Mapping[str, str]]:
        """Key of a role -> competency -> why it doesn't apply; 1 query."""
        found: defaultdict[int, dict[str, str]] = defaultdict(dict)
        rows = Exemption.objects.filter(person=self.person).values_list("role", "competency__slug", "reason")
        for role, competency, reason in rows:
            found[role][competency] = reason
        return found

    def shape(self, card: Card) -> Shape:
        """What a role asks of this person."""
        return shape_of(card.path, card.number, card.needs, self.exempt.get(card.role_id))

    def claims_for(self, shape: Shape) -> Sequence[evidence.Claim]:
        """The claims for what a role asks: all that its match rests on."""
        asked = {one.competency for one in shape.applicable}
        return [claim for claim in self.claims if claim.competency in asked]

    def match(self, card: Card) -> Match | None:
        """None where no requirement applies: then there is nothing to match."""
        shape = self.shape(card)
        return matching.compare(shape, self.claims_for(shape), self.policy, self.today) if shape.applicable else None

    def plan(self, card: Card, tiers: Sequence[str] = TIERS) -> Plan | None:
        """What would close the gap, cheapest first; None where there is nothing to match."""
        shape = self.shape(card)
        claims = self.claims_for(shape)
        return planning.plan(shape, claims, self.policy, self.today, tiers) if shape.applicable else None

    def known(self, slug: str) -> Known:
        """A competency, also one that left the framework."""
        return self.catalogue.competencies.get(slug) or Known(slug, slug, "", UNKNOWN, "")

    def url_of(self, card: Card, name: str = "match", **query: str) -> str:
        """The address of a match; it names the version unless that is in force."""
        now = self.catalogue.by_path.get(card.path)
        if now is None or now.version_id != card.version_id:
            query = {"version": str(card.number), **query}
        address = reverse(f"accomplishments:{name}", args=card.path.split("/"))
        asked = urlencode({key: value for key, value in query.items() if value})
        return f"{address}?{asked}" if asked else address


def card_at(standing: Standing, path: str, number: int | None, user: User) -> Card | None:
    """A version of a role that this person may see, by default the one in force; None where there is none.

    No query for the version in force; another one costs 1, and 2 more where it is still to come.
    """
    now, pinned = standing.catalogue.by_path.get(path), standing.head.pinned(path)
    if number is None or (now and now.number == number):
        return now
    if pinned and pinned.number == number:
        return pinned.card
    family, specialty, level = path.split("/")
    asked = RoleVersion.objects.published().filter(
        number=number,
        role__specialty__family__slug=family,
        role__specialty__slug=specialty,
        role__level__slug=level,
    )
    asked = asked.select_related("role__level", "role__specialty__family")
    version = asked.in_force().first() or asked.visible_to(user).first()
    return card_of(version, version.document or {}) if version else None


# ── What the pages of the roles mark ────────────────────────────────────────
class Pin(NamedTuple):
    """A target by its key, which is all that a button needs."""

    pk: int


class Marks(NamedTuple):
    """Paths of roles in force: the one held ("" for none), and the targets, the primary one first."""

    role: str = ""
    targets: Mapping[str, Pin] = {}

    @property
    def key(self) -> str:
        return " ".join((self.role, *sorted(self.targets)))


@cache
def _marks() -> str:
    """The SQL of `marks_of`, made once: making it takes ten times as long as running it."""
    rows = Record.objects.filter(pk=0).order_by("-person__targets__is_primary", "person__targets__slot")
    return str(rows.values_list("role", "person__targets", "person__targets__role").query.sql_with_params()[0])


def marks_of(person: int, catalogue: Snapshot) -> Marks:
    """1 query, a lighter one than that of `head_of`: these pages are asked for more often than all others."""
    with connection.cursor() as cursor:
        cursor.execute(_marks(), [person])
        rows: list[tuple[int | None, int | None, int | None]] = cursor.fetchall()
    path = {role: card.path for row in rows for role in row[::2] if role and (card := catalogue.by_role.get(role))}
    held = next((path.get(role, "") for role, _, _ in rows if role), "")
    return Marks(held, {path[aim]: Pin(pk) for _, pk, aim in rows if pk and aim in path})
