"""The learnt numbers: what words and pairs of words add to the lexicon. Made by train.py, read from weights.json."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from math import exp, sqrt
from typing import NamedTuple

from accomplishments.suggesting.features import Reading, Scores, bm25_scores, lexicon_scores


class Term(NamedTuple):
    """One word or pair of words: how rare it is, and what it adds to each competency."""

    rarity: float
    weights: Mapping[str, float]


class Model(NamedTuple):
    """Everything that turns a reading into a score for each competency."""

    version: str
    bias: Scores
    lexicon_share: float
    bm25_share: float
    postings: Mapping[str, Mapping[str, float]]
    terms: Mapping[str, Term]

    def rarities(self, reading: Reading) -> dict[str, float]:
        """The known words of the text with their weight in it: rare ones weigh more, all together have length one."""
        found = {term: self.terms[term].rarity for term in reading.terms if term in self.terms}
        length = sqrt(sum(value * value for value in found.values())) or 1.0
        return {term: value / length for term, value in found.items()}

    def scores(self, reading: Reading) -> Scores:
        """One number for each competency; only their differences mean something."""
        scores = dict(self.bias)
        for slug, value in lexicon_scores(reading).items():
            scores[slug] += self.lexicon_share * value
        for slug, value in bm25_scores(reading, self.postings).items():
            scores[slug] += self.bm25_share * value
        for term, rarity in self.rarities(reading).items():
            for slug, weight in self.terms[term].weights.items():
                scores[slug] += rarity * weight
        return scores


def shares(scores: Scores) -> Scores:
    """The scores as shares of one."""
    top = max(scores.values())
    powers = {slug: exp(value - top) for slug, value in scores.items()}
    total = sum(powers.values())
    return {slug: power / total for slug, power in powers.items()}


def unpack(source: str) -> Model:
    """A model from its file: each list of numbers is position, value, position, value and so on, times 1000."""
    data = json.loads(source)
    slugs: list[str] = data["slugs"]

    def weights(flat: list[int]) -> dict[str, float]:
        return {slugs[flat[at]]: flat[at + 1] / 1000 for at in range(0, len(flat), 2)}

    return Model(
        version=data["version"],
        bias=dict(zip(slugs, data["bias"], strict=True)),
        lexicon_share=data["lexicon_share"],
        bm25_share=data["bm25_share"],
        postings={term: weights(flat) for term, flat in data["postings"].items()},
        terms={term: Term(flat[0] / 1000, weights(flat[1:])) for term, flat in data["terms"].items()},
    )


def pack(model: Model) -> str:
    """The file of a model, the same for the same numbers; what would round to nothing is left out."""
    slugs = sorted(model.bias)
    place = {slug: at for at, slug in enumerate(slugs)}

    def flat(weights: Mapping[str, float], least: int) -> list[int]:
        rounded = [(place[slug], round(1000 * value)) for slug, value in sorted(weights.items())]
        return [number for at, value in rounded if abs(value) >= least for number in (at, value)]

    data = {
        "version": model.version,
        "slugs": slugs,
        "bias": [round(model.bias[slug], 4) for slug in slugs],
        "lexicon_share": round(model.lexicon_share, 4),
        "bm25_share": round(model.bm25_share, 4),
        "postings": {term: flat(weights, 1) for term, weights in sorted(model.postings.items())},
        "terms": {
            term: [round(1000 * entry.rarity), *flat(entry.weights, 40)] for term, entry in sorted(model.terms.items())
        },
    }
    lines = json.dumps(data, separators=(",", ":")).replace('],"', '],\n"')
    return lines + "\n"


@cache
def default() -> Model:
    """The model of this package, read once when it is first needed."""
    return unpack(files(__package__).joinpath("weights.json").read_text(encoding="utf-8"))
