"""The phrase lexicon: read from lexicon.txt, searched for the longest phrase at every place of a text."""

from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from accomplishments.suggesting.words import Word, cut

Weights = dict[str, float]


class Hit(NamedTuple):
    """A phrase of the lexicon found in a text, and what it says about each competency."""

    key: str
    first: int
    last: int
    weights: Weights


class Lexicon(NamedTuple):
    """All phrases by their stems, and the longest phrase that begins with a stem."""

    phrases: dict[str, Weights]
    longest: dict[str, int]


def parse(source: str) -> Lexicon:
    """Read the sections of a lexicon file: `[slug]`, then lines of `weight: phrase, phrase`."""
    phrases: dict[str, Weights] = {}
    longest: dict[str, int] = {}
    slug = ""
    for line in source.splitlines():
        if line.startswith("["):
            slug = line.strip("[] ")
        elif ":" in line and not line.startswith("#"):
            weight, _, rest = line.partition(":")
            for stems in _stems(rest):
                weights = phrases.setdefault(" ".join(stems), {})
                weights[slug] = max(weights.get(slug, 0.0), float(weight))
                longest[stems[0]] = max(longest.get(stems[0], 0), len(stems))
    return Lexicon(phrases, longest)


def _stems(line: str) -> Iterator[list[str]]:
    """The stems of each comma-separated phrase."""
    for phrase in line.split(","):
        stems = [word.stem for word in cut(phrase)]
        if stems:
            yield stems


@cache
def default() -> Lexicon:
    """The lexicon of this package, read once when it is first needed."""
    return parse(files(__package__).joinpath("lexicon.txt").read_text(encoding="utf-8"))


def find(words: Sequence[Word], lexicon: Lexicon) -> list[Hit]:
    """The phrases of the text from left to right, the longest at each place, none overlapping."""
    hits = []
    place = 0
    while place < len(words):
        hit = _longest_at(words, place, lexicon)
        if hit:
            hits.append(hit)
        place = hit.last + 1 if hit else place + 1
    return hits


def _longest_at(words: Sequence[Word], place: int, lexicon: Lexicon) -> Hit | None:
    """The longest phrase that begins at this word."""
    most = min(lexicon.longest.get(words[place].stem, 0), len(words) - place)
    for length in range(most, 0, -1):
        part = words[place : place + length]
        key = " ".join(word.stem for word in part)
        if key in lexicon.phrases and all(word.joined for word in part[1:]):
            return Hit(key, place, place + length - 1, lexicon.phrases[key])
    return None
