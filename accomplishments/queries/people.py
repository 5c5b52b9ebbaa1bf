"""Colleagues, and what of somebody's record others see; and who looked at it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from django.urls import reverse

from accomplishments.models import Accomplishment
from accomplishments.queries.log import PAGE, Cursor, Line, lines_of, rows_of
from audit.choices import Kind
from audit.models import Event
from audit.queries import Wanted, page
from people.models import User
from roles.queries.snapshot import Card, Snapshot


def reports_of(user: User) -> list[User]:
    """Those who report to them and are still here; 1 query."""
    return list(User.objects.filter(manager=user.pk, is_active=True))


@dataclass
class PersonPage:
    """Somebody, and what `reader` may read of their log, a page at a time; 2 queries beside those of the person."""

    person: User  # with manager, team and record
    reader: User
    catalogue: Snapshot
    before: Cursor | None = None

    @property
    def mine(self) -> bool:
        return self.reader.pk == self.person.pk

    @property
    def role(self) -> Card | None:
        """That they hold, where it is in force."""
        record = getattr(self.person, "record", None)
        return self.catalogue.by_role.get(record.role_id) if record and record.role_id else None

    @property
    def since(self) -> date | None:
        return self.person.record.since

    @cached_property
    def _rows(self) -> list[Any]:
        entries = Accomplishment.objects.counting().visible_to(self.reader).filter(person=self.person.pk)
        return rows_of(entries, self.before)

    @cached_property
    def lines(self) -> Sequence[Line]:
        return lines_of(self._rows[:PAGE], asked=self.mine)

    @property
    def next(self) -> str:
        """The address of the next page, or nothing."""
        if len(self._rows) <= PAGE:
            return ""
        last = self._rows[PAGE - 1]
        here = reverse("accomplishments:person", args=[self.person.pk])
        return f"{here}?before={Cursor(last.day, last.pk)}"


class Look(NamedTuple):
    """Somebody looked at something of one's record; `title` of the entry, where it was one that is still there."""

    event: Event
    title: str


def looks_at(person: User, before: int | None) -> tuple[list[Look], int | None]:
    """Who looked at somebody's record, the newest first, and the row to go on from; 3 queries at most."""
    events = Event.objects.filter(about=person.pk).select_related("by")
    rows, more = page(events, Wanted(kind=Kind.VIEWED, before=before))
    titles: Mapping[int, str] = {
        entry.pk: str(entry)
        for entry in Accomplishment.objects.owned_by(person).filter(pk__in={row.thing for row in rows}).only("title")
    }
    return [Look(row, titles.get(row.thing, "")) for row in rows], more
