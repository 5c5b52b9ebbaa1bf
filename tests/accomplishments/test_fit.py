"""All roles ranked for one person."""

from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accomplishments.services import targets
from accomplishments.services.record import hold
from people.models import User
from roles.models import Role, RoleVersion
from roles.queries.snapshot import _snapshot
from tests.conftest import texts, tree, words
from tests.factories.accomplishments import claim_of, entry, verified
from tests.factories.competencies import CompetencyFactory
from tests.factories.people import UserFactory
from tests.factories.roles import published
from tests.roles.test_query_counts import make_roles

pytestmark = pytest.mark.django_db


@pytest.fixture
def me() -> User:
    return UserFactory()


@pytest.fixture
def mine(client: Client, me: User) -> Client:
    client.force_login(me)
    return client


@pytest.fixture
def four_roles() -> None:
    """Two ladders; `design` at 1 is what one can have half of by claiming it once."""
    published(role="web/front/l1", title="Apprentice", needs={"design": (1, "core")})
    published(
        role="web/front/l2",
        title="Maker",
        needs={"design": (2, "core"), "law": (1, "emerging")},
        moves={"sideways": [{"role": "data/science/l2"}]},
    )
    published(role="web/front/l3", title="Master", needs={"design": (5, "core"), "testing": (4, "core")})
    published(role="data/science/l2", title="Scientist", needs={"testing": (3, "core")})


def role_of(title: str) -> Role:
    return RoleVersion.objects.get(title=title).role


def rows(response: Any) -> list[list[str]]:
    return [texts(line, "./*") for line in tree(response).findall(".//table[@class='fit']/tbody/tr")]


def test_fit_ranks_all_roles_with_match_gates_and_gap(mine: Client, me: User, four_roles: None) -> None:
    verified(claim_of(entry(person=me, claims={"design": 2}, ended_on=timezone.localdate()), "design"))
    found = [[one[1].split(" L")[0], *one[2:6]] for one in rows(mine.get("/match/"))]
    assert found == [
        ["Apprentice", "100 %", "100 %", "1 of 1", "None"],
        ["Maker", "75 %", "75 %", "1 of 1", "1 level"],
        ["Master", "20 %", "20 %", "0 of 2", "7 levels"],
        ["Scientist", "0 %", "0 %", "0 of 1", "3 levels"],
    ]


def test_fit_leads_to_the_match(mine: Client, four_roles: None) -> None:
    links = [link.get("href") for link in tree(mine.get("/match/")).findall(".//table[@class='fit']//th/a")]
    assert links[0] == "/match/data/science/l2/"


def test_fit_marks_the_role_held_up_sideways_and_targets(mine: Client, me: User, four_roles: None) -> None:
    hold(by=me, role=role_of("Maker"))
    targets.pin(by=me, version=RoleVersion.objects.get(title="Master"))
    targets.pin(by=me, version=RoleVersion.objects.get(title="Apprentice"))
    page = tree(mine.get("/match/"))
    flags = {
        words(one.find("./a")): [words(flag) for flag in one.findall("./span") if "flag" in flag.get("class")]
        for one in page.findall(".//table[@class='fit']/tbody/tr/th")
    }
    assert flags == {
        "Apprentice": ["Target"],
        "Maker": ["Your role"],
        "Master": ["Up", "Primary target"],
        "Scientist": ["Sideways"],
    }


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("way=up", ["Master"]),
        ("way=sideways", ["Scientist"]),
        ("family=web", ["Apprentice", "Maker", "Master"]),
        ("way=up&family=data", []),
        ("way=down&family=nothing&page=x", ["Scientist", "Apprentice", "Maker", "Master"]),
        ("way=here", ["Scientist", "Apprentice", "Maker", "Master"]),
        ("page=99", ["Scientist", "Apprentice", "Maker", "Master"]),
        ("role=nothing", ["Scientist", "Apprentice", "Maker", "Master"]),
    ],
)
def test_fit_filters(query: str, titles: list[str], mine: Client, me: User, four_roles: None) -> None:
    hold(by=me, role=role_of("Maker"))
    response = mine.get(f"/match/?{query}")
    assert [one[1].split(" L")[0] for one in rows(response)] == titles
    count = f"{len(titles)} role{'' if len(titles) == 1 else 's'}"
    assert words(tree(response).find(".//output")) == count
    assert (tree(response).find(".//div[@class='empty']") is None) == bool(titles)


def test_fit_keeps_places_when_filtered(mine: Client, me: User, four_roles: None) -> None:
    entry(person=me, claims={"design": 1}, ended_on=timezone.localdate())
    assert [(one[0], one[1].split(" L")[0]) for one in rows(mine.get("/match/?family=data"))] == [("4", "Scientist")]


def test_fit_without_a_role_or_an_entry_says_what_to_do(mine: Client, four_roles: None) -> None:
    page = tree(mine.get("/match/?way=up"))
    notices = [words(one) for one in page.findall(".//div[@id='fit']/div") if "notice" in one.get("class")]
    assert [one.split(".")[0] for one in notices] == [
        "Nothing in your log counts yet, so every match is 0 %",
        "Say which role you hold, and Ladder marks what is up and sideways from it",
    ]
    links = [link.get("href") for link in page.findall(".//div[@id='fit']/div/p/a")]
    assert links == ["/log/new/", "/record/role/"]


def test_fit_leaves_out_what_asks_nothing_and_what_does_not_apply(mine: Client, me: User) -> None:
    published(role="web/front/l1", title="Empty")
    published(role="web/front/l2", title="Maker", needs={"design": (1, "core"), "law": (2, "core")})
    targets.exempt(by=me, role=role_of("Maker"), competency=CompetencyFactory(slug="law"), reason="No law here.")
    entry(person=me, claims={"design": 1}, ended_on=timezone.localdate())
    assert [one[1:6] for one in rows(mine.get("/match/"))] == [
        ["Maker L2Web / Front", "50 %", "0 %", "0 of 1", "1 level"]
    ]


def test_htmx_gets_the_ranking_alone(mine: Client, four_roles: None) -> None:
    response = mine.get("/match/?family=data", headers={"HX-Request": "true", "HX-Target": "fit"})
    assert [one.get("id") for one in tree(response)] == ["fit"]


@pytest.mark.parametrize("count", [40, 4000])
def test_fit_costs_ten_queries_cold_and_four_warm(count: int, mine: Client, me: User) -> None:
    make_roles(count)
    for _ in range(3 if count == 40 else 30):
        verified(claim_of(entry(person=me, claims={"skill-1": 2}), "skill-1"))
    cache.clear()
    _snapshot.cache_clear()
    found = []
    for _ in ("cold", "warm"):
        with CaptureQueriesContext(connection) as queries:
            page = tree(mine.get("/match/?page=1"))
        found.append(len(queries))
    assert found == [10, 4]
    assert len(page.findall(".//table[@class='fit']/tbody/tr")) == 40
    assert words(page.find(".//output")) == f"{count} roles"
    if count > 40:
        assert words(page.find(".//nav[@aria-label='Pages']")) == "Page 1 of 100 Next page"
        assert page.find(".//a[@rel='next']").get("href") == "/match/?page=2"
        last = tree(mine.get("/match/?page=100"))
        assert words(last.find(".//nav[@aria-label='Pages']")) == "Previous page Page 100 of 100"
