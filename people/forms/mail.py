"""Which mail, and when."""

from typing import Any

from django import forms

from people.choices import MUTABLE, Kind
from people.models import User


def _clock(label: str) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        required=False,
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        error_messages={"invalid": "Write a time of the day, such as 22:00."},
    )


class MailForm(forms.Form):
    """The kinds that they want are ticked; what is muted is kept the other way round, so that a new kind is sent."""

    kinds = forms.MultipleChoiceField(
        label="Send me",
        required=False,
        choices=[(kind.value, kind.label) for kind in MUTABLE],
        widget=forms.CheckboxSelectMultiple,
    )
    quiet_from = _clock("From")
    quiet_until = _clock("Until")

    def __init__(self, data: Any = None, *, person: User) -> None:
        wanted = [kind.value for kind in MUTABLE if kind not in person.muted]
        quiet = {name: getattr(person, name) for name in ("quiet_from", "quiet_until")}
        super().__init__(data, initial={"kinds": wanted, **quiet}, label_suffix="")

    @property
    def rows(self) -> list[tuple[Any, Kind]]:
        """Each checkbox with what it stands for."""
        return list(zip(self["kinds"], MUTABLE, strict=True))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not {"quiet_from", "quiet_until"} & self.errors.keys():
            since, until = given.get("quiet_from"), given.get("quiet_until")
            if (since is None) != (until is None):
                missing = "quiet_from" if since is None else "quiet_until"
                self.add_error(missing, "Quiet hours need a beginning and an end: give both times, or neither.")
            elif since is not None and since == until:
                self.add_error("quiet_until", "These hours would never end: choose another time.")
        return given
