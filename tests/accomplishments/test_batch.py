"""The matrix product gives what the arithmetic gives, to 1e-6."""

import random
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accomplishments.batch import LEVELS, MOST_IN_FLOAT32, Asked, filled, matches, weights_of
from accomplishments.scoring.evidence import Claim, Verification
from accomplishments.scoring.matching import ledger, rank
from accomplishments.scoring.policy import PARTS, POLICY_V1, TIERS, Policy
from accomplishments.scoring.shape import Shape
from tests.accomplishments.strategies import PEER, TODAY, calm, claim, claim_lists, policies, shape, shapes

NEAR = 1e-6


def batch(people: Sequence[list[Claim]], roles: Sequence[Shape], policy: Policy, view: str = "evidence") -> np.ndarray:
    """The matches as the batch computes them; `view` is which sums count, `evidence` or `verified`."""
    slugs = sorted({one.competency for role in roles for one in role.requirements})
    asked = [
        [Asked(slugs.index(one.competency), one.need, policy.weights[one.tier]) for one in role.requirements]
        for role in roles
    ]
    evidence = np.zeros((LEVELS, len(people), len(slugs)))
    for number, claims in enumerate(people):
        for slug, sums in ledger(claims, policy, TODAY).items():
            if slug in slugs:
                evidence[:, number, slugs.index(slug)] = getattr(sums, view)
    shares = evidence / np.reshape(policy.full, (LEVELS, 1, 1))
    return matches(shares, weights_of(asked, len(slugs)))


def pure(people: Sequence[list[Claim]], roles: Sequence[Shape], policy: Policy, view: str = "match") -> np.ndarray:
    found = [
        {id(fit.shape): float(getattr(fit, view)) for fit in rank(roles, claims, policy, TODAY)} for claims in people
    ]
    return np.array([[one[id(role)] for role in roles] for one in found])


@calm
@given(st.lists(claim_lists(), min_size=1, max_size=4), st.lists(shapes, min_size=1, max_size=4), policies())
def test_batch_agrees_with_the_exact_ranking(people: list[list[Claim]], roles: list[Shape], policy: Policy) -> None:
    assert np.abs(batch(people, roles, policy) - pure(people, roles, policy)).max() <= NEAR
    verified = batch(people, roles, policy, "verified") - pure(people, roles, policy, "verified")
    assert np.abs(verified).max() <= NEAR


@pytest.mark.parametrize(("most", "kind"), [(MOST_IN_FLOAT32, np.float32), (60, np.float64)])
def test_batch_agrees_for_big_roles(most: int, kind: type) -> None:
    """Many terms in one sum, which is where float32 loses digits; beyond a number of them it is not used."""
    chance = random.Random(3)  # noqa: S311 - the same every time
    slugs = [f"c{number:02}" for number in range(60)]
    roles = [
        shape(*((slug, chance.randint(1, 5), chance.choice(TIERS)) for slug in chance.sample(slugs, most)))
        for _ in range(20)
    ]
    people = [
        [
            claim(slug, chance.randint(1, 5), chance.choice(PARTS), *[PEER] * chance.randint(0, 1), name=f"{n}")
            for n, slug in enumerate(chance.choices(slugs, k=120))
        ]
        for _ in range(20)
    ]
    found = batch(people, roles, POLICY_V1)
    assert found.dtype == kind
    assert np.abs(found - pure(people, roles, POLICY_V1)).max() <= NEAR


def test_batch_gives_the_worked_example() -> None:
    claims = [
        claim("software-engineering", 2, "owned", Verification("ann", "confirmed")),
        claim("it-operations", 2, "contributed", Verification("ann", "confirmed")),
        claim("data-engineering", 1, "owned"),
    ]
    role = shape(
        ("software-engineering", 2, "core"), ("it-operations", 2, "core"), ("data-engineering", 1, "supporting")
    )
    assert batch([claims, []], [role], POLICY_V1).ravel().tolist() == pytest.approx([0.725, 0], abs=NEAR)
    assert batch([claims], [role], POLICY_V1, "verified").ravel().tolist() == pytest.approx([0.6], abs=NEAR)


def test_filled_sums_the_bars_up_to_each_level() -> None:
    evidence = np.array([3.0, 1.0, 0.5, 0.25, 0.0]).reshape(LEVELS, 1, 1)
    assert filled(evidence, np.float64).tolist() == [[1.0, 2.0, 2.5, 2.75, 2.75]]
    two = np.zeros((LEVELS, 1, 2))
    two[0, 0, 1] = 0.5
    assert filled(two, np.float64).tolist() == [[0, 0.5, 0, 0.5, 0, 0.5, 0, 0.5, 0, 0.5]]


def test_weights_stand_at_the_need_and_are_shares_of_their_role() -> None:
    found = weights_of([[Asked(0, 2, 3000), Asked(1, 1, 1000)], [Asked(1, 4, 2000)]], 2)
    where = {(int(row), int(role)): found[row, role] for row, role in zip(*found.nonzero(), strict=True)}
    assert where == {(2, 0): 0.375, (1, 0): 0.25, (7, 1): 0.25}


@pytest.mark.parametrize("role", [[], [Asked(0, 1, 1), Asked(0, 2, 1)]])
def test_role_that_asks_for_nothing_or_twice_is_refused(role: list[Asked]) -> None:
    with pytest.raises(ValueError, match="role 1 asks for nothing, or twice for one competency"):
        weights_of([[Asked(0, 1, 1)], role], 1)


def test_batch_of_nobody_or_nothing_is_empty() -> None:
    assert matches(np.zeros((LEVELS, 0, 1)), weights_of([[Asked(0, 1, 1)]], 1)).shape == (0, 1)
    assert matches(np.zeros((LEVELS, 3, 0)), weights_of([], 0)).shape == (3, 0)
