"""Writing to the trail."""

from collections.abc import Iterable
from contextvars import ContextVar

import structlog
from django.db import DatabaseError, transaction
from django.utils import timezone

from audit.choices import Kind
from audit.models import Event
from people.models import User

MOST_WORDS = 4000  # characters of what was done
MOST_NAME = 260  # of who did it, as the columns hold them
log = structlog.get_logger(__name__)
origin: ContextVar[str | None] = ContextVar("origin", default=None)  # the address that the request came from


def _named(person: User | None) -> str:
    """The address is whole, whatever the length of the name."""
    if person is None:
        return ""
    return f"{person.name[: MOST_NAME - len(person.email) - 3]} <{person.email}>" if person.name else person.email


def _row(kind: Kind, by: User | None, about: User | None, what: str, thing: int = 0, name: str = "") -> Event:
    return Event(
        kind=kind,
        by=by,
        by_name=_named(by) or name[:MOST_NAME],
        about=about,
        about_name=_named(about),
        what=what[:MOST_WORDS],
        thing=thing,
        origin=origin.get(),
    )


def record(
    *, kind: Kind, by: User | None, about: User | None = None, what: str = "", thing: int = 0, name: str = ""
) -> None:
    """Add one row. Call it inside the transaction of the act, so that neither is there without the other. `name` is
    who did it where that is nobody with an account.
    """
    _row(kind, by, about, what, thing, name).save(force_insert=True)


def record_each(*, kind: Kind, by: User | None, about: Iterable[tuple[User | None, str]]) -> None:
    """Add a row for each of whom something was done to, in one query."""
    Event.objects.bulk_create(_row(kind, by, person, what) for person, what in about)


def viewed(*, by: User, owner: User, what: str, thing: int = 0) -> None:
    """Somebody looked at what is another's: one row a day for each thing. The page is shown whatever becomes of it."""
    viewed_each(by=by, what=what, looks=[(owner, thing)])


def viewed_each(*, by: User, what: str, looks: Iterable[tuple[User, int]]) -> None:
    """The same of all that one page shows, as owner and thing, in one query."""
    rows = [_row(Kind.VIEWED, by, owner, what, thing) for owner, thing in looks if owner.pk != by.pk]
    if not rows:
        return
    for row in rows:
        row.day = timezone.localdate(row.at)
    try:
        with transaction.atomic():
            Event.objects.bulk_create(rows, ignore_conflicts=True)
    except DatabaseError as problem:
        log.warning("view_not_kept", problem=str(problem))
