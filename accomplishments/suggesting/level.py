"""Suggest a level from 1 to 5 from the scope of the work, the person's part in it, and the wording of the text."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from accomplishments.suggesting.lexicon import Hit, Lexicon, find, parse
from accomplishments.suggesting.words import Word, cut, stem

NAMES = {1: "Guided", 2: "Capable", 3: "Owning", 4: "Leading", 5: "Defining"}
USUAL = 2.4  # where a text without any sign stands
SCOPES = {"task": 1.6, "feature": 2.2, "team": 3.0, "several teams": 4.0, "organisation": 4.8}
SCOPE_WORDS = {
    "task": "a single task",
    "feature": "a whole feature",
    "team": "a whole team",
    "several teams": "several teams",
    "organisation": "the whole organisation",
}
PARTS = {"owned": 0.4, "led": 0.5, "contributed": -0.5, "assisted": -1.2}
SCOPE_WEIGHT = 3.0
MOST_WORDING = 3
LOW_SIGN = 5.0  # what "under guidance" counts: it says more of a person's part than the verb beside it
PRIOR = 1.4  # signs that the usual level counts for
NEGATED_FORMS = """not never no without didn't don't wasn't isn't weren't cannot"""
NEGATIONS = frozenset(stem(word) for word in NEGATED_FORMS.split())


class LevelSuggestion(NamedTuple):
    """A level and the reasons for it, in sentences."""

    level: int
    name: str
    reasons: tuple[str, ...]


def suggest_level(text: str, scope: str = "", part: str = "") -> LevelSuggestion:
    """The level that scope, part and wording speak for, with the reasons; unknown scopes and parts say nothing."""
    reasons: list[str] = []
    value = _from_wording(text, reasons)
    scope = scope.strip().casefold().replace("-", " ").replace("_", " ")
    if scope in SCOPES:
        value = (value + SCOPE_WEIGHT * SCOPES[scope]) / (1 + SCOPE_WEIGHT)
        reasons.insert(0, f"scope: {SCOPE_WORDS[scope]}")
    part = part.strip().casefold()
    if part in PARTS:
        value += PARTS[part]
        reasons.insert(1 if scope in SCOPES else 0, f"part: {part}")
    level = min(5, max(1, round(value)))
    return LevelSuggestion(level, NAMES[level], tuple(reasons or ["no sign of scope or part: the usual level"]))


@cache
def signs() -> Lexicon:
    """The signs of a level, read once when they are first needed."""
    return parse(files(__package__).joinpath("levels.txt").read_text(encoding="utf-8"))


def _from_wording(text: str, reasons: list[str]) -> float:
    """The mean level of the signs in the wording, drawn towards the usual one; adds the reason."""
    words = cut(text)
    hits = {hit.key: hit for hit in find(words, signs()) if not _negated(words, hit)}
    if not hits:
        return USUAL
    levels = sorted(
        ((_level_of(hit), hit) for hit in hits.values()), key=lambda pair: (-_weight(pair[0]), pair[1].first)
    )
    phrases = [text[words[hit.first].start : words[hit.last].end] for _, hit in levels[:MOST_WORDING]]
    reasons.append("wording: " + ", ".join(phrases))
    weights = [_weight(level) for level, _ in levels]
    total = sum(weight * level for weight, (level, _) in zip(weights, levels, strict=True))
    return (USUAL * PRIOR + total) / (PRIOR + sum(weights))


def _weight(level: int) -> float:
    """What a sign counts: the higher the level, the rarer and surer its signs; the lowest is as sure."""
    return LOW_SIGN if level == 1 else level - 0.5


def _negated(words: Sequence[Word], hit: Hit) -> bool:
    """Whether one of the two words before a sign says that it is not so."""
    return any(word.stem in NEGATIONS for word in words[max(0, hit.first - 2) : hit.first])


def _level_of(hit: Hit) -> int:
    """The level that a phrase stands for; the higher one where two sections have it."""
    return max(map(int, hit.weights))
