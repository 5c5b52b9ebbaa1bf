"""Asking for an archive, and taking old ones away."""

import contextlib
from functools import partial

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from kombu.exceptions import OperationalError

from audit.choices import Kind
from audit.services import record
from people.models import User
from privacy.choices import State
from privacy.models import KEPT_FOR, Archive
from privacy.tasks import make


@transaction.atomic
def ask(*, person: User) -> tuple[Archive, bool]:
    """An archive of all that is theirs, made after commit; while one is made, that one. Also whether it is new."""
    archive, new = Archive.objects.get_or_create(person=person, state=State.MAKING)
    if new:
        record(kind=Kind.EXPORTED, by=person, about=person, what="Asked for an archive of their data.")
    transaction.on_commit(lambda: hand_over(archive.pk))
    return archive, new


def hand_over(pk: int) -> None:
    """To a worker. Without a broker the row stays, and the next sweep finds it."""
    with contextlib.suppress(OperationalError):
        make.delay(pk)


def sweep() -> int:
    """Hand over what is due: what was never begun, and what its maker died over. How many there were."""
    due = list(Archive.objects.due().values_list("pk", flat=True))
    for pk in due:
        hand_over(pk)
    return len(due)


@transaction.atomic
def tidy() -> int:
    """Remove what is older than a week, row and file; how many there were."""
    old = Q(expires_at__lte=timezone.now()) | Q(state=State.FAILED, asked_at__lte=timezone.now() - KEPT_FOR)
    gone = list(Archive.objects.select_for_update().filter(old))
    remove_files(gone)
    Archive.objects.filter(pk__in=[one.pk for one in gone]).delete()
    return len(gone)


def remove_files(archives: list[Archive]) -> None:
    """When the transaction holds."""
    for one in archives:
        if one.content.name:
            transaction.on_commit(partial(one.content.storage.delete, one.content.name), robust=True)
