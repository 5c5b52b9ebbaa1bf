"""The mail that asks, as a week ends: what did you finish?"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.core.mail import get_connection
from django.db import transaction
from django.utils import timezone

from accomplishments import mail
from accomplishments.queries.digest import Week, weeks_of
from outbox.models import Message
from people.choices import Kind
from people.mail import is_wanted
from people.models import User

DUE = (4, time(15))  # Friday, three o'clock in the afternoon, until the week is over


def week_due(zone: ZoneInfo, now: datetime) -> date | None:
    """The Monday of the week whose mail is due in a time zone, if one is."""
    there = now.astimezone(zone)
    monday = there.date() - timedelta(days=there.weekday())
    return monday if (there.weekday(), there.time()) >= DUE else None


def due(now: datetime | None = None) -> list[int]:
    """Who is to get it now, whether they have it already or not; 1 query.

    Nobody who never signed in: an account that was made for somebody, such as those of the demo, is no reason to write.
    """
    now = now or timezone.now()
    people = User.objects.filter(is_active=True, last_login__isnull=False).only("time_zone", "muted", "is_active")
    return [one.pk for one in people.order_by("pk") if is_wanted(Kind.DIGEST, one) and week_due(one.zone, now)]


@transaction.atomic
def write(people: Sequence[int], now: datetime | None = None) -> int:
    """Promise the mail to those of these people who don't have it yet; how many lacked it. 7 queries for them all.

    One a person and week, by `Message.once`: of two that write at the same time one wins, and what was killed in the
    middle wrote nothing.
    """
    now = now or timezone.now()
    weeks = {one: week_due(one.zone, now) for one in User.objects.filter(pk__in=people)}
    wanted = {f"digest {one.pk} {monday}": (one, monday) for one, monday in weeks.items() if monday}
    there = set(Message.objects.filter(once__in=wanted).values_list("once", flat=True))
    missing = {once: who for once, who in wanted.items() if once not in there}
    found = weeks_of([one.pk for one, _ in missing.values()], now) if missing else {}
    letters = [
        mail.digest(one, found.get(one.pk, Week()), monday, once=once) for once, (one, monday) in missing.items()
    ]
    get_connection().send_messages(letters)
    return len(letters)
