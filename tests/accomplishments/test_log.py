"""The log: newest first by quarter, filters in the address, a page at a time at the same price, quick add."""

import re
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4
from xml.etree import ElementTree

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accomplishments.choices import Answer, State, Void
from accomplishments.forms.log import periods
from accomplishments.models import Accomplishment, Claim, Record, Verification
from accomplishments.queries.log import Cursor, Filters, Timeline, quarter_of
from accomplishments.services.entries import Typed, add, archive, delete, save
from accomplishments.services.files import add_file
from competencies.models import Competency, Revision
from people.models import User
from tests.accomplishments.test_files import upload
from tests.conftest import texts, tree, words
from tests.factories.accomplishments import asked, claim_of, entry, verified
from tests.factories.competencies import CompetencyFactory
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def me() -> User:
    return UserFactory(name="Noor", manager=UserFactory(name="Mara"))


@pytest.fixture
def window(me: User) -> Client:
    client = Client()
    client.force_login(me)
    return client


def titles(response: Any) -> list[str]:
    return texts(tree(response), ".//article/div/h3")


def shown(window: Client, query: str = "") -> list[str]:
    return titles(window.get(f"/log/{query}"))


def line(response: Any, title: str) -> ElementTree.Element:
    """The article of an entry."""
    return next(one for one in tree(response).iter("article") if words(one.find("div/h3")) == title)


def days(person: User, *ended: str, **fields: Any) -> list[Accomplishment]:
    """An entry for each day, whose title is the day."""
    return [entry(person=person, title=day, ended_on=date.fromisoformat(day), **fields) for day in ended]


