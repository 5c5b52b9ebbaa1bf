"""What the schedule starts, and the parts in which the worker does it."""

from datetime import date

from celery import shared_task
from django.utils import timezone

from accomplishments.models import KEPT_AFTER_DELETION
from accomplishments.queries.trends import rated
from accomplishments.services import digest as digests
from accomplishments.services.entries import purge
from accomplishments.services.ratings import store
from accomplishments.services.verifications import expire, remind

BATCH = 100  # people whose evidence is in memory at once
LETTERS = 50  # that are written at once


@shared_task
def nightly() -> None:
    """Everyone's ratings of the day; what is over in entries and questions. Run again, it changes nothing."""
    expire()
    remind()
    purge(before=timezone.now() - KEPT_AFTER_DELETION)
    people, today = rated(), timezone.localdate().isoformat()
    for start in range(0, len(people), BATCH):
        store_ratings.delay(people[start : start + BATCH], today)


@shared_task
def store_ratings(people: list[int], day: str) -> None:
    """One batch: quick, so that a worker that is killed over it loses little, and another one starts it anew."""
    store(people=people, on=date.fromisoformat(day))


@shared_task
def digest() -> None:
    """Each hour: the mail of the week, where it is Friday afternoon or later. Run again, it sends nothing twice."""
    people = digests.due()
    for start in range(0, len(people), LETTERS):
        write_digests.delay(people[start : start + LETTERS])


@shared_task
def write_digests(people: list[int]) -> None:
    digests.write(people)
