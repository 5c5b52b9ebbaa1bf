"""The role that somebody says they hold."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from roles.models import Role
from roles.queries.snapshot import Snapshot

FIRST_DAY = date(1950, 1, 1)


class CurrentRoleForm(forms.Form):
    """A role of the catalogue, grouped by ladder, or none; and since when. `role` is clean as its row, or None."""

    role = forms.ChoiceField(
        label="Role", required=False, error_messages={"invalid_choice": "Choose a role from the list."}
    )
    since = forms.DateField(
        label="Since",
        required=False,
        help_text="The day on which you took it up. The first of the month will do.",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": "Write the day as 2026-03-01."},
    )

    def __init__(self, catalogue: Snapshot, held: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = choices_of(catalogue, held)  # type: ignore[attr-defined]

    def clean_role(self) -> Role | None:
        path = self.cleaned_data["role"]
        if not path:
            return None
        family, specialty, level = path.split("/")
        return Role.objects.get(specialty__family__slug=family, specialty__slug=specialty, level__slug=level)

    def clean_since(self) -> date | None:
        since: date | None = self.cleaned_data["since"]
        if since and since > timezone.localdate():
            raise forms.ValidationError("This day is still to come. Name a role once you hold it.")
        if since and since < FIRST_DAY:
            raise forms.ValidationError(f"The earliest day is {FIRST_DAY:%-d %B %Y}.")
        return since


def choices_of(catalogue: Snapshot, held: str) -> list[Any]:
    """Path and name of every role in force, under the ladders' names; first, none. Who holds a role that is in force
    no more may keep it.
    """
    gone = [(held, f"{held}, no longer in force")] if held and held not in catalogue.by_path else []
    return [
        ("", "None of these"),
        *gone,
        *(
            (f"{cards[0].family_name}: {cards[0].specialty_name}", [(card.path, card.name) for card in cards])
            for cards in catalogue.ladders.values()
        ),
    ]
