"""What every kind of file is read into: rows of plain text under the names of our columns, and what is wrong."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from rapidfuzz import fuzz, process

MOST_ROWS = 2_000
MOST_BYTES = 1_000_000
LONGEST_TITLE = 160

COLUMNS = (
    *("title", "situation", "action", "outcome"),
    *("measure_name", "measure_before", "measure_after", "measure_unit"),
    *("part", "scope", "started_on", "ended_on", "context", "ai_help"),
    *("competencies", "links", "visibility", "confidential", "public_wording"),
)


class Problem(NamedTuple):
    """What keeps a file from being imported, with the line where it stands."""

    line: int
    said: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.said}"


class Row(NamedTuple):
    """One entry to be: the line where it starts, its texts by column, and what makes it the same row next time."""

    line: int
    values: Mapping[str, str]
    identity: tuple[str, ...]


@dataclass
class Reading:
    """A file as it was read. `remarks` keep nothing back, but somebody should know."""

    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    @property
    def is_full(self) -> bool:
        """There is no need to read on: it is too much, or nearly all wrong."""
        return max(len(self.rows), len(self.problems)) > MOST_ROWS

    def wrong(self, line: int, said: str) -> None:
        self.problems.append(Problem(line, said))


def hint(wrong: str, known: Iterable[str]) -> str:
    """`; did you mean 'this'?` where something known is written much like it."""
    close = process.extractOne(
        wrong, list(known), scorer=fuzz.ratio, processor=lambda one: one.casefold(), score_cutoff=65
    )
    return f"; did you mean '{close[0]}'?" if close else ""


def shortened(text: str) -> str:
    """A text that fits a title, cut between words."""
    if len(text) <= LONGEST_TITLE:
        return text
    return f"{text[: LONGEST_TITLE - 1].rsplit(' ', 1)[0].rstrip(' ,;:.')}…"
