"""What strangers get from the cache, and what must never come from it or get into it."""

from typing import Any

import pytest
from django.test import Client

from competencies.models import Competency
from people.models import User
from tests.conftest import tree, words
from tests.factories.competencies import AreaFactory, CompetencyFactory, IndicatorFactory, ProficiencyLevelFactory
from tests.factories.people import UserFactory
from tests.factories.roles import published, role_at

pytestmark = pytest.mark.django_db

PATH = "software-engineering/backend/l1"
ROLE = f"/roles/{PATH}/"
PAGES = (
    "/roles/",
    ROLE,
    f"{ROLE}history/",
    f"{ROLE}history/1/",
    f"{ROLE}difference/",
    f"{ROLE}job.json",
    f"/roles/{PATH}.json",
    "/roles/software-engineering/backend/",
    "/roles/compare/",
    "/roles/map/",
    "/competencies/",
    "/competencies/design/",
)


@pytest.fixture(autouse=True)
def backend() -> None:
    ProficiencyLevelFactory(number=1)
    IndicatorFactory(
        competency=CompetencyFactory(slug="design"),
        level=ProficiencyLevelFactory(number=2),
        text="Draws before building.",
    )
    published(role=role_at(PATH), title="Backend Engineer", needs={"design": (2, "core")})


@pytest.fixture
def person() -> User:
    return UserFactory(name="Noor Haddad")


@pytest.fixture
def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def etag(client: Client, page: str = ROLE, **headers: Any) -> str:
    response = client.get(page, **headers)
    assert response.status_code == 200
    return response.headers["ETag"]


def heading(client: Client, page: str = ROLE) -> str:
    return words(tree(client.get(page)).find(".//h1"))


# ── Strangers ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize("address", PAGES)
def test_page_costs_strangers_one_query_the_second_time(
    address: str, client: Client, django_assert_num_queries: Any
) -> None:
    first = client.get(address)
    assert first.status_code == 200
    with django_assert_num_queries(1):
        second = Client().get(address)
    assert second.status_code == 200
    assert second.content == first.content
    assert second.headers["Content-Type"] == first.headers["Content-Type"]
    assert second.headers["ETag"] == first.headers["ETag"]


@pytest.mark.parametrize("address", PAGES)
def test_page_that_a_stranger_has_is_not_sent_again(
    address: str, client: Client, django_assert_num_queries: Any
) -> None:
    known = etag(client, address)
    with django_assert_num_queries(1):
        again = client.get(address, headers={"If-None-Match": known})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(address, headers={"If-None-Match": '"another"'}).status_code == 200


def test_answer_without_a_body_has_the_headers_of_the_page(client: Client) -> None:
    """RFC 9110, 15.4.5: what a 200 would have said of caching, a 304 says too."""
    page = client.get(ROLE)
    again = client.get(ROLE, headers={"If-None-Match": page.headers["ETag"]})
    names = ("ETag", "Cache-Control", "Vary")
    assert [again.headers.get(name) for name in names] == [page.headers[name] for name in names]


def test_page_with_a_query_has_an_etag_of_its_own(client: Client) -> None:
    one, other = etag(client, "/roles/?level=l1"), etag(client, "/roles/?q=backend")
    assert len({one, other, etag(client, "/roles/")}) == 3
    assert client.get("/roles/?level=l1", headers={"If-None-Match": one}).status_code == 304


def test_fragment_has_an_etag_of_its_own(client: Client) -> None:
    whole = client.get("/roles/")
    part = client.get("/roles/", headers={"HX-Request": "true", "HX-Target": "matrix"})
    again = client.get("/roles/")
    assert whole.headers["ETag"] != part.headers["ETag"]
    assert whole.content != part.content
    assert again.content == whole.content


def test_page_says_what_it_varies_by(client: Client) -> None:
    for response in (client.get(ROLE), client.get(ROLE)):  # made, then kept
        assert {name.strip() for name in response.headers["Vary"].split(",")} >= {"Cookie", "HX-Request", "HX-Target"}
        assert response.headers["Cache-Control"] == "no-cache"


def test_head_answers_as_get_without_a_body(client: Client, signed_in: Client) -> None:
    for page in PAGES:
        head = client.head(page)
        assert (page, head.status_code, head.content) == (page, 200, b"")
        assert head.headers["ETag"] == etag(client, page)
        assert tree(client.get(page)) is not None if not page.endswith("json") else client.get(page).json()
        assert signed_in.head(page).status_code == 200


@pytest.mark.parametrize("address", [*PAGES, "/"])
def test_post_to_a_page_that_only_shows_is_refused(address: str, client: Client, signed_in: Client) -> None:
    assert client.post(address).status_code == 405
    assert signed_in.post(address).status_code == 405


