"""Search over titles, missions, responsibilities and skills.

One way on both databases: stems are written at publication (`SearchTerm`), typing errors are mended against the
vocabulary in memory, and one indexed query finds the roles. So word forms, typing errors and the order of results are
the same on SQLite and PostgreSQL.
"""

from collections import Counter, defaultdict
from functools import lru_cache
from math import log

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from roles.models import RoleVersion, SearchTerm
from roles.queries.snapshot import Card, Snapshot
from roles.shapes.stems import asked

MOST_WORDS = 12  # of a query; the rest is not looked at
MOST_LIKE = 12  # stems of the vocabulary that one word of the query may stand for
LONG = 6  # letters from which a word may have two slips, or a stem stand for a longer word
PREFIX, MENDED = 0.8, 0.6  # what a hit counts that only begins with the word, or only after mending
SATURATION = 6.0  # the weight at which a term counts half of its most


@lru_cache(maxsize=2)
def _vocabulary(stamp: str) -> Counter[str]:
    """Every stem of the roles in force with the number of roles that have it."""
    return Counter(SearchTerm.objects.filter(version__in=RoleVersion.objects.current()).values_list("term", flat=True))


def _alike(word: str, vocabulary: Counter[str]) -> dict[str, float]:
    """Stems that a word of the query may mean, with what a hit counts: itself, what it begins, what it mistypes."""
    found = {word: 1.0} if word in vocabulary else {}
    if len(word) >= 2:
        begun = [term for term in vocabulary if term.startswith(word) and term != word]
        found |= dict.fromkeys(sorted(begun, key=len)[:MOST_LIKE], PREFIX)
    if not found and len(word) >= 4:
        # One slip in a short word, two in a long one, and the first letter is rarely the wrong one.
        slips = 1 if len(word) < LONG else 2
        close = process.extract(
            word, list(vocabulary), scorer=DamerauLevenshtein.distance, score_cutoff=slips, limit=MOST_LIKE
        )
        nearest = min((distance for _, distance, _ in close), default=0)
        found = {term: MENDED / distance for term, distance, _ in close if distance == nearest}
    if not found:  # a slip in the ending, which the stemmer then leaves on
        begins = [term for term in vocabulary if len(term) >= LONG and word.startswith(term)]
        found = dict.fromkeys(sorted(begins, key=len)[-1:], MENDED)
    return found


def search(catalogue: Snapshot, query: str) -> list[Card]:
    """The roles that answer to every word of the query, best first; where none does, those that answer to most."""
    words = list(dict.fromkeys(asked(query)))[:MOST_WORDS]
    if not words:
        return []
    vocabulary = _vocabulary(catalogue.stamp)
    words = [word for word in words if len(word) > 1 or word in vocabulary] or words  # a letter on its way to a word
    meant = {word: _alike(word, vocabulary) for word in words}
    every = {term for like in meant.values() for term in like}
    weights: defaultdict[str, dict[int, float]] = defaultdict(dict)
    for version, term, weight in SearchTerm.objects.filter(
        version__in=RoleVersion.objects.current(), term__in=every
    ).values_list("version_id", "term", "weight"):
        weights[term][version] = weight
    total = len(catalogue.roles)
    answers: Counter[int] = Counter()
    scores: defaultdict[int, float] = defaultdict(float)
    for like in meant.values():
        best: defaultdict[int, float] = defaultdict(float)
        for term, share in like.items():
            rarity = log(1 + total / max(1, vocabulary[term]))
            for version, weight in weights[term].items():
                best[version] = max(best[version], share * rarity * weight / (weight + SATURATION))
        for version, score in best.items():
            answers[version] += 1
            scores[version] += score
    most = max(answers.values(), default=0)
    hits = [card for card in catalogue.roles if most and answers[card.version_id] == most]
    return sorted(hits, key=lambda card: -scores[card.version_id])
