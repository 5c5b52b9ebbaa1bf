"""Ladder-as-code files: YAML in, clean data or errors by file and line out.

A file is a stream of YAML documents; a folder is all its `.yml` files. Together they are checked against
`ladder.schema.json`, then against each other and the database: every competency, level, family and role that is named
must be known.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft7Validator, FormatChecker
from jsonschema.exceptions import ValidationError as SchemaError

from competencies.models import Competency, ProficiencyLevel
from roles.models import Family, Level, Role
from roles.shapes.content import canonical

SCHEMA = json.loads(Path(__file__).with_name("ladder.schema.json").read_text())
VALIDATOR = Draft7Validator(SCHEMA, format_checker=FormatChecker())
BIGGEST = 20_000_000  # bytes of one file

Where = tuple[str | int, ...]


@dataclass(frozen=True)
class Source:
    """One YAML document: the file's name for messages, its data, and the line of every part of it."""

    name: str
    data: Any
    lines: dict[Where, int]

    def line(self, where: Where) -> int:
        """The line of a part, or of the nearest part around it."""
        while where not in self.lines:
            where = where[:-1]
        return self.lines[where]


@dataclass
class Ladder:
    """Everything that a load brings, ready for `services.loading.load`."""

    framework: dict[str, Any] = field(default_factory=lambda: {"proficiency": [], "areas": []})
    levels: list[dict[str, Any]] = field(default_factory=list)
    families: list[dict[str, Any]] = field(default_factory=list)
    specialties: list[dict[str, Any]] = field(default_factory=list)


class BadLadder(Exception):
    """The files can't be loaded; `errors` says why, each with file and line."""

    def __init__(self, errors: list[str]) -> None:
        super().__init__("\n".join(errors))
        self.errors = errors


PLAIN = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "null")}
NOT_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


class _Refused(yaml.MarkedYAMLError):
    """Valid YAML, but not what a ladder file holds."""


