"""`manage.py verify_receipt FILE`: recompute a match from its receipt alone; no database is asked."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accomplishments.scoring.matching import percent
from accomplishments.scoring.receipt import MOST_BYTES, ReceiptError, verify


class Command(BaseCommand):
    help = "Recompute a match from its receipt. Exit status 0 only where every number and the hash hold."
    requires_system_checks = ()  # some of them ask the database

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="a receipt, as the page of a match gives it")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            with file.open("rb") as opened:
                match = verify(opened.read(MOST_BYTES + 1))
        except OSError as problem:
            raise CommandError(f"{file} can't be read: {problem.strerror}.") from problem
        except ReceiptError as problem:
            raise CommandError(f"This receipt does not hold. {problem}") from problem
        shape, said = (
            match.shape,
            f"{percent(match.match)} %, {percent(match.verified)} % counting verified evidence only",
        )
        self.stdout.write(
            f"The receipt holds: match {said}; {shape.role}, version {shape.version}, on {match.as_of}, "
            f"policy {match.policy.version}."
        )
