"""What somebody may ask of their matches, and say to them."""

from django import forms

from ladder.text import CleanText

LONGEST_REASON = 300


class ReasonForm(forms.Form):
    """Why a requirement doesn't apply."""

    competency = forms.SlugField()
    reason = CleanText(
        max_length=LONGEST_REASON,
        error_messages={
            "required": "Say in a sentence why it does not apply to you.",
            "max_length": "Say it in %(limit_value)d characters; these are %(show_value)d.",
        },
    )


class FitForm(forms.Form):
    """The number of a page; a wrong one is as if not given."""

    page = forms.IntegerField(min_value=1, max_value=10_000, required=False)
