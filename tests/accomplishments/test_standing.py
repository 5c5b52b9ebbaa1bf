"""One's own role and targets, marked on the pages of the roles and kept away from everybody else's."""

from typing import Any

import pytest
from django.test import Client

from accomplishments.models import Target
from accomplishments.services.record import hold
from accomplishments.services.targets import pin
from accomplishments.templatetags.standing import article
from people.models import User
from roles.models import RoleVersion
from tests.conftest import texts, tree, words
from tests.factories.people import UserFactory
from tests.factories.roles import published, role_at

pytestmark = pytest.mark.django_db

LADDER = "data/science"
ROLE = f"/roles/{LADDER}/l1/"
MARKED = ("/roles/", "/roles/?q=scientist", f"/roles/{LADDER}/", ROLE, "/roles/map/")


@pytest.fixture(autouse=True)
def versions() -> list[RoleVersion]:
    return [
        published(role=f"{LADDER}/l{n}", title=f"Scientist {n}", needs={"design": (n, "core")}) for n in range(1, 4)
    ]


@pytest.fixture
def me(versions: list[RoleVersion]) -> User:
    """Scientist 1, on the way to Scientist 3."""
    person = UserFactory()
    hold(by=person, role=role_at(f"{LADDER}/l1"))
    pin(by=person, version=versions[2])
    return person


@pytest.fixture
def mine(client: Client, me: User) -> Client:
    client.force_login(me)
    return client


def flags(page: Any, path: str) -> dict[str, str]:
    """The text of the element at a path -> its flag, where it has one."""
    return {
        words(one.find(".//a")): words(flag)
        for one in page.findall(path)
        for flag in one.iter("span")
        if "flag" in (flag.get("class") or "").split()
    }


def test_matrix_marks_the_role_and_the_targets(mine: Client) -> None:
    page = tree(mine.get("/roles/"))
    assert flags(page, ".//table[@class='matrix']/tbody/tr/td") == {"Scientist 1": "You", "Scientist 3": "Target"}
    classes = {words(one.find("a")): one.get("class") for one in page.findall(".//table/tbody/tr/td")}
    assert classes == {"Scientist 1": "is-you", "Scientist 2": None, "Scientist 3": "is-target"}
    assert "You your current role Target a role that you pinned" in words(page.find(".//main"))


def test_search_marks_the_role_and_the_targets(mine: Client) -> None:
    page = tree(mine.get("/roles/?q=scientist"))
    assert flags(page, ".//ol/li/h3") == {"Scientist 1": "You", "Scientist 3": "Target"}


def test_fragment_of_the_matrix_has_the_marks_too(mine: Client) -> None:
    response = mine.get("/roles/?level=l3", headers={"HX-Request": "true", "HX-Target": "matrix"})
    assert response.content.count(b'class="is-target"') == 1


def test_ladder_marks_the_role_and_the_targets(mine: Client) -> None:
    page = tree(mine.get(f"/roles/{LADDER}/"))
    wanted = {"Scientist 1": "You", "Scientist 3": "Target"}
    assert flags(page, ".//table/thead/tr/th") == flags(page, ".//ol/li/p") == wanted


def test_role_marks_itself_and_its_neighbours(mine: Client) -> None:
    page = tree(mine.get(ROLE))
    assert words(page.find(".//h1")) == "Scientist 1 L1 You"
    rungs = {words(one): one.get("class").strip() for one in page.findall(".//nav[@class='ladder sticky']/ol/li")}
    assert rungs == {
        "L1 Scientist 1 You": "is-here is-you",
        "L2 Scientist 2": "",
        "L3 Scientist 3 Target": "is-target",
    }
    assert words(tree(mine.get(f"/roles/{LADDER}/l3/")).find(".//h1")) == "Scientist 3 L3 Target"


def test_role_that_is_both_says_both(mine: Client, me: User, versions: list[RoleVersion]) -> None:
    pin(by=me, version=versions[0])
    assert words(tree(mine.get(ROLE)).find(".//h1")) == "Scientist 1 L1 You Target"


def test_map_marks_the_role_and_the_targets(mine: Client) -> None:
    page = tree(mine.get("/roles/map/"))
    nodes = {one.get("aria-label"): one.get("class") for one in page.findall(".//svg/a")}
    assert nodes == {
        "Scientist 1, L1, you": "node here",
        "Scientist 2, L2": "node",
        "Scientist 3, L3, target": "node target",
    }
    link = page.find(".//section[@aria-labelledby='p-h']//a")
    assert (words(link), link.get("href")) == (
        "From your role to your target",
        f"/roles/map/?from={LADDER}/l1&to={LADDER}/l3",
    )


def test_map_with_a_path_says_start_and_you_at_once(mine: Client) -> None:
    page = tree(mine.get(f"/roles/map/?from={LADDER}/l1&to={LADDER}/l3"))
    nodes = {one.get("aria-label"): one.get("class") for one in page.findall(".//svg/a")}
    assert nodes == {
        "Scientist 1, L1, start, you": "node you",
        "Scientist 2, L2, 1 level to gain": "node onpath",
        "Scientist 3, L3, 2 levels to gain, destination, target": "node dest",
    }
    assert texts(page, ".//svg/g/text") == ["Start, You", "Destination, Target"]