def many(person: User, count: int, *, each_day: int = 1) -> None:
    """So many logged entries in a moment, the newest first in their numbers."""
    first = date(2026, 6, 30)
    Accomplishment.objects.bulk_create(
        Accomplishment(
            person=person,
            title=f"Entry {n}",
            outcome="It *worked*.",
            part="owned",
            scope="team",
            state=State.LOGGED,
            ended_on=(day := first - timedelta(days=n // each_day)),
            day=day,
        )
        for n in range(count)
    )
    Record.bump(person.pk)


# ── The timeline ────────────────────────────────────────────────────────────


def test_log_is_newest_first_under_its_quarters(window: Client, me: User) -> None:
    days(me, "2026-03-31", "2026-11-14", "2026-01-01", "2026-10-01", "2025-12-31")
    page = tree(window.get("/log/"))
    assert texts(page, ".//h2[@class='quarter']") == [
        "October to December 2026 2 entries",
        "January to March 2026 2 entries",
        "October to December 2025 1 entry",
    ]
    assert texts(page, ".//article/div/h3") == ["2026-11-14", "2026-10-01", "2026-03-31", "2026-01-01", "2025-12-31"]
    assert texts(page, ".//article/time")[:2] == ["14 Nov", "1 Oct"]
    assert words(page.find(".//div[@class='page-head']/div/p")) == (
        "5 entries since December 2025. Write them while the numbers are still at hand."
    )


def test_entries_of_one_day_come_in_the_order_of_their_making(window: Client, me: User) -> None:
    for title in ("First", "Second", "Third"):
        entry(person=me, title=title)
    assert shown(window) == ["Third", "Second", "First"]


def test_quarter_of_a_day() -> None:
    assert [quarter_of(date(2026, month, 28)) for month in (1, 3, 4, 12)] == [
        (date(2026, 1, 1), date(2026, 3, 1)),
        (date(2026, 1, 1), date(2026, 3, 1)),
        (date(2026, 4, 1), date(2026, 6, 1)),
        (date(2026, 10, 1), date(2026, 12, 1)),
    ]


def test_line_says_what_an_entry_is_in_short(window: Client, me: User, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    made = entry(
        person=me,
        title="Quicker <quotes>",
        claims={"system-design": 3, "testing": 2},
        links=["https://a.example", "https://b.example"],
        situation="Slow.",
        outcome="Made it **quick**: " + "word " * 60,
        confidential=True,
    )
    add_file(entry=made, by=me, upload=upload())
    found = line(window.get("/log/"), "Quicker <quotes>")
    assert found.find("div/h3/a").get("href") == f"/log/{made.pk}/"
    assert words(found.find("div/p")) == "Made it quick: " + "word " * 41 + "word…"
    assert texts(found, ".//span[@class='tag']") == ["System Design 3", "Testing 2"]
    assert texts(found, ".//span[@class='small muted']") == ["Confidential", "2 links", "1 file"]
    assert [one.get("aria-label") for one in found.findall("a")] == ["Edit Quicker <quotes>"]


@pytest.mark.parametrize(
    ("texts_of", "says"),
    [
        ({"situation": "s", "action": "a", "outcome": "o"}, ["o"]),
        ({"situation": "s", "action": "a"}, ["a"]),
        ({"situation": "s"}, ["s"]),
        ({}, []),
    ],
)
def test_line_shows_the_outcome_else_the_action_else_the_situation(
    texts_of: dict[str, str], says: list[str], window: Client, me: User
) -> None:
    entry(person=me, title="It", **texts_of)
    assert texts(line(window.get("/log/"), "It"), "div/p") == says


def test_line_says_who_stands_behind_it(window: Client, me: User) -> None:
    ada, bob = UserFactory(name="Ada"), UserFactory(name="Bob")

    def made(title: str) -> Claim:
        return claim_of(entry(person=me, title=title, claims={"design": 2}), "design")

    made("self")
    verified(made("cannot say"), by=ada, says=Answer.CANNOT_SAY)
    waiting = asked(made("waiting"), by=ada)
    Verification.objects.filter(pk=waiting.pk).update(asked_at=timezone.now().replace(2026, 7, 9, 12))
    verified(made("one peer"), by=ada)
    two = made("two peers")
    verified(two, by=ada), verified(two, by=bob, says=Answer.CONFIRMED_OTHER, level=1)
    verified(made("manager"), by=me.manager)
    both = made("both")
    verified(both, by=ada), verified(both, by=me.manager), asked(both, by=bob)
    disputed = made("disputed")
    verified(disputed, by=ada), verified(disputed, by=bob, says=Answer.DISPUTED)
    settled = made("settled")
    verified(settled, by=ada)
    dispute = verified(settled, by=bob, says=Answer.DISPUTED)
    Verification.objects.filter(pk=dispute.pk).update(resolved_at=timezone.now())
    void = made("void")
    verified(void, by=ada)
    void.verifications.update(voided_at=timezone.now(), voided_for=Void.CHANGED)
    Record.bump(me.pk)
    page = window.get("/log/")
    found = {title: texts(line(page, title), ".//span[@class='proof']") for title in titles(page)}
    assert found == {
        "void": ["Self-claimed"],
        "settled": ["Peer-verified, Ada"],
        "disputed": ["Disputed, Bob"],
        "both": ["Manager-verified, 2 people"],
        "manager": ["Manager-verified, Mara"],
        "two peers": ["Peer-verified, 2 people"],
        "one peer": ["Peer-verified, Ada"],
        "waiting": ["Waiting for an answer, Ada"],
        "cannot say": ["Self-claimed"],
        "self": ["Self-claimed"],
    }
    assert texts(line(page, "waiting"), ".//span[@class='muted small']") == ["since 9 Jul"]


def test_draft_says_so_and_has_no_proof(window: Client, me: User) -> None:
    made = add(by=me, typed=Typed({}), log=False)
    found = line(window.get("/log/"), "Draft without a title")
    assert texts(found, ".//span[@class='status is-need']") == ["Draft"]
    assert found.findall(".//span[@class='proof']") == []
    assert words(found.find("time")) == f"{made.day:%-d %b}"


def test_empty_log_says_how_to_begin(window: Client) -> None:
    page = tree(window.get("/log/"))
    assert texts(page, ".//div[@class='empty']/h2") == ["Nothing is in your log yet"]
    assert texts(page, ".//p[@id='more']") == []


def test_log_of_others_is_never_shown(window: Client, me: User) -> None:
    entry(title="Theirs")
    entry(person=me, title="Mine")
    assert shown(window) == ["Mine"]
    assert shown(window, "?q=s") == []


# ── Filters ─────────────────────────────────────────────────────────────────


@pytest.fixture
def varied(me: User) -> dict[str, Accomplishment]:
    """One of each kind, a day each, the newest first."""
    made = {
        title: entry(person=me, title=title, claims=claims, ended_on=date(2026, 6, 30 - n))
        for n, (title, claims) in enumerate(
            {
                "self": {"design": 2},
                "bare": {},
                "waiting": {"design": 2},
                "peer": {"testing": 2, "design": 1},
                "manager": {"testing": 3},
                "disputed": {"testing": 1},
                "cannot say": {"writing": 1},
                "archived": {"design": 2},
                "deleted": {"design": 2},
            }.items()
        )
    }
    asked(claim_of(made["waiting"], "design"))
    verified(claim_of(made["peer"], "testing"))
    verified(claim_of(made["manager"], "testing"), by=me.manager)
    verified(claim_of(made["disputed"], "testing"), says=Answer.DISPUTED)
    verified(claim_of(made["cannot say"], "writing"), says=Answer.CANNOT_SAY)
    archive(entry=made["archived"], by=me)
    delete(entry=made["deleted"], by=me)
    made["draft"] = add(by=me, typed=Typed({"title": "draft", "ended_on": date(2026, 6, 1)}), log=False)
    return made


LOGGED = ["self", "bare", "waiting", "peer", "manager", "disputed", "cannot say"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [*LOGGED, "draft"]),
        ("?state=logged", LOGGED),
        ("?state=draft", ["draft"]),
        ("?state=archived", ["archived"]),
        ("?state=deleted", ["deleted"]),
        ("?competency=design", ["self", "waiting", "peer"]),
        ("?competency=none", ["bare", "draft"]),
        ("?competency=design&state=archived", ["archived"]),
        ("?proof=verified", ["peer", "manager"]),
        ("?proof=unverified&state=logged", ["self", "bare", "waiting", "disputed", "cannot say"]),
        ("?proof=self&state=logged", ["self", "bare", "cannot say"]),
        ("?proof=unasked", ["self"]),
        ("?proof=waiting", ["waiting"]),
        ("?proof=peer", ["peer"]),
        ("?proof=manager", ["manager"]),
        ("?proof=disputed", ["disputed"]),
        ("?proof=verified&competency=design", ["peer"]),
        ("?from=2026-06-28", ["self", "bare", "waiting"]),
        ("?to=2026-06-25", ["disputed", "cannot say", "draft"]),
        ("?from=2026-06-26&to=2026-06-28", ["waiting", "peer", "manager"]),
        ("?from=2026-06-27&to=2026-06-27&proof=peer", ["peer"]),
        ("?q=sel", ["self"]),
        ("?state=lost&proof=any&competency=nothing&from=yesterday&to=2026-13-01&q=&other=1", [*LOGGED, "draft"]),
        ("?competency=cloud", [*LOGGED, "draft"]),
    ],
)
def test_filters_let_through(query: str, found: list[str], window: Client, varied: dict[str, Accomplishment]) -> None:
    CompetencyFactory(slug="cloud")  # there, but nothing in the log is evidence for it
    assert shown(window, query) == found


def test_filters_stay_in_the_form_and_count(window: Client, varied: dict[str, Accomplishment]) -> None:
    page = tree(window.get("/log/?q=e&competency=testing&proof=verified&state=logged&from=2026-06-01&to=2026-06-30"))
    form = page.find(".//form[@method='get']")
    assert form is not None
    chosen = {one.get("name"): one.find("option[@selected]").get("value") for one in form.iter("select")}
    typed = {one.get("name"): one.get("value") for one in form.iter("input")}
    assert chosen == {"competency": "testing", "proof": "verified", "state": "logged"}
    assert typed == {"q": "e", "from": "2026-06-01", "to": "2026-06-30"}
    assert words(form.find("output")) == "2 entries"
    assert [(a.get("href"), words(a)) for a in form.findall("a")] == [("/log/", "Clear the filters")]


def test_competencies_on_offer_are_those_of_the_log(window: Client, varied: dict[str, Accomplishment]) -> None:
    entry(claims={"hiring": 1})
    select = tree(window.get("/log/")).find(".//select[@name='competency']")
    assert texts(select, "option") == ["All", "Design", "Testing", "Writing", "None yet"]


def test_form_of_filters_works_by_htmx_and_without(window: Client, varied: dict[str, Accomplishment]) -> None:
    form = tree(window.get("/log/")).find(".//form[@method='get']")
    assert (form.get("action"), form.get("hx-get"), form.get("hx-target")) == ("/log/", "/log/", "#entries")
    assert form.get("hx-push-url") == "true"
    part = window.get("/log/?proof=peer", headers=HTMX | {"HX-Target": "entries"})
    assert [one.get("id") for one in tree(part)] == ["entries"]
    assert titles(part) == ["peer"]
    assert {"HX-Request", "HX-Target"} <= {one.strip() for one in part.headers["Vary"].split(",")}


def test_nothing_found_says_so_with_a_way_back(window: Client, varied: dict[str, Accomplishment]) -> None:
    page = tree(window.get("/log/?q=zzz"))
    assert texts(page, ".//div[@class='empty']/h2") == ["No entry fits"]
    assert [a.get("href") for a in page.findall(".//div[@class='empty']//a")] == ["/log/"]


def test_period_that_ends_before_it_begins_is_named(window: Client, varied: dict[str, Accomplishment]) -> None:
    page = tree(window.get("/log/?from=2026-06-30&to=2026-06-01"))
    assert texts(page, ".//div[@class='empty']/h2") == ["This period ends before it begins"]


def test_periods_of_one_click() -> None:
    assert periods(date(2026, 2, 28)) == [
        ("This quarter", date(2026, 1, 1), date(2026, 2, 28)),
        ("Last quarter", date(2025, 10, 1), date(2025, 12, 31)),
        ("This year", date(2026, 1, 1), date(2026, 2, 28)),
        ("Last year", date(2025, 1, 1), date(2025, 12, 31)),
    ]


def test_period_of_one_click_keeps_the_other_filters(window: Client, varied: dict[str, Accomplishment]) -> None:
    nav = tree(window.get("/log/?proof=peer&q=e")).find(".//nav[@aria-label='Period']")
    link = nav.findall("a")[3]
    year = timezone.localdate().year - 1
    assert dict(parse_qsl(urlsplit(link.get("href")).query)) == {
        "proof": "peer",
        "q": "e",
        "from": f"{year}-01-01",
        "to": f"{year}-12-31",
    }
    again = tree(window.get(link.get("href"))).find(".//nav[@aria-label='Period']")
    assert texts(again, "a[@aria-current='true']") == ["Last year"]


# ── Search ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "where", ["title", "situation", "action", "outcome", "measure_name", "context", "ai_help", "public_wording"]
)
def test_search_looks_into_every_text(where: str, window: Client, me: User) -> None:
    entry(person=me, **{"title": "Found", where: "Found the Needle here"})
    entry(person=me, title="Hay")
    assert len(shown(window, "?q=needle")) == 1
    assert len(shown(window, "?q=NEEDLE+found")) == 1
    assert shown(window, "?q=needle+hay") == []


