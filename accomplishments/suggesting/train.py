"""Make weights.json again, and measure it: a development tool, never imported by the application.

    python -m accomplishments.suggesting.train framework.yml statements.csv            # writes weights.json
    python -m accomplishments.suggesting.train framework.yml statements.csv --measure  # leaves out a source at a time

The learnt part is a softmax over words and pairs of words with the lexicon and BM25 as given inputs, so it only learns
what those two miss. Samples: our definitions and indicators, our own sentences in examples.txt, and the labelled
development statements (not part of the project; of them only single words and pairs that several texts share are kept,
as numbers). Plain stochastic gradient descent in a fixed order: the same input gives the same file.
"""

import argparse
import csv
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from math import exp, log, sqrt
from pathlib import Path
from random import Random
from typing import NamedTuple

import yaml

from accomplishments.suggesting.features import Reading, bm25_scores, lexicon_scores, read
from accomplishments.suggesting.model import Model, Term, pack, shares
from accomplishments.suggesting.words import STOPS

HERE = Path(__file__).parent
VERSION = "2"
ROUNDS = 14
RATE = 0.5
PENALTY = 0.3
LEAST_PAIR = 3  # texts that a pair of words must stand in
LEAST_WORD = 2
MAPPED = 0.5  # what a statement counts whose label was only translated from its source's own skill
SELF = 0.5  # our indicators find themselves by BM25; in training they may do so only by half
Postings = dict[str, dict[str, float]]


class Sample(NamedTuple):
    """A text with the competencies that it shows, the primary one first."""

    reading: Reading
    labels: list[str]
    weight: float
    source: str
    style: str
    tier: str


class Framework(NamedTuple):
    """The texts of each competency: name and definition, and the indicators."""

    definitions: dict[str, list[str]]
    indicators: dict[str, list[str]]


def load_framework(path: Path) -> Framework:
    """Our own framework from its fixture."""
    areas = yaml.safe_load(path.read_text(encoding="utf-8"))["areas"]
    entries = [entry for area in areas for entry in area["competencies"]]
    return Framework(
        {entry["slug"]: [entry["name"], entry["definition"]] for entry in entries},
        {entry["slug"]: [text for level in entry["indicators"].values() for text in level] for entry in entries},
    )


