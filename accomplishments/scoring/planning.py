"""What would close the gap, and what each entry is worth.

A requirement is met when its highest bar is full, and no requirement shares a competency with another. So each is
solved alone, and exactly: as few new pieces of work as possible; with those, as few raises of ownership as possible;
with those, as few verifications as possible. Asking for a word is cheaper than a larger part, which is cheaper than
new work, and no amount of the cheaper one is worth one of the dearer.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from itertools import accumulate
from typing import NamedTuple

from accomplishments.scoring.evidence import CONFIRMED, Claim, Verification, Weighed, weigh
from accomplishments.scoring.matching import NOTHING, Sums, applicable, covered, ledger, sums, total
from accomplishments.scoring.policy import TIERS, Policy
from accomplishments.scoring.shape import Requirement, Shape

VERIFY, RAISE, NEW = "verify", "raise", "new"
KINDS = (VERIFY, RAISE, NEW)
# Who would confirm, in a plan: nobody has this name, since a person has no space at both ends of theirs.
SOMEBODY = " somebody "


class Step(NamedTuple):
    """One thing to do: have `claim` confirmed at its level, do such work again as its owner, or do new work.

    `after` is the claim as it would then stand; `claim` is None for new work. `match` and `verified` hold after this
    step and all before it.
    """

    kind: str
    competency: str
    claim: Claim | None
    after: Claim
    match: Fraction
    verified: Fraction


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps from where a person stands to a role that is met, cheapest first."""

    match: Fraction
    verified: Fraction
    steps: tuple[Step, ...]


class _Act(NamedTuple):
    kind: str
    requirement: Requirement
    claim: Claim | None
    after: Claim


class _Option(NamedTuple):
    """One claim, and what it would weigh at the needed level: as it is, confirmed, as owner, both. Grains."""

    claim: Claim
    base: int
    verified: int
    both: int
    raised: int

    def gain(self, verify: bool, raise_: bool) -> int:
        """Grains that a verification, a raise, or both of them add."""
        now = (self.both if raise_ else self.verified) if verify else (self.raised if raise_ else self.base)
        return now - self.base


def plan(shape: Shape, claims: Iterable[Claim], policy: Policy, as_of: date, tiers: Collection[str] = TIERS) -> Plan:
    """The cheapest steps after which every requirement of these tiers is met (`("core",)`: the gates only).

    A disputed claim is left alone: a dispute is settled by people. New work is assumed owned, confirmed by a peer and
    ended today; a raise keeps the date and the verifications. Raises as `compare` does. Worst case, n claims for one
    competency and r raises and v verifications in its answer: n x r x v steps of the search.
    """
    standing = _Standing(shape, ledger(claims, policy, as_of), policy, as_of)
    match, verified = standing.match, standing.verified
    acts = [
        act
        for requirement in standing.needs.values()
        if requirement.tier in tiers
        for act in _close(requirement, standing.sums[requirement.competency], policy, as_of)
    ]
    cheapest = sorted(acts, key=lambda act: KINDS.index(act.kind))
    return Plan(match, verified, tuple(standing.take(act) for act in cheapest))


# ── One requirement ─────────────────────────────────────────────────────────


