"""The manager line and the teams."""

from collections.abc import Sequence
from typing import NamedTuple

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import transaction

from people.forms.people_file import Line, Preview, preview_of, slug_of
from people.models import Team, User
from people.queries.organisation import ground
from people.services.invitations import welcome
from people.signals import imported


class Moved(Exception):
    """Somebody was changed since the preview, or it can't be done as it stands; `preview` is how it is now."""

    def __init__(self, preview: Preview) -> None:
        super().__init__("the preview is out of date")
        self.preview = preview


class Brought(NamedTuple):
    """How many an import made and changed."""

    made: int
    changed: int
    teams: int

    def __str__(self) -> str:
        counted = ((self.made, "made"), (self.changed, "changed"))
        said = " and ".join(f"{n} {word}" for n, word in counted if n)
        return f"{said[:1].upper()}{said[1:]}." if said else "Nobody was changed: everything was there already."


@transaction.atomic
def bring(*, by: User, text: str, seen: str, welcomed: bool = False) -> Brought:
    """All that a file says of people, or nothing, in a number of queries that does not follow its lines (SQLite takes
    rows in batches). New people have no password: they come in by a reset or by single sign-on,
    or by the link that they get if they are `welcomed`, with a query for each.

    `seen` is the mark of the preview. Raises Moved where anybody is different from then.
    """
    there = ground(by=by, lock=True)
    preview = preview_of(text, there)
    if preview.problems or preview.seen != seen:
        raise Moved(preview)
    teams = {team.name: team for team in there.teams.values()} | _make_teams(preview.teams)
    people = {one.email.lower(): one for one in _make(preview.new)}
    touched = [line.known.pk for line in preview.changed if line.known]
    people |= {one.email.lower(): one for one in User.objects.in_bulk(touched).values()}
    pks = {address: one.pk for address, one in there.people.items()} | {a: one.pk for a, one in people.items()}
    lines = [*preview.new, *preview.changed]
    for line in lines:
        _fill(people[line.row.email], line, pks, teams)
    User.objects.bulk_update(people.values(), ("name", "manager", "team"))
    imported.send(User, by=by, changes=[(people[line.row.email], in_words(line)) for line in lines])
    if welcomed:
        welcome(by=by, people=[people[line.row.email] for line in preview.new])
    return Brought(len(preview.new), len(preview.changed), len(preview.teams))


def _make_teams(names: Sequence[str]) -> dict[str, Team]:
    made = Team.objects.bulk_create(Team(name=name, slug=slug_of(name)) for name in names)
    return {team.name: team for team in made}


def _make(lines: Sequence[Line]) -> list[User]:
    made = User.objects.bulk_create(
        User(email=line.row.email, name=line.wants["name"], password=make_password(None)) for line in lines
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=one, email=one.email, verified=True, primary=True) for one in made
    )
    return made


def _fill(person: User, line: Line, pks: dict[str, int], teams: dict[str, Team]) -> None:
    for name, value in line.wants.items():
        if name == "manager":
            person.manager_id = pks[value] if value else None
        elif name == "team":
            person.team = teams[value] if value else None
        else:
            person.name = value


def in_words(line: Line) -> str:
    said = [f"{name} {before or 'none'} to {after or 'none'}" for name, before, after in line.changes]
    return f"Imported: {'made; ' if line.known is None else ''}{'; '.join(said)}."
