"""What people are told about their data. Nobody can mute it: it is part of what they asked for, or of leaving."""

from django.conf import settings
from django.urls import reverse

from people.choices import Kind
from people.mail import write
from people.models import User
from privacy.models import KEPT_FOR
from privacy.queries.leaving import erased_on, signed


def link_for(person: User) -> str:
    """Where somebody gets their archive: on their page, or by a link of their own when they have left."""
    if person.closed_at:
        return str(settings.SITE_URL) + reverse("privacy:left", args=[signed(person)])
    return str(settings.SITE_URL) + reverse("privacy:mine")


def ready(person: User) -> None:
    context = {"link": link_for(person), "days": KEPT_FOR.days}
    write(Kind.PRIVACY, "archive", "Your archive is ready", person, context)


def left(person: User) -> None:
    context = {"link": link_for(person), "day": erased_on(person)}
    write(Kind.PRIVACY, "left", "Your account was closed, and your record is yours", person, context)
