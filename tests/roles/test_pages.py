"""The pages of the catalogue: what each shows, and what it makes of a wrong address."""

import json
from datetime import date, timedelta
from itertools import count
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from django.test import Client
from django.utils import timezone

from competencies.models import Competency, Indicator
from roles.models import RoleVersion
from roles.shapes.content import salary
from tests.conftest import Shipped, texts, tree, words
from tests.factories.competencies import AreaFactory, CompetencyFactory, IndicatorFactory, ProficiencyLevelFactory
from tests.factories.people import UserFactory, ladder_editor
from tests.factories.roles import FamilyFactory, RoleFactory, SpecialtyFactory, draft, published, role_at

pytestmark = pytest.mark.django_db

SOFTWARE = "software-engineering"
ROLES = (
    # path, title, needs, moves
    (f"{SOFTWARE}/backend/l1", "Backend Engineer", {"design": (1, "core"), "running": (2, "supporting")}),
    (f"{SOFTWARE}/backend/l2", "Senior Backend Engineer", {"design": (3, "core"), "running": (2, "core")}),
    (f"{SOFTWARE}/front-end/l1", "Interface Engineer", {"design": (2, "core")}),
    ("data/science/l2", "Scientist", {"design": (2, "supporting"), "numbers": (4, "core")}),
    ("people/leading/l3", "Manager", {"talking": (4, "core")}),
)


@pytest.fixture
def five() -> None:
    """Four ladders in three families; a manager whom no way leads to."""
    for position, (slug, name) in enumerate(
        ((SOFTWARE, "Software engineering"), ("data", "Data"), ("people", "People")), start=1
    ):
        FamilyFactory(slug=slug, name=name, position=position, about=f"About {name.lower()}.")
    for order, slug in enumerate(("design", "running", "numbers", "talking")):
        CompetencyFactory(slug=slug, position=order)
    SpecialtyFactory(family=FamilyFactory(slug="people"), slug="leading", track="management")
    moves = {
        f"{SOFTWARE}/backend/l1": {"sideways": [{"role": f"{SOFTWARE}/front-end/l1", "focus": "Looks."}]},
        f"{SOFTWARE}/front-end/l1": {"up": [{"role": "data/science/l2"}]},
        f"{SOFTWARE}/backend/l2": {"sideways": [{"role": "data/science/l2"}]},
    }
    for path, title, needs in ROLES:
        published(
            role=role_at(path), title=title, needs=needs, mission=f"Mission of {title}.", moves=moves.get(path, {})
        )


def rows(table: Element | None) -> list[list[str]]:
    assert table is not None
    return [[words(cell) for cell in row] for row in table.findall(".//tr")]


def matrix(page: Element) -> list[list[str]]:
    return rows(page.find(".//table[@class='matrix']"))


def titles(page: Element) -> list[str]:
    return texts(page, ".//table[@class='matrix']//td/a")


def shown(client: Client, **query: Any) -> list[str]:
    """The titles in the matrix; the line that counts them says as many."""
    page = tree(client.get("/roles/", query))
    found = titles(page)
    assert words(page.find(".//output")) == f"{len(found)} role{'' if len(found) == 1 else 's'}"
    return found


def options(page: Element, name: str) -> list[str]:
    return texts(page, f".//select[@name='{name}']/option")


def chosen(page: Element, name: str) -> str:
    """The value of a select, as a browser reads it: the last one that is marked, else the first."""
    every = page.findall(f".//select[@name='{name}']//option")
    marked = [one for one in every if "selected" in one.attrib]
    return (marked or every[:1])[-1].get("value", "")


def sections(page: Element) -> list[str]:
    """The headings of a role's specification."""
    return texts(page, ".//article/section/h2")


# ── The matrix ──────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("five")
def test_roles_shows_families_ladders_and_levels(client: Client) -> None:
    nothing = "No role at this level"
    assert matrix(tree(client.get("/roles/"))) == [
        ["Specialty", "L1Level 1", "L2Level 2", "L3Level 3"],
        ["Software engineering About software engineering."],
        ["Backend", "Backend Engineer", "Senior Backend Engineer", nothing],
        ["Front end", "Interface Engineer", nothing, nothing],
        ["Data About data."],
        ["Science", nothing, "Scientist", nothing],
        ["People About people."],
        ["Leading", nothing, nothing, "Manager"],
    ]


@pytest.mark.usefixtures("five")
def test_roles_links_to_every_role_and_ladder(client: Client) -> None:
    links = [one.get("href") for one in tree(client.get("/roles/")).findall(".//table[@class='matrix']//a")]
    ladders = list(dict.fromkeys(path.rpartition("/")[0] for path, _, _ in ROLES))
    assert sorted(links) == sorted(
        [*(f"/roles/{path}/" for path, _, _ in ROLES), *(f"/roles/{one}/" for one in ladders)]
    )


def test_roles_of_the_shipped_catalogue(client: Client, catalogue: Any, shipped: dict[str, Shipped]) -> None:
    page = tree(client.get("/roles/"))
    assert sorted(titles(page)) == sorted(one.document["title"] for one in shipped.values())
    assert texts(page, ".//tr[@class='fam']//span/small") == [
        "The people who build and run the product.",
        "Pipelines, models and the questions they answer.",
        "Growing people and teams; a sideways move, not a reward.",
    ]
    assert texts(page, ".//tbody/tr/th[@scope='row']") == [
        "General",
        "Backend",
        "Front-end",
        "Site reliability",
        "Quality",
        "Data engineering",
        "Engineering management",
    ]


def test_roles_with_nothing_published_says_so(client: Client) -> None:
    page = tree(client.get("/roles/"))
    assert texts(page, ".//h2") == ["No role is published yet"]
    assert page.find(".//table") is None


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"family": "data"}, ["Scientist"]),
        ({"specialty": f"{SOFTWARE}/front-end"}, ["Interface Engineer"]),
        ({"level": "l2"}, ["Senior Backend Engineer", "Scientist"]),
        ({"track": "management"}, ["Manager"]),
        ({"competency": "running"}, ["Backend Engineer", "Senior Backend Engineer"]),
        ({"competency": "design", "at_least": "2"}, ["Senior Backend Engineer", "Interface Engineer", "Scientist"]),
        ({"competency": "design", "at_least": "3"}, ["Senior Backend Engineer"]),
        ({"competency": "design", "at_least": "5"}, []),
        ({"at_least": "5"}, [title for _, title, _ in ROLES]),
        ({"family": SOFTWARE, "level": "l2"}, ["Senior Backend Engineer"]),
        ({"family": SOFTWARE, "specialty": f"{SOFTWARE}/backend", "level": "l1"}, ["Backend Engineer"]),
        ({"level": "l2", "track": "individual", "competency": "numbers", "at_least": "4"}, ["Scientist"]),
        ({"family": "data", "level": "l1"}, []),
        ({"track": "management", "competency": "design"}, []),
    ],
)
def test_roles_filtered(query: dict[str, str], wanted: list[str], client: Client) -> None:
    assert shown(client, **query) == wanted


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize(
    "query",
    [
        {"family": "nobody"},
        {"specialty": "backend"},
        {"level": "l9"},
        {"track": "railway"},
        {"competency": "'; DROP TABLE"},
        {"at_least": "many"},
        {"at_least": "-1"},
        {"at_least": "99999999999999999999"},
        {"page": "first"},
        {"page": "0"},
        {"page": "-3"},
        {"page": "99999999999999999999"},
        {"family": "\x00", "level": "\x00"},
        {"family": "data' OR 1=1"},
        {"unheard": "of"},
    ],
)
def test_roles_ignores_wrong_values(query: dict[str, str], client: Client) -> None:
    assert shown(client, **query) == [title for _, title, _ in ROLES]


