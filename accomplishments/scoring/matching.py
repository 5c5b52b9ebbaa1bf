"""From claims to bars, from bars to coverage, from coverage to a match.

Everything inside is whole numbers and fractions, so the order of the claims changes nothing at all; decimals are made
only to show them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import lcm
from typing import NamedTuple

from accomplishments.scoring.evidence import Claim, EvidenceError, Weighed, weigh, whole_months
from accomplishments.scoring.policy import GRAINS, LEVELS, MILLI, TIERS, Policy
from accomplishments.scoring.shape import Requirement, Shape, ShapeError

# Why a claim, or a part of it, does not count.
REASONS = {
    "disputed": "Disputed: counts again when the dispute is settled.",
    "weightless": "The policy gives this part in the work no weight.",
    "bar_full": "The bar is already full.",
    "above_need": "Above the level that this role needs.",
    "below_need": "Below the level that this role needs.",
    "unproven": "Self-claimed: counts in full when a peer confirms it.",
    "part": "Only a part of the work was theirs.",
    "old": "The work ended a while ago.",
}


class Sums(NamedTuple):
    """All evidence for one competency: its claims, newest first, and S at levels 1..5 in grains."""

    weighed: tuple[Weighed, ...]
    evidence: tuple[int, ...]
    verified: tuple[int, ...]


NOTHING = Sums((), (0,) * len(LEVELS), (0,) * len(LEVELS))


def ledger(claims: Iterable[Claim], policy: Policy, as_of: date) -> Mapping[str, Sums]:
    """Evidence by competency. Raises EvidenceError for a claim given twice and for work that ended after `as_of`."""
    seen: set[str] = set()
    found: defaultdict[str, list[Weighed]] = defaultdict(list)
    for claim in claims:
        if claim.id in seen:
            raise EvidenceError(f"claim {claim.id}: given twice")
        seen.add(claim.id)
        found[claim.competency].append(weigh(claim, policy, as_of))
    return {slug: sums(found[slug]) for slug in sorted(found)}


def sums(weighed: Iterable[Weighed]) -> Sums:
    """S[l] of one competency: the strengths of the claims at level l or higher."""
    ordered = sorted(weighed, key=lambda one: (-one.claim.ended.toordinal(), one.claim.id))
    return Sums(tuple(ordered), total(one.strength for one in ordered), total(one.proven for one in ordered))


def total(strengths: Iterable[Sequence[int]]) -> tuple[int, ...]:
    """S at levels 1..5 from strengths at levels 1 up to each claim's, in grains."""
    found = [0] * len(LEVELS)
    for strength in strengths:
        for index, grains in enumerate(strength):
            found[index] += grains
    return tuple(found)


def fills(evidence: Sequence[int], policy: Policy) -> tuple[Fraction, ...]:
    """F[l] = min(1, S[l] / full[l]) for levels 1..5, from grains."""
    return tuple(Fraction(min(grains, full), full) for grains, full in zip(evidence, policy.full, strict=True))


