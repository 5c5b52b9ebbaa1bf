"""What every test may ask for.

No test sees the shipped catalogue unless it asks: `catalogue` loads it into the test's database, `shipped` gives
its content as plain data, read back once a session.
"""

import os
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import django
import pytest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ladder.settings")
if os.environ.get("REDIS_URL"):  # clearing a cache clears its whole database, so each worker has one of its own
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    base, _, number = os.environ["REDIS_URL"].rpartition("/")
    os.environ["REDIS_URL"] = f"{base}/{int(number) + worker}"
django.setup()

from django.conf import settings as of_the_site
from django.core.cache import cache
from django.db import transaction

from accomplishments.queries.evidence import policy_at
from ladder import celery_app
from roles.forms.ladder_file import Ladder, clean, read_path
from roles.models import RoleVersion
from roles.queries.search import _vocabulary
from roles.queries.snapshot import _snapshot
from roles.services.loading import Report, load

if of_the_site.REDIS_URL:  # a worker's settings are read before this file: the first process names them to the others
    of_the_site.REDIS_URL = of_the_site.CACHES["default"]["LOCATION"] = os.environ["REDIS_URL"]

# With a broker too, tasks run at once; what a worker does is seen in tests/outbox/test_faults.py.
celery_app.conf.task_always_eager = True

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
    policy_at.cache_clear()


@pytest.fixture(autouse=True)
def sessions_in_the_database(settings: Any) -> None:
    """So that a page costs the same queries with Redis and without; the browser's tests have sessions as they are."""
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.db"


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


# ── Pages as trees ──────────────────────────────────────────────────────────


class _Builder(HTMLParser):
    """HTML to elements; what is never closed is closed where it stands."""

    ALONE = frozenset(("input", "link", "meta", "br", "hr", "img"))

    def __init__(self) -> None:
        super().__init__()
        self.root = ElementTree.Element("page")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        new = ElementTree.SubElement(self.open[-1], tag, {name: value or "" for name, value in attrs})
        if tag not in self.ALONE:
            self.open.append(new)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        ElementTree.SubElement(self.open[-1], tag, {name: value or "" for name, value in attrs})

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        last = self.open[-1]
        if len(last):
            last[-1].tail = (last[-1].tail or "") + data
        else:
            last.text = (last.text or "") + data


def tree(response: Any, status: int = 200) -> ElementTree.Element:
    """The elements of a page that answered as it should, whose tags are all closed."""
    assert response.status_code == status
    builder = _Builder()
    builder.feed(response.content.decode())
    builder.close()
    assert builder.open == [builder.root]
    return builder.root


def words(element: ElementTree.Element | None) -> str:
    """All text of an element, blanks joined."""
    assert element is not None
    return " ".join("".join(element.itertext()).split())


def texts(element: ElementTree.Element, path: str) -> list[str]:
    """The text of each element at a path, such as `.//tr[@class='fam']`."""
    return [words(one) for one in element.findall(path)]
