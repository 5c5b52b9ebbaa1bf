"""Mail that was promised: a row in the transaction that promised it, so that no dead worker or broker loses it."""

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
            models.CheckConstraint(condition=Q(state__in=State.values), name="message_state_known"),
            models.CheckConstraint(
                condition=Q(state=State.SENT, sent_at__isnull=False) | (~Q(state=State.SENT) & Q(sent_at__isnull=True)),
                name="sent_has_a_moment",
            ),
        )

    def __str__(self) -> str:
        return f"{self.subject} to {self.to}"
