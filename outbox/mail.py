"""Handing one message to the mail server."""

from datetime import timedelta
from typing import Any, Literal

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db.models import F
from django.utils import timezone
from django.utils.module_loading import import_string

from outbox.choices import State
from outbox.models import Message

LEASE = timedelta(minutes=2)  # longer than a mail server may take, see EMAIL_TIMEOUT
MOST_TRIES = 12
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=8)


def deliver(pk: int) -> bool:
    """Send one message that is due, at most once at a time; whether the mail server took it.

    What the person wants is asked now, of OUTBOX_GATE: what they changed since the promise holds too. Whoever moves
    the row on first sends it. A sender that dies leaves the lease behind, and when that has run out the message is due
    again. It can go out twice only if the sender dies between the server's yes and our mark.
    """
    taken = timezone.now() + LEASE
    if not Message.objects.due().filter(pk=pk).update(taken_until=taken, tries=F("tries") + 1):
        return False
    message = Message.objects.get(pk=pk)
    try:
        moment = import_string(settings.OUTBOX_GATE)(message.kind, message.to)
        if moment is None:
            return _leave(message, state=State.DROPPED, text="", html="")
        if moment > timezone.now():
            return _leave(message, next_try=moment, tries=F("tries") - 1)
        _mail(message).send()
    except Exception as problem:  # whatever it was, the message must stay and be tried again
        _put_back(message, problem)
        return False
    Message.objects.filter(pk=pk).update(
        state=State.SENT, sent_at=timezone.now(), taken_until=None, trouble="", text="", html=""
    )
    return True


def _leave(message: Message, **how: Any) -> Literal[False]:
    """Not sent, and nobody's fault."""
    Message.objects.filter(pk=message.pk).update(taken_until=None, **how)
    return False


def _mail(message: Message) -> EmailMultiAlternatives:
    headers = {"Message-ID": message.message_id, "Auto-Submitted": "auto-generated", **message.headers}
    mail = EmailMultiAlternatives(
        message.subject,
        message.text,
        to=[message.to],
        headers=headers,
        connection=get_connection(settings.OUTBOX_BACKEND),
    )
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    return mail


def _put_back(message: Message, problem: Exception) -> None:
    pause = min(FIRST_PAUSE * 2 ** (message.tries - 1), LONGEST_PAUSE)
    Message.objects.filter(pk=message.pk).update(
        state=State.WAITING if message.tries < MOST_TRIES else State.GIVEN_UP,
        next_try=timezone.now() + pause,
        taken_until=None,
        trouble=f"{type(problem).__name__}: {problem}"[:300],
    )
