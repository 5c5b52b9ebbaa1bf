"""What the schedule does each night, by hand: `manage.py nightly`."""

from typing import Any

from django.core.management.base import BaseCommand

from accomplishments.jobs import nightly


class Command(BaseCommand):
    help = "Keep everyone's ratings of today and remove what was deleted 30 days ago. Twice changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        nightly()
