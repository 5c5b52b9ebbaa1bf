"""The competency framework: areas, competencies, the proficiency scale, behavioural indicators."""

import uuid

from django.core.validators import MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone

from ladder.locality import today


class Revision(models.Model):
    """One row whose token changes whenever anything in the framework or the catalogue does.

    Everything rendered from them is cached under this token, so one cheap query tells whether a page still holds.
    """

    token = models.UUIDField(default=uuid.uuid4)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(pk=1), name="revision_is_one_row"),)

    def __str__(self) -> str:
        return str(self.token)

    @classmethod
    def stamp(cls) -> str:
        """Token and date: a version that comes into force today changes the catalogue without any write."""
        token = cls.objects.filter(pk=1).values_list("token", flat=True).first()
        return f"{token}:{today():%Y%m%d}"

    @classmethod
    def bump(cls) -> None:
        cls.objects.update_or_create(pk=1, defaults={"token": uuid.uuid4(), "changed_at": timezone.now()})


class ProficiencyLevel(models.Model):
    """A step of the scale on which a competency is shown, from 1 up; 0 is no evidence yet and has no row."""

    number = models.PositiveSmallIntegerField(unique=True, validators=[MinValueValidator(1)])
    name = models.CharField(max_length=40)
    meaning = models.TextField()

    class Meta:
        ordering = ("number",)
        constraints = (models.CheckConstraint(condition=models.Q(number__range=(1, 5)), name="proficiency_1_to_5"),)

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class Area(models.Model):
    """A group of competencies, for reading."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=60)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "name")

    def __str__(self) -> str:
        return self.name


class Competency(models.Model):
    """How somebody wields their skills; its slug is a stable identifier."""

    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="competencies")
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    definition = models.TextField()
    position = models.PositiveSmallIntegerField(default=0)
    retired_on = models.DateField(
        null=True, blank=True, help_text="From this day no new requirement names it; what named it before stays."
    )

    class Meta:
        verbose_name_plural = "competencies"
        ordering = ("area__position", "position", "name")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("roles:competency", args=[self.slug])


class Indicator(models.Model):
    """One observable sentence: what somebody at this level of this competency is seen to do."""

    competency = models.ForeignKey(Competency, on_delete=models.CASCADE, related_name="indicators")
    level = models.ForeignKey(ProficiencyLevel, on_delete=models.PROTECT, related_name="indicators")
    position = models.PositiveSmallIntegerField(default=0)
    text = models.TextField()

    class Meta:
        ordering = ("level__number", "position", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("competency", "text"),
                name="indicator_once",
                violation_error_message="This competency has this indicator already.",
            ),
        )

    def __str__(self) -> str:
        return self.text
