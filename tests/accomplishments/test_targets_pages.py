"""Pinning from any page, the page of targets, and newer versions of them."""

from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accomplishments.models import Target
from accomplishments.services import targets
from people.models import User
from roles.queries.snapshot import _snapshot
from tests.accomplishments.test_targets import pins, standing
from tests.conftest import texts, tree, words
from tests.factories.accomplishments import entry
from tests.factories.people import UserFactory
from tests.factories.roles import published

pytestmark = pytest.mark.django_db

PATH = "data/science/l1"
VERBS = ("unpin", "make_primary", "move_on", "stay")


@pytest.fixture
def me() -> User:
    return UserFactory()


@pytest.fixture
def mine(client: Client, me: User) -> Client:
    client.force_login(me)
    return client


def said(mine: Client) -> list[str]:
    return texts(tree(mine.get("/targets/")), ".//div[@role='status']")


# ── Pin and unpin ───────────────────────────────────────────────────────────


def test_pin_leads_back_with_a_message(mine: Client, me: User) -> None:
    published(role=PATH, title="Scientist", needs={"design": (1, "core")})
    response = mine.post("/targets/pin/", {"role": PATH, "next": f"/match/{PATH}/"})
    assert (response.status_code, response.headers["Location"]) == (302, f"/match/{PATH}/")
    assert standing(me) == [(1, PATH, True)]
    assert said(mine) == ["Scientist, L1 is one of your targets."]


@pytest.mark.parametrize(
    "address", ["https://evil.example/", "//evil.example", "/\\evil.example", "evil", "javascript:x"]
)
def test_pin_never_leads_to_another_host(address: str, mine: Client) -> None:
    published(role=PATH)
    assert mine.post("/targets/pin/", {"role": PATH, "next": address}).headers["Location"] == "/targets/"


@pytest.mark.parametrize("role", ["", "data/science/l9", "x" * 5000, "\x00", f"{PATH}/"])
def test_pin_of_what_is_not_there_is_not_found(role: str, mine: Client) -> None:
    published(role=PATH)
    assert mine.post("/targets/pin/", {"role": role}).status_code == 404


def test_pin_by_htmx_gives_the_other_button(mine: Client, me: User) -> None:
    version = published(role=PATH)
    swap = {"HX-Request": "true", "HX-Target": f"pin-{version.pk}"}
    button = tree(mine.post("/targets/pin/", {"role": PATH, "next": "/match/?page=2"}, headers=swap)).find("./div")
    assert button.find("./form/input[@name='next']").get("value") == "/match/?page=2"
    assert button.get("id") == f"pin-{version.pk}"
    action = button.find("./form").get("action")
    assert action == f"/targets/{me.targets.get().pk}/unpin/"
    back = tree(mine.post(action, headers=swap)).find("./div")
    assert back.find("./form").get("action") == "/targets/pin/"
    assert not me.targets.exists()
    assert said(mine) == []


def test_sixth_pin_says_what_to_do(mine: Client, me: User) -> None:
    pins(me, 5)
    sixth = published(role="data/science/l6")
    mine.post("/targets/pin/", {"role": "data/science/l6"})
    assert said(mine) == ["You have 5 targets, which is the most. Unpin one first, then pin this role."]
    swap = {"HX-Request": "true", "HX-Target": f"pin-{sixth.pk}"}
    part = tree(mine.post("/targets/pin/", {"role": "data/science/l6"}, headers=swap))
    assert words(part.find(".//p[@role='alert']")).startswith(
        "You have five targets, which is the most. Unpin one first"
    )
    assert me.targets.count() == 5


def test_pin_twice_is_one_target(mine: Client, me: User) -> None:
    published(role=PATH)
    for _ in range(2):
        assert mine.post("/targets/pin/", {"role": PATH}).status_code == 302
    assert me.targets.count() == 1


def test_make_primary_and_unpin_move_the_primary_one(mine: Client, me: User) -> None:
    _, second = pins(me, 2)
    assert mine.post(f"/targets/{second.pk}/make_primary/").headers["Location"] == "/targets/"
    assert [primary for _, _, primary in standing(me)] == [False, True]
    mine.post(f"/targets/{second.pk}/unpin/")
    assert standing(me) == [(1, "data/science/l1", True)]
    assert said(mine) == ["Scientist 2 is your primary target.", "Scientist 2 is no target of yours any more."]


@pytest.mark.parametrize("verb", VERBS)
def test_target_of_another_is_not_found(verb: str, mine: Client) -> None:
    other = UserFactory()
    (theirs,) = pins(other, 1)
    newer = published(role=theirs.role)
    assert mine.post(f"/targets/{theirs.pk}/{verb}/", {"version": newer.number}).status_code == 404
    assert mine.post(f"/targets/{theirs.pk + 1}/{verb}/").status_code == 404
    assert Target.objects.values("is_primary", "stayed", "version").get() == {
        "is_primary": True,
        "stayed": 0,
        "version": theirs.version_id,
    }


# ── The page ────────────────────────────────────────────────────────────────


def test_targets_without_one_offer_a_first_step(mine: Client) -> None:
    page = tree(mine.get("/targets/"))
    assert words(page.find(".//div[@class='empty']/h2")) == "No target yet"


