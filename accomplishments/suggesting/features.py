"""What can be seen in a text: the phrases of the lexicon, its words, and its pairs of words."""

from collections.abc import Mapping
from math import sqrt
from typing import NamedTuple

from accomplishments.suggesting.lexicon import Hit, default, find
from accomplishments.suggesting.words import STOPS, Word, cut, stem

COUNTS = """zero one two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty
hundred thousand dozen dozens couple several"""
NUMBER = "#"
NUMBERS = frozenset(stem(word) for word in COUNTS.split())
OUTCOME = 0.6  # what a phrase counts after "reducing", "resulting in": the result says less than the deed
OUTCOME_FORMS = """reducing resulting improving increasing enabling saving cutting achieving allowing leading boosting
raising decreasing lowering ensuring preventing eliminating enhancing accelerating unblocking freeing"""
OUTCOME_WORDS = frozenset(OUTCOME_FORMS.split())
LATE, LATER = 8, 0.8  # what a phrase counts from the ninth word on: people begin with what matters to them
DEED = 4  # the words at the beginning that are always the deed

Place = tuple[int, int]
Scores = dict[str, float]


class Reading(NamedTuple):
    """One text as the ranking sees it; places are positions of words, first and last; the outcome begins at one."""

    words: list[Word]
    hits: dict[str, Hit]
    terms: dict[str, Place]
    outcome: int

    def weights(self, hit: Hit) -> Scores:
        """What a phrase of this text says about each competency."""
        share = (OUTCOME if hit.first >= self.outcome else 1.0) * (LATER if hit.first >= LATE else 1.0)
        return hit.weights if share == 1.0 else {slug: share * weight for slug, weight in hit.weights.items()}


def read(text: str) -> Reading:
    """Read a text once: its phrases, words and pairs of words, each at the first place where it stands."""
    words = cut(text)
    hits: dict[str, Hit] = {}
    for hit in find(words, default()):
        hits.setdefault(hit.key, hit)
    return Reading(words, hits, _terms(words), _outcome(text, words))


def _outcome(text: str, words: list[Word]) -> int:
    """The place of the first word that begins a result, or the end."""
    for place, word in enumerate(words[DEED:], start=DEED):
        if text[word.start : word.end].lower() in OUTCOME_WORDS:
            return place
    return len(words)


def _terms(words: list[Word]) -> dict[str, Place]:
    """Words that mean something, and pairs of neighbours of which at least one does; all numbers are one word."""
    stems = [NUMBER if word.stem.isdigit() or word.stem in NUMBERS else word.stem for word in words]
    terms: dict[str, Place] = {}
    for place, now in enumerate(stems):
        if now not in STOPS:
            terms.setdefault(now, (place, place))
        if place and not (now in STOPS and stems[place - 1] in STOPS):
            terms.setdefault(f"{stems[place - 1]} {now}", (place - 1, place))
    return terms


def lexicon_damping(reading: Reading) -> float:
    """What a phrase's weight is divided by, so that a long text does not shout."""
    return sqrt(4 + sum(sum(reading.weights(hit).values()) for hit in reading.hits.values()))


def lexicon_scores(reading: Reading) -> Scores:
    """How strongly the lexicon's phrases point to each competency."""
    damping = lexicon_damping(reading)
    scores: Scores = {}
    for hit in reading.hits.values():
        for slug, weight in reading.weights(hit).items():
            scores[slug] = scores.get(slug, 0.0) + weight / damping
    return scores


def bm25_scores(reading: Reading, postings: Mapping[str, Mapping[str, float]]) -> Scores:
    """How close the text is to each competency's definition and indicators."""
    known = [postings[term] for term in reading.terms if term in postings]
    damping = sqrt(4 + len(known))
    scores: Scores = {}
    for posting in known:
        for slug, weight in posting.items():
            scores[slug] = scores.get(slug, 0.0) + weight / damping
    return scores
