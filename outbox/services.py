"""Promising mail."""

import contextlib
from collections.abc import Mapping
from email.utils import make_msgid, parseaddr

from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError

from outbox.models import Message
from outbox.tasks import send

SWEPT_AT_ONCE = 500


@transaction.atomic
def post(
    *,
    to: str,
    subject: str,
    text: str,
    html: str = "",
    headers: Mapping[str, str] | None = None,
) -> Message:
    """Promise one mail; it goes out when, and only when, the transaction around it holds."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    message = Message.objects.create(
        message_id=make_msgid(domain=domain),
        to=to,
        subject=" ".join(subject.split())[:300],
        text=text,
        html=html,
        headers=dict(headers or {}),
    )
    transaction.on_commit(lambda: hand_over(message.pk))
    return message


def hand_over(pk: int) -> None:
    """To a worker. Without a broker the row stays, and the next sweep finds it."""
    with contextlib.suppress(OperationalError):
        send.delay(pk)


def sweep() -> int:
    """Hand over what is due: promises whose worker or broker died, and those to be tried again. How many there were."""
    due = list(Message.objects.due().values_list("pk", flat=True)[:SWEPT_AT_ONCE])
    for pk in due:
        hand_over(pk)
    return len(due)