@pytest.mark.usefixtures("five")
def test_roles_drops_the_specialty_of_another_family(client: Client) -> None:
    assert shown(client, family="data", specialty=f"{SOFTWARE}/backend") == ["Scientist"]


@pytest.mark.usefixtures("five")
def test_roles_counts_what_each_option_would_show(client: Client) -> None:
    page = tree(client.get("/roles/"))
    assert options(page, "family") == ["All families", "Software engineering (3)", "Data (1)", "People (1)"]
    assert options(page, "specialty") == [
        "All specialties",
        "Backend (2)",
        "Front end (1)",
        "Science (1)",
        "Leading (1)",
    ]
    assert options(page, "level") == ["All levels", "L1 Level 1 (2)", "L2 Level 2 (2)", "L3 Level 3 (1)"]
    assert options(page, "track") == ["All tracks", "Individual contributor (4)", "Management (1)"]
    assert options(page, "competency") == ["Any", "Design (4)", "Running (2)", "Numbers (1)", "Talking (1)"]


@pytest.mark.usefixtures("five")
def test_roles_counts_under_the_other_filters(client: Client) -> None:
    """A filter's own choice does not narrow its own options, the others' do."""
    page = tree(client.get("/roles/", {"family": SOFTWARE, "competency": "design", "at_least": "2"}))
    assert options(page, "family") == ["All families", "Software engineering (2)", "Data (1)", "People (0)"]
    assert options(page, "specialty") == ["All specialties", "Backend (1)", "Front end (1)"]
    assert options(page, "level") == ["All levels", "L1 Level 1 (1)", "L2 Level 2 (1)", "L3 Level 3 (0)"]
    assert options(page, "competency") == ["Any", "Design (2)", "Running (2)", "Numbers (0)", "Talking (0)"]
    assert [chosen(page, name) for name in ("family", "specialty", "competency", "at_least")] == [
        SOFTWARE,
        "",
        "design",
        "2",
    ]


@pytest.mark.usefixtures("five")
def test_roles_where_nothing_fits_offers_to_clear_the_filters(client: Client) -> None:
    page = tree(client.get("/roles/", {"family": "data", "level": "l1"}))
    empty = page.find(".//div[@class='empty']")
    assert words(empty.find("h2")) == "No role fits with these filters"
    assert words(empty.find("p")) == "5 roles would without the filters."
    assert empty.find(".//a").get("href") == "/roles/"


def test_roles_are_shown_forty_ladders_a_page(client: Client) -> None:
    for number in range(41):
        published(
            role=role_at(f"{SOFTWARE}/s{number:02}/l1"), title=f"Engineer {number:02}", needs={"design": (1, "core")}
        )
    first, second = (tree(client.get("/roles/", query)) for query in ({}, {"page": "2"}))
    assert titles(first) == [f"Engineer {number:02}" for number in range(40)]
    assert titles(second) == ["Engineer 40"]
    pagers = [page.find(".//nav[@aria-label='Pages']") for page in (first, second)]
    assert [words(one) for one in pagers] == ["Page 1 of 2 Next page", "Previous page Page 2 of 2"]
    assert [one.find("a").get("href") for one in pagers] == ["?page=2", "?page=1"]


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize("query", [{"page": "2"}, {"page": "7", "q": "engineer"}])
def test_roles_beyond_the_last_page_shows_the_last_one(query: dict[str, str], client: Client) -> None:
    """An old link or a narrower filter must not lead to an empty table."""
    page = tree(client.get("/roles/", query))
    assert titles(page) + texts(page, ".//ol/li/h3/a") != []


# ── htmx ────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("/roles/?level=l2", "matrix"),
        ("/roles/?q=engineer", "matrix"),
        (f"/roles/compare/?from={SOFTWARE}/backend/l1", "compare"),
        (f"/roles/map/?from={SOFTWARE}/backend/l1&to=data/science/l2", "map"),
        (f"/roles/{SOFTWARE}/backend/l1/difference/", "difference"),
    ],
)
def test_htmx_gets_only_the_part_that_it_targets(address: str, target: str, client: Client) -> None:
    whole = client.get(address)
    part = client.get(address, headers={"HX-Request": "true", "HX-Target": target})
    fragment = list(tree(part))
    assert [(one.tag, one.get("id")) for one in fragment] == [("div", target)]
    assert words(fragment[0]) == words(tree(whole).find(f".//div[@id='{target}']"))
    for response in (whole, part):
        assert {"HX-Request", "HX-Target"} <= {name.strip() for name in response.headers["Vary"].split(",")}


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize(
    "headers",
    [
        {"HX-Request": "true"},
        {"HX-Request": "true", "HX-Target": "main"},
        {"HX-Request": "true", "HX-Boosted": "true", "HX-Target": "matrix"},
        {"HX-Target": "matrix"},
    ],
)
def test_htmx_that_targets_something_else_gets_the_whole_page(headers: dict[str, str], client: Client) -> None:
    assert client.get("/roles/", headers=headers).content == client.get("/roles/").content


# ── Search ──────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("five")
def test_search_page_shows_the_best_answer_first(client: Client) -> None:
    published(
        role=role_at("data/science/l3"), title="Analyst", needs={"design": (1, "core")}, mission="Knows the backend."
    )
    page = tree(client.get("/roles/", {"q": "bakend"}))
    assert texts(page, ".//ol/li/h3/a")[-1] == "Analyst"
    assert sorted(texts(page, ".//ol/li/h3/a")) == ["Analyst", "Backend Engineer", "Senior Backend Engineer"]
    assert words(page.find(".//output")) == "3 roles"
    assert page.find(".//table[@class='matrix']") is None
    assert page.find(".//input[@id='id_q']").get("value") == "bakend"
    last = page.findall(".//ol/li")[-1]
    assert [words(one) for one in last] == ["Analyst L3", "Knows the backend.", "Data / Science"]


@pytest.mark.usefixtures("five")
def test_search_page_with_filters(client: Client) -> None:
    page = tree(client.get("/roles/", {"q": "engineer", "level": "l1"}))
    assert sorted(texts(page, ".//ol/li/h3/a")) == ["Backend Engineer", "Interface Engineer"]
    assert options(page, "level") == ["All levels", "L1 Level 1 (2)", "L2 Level 2 (1)", "L3 Level 3 (0)"]


@pytest.mark.usefixtures("five")
def test_search_page_without_an_answer(client: Client) -> None:
    page = tree(client.get("/roles/", {"q": "zzzz"}))
    assert words(page.find(".//div[@class='empty']/h2")) == "No role mentions “zzzz”"
    assert words(page.find(".//output")) == "0 roles"
    filtered = tree(client.get("/roles/", {"q": "scientist", "level": "l1"}))
    assert words(filtered.find(".//div[@class='empty']/h2")) == "No role mentions “scientist” with these filters"
    assert filtered.find(".//div[@class='empty']//a").get("href") == "/roles/?q=scientist"


