"""What a role asks for."""

from collections.abc import Sequence
from dataclasses import dataclass

from accomplishments.scoring.policy import LEVELS, TIERS


class ShapeError(ValueError):
    """Requirements that cannot be compared with anything; the message names the competency."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """A competency (its slug), the needed proficiency level (1..5), its tier.

    `not_applicable` is the reason why it is left out of the match for this person; empty when it applies.
    """

    competency: str
    need: int
    tier: str
    not_applicable: str = ""

    def __post_init__(self) -> None:
        if not (isinstance(self.competency, str) and self.competency):
            raise ShapeError("a requirement without a competency")
        if type(self.need) is not int or self.need not in LEVELS:
            raise ShapeError(f"{self.competency}: need {self.need!r} is not a level 1..5")
        if self.tier not in TIERS:
            raise ShapeError(f"{self.competency}: tier {self.tier!r} is not one of {', '.join(TIERS)}")
        if not isinstance(self.not_applicable, str) or self.not_applicable != self.not_applicable.strip():
            raise ShapeError(f"{self.competency}: a reason is a text without blanks around it")

    @property
    def applies(self) -> bool:
        return not self.not_applicable


@dataclass(frozen=True, slots=True)
class Shape:
    """One version of a role (its path and number) and its requirements, kept core first, then by slug.

    Raises ShapeError when a competency is asked for twice. A shape may be empty; comparing with it may not.
    """

    role: str
    version: int
    requirements: Sequence[Requirement]

    def __post_init__(self) -> None:
        if not isinstance(self.role, str) or type(self.version) is not int:
            raise ShapeError("a shape names its role (text) and its version (whole number)")
        ordered = tuple(sorted(self.requirements, key=lambda one: (TIERS.index(one.tier), one.competency)))
        slugs = [one.competency for one in ordered]
        if len(set(slugs)) < len(slugs):
            raise ShapeError(f"{max(slugs, key=slugs.count)}: asked for twice")
        object.__setattr__(self, "requirements", ordered)

    @property
    def applicable(self) -> Sequence[Requirement]:
        return tuple(one for one in self.requirements if one.applies)
