"""Rows against the rules of the form of an entry: what each of them will become, or what is wrong with it."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any, NamedTuple

from accomplishments.choices import Part, Scope, Visibility
from accomplishments.forms.claims import Claims, Pick
from accomplishments.forms.entry import DRAFT, NEEDED, EntryForm
from accomplishments.forms.imports import git_log, resume, table
from accomplishments.forms.imports.rows import MOST_ROWS, Problem, Reading, Row, hint
from accomplishments.queries.claiming import Ground
from accomplishments.queries.entries import DATES
from accomplishments.queries.imports import Known

READERS: Mapping[str, Callable[[str], Reading]] = {"csv": table.read, "json": resume.read, "git": git_log.read}
ISO = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
YES, NO = ("yes", "true", "1", "x"), ("no", "false", "0", "")
SEPARATOR = "\x1f"
SHOWN = 40  # characters of a value in a message


class Fresh(NamedTuple):
    """A row that becomes an entry: clean fields, claims (key of the competency, level), links, and its origin."""

    fields: Mapping[str, Any]
    claims: Sequence[tuple[int, int]]
    links: Sequence[str]
    log: bool
    origin: str


class Line(NamedTuple):
    """A row as the preview shows it. At most one of `fresh`, `there`, `twin` and `problems` is given."""

    row: Row
    fresh: Fresh | None = None
    lacks: Sequence[str] = ()  # what keeps it a draft
    claims: Sequence[str] = ()
    there: Known | None = None
    twin: int = 0  # the line that says the same
    problems: Sequence[Problem] = ()

    @property
    def days(self) -> str:
        return " to ".join(filter(None, (self.row.values.get(name) for name in DATES)))


@dataclass(frozen=True)
class Preview:
    """All rows of a file and what will happen to them."""

    lines: Sequence[Line]
    problems: Sequence[Problem]
    remarks: Sequence[str]

    @property
    def fresh(self) -> list[Fresh]:
        return [line.fresh for line in self.lines if line.fresh]

    @property
    def logged(self) -> int:
        return sum(one.log for one in self.fresh)

    @property
    def drafts(self) -> int:
        return len(self.fresh) - self.logged

    @property
    def there(self) -> int:
        return sum(line.there is not None for line in self.lines)

    @property
    def repeated(self) -> int:
        return sum(line.twin > 0 for line in self.lines)


def preview_of(kind: str, text: str, ground: Ground, known: Mapping[str, Known]) -> Preview:
    """What importing a text would do; `known` are the origins that somebody's entries have already."""
    reading = READERS[kind](text)
    if len(reading.rows) > MOST_ROWS:
        return Preview([], [Problem(reading.rows[-1].line, f"more than {MOST_ROWS:,} rows; split the file")], [])
    seen: dict[str, int] = {}
    lines = [_line(kind, row, ground, known, seen) for row in reading.rows]
    problems = [*reading.problems, *(problem for line in lines for problem in line.problems)]
    return Preview(lines, sorted(problems, key=lambda one: one.line), reading.remarks)


def _line(kind: str, row: Row, ground: Ground, known: Mapping[str, Known], seen: dict[str, int]) -> Line:
    """A row that was imported before isn't checked again: what was right then may not be so today."""
    origin = f"{kind}:{sha256(SEPARATOR.join(row.identity).encode(errors='surrogatepass')).hexdigest()}"
    if origin in known:
        return Line(row, there=known[origin])
    if origin in seen:
        return Line(row, twin=seen[origin])
    seen[origin] = row.line
    picks, form, said = _checked(row, ground)
    if said:
        return Line(row, problems=[Problem(row.line, one) for one in dict.fromkeys(said)])
    lacks = [str(form.fields[name].label).lower() for name in NEEDED if not form.values.get(name)]
    claims = [(pk, level) for pk, level, _ in form.claims.clean]
    fresh = Fresh(form.values, claims, form.addresses, not lacks, origin)
    return Line(row, fresh, lacks, [f"{ground.options[pick.slug].known.name} {pick.level}" for pick in picks])


def _checked(row: Row, ground: Ground) -> tuple[list[Pick], EntryForm, list[str]]:
    """A form that was asked as for a draft, and all that is wrong."""
    said: list[str] = []
    data: dict[str, Any] = dict(row.values)
    picks = list(_picks(data.pop("competencies", ""), ground, said))
    for name in DATES:
        if data.get(name) and not _is_day(data[name]):
            said.append(f"{name} '{data.pop(name)[:SHOWN]}' is not a date such as 2026-06-30")
    for name, choices in (("part", Part.choices), ("scope", Scope.choices), ("visibility", Visibility.choices)):
        data[name] = _chosen(name, data.get(name, ""), choices, said)
    data["confidential"] = data.get("confidential", "").casefold()
    if data["confidential"] not in (*YES, *NO):
        said.append(f"confidential '{data['confidential'][:SHOWN]}' is neither yes nor no")
    data["confidential"] = data["confidential"] in YES
    data["links"] = "\n".join(data.get("links", "").split())
    form = EntryForm(data, claims=Claims(picks, ground, None), do=DRAFT)
    if not form.is_valid():
        said += [f"{name}: {error}" for name, errors in form.errors.items() for error in errors if name in form.fields]
        said += [f"competencies: {error}" for error in form.non_field_errors()]
        said += [f"competencies: {error}" for errors in form.claims.problems.values() for error in errors]
    if "title" not in form.errors and not form.values["title"]:
        said.append("has no title")
    return picks, form, said


def _is_day(text: str) -> bool:
    """Other ways to write a day are refused: nobody knows what 03/04/2026 is."""
    try:
        return bool(ISO.fullmatch(text) and date.fromisoformat(text))
    except ValueError:
        return False


def _chosen(name: str, text: str, choices: Iterable[tuple[str, str]], said: list[str]) -> str:
    """The value of a choice, which may be written as its value or its words."""
    values = {word.casefold(): value for value, label in choices for word in (value, label)}
    if text and text.casefold() not in values:
        known = list(dict.fromkeys(values.values()))
        said.append(f"{name} '{text[:SHOWN]}' is not one of {', '.join(known)}{hint(text, known)}")
    return values.get(text.casefold(), "")


def _picks(text: str, ground: Ground, said: list[str]) -> Iterator[Pick]:
    """`slug:level; slug:level`, or `slug level`; a competency may be called by its name."""
    names = {word.casefold(): slug for slug, option in ground.options.items() for word in (option.known.name, slug)}
    taken: set[str] = set()
    for part in filter(None, (one.strip() for one in text.replace("\n", ";").split(";"))):
        name, level = _name_and_level(part)
        slug = names.get(name.casefold())
        if slug is None:
            said.append(f"competency '{name[:SHOWN]}' is not known{_competency_hint(name, ground)}")
        elif slug in taken:
            said.append(f"competency '{slug}' stands there twice")
        elif not level:
            said.append(f"competency '{slug}' has no level; write {slug}:3")
        else:
            taken.add(slug)
            yield Pick(slug, level)


def _competency_hint(wrong: str, ground: Ground) -> str:
    known = [option.known for slug, option in ground.options.items() if ground.is_open(slug)]
    return hint(wrong, [word for one in known for word in (one.slug, one.name)])


def _name_and_level(part: str) -> tuple[str, str]:
    name, between, level = part.rpartition(":")
    if not between:
        name, between, level = part.rpartition(" ")
        if not level.lstrip("-").isdecimal():
            name, level = part, ""
    return name.strip(), level.strip()