@pytest.mark.usefixtures("five")
def test_search_page_cuts_a_long_query(client: Client) -> None:
    page = tree(client.get("/roles/", {"q": "scientist " + "x" * 5_000}))
    assert len(page.find(".//input[@id='id_q']").get("value")) == 200


# ── A role ──────────────────────────────────────────────────────────────────


def test_role_page_shows_every_part_of_its_document(
    client: Client, catalogue: Any, shipped: dict[str, Shipped]
) -> None:
    path = f"{SOFTWARE}/general/l1"
    document = shipped[path].document
    page = tree(client.get(f"/roles/{path}/"))
    assert words(page.find(".//h1")) == "Associate Software Engineer L1"
    assert words(page.find("html/head/title")) == "Associate Software Engineer, L1 · Ladder"
    assert words(page.find(".//div[@class='page-head']/div/p")) == document["summary"]
    assert sections(page) == [
        "Mission",
        "Tour of duty",
        "About General",
        "What you do",
        "Working with AI tools",
        "Where you have to be strong",
        "Competency shape",
        "Skills",
        "Education and experience",
        "From here",
    ]
    within = {one.get("aria-labelledby"): one for one in page.findall(".//article/section")}
    assert texts(within["s-mission"], "p") == [document["mission"]]
    assert texts(within["s-tour"], "p") == [document["tour_of_duty"]]
    assert texts(within["s-about"], "p") == [document["about_specialty"], document["about_family"]]
    duties = document["responsibilities"]
    assert [texts(one, "li") for one in within["s-do"].findall("ul")] == [duties["primary"], duties["secondary"]]
    assert texts(within["s-ai"], ".//li") == document["ai_accelerators"]
    skills = document["skills"]
    assert [texts(one, "li") for one in within["s-skills"].findall("ul")] == [skills["hard"], skills["soft"]]
    education, experience = document["education"], document["experience"]
    assert [(words(term), words(text)) for term, text in zip(*[iter(within["s-edu"].find("dl"))] * 2, strict=True)] == [
        ("Education", " ".join(education["minimum"])),
        ("Preferred", "".join(education["preferred"])),
        ("Fields of study", ", ".join(education["fields"])),
        ("Experience", f"0 to 2 years. {experience['note']}"),
        ("Preferred", "".join(experience["preferred"])),
    ]
    assert words(page.find(".//div[@class='next-level']/h3")) == "What changes at the next level: Independence"
    assert texts(page, ".//div[@class='next-level']/ul/li") == document["next_level"]["changes"]
    assert texts(page, ".//ul[@class='tags']/li") == document["tags"]
    glance = page.find(".//aside//dl[@class='facts']")
    assert texts(glance, "dd") == [
        "L1 Associate",
        "Individual contributor",
        "0 to 2 years",
        "60,000 to 85,000 USD a year",
        "7, 2 core",
    ]
    assert ", ".join(document["keywords"]) in texts(page, ".//aside//p")


def test_every_shipped_role_page_says_all_of_its_document(
    client: Client, catalogue: Any, shipped: dict[str, Shipped]
) -> None:
    def sayings(part: Any) -> list[str]:
        if isinstance(part, dict):
            return [text for key, one in part.items() if key not in UNSAID for text in sayings(one)]
        return [text for one in part for text in sayings(one)] if isinstance(part, list) else [str(part)]

    lost = {}
    for path, (_, _, document) in shipped.items():
        said = words(tree(client.get(f"/roles/{path}/")))
        every = [*sayings(document), *([salary(document)] if "salary" in document else [])]
        lost[path] = [text for text in every if " ".join(text.split()) not in said]
    assert {path: texts for path, texts in lost.items() if texts} == {}
    assert len(lost) > 30


# Slugs and numbers are shown in words.
UNSAID = {"salary", "minimum_years", "maximum_years", "role", "requirements"}


def test_role_page_lists_its_requirements_with_the_heaviest_tier_first(
    client: Client, catalogue: Any, shipped: dict[str, Shipped]
) -> None:
    path = f"{SOFTWARE}/general/l1"
    page = tree(client.get(f"/roles/{path}/"))
    names = dict(Competency.objects.values_list("slug", "name"))
    table = page.find(".//table[@class='req']")
    needs = {
        need["competency"]: (need["need"], need["tier"].title()) for need in shipped[path].document["requirements"]
    }
    found = [(row[0], row[1], row[2][0]) for row in rows(table)[1:]]
    assert sorted(found) == sorted((names[slug], tier, str(need)) for slug, (need, tier) in needs.items())
    assert [row[1] for row in found] == ["Core"] * 2 + ["Supporting"] * 4 + ["Emerging"]
    for row, cells in zip(table.findall("tbody/tr"), rows(table)[1:], strict=True):
        link = row.find("th/a").get("href")
        slug, number = link.removeprefix("/competencies/").split("/#level-")
        assert names[slug] == cells[0]
        assert cells[3] == Indicator.objects.filter(competency__slug=slug, level__number=number).first().text


def test_role_page_draws_a_radar(client: Client, catalogue: Any, shipped: dict[str, Shipped]) -> None:
    """Seven requirements: one axis and one mark each, and a text that says the same."""
    page = tree(client.get(f"/roles/{SOFTWARE}/general/l1/"))
    svg = page.find(".//figure/svg")
    assert (svg.get("class"), svg.get("role")) == ("radar", "img")
    assert svg.get("aria-labelledby").split() == [svg.find("title").get("id"), svg.find("desc").get("id")]
    assert words(svg.find("title")) == "Competency shape of Associate Software Engineer, L1"
    said = words(svg.find("desc")).split(". ")[0].split("; ")
    needs = shipped[f"{SOFTWARE}/general/l1"].document["requirements"]
    names = dict(Competency.objects.values_list("slug", "name"))
    assert sorted(said) == sorted(f"{names[n['competency']]}, {n['tier']}, level {n['need']}" for n in needs)
    assert len([line for line in svg.findall("line") if line.get("class").startswith("axis")]) == 7
    shape = svg.find("polygon[@class='need-line']").get("points").split()
    assert len(shape) == 7
    assert len(set(shape)) == 7
    assert [len(svg.findall(f".//*[@class='mark {tier}']")) for tier in ("core", "supporting", "emerging")] == [2, 4, 1]


@pytest.mark.usefixtures("catalogue")
def test_role_page_draws_three_requirements_as_bars(client: Client) -> None:
    page = tree(client.get(f"/roles/{SOFTWARE}/backend/l1/"))
    assert words(page.find(".//h1")) == "Associate Backend Engineer L1"
    svg = page.find(".//figure/svg")
    assert svg.get("class") == "bars"
    assert words(svg.find("title")) == "Competency shape of Associate Backend Engineer, L1"
    assert words(svg.find("desc")).endswith("The table beside it says the same.")
    assert texts(svg, "text/tspan") == ["level 2", "level 1", "level 2"]
    assert len(svg.findall("rect[@class='cell need']")) == 5
    assert len([one for one in svg.findall("rect") if one.get("class").startswith("cell")]) == 15
    glance = texts(page, ".//aside//dl[@class='facts']/dd")
    assert glance[3] == "3, 2 core"  # and no salary


