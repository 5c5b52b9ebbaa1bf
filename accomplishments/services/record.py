"""Changes of the head of somebody's record."""

from datetime import date

from django.db import transaction

from accomplishments.models import Record
from people.models import User
from roles.models import Role


@transaction.atomic
def hold(*, by: User, role: Role | None, since: date | None = None) -> None:
    """The role that somebody says they hold, and since when; none leaves both empty."""
    Record.bump(by.pk)
    Record.objects.filter(pk=by.pk).update(role=role, since=since if role else None)
