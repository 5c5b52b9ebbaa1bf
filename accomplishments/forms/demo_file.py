"""The files of the demo: who is in it, and a story for each of its people.

`organisation.yml` names teams and people, `people/<key>.yml` says what one of them did. Days are counted back from the
day of loading, so that the demo is always fresh; a date stands where a day must not move.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from accomplishments.choices import Answer, Visibility

Day = int | date  # so many days before the day of loading, or that date


@dataclass(frozen=True)
class Person:
    name: str
    address: str
    manager: str = ""  # keys of a person and of a team
    team: str = ""
    groups: tuple[str, ...] = ()
    admin: bool = False
    superuser: bool = False


@dataclass(frozen=True)
class Claim:
    level: int
    meets: int = 0  # which of the indicators at that level, from 1; 0 is none


@dataclass(frozen=True)
class Asked:
    """Somebody who was asked about claims of an entry (`of`, else all), and what they said, if anything yet."""

    by: str
    question: str = ""  # the note of who asks
    waiting: int | None = None  # days ago asked, without an answer
    days: int | None = None  # days ago answered
    says: Answer = Answer.CONFIRMED
    level: int | None = None  # confirmed at this one instead
    of: tuple[str, ...] = ()
    part: str = ""  # what they saw it to be, else the entry's where they confirm
    note: str = ""
    settled: int | None = None  # days ago a dispute was settled by the owner
    how: str = ""  # it was settled

    @property
    def since(self) -> int:
        """Days ago of the last that is known of it."""
        return (self.waiting or 0) if self.days is None else self.days


@dataclass(frozen=True)
class Entry:
    title: str
    part: str = ""
    scope: str = ""
    started: int | None = None
    ended: int | None = None
    logged: int | None = None  # days ago written, else two days after the work ended
    draft: int | None = None  # days ago noted: a draft
    archived: int | None = None
    context: str = ""
    situation: str = ""
    action: str = ""
    outcome: str = ""
    measure: Mapping[str, Any] = field(default_factory=dict)  # name, before, after, unit
    ai_help: str = ""
    visibility: str = Visibility.TEAM  # unless it says otherwise
    confidential: bool = False
    public_wording: str = ""
    links: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    claims: Mapping[str, Claim] = field(default_factory=dict)  # by slug of the competency
    asked: tuple[Asked, ...] = ()
    later: Mapping[str, Any] = field(default_factory=dict)  # `days` ago, some fields were changed to these

    @property
    def written(self) -> int:
        """Days ago."""
        if self.draft is not None:
            return self.draft
        return self.logged if self.logged is not None else max(0, (self.ended or 0) - 2)


@dataclass(frozen=True)
class Pin:
    role: str
    pinned: Day
    version: int | None = None  # else the one in force


@dataclass(frozen=True)
class Exempt:
    role: str
    competency: str
    reason: str


@dataclass(frozen=True)
class Story:
    """What one person did, holds and wants; the first target is the primary one."""

    role: str
    since: Day
    targets: tuple[Pin, ...] = ()
    not_applicable: tuple[Exempt, ...] = ()
    entries: tuple[Entry, ...] = ()


def _folder() -> Path:
    return Path(settings.BASE_DIR) / "fixtures" / "demo"


def attached(name: str) -> bytes:
    """A file that belongs to an entry."""
    return (_folder() / "files" / name).read_bytes()


def _read(name: str) -> Any:
    path = _folder() / name
    return yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506


@cache
def teams() -> dict[str, str]:
    """Names by slug."""
    return dict(_read("organisation.yml")["teams"])


@cache
def people() -> dict[str, Person]:
    """By key; managers stand before their reports."""
    return {
        key: Person(**{**one, "groups": tuple(one.get("groups", ()))})
        for key, one in _read("organisation.yml")["people"].items()
    }


def story(key: str) -> Story:
    """Of somebody in a team."""
    data = _read(f"people/{key}.yml")
    return Story(
        role=data["role"],
        since=data["since"],
        targets=tuple(Pin(**one) for one in data.get("targets", ())),
        not_applicable=tuple(Exempt(**one) for one in data.get("not_applicable", ())),
        entries=tuple(_entry(one) for one in data.get("entries", ())),
    )


def _entry(data: dict[str, Any]) -> Entry:
    claims = {
        slug: Claim(**one) if isinstance(one, dict) else Claim(one) for slug, one in data.pop("claims", {}).items()
    }
    asked = tuple(_asked(one) for one in data.pop("asked", ()))
    measure = data.pop("measure", {})
    for moment in ("before", "after"):
        if moment in measure:
            measure[moment] = Decimal(str(measure[moment]))
    for lists in ("links", "files"):
        data[lists] = tuple(data.get(lists, ()))
    texts = {name: text.strip() for name, text in data.items() if isinstance(text, str)}
    return Entry(**{**data, **texts}, claims=claims, asked=asked, measure=measure)


def _asked(data: dict[str, Any]) -> Asked:
    if "level" in data:
        data["says"] = Answer.CONFIRMED_OTHER
    return Asked(**{**data, "of": tuple(data.get("of", ())), "says": Answer(data.get("says", Answer.CONFIRMED))})
