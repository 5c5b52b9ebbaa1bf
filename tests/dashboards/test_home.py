"""The home page: what it teaches a newcomer, what it shows of the way to a target, and what it costs."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accomplishments.choices import State
from accomplishments.models import Accomplishment, Claim, Ratings, Record, ScoringPolicy, Verification
from accomplishments.services import targets
from accomplishments.services.entries import Claimed, Typed, archive, delete, save
from accomplishments.services.record import hold
from ladder.ago import ago
from people.models import User
from roles.models import Role
from roles.queries.snapshot import _snapshot
from tests.conftest import texts, tree, words
from tests.factories.accomplishments import asked, claim_of, entry, verified
from tests.factories.competencies import CompetencyFactory, IndicatorFactory, ProficiencyLevelFactory
from tests.factories.people import UserFactory
from tests.factories.roles import published, role_at

pytestmark = pytest.mark.django_db

BACKEND, QUALITY = "software-engineering/backend", "software-engineering/quality"
NEEDS = {"design": (2, "core"), "operations": (2, "core"), "writing": (1, "supporting")}
NOW = datetime(2026, 7, 31, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def today(time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def me() -> User:
    return UserFactory(name="Noor Haddad")


@pytest.fixture
def mine(client: Client, me: User) -> Client:
    client.force_login(me)
    return client


@pytest.fixture
def roles() -> dict[str, Any]:
    """A small catalogue: three backend levels, two quality levels, a way across."""
    for number in range(1, 6):
        ProficiencyLevelFactory(number=number)
    across = {"sideways": [{"role": f"{QUALITY}/l1"}]}
    role_at(f"{QUALITY}/l1")
    return {
        "l1": published(
            role=f"{BACKEND}/l1", title="Associate Backend Engineer", needs={"design": (1, "core")}, moves=across
        ),
        "l2": published(role=f"{BACKEND}/l2", title="Backend Engineer", needs=NEEDS),
        "l3": published(role=f"{BACKEND}/l3", title="Senior Backend Engineer", needs={"design": (4, "core")}),
        "q1": published(role=f"{QUALITY}/l1", title="Quality Engineer", needs={"testing": (1, "core")}),
        "q2": published(role=f"{QUALITY}/l2", title="Senior Quality Engineer", needs={"testing": (2, "core")}),
    }


def home(client: Client) -> Element:
    return tree(client.get("/"))


def part(page: Element, name: str) -> Element | None:
    """A panel by its id."""
    return page.find(f".//section[@id='{name}']")


def worked_example(person: User) -> list[Accomplishment]:
    """72.5 %, 60 % verified, one gate of two."""
    made = [
        entry(person=person, title="Drew it", claims={"design": 2}),
        entry(person=person, title="Ran it", claims={"operations": 2}, part="contributed"),
        entry(person=person, title="Wrote it", claims={"writing": 1}),
    ]
    verified(claim_of(made[0], "design"))
    verified(claim_of(made[1], "operations"))
    return made


# ── Strangers and newcomers ─────────────────────────────────────────────────


def test_home_sends_strangers_on_to_the_catalogue(client: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        response = client.get("/")
    assert (response.status_code, response.headers["Location"]) == (302, "/roles/")
    assert "private" in response.headers["Cache-Control"]


def test_home_is_kept_by_nobody_else(mine: Client) -> None:
    response = mine.get("/")
    assert {one.strip() for one in response.headers["Cache-Control"].split(",")} == {"private", "no-cache"}
    assert "Cookie" in response.headers["Vary"]


def steps(page: Element) -> list[tuple[str, bool, bool]]:
    """Each first step: its words, is it done, is it next?"""
    found = page.findall(".//section[@id='first-steps']/ol/li")
    return [(words(one.find("b")), one.get("class") == "done", one.get("aria-current") == "step") for one in found]


@pytest.mark.usefixtures("roles")
def test_home_teaches_the_three_first_steps_and_ticks_them_off(mine: Client, me: User) -> None:
    page = home(mine)
    assert texts(page, ".//h1") == ["Home"]
    assert words(page.find(".//div[@class='page-head']/div/p")) == (
        "Three things make this page useful: your role, a target, and a first entry."
    )
    assert steps(page) == [
        ("Say which role you hold", False, True),
        ("Pick a target", False, False),
        ("Log a first accomplishment", False, False),
    ]
    assert [one.get("href") for one in page.findall(".//div[@class='empty']//a")] == ["/log/new/", "/log/import/"]
    mine.post("/record/role/", {"role": f"{BACKEND}/l1", "since": ""})
    assert steps(home(mine)) == [
        ("Done: Say which role you hold", True, False),
        ("Pick a target", False, True),
        ("Log a first accomplishment", False, False),
    ]
    mine.post("/targets/pin/", {"role": f"{BACKEND}/l2", "next": "/"})
    page = home(mine)
    assert [done for _, done, _ in steps(page)] == [True, True, False]
    assert texts(page, ".//h1") == ["Towards Backend Engineer L2"]
    assert part(page, "pick") is None
    entry(person=me, claims={"design": 2})
    page = home(mine)
    assert steps(page) == []
    assert page.find(".//div[@class='empty']") is None


@pytest.mark.usefixtures("roles")
def test_home_asks_for_the_role_on_the_spot(mine: Client, me: User) -> None:
    form = home(mine).find(".//section[@id='first-steps']/form")
    assert (form.get("method"), form.get("action")) == ("post", "/record/role/")
    assert [one.get("label") for one in form.findall(".//optgroup")] == [
        "Software engineering: Backend",
        "Software engineering: Quality",
    ]
    response = mine.post("/record/role/", {"role": f"{BACKEND}/l2", "since": "2025-03-01"}, follow=True)
    assert response.redirect_chain == [("/", 302)]
    said = words(tree(response).find(".//div[@class='page-head']/div/p"))
    assert said == (
        "You are a Backend Engineer, L2, since March 2025. "
        "Two things make this page useful: a target, and a first entry. Change role"
    )
    assert Record.objects.get(pk=me.pk).role == Role.objects.get(specialty__slug="backend", level__number=2)


@pytest.mark.usefixtures("roles")
def test_home_suggests_one_step_up_and_the_ways_across(mine: Client, me: User) -> None:
    hold(by=me, role=role_at(f"{BACKEND}/l1"))
    panel = part(home(mine), "pick")
    assert texts(panel, ".//li/div[1]") == [
        "Backend Engineer L2One step up on your ladder; shares 1 of 3 competencies",
        "Quality Engineer L1Sideways; shares 0 of 1 competency",
    ]
    forms = panel.findall(".//form")
    assert [one.find("input[@name='role']").get("value") for one in forms] == [f"{BACKEND}/l2", f"{QUALITY}/l1"]
    assert {one.find("input[@name='next']").get("value") for one in forms} == {"/"}
    assert [one.get("hx-post") for one in forms] == [None, None]  # the whole page changes


@pytest.mark.usefixtures("roles")
def test_home_suggests_what_to_do_where_no_move_leads_on(mine: Client, me: User) -> None:
    hold(by=me, role=role_at(f"{BACKEND}/l3"))
    assert "No move leads on from your role." in words(part(home(mine), "pick"))
    hold(by=me, role=None)
    assert "Say which role you hold, and Ladder names the roles" in words(part(home(mine), "pick"))


@pytest.mark.usefixtures("roles")
def test_home_of_somebody_with_drafts_only_asks_to_finish_them(mine: Client, me: User) -> None:
    entry(person=me, title="Half told", log=False)
    page = home(mine)
    assert steps(page)[2] == ("Log a first accomplishment", False, False)
    empty = page.find(".//div[@class='empty']")
    assert texts(empty, "h2") == ["Nothing counts yet"]
    link = empty.find(".//a")
    assert (words(link), link.get("href")) == ("Finish your draft", "/log/?state=draft")


def test_home_without_any_role_in_the_catalogue_is_whole(mine: Client) -> None:
    assert steps(home(mine))[0] == ("Say which role you hold", False, True)


# ── The target ──────────────────────────────────────────────────────────────


@pytest.fixture
def aiming(me: User, roles: dict[str, Any], time_machine: Any) -> User:
    """On the way to Backend Engineer, since twelve weeks."""
    time_machine.move_to(NOW - timedelta(weeks=12), tick=False)
    hold(by=me, role=role_at(f"{BACKEND}/l1"), since=date(2025, 3, 1))
    targets.pin(by=me, version=roles["l2"])
    time_machine.move_to(NOW, tick=False)
    return me


def test_home_says_who_one_is_and_where_to(mine: Client, aiming: User, roles: dict[str, Any]) -> None:
    worked_example(aiming)
    page = home(mine)
    assert texts(page, ".//h1") == ["Towards Backend Engineer L2"]
    assert words(page.find(".//div[@class='page-head']/div/p")) == (
        "You are an Associate Backend Engineer, L1, since March 2025. Target pinned 12 weeks ago. Change role Targets"
    )
    targets.pin(by=aiming, version=roles["l3"])
    assert "All 2 targets" in words(home(mine).find(".//div[@class='page-head']"))


def test_home_shows_the_match_with_its_gates_and_every_competency(mine: Client, aiming: User) -> None:
    worked_example(aiming)
    panel = part(home(mine), "target-shape")
    assert words(panel.find(".//p[@class='figure']")) == "73 % match60 % counting verified evidence only"
    assert "1 of 2 core competencies met" in words(panel)
    assert [texts(row, "*") for row in panel.findall(".//table/tbody/tr")] == [
        ["core: Design", "", "2 / 2"],
        ["core: Operations", "", "1.2 / 2"],
        ["supporting: Writing", "", "0.5 / 1"],
    ]
    assert panel.find(".//header/a").get("href") == f"/match/{BACKEND}/l2/"
    assert panel.find(".//figure/svg/title") is not None


def test_home_names_the_first_steps_of_the_plan_with_the_match_after_each(mine: Client, aiming: User) -> None:
    _, ran, wrote = worked_example(aiming)
    gaps = part(home(mine), "gaps")
    assert words(gaps.find("header")) == "Closest gaps, and what would close them3 levels to go"
    assert [words(one) for one in gaps.findall(".//li")] == [
        "WritingSupporting0.5 of 1 Have Wrote it confirmed at level 1. Ask someone about Wrote it Match after it: 85 %",
        "OperationsCore1.2 of 2 Do work like Ran it again as its owner. Log such work Match after it: 100 %",
    ]
    links = [one.get("href") for one in gaps.findall(".//li/p/a")]
    assert links == [f"/log/{wrote.pk}/", f"/log/{wrote.pk}/ask/", f"/log/{ran.pk}/", "/log/new/?competency=operations"]


def test_home_says_once_what_is_to_be_done_more_than_once(mine: Client, me: User, roles: dict[str, Any]) -> None:
    targets.pin(by=me, version=roles["l3"])
    gaps = part(home(mine), "gaps")
    assert [words(one.find("p")) for one in gaps.findall(".//li")] == [
        "Do new work at level 4, own it, and have it confirmed. Log it for Design 2 times. Match after it: 100 %"
    ]


def test_home_names_what_comes_after_a_target_that_is_met(mine: Client, aiming: User) -> None:
    made = entry(person=aiming, claims={"design": 2, "operations": 2, "writing": 1})
    for claim in made.claims.all():
        verified(claim)
    gaps = part(home(mine), "gaps")
    assert words(gaps.find("p")) == "Every requirement is met. Next on this ladder: Senior Backend Engineer, L3."
    assert gaps.find("p/a").get("href") == f"/roles/{BACKEND}/l3/"


def test_home_draws_how_the_match_went(mine: Client, aiming: User) -> None:
    fills = {"design": [[0.5] * 5, [0.0] * 5]}
    Ratings.objects.create(person=aiming, taken_on=date(2026, 5, 1), policy=1, fills=fills)
    Ratings.objects.create(person=aiming, taken_on=date(2026, 7, 31), policy=1, fills={})
    worked_example(aiming)
    panel = part(home(mine), "trend")
    assert words(panel.find(".//div/p")) == (
        "From 19 % on 1 May 2026 to 73 % on 31 Jul 2026; counting verified evidence only, from 0 % to 60 %."
    )
    assert [texts(row, "*") for row in panel.findall(".//details//tbody/tr")] == [
        ["31 Jul 2026", "73 %", "60 %"],
        ["1 May 2026", "19 %", "0 %"],
    ]


def test_home_says_when_the_trend_begins(mine: Client, aiming: User) -> None:
    assert words(part(home(mine), "trend").find("p")) == "From the second day on, this shows how far you have come."


def test_home_tells_of_a_new_version_of_a_pinned_role(mine: Client, aiming: User) -> None:
    worked_example(aiming)
    published(role=f"{BACKEND}/l2", title="Backend Engineer", needs={"design": (2, "core")})
    page = home(mine)
    news = page.find(".//div[@class='stack news']/section")
    assert words(news.find("h2")) == "Backend Engineer, L2: version 2 is in force"
    target = aiming.targets.get()
    assert [one.get("action") for one in news.findall(".//form")] == [
        f"/targets/{target.pk}/move_on/",
        f"/targets/{target.pk}/stay/",
    ]
    assert words(part(page, "target-shape").find(".//p[@class='figure']/b")) == "73 %"  # still at what was pinned
    assert part(page, "target-shape").find(".//header/a").get("href") == f"/match/{BACKEND}/l2/?version=1"
    mine.post(f"/targets/{target.pk}/move_on/", {"version": "2", "next": "/"})
    page = home(mine)
    assert page.find(".//div[@class='stack news']") is None
    assert words(part(page, "target-shape").find(".//p[@class='figure']/b")) == "100 %"


def test_home_copes_with_a_target_without_requirements(mine: Client, me: User) -> None:
    targets.pin(by=me, version=published(role="data/science/l1", title="Scientist"))
    assert "There is nothing to match" in texts(home(mine), ".//h2")


def test_home_copes_with_roles_that_are_not_in_force(mine: Client, me: User) -> None:
    later = published(role="data/science/l1", title="Scientist", needs=NEEDS, effective_from="2027-01-01")
    targets.pin(by=me, version=later)
    hold(by=me, role=later.role)
    page = home(mine)
    assert texts(page, ".//h1") == ["Home"]
    assert "The role that you pinned is not in force at present." in words(page)


# ── The log, and what waits ─────────────────────────────────────────────────


def recent(page: Element) -> list[tuple[str, str]]:
    """Title, and what stands beside its day."""
    items = page.findall(".//ul[@class='rule-list recent']/li")
    return [(words(one.find("a")), words(one.find("div/span"))) for one in items]


def test_home_lists_the_newest_entries_with_their_proof(mine: Client, me: User) -> None:
    for day, title in enumerate(("First", "Second", "Third"), start=1):
        made = entry(person=me, title=title, claims={"design": 1}, ended_on=date(2026, 6, day))
    verified(claim_of(made, "design"))
    entry(person=me, title="Noted", log=False, ended_on=date(2026, 7, 1))
    archive(entry=entry(person=me, title="Put away", ended_on=date(2026, 7, 2)), by=me)
    delete(entry=entry(person=me, title="Gone", ended_on=date(2026, 7, 2)), by=me)
    entry(title="Of somebody else", ended_on=date(2026, 7, 3))
    page = home(mine)
    assert recent(page) == [("Noted", "Draft"), ("Third", "Peer-verified"), ("Second", "Self-claimed")]
    assert [(words(one), one.get("href")) for one in page.findall(".//section/header/a[@class='small']")] == [
        ("All 4", "/log/")
    ]
    assert "1 draft to finish" in words(page)


def test_home_lists_open_questions_grouped_as_they_were_asked(mine: Client, me: User, time_machine: Any) -> None:
    peer = UserFactory(name="Priya Raman")
    made = entry(person=me, title="Cut the p99", claims={"design": 2, "operations": 1})
    time_machine.move_to(NOW - timedelta(days=4), tick=False)
    first = asked(claim_of(made, "design"), by=peer)
    second = asked(claim_of(made, "operations"), by=peer)
    Verification.objects.filter(pk=second.pk).update(batch=first.batch)
    Record.bump(me.pk)
    time_machine.move_to(NOW, tick=False)
    verified(claim_of(entry(person=me, title="Answered", claims={"design": 1}), "design"))
    asked(claim_of(entry(title="Of somebody else", claims={"design": 1}), "design"))
    panel = part(home(mine), "asked")
    assert words(panel.find("header")) == "Waiting for an answer 1 open"
    assert [words(one) for one in panel.findall(".//li")] == [
        "Priya Raman about Cut the p99Design 2, Operations 1 · asked 4 days ago"
    ]
    archive(entry=made, by=me)
    assert "No question of yours is open." in words(part(home(mine), "asked"))


def test_home_lists_the_oldest_questions_and_counts_all(mine: Client, me: User) -> None:
    made = entry(person=me, claims={"design": 1})
    for _ in range(6):
        asked(claim_of(made, "design"))
    panel = part(home(mine), "asked")
    assert len(panel.findall(".//li")) == 4
    assert words(panel.find("footer")) == "All 6, and what you are asked"


def test_home_takes_a_title_at_once(mine: Client, me: User) -> None:
    forms = [home(mine).find(".//form[@action='/log/quick/']") for _ in range(2)]
    tokens = [one.find("input[@name='token']").get("value") for one in forms]
    assert len(set(tokens)) == 2  # or the second thought of the day would be lost as a double submit
    for token, title in zip(tokens, ("One thing", "Another"), strict=True):
        assert mine.post("/log/quick/", {"title": title, "token": token}).status_code == 302
    assert sorted(me.accomplishments.values_list("title", "state")) == [
        ("Another", State.DRAFT),
        ("One thing", State.DRAFT),
    ]


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (0, "today"),
        (1, "1 day ago"),
        (13, "13 days ago"),
        (14, "2 weeks ago"),
        (84, "12 weeks ago"),
        (181, "25 weeks ago"),
        (182, "5 months ago"),
        (366, "12 months ago"),
    ],
)
def test_ago_is_rough(days: int, said: str) -> None:
    assert ago(NOW.date() - timedelta(days=days), NOW.date()) == said


# ── What is kept, and what it costs ─────────────────────────────────────────


def test_home_follows_every_change_at_once(mine: Client, aiming: User) -> None:
    made = worked_example(aiming)

    def figure() -> str:
        return words(part(home(mine), "target-shape").find(".//p[@class='figure']/b"))

    assert figure() == "73 %"
    verified(claim_of(made[2], "writing"))
    assert figure() == "85 %"
    typed = Typed({"part": "assisted"}, [Claimed(CompetencyFactory(slug="design").pk, 2)])
    save(entry=made[0], by=aiming, typed=typed, edits=made[0].edits, agreed=True)
    assert figure() == "53 %"
    ScoringPolicy.objects.create(version=2, reason="Nobody's word counts less.", self_claimed="0.8")
    assert figure() == "57 %"
    mine.post(f"/match/{BACKEND}/l2/not-applicable/", {"competency": "design", "reason": "Somebody else's."})
    assert figure() == "76 %"


def test_home_of_one_is_never_shown_to_another(mine: Client, aiming: User, me: User) -> None:
    entry(person=aiming, title="My own secret")
    assert b"My own secret" in mine.get("/").content
    other = Client()
    other.force_login(UserFactory())
    assert b"My own secret" not in other.get("/").content
    assert b"My own secret" not in Client().get("/", follow=True).content


def test_home_keeps_no_token_of_another_session(me: User, roles: dict[str, Any]) -> None:
    first, second = (Client(enforce_csrf_checks=True) for _ in range(2))
    for one in (first, second):
        one.force_login(me)
        form = home(one).find(".//section[@id='first-steps']/form")
        token = form.find("input[@name='csrfmiddlewaretoken']").get("value")
        assert one.post("/record/role/", {"role": "", "csrfmiddlewaretoken": token}).status_code == 302


def many(person: User, count: int) -> None:
    """So many logged entries with a claim each, some verified, some waiting."""
    entries = Accomplishment.objects.bulk_create(
        Accomplishment(
            person=person,
            title=f"Entry {number}",
            state=State.LOGGED,
            part="owned",
            scope="team",
            ended_on=NOW.date() - timedelta(days=number % 700),
            day=NOW.date() - timedelta(days=number % 700),
        )
        for number in range(count)
    )
    slugs = [CompetencyFactory(slug=slug) for slug in NEEDS]
    claims = Claim.objects.bulk_create(
        Claim(accomplishment=one, slot=1, competency=slugs[number % 3], level=1 + number % 3)
        for number, one in enumerate(entries)
    )
    peer = UserFactory()
    Verification.objects.bulk_create(
        Verification(claim=claim, owner=person, verifier=peer, name="Peer", asked_at=NOW)
        if number % 2
        else Verification(
            claim=claim, owner=person, verifier=peer, name="Peer", answer="confirmed", asked_at=NOW, answered_at=NOW
        )
        for number, claim in enumerate(claims)
    )
    Ratings.objects.bulk_create(
        Ratings(person=person, taken_on=NOW.date() - timedelta(days=number + 1), policy=1, fills={})
        for number in range(min(count, 300))
    )
    Record.bump(person.pk)


def cost(client: Client) -> tuple[int, int]:
    """Queries with nothing in any cache, and once more."""
    cache.clear()
    _snapshot.cache_clear()
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/").status_code == 200
        counts.append(len(queries))
    return counts[0], counts[1]


@pytest.mark.parametrize("count", [3, 3000])
def test_home_takes_the_same_queries_however_long_the_log_is(count: int, mine: Client, aiming: User) -> None:
    IndicatorFactory(competency=CompetencyFactory(slug="design"), level=ProficiencyLevelFactory(number=2))
    many(aiming, count)
    assert cost(mine) == (14, 4)  # of which a session and a person


def test_home_of_a_newcomer_is_cheap(mine: Client, roles: dict[str, Any]) -> None:
    assert cost(mine) == (8, 4)


def test_home_with_a_new_version_takes_one_query_more(mine: Client, aiming: User) -> None:
    many(aiming, 3)
    published(role=f"{BACKEND}/l2", title="Backend Engineer", needs={"design": (3, "core")})
    assert cost(mine) == (15, 4)
