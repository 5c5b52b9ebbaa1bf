"""What the worker is given: the key of a row."""

from celery import shared_task

from outbox.mail import deliver


@shared_task
def send(pk: int) -> None:
    deliver(pk)
