"""What somebody did, what they claim it shows, who stands by it, and where they want to go.

Everything that a match rests on hangs from a person's `Record`, whose token moves on with each change: what was
computed from a record is kept under its token and never needs to be thrown away.
"""

import uuid
from datetime import timedelta
from typing import ClassVar, cast

from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator, URLValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from accomplishments.choices import Answer, Happened, Part, Scope, State, Visibility, Void
from accomplishments.files import WORDS
from accomplishments.scoring.policy import POLICY_V1, Policy
from competencies.models import Competency, Indicator
from people.models import User
from roles.models import Role, RoleVersion

MOST_CLAIMS = 5
MOST_TARGETS = 5
MOST_REMINDERS = 2
OPEN_FOR = timedelta(days=30)  # how long a question waits for its answer
MOST_TEXT = 20_000  # characters in one text of an entry
MOST_SETTLED = 500  # characters of how a dispute was settled
KEPT_AFTER_DELETION = timedelta(days=30)
LEVELS = [(n, str(n)) for n in range(1, 6)]


# ── The record ──────────────────────────────────────────────────────────────
class Record(models.Model):
    """The head of one person's career record: the role that they hold, and a token of everything below it."""

    person = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="record")
    token = models.UUIDField(default=uuid.uuid4, editable=False)
    role = models.ForeignKey(Role, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    since = models.DateField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(since__isnull=True) | Q(role__isnull=False), name="since_needs_a_role"),
        )

    def __str__(self) -> str:
        return f"Record of {self.person}"

    @classmethod
    def bump(cls, person: int) -> None:
        """Anything in this person's record changed. Called inside the transaction of the change."""
        cls.objects.update_or_create(pk=person, defaults={"token": uuid.uuid4()})


# ── Entries ─────────────────────────────────────────────────────────────────
class AccomplishmentQuerySet(models.QuerySet["Accomplishment"]):
    def owned_by(self, user: object) -> "AccomplishmentQuerySet":
        """Whose they are: who may change them, in whatever state they are. No right gives anybody else's."""
        return self.filter(person=user.pk) if isinstance(user, User) else self.none()

    def visible_to(self, user: object) -> "AccomplishmentQuerySet":
        """What somebody may read, and no more than read: their own, and of others what is logged, as far as each owner
        chose. Of somebody who left only the manager reads on, and nobody but the manager what is confidential.
        """
        if not isinstance(user, User):
            return self.none()
        manager = Q(person__manager=user.pk) & ~Q(visibility=Visibility.PRIVATE)
        others = Q(visibility=Visibility.EVERYONE)
        if user.team_id:
            others |= Q(visibility=Visibility.TEAM, person__team=user.team_id)
        others &= Q(confidential=False, person__is_active=True)
        return self.filter(Q(person=user.pk) | Q(state=State.LOGGED, deleted_at__isnull=True) & (manager | others))

    def kept(self) -> "AccomplishmentQuerySet":
        """Not deleted."""
        return self.filter(deleted_at__isnull=True)

    def counting(self) -> "AccomplishmentQuerySet":
        """Evidence: logged, not archived, not deleted."""
        return self.kept().filter(state=State.LOGGED)


