"""What `git log` prints: every `Accomplishment:` trailer is an entry that ended on the day of the commit's author.

Both the usual format and `--format=fuller`, with any `--date` that names a day. The trailers after an
`Accomplishment:` belong to it: `Competency: testing-quality 2`, `Part: led`, `Scope: team`, `Link: https://…`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from itertools import groupby

from accomplishments.forms.imports.rows import Reading, Row, shortened

COMMIT = re.compile(r"commit [0-9a-f]{4,64}\b")
HEADER = re.compile(r"(Author|AuthorDate|Date):\s+(.*)")
TRAILER = re.compile(r"([A-Za-z][A-Za-z-]*):\s+(\S.*)")
FOLDED = re.compile(r"\s+\S")
GIT_DATE = "%a %b %d %H:%M:%S %Y %z"
INDENT = "    "
Numbered = tuple[int, str]  # of the file, and what stands there
TOLD = "accomplishment"
# Trailer -> column, and what stands between several of them.
TRAILERS = {
    "competency": ("competencies", "; "),
    "part": ("part", " "),
    "scope": ("scope", " "),
    "link": ("links", " "),
}


@dataclass
class Commit:
    """The parts of a commit that are read: who and when, and its message, each line with its number in the file."""

    line: int
    author: str = ""
    date: str = ""
    message: list[Numbered] = field(default_factory=list)


@dataclass
class Told:
    """One `Accomplishment:` trailer and those that belong to it."""

    line: int
    text: str
    more: list[tuple[str, str]]


def read(text: str) -> Reading:
    reading = Reading()
    authors: dict[str, None] = {}
    commit = None
    for commit in _commits(text.split("\n")):
        prose, told = _parted(commit.message)
        day = _day(commit.date)
        for one in told:
            authors[commit.author] = None
            if day is None:
                dated = f"has the date '{commit.date}', which is none" if commit.date else "has no date"
                reading.wrong(one.line, f"the commit at line {commit.line} {dated}")
                continue
            reading.rows.append(_row(one, prose, day))
        if reading.is_full:
            break
    if commit is None:
        reading.wrong(1, "there is no commit; make the file with: git log > log.txt")
    elif not authors:
        reading.wrong(1, "no commit has a trailer 'Accomplishment:'")
    elif len(authors) > 1:
        reading.remarks.append(
            f"These commits are by {len(authors)} people: {', '.join(authors)}. Import only your own work; "
            "git log --author=NAME prints one person's commits."
        )
    return reading


def _commits(lines: Sequence[str]) -> Iterator[Commit]:
    """A commit begins at its `commit` line; its message is what is indented, up to what isn't, such as a diff."""
    commit: Commit | None = None
    ended = False
    for number, line in enumerate(lines, start=1):
        if COMMIT.match(line):
            if commit:
                yield commit
            commit, ended = Commit(number), False
        elif commit and not ended:
            header = HEADER.match(line)
            if header and not commit.message:
                name = "author" if header[1] == "Author" else "date"
                setattr(commit, name, header[2].strip())
            elif line.startswith(INDENT) or (commit.message and not line.strip()):
                commit.message.append((number, line[len(INDENT) :].rstrip()))
            else:
                ended = bool(commit.message)
    if commit:
        yield commit


def _parted(message: Sequence[Numbered]) -> tuple[str, list[Told]]:
    """A message as its text and its accomplishments.

    Trailers are the last paragraph, or one with an `Accomplishment:`, if every line is one, as git has it; of any other
    paragraph what stands from a line `Accomplishment:` on.
    """
    prose: list[str] = []
    told: list[Told] = []
    early: list[tuple[str, str]] = []  # above the first accomplishment, and so of that one
    paragraphs = list(_paragraphs(message))
    for turn, paragraph in enumerate(paragraphs):
        unfolded = _unfolded(paragraph)
        found = [TRAILER.fullmatch(line) for _, line in unfolded]
        told_at = [at for at, one in enumerate(found) if one and one[1].casefold() == TOLD]
        start = told_at[0] if told_at else len(found)
        if turn and all(found) and (told_at or paragraph is paragraphs[-1]):
            start = 0
        until = unfolded[start][0] if start < len(unfolded) else None
        prose.append("\n".join(line for number, line in paragraph if until is None or number < until))
        for (number, _), one in zip(unfolded[start:], found[start:], strict=True):
            if one and one[1].casefold() == TOLD:
                told.append(Told(number, one[2], early))
                early = []
            elif one:
                (told[-1].more if told else early).append((one[1].casefold(), one[2]))
    return "\n\n".join(filter(None, prose)), told


def _paragraphs(message: Sequence[Numbered]) -> Iterator[list[Numbered]]:
    for empty, lines in groupby(message, key=lambda one: not one[1].strip()):
        if not empty:
            yield list(lines)


def _unfolded(paragraph: Sequence[Numbered]) -> list[Numbered]:
    """A line that begins with a blank goes on with the one above it, and so does plain text below an accomplishment."""
    found: list[Numbered] = []
    for number, line in paragraph:
        above = TRAILER.fullmatch(found[-1][1]) if found else None
        told = above is not None and above[1].casefold() == TOLD
        if found and (line[0].isspace() or (told and not TRAILER.fullmatch(line))):
            found[-1] = (found[-1][0], f"{found[-1][1]} {line.strip()}")
        else:
            found.append((number, line))
    return found


def _day(text: str) -> date | None:
    """The day as the author's clock had it."""
    for parse in (_of_git, _of_iso, parsedate_to_datetime):
        try:
            return parse(text).date()
        except (ValueError, OverflowError):  # a zone or a year beyond all numbers
            continue
    return None


def _of_git(text: str) -> datetime:
    return datetime.strptime(text, GIT_DATE)


def _of_iso(text: str) -> datetime:
    return datetime.fromisoformat(text[:10])


def _row(told: Told, prose: str, day: date) -> Row:
    values = {"title": shortened(told.text), "action": prose, "ended_on": day.isoformat()}
    if values["title"] != told.text:
        values["outcome"] = told.text
    for name, (column, between) in TRAILERS.items():
        values[column] = between.join(value for key, value in told.more if key == name)
    return Row(told.line, values, (day.isoformat(), told.text))
