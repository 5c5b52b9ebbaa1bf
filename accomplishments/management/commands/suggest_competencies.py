"""`manage.py suggest_competencies IN.csv OUT.csv`: competencies and a level for every row of a file."""

import csv
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accomplishments.suggesting import COLUMNS, NoTextColumn, suggest_rows
from ladder.output import whole_file


def decoded(lines: Iterable[bytes]) -> Iterator[str]:
    """Lines of UTF-8, with or without a byte order mark. Raises CommandError naming the line that is something else."""
    for number, line in enumerate(lines, start=1):
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise CommandError(f"line {number} is not UTF-8 text") from error


class Command(BaseCommand):
    help = (
        "Suggest competencies for texts. IN is CSV with a column `text` (and `scope` and `part`, if it has them), in "
        "UTF-8; OUT has the columns " + ", ".join(COLUMNS) + ". Works without a database."
    )
    requires_system_checks: list[str] = []  # noqa: RUF012 - as Django declares it

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", metavar="IN", help="a CSV file, or - for standard input")
        parser.add_argument("target", metavar="OUT", help="a CSV file, or - for standard output")

    def handle(self, *args: Any, source: str, target: str, **options: Any) -> None:
        try:
            with ExitStack() as opened:
                lines = sys.stdin.buffer if source == "-" else opened.enter_context(Path(source).open("rb"))
                rows = csv.DictReader(decoded(lines), restval="")
                if "text" not in (rows.fieldnames or ()):
                    raise NoTextColumn("a column `text` is needed")
                out = (
                    self.stdout
                    if target == "-"
                    else opened.enter_context(whole_file(Path(target), encoding="utf-8", newline=""))
                )
                writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
                writer.writeheader()
                writer.writerows(suggest_rows(rows))
        except (NoTextColumn, CommandError, csv.Error) as error:
            where = f"line {rows.line_num} is not CSV: " if isinstance(error, csv.Error) else ""
            raise CommandError(f"{source}: {where}{error}") from error
        except OSError as error:
            raise CommandError(f"{error.filename or target}: {error.strerror}") from error
