"""All people against all roles: as a share of a plain matrix product, and how much quicker than a plain Python loop.

Each size is measured in a process of its own, for its memory. There it goes through the people by the thousand, and
multiplies two ready matrices of the same shapes after each thousand, so that noise hits both; the loop has its turns
too. The batch is timed from the evidence to the matches; making up the evidence is not.
`python -m tests.benchmarks.batch PEOPLE ROLES COMPETENCIES` prints the figures of one size as JSON.
"""

import json
import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from accomplishments.batch import LEVELS, Asked, matches, weights_of

ROOT = Path(__file__).resolve().parents[2]
SIZES = ((10_000, 500, 60), (100_000, 1_000, 100))  # people, roles, competencies
LEAST_SHARE = 0.7
LEAST_TIMES = 150
MOST_MEGABYTES = 600
AT_ONCE = 1000
WARM_UP = 5  # thousands that aren't counted
FEWEST = 100  # thousands; a smaller organisation is gone through again
LOOPED = 5  # one person of every so many thousands goes through the plain loop too
REQUIREMENTS = 12  # of a role
NEAR = 1e-6


def plain_loop(bars: Sequence[Sequence[float]], role: Sequence[Asked]) -> float:
    """One match, from the bars of one person by competency and level."""
    total = 0.0
    for competency, need, weight in role:
        total += weight * sum(bars[competency][:need]) / need
    return total / sum(one.weight for one in role)


def measure(people: int, roles: int, competencies: int) -> dict[str, Any]:
    """The figures of one size; raises AssertionError where the batch and the loop do not agree."""
    chance = np.random.default_rng(1)
    asked = [
        [
            Asked(int(one), int(chance.integers(1, LEVELS + 1)), int(chance.integers(1, 4)))
            for one in chance.choice(competencies, REQUIREMENTS, replace=False)
        ]
        for _ in range(roles)
    ]
    weights = weights_of(asked, competencies)
    left = chance.random((AT_ONCE, LEVELS * competencies), np.float32)
    product = np.empty((AT_ONCE, roles), np.float32)
    ours, plain, loop, best = [], [], [], []
    for turn in range(WARM_UP + max(FEWEST, people // AT_ONCE)):
        evidence = chance.random((LEVELS, AT_ONCE, competencies)) * 2
        start = perf_counter()
        found = matches(evidence, weights)
        middle = perf_counter()
        np.matmul(left, weights, out=product)
        end = perf_counter()
        best.append(found.max(axis=1))  # what becomes of the matches, so that they need not all stand in memory
        if turn >= WARM_UP:
            ours.append(middle - start)
            plain.append(end - middle)
            if turn % LOOPED == 0:
                loop.append(_looped(evidence, asked, found))
    pairs = AT_ONCE * roles
    share = [one / other for one, other in zip(plain, ours, strict=True)]
    return {
        "people": people,
        "roles": roles,
        "competencies": competencies,
        "pairs_per_second": round(pairs / median(ours)),
        "plain_product": round(pairs / median(plain)),
        "plain_gigaflops": round(2 * LEVELS * competencies * pairs / median(plain) / 1e9),
        "share": round(median(share), 3),
        "share_of_minima": round(min(plain) / min(ours), 3),
        "times_the_loop": round(median(loop) / median(ours) * AT_ONCE),
        "times_of_minima": round(min(loop) / min(ours) * AT_ONCE),
        "megabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def _looped(evidence: Any, asked: Sequence[Sequence[Asked]], found: Any) -> float:
    """Seconds of the plain loop for the first person, for whom it must find the same."""
    bars = np.minimum(evidence[:, 0], 1).transpose().tolist()
    start = perf_counter()
    looped = [plain_loop(bars, role) for role in asked]
    seconds = perf_counter() - start
    off = np.abs(np.array(looped) - found[0]).max()
    assert off <= NEAR, f"the batch is off by {off}"
    return seconds


def measured() -> list[dict[str, Any]]:
    """The figures of every size with their verdicts; too slow is what is so by the medians and by the minima."""
    rows = []
    for size in SIZES:
        command = [sys.executable, "-m", "tests.benchmarks.batch", *map(str, size)]
        done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True)  # noqa: S603
        row = json.loads(done.stdout)
        ok = (
            max(row["share"], row["share_of_minima"]) >= LEAST_SHARE
            and max(row["times_the_loop"], row["times_of_minima"]) >= LEAST_TIMES
            and row["megabytes"] <= MOST_MEGABYTES
        )
        rows.append({**row, "verdict": "ok" if ok else "over"})
    return rows


def table(rows: list[dict[str, Any]]) -> str:
    lines = [
        f"All people x all roles x competencies. Bounds: {LEAST_SHARE} of a plain product, {LEAST_TIMES} times a loop, "
        f"{MOST_MEGABYTES} MB.",
        "",
        f"{'size':22}{'pairs/s':>10}{'plain':>8}{'median':>8}{'minima':>8}{'loops':>8}{'MB':>6}",
    ]
    for row in rows:
        size = f"{row['people']:,} x {row['roles']:,} x {row['competencies']}"
        lines.append(
            f"{size:22}{row['pairs_per_second'] / 1e6:9.0f}M{row['plain_product'] / 1e6:7.0f}M{row['share']:8.2f}"
            f"{row['share_of_minima']:8.2f}{row['times_the_loop']:8}{row['megabytes']:6}  {row['verdict']}"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    people, roles, competencies = map(int, sys.argv[1:])
    sys.stdout.write(json.dumps(measure(people, roles, competencies)))