class _Loader(yaml.SafeLoader):
    """Without anchors: nobody needs them here, and a few lines of them can stand for gigabytes."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise _Refused(problem="aliases (*) can't be used here", problem_mark=self.peek_event().start_mark)  # type: ignore[no-untyped-call]
        return super().compose_node(parent, index)


def _plain(loader: yaml.SafeLoader, node: yaml.Node, where: Where, lines: dict[Where, int]) -> Any:
    """The data of a node, its lines noted. A date stays text, so that JSON can hold it."""
    lines[where] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(getattr(key_node, "value", key_node))
            if key in data:
                raise _Refused(problem=f"'{key}' stands here twice", problem_mark=key_node.start_mark)
            data[key] = _plain(loader, value_node, (*where, key), lines)
            lines[(*where, key)] = key_node.start_mark.line + 1
        return data
    if isinstance(node, yaml.SequenceNode):
        return [_plain(loader, item, (*where, place), lines) for place, item in enumerate(node.value)]
    if node.tag == "tag:yaml.org,2002:timestamp":
        return node.value
    if node.tag not in PLAIN:
        raise _Refused(problem=f"{node.tag} can't be used here", problem_mark=node.start_mark)
    value = loader.construct_object(node)
    if isinstance(value, str):
        if NOT_TEXT.search(value):
            raise _Refused(problem="there is a control character in this text", problem_mark=node.start_mark)
        return value.strip()
    return value


def read(name: str, text: str) -> Iterator[Source]:
    """The documents of one file; raises `BadLadder` where it is not YAML."""
    try:
        loader = _Loader(text)
        while loader.check_node():
            lines: dict[Where, int] = {}
            node = loader.get_node()
            data = _plain(loader, node, (), lines) if node else None
            if data is not None:
                yield Source(name, data, lines)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise BadLadder([f"{name}:{line}: {error.problem or error}"]) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise BadLadder([f"{name}:{line}: there is a control character in this text"]) from error
    except RecursionError as error:
        raise BadLadder([f"{name}:1: is nested too deeply"]) from error
    except (yaml.YAMLError, ValueError) as error:
        raise BadLadder([f"{name}:1: {error}"]) from error


def read_path(path: Path) -> list[Source]:
    """The documents of a file, or of every `.yml` file in a folder; raises `BadLadder`."""
    if path.is_dir():
        files = sorted([*path.rglob("*.yml"), *path.rglob("*.yaml")])
        named = [(str(file.relative_to(path)), file) for file in files]
    else:
        named = [(path.name, path)]
    if not named:
        raise BadLadder([f"{path}: there is no .yml file in it"])
    sources: list[Source] = []
    errors: list[str] = []
    for name, file in named:
        try:
            if file.stat().st_size > BIGGEST:
                raise BadLadder([f"{name}:1: the file is larger than {BIGGEST:,} bytes"])
            sources += read(name, file.read_text(encoding="utf-8"))
        except OSError as error:
            errors.append(f"{name}: can't be read: {error.strerror}")
        except UnicodeDecodeError as error:
            errors.append(f"{name}: is not UTF-8 text (byte {error.start})")
        except BadLadder as error:
            errors += error.errors
    if errors:
        raise BadLadder(errors)
    return sources


def _hint(wrong: str, known: Any) -> str:
    close = get_close_matches(wrong, [str(one) for one in known], n=1, cutoff=0.6)
    return f"; did you mean '{close[0]}'?" if close else ""


def _said(error: SchemaError) -> str:
    """A schema error in words for an editor."""
    schema: Any = error.schema
    given: Any = error.instance
    wanted: Any = error.validator_value
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        allowed = schema["properties"]
        extra = sorted(set(error.instance) - set(allowed))
        return "; ".join(f"'{key}' is not a key here{_hint(key, allowed)}" for key in extra)
    if error.validator == "required":
        missing = [key for key in wanted if key not in given]
        return f"'{missing[0]}' is missing here"
    if error.validator == "oneOf":
        return "a move has either 'role' (one of ours) or 'title' (an outside title)"
    if error.validator == "type":
        return f"expected {wanted} but found {json.dumps(error.instance)[:60]}"
    if error.validator == "enum":
        return f"{error.instance!r} is not one of {', '.join(map(str, wanted))}"
    if error.validator == "minLength":
        return "is empty"
    return error.message[:200]


def _schema_errors(source: Source) -> Iterator[str]:
    for error in VALIDATOR.iter_errors(source.data):
        where = tuple(error.absolute_path)
        if error.validator == "additionalProperties" and isinstance(error.instance, dict):
            schema: Any = error.schema
            where = (*where, *sorted(set(error.instance) - set(schema["properties"]))[:1])
        spot = ".".join(str(part) for part in error.absolute_path)
        yield f"{source.name}:{source.line(where)}: {f'{spot}: ' if spot else ''}{_said(error)}"


@dataclass(frozen=True)
class _Known:
    scale: set[int]
    competencies: set[str]
    levels: set[str]
    families: set[str]
    roles: set[str]


def _known(sources: list[Source]) -> _Known:
    """What may be named: what the files bring and what the database has."""

    def brought(key: str) -> set[str]:
        return {one["slug"] for source in sources for one in source.data.get(key, [])}

    return _Known(
        {one["number"] for source in sources for one in source.data.get("proficiency", [])}
        | set(ProficiencyLevel.objects.values_list("number", flat=True)),
        {one["slug"] for source in sources for area in source.data.get("areas", []) for one in area["competencies"]}
        | set(Competency.objects.values_list("slug", flat=True)),
        brought("levels") | set(Level.objects.values_list("slug", flat=True)),
        brought("families") | set(Family.objects.values_list("slug", flat=True)),
        {
            f"{source.data['family']}/{source.data['specialty']}/{level}"
            for source in sources
            if "specialty" in source.data
            for level in (*(role["level"] for role in source.data["roles"]), *source.data.get("planned", []))
        }
        | {str(role) for role in Role.objects.select_related("level", "specialty__family")},
    )


def _role_errors(source: Source, list_name: str, place: int, known: _Known) -> Iterator[tuple[Where, str]]:
    role = source.data[list_name][place]
    here: Where = (list_name, place)
    if role["level"] not in known.levels:
        yield (*here, "level"), f"level '{role['level']}' is not known{_hint(role['level'], known.levels)}"
    seen: set[str] = set()
    for index, need in enumerate(role["requirements"]):
        slug, where = need["competency"], (*here, "requirements", index, "competency")
        if slug not in known.competencies:
            yield where, f"competency '{slug}' is not known{_hint(slug, known.competencies)}"
        if slug in seen:
            yield where, f"competency '{slug}' is required twice"
        seen.add(slug)
    for direction, moves in role.get("moves", {}).items():
        for index, move in enumerate(moves):
            if move.get("role") == f"{source.data['family']}/{source.data['specialty']}/{role['level']}":
                yield (*here, "moves", direction, index, "role"), "this move leads to the role itself"
            if "role" in move and move["role"] not in known.roles:
                yield (
                    (*here, "moves", direction, index, "role"),
                    f"role '{move['role']}' is not known{_hint(move['role'], known.roles)}",
                )
    pay, range_ = role.get("salary"), role.get("experience", {})
    if pay and pay["minimum"] > pay["maximum"]:
        yield (*here, "salary"), "the salary range ends below its start"
    low, high = range_.get("minimum_years"), range_.get("maximum_years")
    if high is not None and high < (low or 0):
        yield (*here, "experience", "maximum_years"), "the range of years ends before it starts"


class _Once:
    """Notes where each name first stands, and complains when it stands anywhere again."""

    def __init__(self) -> None:
        self.seen: dict[tuple[Any, ...], str] = {}

    def __call__(self, source: Source, where: Where, kind: str, name: Any) -> Iterator[str]:
        spot = f"{source.name}:{source.line(where)}"
        if (kind, name) in self.seen:
            shown = f"'{name}'" if isinstance(name, str) else name[-1]
            yield f"{spot}: {kind} {shown} stands at {self.seen[kind, name]} already"
        self.seen.setdefault((kind, name), spot)


def _framework_errors(source: Source, known: _Known, once: _Once) -> Iterator[str]:
    for place, level in enumerate(source.data.get("proficiency", [])):
        yield from once(source, ("proficiency", place, "number"), "proficiency level", (level["number"],))
    for place, area in enumerate(source.data.get("areas", [])):
        yield from once(source, ("areas", place, "slug"), "area", area["slug"])
        for index, one in enumerate(area["competencies"]):
            here: Where = ("areas", place, "competencies", index)
            yield from once(source, (*here, "slug"), "competency", one["slug"])
            for number, texts in one.get("indicators", {}).items():
                where: Where = (*here, "indicators", number)
                if int(number) not in known.scale:
                    yield f"{source.name}:{source.line(where)}: proficiency level {number} is not known"
                for turn, text in enumerate(texts):
                    yield from once(source, (*where, turn), "indicator", (one["slug"], text))


def _level_errors(source: Source, once: _Once, numbers: dict[int, str]) -> Iterator[str]:
    """`numbers` are the levels of the database: a number belongs to one slug."""
    for place, level in enumerate(source.data.get("levels", [])):
        yield from once(source, ("levels", place, "slug"), "level", level["slug"])
        yield from once(source, ("levels", place, "number"), "number of a level", (level["number"],))
        if (other := numbers.get(level["number"])) and other != level["slug"]:
            line = source.line(("levels", place, "number"))
            yield f"{source.name}:{line}: number {level['number']} belongs to level '{other}' already"


def _specialty_errors(source: Source, known: _Known, once: _Once) -> Iterator[str]:
    def at(where: Where, said: str) -> str:
        return f"{source.name}:{source.line(where)}: {said}"

    family = source.data["family"]
    path = f"{family}/{source.data['specialty']}"
    yield from once(source, ("specialty",), "specialty", path)
    if family not in known.families:
        yield at(("family",), f"family '{family}' is not known{_hint(family, known.families)}")
    for place, level in enumerate(source.data.get("planned", [])):
        yield from once(source, ("planned", place), "role", f"{path}/{level}")
        if level not in known.levels:
            yield at(("planned", place), f"level '{level}' is not known{_hint(level, known.levels)}")
    for list_name in ("roles", "superseded"):
        for place, role in enumerate(source.data.get(list_name, [])):
            here: Where = (list_name, place)
            own = f"{path}/{role['level']}"
            if list_name == "roles":
                yield from once(source, (*here, "level"), "role", own)
            elif role["level"] not in {one["level"] for one in source.data["roles"]}:
                yield at((*here, "level"), f"level '{role['level']}' has no entry under 'roles'")
            if role.get("version"):
                yield from once(source, here, "version", (own, role["version"]))
            for where, said in _role_errors(source, list_name, place, known):
                yield at(where, said)


def _reference_errors(sources: list[Source]) -> Iterator[str]:
    known, once = _known(sources), _Once()
    brought = {level["slug"] for source in sources for level in source.data.get("levels", [])}
    numbers = {number: slug for slug, number in Level.objects.values_list("slug", "number") if slug not in brought}
    for source in sources:
        yield from _framework_errors(source, known, once)
        yield from _level_errors(source, once, numbers)
        for place, family in enumerate(source.data.get("families", [])):
            yield from once(source, ("families", place, "slug"), "family", family["slug"])
        if "specialty" in source.data:
            yield from _specialty_errors(source, known, once)


def _role(role: dict[str, Any]) -> dict[str, Any]:
    return {
        "level": role["level"],
        "version": role.get("version", 0),
        "effective": date.fromisoformat(role["effective"]),
        "document": canonical(role),
    }


def clean(sources: list[Source]) -> Ladder:
    """The data of all documents together; raises `BadLadder` with every error that was found."""
    errors = [said for source in sources for said in _schema_errors(source)] or list(_reference_errors(sources))
    if errors:
        raise BadLadder(errors)
    ladder = Ladder()
    for source in sources:
        data = source.data
        ladder.framework["proficiency"] += data.get("proficiency", [])
        for area in data.get("areas", []):
            competencies = [
                {
                    **one,
                    "retired_on": date.fromisoformat(one["retired_on"]) if "retired_on" in one else None,
                    "indicators": {int(level): texts for level, texts in one.get("indicators", {}).items()},
                }
                for one in area["competencies"]
            ]
            ladder.framework["areas"].append({**area, "competencies": competencies})
        ladder.levels += data.get("levels", [])
        ladder.families += data.get("families", [])
        if "specialty" in data:
            ladder.specialties.append(
                {
                    **{key: data.get(key, default) for key, default in SPECIALTY.items()},
                    "planned": data.get("planned", []),
                    "roles": [_role(role) for role in data["roles"]],
                    "superseded": [_role(role) for role in data.get("superseded", [])],
                }
            )
    return ladder


SPECIALTY: dict[str, Any] = {
    "specialty": "",
    "family": "",
    "name": "",
    "track": "individual",
    "position": 0,
    "about": "",
}