def buttons(page: Any) -> list[str]:
    return [words(one) for one in page.findall(".//div[@class='page-head']/div[@class='row']/*")]


def test_role_leads_to_match_comparison_and_pin(mine: Client, versions: list[RoleVersion]) -> None:
    page = tree(mine.get(f"/roles/{LADDER}/l2/"))
    assert buttons(page) == [
        "Compare with my role",
        "Moves from here",
        "Your match",
        "Pin Scientist 2, L2 as a target",
    ]
    links = [one.get("href") for one in page.findall(".//div[@class='page-head']/div[@class='row']/a")]
    assert links == [
        f"/roles/compare/?from={LADDER}/l1&to={LADDER}/l2",
        f"/roles/map/?from={LADDER}/l2",
        f"/match/{LADDER}/l2/",
    ]
    form = page.find(".//form[@id='pin']")
    assert page.find(".//div[@class='page-head']/div/button").get("form") == "pin"
    fields = {one.get("name"): one.get("value") for one in form.findall("input")}
    response = mine.post(form.get("action"), fields, follow=True)
    assert response.redirect_chain == [(f"/roles/{LADDER}/l2/", 302)]
    page = tree(response)
    assert words(page.find(".//h1")) == "Scientist 2 L2 Target"
    assert buttons(page)[3] == "Unpin Scientist 2, L2"
    form = page.find(".//form[@id='pin']")
    mine.post(form.get("action"), {one.get("name"): one.get("value") for one in form.findall("input")})
    assert [str(one.role) for one in Target.objects.all()] == [f"{LADDER}/l3"]


def test_ones_own_role_is_compared_with_the_next(mine: Client) -> None:
    page = tree(mine.get(ROLE))
    assert buttons(page)[0] == "Compare"
    assert (
        page.find(".//div[@class='page-head']/div[@class='row']/a").get("href") == f"/roles/compare/?from={LADDER}/l1"
    )


def test_older_version_leads_to_its_own_match_and_takes_no_pin(mine: Client) -> None:
    published(role=f"{LADDER}/l2", title="Scientist 2", needs={"design": (3, "core")})
    page = tree(mine.get(f"/roles/{LADDER}/l2/history/1/"))
    assert buttons(page) == ["Compare with my role", "Moves from here", "Your match"]
    link = page.findall(".//div[@class='page-head']/div[@class='row']/a")[2]
    assert link.get("href") == f"/match/{LADDER}/l2/?version=1"


def test_somebody_without_a_record_sees_no_mark(client: Client) -> None:
    client.force_login(UserFactory())
    for address in MARKED:
        assert b'class="flag' not in client.get(address).content
    assert buttons(tree(client.get(ROLE)))[0] == "Compare"


@pytest.mark.parametrize("address", MARKED)
def test_marks_of_one_are_seen_by_nobody_else(address: str, mine: Client) -> None:
    """Whoever comes first: fragments are kept for everyone, pages for strangers."""
    other = Client()
    other.force_login(UserFactory())
    before = Client().get(address).content
    for _ in range(2):
        assert b'class="flag you"' in mine.get(address).content or address == "/roles/map/"
        assert b'class="flag' not in other.get(address).content
        assert Client().get(address).content == before
    for personal in (b'class="flag', b"csrfmiddlewaretoken", b"Your match", b"/targets/", b"is-you", b'"node here"'):
        assert personal not in before


def test_marks_follow_at_once(mine: Client, me: User) -> None:
    assert flags(tree(mine.get("/roles/")), ".//table/tbody/tr/td")["Scientist 1"] == "You"
    hold(by=me, role=role_at(f"{LADDER}/l2"))
    assert flags(tree(mine.get("/roles/")), ".//table/tbody/tr/td") == {"Scientist 2": "You", "Scientist 3": "Target"}


@pytest.mark.parametrize("address", [address for address in MARKED if "?" not in address])
def test_marks_cost_strangers_no_query_and_people_one(address: str, django_assert_num_queries: Any) -> None:
    stranger, person = Client(), Client()
    person.force_login(UserFactory())
    for one in (stranger, person):
        one.get(address)
    with django_assert_num_queries(1):
        stranger.get(address)
    with django_assert_num_queries(1 + 2 + 1):  # a session, a person, and their record
        person.get(address)


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("Associate Engineer", "an Associate Engineer"),
        ("Engineer", "an Engineer"),
        ("Junior Engineer", "a Junior Engineer"),
        ("UX Designer", "a UX Designer"),
        ("Unit Lead", "a Unit Lead"),
        ("Undertaker", "an Undertaker"),
        ("Observability Engineer", "an Observability Engineer"),
    ],
)
def test_article_goes_by_the_sound(title: str, said: str) -> None:
    assert article(title) == said
