"""What every test may ask for.

No test sees the shipped catalogue unless it asks: `catalogue` loads it into the test's database, `shipped` gives
its content as plain data, read back once a session.
"""

import os
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import django
import pytest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ladder.settings")
django.setup()

from django.core.cache import cache
from django.db import transaction

from roles.forms.ladder_file import Ladder, clean, read_path
from roles.models import RoleVersion
from roles.queries.search import _vocabulary
from roles.queries.snapshot import _snapshot
from roles.services.loading import Report, load

LADDER = Path(__file__).resolve().parent.parent / "fixtures" / "ladder"


class Shipped(NamedTuple):
    """One role of the shipped catalogue that is in force."""

    number: int
    effective_from: date
    document: dict[str, Any]


@pytest.fixture(autouse=True)
def no_leftovers() -> None:
    """Caches outlive the roll-back of a test's rows."""
    cache.clear()
    _snapshot.cache_clear()
    _vocabulary.cache_clear()


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    """The real hash takes a quarter of a second a person."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def ladder_folder() -> Path:
    """The shipped ladder files."""
    return LADDER


@pytest.fixture(scope="session")
def shipped_ladder(ladder_folder: Path, django_db_setup: None, django_db_blocker: Any) -> Ladder:
    """The shipped ladder files as clean data; parsed once a session, since that takes a second."""
    with django_db_blocker.unblock():
        return clean(read_path(ladder_folder))


@pytest.fixture(scope="session")
def shipped(shipped_ladder: Ladder, django_db_blocker: Any) -> dict[str, Shipped]:
    """The shipped roles in force, by path, as the database gave them back; nothing of them stays in it."""
    with django_db_blocker.unblock(), transaction.atomic():
        load(shipped_ladder)
        versions = RoleVersion.objects.current().select_related("role__level", "role__specialty__family")
        found = {
            str(version.role): Shipped(version.number, version.effective_from, version.document) for version in versions
        }
        transaction.set_rollback(True)
    return found


@pytest.fixture
def catalogue(shipped_ladder: Ladder, db: None) -> Report:
    """The shipped catalogue in this test's database; the report of its loading. About a second."""
    return load(shipped_ladder)
