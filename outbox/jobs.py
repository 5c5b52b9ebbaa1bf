"""What the schedule starts."""

from celery import shared_task

from outbox import services


@shared_task
def sweep() -> None:
    services.sweep()
