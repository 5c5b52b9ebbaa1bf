"""Job families, specialties, levels, and the roles where they meet.

A `Role` is an identity: one specialty at one level. What it says stands in its `RoleVersion`s. A draft is edited in
rows (sentences, requirements, moves); publishing freezes them into `document`, and from then on the database refuses
every change to the version and to its rows.
"""

from typing import ClassVar, cast

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone

from competencies.models import Competency
from ladder.locality import today
from people.models import User
from roles.choices import Direction, Period, Section, State, Tier, Track

MOST_PAY = 2_147_483_647  # what an integer column holds on every database


class Family(models.Model):
    """A job family: people whose work is of one kind."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    about = models.TextField(blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name_plural = "families"
        ordering = ("position", "name")

    def __str__(self) -> str:
        return self.name


class Specialty(models.Model):
    """A ladder of one's own inside a family."""

    family = models.ForeignKey(Family, on_delete=models.PROTECT, related_name="specialties")
    slug = models.SlugField()
    name = models.CharField(max_length=80)
    about = models.TextField(blank=True)
    track = models.CharField(max_length=20, choices=Track, default=Track.INDIVIDUAL)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name_plural = "specialties"
        ordering = ("family__position", "position", "name")
        constraints = (
            models.UniqueConstraint(
                fields=("family", "slug"),
                name="specialty_once_in_family",
                violation_error_message="This family has a specialty of this name already.",
            ),
            models.CheckConstraint(condition=Q(track__in=Track.values), name="specialty_track_known"),
        )

    def __str__(self) -> str:
        return f"{self.family}: {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("roles:ladder", args=[self.family.slug, self.slug])


class Level(models.Model):
    """A rung that all ladders share."""

    number = models.PositiveSmallIntegerField(unique=True, validators=[MinValueValidator(1)])
    slug = models.SlugField(unique=True, help_text="Part of every address, such as l1.")
    name = models.CharField(max_length=40)

    class Meta:
        ordering = ("number",)

    def __str__(self) -> str:
        return f"{self.slug.upper()} {self.name}"


