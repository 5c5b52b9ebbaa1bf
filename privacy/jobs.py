"""What the schedule starts, and the parts in which the worker does it."""

from celery import shared_task

from privacy.queries.leaving import due
from privacy.services import archives
from privacy.services.erasing import erase_if_due
from privacy.services.files import remove_strays


@shared_task
def sweep() -> None:
    archives.sweep()


@shared_task
def nightly() -> None:
    """Archives that are a week old, files without a row, people whose period is over. Run again, it changes nothing."""
    archives.tidy()
    archives.sweep()
    remove_strays()
    for pk in due().values_list("pk", flat=True):
        erase_one.delay(pk)


@shared_task
def erase_one(pk: int) -> None:
    """Each on their own, so that what stops one stops nobody else."""
    erase_if_due(pk=pk)
