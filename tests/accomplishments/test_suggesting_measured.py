"""Suggestions, measured on the development statements where they lie next to the project."""

import csv
from collections.abc import Callable
from functools import cache
from pathlib import Path
from time import process_time

import pytest

from accomplishments.suggesting import rank
from accomplishments.suggesting.features import read
from accomplishments.suggesting.model import Model, default

STATEMENTS = Path(__file__).parents[3] / "shared" / "data" / "statements.csv"
pytestmark = pytest.mark.skipif(not STATEMENTS.exists(), reason=f"no {STATEMENTS} here: nothing to measure against")
Row = dict[str, str]


@cache
def rows() -> list[Row]:
    with STATEMENTS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def of(style: str, tier: str) -> list[Row]:
    return [row for row in rows() if (row["style"], row["label_tier"]) == (style, tier)]


def figures(chosen: list[Row], ranked: Callable[[str], list[str]]) -> tuple[float, float]:
    """Percent where the first is one of the labels, and where the primary label is among the first three."""
    first = three = 0
    for row in chosen:
        labels, found = row["mapped_competency"].split(";"), ranked(row["text"])
        first += found[0] in labels
        three += labels[0] in found[:3]
    return 100 * first / len(chosen), 100 * three / len(chosen)


def ranked_by(model: Model) -> Callable[[str], list[str]]:
    def ranked(text: str) -> list[str]:
        scores = model.scores(read(text))
        return sorted(scores, key=lambda slug: (-scores[slug], slug))

    return ranked


@pytest.mark.parametrize(
    ("style", "tier", "first", "three"),
    [("accomplishment", "hand", 86, 94), ("indicator", "hand", 76, 83), ("indicator", "mapped", 39, 60)],
)
def test_the_lexicon_and_bm25_alone_generalise(style: str, tier: str, first: float, three: float) -> None:
    """Without the words learnt from these statements, so that this is no test learnt by heart."""
    got = figures(of(style, tier), ranked_by(default()._replace(terms={})))
    assert got[0] >= first and got[1] >= three, got


@pytest.mark.parametrize(
    ("style", "tier", "first", "three"),
    [("accomplishment", "hand", 93, 97), ("indicator", "hand", 87, 92), ("indicator", "mapped", 56, 77)],
)
def test_what_was_learnt_is_shipped(style: str, tier: str, first: float, three: float) -> None:
    """These statements were seen in training: it shows that the file fits the code, not how good it is."""
    got = figures(of(style, tier), lambda text: [suggestion.slug for suggestion in rank(text)])
    assert got[0] >= first and got[1] >= three, got


def test_likely_is_more_often_right_than_a_guess() -> None:
    right: dict[str, list[bool]] = {"likely": [], "possible": [], "a guess": []}
    for row in of("accomplishment", "hand") + of("indicator", "hand"):
        best = rank(row["text"], 1)[0]
        right[best.confidence].append(best.slug in row["mapped_competency"].split(";"))
    likely, possible, guess = (sum(found) / len(found) for found in right.values())
    assert likely > possible > guess


def test_a_sentence_takes_less_than_two_milliseconds() -> None:
    texts = [row["text"] for row in rows()[:400]]
    rank(texts[0])
    start = process_time()
    for text in texts:
        rank(text)
    assert (process_time() - start) / len(texts) < 0.002
