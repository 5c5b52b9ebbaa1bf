"""What mail somebody gets, and when."""

from collections.abc import Iterable
from datetime import time

from django.db import transaction

from outbox.services import accept, refuse
from people.choices import MUTABLE, Kind
from people.models import User


@transaction.atomic
def choose(*, person: User, kinds: Iterable[str], quiet_from: time | None, quiet_until: time | None) -> None:
    """They get these kinds and no others, and nothing that can wait in the quiet hours; both ends, or neither."""
    muted = sorted(set(MUTABLE) - set(kinds))
    User.objects.filter(pk=person.pk).update(muted=muted, quiet_from=quiet_from, quiet_until=quiet_until)


@transaction.atomic
def stop(kind: Kind, who: str, *, again: bool = False) -> None:
    """As the link of a mail says, see `people.mail.stopped_by`: no more of this kind, or `again`."""
    if kind == Kind.OUTSIDE:
        (accept if again else refuse)(who)
        return
    person = User.objects.select_for_update().filter(pk=who).first()
    if person is not None and kind.can_be_muted:
        person.muted = sorted({*person.muted, kind} - ({kind} if again else set()))
        person.save(update_fields=["muted"])
