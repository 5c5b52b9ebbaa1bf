"""Load the demo organisation: `manage.py load_demo`. Refused in production."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accomplishments.services.demo import PASSWORD, load

__all__ = ["PASSWORD", "Command"]


class Command(BaseCommand):
    help = "Load the demo organisation, twelve people in two teams. Loading twice changes nothing."
    requires_system_checks = ()  # a start stays quick

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--unless-removed", action="store_true", help="do nothing where there are people, but none of the demo"
        )

    def handle(self, *args: Any, unless_removed: bool, **options: Any) -> None:
        if not settings.DEMO_ALLOWED:
            raise CommandError("The demo people share a public password; they are never loaded in production.")
        people, entries = load(unless_removed=unless_removed)
        self.stdout.write(f"{people} demo people and {entries} entries are new; password {PASSWORD}")