def covered(evidence: Sequence[int], need: int, policy: Policy) -> Fraction:
    """Coverage of a need: the mean of the bars up to it, from S in grains; the bars over one denominator."""
    asked = zip(evidence[:need], policy.full[:need], strict=True)
    return Fraction(sum(min(grains, full) * (policy.whole // full) for grains, full in asked), policy.whole * need)


class Filling(NamedTuple):
    """What one claim does in one bar: its strength there, and how much of it found room; in grains."""

    weighed: Weighed
    grains: int
    counted: int

    @property
    def claim(self) -> Claim:
        return self.weighed.claim

    @property
    def strength(self) -> Fraction:
        return Fraction(self.grains, GRAINS)


class Bar(NamedTuple):
    """One level of one competency. `filled_by` names the claims that fill it, strongest first."""

    level: int
    evidence: Fraction
    fill: Fraction
    verified: Fraction
    asked: bool
    filled_by: tuple[Filling, ...]


class Remark(NamedTuple):
    """Why a claim does not count at these levels, or not in full (a key of REASONS)."""

    claim: Claim
    reason: str
    levels: tuple[int, ...]

    @property
    def text(self) -> str:
        return REASONS[self.reason]


@dataclass(frozen=True, slots=True)
class Line:
    """One requirement against the evidence for it. Fractions lie in 0..1, the rating in 0..5."""

    requirement: Requirement
    bars: tuple[Bar, ...]
    rating: Fraction
    coverage: Fraction
    verified: Fraction
    weight: Fraction
    remarks: tuple[Remark, ...]

    @property
    def met(self) -> bool:
        return self.bars[self.requirement.need - 1].fill == 1

    @property
    def met_verified(self) -> bool:
        return self.bars[self.requirement.need - 1].verified == 1

    @property
    def term(self) -> Fraction:
        """What this requirement adds to the sum over all: weight x coverage."""
        return self.weight * self.coverage


class TierMatch(NamedTuple):
    """The match inside one tier, and how many of its requirements are met."""

    tier: str
    weight: Fraction
    match: Fraction
    verified: Fraction
    met: int
    total: int


@dataclass(frozen=True, slots=True)
class Match:
    """A person's evidence against one version of a role, on one day, under one policy.

    `match` and `verified` (counting only what somebody confirmed) lie in 0..1 and are exact. `entries` counts the
    accomplishments that are evidence for a requirement; `newest` is the day on which the last of them ended, None
    without any.
    """

    shape: Shape
    policy: Policy
    as_of: date
    lines: tuple[Line, ...]
    left_out: tuple[Requirement, ...]
    match: Fraction
    verified: Fraction
    tiers: tuple[TierMatch, ...]
    entries: int
    newest: date | None

    @property
    def gates(self) -> int:
        """How many core requirements apply."""
        return sum(line.requirement.tier == "core" for line in self.lines)

    @property
    def gates_met(self) -> int:
        return sum(line.requirement.tier == "core" and line.met for line in self.lines)

    @property
    def age_months(self) -> int | None:
        """Whole months since the newest entry ended."""
        return None if self.newest is None else whole_months(self.newest, self.as_of)


def percent(share: Fraction) -> int:
    """A share of 0..1 in whole per cent, halves up; 0 and 100 only when it is exactly that."""
    rounded = int(share * 100 + Fraction(1, 2))
    return rounded if share in (0, 1) else min(99, max(1, rounded))


def compare(shape: Shape, claims: Iterable[Claim], policy: Policy, as_of: date) -> Match:
    """The match of a person's claims to a role, with everything that led to it.

    Raises ShapeError when no requirement applies (there is nothing to divide by) and EvidenceError for impossible
    evidence.
    """
    book = ledger(claims, policy, as_of)
    lines = tuple(_line(one, book.get(one.competency, NOTHING), policy) for one in applicable(shape))
    used = [claim for line in lines for claim in _counting(book.get(line.requirement.competency, NOTHING))]
    return Match(
        shape=shape,
        policy=policy,
        as_of=as_of,
        lines=lines,
        left_out=tuple(one for one in shape.requirements if not one.applies),
        match=_mean((line.weight, line.coverage) for line in lines),
        verified=_mean((line.weight, line.verified) for line in lines),
        tiers=tuple(_tier(tier, lines) for tier in TIERS if any(line.requirement.tier == tier for line in lines)),
        entries=len({claim.accomplishment for claim in used}),
        newest=max((claim.ended for claim in used), default=None),
    )


def applicable(shape: Shape) -> Sequence[Requirement]:
    """The requirements that apply, at least one. Raises ShapeError."""
    if not shape.applicable:
        raise ShapeError(f"{shape.role}: no requirement applies, so there is nothing to match")
    return shape.applicable


def _counting(sums: Sums) -> Iterator[Claim]:
    return (one.claim for one in sums.weighed if one.strength[0])


def _mean(weighted: Iterable[tuple[Fraction, Fraction]]) -> Fraction:
    pairs = list(weighted)
    return sum((weight * share for weight, share in pairs), Fraction(0)) / sum(weight for weight, _ in pairs)


def _tier(tier: str, lines: Sequence[Line]) -> TierMatch:
    inside = [line for line in lines if line.requirement.tier == tier]
    return TierMatch(
        tier=tier,
        weight=inside[0].weight,
        match=_mean((line.weight, line.coverage) for line in inside),
        verified=_mean((line.weight, line.verified) for line in inside),
        met=sum(line.met for line in inside),
        total=len(inside),
    )


def _line(requirement: Requirement, sums: Sums, policy: Policy) -> Line:
    bars = _bars(sums, requirement.need, policy)
    return Line(
        requirement=requirement,
        bars=bars,
        rating=sum((bar.fill for bar in bars), Fraction(0)),
        coverage=covered(sums.evidence, requirement.need, policy),
        verified=covered(sums.verified, requirement.need, policy),
        weight=Fraction(policy.weights[requirement.tier], MILLI),
        remarks=_all_remarks(sums.weighed, requirement.need, bars),
    )


def _bars(sums: Sums, need: int, policy: Policy) -> tuple[Bar, ...]:
    return tuple(
        Bar(level, Fraction(grains, GRAINS), fill, verified, level <= need, _filled_by(sums.weighed, level, full))
        for level, grains, full, fill, verified in zip(
            LEVELS,
            sums.evidence,
            policy.full,
            fills(sums.evidence, policy),
            fills(sums.verified, policy),
            strict=True,
        )
    )


def _filled_by(weighed: Iterable[Weighed], level: int, full: int) -> tuple[Filling, ...]:
    """The strongest claims until the bar is full; among equals the newest, as `weighed` is ordered."""
    room, found = full, []
    reaching = (one for one in weighed if one.claim.level >= level)
    for one in sorted(reaching, key=lambda one: -one.strength[level - 1]):
        grains = one.strength[level - 1]
        counted = min(grains, room)
        if not counted:
            break
        found.append(Filling(one, grains, counted))
        room -= counted
    return tuple(found)


def _all_remarks(weighed: Iterable[Weighed], need: int, bars: Sequence[Bar]) -> tuple[Remark, ...]:
    room = {bar.level for bar in bars if bar.fill < 1}
    users = [{found.claim.id for found in bar.filled_by} for bar in bars]
    return tuple(remark for one in weighed for remark in _remarks(one, need, room, users))


def _remarks(one: Weighed, need: int, room: Collection[int], users: Sequence[Collection[str]]) -> Iterator[Remark]:
    """What of a claim does not count for a need, and why; the reasons for too little only where a bar has `room`.

    `users` are the ids of the claims in the bars of levels 1..5.
    """
    claim, asked = one.claim, range(1, min(need, one.claim.level) + 1)
    if claim.disputed or not one.strength[0]:
        yield Remark(claim, "disputed" if claim.disputed else "weightless", tuple(asked))
        return
    short = [level for level in asked if level in room]
    reasons = (
        (
            "bar_full",
            [level for level in asked if claim.id not in users[level - 1]],
        ),
        ("above_need", range(need + 1, claim.level + 1)),
        ("below_need", [level for level in range(claim.level + 1, need + 1) if level in room]),
        ("unproven", [level for level in short if not one.proven[level - 1]]),
        ("part", short if one.ownership < MILLI else ()),
        ("old", short if one.recency < MILLI else ()),
    )
    yield from (Remark(claim, reason, tuple(levels)) for reason, levels in reasons if levels)


class Fit(NamedTuple):
    """One role in a ranking; the numbers are those of `compare`."""

    shape: Shape
    match: Fraction
    verified: Fraction
    gates_met: int
    gates: int


def rank(shapes: Iterable[Shape], claims: Iterable[Claim], policy: Policy, as_of: date) -> tuple[Fit, ...]:
    """Every role for one person, best match first, then most gates met, then by path and version.

    The evidence is weighed once, and a role costs one addition a requirement: coverages are brought to one common
    denominator. A role in which nothing applies is left out.
    """
    book = ledger(claims, policy, as_of)
    whole = policy.whole * lcm(*LEVELS)
    table = {slug: _parts(sums, policy, whole) for slug, sums in book.items()}
    found = [_fit(shape, table, policy, whole) for shape in shapes if shape.applicable]
    return tuple(
        sorted(found, key=lambda fit: (-fit.match, fit.gates - fit.gates_met, fit.shape.role, fit.shape.version))
    )


_Parts = tuple[Sequence[int], Sequence[int]]


def _parts(sums: Sums, policy: Policy, whole: int) -> _Parts:
    """Coverages of the needs 1..5, all and verified, as numerators over `whole`."""
    return _numerators(sums.evidence, policy, whole), _numerators(sums.verified, policy, whole)


def _numerators(evidence: Sequence[int], policy: Policy, whole: int) -> Sequence[int]:
    return [int(covered(evidence, need, policy) * whole) for need in LEVELS]


def _fit(shape: Shape, table: Mapping[str, _Parts], policy: Policy, whole: int) -> Fit:
    all_, verified, weights, met, gates = 0, 0, 0, 0, 0
    for one in shape.applicable:
        weight = policy.weights[one.tier]
        weights += weight
        gates += one.tier == "core"
        if parts := table.get(one.competency):
            all_ += weight * parts[0][one.need - 1]
            verified += weight * parts[1][one.need - 1]
            met += one.tier == "core" and parts[0][one.need - 1] == whole
    return Fit(shape, Fraction(all_, whole * weights), Fraction(verified, whole * weights), met, gates)
