"""People whose account is closed: until when their record stays theirs, and the link by which they reach it."""

from datetime import date, timedelta

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.db.models import QuerySet
from django.utils import timezone

from people.models import User

LINKS = TimestampSigner(salt="privacy.leaving")


def erased_on(person: User) -> date | None:
    """The day on which the account is erased; none while it is open."""
    if person.closed_at is None:
        return None
    return timezone.localdate(person.closed_at) + timedelta(days=settings.KEEP_AFTER_LEAVING_DAYS)


def due() -> QuerySet[User]:
    """Whose period is over."""
    last = timezone.localdate() - timedelta(days=settings.KEEP_AFTER_LEAVING_DAYS)
    return User.objects.filter(closed_at__date__lte=last)


def signed(person: User) -> str:
    """What the link of somebody who left carries; it opens nothing once the account is reopened, or closed anew."""
    return LINKS.sign(f"{person.pk}.{person.closed_at.timestamp() if person.closed_at else 0:.6f}")


def person_behind(link: str) -> User | None:
    """Whom a link is of: nobody when it is forged, expired, or the account is not closed as it was then."""
    try:
        pk, _, _ = LINKS.unsign(link, max_age=timedelta(days=settings.KEEP_AFTER_LEAVING_DAYS + 1)).partition(".")
    except BadSignature:
        return None
    person = User.objects.filter(pk=pk, closed_at__isnull=False).first()
    return person if person and LINKS.unsign(link) == LINKS.unsign(signed(person)) else None
