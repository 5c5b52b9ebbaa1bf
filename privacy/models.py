"""Archives of all that is somebody's, made when they ask and kept for a week."""

import uuid
from datetime import timedelta
from typing import ClassVar, cast

from django.db import models
from django.db.models import Q
from django.utils import timezone

from people.models import User
from privacy.choices import State

KEPT_FOR = timedelta(days=7)


class ArchiveQuerySet(models.QuerySet["Archive"]):
    def owned_by(self, user: object) -> "ArchiveQuerySet":
        """An archive is its person's, whatever others may do."""
        return self.filter(person=user.pk) if isinstance(user, User) else self.none()

    def due(self) -> "ArchiveQuerySet":
        """Asked for, and nobody is making it just now."""
        free = Q(taken_until__isnull=True) | Q(taken_until__lte=timezone.now())
        return self.filter(free, state=State.MAKING)

    def ready(self) -> "ArchiveQuerySet":
        return self.filter(state=State.READY, expires_at__gt=timezone.now())


class Archive(models.Model):
    """One file with everything of a person; one at a time is being made."""

    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)  # its address
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="archives")
    state = models.CharField(max_length=10, choices=State, default=State.MAKING)
    content = models.FileField(max_length=100, blank=True)  # a name that nobody guesses, another one for each try
    size = models.PositiveBigIntegerField(default=0)  # bytes
    asked_at = models.DateTimeField(default=timezone.now)
    taken_until = models.DateTimeField(null=True)  # somebody is making it; past this moment they must have died
    tries = models.PositiveSmallIntegerField(default=0)
    trouble = models.CharField(max_length=300, blank=True)  # of the last try
    expires_at = models.DateTimeField(null=True)

    objects: ClassVar["ArchiveQuerySet"] = cast("ArchiveQuerySet", ArchiveQuerySet.as_manager())

    class Meta:
        ordering = ("-asked_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("person",), condition=Q(state=State.MAKING), name="one_archive_in_the_making"
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="archive_state_known"),
            models.CheckConstraint(
                condition=~Q(state=State.READY) | (Q(expires_at__isnull=False) & ~Q(content="")),
                name="ready_archive_has_a_file_and_an_end",
            ),
        )

    def __str__(self) -> str:
        return f"Archive of {self.person_id}, {self.asked_at:%Y-%m-%d}"
