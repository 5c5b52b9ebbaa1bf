"""What the pages cost when nothing is in any cache, at 40 roles and at 4,000."""

from collections.abc import Iterable
from itertools import product
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.db.models import Value
from django.db.models.fields.json import JSONField
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from competencies.models import Revision
from roles.choices import State
from roles.models import Family, Level, Role, RoleVersion, SearchTerm, Specialty
from roles.queries.search import _vocabulary
from roles.queries.snapshot import _snapshot
from roles.shapes.content import canonical
from tests.factories.competencies import CompetencyFactory, IndicatorFactory, ProficiencyLevelFactory
from tests.factories.people import UserFactory
from tests.factories.roles import LONG_AGO

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_demo(settings: Any) -> None:
    """Where there may be a demo, a stranger's page asks whether it is there."""
    settings.DEMO_ALLOWED = False


LEVELS = 5
FIRST = "/roles/family-0/specialty-0"
SEARCH = "/roles/?q=enginer&family=family-0&level=l2&track=individual&competency=skill-1&at_least=2"
# Page -> its queries for a stranger.
MAIN = {
    f"{FIRST}/l1/": 5,
    "/roles/": 3,
    SEARCH: 5,
    "/roles/compare/?from=family-0/specialty-0/l1&to=family-1/specialty-1/l3": 4,
    "/roles/map/?from=family-0/specialty-0/l1&to=family-0/specialty-0/l4": 3,
}
OTHERS = {
    "/roles/?q=engineer": 5,
    "/roles/?family=family-1&page=2": 3,
    "/roles/compare/": 4,
    "/roles/map/": 3,
    f"{FIRST}/": 3,
    f"{FIRST}/l1.json": 4,
    f"{FIRST}/l1/job.json": 4,
    "/competencies/": 4,
    "/competencies/skill-1/": 5,
}
# Pages without a mark at one's own role and targets.
UNMARKED = ("/roles/compare/", "/competencies/", f"{FIRST}/l1.json", f"{FIRST}/l1/job.json", f"{FIRST}/l1/difference/")
# For somebody signed in these also ask for permissions, in two queries.
VERSIONS = {f"{FIRST}/l1/history/": 4, f"{FIRST}/l1/history/1/": 5, f"{FIRST}/l1/difference/": 4}


def make_roles(count: int) -> None:
    """So many published roles in a second or two: written as drafts, then published by one UPDATE."""
    for number in range(1, 6):
        ProficiencyLevelFactory(number=number)
    slugs = [f"skill-{n}" for n in range(8)]
    for slug in slugs:
        IndicatorFactory(competency=CompetencyFactory(slug=slug), level=ProficiencyLevelFactory(number=2))
    families = Family.objects.bulk_create(Family(slug=f"family-{n}", name=f"Family {n}", position=n) for n in range(4))
    levels = Level.objects.bulk_create(Level(number=n, slug=f"l{n}", name=f"Level {n}") for n in range(1, LEVELS + 1))
    specialties = Specialty.objects.bulk_create(
        Specialty(family=families[n % 4], slug=f"specialty-{n}", name=f"Specialty {n}", position=n)
        for n in range(count // LEVELS)
    )
    roles = Role.objects.bulk_create(Role(specialty=one, level=level) for one, level in product(specialties, levels))
    versions = RoleVersion.objects.bulk_create(
        RoleVersion(role=role, title=f"Engineer {n}", mission=f"Does the work number {n}.", effective_from=LONG_AGO)
        for n, role in enumerate(roles)
    )
    SearchTerm.objects.bulk_create(
        SearchTerm(version=version, term=term, weight=4.0) for version in versions for term in ("engin", "work")
    )
    document = canonical(
        {
            "title": "Engineer",
            "responsibilities": {"primary": ["Does the work."]},
            "requirements": [{"competency": slug, "need": 2, "tier": "core"} for slug in slugs[:6]],
            "moves": {"up": [{"role": "family-0/specialty-0/l4"}], "sideways": [{"role": "family-1/specialty-1/l3"}]},
        }
    )
    RoleVersion.objects.update(
        state=State.PUBLISHED, number=1, document=Value(document, JSONField()), published_at=timezone.now()
    )
    Revision.bump()


def cold() -> None:
    cache.clear()
    _snapshot.cache_clear()
    _vocabulary.cache_clear()


def costs(client: Client, pages: Iterable[str]) -> dict[str, int]:
    """The queries of each page, asked for with empty caches."""
    found = {}
    for page in pages:
        cold()
        with CaptureQueriesContext(connection) as asked:
            assert client.get(page).status_code == 200
        found[page] = len(asked)
    return found


def with_person(pages: dict[str, int]) -> dict[str, int]:
    """A session and a person more, and a record where their own role and targets are marked."""
    unmarked = (*UNMARKED, f"{FIRST}/l1/history/?")
    return {page: queries + (2 if f"{page}?".startswith(unmarked) else 3) for page, queries in pages.items()}


@pytest.fixture
def signed_in() -> Client:
    client = Client()
    client.force_login(UserFactory())
    return client


def test_pages_cost_a_fixed_number_of_queries_cold(client: Client, signed_in: Client) -> None:
    make_roles(40)
    same = MAIN | OTHERS
    assert costs(client, same | VERSIONS) == same | VERSIONS
    assert costs(signed_in, same) == with_person(same)
    assert costs(signed_in, VERSIONS) == {page: queries + 2 for page, queries in with_person(VERSIONS).items()}


def test_pages_cost_the_same_cold_with_4000_roles(client: Client, signed_in: Client) -> None:
    make_roles(4_000)
    assert costs(signed_in, MAIN) == with_person(MAIN)
    assert costs(client, [f"{FIRST}/l1/"]) == {f"{FIRST}/l1/": MAIN[f"{FIRST}/l1/"]}
    sizes = {page: len(client.get(page).content) for page in ("/roles/", "/roles/?page=20", "/roles/?q=engineer")}
    assert {page: size for page, size in sizes.items() if not 5_000 < size < 1_000_000} == {}


def test_costs_are_within_what_was_agreed() -> None:
    assert MAIN[f"{FIRST}/l1/"] <= 5
    assert max(with_person(MAIN | OTHERS).values()) <= 8


def test_demo_costs_strangers_a_query_and_the_role_page_none(client: Client, settings: Any) -> None:
    settings.DEMO_ALLOWED = True
    make_roles(40)
    role = f"{FIRST}/l1/"
    assert costs(client, MAIN) == {page: queries + (page != role) for page, queries in MAIN.items()}


def test_pages_cost_strangers_one_query_warm(client: Client) -> None:
    make_roles(40)
    pages = [page for page in MAIN | OTHERS | VERSIONS if "?" not in page]
    for page in pages:
        client.get(page)
        with CaptureQueriesContext(connection) as asked:
            client.get(page)
        assert (page, len(asked)) == (page, 1)
