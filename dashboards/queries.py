"""All that the home page shows, each part lazy: kept parts ask for nothing but the key that they are kept under."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from accomplishments.choices import Proof, State
from accomplishments.models import AccomplishmentQuerySet, Verification
from accomplishments.queries.log import PROOFS, Filters, entries_of, standing_of
from accomplishments.queries.match import Advice, MatchPage, Row
from accomplishments.queries.standing import Pinned, Standing
from accomplishments.queries.targets import NewVersion, new_versions
from accomplishments.queries.trends import Point, trend_of
from ladder.ago import ago
from roles.queries.snapshot import Card

MOST_RECENT, MOST_STEPS, MOST_QUESTIONS, MOST_SIDEWAYS = 3, 4, 4, 2


def _number_of(entries: AccomplishmentQuerySet) -> Coalesce:
    """How many there are, beside each row of another query."""
    counted = entries.order_by().values("person").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), Value(0))


class Question(NamedTuple):
    """Somebody was asked about claims of one entry, and has not answered yet."""

    entry: int
    title: str
    name: str
    asked: str
    claims: list[str]  # competency and level


class Suggestion(NamedTuple):
    """A role that could be a target."""

    card: Card
    way: str  # up or sideways
    gap: int
    shares: int


class Gap(NamedTuple):
    """One step of the plan, `times` over, with the requirement that it helps to close."""

    row: Row
    step: Advice
    times: int


@dataclass
class HomePage:
    """What one person sees first."""

    standing: Standing

    @property
    def key(self) -> str:
        """Moves on whenever anything on the page does; 2 queries."""
        return self.standing.key

    # ── Who and where to ────────────────────────────────────────────────────
    @property
    def here(self) -> Card | None:
        """The role that they hold."""
        return self.standing.catalogue.by_path.get(self.standing.head.role)

    @property
    def since(self) -> date | None:
        return self.standing.head.since

    @property
    def target(self) -> Pinned | None:
        """The primary target."""
        return next(iter(self.standing.head.targets), None)

    @property
    def others(self) -> Sequence[Pinned]:
        return self.standing.head.targets[1:]

    @property
    def pinned(self) -> str:
        return ago(timezone.localdate(self.target.pinned_at), self.standing.today) if self.target else ""

    @cached_property
    def card(self) -> Card | None:
        """The version of the target that they pinned; None while none of the role is in force."""
        return self.target.card if self.target and self.target.now else None

    @cached_property
    def page(self) -> MatchPage | None:
        return MatchPage(self.standing, self.card) if self.card else None

    @property
    def beyond(self) -> Card | None:
        """The next role of the target's ladder."""
        now = self.standing.catalogue.by_path.get(self.target.path) if self.target else None
        return self.standing.catalogue.above(now) if now else None

    @property
    def new(self) -> list[NewVersion]:
        """Newer versions of targets, to move to or to leave alone."""
        return new_versions(self.standing)

    # ── How far ─────────────────────────────────────────────────────────────
    @property
    def gaps(self) -> list[Gap]:
        """The first steps of the plan; the same work, to be done more than once, is one line."""
        if self.page is None:
            return []
        rows = {row.competency.slug: row for row in self.page.rows}
        same = groupby(self.page.steps, key=lambda step: (step.kind, step.competency.slug, step.entry))
        found = [list(steps) for _, steps in same]
        return [Gap(rows[steps[-1].competency.slug], steps[-1], len(steps)) for steps in found[:MOST_STEPS]]

    @property
    def trend(self) -> list[Point]:
        """1 query."""
        return trend_of(self.standing.person, self.page.match) if self.page and self.page.match else []

    # ── The log ─────────────────────────────────────────────────────────────
    @cached_property
    def recent(self) -> list[tuple[Any, Proof]]:
        """The top of the timeline, each with its proof and the numbers of all `entries` and `drafts`; 1 query."""
        entries = entries_of(self.standing.person, Filters())
        found = (
            entries.order_by("-day", "-pk")
            .only("title", "state", "day")
            .annotate(
                standing=standing_of(),
                entries=_number_of(entries),
                drafts=_number_of(entries.filter(state=State.DRAFT)),
            )[:MOST_RECENT]
        )
        return [(entry, PROOFS[entry.standing]) for entry in found]

    @property
    def entries(self) -> int:
        """Logged entries and drafts."""
        return self.recent[0][0].entries if self.recent else 0

    @property
    def drafts(self) -> int:
        return self.recent[0][0].drafts if self.recent else 0

    @cached_property
    def _questions(self) -> tuple[list[Question], int]:
        """Their own that are open, and about how many entries others ask them; 1 query."""
        me = self.standing.person
        rows = (
            Verification.objects.open()
            .filter(Q(owner=me) | Q(verifier=me))
            .order_by("asked_at", "pk")
            .values_list(
                "owner",
                "batch",
                "claim__accomplishment_id",
                "claim__accomplishment__title",
                "name",
                "asked_at",
                "claim__competency__name",
                "claim__level",
            )
        )
        found: dict[UUID, Question] = {}
        others: set[UUID] = set()
        for owner, batch, entry, title, name, asked, competency, level in rows:
            if owner != me:
                others.add(batch)
                continue
            when = ago(timezone.localdate(asked), self.standing.today)
            question = found.setdefault(batch, Question(entry, title, name, when, []))
            question.claims.append(f"{competency} {level}")
        return list(found.values()), len(others)

    @property
    def to_answer(self) -> int:
        """Entries of others that they are asked about."""
        return self._questions[1]

    @property
    def questions(self) -> Sequence[Question]:
        """Those that have been open longest."""
        return self._questions[0][:MOST_QUESTIONS]

    @property
    def asked(self) -> int:
        return len(self._questions[0])

    # ── The first steps ─────────────────────────────────────────────────────
    @property
    def steps(self) -> dict[str, bool]:
        """What makes this page useful, and whether it is done."""
        logged = self.entries > self.drafts
        return {"role": bool(self.standing.head.role), "target": self.target is not None, "entry": logged}

    @property
    def next_step(self) -> str:
        """The first that is to be done; empty when all are."""
        return next((name for name, done in self.steps.items() if not done), "")

    @property
    def suggestions(self) -> list[Suggestion]:
        """One step up and the nearest ones across, from the role that they hold."""
        here, edges = self.here, self.standing.catalogue.edges
        if here is None:
            return []
        ways = [
            Suggestion(card, way, here.gap_to(card), here.shares_with(card))
            for (start, path), way in edges.items()
            if start == here.path
            for card in [self.standing.catalogue.by_path[path]]
        ]
        ways.sort(key=lambda one: (one.card.ladder != here.ladder, one.gap, one.card.path))
        up = [one for one in ways if one.way == "up"][:1]
        return [*up, *[one for one in ways if one.way == "sideways"][:MOST_SIDEWAYS]]
