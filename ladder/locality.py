"""Where somebody reads, and where the installation stands."""

from datetime import date

from django.utils import timezone
from django.utils.translation import get_language


def today() -> date:
    """The day that holds for everyone, such as that of a catalogue: the installation's, in whatever zone one looks."""
    return timezone.localdate(timezone=timezone.get_default_timezone())


def manner() -> str:
    """How days and times are written for who looks: part of the key of whatever is kept with them written out."""
    return f"{get_language()}:{timezone.get_current_timezone_name()}"
