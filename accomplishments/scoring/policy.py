"""The numbers of the arithmetic, each with a name.

A policy holds decimals with at most three places. The arithmetic runs on whole numbers: factors and weights in
thousandths, strengths (a product of three factors) in grains, 10^9 to a strength of 1. Whole numbers add up to the
same sum in every order, so two machines never disagree about a digit.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from math import lcm

PARTS = ("owned", "led", "contributed", "assisted")
TIERS = ("core", "supporting", "emerging")
LEVELS = (1, 2, 3, 4, 5)
MILLI = 1000
GRAINS = MILLI**3

MOST_WEIGHT = Decimal(1000)
MOST_FULL = Decimal(10)
MOST_MONTHS = 1200
# The best claim that can be made counts at least this much a factor: it bounds the length of a plan.
LEAST_BEST = Decimal("0.1")

_FACTORS = (
    *PARTS,
    *("confirmed", "confirmed_by_manager", "self_claimed", "disputed"),
    *("recency_loss", "recency_floor"),
)
_FULL = tuple(f"full_{level}" for level in LEVELS)
_WHOLE = ("version", "recency_full_months", "recency_step_months")
_NUMBER = re.compile(r"[0-9]{1,6}(\.[0-9]{1,12})?", re.ASCII)


class PolicyError(ValueError):
    """A policy whose numbers do not make sense together; the message names the field."""


@dataclass(frozen=True)
class Policy:
    """One version of every number that decides how evidence counts.

    Factors lie in 0..1, weights and amounts are above 0, months are whole. The order inside each group is checked,
    since the promises rest on it: evidence that got better must never count less.
    """

    version: int
    # How much of the work was theirs.
    owned: Decimal
    led: Decimal
    contributed: Decimal
    assisted: Decimal
    # Who says so: a peer or an outside person, the manager alone, nobody else, somebody denies it.
    confirmed: Decimal
    confirmed_by_manager: Decimal
    self_claimed: Decimal
    disputed: Decimal
    # Full for so many months, then `loss` less for every step begun, never below the floor.
    recency_full_months: int
    recency_step_months: int
    recency_loss: Decimal
    recency_floor: Decimal
    # How much a requirement weighs, by tier.
    core: Decimal
    supporting: Decimal
    emerging: Decimal
    # How many claims of strength 1 fill the bar of each proficiency level.
    full_1: Decimal
    full_2: Decimal
    full_3: Decimal
    full_4: Decimal
    full_5: Decimal

    def __post_init__(self) -> None:
        _check_whole(self)
        _check_decimals(self)
        _check_order(self, PARTS)
        _check_order(self, ("confirmed", "confirmed_by_manager", "self_claimed", "disputed"))
        _check_order(self, tuple(reversed(_FULL)))

    @cached_property
    def ownership(self) -> Mapping[str, int]:
        """Thousandths by part."""
        return {part: self.milli(part) for part in PARTS}

    @cached_property
    def weights(self) -> Mapping[str, int]:
        """Thousandths by tier."""
        return {tier: self.milli(tier) for tier in TIERS}

    @cached_property
    def full(self) -> Sequence[int]:
        """Grains that fill the bars of levels 1..5."""
        return tuple(self.milli(name) * MILLI * MILLI for name in _FULL)

    @cached_property
    def whole(self) -> int:
        """Grains that every full bar divides: a common denominator of all fills."""
        return lcm(*self.full)

    @cached_property
    def _thousandths(self) -> Mapping[str, int]:
        return {name: int(getattr(self, name) * MILLI) for name in FIELDS if name not in _WHOLE}

    def milli(self, name: str) -> int:
        """One decimal field in thousandths."""
        return self._thousandths[name]

    def recency(self, months: int) -> int:
        """Thousandths for work that ended so many whole months ago.

        Version 1: 0..18 months 1.0, 19..24 months 0.9, 25..30 months 0.8, down to 0.4 from 49 months on.
        """
        late = max(0, months - self.recency_full_months)
        steps = -(-late // self.recency_step_months)
        return max(self.milli("recency_floor"), MILLI - steps * self.milli("recency_loss"))

    def to_dict(self) -> dict[str, str]:
        """Every field as text, decimals without trailing zeros: equal policies give equal texts."""
        return {name: _text(getattr(self, name)) for name in FIELDS}

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> "Policy":
        """A policy from texts, whole numbers or decimals; every field and no other.

        Raises PolicyError, also for floats: they cannot say 0.1.
        """
        unknown, missing = sorted(set(data) - set(FIELDS)), [name for name in FIELDS if name not in data]
        if unknown or missing:
            raise PolicyError(f"{unknown[0]}: not a field of a policy" if unknown else f"{missing[0]}: missing")
        numbers = {name: _number(name, data[name]) for name in FIELDS}
        return cls(**{name: _whole(name, number) if name in _WHOLE else number for name, number in numbers.items()})  # type: ignore[arg-type]


FIELDS = tuple(field.name for field in fields(Policy))


def _text(number: Decimal | int) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _number(name: str, value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        raise PolicyError(f"{name}: {value!r} is not a decimal number as text")
    text = value if isinstance(value, str) else f"{value:f}" if isinstance(value, Decimal) else f"{Decimal(value):f}"
    if not _NUMBER.fullmatch(text):
        raise PolicyError(f"{name}: {text[:20]!r} is not a decimal number such as 0.5")
    return Decimal(text)


def _whole(name: str, number: Decimal) -> int:
    if number != int(number):
        raise PolicyError(f"{name}: {number} is not a whole number")
    return int(number)


def _check_whole(policy: Policy) -> None:
    for name in _WHOLE:
        value = getattr(policy, name)
        least = 0 if name == "recency_full_months" else 1
        if type(value) is not int or value < least:
            raise PolicyError(f"{name}: {value!r} is not a whole number from {least}")
        if name != "version" and value > MOST_MONTHS:
            raise PolicyError(f"{name}: {value} is more than {MOST_MONTHS} months")


def _check_decimals(policy: Policy) -> None:
    for name in _FACTORS:
        least = LEAST_BEST if name in {"owned", "confirmed"} else Decimal(0)
        _check_range(policy, name, least, Decimal(1))
    for name in TIERS:
        _check_range(policy, name, Decimal("0.001"), MOST_WEIGHT)
    for name in _FULL:
        _check_range(policy, name, Decimal("0.001"), MOST_FULL)


def _check_range(policy: Policy, name: str, least: Decimal, most: Decimal) -> None:
    value = getattr(policy, name)
    if not isinstance(value, Decimal) or not value.is_finite():
        raise PolicyError(f"{name}: {value!r} is not a finite Decimal")
    if not least <= value <= most:
        raise PolicyError(f"{name}: {value} is not in {least}..{most}")
    if value * MILLI % 1:
        raise PolicyError(f"{name}: {value} has more than three decimal places")


def _check_order(policy: Policy, names: Sequence[str]) -> None:
    """Each named number is at least the next one."""
    for high, low in pairwise(names):
        if getattr(policy, high) < getattr(policy, low):
            raise PolicyError(f"{high}: must be at least {low} ({getattr(policy, low)})")


POLICY_V1 = Policy.from_dict(
    {
        "version": 1,
        "owned": "1.0",
        "led": "1.0",
        "contributed": "0.6",
        "assisted": "0.3",
        "confirmed": "1.0",
        "confirmed_by_manager": "0.8",
        "self_claimed": "0.5",
        "disputed": "0",
        "recency_full_months": 18,
        "recency_step_months": 6,
        "recency_loss": "0.1",
        "recency_floor": "0.4",
        "core": "3",
        "supporting": "2",
        "emerging": "1",
        "full_1": "1",
        "full_2": "1",
        "full_3": "2",
        "full_4": "2",
        "full_5": "3",
    }
)
