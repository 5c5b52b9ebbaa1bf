"""A file of people: who they are, whom they report to, and in which team they work. What each line would change.

CSV with a line of column names; only `e-mail` must be there. A column that is missing leaves things as they are, and
an empty cell takes the manager or the team away.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import CharField
from django.utils.text import slugify

from ladder.sheets import NotCsv, plain, rows_of, sheet
from ladder.text import clean_text
from people.models import Team, User
from people.queries.organisation import Ground, Known, circles

MOST_LINES = 5_000
COLUMNS = ("e-mail", "name", "manager", "team")
ALIASES = {"email": "e-mail", "e-mail address": "e-mail", "email address": "e-mail"}
EXAMPLE = (
    ("ada@example.org", "Ada Osei", "", "Quotes"),
    ("noor@example.org", "Noor Haddad", "ada@example.org", "Quotes"),
)
SHOWN = 60  # characters of a value in a message


class Problem(NamedTuple):
    line: int
    said: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.said}"


class Row(NamedTuple):
    """The line where it starts, the address in lower case, and the other cells by column."""

    line: int
    email: str
    values: Mapping[str, str]


class Line(NamedTuple):
    """A row and what it would change: of somebody new all that it says, else only what is different."""

    row: Row
    known: Known | None
    wants: Mapping[str, str]
    was: Mapping[str, str]
    problems: Sequence[str] = ()

    @property
    def kind(self) -> str:
        if self.problems:
            return "wrong"
        return "new" if self.known is None else "changed" if self.wants else "same"

    @property
    def changes(self) -> list[tuple[str, str, str]]:
        """Column, before, after."""
        return [(name, self.was.get(name, ""), after) for name, after in self.wants.items()]


@dataclass(frozen=True)
class Preview:
    """All lines of a file and what will happen; `seen` is a mark of that and of everybody as they are now."""

    lines: Sequence[Line] = ()
    problems: Sequence[Problem] = ()
    teams: Sequence[str] = ()  # that would be made
    seen: str = ""

    def of(self, kind: str) -> list[Line]:
        return [line for line in self.lines if line.kind == kind]

    @property
    def new(self) -> list[Line]:
        return self.of("new")

    @property
    def changed(self) -> list[Line]:
        return self.of("changed")

    @property
    def count(self) -> int:
        """How many it makes or changes."""
        return len(self.new) + len(self.changed)

    @property
    def same(self) -> list[Line]:
        return self.of("same")


@dataclass
class Reading:
    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def template() -> str:
    return sheet([COLUMNS, *EXAMPLE])


def as_they_are(ground: Ground) -> str:
    """Everybody whose account is open; imported again, it changes nothing."""
    address = ground.addresses
    return sheet(
        [
            COLUMNS,
            *(
                (email, one.name, address[one.manager] if one.manager else "", _team_name(ground, one))
                for email, one in sorted(ground.people.items())
                if not one.is_closed
            ),
        ]
    )


# ── From text to rows ───────────────────────────────────────────────────────
def read(text: str) -> Reading:
    reading = Reading()
    try:
        lines = rows_of(text)
        line, names = next(lines, (1, []))
        columns = [ALIASES.get(name, name) for name in (" ".join(one.casefold().split()) for one in names)]
        reading.problems += [Problem(line, said) for said in _wrong_with(columns)]
        if not reading.problems:
            _read_rows(columns, lines, reading)
    except NotCsv as error:
        reading.problems.append(Problem(error.line, str(error)))
    if not (reading.rows or reading.problems):
        reading.problems.append(Problem(line, "there is no row below the names of the columns"))
    return reading


def _wrong_with(columns: Sequence[str]) -> Iterator[str]:
    if "e-mail" not in columns:
        yield "there is no column 'e-mail'"
    for name in dict.fromkeys(columns):
        if name not in COLUMNS:
            yield f"column '{name[:SHOWN]}' is not known; the columns are {', '.join(COLUMNS)}"
        elif columns.count(name) > 1:
            yield f"column '{name}' stands there twice"


def _read_rows(columns: Sequence[str], lines: Iterator[tuple[int, list[str]]], reading: Reading) -> None:
    for line, cells in lines:
        if len(reading.rows) + len(reading.problems) >= MOST_LINES:
            reading.rows.clear()
            reading.problems[:] = [Problem(line, f"more than {MOST_LINES:,} lines; split the file")]
            return
        if len(cells) > len(columns) and any(cells[len(columns) :]):
            said = f"has {len(cells)} cells, but there are {len(columns)} columns; are quotes missing?"
            reading.problems.append(Problem(line, said))
            continue
        values = {name: clean_text(plain(cell), lines=False) for name, cell in zip(columns, cells, strict=False)}
        reading.rows.append(Row(line, values.pop("e-mail").lower(), values))


# ── From rows to what they would change ─────────────────────────────────────
def preview_of(text: str, ground: Ground) -> Preview:
    """Nothing is asked of the database here: `ground` is everybody."""
    reading = read(text)
    check = _Check(ground, {row.email for row in reading.rows})
    lines = [check.line(row) for row in reading.rows]
    problems = [*reading.problems, *(Problem(line.row.line, said) for line in lines for said in line.problems)]
    if not problems:
        problems = list(_circles(lines, ground))
    seen = sha256(f"{ground.token}\n{text}".encode()).hexdigest()
    return Preview(lines, sorted(problems), check.new_teams, seen)


class _Check:
    """One file against everybody."""

    def __init__(self, ground: Ground, named: set[str]) -> None:
        self.ground, self.named = ground, named
        self.address = ground.addresses
        self.first: dict[str, int] = {}  # address -> the line where it stands
        self.teams = {word.casefold(): team.name for team in ground.teams.values() for word in (team.slug, team.name)}
        self.new_teams: list[str] = []

    def line(self, row: Row) -> Line:
        known = self.ground.people.get(row.email)
        problems = list(self._wrong_with_person(row, known))
        wants, was = self._wanted(row), self._present(known)
        problems += self._wrong_with_values(row, wants, was)
        if problems:
            return Line(row, known, {}, {}, problems)
        if known:
            wants = {name: value for name, value in wants.items() if value != was[name]}
        if known and known.is_closed and wants:
            return Line(row, known, {}, {}, ["this person has left; reopen the account first"])
        if known and known.is_fixed and wants:
            return Line(row, known, {}, {}, ["this person is a superuser; only another one changes them"])
        return Line(row, known, wants, was)

    def _wrong_with_person(self, row: Row, known: Known | None) -> Iterator[str]:
        if row.email in self.first:
            yield f"the same person as line {self.first[row.email]}"
        self.first.setdefault(row.email, row.line)
        if known is None and not is_address(row.email):
            yield f"'{row.email[:SHOWN]}' is no e-mail address" if row.email else "has no e-mail address"
        elif known is None and (whose := self.ground.further.get(row.email)):
            yield f"'{row.email}' is a second address of {self.address[whose]}"
        if known is None and row.email and not row.values.get("name"):
            yield "somebody new needs a name"

    def _wanted(self, row: Row) -> dict[str, str]:
        """What a row asks for, with teams by the name that they have."""
        wants = dict(row.values)
        if not wants.get("name"):
            wants.pop("name", None)
        if "manager" in wants:
            wants["manager"] = wants["manager"].lower()
        if wants.get("team"):
            wants["team"] = self._team(wants["team"])
        return wants

    def _team(self, name: str) -> str:
        """A team that is there, by its name or slug; else one to be made."""
        for word in (name.casefold(), slug_of(name)):
            if word in self.teams:
                return self.teams[word]
        if _fits(Team, "name", name):
            self.teams[name.casefold()] = self.teams[slug_of(name)] = name
            self.new_teams.append(name)
        return name

    def _present(self, known: Known | None) -> dict[str, str]:
        if known is None:
            return {"name": "", "manager": "", "team": ""}
        manager = self.address[known.manager] if known.manager else ""
        return {"name": known.name, "manager": manager, "team": _team_name(self.ground, known)}

    def _wrong_with_values(self, row: Row, wants: Mapping[str, str], was: Mapping[str, str]) -> Iterator[str]:
        for name, model in (("name", User), ("team", Team)):
            if not _fits(model, "name", wants.get(name, "")):
                yield f"the {name} is too long"
        manager = wants.get("manager", "")
        if not manager or manager == was["manager"]:
            return
        above = self.ground.people.get(manager)
        if manager == row.email:
            yield "nobody is their own manager"
        elif above is None and manager not in self.named:
            yield f"manager '{manager[:SHOWN]}' is neither in Ladder nor in this file"
        elif above and above.is_closed:
            yield f"manager '{manager}' has left"


def _circles(lines: Sequence[Line], ground: Ground) -> Iterator[Problem]:
    """Each circle at the first line that is part of it."""
    address = ground.addresses
    manager_of = {email: address[one.manager] for email, one in ground.people.items() if one.manager}
    for line in lines:
        if "manager" in line.wants:
            manager_of.pop(line.row.email, None)
            if line.wants["manager"]:
                manager_of[line.row.email] = line.wants["manager"]
    at = {line.row.email: line.row.line for line in lines}
    for found in circles(manager_of, at):
        mine = [email for email in found if email in at]
        if mine:
            start = found.index(min(mine, key=lambda email: at[email]))
            way = [*found[start:], *found[:start], found[start]]
            yield Problem(at[found[start]], f"they would report to themselves: {' → '.join(way)}")


def slug_of(name: str) -> str:
    """The slug that a new team gets; of a name without Latin letters, its sum."""
    most = Team._meta.get_field("slug").max_length
    return slugify(name)[:most] or f"team-{sha256(name.encode()).hexdigest()[:8]}"


def _team_name(ground: Ground, known: Known) -> str:
    return ground.teams[known.team].name if known.team else ""


def _fits(model: type[User] | type[Team], name: str, value: str) -> bool:
    column = model._meta.get_field(name)
    return not isinstance(column, CharField) or column.max_length is None or len(value) <= column.max_length


def is_address(text: str) -> bool:
    """One that the columns hold, too."""
    try:
        validate_email(text)
    except ValidationError:
        return False
    return len(text) <= 254
