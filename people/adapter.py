"""Where django-allauth asks us."""

from collections.abc import Sequence
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from django.conf import settings
from django.http import HttpRequest

from people.models import User
from people.signals import sessions_ended


class AccountAdapter(DefaultAccountAdapter):
    """May a stranger make an account?"""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.SIGNUP_OPEN)


class MFAAdapter(DefaultMFAAdapter):
    """What is a new passkey called, until somebody names it?"""

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        return f"Passkey {Authenticator.objects.filter(user=user, type=type).count() + 1}"


class UserSessionsAdapter(DefaultUserSessionsAdapter):
    """Tells of sessions that somebody ended from another one, which django-allauth does not."""

    def end_sessions(self, sessions: Sequence[Any]) -> None:
        super().end_sessions(sessions)
        if sessions:
            sessions_ended.send(sender=type(sessions[0]), user=sessions[0].user, number=len(sessions))
