"""The page of one match: its numbers, filters, exemptions, receipt, and what it costs."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accomplishments.choices import Answer
from accomplishments.models import Exemption
from accomplishments.queries.evidence import policy_at
from accomplishments.scoring.receipt import verify
from accomplishments.services import targets
from accomplishments.services.verifications import withdraw
from people.models import User
from roles.models import RoleVersion
from roles.queries.snapshot import _snapshot
from tests.accomplishments.test_match_queries import NEEDS, PATH, worked_example
from tests.conftest import texts, tree, words
from tests.factories.accomplishments import asked, claim_of, entry, verified
from tests.factories.competencies import CompetencyFactory, IndicatorFactory, ProficiencyLevelFactory
from tests.factories.people import UserFactory
from tests.factories.roles import published

pytestmark = pytest.mark.django_db

PAGE = f"/match/{PATH}/"
HTMX = {"HX-Request": "true", "HX-Target": "match"}


@pytest.fixture
def me() -> User:
    return UserFactory(name="Noor Haddad")


@pytest.fixture
def mine(client: Client, me: User) -> Client:
    client.force_login(me)
    return client


def row(page: Any, slug: str) -> Any:
    return page.find(f".//details[@id='competency-{slug}']")


# ── What it says ────────────────────────────────────────────────────────────


def test_match_shows_the_worked_example(mine: Client, me: User) -> None:
    worked_example(me)
    page = tree(mine.get(PAGE))
    aside = page.find(".//aside")
    assert words(aside.find(".//p[@class='figure']")) == "73 %match60 % counting verified evidence only"
    assert "1 of 2 core competencies met" in words(aside)
    assert "3 entries count; the newest ended less than a month ago." in words(aside)
    tiers = [texts(line, "./*") for line in aside.findall(".//div[@class='match']/table/tbody/tr")]
    assert tiers == [["Core", "", "80 %", "weight 3"], ["Supporting", "", "50 %", "weight 2"]]
    assert words(page.find(".//h1")) == "Match with Backend Engineer L1"
    assert words(page.find(".//h1/../p")) == "3 levels to go: 1 of them when colleagues confirm what you claim."
    assert "ready" not in words(page).lower()


def test_match_rows_say_have_need_and_verdict(mine: Client, me: User) -> None:
    worked_example(me)
    page = tree(mine.get(PAGE))
    found = [
        [words(one.find(f"./summary//*[@class='{css}']")) for css in ("gap-name", "tier", "have-need", "verdict")]
        for one in page.findall(".//div[@class='gaps-list']/details")
    ]
    assert found == [
        ["It Operations", "Core", "1.2 of 2", "2 levels short"],
        ["Data Engineering", "Supporting", "0.5 of 1", "Waiting for proof"],
        ["Software Engineering", "Core", "2 of 2", "Met"],
    ]


def test_match_bar_names_the_entries_that_fill_it_and_their_factors(mine: Client, me: User) -> None:
    published(role=PATH, needs={"design": (2, "core")})
    IndicatorFactory(
        competency=CompetencyFactory(slug="design"), level=ProficiencyLevelFactory(number=2), text="Is seen to design."
    )
    me.manager = UserFactory(name="Mara Okafor")
    me.save()
    made = entry(
        person=me, title="Drew the plan", claims={"design": 2}, part="contributed", ended_on=timezone.localdate()
    )
    verified(claim_of(made, "design"), by=me.manager)
    old = entry(person=me, title="Old plan", claims={"design": 1}, ended_on=timezone.localdate() - timedelta(days=700))
    today = f"{timezone.localdate():%-d %b %Y}"
    design = row(tree(mine.get(PAGE)), "design")
    levels = [(words(one.find("./p")), texts(one, "./ul/li")) for one in design.findall(".//div[@class='level-bar']")]
    recent = f"{today}, level 2, I contributed. Part 0.6 × proof 0.8 × age 1 = 0.48 Confirmed by the manager alone."
    said = "Drew the planConfirmed by Mara Okafor, manager "
    assert levels == [
        ("Level 248 %; strength 0.48 of 1", [said + recent]),
        (
            "Level 193 %, 48 % verified; strength 0.93 of 1",
            [
                said + recent,
                f"Old planSelf-claimed {old.ended_on:%-d %b %Y}, level 1, I owned it. "
                "Part 1 × proof 0.5 × age 0.9 = 0.45",
            ],
        ),
    ]
    assert design.find(".//div[@class='level-bar']//a").get("href") == f"/log/{made.pk}/"
    assert "Needed: 2, Step 2 Is seen to design." in words(design)


def test_match_says_what_does_not_count_and_why(mine: Client, me: User) -> None:
    published(role=PATH, needs={"design": (2, "core")})
    disputed = entry(person=me, title="Argued", claims={"design": 2}, ended_on=timezone.localdate())
    verified(claim_of(disputed, "design"), by=UserFactory(name="Sven"), says=Answer.DISPUTED)
    entry(person=me, title="Small", claims={"design": 1}, ended_on=timezone.localdate())
    off = texts(row(tree(mine.get(PAGE)), "design"), ".//li[@class='off']")
    assert off == [
        "Arguedlevel 2 Levels 1, 2 Disputed: counts again when the dispute is settled.",
        "Smalllevel 1 Level 2 Below the level that this role needs. "
        "Level 1 Self-claimed: counts in full when a peer confirms it.",
    ]


def test_match_shows_names_without_their_numbers_even_twice(mine: Client, me: User) -> None:
    published(role=PATH, needs={"design": (1, "core")})
    claim = claim_of(entry(person=me, claims={"design": 1}, ended_on=timezone.localdate()), "design")
    for _ in range(2):
        verified(claim, by=UserFactory(name="Kim #7 Lee"))
    page = tree(mine.get(PAGE))
    assert (
        words(row(page, "design").find(".//span[@class='proof']")) == "Confirmed by Kim #7 Lee; Confirmed by Kim #7 Lee"
    )


def test_match_marks_who_stands_behind_each_level(mine: Client, me: User) -> None:
    published(role=PATH, needs={"design": (2, "core")})
    me.manager = UserFactory()
    me.save()
    made = entry(person=me, claims={"design": 2}, part="assisted", ended_on=timezone.localdate())
    verified(claim_of(made, "design"), by=me.manager)
    verified(claim_of(made, "design"), says=Answer.CONFIRMED_OTHER, level=1)
    alone = entry(person=me, claims={"design": 2}, part="assisted", ended_on=timezone.localdate() - timedelta(days=1))
    verified(claim_of(alone, "design"), says=Answer.CONFIRMED_OTHER, level=1)
    bars = row(tree(mine.get(PAGE)), "design").findall(".//div[@class='level-bar']")
    assert [[one.get("data-proof") for one in bar.findall(".//span[@class='proof']")] for bar in bars] == [
        ["manager", "self"],
        ["peer", "peer"],
    ]


def test_match_without_evidence_and_with_disputed_evidence_are_two_things(mine: Client, me: User) -> None:
    published(role=PATH, needs={"design": (1, "core"), "law": (1, "core")})
    made = entry(person=me, claims={"design": 1}, ended_on=timezone.localdate())
    verified(claim_of(made, "design"), says=Answer.DISPUTED)
    page = tree(mine.get(PAGE))
    found = [words(row(page, slug).find("./summary//*[@class='verdict']")) for slug in ("design", "law")]
    assert found == ["1 level short", "No evidence"]


def test_match_escapes_what_people_wrote(mine: Client, me: User) -> None:
    published(role=PATH, needs={"design": (1, "core")})
    made = entry(person=me, title="<b>Bold</b> <token>", claims={"design": 1}, ended_on=timezone.localdate())
    verified(claim_of(made, "design"), by=UserFactory(name="<i>Eve</i>"))
    said = mine.get(PAGE).content.decode()
    assert "<b>Bold</b>" not in said and "<i>Eve</i>" not in said and "<token>" not in said
    assert "&lt;b&gt;Bold&lt;/b&gt; &lt;token&gt;" in said


def test_match_plans_the_steps_with_the_match_after_each(mine: Client, me: User) -> None:
    worked_example(me)
    claimed = me.accomplishments.get(claims__competency__slug="data-engineering")
    plan = tree(mine.get(PAGE)).find(".//section[@id='plan']")
    assert texts(plan, "./ol/li") == [
        "Data Engineeringmatch 85 % 85 % verified "
        "Have Made a thing confirmed at level 1. Ask someone about Made a thing",
        "It Operationsmatch 100 % 100 % verified Do work like Made a thing again as its owner. Log such work",
    ]
    links = [link.get("href") for link in plan.findall("./ol//a")]
    assert links[0] == f"/log/{claimed.pk}/"
    assert links[-1] == "/log/new/?competency=it-operations"
    core = tree(mine.get(f"{PAGE}?plan=core")).find(".//section[@id='plan']")
    assert [words(one.find(".//b")) for one in core.findall("./ol/li")] == ["It Operations"]


def test_plan_says_who_was_asked_already_until_they_answer_or_are_asked_no_more(mine: Client, me: User) -> None:
    worked_example(me)
    claimed = me.accomplishments.get(claims__competency__slug="data-engineering")
    question = asked(claim_of(claimed, "data-engineering"), by=UserFactory(name="Tomás Ruiz"))
    said = "Tomás Ruiz was asked already. Ask someone else about Made a thing"
    step = words(tree(mine.get(PAGE)).find(".//section[@id='plan']/ol/li/p"))
    assert step == f"Have Made a thing confirmed at level 1. {said}"
    withdraw(entry=claimed, batch=question.batch)
    step = words(tree(mine.get(PAGE)).find(".//section[@id='plan']/ol/li/p"))
    assert step == "Have Made a thing confirmed at level 1. Ask someone about Made a thing"


@pytest.mark.parametrize(
    ("tiers", "links"), [(("core", "core"), 0), (("core", "emerging"), 1), (("emerging", "emerging"), 0)]
)
def test_plan_for_the_core_alone_is_offered_where_it_is_another_one(
    tiers: tuple[str, str], links: int, mine: Client
) -> None:
    published(role=PATH, needs={"design": (1, tiers[0]), "law": (1, tiers[1])})
    assert len(tree(mine.get(PAGE)).findall(".//a[@id='plan-other']")) == links


def test_match_says_what_it_rests_on(mine: Client, me: User) -> None:
    worked_example(me)
    tables = tree(mine.get(PAGE)).findall(".//details[@id='rests-on']//table")
    assert [texts(table, "./tbody/tr/td[1]") for table in tables] == [
        ["73 % → 35 %", "73 % → 50 %", "73 % → 60 %"],
        ["73 % → 54 %", "73 % → 61 %"],
    ]


def test_match_numbers_are_those_of_the_receipt(mine: Client, me: User) -> None:
    worked_example(me)
    entry(person=me, claims={"it-operations": 1}, part="assisted", ended_on=date(2024, 1, 31))
    said = json.loads(mine.get(f"{PAGE}receipt.json").content)
    page = tree(mine.get(PAGE))
    for slug, bars in said["fills"].items():
        need = NEEDS[slug][0]
        shown = [words(one.find("./p/span/span")) for one in row(page, slug).findall(".//div[@class='level-bar']")]
        assert shown == [f"; strength {bars['S'][n]} of 1" for n in reversed(range(need))]
    shown = {words(one) for one in page.findall(".//div[@class='level-bar']//li//b")}
    assert shown == {strength for one in said["claims"] for strength in one["strength"]}


# ── Versions and roles that have nothing to match ───────────────────────────


def test_match_takes_the_version_in_force_or_the_one_that_is_named(mine: Client) -> None:
    role = published(role=PATH, title="Engineer One", needs={"design": (1, "core")}).role
    published(role=role, title="Engineer Two", needs={"design": (2, "core")})
    assert words(tree(mine.get(PAGE)).find(".//h1")) == "Match with Engineer Two L1"
    old = tree(mine.get(f"{PAGE}?version=1"))
    assert words(old.find(".//h1")) == "Match with Engineer One L1"
    assert "This is version 1. Version 2 is in force." in words(old)
    links = [link.get("href") for link in old.findall(".//nav[@class='seg']/a")]
    assert links == [f"{PAGE}?version=1{more}" for more in ("", "&show=gaps", "&show=waiting", "&show=met")]


@pytest.mark.parametrize(
    "address", [f"{PAGE}?version={n}" for n in ("abc", "", "0", "3", "-1", "1.0", "٢", "9" * 30)] + ["/match/a/b/c/"]
)
def test_match_of_what_is_not_there_is_not_found(address: str, mine: Client) -> None:
    published(role=PATH, needs={"design": (1, "core")})
    assert mine.get(address).status_code == 404
    assert mine.get(address.replace("/?", "/receipt.json?").replace("c/", "c/receipt.json")).status_code == 404


def test_match_of_a_role_without_requirements_says_so(mine: Client) -> None:
    published(role=PATH)
    page = tree(mine.get(PAGE))
    assert words(page.find(".//div[@class='empty']/h2")) == "There is nothing to match"
    assert mine.get(f"{PAGE}receipt.json").status_code == 404


def test_match_with_all_exempt_offers_the_way_back(mine: Client, me: User) -> None:
    version = published(role=PATH, needs={"design": (1, "core")})
    targets.exempt(by=me, role=version.role, competency=CompetencyFactory(slug="design"), reason="No design here.")
    page = tree(mine.get(PAGE))
    assert words(page.find(".//div[@class='empty']/h2")) == "There is nothing to match"
    assert texts(page, ".//section[@id='left-out']//li/p") == ["No design here."]
    assert mine.get(f"{PAGE}receipt.json").status_code == 404


# ── Filters ─────────────────────────────────────────────────────────────────


def test_filters_are_links_with_their_counts(mine: Client, me: User) -> None:
    worked_example(me)
    page = tree(mine.get(f"{PAGE}?show=gaps"))
    links = [(words(one), one.get("href"), one.get("aria-current")) for one in page.findall(".//nav[@class='seg']/a")]
    assert links == [
        ("All 3", PAGE, None),
        ("Gaps 2", f"{PAGE}?show=gaps", "true"),
        ("Waiting for proof 1", f"{PAGE}?show=waiting", None),
        ("Met 1", f"{PAGE}?show=met", None),
    ]
    assert texts(page, ".//details/summary/h2[@class='gap-name']") == ["It Operations", "Data Engineering"]


def test_filter_that_shows_nothing_says_so(mine: Client) -> None:
    published(role=PATH, needs={"design": (1, "core")})
    assert "No competency of this role is met yet. Show all" in words(tree(mine.get(f"{PAGE}?show=met")))


def test_unknown_filters_are_ignored(mine: Client, me: User) -> None:
    worked_example(me)
    page = tree(mine.get(f"{PAGE}?show=%00<b>&plan=x"))
    assert len(page.findall(".//div[@class='gaps-list']/details")) == 3


def test_htmx_gets_the_part_alone(mine: Client, me: User) -> None:
    worked_example(me)
    response = mine.get(f"{PAGE}?show=met", headers=HTMX)
    page = tree(response)
    assert [one.get("id") for one in page] == ["match"]
    assert response.headers["Vary"].count("HX-Request") == 1


# ── Not applicable ──────────────────────────────────────────────────────────


def leave_out(mine: Client, reason: str, slug: str = "it-operations", **more: Any) -> Any:
    return mine.post(f"{PAGE}not-applicable/", {"competency": slug, "reason": reason}, **more)


def test_exempt_leaves_out_and_leads_back(mine: Client, me: User) -> None:
    worked_example(me)
    response = leave_out(mine, "  Another team\x07 runs it.  ")
    assert (response.status_code, response.headers["Location"]) == (302, PAGE)
    page = tree(mine.get(PAGE))
    assert words(page.find(".//div[@role='status']")) == "It Operations is left out of this match."
    assert words(page.find(".//p[@class='figure']/b")) == "80 %"
    assert texts(page, ".//section[@id='left-out']//li/p") == ["Another team runs it."]
    assert row(page, "it-operations") is None


def test_exempt_twice_keeps_the_last_reason(mine: Client, me: User) -> None:
    worked_example(me)
    for reason in ("One.", "Two."):
        assert leave_out(mine, reason).status_code == 302
    assert list(Exemption.objects.values_list("reason", flat=True)) == ["Two."]


def test_exempt_again_counts_it(mine: Client, me: User) -> None:
    worked_example(me)
    leave_out(mine, "Another team runs it.")
    response = mine.post(f"{PAGE}not-applicable/?show=gaps", {"competency": "it-operations", "again": "1"})
    assert response.headers["Location"] == f"{PAGE}?show=gaps"
    page = tree(mine.get(PAGE))
    assert "It Operations counts again." in texts(page, ".//div[@role='status']")
    assert words(page.find(".//p[@class='figure']/b")) == "73 %"
    assert page.find(".//section[@id='left-out']") is None


@pytest.mark.parametrize(
    ("reason", "error"),
    [
        ("", "Say in a sentence why it does not apply to you."),
        ("\x00\x07 \u200b", "Say in a sentence why it does not apply to you."),
        ("x" * 301, "Say it in 300 characters; these are 301."),
    ],
)
def test_exempt_without_a_good_reason_keeps_the_form(reason: str, error: str, mine: Client, me: User) -> None:
    worked_example(me)
    mine.get(PAGE)  # and so it is kept
    response = leave_out(mine, reason)
    assert response.status_code == 422
    response.status_code = 200
    form = row(tree(response), "it-operations").find(".//form")
    assert words(form.find(".//ul[@class='errorlist']")) == error
    assert form.find("./input[@name='reason']").get("value") == reason
    assert not Exemption.objects.exists()
    assert row(tree(mine.get(PAGE)), "it-operations").find(".//ul[@class='errorlist']") is None


def test_exempt_by_htmx_swaps_the_match(mine: Client, me: User) -> None:
    worked_example(me)
    page = tree(leave_out(mine, "Another team runs it.", headers=HTMX))
    assert [one.get("id") for one in page] == ["match"]
    assert words(page.find(".//p[@class='figure']/b")) == "80 %"
    assert words(page.find(".//div[@role='status']")) == "It Operations is left out of this match."
    assert page.find(".//div[@role='status']").get("autofocus") is not None


@pytest.mark.parametrize("slug", ["unknown", "design", "", "a b"])
def test_exempt_of_what_the_version_does_not_ask_for_is_not_found(slug: str, mine: Client, me: User) -> None:
    worked_example(me)
    CompetencyFactory(slug="design")
    assert leave_out(mine, "Because.", slug).status_code == 404


def test_exemptions_of_others_change_nothing_for_me(mine: Client, me: User) -> None:
    worked_example(me)
    role = RoleVersion.objects.get().role
    targets.exempt(by=UserFactory(), role=role, competency=CompetencyFactory(slug="it-operations"), reason="Theirs.")
    assert words(tree(mine.get(PAGE)).find(".//p[@class='figure']/b")) == "73 %"


# ── The receipt ─────────────────────────────────────────────────────────────


def test_receipt_is_a_file_that_holds(mine: Client, me: User) -> None:
    worked_example(me)
    response = mine.get(f"{PAGE}receipt.json")
    today = timezone.localdate()
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Content-Disposition"] == (
        f'attachment; filename="match-software-engineering-backend-l1-version-1-{today}.json"'
    )
    assert response.headers["Cache-Control"] == "private, no-store"
    match = verify(response.content)
    assert (str(match.match), str(match.verified)) == ("29/40", "3/5")
    said = json.loads(response.content)
    assert (said["person"], said["role"]) == ("Noor Haddad", {"role": PATH, "version": 1})


def test_receipt_of_an_older_version_names_it(mine: Client, me: User) -> None:
    role = published(role=PATH, needs={"design": (1, "core")}).role
    published(role=role, needs={"design": (2, "core")})
    link = tree(mine.get(f"{PAGE}?version=1")).find(".//a[@download='']").get("href")
    assert json.loads(mine.get(link).content)["role"] == {"role": PATH, "version": 1}


# ── The picker ──────────────────────────────────────────────────────────────


def test_picker_has_targets_first_and_leads_to_their_version(mine: Client, me: User) -> None:
    old = published(role=PATH, title="One", needs={"design": (1, "core")})
    targets.pin(by=me, version=old)
    published(role=old.role, title="Two", needs={"design": (2, "core")})
    published(role="data/science/l1", title="Scientist", needs={"design": (1, "core")})
    groups = tree(mine.get(f"{PAGE}?version=1")).findall(".//select[@id='id_role']/optgroup")
    assert [(one.get("label"), texts(one, "./option")) for one in groups] == [
        ("Targets", ["One, version 1"]),
        ("Data: Science", ["Scientist, L1"]),
        ("Software engineering: Backend", ["Two, L1"]),
    ]
    chosen = {
        one: mine.get("/match/", {"role": one}).headers["Location"]
        for one in (PATH, f"{PATH}@1", f"{PATH}@2", f"{PATH}@x")
    }
    assert list(chosen.values()) == [PAGE, f"{PAGE}?version=1", PAGE, f"{PAGE}?version=x"]


@pytest.mark.parametrize(("version", "selected"), [(1, "Engineer, version 1"), (2, "Engineer, L1, version 2")])
def test_picker_says_which_version_is_shown(version: int, selected: str, mine: Client, me: User) -> None:
    old = published(role=PATH, needs={"design": (1, "core")})
    targets.pin(by=me, version=old)
    published(role=old.role, needs={"design": (2, "core")})
    page = tree(mine.get(f"{PAGE}?version={version}"))
    (one,) = [words(one) for one in page.findall(".//select[@id='id_role']//option") if one.get("selected") is not None]
    assert one == selected


# ── Long logs, and what the page costs ──────────────────────────────────────


def many(person: User, count: int) -> None:
    """Assisted and self-claimed: of these, no bar is full before long."""
    published(role=PATH, needs={"design": (3, "core")})
    for _ in range(count):
        entry(person=person, claims={"design": 3}, part="assisted", ended_on=timezone.localdate())


def test_long_lists_are_cut_with_a_way_to_the_rest(mine: Client, me: User) -> None:
    many(me, 30)
    design = row(tree(mine.get(PAGE)), "design")
    bars = [texts(one, "./li") for one in design.findall(".//div[@class='level-bar']/ul")]
    assert [(len(lines), lines[-1]) for lines in bars] == [(6, "and 9 more"), (6, "and 2 more"), (6, "and 2 more")]
    assert len(design.findall(".//li[@class='off']")) == 5
    assert words(design.findall(".//ul[@class='rule-list ev']")[-1]).endswith("and 18 more")
    more = {link.get("href") for link in design.findall(".//a") if words(link).endswith(" more")}
    assert more == {"/log/?competency=design"}


@pytest.mark.parametrize("count", [3, 40])
def test_match_costs_twelve_queries_cold_and_four_warm(count: int, mine: Client, me: User) -> None:
    worked_example(me)
    targets.pin(by=me, version=RoleVersion.objects.get())
    for _ in range(count - 3):
        verified(claim_of(entry(person=me, claims={"it-operations": 1}, part="assisted"), "it-operations"))
    found = []
    cache.clear()
    _snapshot.cache_clear()
    policy_at.cache_clear()
    for _ in ("cold", "warm"):
        with CaptureQueriesContext(connection) as queries:
            assert mine.get(PAGE).status_code == 200
        found.append(len(queries))
    assert found == [12, 4]


def test_match_with_an_older_version_costs_one_query_more(mine: Client, me: User) -> None:
    worked_example(me)
    targets.pin(by=me, version=RoleVersion.objects.get())
    published(role=PATH, needs={"design": (1, "core")})
    for address, cost in ((PAGE, 12), (f"{PAGE}?version=1", 13)):  # what nobody did needs no fact beside it
        cache.clear()
        _snapshot.cache_clear()
        policy_at.cache_clear()
        with CaptureQueriesContext(connection) as queries:
            assert mine.get(address).status_code == 200
        assert len(queries) == cost


def test_kept_match_gives_way_to_every_change(mine: Client, me: User) -> None:
    worked_example(me)

    def figure() -> str:
        return words(tree(mine.get(PAGE)).find(".//p[@class='figure']/b"))

    assert figure() == figure() == "73 %"
    made = entry(person=me, claims={"data-engineering": 1}, ended_on=timezone.localdate())
    assert figure() == "85 %"
    made.refresh_from_db()
    verified(claim_of(made, "data-engineering"), says=Answer.DISPUTED)
    assert figure() == "73 %"


def test_each_filter_is_kept_for_itself(mine: Client, me: User) -> None:
    worked_example(me)
    found = [
        texts(tree(mine.get(f"{PAGE}{query}")), ".//h2[@class='gap-name']")
        for query in ("", "?show=met", "?show=gaps", "")
    ]
    assert [len(one) for one in found] == [3, 1, 2, 3]


def test_forms_of_a_kept_match_take_each_visitors_token(me: User) -> None:
    worked_example(me)
    for _ in range(2):
        visitor = Client(enforce_csrf_checks=True)
        visitor.force_login(me)
        form = row(tree(visitor.get(PAGE)), "it-operations").find(".//form")
        token = form.find("./input[@name='csrfmiddlewaretoken']").get("value")
        data = {"competency": "it-operations", "again": "1", "csrfmiddlewaretoken": token}
        assert visitor.post(form.get("action"), data).status_code == 302


def test_match_is_private_to_whoever_asks(mine: Client, me: User) -> None:
    worked_example(me)
    assert words(tree(mine.get(PAGE)).find(".//p[@class='figure']/b")) == "73 %"
    other = Client()
    other.force_login(UserFactory())
    assert words(tree(other.get(PAGE)).find(".//p[@class='figure']/b")) == "0 %"
    assert mine.get(PAGE).headers["Cache-Control"] == "private, no-cache"
