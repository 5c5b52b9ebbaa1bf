"""The forms of sign-in and account pages: django-allauth's, in our words."""

from typing import Any

from allauth.account import forms as account
from allauth.account.adapter import get_adapter
from allauth.core import context
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from allauth.socialaccount.forms import SignupForm as BaseSSOSignupForm
from django import forms
from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.http import HttpRequest

from ladder.text import CleanText
from people.models import User

LABELS = {"email": "E-mail", "oldpassword": "Password until now", "code": "Code"}
MOST_ADDRESS = 254  # characters
NEW_LABELS = {"password1": "New password", "password2": "New password, once more"}


class Plain:
    """Labels without a colon, no placeholder that only repeats them, and no address that the columns can't hold."""

    label_suffix: str
    fields: dict[str, forms.Field]
    labels = LABELS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
            if isinstance(field, forms.EmailField):
                field.validators.append(MaxLengthValidator(MOST_ADDRESS))


class Named(Plain):
    """Asks for the name too, so that nobody is shown to others as an e-mail address."""

    cleaned_data: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name = CleanText(
            max_length=User._meta.get_field("name").max_length, widget=forms.TextInput(attrs={"autocomplete": "name"})
        )
        self.fields = {"name": name, **self.fields}

    def custom_signup(self, request: HttpRequest, user: User) -> None:
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])


class SignupForm(Named, account.SignupForm):
    """Who is invited has the address of the invitation; others have one of the domains that may sign up."""

    labels = LABELS | {"password2": "Password, once more"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invitation = get_adapter().invitation(context.request)
        if self.invitation:
            self.fields["email"].disabled = True
            self.fields["email"].initial = self.invitation.email
            self.fields["email"].help_text = "The address that you were invited by."

    def clean_email(self) -> str:
        email: str = super().clean_email()
        domains = settings.SIGNUP_DOMAINS
        if not self.invitation and domains and email.rpartition("@")[2] not in domains:
            raise forms.ValidationError(f"Use an address that ends in @{' or @'.join(domains)}.")
        return email


class SSOSignupForm(Named, BaseSSOSignupForm):
    """Where the provider names an address that somebody here has, or none."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].initial = self.sociallogin.user.name


class AddEmailForm(Plain, account.AddEmailForm):
    pass


class ChangePasswordForm(Plain, account.ChangePasswordForm):
    labels = LABELS | NEW_LABELS


class SetPasswordForm(Plain, account.SetPasswordForm):
    labels = LABELS | NEW_LABELS


class ResetPasswordForm(Plain, account.ResetPasswordForm):
    pass


class ResetPasswordKeyForm(Plain, account.ResetPasswordKeyForm):
    labels = LABELS | NEW_LABELS


class ReauthenticateForm(Plain, account.ReauthenticateForm):
    pass


class AuthenticateForm(Plain, mfa.AuthenticateForm):
    pass


class ReauthenticateCodeForm(Plain, mfa.ReauthenticateForm):
    pass


class ActivateForm(Plain, ActivateTOTPForm):
    pass


class AddPasskeyForm(Plain, AddWebAuthnForm):
    """A key that is only a second factor is the exception."""

    labels = LABELS | {"passwordless": "Let me sign in with it alone"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].initial = True
        self.fields[
            "passwordless"
        ].help_text = "Your device asks for its PIN or fingerprint then. Without this, it is a second factor only."


class EditPasskeyForm(Plain, EditWebAuthnForm):
    pass
