"""The home page in a browser: a newcomer's way to an explained match, and what the page is like empty and full."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from accomplishments.management.commands.load_demo import PASSWORD
from tests.browser.conftest import Visit, visit
from tests.browser.pages import violations_everywhere

pytestmark = pytest.mark.browser

ROLE, TARGET = "Associate Backend Engineer, L1", "Junior Backend Engineer"
TITLE = "Order search down from 40 s to 2 s"
ACTION = (
    "I normalised the orders schema in PostgreSQL and added the missing index; the slow query fell from 40 s to 2 s."
)
SHOWS = "Databases & Data Modelling"  # which the target asks for


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def newcomer(chrome: Browser, server: str, request: pytest.FixtureRequest) -> Iterator[Visit]:
    one = visit(chrome, server, java_script_enabled=request.param)
    yield one
    assert one.complaints == []
    one.context.close()


def sign_up(page: Page, name: str) -> None:
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Make an account").click()
    page.get_by_label("Name").fill(name)
    page.get_by_label("E-mail").fill(f"{name.split()[0].lower()}@example.org")
    page.get_by_label("Password", exact=True).fill("a-rung-at-a-time-9")
    page.get_by_label("Password, once more").fill("a-rung-at-a-time-9")
    page.get_by_role("button", name="Make an account").click()


def step(page: Page, text: str) -> None:
    """The first step that is to be done next."""
    expect(page.locator("#first-steps [aria-current=step]")).to_contain_text(text)


def test_newcomer_comes_to_an_explained_match(newcomer: Visit, request: pytest.FixtureRequest) -> None:
    scripted = request.node.callspec.id == "with JavaScript"
    page = newcomer.open("/")
    sign_up(page, "Scripted Newcomer" if scripted else "Plain Newcomer")

    step(page, "Say which role you hold")
    page.get_by_label("Your role").select_option(label=ROLE)
    page.get_by_role("button", name="This is my role").click()

    step(page, "Pick a target")
    page.get_by_role("button", name=f"Pin {TARGET}, L2 as a target").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"Towards {TARGET}")
    expect(page.locator("#target-shape .figure b")).to_have_text("0 %")

    step(page, "Log a first accomplishment")
    page.get_by_role("button", name="Log a first accomplishment").click()
    page.get_by_label("What changed?").fill(TITLE)
    page.get_by_label("What you did").fill(ACTION)
    page.get_by_label("I owned it").check()
    page.get_by_label("My team", exact=True).check()
    page.get_by_label("Finished on").fill("2026-06-30")
    if not scripted:
        page.get_by_role("button", name="Suggest competencies").click()
    suggestion = page.locator("#suggestions li").filter(has_text=SHOWS)
    expect(suggestion).to_contain_text("Matched on:")
    expect(suggestion).to_contain_text("schema")
    suggestion.get_by_role("button", name="Accept").click()
    expect(page.locator("#claims .claimed h3")).to_have_text([SHOWS])
    expect(page.locator("#effect")).to_contain_text(f"{TARGET} match: 0 % to")
    page.get_by_role("button", name="Log it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)

    page.get_by_role("navigation", name="Main").get_by_role("link", name="Home").click()
    expect(page.locator("#first-steps")).to_have_count(0)
    expect(page.locator("#target-shape .figure b")).not_to_have_text("0 %")
    match = page.locator("#target-shape .figure b").inner_text()
    page.get_by_role("link", name="Open gap analysis").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Match with {TARGET} L2")
    expect(page.locator(".match .figure b")).to_have_text(match)
    row = page.locator("details.gap").filter(has=page.get_by_role("heading", name=SHOWS))
    if row.get_attribute("open") is None:
        row.locator("> summary").click()
    expect(row.get_by_role("link", name=TITLE).first).to_be_visible()
    expect(row.get_by_text("Part 1 × proof 0.5 × age 1 = 0.5").first).to_be_visible()


# ── Empty and full ──────────────────────────────────────────────────────────


@pytest.fixture
def tevita(chrome: Browser, server: str) -> Iterator[Visit]:
    """The demo's newest colleague, who has nothing yet."""
    one = visit(chrome, server)
    page = one.open("/accounts/login/")
    page.get_by_label("E-mail").fill("tevita@ladder.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Three first steps").wait_for()
    yield one
    one.context.close()


def test_empty_home_is_accessible_and_fits(tevita: Visit) -> None:
    assert tevita.complaints == []  # axe itself makes some
    assert violations_everywhere(tevita.page) == {}
    for width in (320, 390, 1024):
        tevita.page.set_viewport_size({"width": width, "height": 900})
        assert tevita.page.evaluate("document.documentElement.scrollWidth") <= width


def test_full_home_is_accessible_in_every_look(engineer: Visit) -> None:
    page = engineer.open("/")
    page.get_by_role("heading", name="The match over time").wait_for()
    page.get_by_text("These values as a table").click()
    assert violations_everywhere(page) == {}


def test_title_typed_at_home_is_a_draft(engineer: Visit) -> None:
    page = engineer.open("/")
    page.get_by_label("What did you do?").fill("Paired on the flaky import test")
    page.get_by_role("button", name="Add a draft").click()
    expect(page.get_by_role("status").first).to_contain_text("“Paired on the flaky import test” is in your log")
    page.goto("/")
    expect(page.locator(".recent")).to_contain_text("Paired on the flaky import test")


@pytest.mark.parametrize("width", [390, 1024, 1056, 1280])
def test_navigation_fits(width: int, engineer: Visit) -> None:
    page = engineer.open("/")
    page.set_viewport_size({"width": width, "height": 900})
    main = page.get_by_role("navigation", name="Main")
    if width < 1056:
        page.get_by_role("button", name="Menu", exact=True).click()
    for name in ("Home", "Log", "Match", "Roles", "Compare", "Map", "Competencies"):
        expect(main.get_by_role("link", name=name, exact=True)).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    expect(main.get_by_role("link", name="Home")).to_have_attribute("aria-current", "page")
    if width >= 1056:
        assert page.locator("header.bar").bounding_box()["height"] < 60  # one row