def test_missing_page_is_not_kept(client: Client) -> None:
    later = "/roles/software-engineering/backend/l2/"
    missing = client.get(later)
    assert missing.status_code == 404
    assert "ETag" not in missing.headers
    published(
        role=role_at("software-engineering/backend/l2"), title="Senior Backend Engineer", needs={"design": (3, "core")}
    )
    assert heading(client, later) == "Senior Backend Engineer L2"


# ── What changes a page ─────────────────────────────────────────────────────


def test_new_version_changes_page_and_etag(client: Client) -> None:
    before = etag(client)
    assert heading(client) == "Backend Engineer L1"
    published(role=role_at(PATH), title="Service Engineer", needs={"design": (3, "core")})
    assert etag(client) != before
    assert client.get(ROLE, headers={"If-None-Match": before}).status_code == 200
    assert heading(client) == "Service Engineer L1"


def test_competency_edited_in_the_admin_changes_page_and_etag(client: Client) -> None:
    design = Competency.objects.get(slug="design")
    before = etag(client)
    competency_page = etag(client, "/competencies/design/")
    admin = Client()
    admin.force_login(UserFactory(is_staff=True, is_superuser=True))
    saved = admin.post(
        f"/admin/competencies/competency/{design.pk}/change/",
        {
            "area": AreaFactory(slug="building").pk,
            "slug": "design",
            "name": "Designing",
            "definition": "Thinking first.",
            "position": 0,
            "indicators-TOTAL_FORMS": 0,
            "indicators-INITIAL_FORMS": 0,
        },
    )
    assert (saved.status_code, saved.headers["Location"]) == (302, "/admin/competencies/competency/")
    assert etag(client) != before
    assert etag(client, "/competencies/design/") != competency_page
    assert words(tree(client.get(ROLE)).find(".//table[@class='req']/tbody/tr/th")) == "Designing"
    assert heading(client, "/competencies/design/") == "Designing"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_theme_changes_page_and_etag(theme: str, client: Client) -> None:
    plain = etag(client)
    assert tree(client.get(ROLE)).find("html[@data-theme]") is None
    client.cookies["theme"] = theme
    assert etag(client) != plain
    assert tree(client.get(ROLE)).find("html").get("data-theme") == theme
    assert etag(Client()) == plain


def test_unknown_theme_is_as_none(client: Client) -> None:
    plain = etag(client)
    client.cookies["theme"] = "pink"
    assert etag(client) == plain


def test_release_changes_the_etag(client: Client, settings: Any) -> None:
    before = etag(client)
    settings.RELEASE = "the next one"
    assert etag(client) != before


def test_each_host_has_its_own_page(client: Client, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["one.example", "two.example"]
    for host in ("one.example", "two.example"):
        head = tree(client.get(ROLE, headers={"Host": host})).find("html/head/link[@rel='canonical']")
        assert head.get("href") == f"http://{host}{ROLE}"


def test_page_of_the_version_in_force_leaves_the_role_page_whole(client: Client) -> None:
    """Both show one version, but only the role's own page links to what programs read."""
    alone = client.get(ROLE).content
    published(role=role_at("software-engineering/backend/l2"), title="Another")  # a new stamp, so nothing is kept
    client.get(f"{ROLE}history/1/")
    links = [one.get("href") for one in tree(client.get(ROLE)).findall(".//dl[@class='facts']//a")]
    assert links == [f"{ROLE}history/", f"/roles/{PATH}.json", f"{ROLE}job.json"]
    assert b"job.json" in alone


# ── People ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("address", PAGES)
def test_page_of_somebody_signed_in_stays_theirs(address: str, client: Client, signed_in: Client) -> None:
    """First with nothing kept, then with the strangers' address kept."""
    for _ in range(2):
        theirs = signed_in.get(address)
        assert theirs.status_code == 200
        assert "ETag" not in theirs.headers
        assert {part.strip() for part in theirs.headers["Cache-Control"].split(",")} == {"private", "no-cache"}
        strangers = client.get(address)
        assert b"Noor Haddad" not in strangers.content
        if not address.endswith("json"):
            assert words(tree(theirs).find(".//button[@class='avatar']")) == "NH, account menu for Noor Haddad"
            assert tree(strangers).find(".//button[@class='avatar']") is None


def test_etag_of_strangers_gives_nothing_to_somebody_signed_in(client: Client, signed_in: Client) -> None:
    assert signed_in.get(ROLE, headers={"If-None-Match": etag(client)}).status_code == 200


def test_message_is_shown_once_and_not_kept(person: User) -> None:
    client = Client()
    client.force_login(person)
    after = tree(client.post("/accounts/logout/", follow=True))
    assert words(after.find(".//div[@role='status']")) == "You are signed out."
    assert after.find(".//button[@class='avatar']") is None
    for stranger in (Client(), client):
        assert tree(stranger.get("/roles/")).find(".//div[@role='status']") is None
