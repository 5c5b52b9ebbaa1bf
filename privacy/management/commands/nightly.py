"""What the schedule does each night, by hand: `manage.py nightly`."""

from typing import Any

from django.core.management.base import BaseCommand

from accomplishments.jobs import nightly as of_records
from privacy.jobs import nightly as of_people


class Command(BaseCommand):
    help = (
        "Keep everyone's ratings of today, remove what was deleted 30 days ago, archives that are a week old, and "
        "people whose period after leaving is over. Twice changes nothing."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        of_records()
        of_people()
