"""Words as the search sees them: lower case, without their endings."""

import re
from collections import defaultdict
from functools import lru_cache

import snowballstemmer

from roles.shapes.content import Document, sentences

_WORD = re.compile(r"[a-z0-9][a-z0-9+#]*(?:[./][a-z0-9]+)*", re.IGNORECASE)
_STOP = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "been",
        "but",
        "by",
        "can",
        "do",
        "does",
        "for",
        "from",
        "had",
        "has",
        "have",
        "how",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "may",
        "more",
        "not",
        "of",
        "on",
        "or",
        "our",
        "out",
        "over",
        "so",
        "than",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "they",
        "this",
        "those",
        "to",
        "up",
        "was",
        "were",
        "what",
        "when",
        "where",
        "which",
        "while",
        "who",
        "whose",
        "will",
        "with",
        "without",
        "you",
        "your",
    ]
)
_STEMMER = snowballstemmer.stemmer("english")
LONGEST = 40  # the width of the column that keeps a stem

# How much one occurrence says about a role, by where it stands.
WEIGHTS = {
    "title": 40.0,
    "mission": 4.0,
    "summary": 3.0,
    "tags": 4.0,
    "names": 4.0,
    "keywords": 3.0,
    "primary": 1.5,
    "hard": 1.5,
}
OTHER = 1.0


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    return str(_STEMMER.stemWord(word.lower()))[:LONGEST]


# What people call things for short, and how roles spell it out.
SHORT = {
    "sre": "site reliability",
    "qa": "quality",
    "oncall": "on-call",
    "ml": "machine learning",
    "devops": "site reliability",
    "em": "engineering manager",
    "db": "database",
    "k8s": "kubernetes",
    "js": "javascript",
    "frontend": "front-end",
    "ui": "interface",
    "ux": "interface",
    "a11y": "accessibility",
}


def asked(query: str) -> list[str]:
    """The stems of a query, short names spelt out."""
    return stems(" ".join(SHORT.get(word.lower(), word) for word in query.split()))


def stems(text: str) -> list[str]:
    """The stems of a text in order. A compound such as `CI/CD` or `front-end` counts as its parts."""
    words = (part for word in _WORD.findall(text) for part in re.split(r"[./]", word) if part)
    return [stem(word) for word in words if word.lower() not in _STOP]


def terms(document: Document, names: str = "") -> dict[str, float]:
    """What a role is about: stem -> weight, the sum over its occurrences.

    `names` are those of its level, specialty and family.
    """
    weights: defaultdict[str, float] = defaultdict(float)
    texts = [(key, document.get(key, "")) for key in ("title", "summary", "mission", "tour_of_duty")]
    texts += [(key, " ".join(document.get(key, []))) for key in ("tags", "keywords")]
    texts += [("names", names), *sentences(document)]
    for where, text in texts:
        for term in stems(text):
            weights[term] += WEIGHTS.get(where, OTHER)
    return dict(weights)
