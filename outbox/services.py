"""Promising mail."""

from collections.abc import Iterable, Mapping
from email.utils import make_msgid, parseaddr

from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError

from outbox.models import Message, Refusal
from outbox.tasks import send

SWEPT_AT_ONCE = 500


def compose(
    *,
    to: str,
    subject: str,
    text: str,
    html: str = "",
    headers: Mapping[str, str] | None = None,
    kind: str = "",
    once: str = "",
) -> Message:
    """A message that is not promised yet."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return Message(
        message_id=make_msgid(domain=domain),
        to=to,
        subject=" ".join(subject.split())[:300],
        text=text,
        html=html,
        headers=dict(headers or {}),
        kind=kind,
        once=once,
    )


@transaction.atomic
def post_all(messages: Iterable[Message]) -> list[int]:
    """Promise mail; it goes out when, and only when, the transaction around it holds. The keys of what was promised.

    Where a message with the same `once` was promised before, whoever did it, it is left out. 2 queries.
    """
    messages = list(messages)
    Message.objects.bulk_create(messages, ignore_conflicts=True)
    ids = [message.message_id for message in messages]
    keys = list(Message.objects.filter(message_id__in=ids).order_by("pk").values_list("pk", flat=True))
    transaction.on_commit(lambda: hand_over(keys))
    return keys


def hand_over(keys: Iterable[int]) -> None:
    """To a worker. Without a broker the rows stay, and the next sweep finds them."""
    for pk in keys:
        try:
            send.delay(pk)
        except OperationalError:
            break  # each more would wait for the broker as long as the first


def sweep() -> int:
    """Hand over what is due: promises whose worker or broker died, and those to be tried again. How many there were."""
    due = list(Message.objects.due().values_list("pk", flat=True)[:SWEPT_AT_ONCE])
    hand_over(due)
    return len(due)


@transaction.atomic
def refuse(address: str) -> None:
    """Nobody is to be written to there on others' behalf; the address as `models.refused_as` gives it."""
    Refusal.objects.get_or_create(address=address)


@transaction.atomic
def accept(address: str) -> None:
    """The opposite; only who has the mail at that address can say so."""
    Refusal.objects.filter(address=address).delete()
