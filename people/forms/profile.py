"""What somebody says of themselves."""

from functools import cache
from itertools import groupby
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings

from ladder.text import CleanText
from people.forms.account import Plain
from people.models import User

# The parts of the IANA list that name places; the others are old names of the same zones.
AREAS = {"Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}


@cache
def places() -> list[Any]:
    """Every place of the IANA list, by continent; read from the disk once."""
    names = sorted(name for name in available_timezones() if name.partition("/")[0] in AREAS)
    return [
        (area, [(name, name.partition("/")[2].replace("_", " ")) for name in group])
        for area, group in groupby(names, key=lambda name: name.partition("/")[0])
    ]


def time_zones() -> list[Any]:
    return [("", f"As the organisation has it: {settings.TIME_ZONE}"), ("UTC", "UTC"), *places()]


def languages() -> list[tuple[str, str]]:
    usual = dict(settings.LANGUAGES)[settings.LANGUAGE_CODE]
    return [("", f"As the organisation has it: {usual}"), *settings.LANGUAGES]


class ProfileForm(Plain, forms.Form):
    name = CleanText(
        max_length=User._meta.get_field("name").max_length, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    pronouns = CleanText(
        required=False,
        max_length=User._meta.get_field("pronouns").max_length,
        help_text="Such as she/her or they/them. Colleagues see them beside your name.",
    )
    time_zone = forms.ChoiceField(label="Time zone", required=False, choices=time_zones)
    language = forms.ChoiceField(required=False, choices=languages, help_text="How dates and times are written.")
