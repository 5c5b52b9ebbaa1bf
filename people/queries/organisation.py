"""Who reports to whom and who is in which team."""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple, TypeVar

from allauth.account.models import EmailAddress

from people.models import Team, User

Key = TypeVar("Key", bound=Hashable)


class Known(NamedTuple):
    """A person as an import sees them; manager and team are keys."""

    pk: int
    email: str
    name: str
    manager: int | None
    team: int | None
    is_closed: bool
    is_fixed: bool  # a superuser, whom others don't change


@dataclass(frozen=True)
class Ground:
    """Everybody, as they are."""

    people: Mapping[str, Known]  # by address
    teams: Mapping[int, Team]
    further: Mapping[str, int]  # second addresses -> whose

    @property
    def addresses(self) -> dict[int, str]:
        return {one.pk: address for address, one in self.people.items()}

    @property
    def token(self) -> str:
        """Another one as soon as anything of it is different."""
        return sha256(
            repr((sorted(self.people.values()), sorted(self.further.items()), self._teams)).encode()
        ).hexdigest()

    @property
    def _teams(self) -> list[tuple[int, str, str]]:
        return sorted((pk, team.slug, team.name) for pk, team in self.teams.items())


def ground(*, by: User | None = None, lock: bool = False) -> Ground:
    """As `by` may change it. 3 queries, whatever their number. `lock` keeps everybody as they are until the transaction
    ends; it is a query of its own, so that who waited for it reads what the one before them has made.
    """
    fixed = by is not None and not by.is_superuser
    if lock:
        len(User.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    columns = ("pk", "email", "name", "manager_id", "team_id", "closed_at", "is_superuser")
    rows = User.objects.order_by("pk").values_list(*columns)
    known = (
        Known(pk, email, name, manager, team, closed is not None, fixed and superuser)
        for pk, email, name, manager, team, closed, superuser in rows
    )
    further = EmailAddress.objects.values_list("email", "user_id")
    return Ground(
        {one.email.lower(): one for one in known},
        Team.objects.in_bulk(),
        {email.lower(): user for email, user in further},
    )


def circles(manager_of: Mapping[Key, Key], starts: Iterable[Key]) -> Iterator[list[Key]]:
    """Each circle of people who report to one another that the lines up from `starts` lead into, once; it begins with
    the one through whom it was found."""
    done: set[Key] = set()
    for start in starts:
        way: dict[Key, int] = {}
        one: Key | None = start
        while one is not None and one not in done and one not in way:
            way[one] = len(way)
            one = manager_of.get(one)
        if one is not None and one in way:
            yield list(way)[way[one] :]
        done.update(way)


def circle_with(person: User, manager: User | None) -> list[User]:
    """The circle that there would be if one reported to the other, or nothing. Locks everybody's line, so that two
    changes at once don't close a circle together; call it inside the transaction of the change. 2 queries at most."""
    if manager is None or person.pk is None:
        return []
    lines = User.objects.select_for_update(no_key=True).order_by("pk").values_list("pk", "manager_id")
    manager_of = {pk: above for pk, above in lines if above is not None} | {person.pk: manager.pk}
    found = next(circles(manager_of, [person.pk]), [])
    if person.pk not in found:
        return []
    people = User.objects.in_bulk(found)
    return [people[pk] for pk in found]