@pytest.mark.parametrize(("needs", "drawn"), [(1, "bars"), (3, "bars"), (4, "radar"), (10, "radar"), (11, "radar")])
def test_role_page_draws_what_it_can(needs: int, drawn: str, client: Client) -> None:
    published(role=role_at("data/science/l1"), needs={f"skill-{n}": (1 + n % 5, "core") for n in range(needs)})
    figure = tree(client.get("/roles/data/science/l1/")).find(".//figure")
    assert figure.find("svg").get("class") == drawn
    if drawn == "radar":
        assert len(figure.find("svg/polygon[@class='need-line']").get("points").split()) == min(needs, 10)
    assert texts(figure, "p") == (["The 10 heaviest of 11; the table has all."] if needs == 11 else [])


def test_role_page_without_requirements_answers(client: Client) -> None:
    published(role=role_at("data/science/l1"), title="Scientist", mission="Find out.")
    page = tree(client.get("/roles/data/science/l1/"))
    assert sections(page) == ["Mission", "From here"]


def test_role_pages_with_only_some_parts_show_no_empty_ones(client: Client) -> None:
    published(role=role_at("data/science/l1"), title="Scientist", needs={"design": (1, "supporting")})
    assert sections(tree(client.get("/roles/data/science/l1/"))) == ["Competency shape", "From here"]


@pytest.mark.usefixtures("five")
def test_role_page_has_its_ladder_beside_it(client: Client) -> None:
    rail = tree(client.get(f"/roles/{SOFTWARE}/backend/l1/")).find(".//nav[@aria-label='Levels of Backend']")
    assert [(words(one), one.get("href"), one.get("aria-current")) for one in rail.findall(".//a")] == [
        ("L2 Senior Backend Engineer", f"/roles/{SOFTWARE}/backend/l2/", None),
        ("L1 Backend Engineer", f"/roles/{SOFTWARE}/backend/l1/", "page"),
    ]


def test_role_page_shows_moves_with_their_gaps(client: Client) -> None:
    published(role=role_at("data/science/l2"), title="Senior", needs={"design": (3, "core"), "numbers": (2, "core")})
    published(role=role_at("data/art/l1"), title="Artist", needs={"painting": (1, "core")})
    published(role=role_at("data/intern/l1"), title="Intern", needs={"design": (1, "core")})
    published(
        role=role_at("data/science/l1"),
        title="Scientist",
        needs={"design": (2, "core")},
        moves={
            "entry": [{"role": "data/intern/l1", "focus": "Waking up."}, {"title": "Student"}],
            "up": [{"role": "data/science/l2", "focus": "More."}],
            "sideways": [{"role": "data/art/l1"}, {"title": "Painter", "focus": "Colours."}],
        },
    )
    page = tree(client.get("/roles/data/science/l1/"))
    journey = page.find(".//section[@aria-labelledby='s-journey']")
    assert texts(journey, "h3") == ["Up", "Sideways", "Ways in"]
    assert [words(one) for one in journey.findall("div[@class='move']")] == [
        "Senior L2 More. Shares 1 competency. Compare with Senior 3 levels to gain",
        "Artist L1 Shares 0 competencies. Compare with Artist 1 level to gain",
        "Painter outside this ladder Colours.",
        "Intern L1 Waking up. Shares 1 competency 1 level to gain",
        "Student outside this ladder",
    ]
    assert [one.get("href") for one in journey.findall("div[@class='move']//a")] == [
        "/roles/data/science/l2/",
        "/roles/compare/?from=data/science/l1&to=data/science/l2",
        "/roles/data/art/l1/",
        "/roles/compare/?from=data/science/l1&to=data/art/l1",
        "/roles/data/intern/l1/",
    ]


@pytest.mark.parametrize(
    "path",
    ["data/science/l9", "data/nothing/l1", "nobody/science/l1", "data/science/L1"],
)
@pytest.mark.parametrize("end", ["/", ".json", "/job.json", "/history/", "/history/1/", "/difference/"])
def test_role_that_is_not_there_is_not_found(path: str, end: str, client: Client) -> None:
    published(role=role_at("data/science/l1"), needs={"design": (1, "core")})
    assert client.get(f"/roles/data/science/l1{end}").status_code == 200
    assert client.get(f"/roles/{path}{end}").status_code == 404


def test_role_that_is_only_a_draft_is_not_found(client: Client) -> None:
    draft(role=role_at("data/science/l1"), title="Secret Scientist", needs={"design": (1, "core")})
    assert client.get("/roles/data/science/l1/").status_code == 404
    assert b"Secret" not in client.get("/roles/").content


# ── Markup in texts ─────────────────────────────────────────────────────────


EVIL = '<script>alert("1")</script>\'&amp;</style>--><img src=x onerror=alert(1)>'


@pytest.fixture
def evil() -> RoleVersion:
    """Markup in every text that a ladder has; each text ends with a number of its own."""
    number = count()

    def text() -> str:
        return f"{EVIL} {next(number)}"

    family = FamilyFactory(slug="data", name=text()[:80], about=text())
    specialty = SpecialtyFactory(family=family, slug="science", name=text()[:80], about=text())
    CompetencyFactory(
        slug="design", name=text()[:80], definition=text(), area=AreaFactory(slug="building", name=text()[:60])
    )
    level = ProficiencyLevelFactory(number=1, name=text()[:40], meaning=text())
    IndicatorFactory(competency=Competency.objects.get(), level=level, text=text())
    everything = {
        **{key: text() for key in ("title", "summary", "mission", "tour_of_duty", "about_family", "about_specialty")},
        "title": text()[:120],
        "tags": [text()],
        "keywords": [text()],
        "responsibilities": {"primary": [text()], "secondary": [text()]},
        "skills": {"hard": [text()], "soft": [text()]},
        "education": {"minimum": [text()], "preferred": [text()], "certifications": [text()], "fields": [text()]},
        "experience": {"minimum_years": 1, "note": text(), "preferred": [text()]},
        "ai_accelerators": [text()],
        "next_level": {"theme": text()[:80], "changes": [text()]},
        "moves": {way: [{"title": text()[:120], "focus": text()}] for way in ("entry", "up", "sideways")},
    }
    role = RoleFactory(specialty=specialty, level__number=1)
    published(role=role, needs={"design": (1, "core")}, **everything)
    everything["mission"] = text()
    return published(role=role, needs={"design": (1, "core")}, **everything)


PAGES_OF_EVIL = (
    "/roles/",
    "/roles/?q=alert",
    f"/roles/?q={EVIL.replace('&', '%26')}",
    "/roles/data/science/",
    "/roles/data/science/l1/",
    "/roles/data/science/l1/history/",
    "/roles/data/science/l1/history/1/",
    "/roles/data/science/l1/difference/",
    "/roles/compare/?all=1",
    "/roles/map/?from=data/science/l1&to=data/science/l1",
    "/competencies/",
    "/competencies/design/",
)


