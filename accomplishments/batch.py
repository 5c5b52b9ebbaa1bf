"""All people against all roles in one matrix product. Arrays in, arrays out.

The plain form of it has a column for each competency and level with F in it, and weight / need in every level up to
the need. Here a column holds the sum of F up to its level, so that a requirement is one product and not `need` of
them: the same sum with fewer roundings. Columns run by level, and inside a level by competency.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

LEVELS = 5
# A match is a sum of products, one a requirement, none below 0 and together at most 1. In float32 it is off by at most
# (requirements + 2) / 2^24, which stays below 1e-6 up to so many of them.
MOST_IN_FLOAT32 = 14


class Asked(NamedTuple):
    """One requirement: the number of its competency from 0, the needed level 1..5, the weight of its tier."""

    competency: int
    need: int
    weight: float


def weights_of(roles: Sequence[Iterable[Asked]], competencies: int) -> Floats:
    """The roles as [levels x competencies, roles]: weight / need / all weights of the role where it asks for something.

    float32, or float64 where a role asks for so much that float32 could be off by 1e-6. Raises ValueError for a role
    that asks for nothing, or twice for one competency.
    """
    asked = [list(role) for role in roles]
    most = max(map(len, asked), default=0)
    weights = np.zeros((LEVELS * competencies, len(asked)), np.float32 if most <= MOST_IN_FLOAT32 else np.float64)
    for number, role in enumerate(asked):
        if not role or len({one.competency for one in role}) < len(role):
            raise ValueError(f"role {number} asks for nothing, or twice for one competency")
        total = sum(one.weight for one in role)
        for one in role:
            weights[(one.need - 1) * competencies + one.competency, number] = one.weight / one.need / total
    return weights


def filled(evidence: Floats, dtype: Any) -> Floats:
    """[people, levels x competencies]: how much of the bars up to each level is filled, 0..level.

    `evidence` is S as shares of what fills the level, so from 1 on it is full; float64 [levels, people, competencies].
    """
    _, people, competencies = evidence.shape
    found = np.empty((people, LEVELS * competencies), dtype)
    below = np.zeros((people, competencies))
    for level in range(LEVELS):
        below += np.minimum(evidence[level], 1)
        found[:, level * competencies : (level + 1) * competencies] = below
    return found


def matches(evidence: Floats, weights: Floats) -> Floats:
    """[people, roles]: every match, within 1e-6 of the exact one. `evidence` is as in `filled`.

    All of the result stands in memory: give it people by the thousand.
    """
    found: Floats = np.matmul(filled(evidence, weights.dtype), weights)
    return found
