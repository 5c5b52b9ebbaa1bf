"""Mail that was promised: a row in the transaction that promised it, so that no dead worker or broker loses it."""

from hashlib import sha256
from typing import ClassVar, cast

from django.db import models
from django.db.models import Q
from django.utils import timezone

from outbox.choices import State


class MessageQuerySet(models.QuerySet["Message"]):
    def due(self) -> "MessageQuerySet":
        """Waiting, their time has come, and nobody is sending them just now."""
        now = timezone.now()
        free = Q(taken_until__isnull=True) | Q(taken_until__lte=now)
        return self.filter(free, state=State.WAITING, next_try__lte=now)


class Message(models.Model):
    """One mail to one address. Its Message-ID is made with the row: a repeat carries the same."""

    message_id = models.CharField(max_length=200, unique=True)
    to = models.EmailField()
    subject = models.CharField(max_length=300)
    text = models.TextField(blank=True)  # emptied once it is sent: links in it open doors
    html = models.TextField(blank=True)
    headers = models.JSONField(default=dict)
    kind = models.CharField(max_length=20, blank=True)  # what OUTBOX_GATE goes by; empty: sent whatever anybody prefers
    once = models.CharField(max_length=80, blank=True)  # of messages with the same words here there is one
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    made_at = models.DateTimeField(default=timezone.now)
    next_try = models.DateTimeField(default=timezone.now)
    taken_until = models.DateTimeField(null=True)  # somebody is sending it; past this moment they must have died
    tries = models.PositiveSmallIntegerField(default=0)
    trouble = models.CharField(max_length=300, blank=True)  # of the last try
    sent_at = models.DateTimeField(null=True)

    objects: ClassVar["MessageQuerySet"] = cast("MessageQuerySet", MessageQuerySet.as_manager())

    class Meta:
        ordering = ("next_try", "pk")
        indexes = (models.Index(fields=("next_try", "id"), name="outbox_waiting", condition=Q(state=State.WAITING)),)
        constraints = (
            models.UniqueConstraint(fields=("once",), condition=~Q(once=""), name="message_once"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="message_state_known"),
            models.CheckConstraint(
                condition=Q(state=State.SENT, sent_at__isnull=False) | (~Q(state=State.SENT) & Q(sent_at__isnull=True)),
                name="sent_has_a_moment",
            ),
        )

    def __str__(self) -> str:
        return f"{self.subject} to {self.to}"


class Refusal(models.Model):
    """Somebody without an account wants no mail on others' behalf.

    Kept as a hash: the table tells of an address whether it stands here, and names nobody. It needs no secret, so
    a new secret key doesn't forget anybody's wish.
    """

    address = models.CharField(max_length=64, unique=True)  # `refused_as` of it
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.address[:8]}…, {self.at:%Y-%m-%d}"


def refused_as(address: str) -> str:
    """How an address stands among the refusals, whatever its capitals."""
    return sha256(address.strip().lower().encode()).hexdigest()