@pytest.mark.usefixtures("evil")
@pytest.mark.parametrize("address", PAGES_OF_EVIL)
def test_markup_in_texts_stays_text(address: str, client: Client) -> None:
    page = tree(client.get(address))
    scripts = [one for one in page.iter("script") if one.get("type") != "application/ld+json"]
    assert [(bool(one.get("src")), words(one)) for one in scripts] == [(True, "")]
    assert page.findall(".//img") == []
    assert not any(name.startswith("on") for one in page.iter() for name in one.attrib)
    assert "<script>alert(" in words(page)


def test_markup_in_the_role_page_is_shown_as_it_was_written(evil: RoleVersion, client: Client) -> None:
    page = tree(client.get("/roles/data/science/l1/"))
    document = evil.document
    assert words(page.find(".//h1")) == f"{document['title']} L1"
    assert words(page.find(".//p[@class='statement']")) == document["mission"]
    duties = document["responsibilities"]
    assert texts(page, ".//ul[@class='duties']/li") == [*duties["primary"], *duties["secondary"]]
    data = json.loads(page.find(".//script[@type='application/ld+json']").text)
    assert (data["name"], data["description"]) == (document["title"], document["summary"])
    assert data["responsibilities"] == duties["primary"]
    assert page.find(".//meta[@name='description']").get("content") == document["summary"]


# ── Compare ─────────────────────────────────────────────────────────────────


def comparison(client: Client, **query: str) -> tuple[str, str]:
    page = tree(client.get("/roles/compare/", query))
    return chosen(page, "from"), chosen(page, "to")


L1, L2, UI, SCIENTIST, MANAGER = (path for path, _, _ in ROLES)


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize("address", ["/roles/compare/", "/roles/map/"])
def test_compare_and_map_offer_each_role_once(address: str, client: Client) -> None:
    """So that an arrow key goes on from the role that is chosen, not from the first one of all."""
    ours, other = "software-engineering/backend/l2", "data/science/l2"
    shown = tree(client.get(address, {"from": ours, "to": other}))
    for name, path in (("from", ours), ("to", other)):
        values = [one.get("value") for one in shown.findall(f".//select[@name='{name}']//option")]
        assert sorted(value for value in values if value) == sorted(set(values) - {""})
        assert len(set(values) - {""}) == 5
        assert chosen(shown, name) == path


@pytest.mark.usefixtures("five")
def test_compare_takes_the_next_level_by_default(client: Client) -> None:
    assert comparison(client) == (L1, L2)
    assert comparison(client, **{"from": L1}) == (L1, L2)
    assert comparison(client, **{"from": L2}) == (L2, L1)  # the top: the one below
    assert comparison(client, **{"from": UI}) == (UI, UI)  # alone on its ladder
    assert comparison(client, **{"from": SCIENTIST, "to": UI}) == (SCIENTIST, UI)


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize("wrong", ["nobody/at/l1", L1.upper(), "/", "\x00", "<script>"])
def test_compare_ignores_an_unknown_role(wrong: str, client: Client) -> None:
    assert comparison(client, **{"from": wrong, "to": UI}) == (L1, UI)
    assert comparison(client, **{"from": UI, "to": wrong}) == (UI, UI)


@pytest.mark.usefixtures("five")
def test_compare_swaps(client: Client) -> None:
    page = tree(client.get("/roles/compare/", {"from": L1, "to": SCIENTIST}))
    assert words(page.find(".//h1")) == "What changes from Backend Engineer to Scientist"
    swap = page.find(".//a[@aria-label='Swap the two roles']").get("href")
    assert comparison(client, **dict(part.split("=") for part in swap.removeprefix("?").split("&"))) == (SCIENTIST, L1)


@pytest.mark.usefixtures("five")
def test_compare_a_role_with_itself_says_that_nothing_differs(client: Client) -> None:
    page = tree(client.get("/roles/compare/", {"from": L1, "to": L1}))
    assert texts(page, ".//table[@class='delta']/tbody/tr/td[3]") == ["unchanged", "unchanged"]
    assert words(page.find(".//div[@class='stack']/p")) == "0 more levels; 2 unchanged."
    assert texts(page, ".//table[@class='sbs']/tbody/tr") == ["Nothing differs in the wording."]


def test_compare_shows_what_is_raised_lowered_new_gone_and_unchanged(client: Client) -> None:
    for order, slug in enumerate(("rising", "falling", "coming", "going", "staying")):
        CompetencyFactory(slug=slug, position=order)
    before = {"rising": (1, "core"), "falling": (4, "core"), "going": (2, "emerging"), "staying": (3, "supporting")}
    after = {"rising": (3, "core"), "falling": (2, "core"), "coming": (1, "emerging"), "staying": (3, "core")}
    published(role=role_at("data/science/l1"), title="Scientist", needs=before, mission="Find out.")
    published(role=role_at("data/science/l2"), title="Scientist II", needs=after, mission="Find out more.")
    page = tree(client.get("/roles/compare/"))
    assert rows(page.find(".//table[@class='delta']"))[1:] == [
        ["Rising", "1 Core", "3 Core", "+2 raised"],
        ["Falling", "4 Core", "2 Core", "-2 lowered"],
        ["Coming", "not asked", "1 Emerging", "+1 new"],
        ["Going", "2 Emerging", "not asked", "-2 gone"],
        ["Staying", "3 Supporting", "3 Core", "unchangedtier up"],
    ]
    assert (
        words(page.find(".//div[@class='stack']/p"))
        == "3 more levels; 1 raised; 1 new; 1 lowered; 1 gone; 1 unchanged; 1 tier moves."
    )
    overlay = page.find(".//figure/svg")
    assert words(overlay.find("title")) == "Shapes of Scientist, L1 (dashed) and Scientist II, L2 (solid)"
    assert words(overlay.find("desc")).split(". ")[0] == (
        "Rising, core, 1 to 3; Falling, core, 4 to 2; Coming, emerging, – to 1; Going, emerging, 2 to –; "
        "Staying, core, 3, same"
    )
    wording = page.find(".//table[@class='sbs']/tbody")
    assert [[words(cell) for cell in row] for row in wording] == [
        ["Title", "Scientist", "Scientist II"],
        ["Mission", "Find out.", "Find out more."],
    ]


def test_compare_shows_wording_that_stays_the_same_where_asked(client: Client) -> None:
    for level in ("l1", "l2"):
        published(
            role=role_at(f"data/science/{level}"), title="Scientist", needs={"design": (1, "core")}, mission="Find out."
        )
    assert texts(tree(client.get("/roles/compare/")), ".//table[@class='sbs']/tbody/tr/th") == []
    whole = tree(client.get("/roles/compare/?all=1"))
    assert texts(whole, ".//table[@class='sbs']/tbody/tr/th") == ["Title", "Mission"]


def test_compare_with_nothing_published(client: Client) -> None:
    assert words(tree(client.get("/roles/compare/")).find(".//h1")) == "Compare two roles"


# ── A ladder ────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("five")
def test_ladder_shows_what_each_level_asks_for(client: Client) -> None:
    page = tree(client.get(f"/roles/{SOFTWARE}/backend/"))
    assert words(page.find(".//h1")) == "The Backend ladder"
    assert rows(page.find(".//table[@class='level-grid']")) == [
        ["Competency", "L1Backend Engineer", "L2Senior Backend Engineer"],
        ["Design", "1 Core", "3 Core"],
        ["Running", "2 Supporting", "2 Core"],
    ]
    assert texts(page, ".//ol[@class='rule-list']/li") == [
        "L1 Backend EngineerMission of Backend Engineer.",
        "L2 Senior Backend EngineerMission of Senior Backend Engineer.",
    ]


