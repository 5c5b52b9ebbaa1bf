"""`manage.py score_organisation --out FILE`: everybody's match to every role in force."""

import csv
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import IO, Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accomplishments.batch import Floats
from accomplishments.queries.organisation import Organisation
from ladder.output import whole_file
from roles.queries.snapshot import Card


class Table:
    """CSV, a row for each person and role; where no requirement applies there is no row."""

    def __init__(self, path: Path, roles: Sequence[Card], opened: ExitStack) -> None:
        self.roles = [(card.path, card.number) for card in roles]
        self.writer = csv.writer(opened.enter_context(_text(path)), lineterminator="\n")
        self.writer.writerow(("person", "role", "version", "match"))

    def write(self, people: Sequence[str], matches: Floats) -> None:
        for email, row in zip(people, matches.tolist(), strict=True):
            self.writer.writerows(
                (email, path, number, f"{match:.6f}")
                for (path, number), match in zip(self.roles, row, strict=True)
                if match == match  # not NaN
            )

    def close(self) -> None:
        """Nothing to add."""


class Matrix:
    """A numpy matrix [people, roles], and beside it what its rows and columns are."""

    def __init__(self, path: Path, roles: Sequence[Card], opened: ExitStack) -> None:
        self.file: IO[bytes] = opened.enter_context(whole_file(path, "wb"))
        self.people = csv.writer(opened.enter_context(_text(path.with_suffix(".people.csv"))), lineterminator="\n")
        columns = csv.writer(opened.enter_context(_text(path.with_suffix(".roles.csv"))), lineterminator="\n")
        self.people.writerow(("person",))
        columns.writerows([("role", "version"), *((card.path, card.number) for card in roles)])
        self.shape = (0, len(roles))
        self.close()

    def write(self, people: Sequence[str], matches: Floats) -> None:
        self.people.writerows((email,) for email in people)
        self.file.write(np.ascontiguousarray(matches, "<f4").data)
        self.shape = (self.shape[0] + len(people), self.shape[1])

    def close(self) -> None:
        """The head, which says how many rows there are; numpy leaves room for the number to grow."""
        self.file.seek(0)
        head = {"descr": "<f4", "fortran_order": False, "shape": self.shape}
        np.lib.format.write_array_header_1_0(self.file, head)


KINDS: dict[str, type[Table] | type[Matrix]] = {".csv": Table, ".npy": Matrix}


def _text(path: Path) -> Any:
    return whole_file(path, encoding="utf-8", newline="")


def _file(text: str) -> Path:
    if Path(text).suffix not in KINDS:
        raise ArgumentTypeError(f"{text!r} ends neither in .csv nor in .npy")
    return Path(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is not a day such as 2026-06-30") from error


class Command(BaseCommand):
    help = (
        "Write the match of every active person with every role in force. FILE.csv has the columns person (e-mail), "
        "role, version, match (0 to 1, six places), a row for each person and role. FILE.npy, for many people, is a "
        "float32 matrix [people, roles], with FILE.people.csv and FILE.roles.csv saying what its rows and columns "
        "are. Where no requirement of a role applies to somebody, there is no row in the CSV, and NaN in the matrix."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--out", type=_file, required=True, metavar="FILE", help="a .csv or .npy file")
        parser.add_argument("--verified", action="store_true", help="count only what somebody confirmed")
        parser.add_argument(
            "--as-of", type=_day, metavar="DATE", help="the evidence as it stood on that day (default: today)"
        )

    def handle(self, *args: Any, out: Path, verified: bool, as_of: date | None, **options: Any) -> None:
        start = perf_counter()
        organisation = Organisation(as_of or timezone.localdate(), verified=verified)
        count = 0
        try:
            with ExitStack() as opened:
                sink = KINDS[out.suffix](out, organisation.roles, opened)
                for people, matches in organisation:
                    sink.write(people, matches)
                    count += len(people)
                sink.close()
        except OSError as error:
            raise CommandError(f"{error.filename or out}: {error.strerror}") from error
        seconds = perf_counter() - start
        self.stdout.write(f"{count} people, {len(organisation.roles)} roles, {seconds:.1f} s: {out}")
