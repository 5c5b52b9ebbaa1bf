"""Rank competencies for a text, each with the phrases of the text that led to it and a word for how sure we are."""

from collections.abc import Iterator
from typing import NamedTuple

from accomplishments.suggesting.features import Place, Reading, lexicon_damping, read
from accomplishments.suggesting.model import Model, default, shares
from accomplishments.suggesting.words import STOPS

LIKELY = 0.6  # measured on left-out sources: right in more than nine of ten, see README.md
POSSIBLE = 0.3  # right in seven of ten
MOST_PHRASES = 5
LEAST_CONTRIBUTION = 0.1
LEAST_SHARE = 0.03  # below it a form does not propose
Claim = tuple[float, Place]


class Suggestion(NamedTuple):
    """One competency that a text may show."""

    slug: str
    share: float
    confidence: str
    phrases: tuple[str, ...]

    @property
    def because(self) -> str:
        """The phrases in a line, as the form shows them."""
        return "matched on: " + ", ".join(self.phrases) if self.phrases else "no phrase of its own"


def rank(text: str, most: int = 3) -> list[Suggestion]:
    """The likeliest competencies, best first; empty only when the text has no words at all."""
    reading = read(text)
    if not any(word.stem.strip("0123456789") for word in reading.words):
        return []
    model = default()
    parts = shares(model.scores(reading))
    order = sorted(parts, key=lambda slug: (-parts[slug], slug))[:most]
    return [
        Suggestion(slug, parts[slug], _confidence(parts[slug]), _phrases(text, reading, model, slug)) for slug in order
    ]


def suggest(text: str, most: int = 3) -> list[Suggestion]:
    """What a form should propose: only competencies that some phrase led to, and not the hopeless."""
    return [suggestion for suggestion in rank(text, most) if suggestion.phrases and suggestion.share >= LEAST_SHARE]


def _confidence(share: float) -> str:
    """A word for how sure we are."""
    if share >= LIKELY:
        return "likely"
    return "possible" if share >= POSSIBLE else "a guess"


def _phrases(text: str, reading: Reading, model: Model, slug: str) -> tuple[str, ...]:
    """The parts of the text that speak most for a competency, the strongest first, none overlapping."""
    taken: set[int] = set()
    phrases: dict[str, str] = {}
    for _, (first, last) in sorted(_claims(reading, model, slug), key=lambda claim: (-claim[0], claim[1])):
        places = set(range(first, last + 1))
        if not places & taken:
            taken |= places
            phrase = text[reading.words[first].start : reading.words[last].end]
            phrases.setdefault(phrase.casefold(), phrase)
    return tuple(phrases.values())[:MOST_PHRASES]


def _claims(reading: Reading, model: Model, slug: str) -> Iterator[Claim]:
    """Each phrase and word that speaks for a competency, with how much it adds to the score."""
    rarities = model.rarities(reading)
    learnt = {term: rarity * model.terms[term].weights.get(slug, 0.0) for term, rarity in rarities.items()}
    damping = lexicon_damping(reading)
    for hit in reading.hits.values():
        if slug in hit.weights:
            inside = sum(value for term, value in learnt.items() if _within(reading.terms[term], (hit.first, hit.last)))
            value = model.lexicon_share * reading.weights(hit)[slug] / damping + inside
            if value >= LEAST_CONTRIBUTION:
                yield value, (hit.first, hit.last)
    for term, value in learnt.items():
        place = reading.terms[term]
        if value >= LEAST_CONTRIBUTION and _speaks(reading, place):
            yield value, place


def _within(inner: Place, outer: Place) -> bool:
    """Whether one place lies inside the other."""
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def _speaks(reading: Reading, place: Place) -> bool:
    """Whether a learnt word or pair makes sense as a reason: no numbers, no function words, nothing across a comma."""
    words = reading.words[place[0] : place[1] + 1]
    return all(word.stem not in STOPS and word.stem.isalpha() and len(word.stem) > 2 for word in words) and all(
        word.joined for word in words[1:]
    )
