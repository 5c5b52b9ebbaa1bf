"""What the schedule does each minute, by hand: `manage.py sweep_outbox`."""

from typing import Any

from django.core.management.base import BaseCommand

from outbox.services import sweep


class Command(BaseCommand):
    help = "Send the mail that was promised and has not gone out."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{sweep()} messages were due")
