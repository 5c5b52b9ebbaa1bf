"""`manage.py load_ladder FILE`: load ladder-as-code, all or nothing."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError, transaction

from roles.forms.ladder_file import BadLadder, clean, read_path
from roles.forms.themes_file import convert
from roles.models import Role
from roles.services.loading import load


class Command(BaseCommand):
    help = "Load a framework and catalogue from a ladder file or a folder of them: everything, or nothing and why."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, metavar="FILE", help="a ladder file (.yml), or a folder of them")
        parser.add_argument("--dry-run", action="store_true", help="check and report, change nothing")
        parser.add_argument("--if-empty", action="store_true", help="do nothing where there is any role already")
        parser.add_argument(
            "--mapping",
            type=Path,
            metavar="MAP",
            help="FILE is a ladder of levels and themes; MAP says what they are to us",
        )

    def handle(
        self, *args: Any, path: Path, dry_run: bool, if_empty: bool, mapping: Path | None, **options: Any
    ) -> None:
        if if_empty and Role.objects.exists():
            return
        for given in (path, mapping):
            if given and not given.exists():
                raise CommandError(f"There is no {given}.")
        try:
            sources = read_path(path)
            ladder = clean(convert(sources, read_path(mapping)) if mapping else sources)
        except BadLadder as error:
            raise CommandError(f"Nothing was loaded:\n{error}") from error
        try:
            with transaction.atomic():
                report = load(ladder)
                transaction.set_rollback(dry_run)
        except IntegrityError as error:  # what only the database sees, such as two levels that swap their numbers
            raise CommandError(f"Nothing was loaded: {error}") from error
        for line in report.lines:
            self.stdout.write(line)
        self.stdout.write(f"{'Dry run, nothing was stored: ' if dry_run else ''}{report}")
