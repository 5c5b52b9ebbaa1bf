"""The trail: who did what to whom, when, and from where. Rows are added and read, and the database refuses the rest."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from audit.choices import Kind
from people.models import User


class Event(models.Model):
    """One thing that was done. Names are kept as they were, so that a row still reads when an account is gone."""

    at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=20, choices=Kind)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    by_name = models.CharField(max_length=260, blank=True)  # name and address; empty for nobody who is known
    about = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    about_name = models.CharField(max_length=260, blank=True)
    what = models.TextField(blank=True)
    thing = models.PositiveBigIntegerField(default=0)  # the key of what `what` speaks of, such as an entry; 0 for none
    day = models.DateField(null=True)  # of a look: the day of which it is the only row
    origin = models.GenericIPAddressField(null=True)  # none where no request led to it

    class Meta:
        ordering = ("-at", "-pk")
        indexes = (
            models.Index(fields=("-at", "-id"), name="trail_newest_first"),
            models.Index(fields=("kind", "-at", "-id"), name="trail_by_kind"),
            models.Index(fields=("about", "-at", "-id"), condition=Q(kind=Kind.VIEWED), name="trail_looks_at_somebody"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="trail_kind_known"),
            models.UniqueConstraint(
                fields=("by", "about", "thing", "what", "day"),
                condition=Q(kind=Kind.VIEWED),
                name="trail_one_look_a_day",
            ),
        )

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.by_name or 'Nobody'}: {self.get_kind_display()}"
