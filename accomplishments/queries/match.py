"""One person against one version of a role, with all that led to the match and would change it."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from itertools import islice
from typing import ClassVar, NamedTuple

from django.urls import reverse

from accomplishments.choices import Part, Proof
from accomplishments.queries.facts import facts_by_claim
from accomplishments.queries.standing import Pinned, Standing
from accomplishments.queries.targets import NewVersion, new_version
from accomplishments.scoring import evidence, matching, planning
from accomplishments.scoring.matching import Bar, Filling, Line, Match, Remark
from accomplishments.scoring.planning import Effect, Step
from accomplishments.scoring.policy import GRAINS, MILLI, TIERS, Policy
from accomplishments.scoring.receipt import number
from accomplishments.scoring.shape import Shape
from competencies.queries import indicators_at
from roles.queries.snapshot import Card, Known


# ── What a match names ──────────────────────────────────────────────────────
class Named(NamedTuple):
    """An entry as a match names it."""

    title: str
    claim: evidence.Claim

    @property
    def url(self) -> str:
        return reverse("accomplishments:entry", args=[self.claim.accomplishment])

    @property
    def part(self) -> str:
        return Part(self.claim.part).label

    def said(self) -> list[tuple[str, evidence.Verification]]:
        """Who said something about the claim, by name; two people may have one name."""
        return [(name_of(one.who), one) for one in self.claim.verifications]


def name_of(who: str) -> str:
    """The name in the `who` of a verification, which ends in the number that keeps two people apart."""
    return who.rpartition(" #")[0]


class Fill(NamedTuple):
    """An entry in a bar: its factors there as exact decimals, their product, and what of it found room."""

    entry: Named
    proof: str  # a key of choices.Proof
    ownership: str
    verification: str
    recency: str
    strength: str
    counted: str


class Level(NamedTuple):
    """One bar of a requirement with the entries that fill it, the strongest first; `more` of them are not listed.

    `have` is the evidence at this level, `full` what fills the bar.
    """

    number: int
    fill: Fraction
    verified: Fraction
    have: str
    full: str
    fills: Sequence[Fill]
    more: int


class Doubt(NamedTuple):
    """An entry that does not count, or not in full, and why."""

    entry: Named
    remarks: Sequence[Remark]


class Advice(NamedTuple):
    """One step of a plan; `entry` is empty for new work, `asked` names who is to answer about it already."""

    kind: str
    competency: Known
    level: int
    entry: Named | None
    match: Fraction
    verified: Fraction
    asked: Sequence[str]


class Without(NamedTuple):
    """What the match would be without an entry, or without what `who` said of it."""

    entry: Named
    who: str
    match: Fraction
    verified: Fraction


def _proof(claim: evidence.Claim, level: int) -> str:
    """Who stands behind a claim at a level."""
    said = [one for one in claim.verifications if one.reach(claim.level) >= level]
    if not said:
        return Proof.SELF
    return Proof.MANAGER if all(one.is_manager for one in said) else Proof.PEER


# ── One match ───────────────────────────────────────────────────────────────
class Row(NamedTuple):
    """One requirement against the evidence: the line of the match, its bars up to the need, the needed one first,
    what does not count (`more_doubts` entries are not listed), and the steps that would meet it.
    """

    competency: Known
    line: Line
    steps: Sequence[Advice]
    level_name: str
    indicators: Sequence[str]
    levels: Sequence[Level]
    doubts: Sequence[Doubt]
    more_doubts: int

    @property
    def need(self) -> int:
        return self.line.requirement.need

    @property
    def tier(self) -> str:
        return self.line.requirement.tier

    @property
    def have(self) -> Fraction:
        """Levels, 0..need: the bars up to the need added up."""
        return self.line.coverage * self.need

    @property
    def verified(self) -> Fraction:
        """Levels of `have` that somebody confirmed."""
        return self.line.verified * self.need

    @property
    def short(self) -> int:
        """How many of the bars up to the need are not full."""
        return sum(bar.asked and bar.fill < 1 for bar in self.line.bars)

    @property
    def waits(self) -> bool:
        """Not met, and it would be if colleagues confirmed what is claimed."""
        return bool(self.steps) and all(step.kind == planning.VERIFY for step in self.steps)

    @property
    def unproven(self) -> bool:
        """Would a confirmation change what is counted as verified here, and nothing else is missing?"""
        return self.waits or (self.line.met and not self.line.met_verified)

    @property
    def is_empty(self) -> bool:
        """No entry says anything of it."""
        return not self.line.coverage and not self.line.remarks


# What a filter of the page shows, in the order of its links.
SHOWS: dict[str, tuple[str, Callable[[Row], bool]]] = {
    "": ("All", lambda row: True),
    "gaps": ("Gaps", lambda row: not row.line.met),
    "waiting": ("Waiting for proof", lambda row: row.unproven),
    "met": ("Met", lambda row: row.line.met),
}
# So much of a long log is listed; the rest is a link or a number.
MOST_FILLS, MOST_DOUBTS, MOST_EFFECTS = 5, 5, 20
# The remarks that somebody can do something about come first.
DOUBT_ORDER = tuple(matching.REASONS)


@dataclass
class MatchPage:
    """One person against one version of one role."""

    most: ClassVar = MOST_EFFECTS

    standing: Standing
    card: Card
    show: str = ""  # a key of SHOWS
    gates_only: bool = False  # plan for the core requirements alone

    @cached_property
    def match(self) -> Match | None:
        return self.standing.match(self.card)

    @property
    def key(self) -> str:
        return f"{self.standing.key}:{self.card.version_id}:{self.show}:{self.gates_only:d}"

    @cached_property
    def _plan(self) -> Sequence[Step]:
        """For every requirement."""
        plan = self.standing.plan(self.card)
        return plan.steps if plan else ()

    @cached_property
    def steps(self) -> Sequence[Advice]:
        """What would meet the role, or its core requirements alone, cheapest first."""
        if not self.gates_only:
            return [self._advice(step) for step in self._plan]
        plan = self.standing.plan(self.card, ("core",))
        return [self._advice(step) for step in plan.steps] if plan else []

    @cached_property
    def rows(self) -> list[Row]:
        """Every requirement that applies: what is open first, then core first, then in framework order; 2 queries."""
        lines = self.match.lines if self.match else ()
        looks = indicators_at((line.requirement.competency, line.requirement.need) for line in lines)
        rows = [self._row(line, *looks.get(line.requirement.competency, ("", []))) for line in lines]
        return sorted(rows, key=lambda row: (row.line.met, TIERS.index(row.tier), row.competency.order))

    def _row(self, line: Line, level_name: str, indicators: Sequence[str]) -> Row:
        slug, need = line.requirement.competency, line.requirement.need
        doubts: defaultdict[evidence.Claim, list[Remark]] = defaultdict(list)
        for remark in sorted(line.remarks, key=lambda one: DOUBT_ORDER.index(one.reason)):
            doubts[remark.claim].append(remark)
        named = [Doubt(self._named(claim), remarks) for claim, remarks in islice(doubts.items(), MOST_DOUBTS)]
        return Row(
            self.standing.known(slug),
            line,
            [self._advice(step) for step in self._plan if step.competency == slug],
            level_name,
            indicators,
            [self._level(bar) for bar in reversed(line.bars[:need])],
            named,
            len(doubts) - len(named),
        )

    def _level(self, bar: Bar) -> Level:
        full = Fraction(self.standing.policy.full[bar.level - 1], GRAINS)
        fills = [self._fill(filling, bar.level) for filling in bar.filled_by[:MOST_FILLS]]
        more = len(bar.filled_by) - len(fills)
        return Level(bar.level, bar.fill, bar.verified, number(bar.evidence), number(full), fills, more)

    def _fill(self, filling: Filling, level: int) -> Fill:
        weighed = filling.weighed
        return Fill(
            self._named(filling.claim),
            _proof(filling.claim, level),
            ownership=number(Fraction(weighed.ownership, MILLI)),
            verification=number(Fraction(weighed.verification[level - 1], MILLI)),
            recency=number(Fraction(weighed.recency, MILLI)),
            strength=number(filling.strength),
            counted=number(Fraction(filling.counted, GRAINS)),
        )

    @cached_property
    def facts(self) -> Mapping[str, Sequence[str]]:
        """What is to be known of those who confirmed a claim, by its key; 1 query."""
        return facts_by_claim(self.standing.person)

    def _named(self, claim: evidence.Claim) -> Named:
        return Named(self.standing.titles[claim.accomplishment], claim)

    def _advice(self, step: Step) -> Advice:
        entry = self._named(step.claim) if step.claim else None
        asked = self.standing.waiting.get(step.claim.id, ()) if step.claim else ()
        known = self.standing.known(step.competency)
        return Advice(step.kind, known, step.after.level, entry, step.match, step.verified, asked)

    @property
    def in_order(self) -> list[Row]:
        """As the framework has them, so that a shape keeps its silhouette."""
        return sorted(self.rows, key=lambda row: row.competency.order)

    @property
    def shown(self) -> list[Row]:
        return [row for row in self.rows if SHOWS[self.show][1](row)]

    @property
    def shows(self) -> list[tuple[str, str, int, str]]:
        """Each filter: its key, its words, how many rows it shows, its address."""
        return [
            (key, words, sum(fits(row) for row in self.rows), self._url(show=key))
            for key, (words, fits) in SHOWS.items()
        ]

    def _url(self, name: str = "match", **changes: str) -> str:
        chosen = {"show": self.show, "plan": "core" if self.gates_only else ""}
        return self.standing.url_of(self.card, name, **(chosen | changes))

    @property
    def url(self) -> str:
        """This page as it is filtered."""
        return self._url()

    @property
    def plan_url(self) -> str:
        """This page with the other plan: for the core requirements alone, or for all."""
        return self._url(plan="" if self.gates_only else "core")

    @property
    def exempt_url(self) -> str:
        return self._url("exempt")

    @property
    def receipt_url(self) -> str:
        return self.standing.url_of(self.card, "receipt")

    @property
    def now(self) -> Card | None:
        """The version in force, where this is another one."""
        now = self.standing.catalogue.by_path.get(self.card.path)
        return now if now and now.version_id != self.card.version_id else None

    @property
    def pinned(self) -> Pinned | None:
        return self.standing.head.pinned(self.card.path)

    @cached_property
    def new(self) -> NewVersion | None:
        """What a newer version changes for them, where the role is a target."""
        return new_version(self.standing, self.pinned) if self.pinned else None

    @property
    def to_go(self) -> int:
        """Levels that are not full yet."""
        return sum(row.short for row in self.rows)

    @property
    def to_confirm(self) -> int:
        """Levels of these that colleagues could fill by confirming what is claimed."""
        return sum(row.short for row in self.rows if row.waits)

    @property
    def left_out(self) -> list[tuple[Known, str]]:
        """What doesn't apply to them, and why, in framework order."""
        out = [one for one in self.standing.shape(self.card).requirements if not one.applies]
        named = [(self.standing.known(one.competency), one.not_applicable) for one in out]
        return sorted(named, key=lambda one: one[0].order)

    @cached_property
    def without_entries(self) -> Sequence[Without]:
        """The match without each entry that it rests on, those that change it most first."""
        return self._without(planning.without_accomplishments)

    @cached_property
    def without_verifications(self) -> Sequence[Without]:
        """The match without each verification that it rests on, those that change it most first."""
        return self._without(planning.without_verifications)

    def _without(
        self, ask: Callable[[Shape, Sequence[evidence.Claim], Policy, date], Sequence[Effect]]
    ) -> Sequence[Without]:
        if self.match is None:
            return ()
        standing = self.standing
        used = standing.claims_for(self.match.shape)
        effects = ask(self.match.shape, used, standing.policy, standing.today)
        felt = [one for one in effects if one.change or one.verified != self.match.verified]
        claims = {claim.accomplishment: claim for claim in used}
        return [
            Without(
                self._named(one.claim or claims[one.accomplishment]),
                name_of(one.who),
                one.match,
                one.verified,
            )
            for one in felt[:MOST_EFFECTS]
        ]