def _close(requirement: Requirement, sums: Sums, policy: Policy, as_of: date) -> list[_Act]:
    """The cheapest acts that fill the bar at `need`."""
    need = requirement.need
    missing = policy.full[need - 1] - sums.evidence[need - 1]
    options = [_option(one, need, policy, as_of) for one in sums.weighed if one.claim.level >= need]
    options = [one for one in options if one.both > one.base]
    fresh = weigh(_fresh(requirement, 1, as_of), policy, as_of).strength[need - 1]
    most = sum(one.both - one.base for one in options)
    count = max(0, -(-(missing - most) // fresh))
    chosen = _choose(options, missing - count * fresh)
    as_now = {one.claim.id: one.claim for one in chosen.raise_} | {
        one.claim.id: confirmed(one.claim) for one in chosen.verify
    }
    news = (_fresh(requirement, number, as_of) for number in range(1, count + 1))
    return [
        *(_Act(VERIFY, requirement, one.claim, confirmed(one.claim)) for one in chosen.verify),
        *(_Act(RAISE, requirement, one.claim, raised(as_now[one.claim.id])) for one in chosen.raise_),
        *(_Act(NEW, requirement, None, claim) for claim in news),
    ]


def _fresh(requirement: Requirement, number: int, as_of: date) -> Claim:
    name = f" new {requirement.competency} {number}"
    return confirmed(Claim(name, name, requirement.competency, requirement.need, "owned", as_of))


def confirmed(claim: Claim) -> Claim:
    """The claim as if one more peer had confirmed it at its level."""
    return replace(claim, verifications=(*claim.verifications, Verification(SOMEBODY, CONFIRMED)))


def raised(claim: Claim) -> Claim:
    """The claim as if the work had been theirs."""
    return replace(claim, part="owned")


def _option(one: Weighed, need: int, policy: Policy, as_of: date) -> _Option:
    claim = one.claim
    states = (claim, confirmed(claim), raised(confirmed(claim)), raised(claim))
    return _Option(claim, *(weigh(state, policy, as_of).strength[need - 1] for state in states))


class _Chosen(NamedTuple):
    """Options to verify and options to raise (some may be in both), and what that gains in grains."""

    gain: int = 0
    verify: tuple[_Option, ...] = ()
    raise_: tuple[_Option, ...] = ()

    def plus(self, option: _Option, verify: bool, raise_: bool) -> "_Chosen":
        return _Chosen(
            self.gain + option.gain(verify, raise_),
            (*self.verify, option) if verify else self.verify,
            (*self.raise_, option) if raise_ else self.raise_,
        )


def _choose(options: Sequence[_Option], missing: int) -> _Chosen:
    """Fewest raises, then fewest verifications, that gain `missing` grains; all options together gain enough.

    `table[v][r]` is the most that v verifications and r raises can gain; each option is taken in one of four ways.
    """
    raises, verifications = _bounds(options, missing)
    table = [[_Chosen()] * (raises + 1) for _ in range(verifications + 1)]
    for option in options:
        for v in range(verifications, -1, -1):
            for r in range(raises, -1, -1):
                table[v][r] = _better(table, v, r, option)
    return next(row[raises] for row in table if row[raises].gain >= missing)


def _better(table: Sequence[Sequence[_Chosen]], v: int, r: int, option: _Option) -> _Chosen:
    """The best of leaving the option alone and taking it; the cells below and to the left do not know it yet."""
    best, most = table[v][r], (table[v][r].gain, False, False)
    ways = [(verify, raise_) for verify in (False, v > 0) for raise_ in (False, r > 0)]
    for verify, raise_ in ways:
        gain = table[v - verify][r - raise_].gain + option.gain(verify, raise_)
        if gain > most[0]:
            best, most = table[v - verify][r - raise_], (gain, verify, raise_)
    return best.plus(option, *most[1:])


def _bounds(options: Sequence[_Option], missing: int) -> tuple[int, int]:
    """The fewest raises, and a number of verifications that is enough with so many.

    With everything confirmed, what raises gain is independent, so the largest come first, and that is exact. With
    these raised, what verifications gain is independent too; others raised may need fewer, hence only a bound.
    """
    ordered = sorted(options, key=lambda one: one.verified - one.both)
    raises = _fewest([one.both - one.verified for one in ordered], missing - sum(o.gain(True, False) for o in options))
    owned, others = ordered[:raises], ordered[raises:]
    gains = [one.both - one.raised for one in owned] + [one.gain(True, False) for one in others]
    return raises, _fewest(sorted(gains, reverse=True), missing - sum(one.gain(False, True) for one in owned))


def _fewest(gains: Iterable[int], missing: int) -> int:
    """How many of these, in this order, make up for what is missing."""
    return sum(before < missing for before in accumulate(gains, initial=0))


# ── All requirements ────────────────────────────────────────────────────────


class _Standing:
    """A person's coverages, and what changes in the match when the evidence for one competency does."""

    def __init__(self, shape: Shape, book: Mapping[str, Sums], policy: Policy, as_of: date) -> None:
        self.needs = {one.competency: one for one in applicable(shape)}
        self.sums = {slug: book.get(slug, NOTHING) for slug in self.needs}
        self.policy, self.as_of = policy, as_of
        self.weight = sum(policy.weights[one.tier] for one in self.needs.values())
        self.shares = {slug: self._shares(slug, one.evidence, one.verified) for slug, one in self.sums.items()}
        self.match = sum((match for match, _ in self.shares.values()), Fraction(0))
        self.verified = sum((verified for _, verified in self.shares.values()), Fraction(0))

    def _shares(self, slug: str, evidence: Sequence[int], verified: Sequence[int]) -> tuple[Fraction, Fraction]:
        """What one competency is of the match and of the verified match, from S in grains."""
        need, weight = self.needs[slug].need, Fraction(self.policy.weights[self.needs[slug].tier], self.weight)
        return weight * covered(evidence, need, self.policy), weight * covered(verified, need, self.policy)

    def change(self, slug: str, gone: Sequence[Weighed], come: Sequence[Weighed]) -> tuple[Fraction, Fraction]:
        """What both matches gain when some claims for one competency go and others come."""
        now, (match, verified) = self.sums[slug], self.shares[slug]
        evidence = _moved(now.evidence, (one.strength for one in gone), (one.strength for one in come))
        proven = _moved(now.verified, (one.proven for one in gone), (one.proven for one in come))
        new_match, new_verified = self._shares(slug, evidence, proven)
        return new_match - match, new_verified - verified

    def take(self, act: _Act) -> Step:
        """The step, with the match after it; from now on it is done."""
        slug, before = act.requirement.competency, self.sums[act.requirement.competency]
        gone = [one for one in before.weighed if act.claim and one.claim.id == act.claim.id]
        come = weigh(act.after, self.policy, self.as_of)
        match, verified = self.change(slug, gone, [come])
        self.match, self.verified = self.match + match, self.verified + verified
        now = sums([*(one for one in before.weighed if one not in gone), come])
        self.sums[slug], self.shares[slug] = now, self._shares(slug, now.evidence, now.verified)
        return Step(act.kind, slug, act.claim, act.after, self.match, self.verified)


def _moved(now: Sequence[int], gone: Iterable[Sequence[int]], come: Iterable[Sequence[int]]) -> Sequence[int]:
    return [here - less + more for here, less, more in zip(now, total(gone), total(come), strict=True)]


class Effect(NamedTuple):
    """The match and the verified match without one accomplishment, or without one verification of a claim.

    `who` is empty for an accomplishment and `claim` is then None. `change` is above 0 only for an open dispute.
    """

    accomplishment: str
    claim: Claim | None
    who: str
    match: Fraction
    verified: Fraction
    change: Fraction


def without_accomplishments(shape: Shape, claims: Iterable[Claim], policy: Policy, as_of: date) -> tuple[Effect, ...]:
    """The match without each accomplishment that has a claim for the role, the largest loss first."""
    standing = _Standing(shape, ledger(claims, policy, as_of), policy, as_of)
    parts: defaultdict[str, dict[str, list[Weighed]]] = defaultdict(dict)
    for slug, one in ((slug, one) for slug, found in standing.sums.items() for one in found.weighed):
        parts[one.claim.accomplishment].setdefault(slug, []).append(one)
    return _effects(
        _effect(standing, name, None, "", [standing.change(slug, gone, ()) for slug, gone in of.items()])
        for name, of in parts.items()
    )


def without_verifications(shape: Shape, claims: Iterable[Claim], policy: Policy, as_of: date) -> tuple[Effect, ...]:
    """The match without each verification of a claim for the role, the largest loss first."""
    standing = _Standing(shape, ledger(claims, policy, as_of), policy, as_of)
    said = (
        (slug, one, verification.who)
        for slug, found in standing.sums.items()
        for one in found.weighed
        for verification in one.claim.verifications
    )
    return _effects(
        _effect(standing, one.claim.accomplishment, one.claim, who, [standing.change(slug, [one], [alone])])
        for slug, one, who in said
        for alone in [weigh(one.claim.without(who), policy, as_of)]
    )


def _effect(
    standing: _Standing, name: str, claim: Claim | None, who: str, changes: Iterable[tuple[Fraction, Fraction]]
) -> Effect:
    match, verified = (sum(parts, Fraction(0)) for parts in zip(*changes, strict=True))
    return Effect(name, claim, who, standing.match + match, standing.verified + verified, match)


def _effects(effects: Iterable[Effect]) -> tuple[Effect, ...]:
    return tuple(
        sorted(effects, key=lambda one: (one.change, one.accomplishment, one.claim.id if one.claim else "", one.who))
    )
