"""Writing to the trail."""

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
    Event.objects.create(
        kind=kind,
        by=by,
        by_name=_named(by),
        about=about,
        about_name=_named(about),
        what=what[:MOST_WORDS],
        origin=origin.get(),
    )
