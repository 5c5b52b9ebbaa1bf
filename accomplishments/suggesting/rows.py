"""Suggestions for many texts: a generator from rows to rows, for a CSV file of any length."""

from collections.abc import Iterable, Iterator, Mapping

from accomplishments.suggesting.level import suggest_level
from accomplishments.suggesting.ranking import rank

RANKED = 3
COLUMNS = [
    "text",
    *(f"{name}_{at}" for at in range(1, RANKED + 1) for name in ("competency", "confidence", "phrases")),
    "level",
]
BETWEEN = "; "


class NoTextColumn(ValueError):
    """The rows have no column `text`."""


def suggest_rows(rows: Iterable[Mapping[str, str | None]]) -> Iterator[dict[str, str]]:
    """One row out for each row in, in order; `scope` and `part` are used for the level where a row has them."""
    for row in rows:
        if "text" not in row:
            raise NoTextColumn("a column `text` is needed")
        yield _suggest_row(row["text"] or "", row.get("scope") or "", row.get("part") or "")


def _suggest_row(text: str, scope: str, part: str) -> dict[str, str]:
    """The text with its ranked competencies and its level; a text that says nothing leaves them empty."""
    out = dict.fromkeys(COLUMNS, "")
    out["text"] = text
    ranked = rank(text, RANKED)
    for at, suggestion in enumerate(ranked, start=1):
        out[f"competency_{at}"] = suggestion.slug
        out[f"confidence_{at}"] = suggestion.confidence
        out[f"phrases_{at}"] = BETWEEN.join(suggestion.phrases)
    out["level"] = str(suggest_level(text, scope, part).level) if ranked else ""
    return out
