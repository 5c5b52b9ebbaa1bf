"""Pages of the trail."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from audit.models import Event
from people.models import User

A_PAGE = 50


@dataclass(frozen=True)
class Wanted:
    """What an auditor asks for; empty means all."""

    kind: str = ""
    person: str = ""
    first: date | None = None
    last: date | None = None
    before: int | None = None  # the row after which the page begins


def visible_to(user: object) -> QuerySet[Event]:
    """The trail is read by those whom the group *Auditors* names, and by nobody else but superusers."""
    may = isinstance(user, User) and user.has_perm("audit.view_event")
    return Event.objects.all() if may else Event.objects.none()


def page(events: QuerySet[Event], wanted: Wanted) -> tuple[list[Event], int | None]:
    """So many rows, newest first, and the row to go on from; 2 queries at most, whatever the length of the trail."""
    if wanted.kind:
        events = events.filter(kind=wanted.kind)
    if wanted.person:
        events = events.filter(Q(by_name__icontains=wanted.person) | Q(about_name__icontains=wanted.person))
    if wanted.first:
        events = events.filter(at__date__gte=wanted.first)
    if wanted.last:
        events = events.filter(at__date__lte=wanted.last)
    if wanted.before and (last := Event.objects.filter(pk=wanted.before).first()):
        events = events.filter(Q(at__lt=last.at) | Q(at=last.at, pk__lt=last.pk))
    rows = list(events[: A_PAGE + 1])
    return rows[:A_PAGE], rows[A_PAGE - 1].pk if len(rows) > A_PAGE else None