@pytest.mark.usefixtures("five")
def test_ladder_says_what_a_level_does_not_ask_for(client: Client) -> None:
    published(role=role_at("data/science/l3"), title="Senior Scientist", needs={"numbers": (5, "core")})
    table = tree(client.get("/roles/data/science/")).find(".//table[@class='level-grid']")
    assert rows(table)[1:] == [["Design", "2 Supporting", "–not asked"], ["Numbers", "4 Core", "5 Core"]]


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize("path", ["data/nothing", "nobody/science", f"{SOFTWARE}/science"])
def test_ladder_that_is_not_there_is_not_found(path: str, client: Client) -> None:
    assert client.get(f"/roles/{path}/").status_code == 404


# ── The map ─────────────────────────────────────────────────────────────────


def on_map(client: Client, **query: str) -> Element:
    return tree(client.get("/roles/map/", query))


def steps(page: Element) -> list[str]:
    return texts(page, ".//ol[@class='path-steps']/li")


@pytest.mark.usefixtures("five")
def test_map_without_a_choice_shows_every_ladder_and_move(client: Client) -> None:
    page = on_map(client)
    assert texts(page, ".//svg[@class='lattice']/text[@class='track']") == [
        "Backend",
        "Front end",
        "Science",
        "Leading",
    ]
    nodes = page.findall(".//svg[@class='lattice']/a")
    assert sorted(one.get("href") for one in nodes) == sorted(f"/roles/{path}/" for path, _, _ in ROLES)
    assert sorted(one.get("aria-label") for one in nodes) == [
        "Backend Engineer, L1",
        "Interface Engineer, L1",
        "Manager, L3",
        "Scientist, L2",
        "Senior Backend Engineer, L2",
    ]
    assert rows(page.find(".//details//table"))[1:] == [
        ["Backend Engineer, L1", "Interface Engineer, L1", "Sideways", "1"],
        ["Backend Engineer, L1", "Senior Backend Engineer, L2", "Up", "2"],
        ["Senior Backend Engineer, L2", "Scientist, L2", "Sideways", "4"],
        ["Interface Engineer, L1", "Scientist, L2", "Up", "4"],
    ]
    assert words(page.find(".//aside//h2")) == "Plan a way"


@pytest.mark.usefixtures("five")
def test_map_shows_the_way_with_the_smallest_gap(client: Client) -> None:
    page = on_map(client, **{"from": L1, "to": SCIENTIST})
    assert words(page.find(".//aside//header")) == "Path to Scientist5 levels"
    assert steps(page) == [
        "Backend Engineer L1Start",
        "Interface Engineer L11 level sideways. Design to 2",
        "Scientist L24 levels up. Numbers to 4",
    ]
    assert texts(page, ".//aside//ul/li") == ["By way of Senior Backend Engineer2 moves, 6 levels"]
    assert [
        one.get("class") for one in page.findall(".//svg[@class='lattice']/path") if "path" in one.get("class")
    ] == [
        "path",
        "path",
    ]
    labels = {one.get("class"): one.get("aria-label") for one in page.findall(".//svg[@class='lattice']/a")}
    assert labels["node you"] == "Backend Engineer, L1, start"
    assert labels["node dest"] == "Scientist, L2, 5 levels to gain, destination"


@pytest.mark.usefixtures("five")
def test_map_shows_another_way_that_was_chosen(client: Client) -> None:
    other = on_map(client, **{"from": L1, "to": SCIENTIST}).find(".//aside//ul/li//a").get("href")
    page = tree(client.get(f"/roles/map/{other}"))
    assert steps(page) == [
        "Backend Engineer L1Start",
        "Senior Backend Engineer L22 levels up. Design to 3",
        "Scientist L24 levels sideways. Numbers to 4",
    ]
    assert texts(page, ".//aside//ul/li") == ["By way of Interface Engineer2 moves, 5 levels"]


def test_map_prefers_few_levels_or_few_moves(client: Client) -> None:
    """Through the artist it is two moves and seven levels, up the ladder and over three moves and two levels."""
    published(
        role=role_at("data/science/l1"),
        title="Scientist",
        needs={"design": (1, "core")},
        moves={"sideways": [{"role": "data/art/l1"}]},
    )
    published(role=role_at("data/science/l2"), title="Senior", needs={"design": (2, "core")})
    published(
        role=role_at("data/science/l3"),
        title="Staff",
        needs={"design": (2, "core"), "talking": (1, "core")},
        moves={"sideways": [{"role": "data/lead/l2"}]},
    )
    published(
        role=role_at("data/art/l1"),
        title="Artist",
        needs={"design": (2, "core"), "painting": (5, "core")},
        moves={"up": [{"role": "data/lead/l2"}]},
    )
    published(role=role_at("data/lead/l2"), title="Lead", needs={"design": (2, "core"), "talking": (1, "core")})
    found = {}
    for prefer in ("gap", "moves"):
        page = on_map(client, **{"from": "data/science/l1", "to": "data/lead/l2", "prefer": prefer})
        assert chosen(page, "prefer") == prefer
        found[prefer] = (words(page.find(".//aside//header")), texts(page, ".//ol[@class='path-steps']/li/p/b"))
    assert found == {
        "gap": ("Path to Lead2 levels", ["Scientist", "Senior", "Staff", "Lead"]),
        "moves": ("Path to Lead7 levels", ["Scientist", "Artist", "Lead"]),
    }


@pytest.mark.usefixtures("five")
def test_map_says_where_no_way_leads(client: Client) -> None:
    page = on_map(client, **{"from": L1, "to": MANAGER})
    assert words(page.find(".//aside//h2")) == "No path"
    assert (
        words(page.find(".//aside[@aria-label='Chosen path']//p"))
        == "No chain of moves leads from Backend Engineer to Manager."
    )
    assert steps(page) == []


@pytest.mark.usefixtures("five")
def test_map_from_a_role_to_itself(client: Client) -> None:
    page = on_map(client, **{"from": L1, "to": L1})
    assert words(page.find(".//aside[@aria-label='Chosen path']//p")) == "Start and destination are the same role."


@pytest.mark.usefixtures("five")
def test_map_of_one_family_keeps_what_was_chosen(client: Client) -> None:
    ladders = ".//svg[@class='lattice']/text[@class='track']"
    assert texts(on_map(client, family="data"), ladders) == ["Science"]
    page = on_map(client, **{"family": "data", "from": L1})
    assert texts(page, ladders) == ["Backend", "Science"]
    assert "2 more ladders not shown; choose a family, or roles of theirs." in texts(page, ".//p")


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize(
    "query",
    [
        {"from": "nobody", "to": "nothing"},
        {"family": "nobody"},
        {"prefer": "walking"},
        {"way": "minus one"},
        {"way": "-1"},
        {"way": "9" * 30},
        {"way": "²"},
        {"way": "٣"},
        {"from": "\x00"},
    ],
)
def test_map_ignores_wrong_values(query: dict[str, str], client: Client) -> None:
    assert words(on_map(client, **query).find(".//aside//h2")) == "Plan a way"
    page = on_map(client, **{**query, "from": L1, "to": SCIENTIST})
    assert words(page.find(".//aside//h2")) == "Path to Scientist"


