"""What one types before something is gone for good."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from people.models import User


class EraseForm(forms.Form):
    """The address of the account, typed once more."""

    email = forms.EmailField(widget=forms.EmailInput({"autocomplete": "off"}))

    def __init__(self, data: Any = None, *, person: User, label: str) -> None:
        super().__init__(data, label_suffix="")
        self.person = person
        self.fields["email"].label = label

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if email.lower() != self.person.email.lower():
            raise ValidationError("This is not the address of the account.")
        return email
