"""What the schedule does each hour, by hand: `manage.py digest`."""

from typing import Any

from django.core.management.base import BaseCommand

from accomplishments.jobs import digest


class Command(BaseCommand):
    help = "Write the mail of the week where it is Friday afternoon or later. Twice sends nothing twice."
    requires_system_checks = ()  # a start stays quick

    def handle(self, *args: Any, **options: Any) -> None:
        digest()
