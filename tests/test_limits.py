"""What is too often, and that the table of limits says so."""

from collections.abc import Iterator
from pathlib import Path
from time import time
from typing import Any

import pytest
from allauth.account import app_settings
from django.core.cache import cache
from django.test import Client
from django.urls import URLResolver, get_resolver, resolve

from ladder.limits import Limit
from people.models import User
from tests.factories.accomplishments import entry
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db

TEXT = (Path(__file__).resolve().parent.parent / "ARCHITECTURE.md").read_text()
WINDOWS = {"1 minute": 60, "10 minutes": 600, "1 hour": 3600}


def limits(resolver: Any) -> Iterator[Limit]:
    """Of all views that the addresses lead to."""
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from limits(one)
        else:
            yield from getattr(one.callback, "limits", ())


def rows(columns: int) -> list[list[str]]:
    """Of the tables under "Limits", those that are so wide."""
    section = TEXT.partition("## Limits")[2].partition("\n## ")[0]
    found = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if "| `" in line[:3]
    ]
    return [row for row in found if len(row) == columns]


def test_table_of_limits_says_what_the_addresses_have() -> None:
    found = {(one.name, one.most, one.seconds) for one in limits(get_resolver())}
    assert {(row[0].strip("`"), int(row[1]), WINDOWS[row[2]]) for row in rows(4)} == found
    assert len({name for name, *_ in found}) == len(found), "one name is one count"


def test_table_says_what_sign_in_has() -> None:
    ours = {row[0].strip("`"): row[1] for row in rows(2)}
    assert ours == {name: app_settings.RATE_LIMITS[name] for name in ours}
    assert len(ours) == 9


@pytest.fixture
def me() -> User:
    return UserFactory(name="Noor")


def window(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.mark.parametrize(
    ("address", "method", "most"),
    [
        ("/log/?q=redis", "get", 300),
        ("/roles/?q=backend", "get", 300),
        ("/people/?who=sven", "get", 300),
        ("/log/{pk}/ask/?who=sven", "get", 300),
        ("/log/{pk}/files/", "post", 120),
        ("/log/import/", "post", 120),
        ("/match/data/science/l1/receipt.json", "get", 600),
        ("/roles/data/science/l1.json", "get", 600),
    ],
)
def test_one_too_many_is_told_when_to_come_back(
    address: str, method: str, most: int, me: User, time_machine: Any
) -> None:
    time_machine.move_to("2026-11-22T12:00:07Z", tick=False)
    there = address.format(pk=entry(person=me, claims={"design": 1}).pk)
    client, (limit,) = window(me), {one for one in limits(get_resolver()) if _is_of(one, there, method)}
    assert limit.most == most
    _used(limit, me)
    assert getattr(client, method)(there).status_code not in {429, 500}
    answer = getattr(client, method)(there)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, str(limit.seconds - 7))
    assert getattr(window(UserFactory()), method)(there).status_code != 429
    time_machine.shift(limit.seconds)
    assert getattr(client, method)(there).status_code != 429


def _is_of(limit: Limit, address: str, method: str) -> bool:
    path, _, query = address.partition("?")
    there = getattr(resolve(path).func, "limits", ())
    return limit in there and method.upper() in limit.methods and query.startswith(limit.given)


def _used(limit: Limit, person: User) -> None:
    """All of it but one."""
    cache.set(f"limit:{limit.name}:person:{person.pk}:{int(time()) // limit.seconds}", limit.most - 1, limit.seconds)


def test_pages_that_are_only_read_count_nothing(me: User) -> None:
    search = next(one for one in limits(get_resolver()) if one.name == "search")
    _used(search, me)
    client = window(me)
    for _ in range(3):
        assert [client.get(address).status_code for address in ("/log/", "/roles/", "/people/?who=")] == [200] * 3
    assert client.get("/log/?q=a").status_code == 200
    assert client.get("/people/?who=a").status_code == 429  # one name is one count


def test_without_a_cache_there_is_no_limit(me: User, settings: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    client = window(me)
    search = next(one for one in limits(get_resolver()) if one.name == "search")
    assert {client.get("/people/?who=a").status_code for _ in range(search.most // 10)} == {200}
    _used(search, me)
    assert [client.get("/people/?who=a").status_code for _ in range(2)] == [200, 200]