def test_map_with_nothing_published(client: Client) -> None:
    assert texts(on_map(client), ".//h2") == ["No role is published yet"]


# ── Versions ────────────────────────────────────────────────────────────────

SCIENCE = "/roles/data/science/l1/"


@pytest.fixture
def four_versions() -> list[RoleVersion]:
    """Superseded, in force, scheduled, and a draft."""
    role = role_at("data/science/l1")
    tomorrow = timezone.localdate() + timedelta(days=1)
    needs = {"design": (2, "core")}
    return [
        published(role=role, title="Old Scientist", needs={"design": (1, "core")}, mission="Find out."),
        published(role=role, title="Scientist", needs=needs, mission="Find out more.", effective_from=date(2025, 6, 1)),
        published(role=role, title="Future Scientist", needs=needs, effective_from=tomorrow),
        draft(role=role, title="Secret Scientist", needs=needs),
    ]


@pytest.fixture
def editor() -> Client:
    client = Client()
    client.force_login(ladder_editor())
    return client


@pytest.fixture
def person() -> Client:
    client = Client()
    client.force_login(UserFactory())
    return client


@pytest.mark.usefixtures("four_versions")
def test_history_lists_versions_the_newest_first(client: Client, person: Client) -> None:
    for who in (client, person):
        assert rows(tree(who.get(f"{SCIENCE}history/")).find(".//table")) == [
            ["Version", "Title", "Holds from", "State", "Changes"],
            ["Version 2", "Scientist", "1 June 2025", "In force", "What changed from version 1 to 2"],
            ["Version 1", "Old Scientist", "1 January 2025", "Superseded", "First version"],
        ]


@pytest.mark.usefixtures("four_versions")
def test_history_shows_editors_what_is_scheduled(editor: Client) -> None:
    table = rows(tree(editor.get(f"{SCIENCE}history/")).find(".//table"))
    assert [[row[0], row[1], row[3]] for row in table[1:]] == [
        ["Version 3", "Future Scientist", "Scheduled"],
        ["Version 2", "Scientist", "In force"],
        ["Version 1", "Old Scientist", "Superseded"],
    ]


@pytest.mark.usefixtures("four_versions")
def test_version_page_of_an_older_one_says_so(client: Client) -> None:
    page = tree(client.get(f"{SCIENCE}history/1/"))
    assert words(page.find(".//h1")) == "Old Scientist L1"
    notice = page.find(".//div[@class='notice is-warning']")
    assert words(notice) == "This is version 1, in force from 1 January 2025. Read the version in force"
    assert notice.find(".//a").get("href") == SCIENCE
    assert page.find(".//meta[@name='robots']").get("content") == "noindex"
    assert page.find(".//script[@type='application/ld+json']") is None
    assert texts(page, ".//table[@class='req']/tbody/tr/td[2]") == ["1"]


@pytest.mark.usefixtures("four_versions")
def test_version_page_of_the_one_in_force(client: Client) -> None:
    page = tree(client.get(f"{SCIENCE}history/2/"))
    assert words(page.find(".//h1")) == "Scientist L1"
    assert words(page.find(".//div[@class='notice is-warning']")) == "This is version 2, in force from 1 June 2025."


@pytest.mark.usefixtures("four_versions")
def test_scheduled_version_is_for_editors(client: Client, person: Client, editor: Client) -> None:
    scheduled = f"{SCIENCE}history/3/"
    page = tree(editor.get(scheduled))
    assert words(page.find(".//h1")) == "Future Scientist L1"
    assert words(page.find(".//div[@class='notice is-warning']")).startswith("This is version 3, which will hold from ")
    assert [who.get(scheduled).status_code for who in (client, person)] == [404, 404]
    assert words(tree(editor.get(SCIENCE)).find(".//h1")) == "Scientist L1"


@pytest.mark.usefixtures("four_versions")
def test_scheduled_version_comes_into_force_on_its_day(client: Client, time_machine: Any) -> None:
    assert words(tree(client.get(SCIENCE)).find(".//h1")) == "Scientist L1"
    time_machine.move_to(timezone.now() + timedelta(days=1))
    assert words(tree(client.get(SCIENCE)).find(".//h1")) == "Future Scientist L1"
    assert client.get(f"{SCIENCE}history/3/").status_code == 200


@pytest.mark.usefixtures("four_versions")
def test_draft_is_on_no_page_of_the_catalogue(client: Client, person: Client, editor: Client) -> None:
    pages = ("/roles/", "/roles/?q=secret", SCIENCE, f"{SCIENCE}history/", f"{SCIENCE}difference/", "/roles/map/")
    for who in (client, person, editor):
        for address in pages:
            assert b"Secret Scientist" not in who.get(address).content
        assert [who.get(f"{SCIENCE}history/{number}/").status_code for number in (0, 4, 99999)] == [404] * 3


@pytest.mark.usefixtures("four_versions")
def test_version_number_beyond_all_is_not_found(client: Client) -> None:
    assert client.get(f"{SCIENCE}history/{'9' * 40}/").status_code == 404


# ── Differences ─────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("four_versions")
def test_difference_shows_the_newest_against_the_one_before(client: Client, person: Client) -> None:
    for who in (client, person):
        page = tree(who.get(f"{SCIENCE}difference/"))
        assert words(page.find(".//h1")) == "What changed from version 1 to 2"
        assert rows(page.find(".//table[@class='delta']"))[1:] == [["Design", "1 Core", "2 Core", "+1 raised"]]
        wording = page.find(".//table[@class='sbs']/tbody")
        assert [[words(cell) for cell in row] for row in wording] == [
            ["Title", "Old Scientist", "Scientist"],
            ["Mission", "Find out.", "Find out more."],
        ]
        assert texts(wording, ".//del") + texts(wording, ".//ins") == [
            "Old Scientist",
            "Find out.",
            "Scientist",
            "Find out more.",
        ]


@pytest.mark.usefixtures("four_versions")
def test_difference_shows_editors_what_is_scheduled(client: Client, editor: Client) -> None:
    assert words(tree(editor.get(f"{SCIENCE}difference/")).find(".//h1")) == "What changed from version 2 to 3"
    hidden = tree(client.get(f"{SCIENCE}difference/?from=2&to=3"))
    assert options(hidden, "to") == ["Version 2", "Version 1"]
    assert b"Future" not in client.get(f"{SCIENCE}difference/?from=2&to=3").content


@pytest.mark.usefixtures("four_versions")
@pytest.mark.parametrize(
    ("query", "heading"),
    [
        ("from=2&to=1", "What changed from version 2 to 1"),
        ("from=1&to=2", "What changed from version 1 to 2"),
        ("from=9&to=x", "What changed from version 1 to 2"),
        ("to=1", "What changed from version 1 to 1"),
        ("from=2&to=2", "What changed from version 2 to 2"),
    ],
)
def test_difference_between_chosen_versions(query: str, heading: str, client: Client) -> None:
    assert words(tree(client.get(f"{SCIENCE}difference/?{query}")).find(".//h1")) == heading


