"""Whom an admin invites."""

import re

from allauth.account.models import EmailAddress
from django import forms
from django.core.exceptions import ValidationError

from outbox.models import Refusal, refused_as
from people.forms.people_file import is_address
from people.models import User
from people.queries.invitations import waiting

AT_ONCE = 200


class InviteForm(forms.Form):
    """Addresses, clean in lower case and each once; nobody who has an account and came in once."""

    emails = forms.CharField(
        label="E-mail addresses",
        help_text="One or several, separated by spaces, commas or lines. Who was invited before gets a new link; who "
        "was imported gets one to choose a password.",
        widget=forms.Textarea(attrs={"rows": 6, "cols": 60, "autocomplete": "off"}),
        max_length=AT_ONCE * 255,
    )

    def clean_emails(self) -> list[str]:
        emails = list(dict.fromkeys(re.split(r"[\s,;]+", self.cleaned_data["emails"].strip(" ,;\n").lower())))
        if len(emails) > AT_ONCE:
            raise ValidationError(f"{AT_ONCE} at a time, please.")
        problems = [f"{email} is no e-mail address." for email in emails if not is_address(email)]
        problems += [f"{email} has an account already." for email in with_account(emails)]
        problems += [f"{email} wants no mail from Ladder: its owner said so." for email in refusing(emails)]
        if problems:
            raise ValidationError(problems)
        return emails


def refusing(emails: list[str]) -> list[str]:
    """Those whose owners want no mail on others' behalf; 1 query."""
    hashes = {refused_as(email): email for email in emails}
    refused = Refusal.objects.filter(address__in=hashes).order_by("pk")
    return [hashes[address] for address in refused.values_list("address", flat=True)]


def with_account(emails: list[str]) -> list[str]:
    """Those of them that belong to somebody who needs no invitation; 3 queries."""
    taken = set(User.objects.filter(email__in=emails).values_list("email", flat=True))
    taken.update(EmailAddress.objects.filter(email__in=emails).values_list("email", flat=True))
    taken.difference_update(one.email for one in waiting(emails))
    return [email for email in emails if email in taken]
