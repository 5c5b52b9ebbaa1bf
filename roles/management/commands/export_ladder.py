"""`manage.py export_ladder [PATH]`: write the framework and the catalogue as ladder-as-code."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from roles.queries.export import ladder_files, to_yaml


class Command(BaseCommand):
    help = "Write the whole framework and catalogue as YAML that `load_ladder` reads."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "path",
            type=Path,
            nargs="?",
            metavar="PATH",
            help="a folder (one file a specialty) or a .yml file; without it, everything goes to standard output",
        )

    def handle(self, *args: Any, path: Path | None, **options: Any) -> None:
        files = {name: to_yaml(content) for name, content in ladder_files().items()}
        if path is None or path.suffix in {".yml", ".yaml"}:
            stream = "---\n".join(files.values())
            if path is None:
                self.stdout.write(stream, ending="")
            else:
                path.write_text(stream, encoding="utf-8")
            return
        if path.exists() and not path.is_dir():
            raise CommandError(f"{path} is not a folder; to write one file, give it a name that ends in .yml.")
        for name, text in files.items():
            file = path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        self.stdout.write(f"{len(files)} files written to {path}")