def test_difference_of_a_role_with_one_version(client: Client) -> None:
    published(role=role_at("data/science/l1"), needs={"design": (1, "core")})
    page = tree(client.get(f"{SCIENCE}difference/"))
    assert "This role has one version so far; there is nothing to compare it with." in texts(page, ".//p")
    assert page.find(".//main//form") is None


@pytest.mark.usefixtures("catalogue")
def test_difference_of_the_shipped_role_with_two_versions(client: Client) -> None:
    page = tree(client.get(f"/roles/{SOFTWARE}/backend/l1/difference/"))
    assert words(page.find(".//h1")) == "What changed from version 1 to 2"
    assert page.find(".//table[@class='sbs']/tbody/tr/th") is not None


# ── Competencies ────────────────────────────────────────────────────────────


def test_competencies_lists_the_framework(client: Client) -> None:
    for position, slug in enumerate(("second", "first")):
        CompetencyFactory(slug=slug, position=2 - position)
    CompetencyFactory(slug="numbers", area=AreaFactory(slug="data", position=2))
    ProficiencyLevelFactory(number=1)
    page = tree(client.get("/competencies/"))
    assert [words(one) for one in page.findall(".//main//section/header")] == ["Building2", "Data1"]
    listed = page.findall(".//ul[@class='rule-list']/li")
    assert [words(one) for one in listed] == [
        "FirstWhat first is.",
        "SecondWhat second is.",
        "NumbersWhat numbers is.",
    ]
    assert [one.find(".//a").get("href") for one in listed] == [
        f"/competencies/{s}/" for s in ("first", "second", "numbers")
    ]
    assert texts(page, ".//dl/dd") == ["Step 1What step 1 means."]


def test_competencies_without_a_framework_says_so(client: Client) -> None:
    assert words(tree(client.get("/competencies/")).find(".//div[@class='empty']/h2")) == "There is no framework yet"


@pytest.mark.usefixtures("five")
def test_competency_shows_its_levels_and_who_needs_them(client: Client) -> None:
    for number in (1, 2, 3):
        ProficiencyLevelFactory(number=number)
    IndicatorFactory(
        competency=Competency.objects.get(slug="design"), level=ProficiencyLevelFactory(number=2), text="Draws."
    )
    page = tree(client.get("/competencies/design/"))
    assert words(page.find(".//h1")) == "Design"
    found = {}
    for level in page.findall(".//main//section"):
        seen, roles = level.findall("div/div")
        found[level.get("id")] = (texts(seen, "ul/li"), texts(roles, "ul/li"))
    assert found == {
        "level-1": ([], ["Backend Engineer L1 Core"]),
        "level-2": (["Draws."], ["Interface Engineer L1 Core", "Scientist L2 Supporting"]),
        "level-3": ([], ["Senior Backend Engineer L2 Core"]),
    }


def test_competency_that_is_not_there_is_not_found(client: Client) -> None:
    assert client.get("/competencies/nothing/").status_code == 404


# ── The shell ───────────────────────────────────────────────────────────────


def test_home_leads_to_the_roles(client: Client) -> None:
    response = client.get("/")
    assert (response.status_code, response.headers["Location"]) == (302, "/roles/")


def test_health_answers(client: Client) -> None:
    response = client.get("/health/")
    assert (response.status_code, response.content) == (200, b"ok")


@pytest.mark.parametrize("address", ["/nothing/", "/roles/a/b/c/d/", "/roles/a/b/c/", "/competencies/a/b/"])
def test_missing_page_says_so(address: str, client: Client, person: Client) -> None:
    for who, links in ((client, ["All roles", "Sign in"]), (person, ["All roles"])):
        response = who.get(address)
        assert response.status_code == 404
        response.status_code = 200  # for `tree`
        page = tree(response)
        assert words(page.find(".//h1")) == "There is nothing here"
        assert texts(page, ".//main//a") == links


def test_every_page_of_the_catalogue_has_one_heading_and_a_title(client: Client, five: None) -> None:
    pages = {
        "/roles/": "Roles · Ladder",
        "/roles/?q=engineer": "Search: engineer · Ladder",
        f"/roles/{L1}/": "Backend Engineer, L1 · Ladder",
        f"/roles/{L1}/history/": "Versions of Backend Engineer, L1 · Ladder",
        f"/roles/{L1}/history/1/": "Backend Engineer, L1, version 1 · Ladder",
        f"/roles/{L1}/difference/": "Backend Engineer, L1: version 1 and 1 · Ladder",
        f"/roles/{SOFTWARE}/backend/": "The Backend ladder · Ladder",
        "/roles/compare/": "Compare Backend Engineer, L1 and Senior Backend Engineer, L2 · Ladder",
        "/roles/map/": "Map of moves · Ladder",
        "/competencies/": "Competencies · Ladder",
        "/competencies/design/": "Design · Ladder",
        "/appearance/": "Light or dark · Ladder",
    }
    found = {address: tree(client.get(address)) for address in pages}
    assert {address: words(page.find("html/head/title")) for address, page in found.items()} == pages
    assert {address: len(page.findall(".//h1")) for address, page in found.items()} == dict.fromkeys(pages, 1)


def test_compare_without_a_role_has_a_title(client: Client) -> None:
    assert words(tree(client.get("/roles/compare/")).find("html/head/title")) == "Compare two roles · Ladder"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_appearance_is_kept_in_a_cookie(theme: str, client: Client) -> None:
    response = client.post("/appearance/", {"theme": theme, "next": "/roles/?q=a"})
    assert (response.status_code, response.headers["Location"]) == (302, "/roles/?q=a")
    cookie = response.cookies["theme"]
    assert (cookie.value, cookie["samesite"], cookie["httponly"]) == (theme, "Lax", True)
    page = tree(client.get("/appearance/"))
    assert page.find("html").get("data-theme") == theme
    assert [one.get("value") for one in page.findall(".//input[@name='theme']") if "checked" in one.attrib] == [theme]


@pytest.mark.parametrize("theme", ["system", "", "pink", "<script>"])
def test_appearance_of_the_system_forgets_the_cookie(theme: str, client: Client) -> None:
    client.cookies["theme"] = "dark"
    response = client.post("/appearance/", {"theme": theme})
    assert (response.status_code, response.headers["Location"]) == (302, "/")
    assert (response.cookies["theme"].value, response.cookies["theme"]["max-age"]) == ("", 0)
    assert tree(client.get("/appearance/")).find("html").get("data-theme") is None


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "http:evil.example",
        "javascript:alert(1)",
        " https://evil.example",
        "https://testserver@evil.example",
        "\x00//evil.example",
    ],
)
def test_appearance_leads_nowhere_else(elsewhere: str, client: Client) -> None:
    sent = client.post("/appearance/", {"theme": "dark", "next": elsewhere})
    assert sent.headers["Location"] == "/"
    assert client.post(f"/appearance/?next={elsewhere}", {"theme": "dark"}).headers["Location"] == "/"
    form = tree(client.get("/appearance/", {"next": elsewhere}))
    assert form.find(".//main//input[@name='next']").get("value") == "/"
