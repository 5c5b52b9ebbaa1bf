"""The search."""

from typing import Any

import pytest

from roles.queries.search import search
from roles.queries.snapshot import snapshot
from tests.factories.roles import RoleFactory, published, role_at

pytestmark = pytest.mark.django_db


def found(query: str) -> list[str]:
    return [card.title for card in search(snapshot(), query)]


@pytest.fixture
def three() -> None:
    published(
        role=role_at("software-engineering/backend/l1"),
        title="Backend Engineer",
        mission="Serve requests.",
        responsibilities={"primary": ["Plans migrations of large tables."]},
    )
    published(
        role=role_at("software-engineering/front-end/l1"),
        title="Interface Engineer",
        mission="Draw pages for the backend.",
        skills={"hard": ["Accessibility of forms."]},
    )
    published(role=role_at("data/science/l1"), title="Scientist", mission="Answer questions about kubernetes.")


@pytest.mark.usefixtures("catalogue")
def test_search_finds_backend_roles_first_in_the_shipped_catalogue() -> None:
    queries = ("bakend enginer", "backend engineer", "BACKEND", "backnd")  # loading takes longer than searching
    first = {query: {card.specialty for card in search(snapshot(), query)[:6]} for query in queries}
    assert first == {key: {"backend"} for key in queries}


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("query", "titles"),
    [
        pytest.param("migrating", ["Backend Engineer"], id="word form"),
        pytest.param("MIGRATIONS", ["Backend Engineer"], id="capitals"),
        pytest.param("access", ["Interface Engineer"], id="prefix"),
        pytest.param("sci", ["Scientist"], id="prefix of three letters"),
        pytest.param("kubernets", ["Scientist"], id="a letter left out"),
        pytest.param("kuebrnetes", ["Scientist"], id="letters swapped"),
        pytest.param("kobernites", ["Scientist"], id="two slips in a long word"),
        pytest.param("kubernetse", ["Scientist"], id="a slip in the ending"),
        pytest.param("migratoins", ["Backend Engineer"], id="another slip in the ending"),
        pytest.param("sceintist", ["Scientist"], id="a slip before the ending"),
        pytest.param("pagse", ["Interface Engineer"], id="a slip in a short word"),
        pytest.param("the migrations of it", ["Backend Engineer"], id="stop words around"),
        pytest.param("engineer pages", ["Interface Engineer"], id="every word counts"),
        pytest.param("scientist unheardof", ["Scientist"], id="a word that nobody has"),
    ],
)
def test_search_finds(query: str, titles: list[str]) -> None:
    assert found(query) == titles


@pytest.mark.usefixtures("three")
def test_search_ranks_the_title_above_the_body() -> None:
    assert found("backend") == ["Backend Engineer", "Interface Engineer"]


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("query", ["", "   ", "the of and", "!?…", "zzzzqqq", "qq", "日本語"])
def test_search_finds_nothing(query: str) -> None:
    assert found(query) == []


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    "query",
    [
        "'; DROP TABLE roles_role; --",
        "%' OR 1=1 --",
        "\x00",
        "backend\x00",
        "\ud800",
        "<script>alert(1)</script>",
        "%s %(x)s {0} \\",
        "x" * 10_000,
        "word " * 5_000,
        "a/b.c/d" * 500,
    ],
)
def test_search_survives_what_people_paste(query: str) -> None:
    found(query)
    assert found("scientist") == ["Scientist"]


@pytest.mark.usefixtures("three")
def test_search_with_a_null_character_still_finds() -> None:
    assert found("backend\x00") == ["Backend Engineer", "Interface Engineer"]


def test_search_sees_only_what_is_in_force() -> None:
    role = RoleFactory()
    published(role=role, title="Carpenter")
    assert found("carpenter") == ["Carpenter"]
    published(role=role, title="Joiner")
    assert found("carpenter") == []
    assert found("joiner") == ["Joiner"]


def test_search_of_an_empty_catalogue_finds_nothing() -> None:
    assert found("backend") == []


@pytest.mark.parametrize("roles", [1, 3])
@pytest.mark.parametrize("query", ["engineer", "enginer writes all of it down"])
def test_search_takes_two_queries_then_one(roles: int, query: str, django_assert_num_queries: Any) -> None:
    for _ in range(roles):
        published(title="Engineer", mission="Writes it all down.")
    catalogue = snapshot()
    with django_assert_num_queries(2):
        search(catalogue, query)
    with django_assert_num_queries(1):
        search(catalogue, query)


def test_search_for_nothing_takes_no_query(django_assert_num_queries: Any) -> None:
    published()
    catalogue = snapshot()
    with django_assert_num_queries(0):
        search(catalogue, "the of and")


@pytest.mark.parametrize("roles", [1, 3])
def test_snapshot_takes_three_queries_then_one(roles: int, django_assert_num_queries: Any) -> None:
    for _ in range(roles):
        published(needs={"design": (2, "core")}, moves={"up": [{"title": "Elsewhere"}]})
    with django_assert_num_queries(3):
        snapshot()
    with django_assert_num_queries(1):
        snapshot()
