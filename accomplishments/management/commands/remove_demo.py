"""Remove the demo organisation: `manage.py remove_demo`."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.template.defaultfilters import pluralize

from accomplishments.services.demo import remove


class Command(BaseCommand):
    help = "Remove the demo people and all that is theirs, and nothing else. A second time changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        gone = remove()
        if not gone.people:
            self.stdout.write("There are no demo people.")
            return
        files = f"{gone.files} file{pluralize(gone.files)}"
        self.stdout.write(f"Removed {gone.people} demo people, {gone.entries} entries, {files} and {gone.teams} teams.")
        if settings.DEMO_ALLOWED:
            self.stdout.write("Where nobody else has an account, `make run` brings them back, unless LADDER_DEMO=0.")
