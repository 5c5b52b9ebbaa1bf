"""What the form of an entry proposes to claim for the text that is in it."""

from collections.abc import Collection
from typing import NamedTuple

from accomplishments.queries.claiming import Ground
from accomplishments.suggesting import LevelSuggestion, Suggestion, suggest, suggest_level
from roles.queries.snapshot import Known

MOST = 3
LOOKED_AT = 8  # so that what is retired leaves its place to the next


class Proposal(NamedTuple):
    """One competency that the text speaks for, with the level that text, scope and part speak for."""

    competency: Known
    suggestion: Suggestion
    level: LevelSuggestion


def proposals(text: str, scope: str, part: str, ground: Ground, claimed: Collection[str]) -> list[Proposal]:
    """The likeliest competencies that can be claimed, at most three, without those that are claimed already."""
    found = [one for one in suggest(text, LOOKED_AT) if ground.is_open(one.slug)][:MOST]
    level = suggest_level(text, scope, part)
    return [Proposal(ground.options[one.slug].known, one, level) for one in found if one.slug not in claimed]
