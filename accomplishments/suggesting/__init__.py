"""From a text to competencies and a level: pure Python, deterministic, offline, versioned. See README.md.

rank(text)                       ranked competencies, each with its phrases and a word for how sure we are
suggest(text)                    the same for a form: only those that a phrase of the text led to
suggest_level(text, scope, part) a level from 1 to 5 with its reasons
suggest_rows(rows)               all of it for the rows of a CSV file
version()                        what made the suggestion
"""

from accomplishments.suggesting.level import LevelSuggestion, suggest_level
from accomplishments.suggesting.model import default as _model
from accomplishments.suggesting.ranking import Suggestion, rank, suggest
from accomplishments.suggesting.rows import COLUMNS, NoTextColumn, suggest_rows

__all__ = [
    "COLUMNS",
    "LevelSuggestion",
    "NoTextColumn",
    "Suggestion",
    "rank",
    "suggest",
    "suggest_level",
    "suggest_rows",
    "version",
]


def version() -> str:
    """The version of the lexicon and the learnt weights together."""
    return _model().version
