"""Who somebody is, whom they report to, and with whom they work. Identity only: nothing here knows a role."""

import uuid
from datetime import datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone


class UserManager(BaseUserManager["User"]):
    """Makes people by e-mail address; there are no user names."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        if not email:
            raise ValueError("A person needs an e-mail address.")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, **{**fields, "is_staff": True, "is_superuser": True})

    def get_by_natural_key(self, email: str | None) -> "User":
        return self.get(email__iexact=email)


class Team(models.Model):
    """People who work together; somebody is in one team or in none."""

    name = models.CharField(max_length=80)
    slug = models.SlugField(unique=True)

    class Meta:
        ordering = ("name", "slug")

    def __str__(self) -> str:
        return self.name


class User(AbstractBaseUser, PermissionsMixin):
    """A person who can sign in with their e-mail address."""

    email = models.EmailField("e-mail address", unique=True)
    name = models.CharField(max_length=120, blank=True)
    manager = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="reports", verbose_name="manager"
    )
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="people")
    pronouns = models.CharField(max_length=40, blank=True)
    time_zone = models.CharField(max_length=64, blank=True)  # of the IANA list; empty: the installation's
    language = models.CharField(max_length=10, blank=True)  # one of LANGUAGES; empty: the installation's
    muted = models.JSONField(default=list, blank=True)  # kinds of mail that they don't want
    quiet_from = models.TimeField(null=True, blank=True)  # in their time zone: no mail that can wait is sent ...
    quiet_until = models.TimeField(null=True, blank=True)  # ... before this; an earlier time is one of the next day
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)  # they left: see `services.accounts`
    is_active = models.BooleanField("active", default=True, help_text="Untick instead of deleting somebody.")
    is_staff = models.BooleanField("may open the admin", default=False)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = "person"
        verbose_name_plural = "people"
        ordering = ("name", "email")
        constraints = (
            models.UniqueConstraint(
                Lower("email"), name="person_email_once", violation_error_message="Somebody has this address already."
            ),
            models.CheckConstraint(
                condition=models.Q(manager__isnull=True) | ~models.Q(manager=models.F("id")),
                name="person_not_their_own_manager",
                violation_error_message="Nobody is their own manager.",
            ),
            models.CheckConstraint(
                condition=models.Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | models.Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="quiet_hours_both_or_none",
                violation_error_message="Quiet hours need a beginning and an end.",
            ),
        )

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)

    @property
    def zone(self) -> ZoneInfo:
        """Their time zone; the installation's where they chose none, or one that there is no more."""
        try:
            return ZoneInfo(self.time_zone or settings.TIME_ZONE)
        except (ZoneInfoNotFoundError, ValueError):
            return ZoneInfo(settings.TIME_ZONE)

    @property
    def initials(self) -> str:
        """One or two letters for the account button."""
        words = str(self).replace("@", " ").replace(".", " ").split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


INVITED_FOR = timedelta(days=14)


class Invitation(models.Model):
    """An admin asks somebody to make an account. The key is in the link; a new one makes the links before it void."""

    email = models.EmailField("e-mail address")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", editable=False)
    sent_at = models.DateTimeField(default=timezone.now, editable=False)
    used_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ("-sent_at", "pk")
        constraints = (models.UniqueConstraint(Lower("email"), name="invitation_address_once"),)

    def __str__(self) -> str:
        return self.email

    @property
    def open_until(self) -> datetime:
        return self.sent_at + INVITED_FOR

    @property
    def is_open(self) -> bool:
        return self.used_at is None and timezone.now() < self.open_until
