"""What the worker is given: the key of a row."""

from celery import shared_task

from privacy import archiving


@shared_task
def make(pk: int) -> None:
    archiving.make(pk)
