"""Writing to the trail."""

from collections.abc import Iterable
from contextvars import ContextVar

from audit.choices import Kind
from audit.models import Event
from people.models import User

MOST_WORDS = 4000  # characters of what was done
origin: ContextVar[str | None] = ContextVar("origin", default=None)  # the address that the request came from


def _named(person: User | None) -> str:
    if person is None:
        return ""
    return f"{person.name} <{person.email}>" if person.name else person.email


def record(*, kind: Kind, by: User | None, about: User | None = None, what: str = "") -> None:
    """Add one row. Call it inside the transaction of the act, so that neither is there without the other."""
    record_each(kind=kind, by=by, about=[(about, what)])


def record_each(*, kind: Kind, by: User | None, about: Iterable[tuple[User | None, str]]) -> None:
    """Add a row for each of whom something was done to, in one query."""
    Event.objects.bulk_create(
        Event(
            kind=kind,
            by=by,
            by_name=_named(by),
            about=person,
            about_name=_named(person),
            what=what[:MOST_WORDS],
            origin=origin.get(),
        )
        for person, what in about
    )
