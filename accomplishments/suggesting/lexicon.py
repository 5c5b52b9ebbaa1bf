"""The phrase lexicon: read from lexicon.txt, searched for the longest phrase at every place of a text.

Small words inside a phrase do not matter: "led a team" also finds "led my team" and "led the first team".
"""

from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from accomplishments.suggesting.words import STOPS, Word, cut, stem

Weights = dict[str, float]
SMALL_WORDS = """a an the my our your their his her its this that these those some all any each every one two three four
five six seven eight nine ten twelve several many multiple various few dozens first new also then just really actually
always often usually regularly consistently currently recently successfully actively personally quickly even still"""
SMALL = frozenset(stem(word) for word in SMALL_WORDS.split())
MOST_SMALL = 2  # in a row inside a phrase


class Hit(NamedTuple):
    """A phrase of the lexicon found in a text, and what it says about each competency."""

    key: str
    first: int
    last: int
    weights: Weights


class Lexicon(NamedTuple):
    """All phrases by their stems, and everything that a phrase may begin with."""

    phrases: dict[str, Weights]
    beginnings: frozenset[str]


def parse(source: str) -> Lexicon:
    """Read the sections of a lexicon file: `[slug]`, then lines of `weight: phrase, phrase`."""
    phrases: dict[str, Weights] = {}
    slug = ""
    for line in source.splitlines():
        if line.startswith("["):
            slug = line.strip("[] ")
        elif ":" in line and not line.startswith("#"):
            weight, _, rest = line.partition(":")
            for stems in _stems(rest):
                weights = phrases.setdefault(" ".join(stems), {})
                weights[slug] = max(weights.get(slug, 0.0), float(weight))
    beginnings = {" ".join(stems[:length]) for stems in map(str.split, phrases) for length in range(1, len(stems) + 1)}
    return Lexicon(phrases, frozenset(beginnings))


def _stems(line: str) -> Iterator[list[str]]:
    """The stems of each comma-separated phrase, also without its small words where two that mean something are left."""
    for phrase in line.split(","):
        stems = [word.stem for word in cut(phrase)]
        if stems:
            yield stems
            large = [stem for stem in stems if not _small(stem)]
            if large[:1] == stems[:1] and len(large) < len(stems) and sum(stem not in STOPS for stem in large) >= 2:
                yield large


def _small(stem: str) -> bool:
    """Whether a word may be passed over inside a phrase."""
    return stem in SMALL or stem.isdigit()


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
    best = _extend(words, place, words[place].stem, lexicon)
    return Hit(best[1], place, best[2], lexicon.phrases[best[1]]) if best else None


def _extend(words: Sequence[Word], last: int, key: str, lexicon: Lexicon) -> tuple[int, str, int] | None:
    """The phrase with the most words that goes on from a beginning: its length, its stems, its last place."""
    if key not in lexicon.beginnings:
        return None
    best = (key.count(" "), key, last) if key in lexicon.phrases else None
    for place in range(last + 1, min(last + 2 + MOST_SMALL, len(words))):
        if not words[place].joined:
            break
        found = _extend(words, place, f"{key} {words[place].stem}", lexicon)
        if found and (best is None or found[0] > best[0]):
            best = found
        if not _small(words[place].stem):
            break
    return best
