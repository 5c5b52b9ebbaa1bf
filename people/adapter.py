"""Where django-allauth asks us."""

from collections.abc import Sequence
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.http import HttpRequest
from django.template.loader import render_to_string

from people import mail
from people.choices import Kind
from people.models import User
from people.signals import sessions_ended

SIGNATURE = "\n-- \n"  # what follows it is the same in every mail


class AccountAdapter(DefaultAccountAdapter):
    """May a stranger make an account, and what do mails about accounts look like?"""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.SIGNUP_OPEN)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Anybody can type any address where passwords are forgotten: who refused mail and has no account gets none."""
        if template_prefix == "account/email/unknown_account" and not mail.is_wanted(Kind.OUTSIDE, email):
            return
        super().send_mail(template_prefix, email, context)

    def render_mail(
        self, template_prefix: str, email: str, context: dict[str, Any], headers: dict[str, str] | None = None
    ) -> EmailMultiAlternatives:
        """allauth's text, and the same text once more as HTML."""
        context = {**context, **mail.installation(), "kind": Kind.ACCOUNT}
        message: EmailMultiAlternatives = super().render_mail(template_prefix, email, context, headers)
        paragraphs = message.body.partition(SIGNATURE)[0].strip().split("\n\n")
        html = render_to_string("mail/account.html", {**context, "paragraphs": paragraphs})
        message.attach_alternative(html, "text/html")
        return message


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