def test_targets_show_match_and_gates_the_primary_first(mine: Client, me: User) -> None:
    for level, need in ((1, 1), (2, 2)):
        published(role=f"data/science/l{level}", title=f"Scientist {level}", needs={"design": (need, "core")})
        mine.post("/targets/pin/", {"role": f"data/science/l{level}"})
    entry(person=me, claims={"design": 1}, ended_on=timezone.localdate())
    mine.post(f"/targets/{me.targets.get(slot=2).pk}/make_primary/")
    page = tree(mine.get("/targets/"))
    assert texts(page, ".//ul[@class='rule-list targets']/li/div/h3") == [
        "Scientist 2 L2 Primary target",
        "Scientist 1 L1",
    ]
    assert [one.split(",")[0] for one in texts(page, ".//ul[@class='rule-list targets']/li/div/p[2]")] == [
        "25 % match",
        "50 % match",
    ]
    assert words(page.find(".//footer")) == "You can pin 3 more."


def test_targets_hold_what_has_nothing_to_match(mine: Client, me: User) -> None:
    targets.pin(by=me, version=published(role=PATH, title="Empty"))
    assert texts(tree(mine.get("/targets/")), ".//ul[@class='rule-list targets']/li/div/p[2]") == [
        "There is nothing to match."
    ]


# ── Newer versions ──────────────────────────────────────────────────────────


@pytest.fixture
def outdated(me: User) -> Target:
    """A target whose role has a second version since, with one requirement of each kind of change."""
    needs = {"design": (2, "core"), "law": (2, "core"), "testing": (1, "core"), "music": (1, "emerging")}
    target = targets.pin(by=me, version=published(role=PATH, title="Scientist", needs=needs))
    entry(person=me, claims={"design": 2, "testing": 1}, ended_on=timezone.localdate())
    needs = {"design": (3, "core"), "law": (1, "core"), "testing": (1, "supporting"), "ethics": (1, "core")}
    published(role=target.role, title="Scientist", needs=needs)
    return target


def changed(page: Any) -> list[list[str]]:
    return [texts(one, "./*") for one in page.findall(".//section[@class='panel new-version']//tbody/tr")]


def test_new_version_shows_what_changed_for_me(mine: Client, outdated: Target) -> None:
    page = tree(mine.get("/targets/"))
    notice = page.find(".//section[@class='panel new-version']")
    assert words(notice.find("./h2")) == "Scientist, L1: version 2 is in force"
    assert "Your match: 30 % with version 1, 18 % with version 2." in words(notice)
    assert sorted(changed(page)) == [
        ["Design", "raised: 2 to 3", "50 % → 33 %"],
        ["Ethics", "new: level 1, core", "– → 0 %"],
        ["Law", "lowered: 2 to 1", "0 % → 0 %"],
        ["Music", "gone, was level 1", "0 % → –"],
        ["Testing", "core to supporting", "50 % → 50 %"],
    ]
    link = page.find(".//ul[@class='rule-list targets']//h3/a").get("href")
    assert link == f"/match/{PATH}/?version=1"


@pytest.mark.parametrize("address", [f"/match/{PATH}/", f"/match/{PATH}/?version=1"])
def test_new_version_is_shown_on_the_match_too(address: str, mine: Client, outdated: Target) -> None:
    page = tree(mine.get(address))
    assert len(changed(page)) == 5
    back = page.find(".//section[@class='panel new-version']//input[@name='next']").get("value")
    assert back == address


def test_move_on_takes_the_new_version(mine: Client, me: User, outdated: Target) -> None:
    response = mine.post(f"/targets/{outdated.pk}/move_on/", {"version": "2", "next": f"/match/{PATH}/"})
    assert response.headers["Location"] == f"/match/{PATH}/"
    assert (me.targets.get().version.number, me.targets.get().stayed) == (2, 0)
    page = tree(mine.get("/targets/"))
    assert texts(page, ".//div[@role='status']") == ["Your target is version 2 now."]
    assert changed(page) == []


def test_stay_is_quiet_until_a_still_newer_one(mine: Client, me: User, outdated: Target) -> None:
    mine.post(f"/targets/{outdated.pk}/stay/", {"version": "2"})
    assert (me.targets.get().version.number, me.targets.get().stayed) == (1, 2)
    page = tree(mine.get("/targets/"))
    assert texts(page, ".//div[@role='status']") == ["Your target stays as it is; version 2 is left alone."]
    assert changed(page) == []
    published(role=outdated.role, title="Scientist", needs={"design": (1, "core")})
    assert len(changed(tree(mine.get("/targets/")))) > 0


@pytest.mark.parametrize("verb", ["move_on", "stay"])
@pytest.mark.parametrize("version", ["1", "3", "", "x"])
def test_only_the_version_that_was_shown_is_taken(
    verb: str, version: str, mine: Client, me: User, outdated: Target
) -> None:
    mine.post(f"/targets/{outdated.pk}/{verb}/", {"version": version})
    assert (me.targets.get().version.number, me.targets.get().stayed) == (1, 0)
    assert said(mine) == ["Version 2 came into force meanwhile. Look at what it changes first."]


@pytest.mark.parametrize("count", [1, 5])
def test_targets_cost_eleven_queries_cold_and_four_warm(count: int, mine: Client, me: User) -> None:
    for target in pins(me, count):
        published(role=target.role, needs={"design": (1, "core")})
    cache.clear()
    _snapshot.cache_clear()
    found = []
    for _ in ("cold", "warm"):
        with CaptureQueriesContext(connection) as queries:
            assert mine.get("/targets/").status_code == 200
        found.append(len(queries))
    assert found == [11, 4]
