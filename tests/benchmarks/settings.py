"""Ladder's settings, with the limit page added."""

from pathlib import Path

from ladder.settings import *  # noqa: F403
from ladder.settings import TEMPLATES

ROOT_URLCONF = "tests.benchmarks.urls"
TEMPLATES = [{**TEMPLATES[0], "DIRS": [*TEMPLATES[0]["DIRS"], Path(__file__).parent / "templates"]}]