def test_search_looks_into_links_and_names_of_files(window: Client, me: User, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    entry(person=me, title="Linked", links=["https://wiki.example/Quotes"])
    add_file(entry=entry(person=me, title="Filed"), by=me, upload=upload(name="quotes.md"))
    assert shown(window, "?q=quotes") == ["Filed", "Linked"]


def test_search_takes_signs_as_they_are(window: Client, me: User) -> None:
    for title in ("50% less", "50 times", "a_b", "axb", 'it\'s \\ "so"'):
        entry(person=me, title=title)
    assert shown(window, "?q=50%25") == ["50% less"]
    assert shown(window, "?q=a_b") == ["a_b"]
    assert shown(window, "?q=%5C") == ['it\'s \\ "so"']
    assert shown(window, "?q=it's") == ['it\'s \\ "so"']


def test_search_forgives_the_case_of_every_script(window: Client, me: User) -> None:
    for title in ("Überlauf behoben", "ÄNDERUNG", "Поиск"):
        entry(person=me, title=title)
    assert shown(window, "?q=überlauf") == ["Überlauf behoben"]
    assert shown(window, "?q=änderung") == ["ÄNDERUNG"]
    assert shown(window, "?q=ПОИСК") == ["Поиск"]


def test_search_survives_whatever_is_typed(window: Client, me: User) -> None:
    entry(person=me, title="It")
    for query in ("%00", "%ff", "x" * 5000, "a+" * 200, "%F0%9F%91%A9", "'%22)--", "%E2%80%AE"):
        assert window.get(f"/log/?q={query}").status_code == 200


# ── Pages ───────────────────────────────────────────────────────────────────


def through(window: Client, query: str = "") -> list[list[str]]:
    """The titles of each page, going on by its link."""
    pages, address = [], f"/log/{query}"
    while address:
        response = window.get(address)
        pages.append(titles(response))
        link = tree(response).find(".//p[@id='more']/a")
        address = "" if link is None else link.get("href")
        assert len(pages) < 50
    return pages


@pytest.mark.parametrize("each_day", [1, 7, 100])
def test_pages_show_every_entry_once_in_order(each_day: int, window: Client, me: User) -> None:
    many(me, 65, each_day=each_day)
    pages = through(window)
    assert [len(page) for page in pages] == [20, 20, 20, 5]
    ordered = [one.title for one in Accomplishment.objects.order_by("-day", "-pk")]
    assert [title for page in pages for title in page] == ordered


def test_twenty_entries_are_one_page(window: Client, me: User) -> None:
    many(me, 20)
    assert [len(page) for page in through(window)] == [20]


def test_next_page_keeps_the_filters(window: Client, me: User) -> None:
    many(me, 45)
    link = tree(window.get("/log/?q=entry&state=logged")).find(".//p[@id='more']/a")
    last = Accomplishment.objects.order_by("-day", "-pk")[19]
    assert dict(parse_qsl(urlsplit(link.get("href")).query)) == {
        "q": "entry",
        "state": "logged",
        "before": f"{last.day}.{last.pk}",
    }
    assert [len(page) for page in through(window, "?q=entry&state=logged")] == [20, 20, 5]


def test_more_comes_by_htmx_in_the_place_of_its_link(window: Client, me: User) -> None:
    many(me, 65, each_day=7)
    first = tree(window.get("/log/"))
    link = first.find(".//p[@id='more']/a")
    assert (link.get("hx-get"), link.get("hx-target"), link.get("hx-swap")) == (link.get("href"), "#more", "outerHTML")
    response = window.get(link.get("href"), headers=HTMX | {"HX-Target": "more"})
    part = tree(response)
    assert [one.tag for one in part] == ["section", "p"]
    assert part.find("p").get("id") == "more"
    assert len(titles(response)) == 20
    ids = [one.get("id") for one in [*first.iter(), *part.iter()] if one.get("id") and one.get("id") != "more"]
    assert len(ids) == len(set(ids))


def test_quarter_that_goes_on_says_so(window: Client, me: User) -> None:
    many(me, 100)
    link = tree(window.get("/log/")).find(".//p[@id='more']/a")
    assert words(tree(window.get("/log/")).find(".//p[@id='more']/span")) == "100 entries, back to March 2026"
    headings = [
        texts(tree(window.get(address)), ".//h2[@class='quarter']")
        for address in ("/log/", link.get("href"), "/log/?before=2026-04-05.999999")
    ]
    assert headings == [
        ["April to June 2026 91 entries"],
        ["April to June 2026 continued"],
        ["April to June 2026 continued", "January to March 2026 9 entries"],
    ]


@pytest.mark.parametrize(
    "before",
    ["", "x", "2026-06-30", "2026-06-30.", "2026-06-30.x", "2026-13-40.1", "2026-06-30.-1", "2026-06-30.1e3",
     "2026-06-30.1 OR 1=1", "٢٠٢٦-06-30.1", "2026-06-30.9999999999999999999", "0000-00-00.0"],
)  # fmt: skip
def test_wrong_place_is_the_first_page(before: str, window: Client, me: User) -> None:
    many(me, 3)
    assert shown(window, f"?before={before}") == ["Entry 0", "Entry 1", "Entry 2"]


def test_place_beyond_the_end_says_that_nothing_is_there(window: Client, me: User) -> None:
    many(me, 3)
    for before in ("0001-01-01.1", "1999-01-01.999999999999999999"):
        page = tree(window.get(f"/log/?before={before}"))
        assert texts(page, ".//div[@class='empty']/h2") == ["No entry fits"]


# ── What it costs ───────────────────────────────────────────────────────────

ADDRESSES = {
    "/log/": 8,
    "/log/?before=2026-06-30.999999": 8,
    "/log/?q=entry": 8,
    "/log/?competency=design&proof=unverified&state=logged&from=2020-01-01&to=2026-12-31&q=entry": 8,
    "/log/?state=deleted": 7,  # nothing there, so nothing is asked about it
}


def cost(window: Client, address: str) -> int:
    cache.clear()
    with CaptureQueriesContext(connection) as queries:
        assert window.get(address).status_code == 200
    return len(queries)


def with_claims(me: User, count: int) -> None:
    many(me, count)
    design, peer = CompetencyFactory(slug="design"), UserFactory()
    claims = Claim.objects.bulk_create(
        Claim(accomplishment=one, slot=1, competency=design, level=2) for one in me.accomplishments.all()
    )
    Verification.objects.bulk_create(
        Verification(claim=one, owner=me, verifier=peer, name="Peer") for one in claims[::2]
    )
    add(by=me, typed=Typed({"title": "Entry in draft"}), log=False)


@pytest.mark.parametrize("count", [3, 3000])
def test_log_takes_the_same_queries_however_long_it_is(count: int, window: Client, me: User) -> None:
    with_claims(me, count)
    assert {address: cost(window, address) for address in ADDRESSES} == ADDRESSES


def test_log_of_somebody_without_a_record_is_cheap(window: Client) -> None:
    assert cost(window, "/log/") <= 8


@pytest.mark.skipif(connection.vendor != "sqlite", reason="reads SQLite's plan")
def test_page_is_found_by_the_index_of_the_timeline(me: User) -> None:
    many(me, 300)
    for before in (None, Cursor(date(2025, 12, 1), 7)):
        with CaptureQueriesContext(connection) as queries:
            assert len(Timeline(me.pk, Filters(), before)._rows) == 21
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {queries[0]['sql']}")
            plan = [row[3] for row in cursor.fetchall()]
        place = "person_id=? AND day<?" if before else "person_id=?"
        assert plan[0] == f"SEARCH accomplishments_accomplishment USING INDEX entry_timeline ({place})"
        assert not any("TEMP B-TREE" in step for step in plan)


def test_first_page_is_kept_until_something_changes(window: Client, me: User) -> None:
    made = days(me, "2026-06-30", claims={"design": 2})[0]
    for address in ("/log/", "/log/?before=2026-07-01.1"):
        first = window.get(address)
        with CaptureQueriesContext(connection) as queries:
            again = window.get(address)
        assert len(queries) == 3  # session, person, record
        assert titles(again) == titles(first) == ["2026-06-30"]
    save(entry=made, by=me, typed=Typed({"title": "New words"}), edits=made.edits)
    assert shown(window) == shown(window, "?before=2026-07-01.1") == ["New words"]
    asked(claim_of(entry(person=me, claims={"design": 1}), "design"), by=UserFactory(name="Ada"))
    assert "Waiting for an answer, Ada" in window.get("/log/").content.decode()


def test_kept_page_is_nobody_elses(window: Client, me: User) -> None:
    days(me, "2026-06-30")
    assert shown(window) == ["2026-06-30"]
    somebody = Client()
    somebody.force_login(UserFactory())
    assert shown(somebody) == []


def test_kept_page_follows_the_names_of_competencies(window: Client, me: User) -> None:
    entry(person=me, claims={"design": 2})
    window.get("/log/")
    Competency.objects.update(name="Drawing")
    Revision.bump()
    assert texts(tree(window.get("/log/")), ".//span[@class='tag']") == ["Drawing 2"]


# ── Beside it ───────────────────────────────────────────────────────────────


def test_aside_counts_what_its_links_show(window: Client, varied: dict[str, Accomplishment]) -> None:
    aside = tree(window.get("/log/")).find(".//aside[@aria-label='Summary']")
    rows = {words(row.find("th")): words(row.findall("td")[1]) for row in aside.findall(".//tbody/tr")}
    assert rows == {
        "Manager-verified": "1",
        "Peer-verified": "1",
        "Waiting for an answer": "1",
        "Self-claimed": "3",
        "Disputed": "1",
    }
    assert texts(aside, ".//li/a") == [
        "1 entry has no competency",
        "1 draft to finish",
        "1 self-claimed entry has nobody asked yet",
        "1 archived",
        "1 recently deleted",
    ]
    for row in aside.findall(".//tbody/tr"):
        assert str(len(shown(window, row.find("th/a").get("href").removeprefix("/log/")))) == words(
            row.findall("td")[1]
        )
    for link in aside.findall(".//li/a"):
        assert str(len(shown(window, link.get("href").removeprefix("/log/")))) == words(link)[0]


def test_aside_draws_its_shares(window: Client, varied: dict[str, Accomplishment]) -> None:
    gauges = [
        (svg.get("viewbox"), [rect.get("width") for rect in svg])
        for svg in tree(window.get("/log/")).findall(".//aside//svg[@class='gauge share']")
    ]
    assert gauges[0] == ("0 0 7 6", ["7", "1"])
    assert gauges[3] == ("0 0 7 6", ["7", "3"])


def test_aside_of_an_empty_log_says_so(window: Client) -> None:
    aside = tree(window.get("/log/")).find(".//aside[@aria-label='Summary']")
    assert texts(aside, "section/p") == ["Nothing is logged yet.", "Nothing is left open."]


def test_deleted_entry_is_brought_back_from_the_list(window: Client, varied: dict[str, Accomplishment]) -> None:
    page = window.get("/log/?state=deleted")
    form = line(page, "deleted").find(".//form")
    assert form.get("action") == f"/log/{varied['deleted'].pk}/undelete/"
    assert form.find("input[@name='csrfmiddlewaretoken']") is not None
    window.post(form.get("action"))
    assert "deleted" in shown(window)


# ── Quick add ───────────────────────────────────────────────────────────────


def quick(window: Client, title: str, token: Any = None, **options: Any) -> Any:
    return window.post("/log/quick/", {"title": title, "token": str(token or uuid4())}, **options)


def test_quick_add_makes_a_draft_and_goes_back_with_a_message(window: Client, me: User) -> None:
    form = tree(window.get("/log/")).find(".//form[@id='quick']")
    assert (form.get("action"), form.get("method")) == ("/log/quick/", "post")
    response = quick(window, "  Cut\tthe p99\u202e ", form.find("input[@name='token']").get("value"))
    assert (response.status_code, response.headers["Location"]) == (302, "/log/")
    page = window.get("/log/")
    assert texts(tree(page), ".//div[@role='status']/p") == ["“Cut the p99” is in your log as a draft."]
    assert titles(page) == ["Cut the p99"]
    made = me.accomplishments.get()
    assert (made.state, made.day, made.claims.count()) == (State.DRAFT, timezone.localdate(), 0)


def test_quick_add_sent_twice_is_one_draft(window: Client, me: User) -> None:
    token = uuid4()
    quick(window, "Once", token), quick(window, "Once", token)
    assert shown(window) == ["Once"]
    quick(window, "Another")
    assert shown(window) == ["Another", "Once"]


def test_form_of_each_page_makes_another_entry(window: Client) -> None:
    tokens = {tree(window.get("/log/")).find(".//input[@name='token']").get("value") for _ in range(2)}
    assert len(tokens) == 2


def test_quick_add_by_htmx_puts_the_draft_on_top(window: Client, me: User) -> None:
    days(me, "2026-06-30")
    token = uuid4()
    response = quick(window, "Just done", token, headers=HTMX | {"HX-Target": "quick"})
    parts = {one.get("id"): one for one in tree(response)}
    assert list(parts) == ["quick", "extent", "entries", "quick-said"]
    assert [parts[name].get("hx-swap-oob") for name in parts] == [None, "true", "true", "innerHTML"]
    assert words(parts["extent"]).startswith("2 entries since June 2026.")
    assert titles(response) == ["Just done", "2026-06-30"]
    assert words(parts["quick-said"]) == "“Just done” is in your log as a draft."
    assert parts["quick"].find(".//input[@name='title']").get("value") is None
    assert parts["quick"].find("input[@name='token']").get("value") != str(token)
    assert response.headers["HX-Push-Url"] == "/log/"
    assert texts(tree(window.get("/log/")), ".//div[@role='status']") == []


@pytest.mark.parametrize(
    ("title", "says"),
    [
        ("", "Say in a few words what you did."),
        (" \t\u200b ", "Say in a few words what you did."),
        ("x" * 161, "Ensure this value has at most 160 characters (it has 161)."),
    ],
)
def test_quick_add_says_what_is_wrong_and_keeps_what_was_typed(title: str, says: str, window: Client, me: User) -> None:
    days(me, "2026-06-30")
    for headers in ({}, HTMX | {"HX-Target": "quick"}):
        response = quick(window, title, headers=headers)
        assert response.status_code == 422
        response.status_code = 200
        page = tree(response)
        form = page.find(".//form[@id='quick']")
        assert texts(form, ".//ul[@class='errorlist']/li") == [says]
        assert (form.find(".//input[@name='title']").get("value") or "").strip() == title.strip()
        assert (page.find("html") is None) == bool(headers)
    assert me.accomplishments.count() == 1


def test_quick_add_without_its_token_says_so(window: Client, me: User) -> None:
    for data in ({"title": "It"}, {"title": "It", "token": "no"}):
        response = window.post("/log/quick/", data)
        assert response.status_code == 422
        assert "Load the page again, please." in response.content.decode()
    assert me.accomplishments.count() == 0


def test_quick_add_sent_again_after_the_draft_went_on_changes_nothing(window: Client, me: User) -> None:
    token = uuid4()
    quick(window, "Once", token)
    window.get("/log/")
    made = me.accomplishments.get()
    save(entry=made, by=me, typed=Typed({"title": "Twice"}), edits=made.edits, tab=uuid4())
    for _ in range(2):
        quick(window, "Once", token)
        said = texts(tree(window.get("/log/")), ".//div[@role='status']/p")
        assert said == ["“Twice” was added before, and changed or deleted since. Nothing is added."]
        delete(entry=made, by=me)
    assert (me.accomplishments.get().title, me.accomplishments.get().deleted_at is None) == ("Twice", False)


def test_titles_are_text_and_nothing_else(window: Client) -> None:
    quick(window, "<script>alert(1)</script>{{ 1 }}")
    html = window.get("/log/").content.decode()
    assert "<script>alert" not in html
    assert re.search(r"&lt;script&gt;alert\(1\)&lt;/script&gt;\{\{ 1 \}\}</a>", html)
