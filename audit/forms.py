"""The filters of the trail."""

from typing import Any

from django import forms

from audit.choices import Kind
from audit.queries import Wanted
from ladder.text import CleanText


class Filters(forms.Form):
    kind = forms.ChoiceField(label="What", required=False, choices=[("", "Everything"), *Kind.choices])
    person = CleanText(label="Who, by or about", required=False, max_length=120)
    first = forms.DateField(label="From", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label="To", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    before = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")

    def clean(self) -> None:
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if first and last and last < first:
            self.add_error("last", "This is before the first day.")

    def wanted(self) -> Wanted:
        """What was asked for, without what makes no sense; the form says what that is."""
        self.is_valid()
        return Wanted(**{name: value for name, value in self.cleaned_data.items() if value})