class Accomplishment(models.Model):
    """A piece of work that somebody finished, in their own words."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="accomplishments")
    token = models.UUIDField(default=uuid.uuid4, editable=False)  # of the form that made it: a double submit is one row
    origin = models.CharField(max_length=80, blank=True, editable=False)  # of an import: the same line is one row
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    edits = models.PositiveIntegerField(default=0, editable=False)  # moves on with each save: two tabs, one entry
    tab = models.UUIDField(default=uuid.uuid4, editable=False)  # the form that saved last may save again
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    edited_at = models.DateTimeField(default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    day = models.DateField(default=timezone.localdate, editable=False)  # of the timeline: when it ended, else was begun

    title = models.CharField(max_length=160, blank=True)
    situation = models.TextField(blank=True, validators=[MaxLengthValidator(MOST_TEXT)])
    action = models.TextField(blank=True, validators=[MaxLengthValidator(MOST_TEXT)])
    outcome = models.TextField(blank=True, validators=[MaxLengthValidator(MOST_TEXT)])
    measure_name = models.CharField(max_length=80, blank=True)
    measure_before = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    measure_after = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    measure_unit = models.CharField(max_length=20, blank=True)
    part = models.CharField(max_length=12, choices=Part, blank=True)
    scope = models.CharField(max_length=14, choices=Scope, blank=True)
    started_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    context = models.CharField(max_length=120, blank=True)  # where: the project, the team, the employer
    ai_help = models.TextField(blank=True, validators=[MaxLengthValidator(MOST_TEXT)])
    # A record is kept to be talked about with one's manager; any further it goes only when somebody says so.
    visibility = models.CharField(max_length=10, choices=Visibility, default=Visibility.MANAGER)
    confidential = models.BooleanField(default=False)
    public_wording = models.TextField(blank=True, validators=[MaxLengthValidator(MOST_TEXT)])

    objects: ClassVar["AccomplishmentQuerySet"] = cast("AccomplishmentQuerySet", AccomplishmentQuerySet.as_manager())

    class Meta:
        ordering = ("-day", "-pk")
        indexes = (models.Index(fields=("person", "-day", "-id"), name="entry_timeline"),)
        constraints = (
            models.UniqueConstraint(fields=("person", "token"), name="entry_once_per_form"),
            models.UniqueConstraint(fields=("person", "origin"), condition=~Q(origin=""), name="entry_once_per_origin"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="entry_state_known"),
            models.CheckConstraint(condition=Q(part__in=["", *Part.values]), name="entry_part_known"),
            models.CheckConstraint(condition=Q(scope__in=["", *Scope.values]), name="entry_scope_known"),
            models.CheckConstraint(condition=Q(visibility__in=Visibility.values), name="entry_visibility_known"),
            models.CheckConstraint(
                condition=Q(state=State.DRAFT)
                | (~Q(title="") & ~Q(part="") & ~Q(scope="") & Q(ended_on__isnull=False)),
                name="logged_entry_is_complete",
            ),
            models.CheckConstraint(
                condition=Q(started_on__isnull=True) | Q(ended_on__isnull=True) | Q(started_on__lte=F("ended_on")),
                name="entry_starts_before_it_ends",
            ),
        )

    def __str__(self) -> str:
        return self.title or "Draft without a title"

    def get_absolute_url(self) -> str:
        return reverse("accomplishments:entry", args=[self.pk])

    @property
    def readers(self) -> str:
        """Who may read it beside its owner, as things are: what `visible_to` asks, in words. Whoever is asked to verify
        it reads it as well.
        """
        if self.state != State.LOGGED or self.deleted_at:
            return Visibility.PRIVATE.label
        if self.confidential and self.visibility != Visibility.PRIVATE:
            return Visibility.MANAGER.label
        return self.get_visibility_display()


class Claim(models.Model):
    """One entry as evidence for one competency at one level; five at most."""

    accomplishment = models.ForeignKey(Accomplishment, on_delete=models.CASCADE, related_name="claims")
    slot = models.PositiveSmallIntegerField()  # 1..5, so that the database holds the limit
    competency = models.ForeignKey(Competency, on_delete=models.PROTECT, related_name="claims")
    level = models.PositiveSmallIntegerField(choices=LEVELS)
    indicator = models.ForeignKey(Indicator, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ("slot",)
        constraints = (
            models.UniqueConstraint(fields=("accomplishment", "slot"), name="claim_slot_once"),
            models.UniqueConstraint(fields=("accomplishment", "competency"), name="claim_once_per_competency"),
            models.CheckConstraint(condition=Q(slot__range=(1, MOST_CLAIMS)), name="claim_slot_1_to_5"),
            models.CheckConstraint(condition=Q(level__range=(1, 5)), name="claim_level_1_to_5"),
        )

    def __str__(self) -> str:
        return f"{self.competency} {self.level}"


class VerificationQuerySet(models.QuerySet["Verification"]):
    def standing(self) -> "VerificationQuerySet":
        """Not made void by a later change of what was verified."""
        return self.filter(voided_at__isnull=True)

    def answered(self) -> "VerificationQuerySet":
        return self.standing().exclude(answer="")

    def open(self) -> "VerificationQuerySet":
        """Asked, and still waiting for an answer about an entry that can be answered about."""
        return self.standing().filter(
            answer="",
            claim__accomplishment__state=State.LOGGED,
            claim__accomplishment__deleted_at__isnull=True,
        )

    def goes_outside(self) -> "VerificationQuerySet":
        """Asked of people without an account, to whom nothing confidential goes, even if it became so later."""
        return self.filter(verifier__isnull=True, claim__accomplishment__confidential=False).exclude(email="")

    def settled_by(self, user: User) -> "VerificationQuerySet":
        """On whose disputes somebody has the last word: on their own work, and on what they read as the manager."""
        reports = User.objects.filter(manager=user.pk).values("pk")  # so, PostgreSQL narrows before it joins
        read = Q(claim__accomplishment__state=State.LOGGED, claim__accomplishment__deleted_at__isnull=True)
        read &= ~Q(claim__accomplishment__visibility=Visibility.PRIVATE)
        near = self.standing().filter(Q(owner=user.pk) | Q(owner__in=reports))
        return near.filter(Q(owner=user.pk) | read)

    def visible_to(self, user: object) -> "VerificationQuerySet":
        """A verifier sees exactly the claims that they were asked about, as long as the question stands."""
        if not isinstance(user, User):
            return self.none()
        return self.standing().filter(
            verifier=user.pk,
            claim__accomplishment__state=State.LOGGED,
            claim__accomplishment__deleted_at__isnull=True,
        )


class Verification(models.Model):
    """Somebody was asked about a claim, and what they stated. No answer yet: the answer is empty.

    A revised answer is a new row, and the one before is void: so the history stays. What was asked of one person about
    one entry at once has one `batch`, which is also what the link of an outside person carries, signed.
    """

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="verifications")
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")  # of the entry: see the constraint
    verifier = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="verifications")
    email = models.EmailField(blank=True)  # of an outside person, who has no account
    name = models.CharField(max_length=120)  # as it was then: it stays when the account goes
    batch = models.UUIDField(default=uuid.uuid4, db_index=True)
    question = models.TextField(blank=True, validators=[MaxLengthValidator(2000)])  # the note of who asks
    asked_at = models.DateTimeField(default=timezone.now)
    reminders = models.PositiveSmallIntegerField(default=0)
    answer = models.CharField(max_length=16, choices=Answer, blank=True)
    level = models.PositiveSmallIntegerField(null=True, blank=True, choices=LEVELS)
    part = models.CharField(max_length=12, choices=Part, blank=True)  # what they saw the owner's part to be
    as_manager = models.BooleanField(default=False)  # a fact of the day of the answer
    note = models.TextField(blank=True, validators=[MaxLengthValidator(MOST_TEXT)])
    answered_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)  # of a dispute: settled
    resolved_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    settled_note = models.CharField(max_length=MOST_SETTLED, blank=True)  # how, in the words of who settled it
    voided_at = models.DateTimeField(null=True, blank=True)  # it no longer stands
    voided_for = models.CharField(max_length=10, choices=Void, blank=True)

    objects: ClassVar["VerificationQuerySet"] = cast("VerificationQuerySet", VerificationQuerySet.as_manager())

    class Meta:
        ordering = ("asked_at", "pk")
        # few of all, looked for on every inbox, by owner and by the owner's manager
        indexes = (
            models.Index(
                fields=("owner",),
                condition=Q(answer=Answer.DISPUTED, resolved_at__isnull=True, voided_at__isnull=True),
                name="open_dispute",
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("claim", "verifier"),
                condition=Q(voided_at__isnull=True),
                name="one_answer_per_person_and_claim",
            ),
            models.UniqueConstraint(
                fields=("claim", "email"),
                condition=Q(voided_at__isnull=True) & ~Q(email=""),
                name="one_answer_per_address_and_claim",
            ),
            models.CheckConstraint(
                condition=Q(verifier__isnull=True) | ~Q(verifier=F("owner")), name="nobody_verifies_their_own_work"
            ),
            models.CheckConstraint(condition=Q(verifier__isnull=True) | Q(email=""), name="colleague_or_outside"),
            models.CheckConstraint(condition=Q(part__in=["", *Part.values]), name="stated_part_known"),
            models.CheckConstraint(condition=Q(reminders__lte=MOST_REMINDERS), name="reminders_bounded"),
            models.CheckConstraint(
                condition=Q(voided_at__isnull=True, voided_for="")
                | (Q(voided_at__isnull=False, voided_for__in=Void.values)),
                name="void_for_a_reason",
            ),
            models.CheckConstraint(condition=Q(answer__in=["", *Answer.values]), name="answer_known"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True) | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="answered_all_or_none",
            ),
            models.CheckConstraint(
                condition=Q(answer=Answer.CONFIRMED_OTHER, level__isnull=False)
                | (~Q(answer=Answer.CONFIRMED_OTHER) & Q(level__isnull=True)),
                name="level_goes_with_confirmed_other",
            ),
            models.CheckConstraint(
                condition=Q(resolved_at__isnull=True) | Q(answer=Answer.DISPUTED), name="only_a_dispute_is_resolved"
            ),
            models.CheckConstraint(
                condition=Q(resolved_at__isnull=False) | Q(resolved_by__isnull=True, settled_note=""),
                name="settled_by_somebody_on_a_day",
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} on {self.claim}"


# ── Evidence beside the words ───────────────────────────────────────────────
class Link(models.Model):
    """Where the work can be seen."""

    accomplishment = models.ForeignKey(Accomplishment, on_delete=models.CASCADE, related_name="links")
    position = models.PositiveSmallIntegerField()
    url = models.URLField(max_length=1000, validators=[URLValidator(schemes=["http", "https"])])

    class Meta:
        ordering = ("position",)
        constraints = (models.UniqueConstraint(fields=("accomplishment", "position"), name="link_position_once"),)

    def __str__(self) -> str:
        return self.url


def stored_at(file: "File", name: str) -> str:
    """A path that says nothing of who or what."""
    return f"evidence/{uuid.uuid4().hex}"


class File(models.Model):
    """A file that shows the work. Its kind is read from its content; its name is only shown."""

    accomplishment = models.ForeignKey(Accomplishment, on_delete=models.CASCADE, related_name="files")
    content = models.FileField(upload_to=stored_at, max_length=100)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=40)  # the media type that was found in the content
    size = models.PositiveIntegerField()  # bytes
    sha256 = models.CharField(max_length=64)
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("added_at", "pk")
        constraints = (models.UniqueConstraint(fields=("accomplishment", "sha256"), name="file_once_per_entry"),)

    def __str__(self) -> str:
        return self.name

    @property
    def kind_words(self) -> str:
        return WORDS[self.kind]


class Event(models.Model):
    """One line of the history of an entry, with the whole entry as it stood afterwards. Nothing changes it."""

    accomplishment = models.ForeignKey(Accomplishment, on_delete=models.CASCADE, related_name="events")
    happened = models.CharField(max_length=16, choices=Happened)
    at = models.DateTimeField(default=timezone.now, editable=False)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    content = models.JSONField(default=dict)  # as `queries.entries.content_of` gives it

    class Meta:
        ordering = ("-at", "-pk")
        constraints = (models.CheckConstraint(condition=Q(happened__in=Happened.values), name="event_known"),)

    def __str__(self) -> str:
        return f"{self.get_happened_display()}, {self.at:%Y-%m-%d}"


# ── Where to ────────────────────────────────────────────────────────────────
class Target(models.Model):
    """A role that somebody pinned, at the version that they pinned; five at most, one of them the primary one."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="targets")
    slot = models.PositiveSmallIntegerField()
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(RoleVersion, on_delete=models.PROTECT, related_name="+")
    is_primary = models.BooleanField(default=False)
    pinned_at = models.DateTimeField(default=timezone.now, editable=False)
    stayed = models.PositiveIntegerField(default=0, editable=False)  # number of the newer version that they left alone

    class Meta:
        ordering = ("-is_primary", "slot")
        constraints = (
            models.UniqueConstraint(fields=("person", "slot"), name="target_slot_once"),
            models.UniqueConstraint(fields=("person", "role"), name="target_once_per_role"),
            models.UniqueConstraint(fields=("person",), condition=Q(is_primary=True), name="one_primary_target"),
            models.CheckConstraint(condition=Q(slot__range=(1, MOST_TARGETS)), name="target_slot_1_to_5"),
        )

    def __str__(self) -> str:
        return str(self.version)


