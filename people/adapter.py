"""Where django-allauth asks us."""

from collections.abc import Sequence
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from ladder.limits import too_often
from ladder.text import clean_text
from people import mail
from people.choices import Kind
from people.models import Invitation, User
from people.services.invitations import use
from people.signals import sessions_ended

SIGNATURE = "\n-- \n"  # what follows it is the same in every mail
INVITED = "invitation"  # in the session: the key of the invitation whose link was opened
SIGN_IN_PAUSE = 300  # seconds after too many wrong passwords for one address, see ACCOUNT_RATE_LIMITS of allauth


class AccountAdapter(DefaultAccountAdapter):
    # Closing an account takes its password, so this is all that anybody learns of one that is closed.
    mismatch = "E-mail address or password is wrong. If your account was closed, ask your administrator."
    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": mismatch,
        "invalid_login": mismatch,
        "duplicate_email": "This is an e-mail address of yours already.",
        "email_taken": "Somebody has this e-mail address already.",
        "incorrect_password": "This is not your password.",
    }

    def invitation(self, request: HttpRequest) -> Invitation | None:
        """That which this visitor came by, while it can be used."""
        key = request.session.get(INVITED)
        found = Invitation.objects.filter(key=key).first() if key else None
        return found if found and found.is_open else None

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """May this visitor make an account?"""
        if settings.SIGNUP == "invitation":
            return self.invitation(request) is not None
        return bool(settings.SIGNUP == "open")

    def is_email_verified(self, request: HttpRequest, email: str) -> bool:
        """Who came by the link in a mail can read the mail of that address."""
        invitation = self.invitation(request)
        return invitation is not None and invitation.email == email.lower()

    def unstash_verified_email(self, request: HttpRequest) -> str | None:
        """Called once, when an account was made: the address of the invitation, which is used up by it."""
        invitation = self.invitation(request)
        return invitation.email if invitation and use(invitation=invitation) else None

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Too many wrong passwords are answered like every other limit."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError as refused:
            raise ImmediateHttpResponse(too_often(request, SIGN_IN_PAUSE)) from refused

    def pre_login(
        self, request: HttpRequest, user: User, *, signal_kwargs: dict[str, Any] | None, **kwargs: Any
    ) -> HttpResponse | None:
        """An address that the provider has confirmed needs no link of ours any more."""
        login = (signal_kwargs or {}).get("sociallogin")
        if login and any(one.verified and one.email == user.email for one in login.email_addresses):
            address = {"user": user, "email": user.email}
            EmailAddress.objects.update_or_create(**address, defaults={"verified": True, "primary": True})
        response: HttpResponse | None = super().pre_login(request, user, signal_kwargs=signal_kwargs, **kwargs)
        return response

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


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Single sign-on."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Whoever set the provider up said with it who may come in; LADDER_SIGNUP is about everybody else."""
        return True

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        user: User = super().populate_user(request, sociallogin, data)
        name = data.get("name") or " ".join(data.get(part) or "" for part in ("first_name", "last_name"))
        user.name = clean_text(str(name), lines=False)[: User._meta.get_field("name").max_length]
        claims = sociallogin.account.get_provider_account().get_user_data() or {}
        # Some providers write it as a text; anything else than yes is no.
        confirmed = claims.get("email_verified") in (True, "true")
        for address in sociallogin.email_addresses:
            address.verified = confirmed
        return user


class MFAAdapter(DefaultMFAAdapter):
    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "This code is wrong, or no longer valid.",
    }

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        """What a new passkey is called, until somebody names it."""
        return f"Passkey {Authenticator.objects.filter(user=user, type=type).count() + 1}"


class UserSessionsAdapter(DefaultUserSessionsAdapter):
    def end_sessions(self, sessions: Sequence[Any]) -> None:
        """Tells of sessions that somebody ended from another one, which django-allauth does not."""
        super().end_sessions(sessions)
        if sessions:
            sessions_ended.send(sender=type(sessions[0]), user=sessions[0].user, number=len(sessions))
