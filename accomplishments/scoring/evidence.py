"""Claims, who stands by them, and how strong that makes them."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from accomplishments.scoring.policy import LEVELS, PARTS, Policy

CONFIRMED, CONFIRMED_OTHER, CANNOT_SAY, DISPUTED = "confirmed", "confirmed_other", "cannot_say", "disputed"
ANSWERS = (CONFIRMED, CONFIRMED_OTHER, CANNOT_SAY, DISPUTED)


class EvidenceError(ValueError):
    """A claim or a verification that cannot be; the message names it."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What one named person says about one claim.

    `level` goes with `confirmed_other` and with nothing else; `resolved` marks a dispute that was settled, which then
    says nothing for or against the claim.
    """

    who: str
    answer: str
    level: int | None = None
    is_manager: bool = False
    resolved: bool = False

    def __post_init__(self) -> None:
        if not (isinstance(self.who, str) and self.who):
            raise EvidenceError("a verification without a person")
        if self.answer not in ANSWERS:
            raise EvidenceError(f"{self.who}: answer {self.answer!r} is not one of {', '.join(ANSWERS)}")
        if (self.answer == CONFIRMED_OTHER) != (self.level is not None):
            raise EvidenceError(f"{self.who}: a level goes with {CONFIRMED_OTHER}, and only with it")
        if self.level is not None and (type(self.level) is not int or self.level not in LEVELS):
            raise EvidenceError(f"{self.who}: {self.level!r} is not a level 1..5")
        if type(self.is_manager) is not bool or type(self.resolved) is not bool:
            raise EvidenceError(f"{self.who}: is_manager and resolved are yes or no")
        if self.resolved and self.answer != DISPUTED:
            raise EvidenceError(f"{self.who}: only a dispute can be resolved")

    @property
    def disputes(self) -> bool:
        return self.answer == DISPUTED and not self.resolved

    def reach(self, level: int) -> int:
        """The highest level up to which this confirms a claim at `level`: the lower of the two, 0 for nothing."""
        if self.answer == CONFIRMED:
            return level
        return min(level, self.level) if self.level is not None else 0


@dataclass(frozen=True, slots=True)
class Claim:
    """One accomplishment as evidence for one competency (slug) at one level (1..5).

    `part` is what was theirs in it, `ended` the day the work ended. Each person verifies a claim once; the
    verifications are kept in the order of their names, so the order in which they came changes nothing.
    """

    id: str
    accomplishment: str
    competency: str
    level: int
    part: str
    ended: date
    verifications: Sequence[Verification] = ()

    def __post_init__(self) -> None:
        for name in ("id", "accomplishment", "competency"):
            if not (isinstance(getattr(self, name), str) and getattr(self, name)):
                raise EvidenceError(f"claim {self.id!r}: {name} is not a text")
        if type(self.level) is not int or self.level not in LEVELS:
            raise EvidenceError(f"claim {self.id}: {self.level!r} is not a level 1..5")
        if self.part not in PARTS:
            raise EvidenceError(f"claim {self.id}: part {self.part!r} is not one of {', '.join(PARTS)}")
        if type(self.ended) is not date:
            raise EvidenceError(f"claim {self.id}: {self.ended!r} is not a date")
        if self.verifications:
            self._order_verifications()

    def _order_verifications(self) -> None:
        ordered = tuple(sorted(self.verifications, key=lambda one: one.who))
        if len({one.who for one in ordered}) < len(ordered):
            raise EvidenceError(f"claim {self.id}: one person verified it twice")
        object.__setattr__(self, "verifications", ordered)

    @property
    def disputed(self) -> bool:
        return any(one.disputes for one in self.verifications)

    def without(self, who: str) -> "Claim":
        """The same claim as if this person had said nothing."""
        return replace(self, verifications=tuple(one for one in self.verifications if one.who != who))


def whole_months(start: date, end: date) -> int:
    """Months that are complete from `start` to `end` (not before it).

    A month is complete on the same day of the next month, or on that month's last day when it has no such day: from
    31 January it takes until 28 February (29 in a leap year), then until 31 March.
    """
    months = (end.year - start.year) * 12 + end.month - start.month
    short = end.day < start.day and end.day < monthrange(end.year, end.month)[1]
    return months - short


class Weighed(NamedTuple):
    """A claim with its factors (thousandths) and strengths (grains), the tuples by level from 1 to the claim's.

    `proven` is the strength that counts in the verified view: what is self-claimed counts 0 there.
    """

    claim: Claim
    months: int
    ownership: int
    recency: int
    verification: tuple[int, ...]
    strength: tuple[int, ...]
    proven: tuple[int, ...]


def weigh(claim: Claim, policy: Policy, as_of: date) -> Weighed:
    """Strength s = ownership x verification x recency at each level of the claim.

    Raises EvidenceError when the work ended after `as_of`.
    """
    if claim.ended > as_of:
        raise EvidenceError(f"claim {claim.id}: ended {claim.ended}, which is after {as_of}")
    months = whole_months(claim.ended, as_of)
    ownership, recency = policy.ownership[claim.part], policy.recency(months)
    each, (verification, said) = ownership * recency, _verification(claim, policy)
    strength = tuple([each * factor for factor in verification])
    return Weighed(
        claim=claim,
        months=months,
        ownership=ownership,
        recency=recency,
        verification=verification,
        strength=strength,
        proven=strength if said is verification else tuple([each * factor for factor in said]),
    )


def _verification(claim: Claim, policy: Policy) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Thousandths by level 1..claim.level: the factor that counts, and the same with 0 for what nobody confirmed.

    An open dispute outweighs every confirmation. Otherwise the best confirmation that reaches a level counts there,
    and what none reaches is self-claimed.
    """
    nobody = (0,) * claim.level
    if not claim.verifications:
        return (policy.milli("self_claimed"),) * claim.level, nobody
    if claim.disputed:
        return (policy.milli("disputed"),) * claim.level, nobody
    said = [0] * claim.level
    for one in claim.verifications:
        factor = policy.milli("confirmed_by_manager" if one.is_manager else "confirmed")
        for index in range(one.reach(claim.level)):
            said[index] = max(said[index], factor)
    found, base = tuple(said), policy.milli("self_claimed")
    return (found, found) if all(found) else (tuple([one or base for one in found]), found)