class Role(models.Model):
    """One specialty at one level. What it asks for stands in its versions."""

    specialty = models.ForeignKey(Specialty, on_delete=models.PROTECT, related_name="roles")
    level = models.ForeignKey(Level, on_delete=models.PROTECT, related_name="roles")

    class Meta:
        ordering = ("specialty__family__position", "specialty__position", "level__number")
        constraints = (
            models.UniqueConstraint(
                fields=("specialty", "level"),
                name="role_once_per_specialty_and_level",
                violation_error_message="There is a role at this level of this specialty already.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.specialty.family.slug}/{self.specialty.slug}/{self.level.slug}"

    def get_absolute_url(self) -> str:
        return reverse("roles:role", args=[self.specialty.family.slug, self.specialty.slug, self.level.slug])


class RoleVersionQuerySet(models.QuerySet["RoleVersion"]):
    def published(self) -> "RoleVersionQuerySet":
        return self.filter(state=State.PUBLISHED)

    def in_force(self) -> "RoleVersionQuerySet":
        """Published, and their day has come."""
        return self.published().filter(effective_from__lte=today())

    def current(self) -> "RoleVersionQuerySet":
        """Of every role the one version in force: the latest day, and of one day the highest number."""
        latest = RoleVersion.objects.in_force().filter(role=OuterRef("role")).order_by("-effective_from", "-number")
        return self.filter(pk=Subquery(latest.values("pk")[:1]))

    def visible_to(self, user: object) -> "RoleVersionQuerySet":
        """Everyone reads what is or was in force; drafts and what is to come are for those who edit roles."""
        if isinstance(user, User) and user.has_perm("roles.view_roleversion"):
            return self.all()
        return self.in_force()


class RoleVersion(models.Model):
    """What one role says from one day on. Immutable once published."""

    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(null=True, blank=True, editable=False)
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT, editable=False)
    effective_from = models.DateField(
        default=timezone.localdate,
        help_text="The day from which it holds. A later day schedules it.",
    )
    document = models.JSONField(null=True, blank=True, editable=False)
    edited_at = models.DateTimeField(default=timezone.now, editable=False)
    # Of drafts only: publishing clears it, since an immutable row must not keep a person from being erased.
    edited_by = models.ForeignKey(
        User, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    edits = models.PositiveIntegerField(default=0, editable=False)  # moves on with each save: two editors, one draft
    published_at = models.DateTimeField(null=True, blank=True, editable=False)

    title = models.CharField(max_length=120)
    summary = models.TextField(blank=True)
    mission = models.TextField(blank=True)
    tour_of_duty = models.TextField(blank=True, help_text="The finished piece of work that proves this level.")
    about_family = models.TextField(blank=True)
    about_specialty = models.TextField(blank=True)
    tags = models.JSONField(default=list, blank=True)
    keywords = models.JSONField(default=list, blank=True)
    salary_minimum = models.PositiveIntegerField(null=True, blank=True, validators=[MaxValueValidator(MOST_PAY)])
    salary_maximum = models.PositiveIntegerField(null=True, blank=True, validators=[MaxValueValidator(MOST_PAY)])
    salary_currency = models.CharField(max_length=3, blank=True, help_text="ISO 4217, such as USD.")
    salary_period = models.CharField(max_length=8, choices=Period, blank=True)
    minimum_years = models.PositiveSmallIntegerField("years of experience, from", null=True, blank=True)
    maximum_years = models.PositiveSmallIntegerField("years of experience, to", null=True, blank=True)
    experience_note = models.TextField(blank=True)
    next_theme = models.CharField("theme of the next level", max_length=80, blank=True)

    objects: ClassVar["RoleVersionQuerySet"] = cast("RoleVersionQuerySet", RoleVersionQuerySet.as_manager())

    class Meta:
        ordering = ("role", "-number")
        indexes = (models.Index(fields=("role", "-effective_from", "-number"), name="version_in_force"),)
        constraints = (
            models.UniqueConstraint(
                fields=("role", "number"), name="version_number_once", violation_error_message="This number is taken."
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="version_state_known"),
            models.CheckConstraint(
                condition=Q(state=State.DRAFT, number__isnull=True, document__isnull=True, published_at__isnull=True)
                | Q(state=State.PUBLISHED, number__isnull=False, document__isnull=False, published_at__isnull=False),
                name="published_all_or_none",
            ),
            models.CheckConstraint(
                condition=Q(
                    salary_minimum__isnull=True, salary_maximum__isnull=True, salary_currency="", salary_period=""
                )
                | Q(
                    salary_minimum__isnull=False,
                    salary_maximum__isnull=False,
                    salary_maximum__gte=F("salary_minimum"),
                    salary_period__in=Period.values,
                )
                & ~Q(salary_currency=""),
                name="salary_all_or_none",
                violation_error_message=(
                    "A salary range needs both ends (the lower first), a currency and a period; or none of them."
                ),
            ),
            models.CheckConstraint(
                condition=Q(maximum_years__isnull=True) | Q(maximum_years__gte=F("minimum_years")),
                name="years_in_order",
                violation_error_message="The range of years ends before it starts.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.title}, {f'version {self.number}' if self.number else 'draft'}"

    def get_absolute_url(self) -> str:
        role = self.role
        return reverse(
            "roles:version", args=[role.specialty.family.slug, role.specialty.slug, role.level.slug, self.number]
        )

    @property
    def is_draft(self) -> bool:
        return self.state == State.DRAFT

    @property
    def is_scheduled(self) -> bool:
        return self.state == State.PUBLISHED and self.effective_from > today()


class Sentence(models.Model):
    """One line of one list of a version: a responsibility, a skill, a field of study."""

    version = models.ForeignKey(RoleVersion, on_delete=models.CASCADE, related_name="sentences")
    section = models.CharField(max_length=24, choices=Section)
    position = models.PositiveSmallIntegerField(default=0)
    text = models.TextField()

    class Meta:
        ordering = ("section", "position", "pk")
        constraints = (models.CheckConstraint(condition=Q(section__in=Section.values), name="sentence_section_known"),)

    def __str__(self) -> str:
        return self.text


class Requirement(models.Model):
    """A competency, the proficiency level that the role needs of it, and its tier."""

    version = models.ForeignKey(RoleVersion, on_delete=models.CASCADE, related_name="requirements")
    competency = models.ForeignKey(Competency, on_delete=models.PROTECT, related_name="requirements")
    need = models.PositiveSmallIntegerField(choices=[(n, str(n)) for n in range(1, 6)])
    tier = models.CharField(max_length=12, choices=Tier, default=Tier.CORE)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("version", "competency"),
                name="requirement_once_per_competency",
                violation_error_message="This competency is required already.",
            ),
            models.CheckConstraint(condition=Q(need__range=(1, 5)), name="requirement_need_1_to_5"),
            models.CheckConstraint(condition=Q(tier__in=Tier.values), name="requirement_tier_known"),
        )

    def __str__(self) -> str:
        return f"{self.competency} {self.need} ({self.get_tier_display()})"


class Move(models.Model):
    """A way in, up or sideways: to a role of ours, or to a title outside."""

    version = models.ForeignKey(RoleVersion, on_delete=models.CASCADE, related_name="moves")
    direction = models.CharField(max_length=10, choices=Direction)
    role = models.ForeignKey(Role, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    outside_title = models.CharField(max_length=120, blank=True)
    focus = models.TextField(blank=True, help_text="What the move shifts towards.")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("direction", "position", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(role__isnull=False, outside_title="") | Q(role__isnull=True) & ~Q(outside_title=""),
                name="move_role_or_title",
                violation_error_message="A move leads to one of our roles or to an outside title: one of the two.",
            ),
            models.CheckConstraint(condition=Q(direction__in=Direction.values), name="move_direction_known"),
        )

    def __str__(self) -> str:
        return f"{self.get_direction_display()} {self.role or self.outside_title}"


class SearchTerm(models.Model):
    """How much one published version is about one word stem. Written once, at publication; read by the search."""

    version = models.ForeignKey(RoleVersion, on_delete=models.CASCADE, related_name="terms")
    term = models.CharField(max_length=40)
    weight = models.FloatField(help_text="Occurrences, each weighted by the field that it stands in.")

    class Meta:
        indexes = (models.Index(fields=("term", "version"), name="search_by_term"),)
        constraints = (models.UniqueConstraint(fields=("version", "term"), name="term_once_per_version"),)

    def __str__(self) -> str:
        return self.term