def load_statements(path: Path) -> list[Sample]:
    """The labelled development set."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Sample(
                read(row["text"]),
                row["mapped_competency"].split(";"),
                MAPPED if row["label_tier"] == "mapped" else 1.0,
                row["source"],
                row["style"],
                row["label_tier"],
            )
            for row in csv.DictReader(file)
        ]


def load_examples() -> Iterator[Sample]:
    """Our own sentences, by section."""
    section = ""
    for line in (HERE / "examples.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[] ")
        elif line.strip() and not line.startswith("#"):
            others, _, text = line.rpartition("|")
            labels = [section, *(other.strip() for other in others.split(",") if other.strip())]
            yield Sample(read(text), labels, 1.0, "ours", "example", "hand")


def own_samples(framework: Framework) -> list[Sample]:
    """Definitions, indicators and our own sentences."""
    texts = [(slug, text) for slug, lines in framework.indicators.items() for text in lines]
    texts += [(slug, lines[1]) for slug, lines in framework.definitions.items()]
    own = [Sample(read(text), [slug], 1.0, "framework", "framework", "hand") for slug, text in texts]
    return own + list(load_examples())


def make_postings(framework: Framework) -> Postings:
    """BM25 of each word for each competency, whose text is its definition twice and its indicators once."""
    counts: dict[str, Counter[str]] = {}
    for slug, lines in framework.definitions.items():
        texts = [*lines, *lines, *framework.indicators[slug]]
        counts[slug] = Counter(word.stem for text in texts for word in read(text).words if word.stem not in STOPS)
    lengths = {slug: count.total() for slug, count in counts.items()}
    mean = sum(lengths.values()) / len(lengths)
    spread = Counter(term for count in counts.values() for term in count)
    postings: Postings = defaultdict(dict)
    for slug, count in counts.items():
        for term, times in count.items():
            rarity = log(1 + (len(counts) - spread[term] + 0.5) / (spread[term] + 0.5))
            postings[term][slug] = rarity * times * 2.2 / (times + 1.2 * (0.25 + 0.75 * lengths[slug] / mean))
    return dict(postings)


def target(labels: Sequence[str]) -> dict[str, float]:
    """The share of each label: the primary one weighs more than the others together."""
    first = {1: 1.0, 2: 0.65}.get(len(labels), 0.55)
    rest = (1 - first) / max(len(labels) - 1, 1)
    goal: dict[str, float] = defaultdict(float)
    for at, label in enumerate(labels):
        goal[label] += rest if at else first
    return goal


class Row(NamedTuple):
    """A sample ready for training: where it starts, its terms, where it should end."""

    lexicon: list[float]
    bm25: list[float]
    terms: list[tuple[str, float]]
    goal: list[float]
    weight: float


def train(samples: Sequence[Sample], framework: Framework) -> Model:
    """Learn the weights from the samples."""
    slugs = sorted(framework.definitions)
    postings = make_postings(framework)
    seen = Counter(term for sample in samples for term in sample.reading.terms)
    kept = {term: n for term, n in seen.items() if n >= (LEAST_PAIR if " " in term else LEAST_WORD)}
    rarity = {term: log(1 + len(samples) / n) for term, n in kept.items()}
    rows = [make_row(sample, slugs, postings, rarity) for sample in samples]
    learner = Learner(slugs, kept)
    order = list(range(len(rows)))
    shuffle = Random(1).shuffle  # noqa: S311 - an order, not a secret
    for turn in range(ROUNDS):
        shuffle(order)
        rate = RATE / (1 + turn)
        for at in order:
            learner.step(rows[at], rate)
    terms = {
        term: Term(rarity[term], dict(zip(slugs, weights, strict=True)))
        for term, weights in learner.weights.items()
        if max(abs(weight) for weight in weights) >= 0.04
    }
    bias = dict(zip(slugs, learner.bias, strict=True))
    return Model(VERSION, bias, learner.mix[0], learner.mix[1], postings, terms)


def make_row(sample: Sample, slugs: list[str], postings: Postings, rarity: dict[str, float]) -> Row:
    """Everything about a sample that does not change while learning."""
    found = lexicon_scores(sample.reading)
    near = bm25_scores(sample.reading, postings)
    own = SELF if sample.source == "framework" else 1.0
    terms = [(term, rarity[term]) for term in sample.reading.terms if term in rarity]
    length = sqrt(sum(value * value for _, value in terms)) or 1.0
    goal = target(sample.labels)
    return Row(
        [found.get(slug, 0.0) for slug in slugs],
        [own * near.get(slug, 0.0) for slug in slugs],
        [(term, value / length) for term, value in terms],
        [goal.get(slug, 0.0) for slug in slugs],
        sample.weight,
    )


class Learner:
    """Softmax regression by stochastic gradient descent, one sample at a time."""

    def __init__(self, slugs: list[str], seen: dict[str, int]) -> None:
        """Begin with no weights and with what the lexicon and BM25 are usually worth."""
        self.seen = seen
        self.weights = {term: [0.0] * len(slugs) for term in sorted(seen)}
        self.bias = [0.0] * len(slugs)
        self.mix = [2.0, 1.2]

    def step(self, row: Row, rate: float) -> None:
        """Move a little towards the goal of one sample."""
        errors = self.errors(row)
        for term, value in row.terms:
            weights = self.weights[term]
            shrink = 1 - rate * PENALTY / self.seen[term]
            self.weights[term] = [
                weight * shrink - rate * value * error for weight, error in zip(weights, errors, strict=True)
            ]
        self.bias = [
            bias * (1 - rate * 0.01) - rate * 0.1 * error for bias, error in zip(self.bias, errors, strict=True)
        ]
        self.mix[0] -= rate * 0.01 * sum(error * at for error, at in zip(errors, row.lexicon, strict=True))
        self.mix[1] -= rate * 0.01 * sum(error * at for error, at in zip(errors, row.bm25, strict=True))

    def errors(self, row: Row) -> list[float]:
        """How far each share is above its goal."""
        scores = [
            bias + self.mix[0] * one + self.mix[1] * two
            for bias, one, two in zip(self.bias, row.lexicon, row.bm25, strict=True)
        ]
        for term, value in row.terms:
            scores = [score + value * weight for score, weight in zip(scores, self.weights[term], strict=True)]
        top = max(scores)
        powers = [exp(score - top) for score in scores]
        total = sum(powers)
        return [row.weight * (power / total - goal) for power, goal in zip(powers, row.goal, strict=True)]


class Outcome(NamedTuple):
    """What was ranked for one left-out statement."""

    sample: Sample
    ranked: list[str]
    share: float


def left_out(statements: Sequence[Sample], framework: Framework) -> Iterator[Outcome]:
    """Rank every statement with weights that were learnt without its source."""
    own = own_samples(framework)
    for source in sorted({sample.source for sample in statements}):
        model = train([sample for sample in statements if sample.source != source] + own, framework)
        for sample in statements:
            if sample.source == source:
                part = shares(model.scores(sample.reading))
                ranked = sorted(part, key=lambda slug: (-part[slug], slug))
                yield Outcome(sample, ranked, part[ranked[0]])


def rates(outcomes: Sequence[Outcome]) -> str:
    """Top-1 is one of the labels, and the primary label is among the first three, in percent."""
    first = sum(outcome.ranked[0] in outcome.sample.labels for outcome in outcomes)
    three = sum(outcome.sample.labels[0] in outcome.ranked[:3] for outcome in outcomes)
    return f"{len(outcomes):5d} {100 * first / len(outcomes):6.1f} {100 * three / len(outcomes):6.1f}"


def report(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Figures by style, by source, by competency and by confidence."""
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        sample = outcome.sample
        groups[f"1 style {sample.style} {sample.tier}"].append(outcome)
        groups[f"2 source {sample.source}"].append(outcome)
        if sample.tier == "hand":
            groups[f"3 primary {sample.labels[0]}"].append(outcome)
            groups[f"4 share from {int(outcome.share * 10) / 10:.1f}"].append(outcome)
    for name, group in sorted(groups.items()):
        yield f"{name[2:]:46s} {rates(group)}"


def main() -> None:
    """Train and write, or measure."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("framework", type=Path)
    options.add_argument("statements", type=Path)
    options.add_argument("--measure", action="store_true")
    given = options.parse_args()
    framework = load_framework(given.framework)
    statements = load_statements(given.statements)
    if given.measure:
        sys.stdout.write("\n".join(report(list(left_out(statements, framework)))) + "\n")
    else:
        model = train(statements + own_samples(framework), framework)
        (HERE / "weights.json").write_text(pack(model), encoding="utf-8")


if __name__ == "__main__":
    main()