class Exemption(models.Model):
    """A requirement of a role that doesn't apply to somebody, and why; it leaves their denominator."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="exemptions")
    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="+")
    competency = models.ForeignKey(Competency, on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(max_length=300)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("person", "role", "competency"), name="exemption_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="exemption_has_a_reason"),
        )

    def __str__(self) -> str:
        return f"{self.competency}: {self.reason}"


# ── Numbers ─────────────────────────────────────────────────────────────────
def _factor(name: str, words: str, most: int = 1) -> models.DecimalField:
    return models.DecimalField(
        words,
        max_digits=8,
        decimal_places=3,
        default=getattr(POLICY_V1, name),
        validators=[MinValueValidator(0), MaxValueValidator(most)],
    )


def _months(name: str, words: str, least: int) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(
        words, default=getattr(POLICY_V1, name), validators=[MinValueValidator(least), MaxValueValidator(1200)]
    )


class ScoringPolicy(models.Model):
    """One version of every number that decides how evidence counts. A change is a new version; the old ones stay."""

    version = models.PositiveIntegerField(unique=True, editable=False)
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    reason = models.CharField(max_length=300, help_text="Why the numbers change. Everyone can read it.")
    owned = _factor("owned", "part: owned")
    led = _factor("led", "part: led")
    contributed = _factor("contributed", "part: contributed")
    assisted = _factor("assisted", "part: assisted")
    confirmed = _factor("confirmed", "confirmed by a peer or an outside person")
    confirmed_by_manager = _factor("confirmed_by_manager", "confirmed by the manager alone")
    self_claimed = _factor("self_claimed", "self-claimed")
    disputed = _factor("disputed", "disputed")
    recency_full_months = _months("recency_full_months", "months in full", 0)
    recency_step_months = _months("recency_step_months", "then less every so many months", 1)
    recency_loss = _factor("recency_loss", "so much less")
    recency_floor = _factor("recency_floor", "but never below")
    core = _factor("core", "weight of a core requirement", 1000)
    supporting = _factor("supporting", "weight of a supporting requirement", 1000)
    emerging = _factor("emerging", "weight of an emerging requirement", 1000)
    full_1 = _factor("full_1", "strength that fills level 1", 10)
    full_2 = _factor("full_2", "strength that fills level 2", 10)
    full_3 = _factor("full_3", "strength that fills level 3", 10)
    full_4 = _factor("full_4", "strength that fills level 4", 10)
    full_5 = _factor("full_5", "strength that fills level 5", 10)

    class Meta:
        verbose_name_plural = "scoring policies"
        ordering = ("-version",)

    def __str__(self) -> str:
        return f"Policy {self.version}"

    def value(self) -> Policy:
        """The policy that the arithmetic takes. Raises PolicyError where its numbers do not make sense together."""
        return Policy.from_dict({name: getattr(self, name) for name in POLICY_V1.to_dict()})


class Ratings(models.Model):
    """How full somebody's bars were on one day: what trends are drawn from. A day without a change has no row."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="ratings")
    taken_on = models.DateField()
    policy = models.PositiveIntegerField()
    # competency -> [F at levels 1..5, the same counting verified evidence only]; rounded to four places
    fills = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = "ratings"
        ordering = ("taken_on",)
        constraints = (models.UniqueConstraint(fields=("person", "taken_on"), name="ratings_once_a_day"),)

    def __str__(self) -> str:
        return f"{self.taken_on}"
