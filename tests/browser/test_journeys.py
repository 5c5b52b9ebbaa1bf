"""What people come for: which role is mine, which is next, and what lies between them."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Visit, visit
from tests.browser.pages import BACKEND

pytestmark = pytest.mark.browser

MINE, NEXT = "Associate Backend Engineer", "Junior Backend Engineer"
MOST_TABS = 150


def check_role(page: Page) -> None:
    expect(page).to_have_url(re.compile(rf"{BACKEND}/l1/$"))
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{MINE} L1")
    expect(page.get_by_role("navigation", name="Levels of Backend").locator("[aria-current]")).to_have_text(
        f"L1 {MINE}"
    )


def check_comparison(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(f"What changes from {MINE} to {NEXT}")
    rows = page.get_by_role("region", name="Levels and tiers").locator("tbody tr")
    assert rows.count() >= 3
    assert page.locator("table.delta .gap-n").count() >= 1


def go(page: Page, act: Callable[[str, str], None]) -> None:
    """From the front page to the difference; `act` follows the link of that name, which leads to that address."""
    act(MINE, f"{BACKEND}/l1/")
    check_role(page)
    act("Everything that changes from L1 to L2", "/roles/compare/")
    check_comparison(page)


def by_keyboard(page: Page) -> Callable[[str, str], None]:
    def act(name: str, address: str) -> None:
        for _ in range(MOST_TABS):
            page.keyboard.press("Tab")
            here = page.evaluate("document.activeElement.textContent.trim()")
            where = page.evaluate("document.activeElement.getAttribute('href') || ''")
            if here == name and where.startswith(address):
                assert page.evaluate("document.activeElement.matches(':focus-visible')")
                page.keyboard.press("Enter")
                page.wait_for_url(lambda url: address in url)
                return
        pytest.fail(f"No link “{name}” within {MOST_TABS} steps")

    return act


def test_journey_by_mouse(stranger: Visit) -> None:
    page = stranger.open("/")
    go(page, lambda name, _: page.get_by_role("link", name=name, exact=True).click())
    page.get_by_role("button", name="Swap the two roles").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"What changes from {NEXT} to {MINE}")
    assert stranger.complaints == []


def test_journey_by_keyboard(stranger: Visit) -> None:
    page = stranger.open("/")
    go(page, by_keyboard(page))


def test_journey_without_javascript(chrome: Browser, server: str) -> None:
    one = visit(chrome, server, java_script_enabled=False)
    page = one.open("/")
    go(page, lambda name, _: page.get_by_role("link", name=name, exact=True).click())
    page.get_by_label("To", exact=True).select_option("software-engineering/backend/l3")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"What changes from {MINE} to Backend Software Engineer")
    one.context.close()


def test_skip_link_comes_first_and_leads_to_the_content(stranger: Visit) -> None:
    page = stranger.open("/roles/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to content")
    expect(skip).to_be_focused()
    box = skip.bounding_box()
    assert box["x"] >= 0
    assert box["y"] >= 0
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


# ── The catalogue ───────────────────────────────────────────────────────────


def count(page: Page) -> str:
    return page.locator("#role-count").inner_text()


def test_filters_update_the_address_and_back_works(stranger: Visit) -> None:
    page = stranger.open("/roles/")
    everything = count(page)
    page.get_by_label("Family", exact=True).select_option("management")
    page.wait_for_url("**/roles/?*family=management*")
    expect(page.locator("table.matrix tr.fam")).to_have_count(1)
    expect(page.locator("#role-count")).to_have_text("3 roles")
    page.get_by_label("Level", exact=True).select_option("l5")
    page.wait_for_url("**/roles/?*level=l5*")
    expect(page.locator("table.matrix td a")).to_have_text(["Engineering Manager"])
    address = page.url
    page.go_back()
    expect(page.locator("#role-count")).to_have_text("3 roles")
    expect(page.get_by_label("Level", exact=True)).to_have_value("")
    page.go_back()
    expect(page.locator("#role-count")).to_have_text(everything)
    assert page.url.endswith("/roles/")
    expect(page.get_by_label("Family", exact=True)).to_have_value("")
    page.goto(address)
    expect(page.locator("table.matrix td a")).to_have_text(["Engineering Manager"])
    assert stranger.complaints == []


def test_filters_leave_the_focus_where_it_was(stranger: Visit) -> None:
    page = stranger.open("/roles/")
    page.get_by_label("Family", exact=True).focus()
    page.get_by_label("Family", exact=True).select_option("data")
    page.wait_for_url("**/roles/?*family=data*")
    expect(page.locator("table.matrix tr.fam")).to_have_count(1)
    expect(page.get_by_label("Family", exact=True)).to_be_focused()


def test_filters_without_javascript(chrome: Browser, server: str) -> None:
    one = visit(chrome, server, java_script_enabled=False)
    page = one.open("/roles/")
    page.get_by_label("Family", exact=True).select_option("management")
    page.get_by_role("button", name="Show", exact=True).click()
    assert count(page) == "3 roles"
    assert "family=management" in page.url
    one.context.close()


def test_search_with_typing_errors(stranger: Visit) -> None:
    page = stranger.open("/roles/")
    box = page.get_by_role("main").get_by_label("Search")
    box.fill("bakend enginer")
    page.wait_for_url(re.compile(r"/roles/\?q=bakend(%20|\+)enginer"))
    first = page.locator("ol.hits li").first
    expect(first).to_contain_text("Backend")
    expect(box).to_be_focused()
    expect(box).to_have_value("bakend enginer")
    assert page.evaluate("document.activeElement.selectionStart") == len("bakend enginer")
    first.get_by_role("link").click()
    expect(page).to_have_url(re.compile(rf"{BACKEND}/l\d/$"))
    page.go_back()
    expect(page.get_by_role("main").get_by_label("Search")).to_have_value("bakend enginer")
    assert stranger.complaints == []


def test_search_keeps_what_is_typed_while_the_answer_is_on_its_way(stranger: Visit) -> None:
    page = stranger.open("/roles/")
    page.route("**/roles/?q=*", lambda route: (page.wait_for_timeout(600), route.continue_()))
    box = page.get_by_role("main").get_by_label("Search")
    with page.expect_request("**/roles/?q=*"):
        box.press_sequentially("back")
    box.press_sequentially("end")
    page.wait_for_timeout(1_500)
    expect(box).to_have_value("backend")


def test_search_on_a_phone_is_in_the_menu(stranger: Visit) -> None:
    stranger.page.set_viewport_size({"width": 390, "height": 800})
    page = stranger.open("/competencies/")
    box = page.get_by_role("searchbox", name="Search roles")
    assert not box.is_visible()
    page.get_by_role("button", name="Menu").press("Enter")
    box.fill("director")
    box.press("Enter")
    page.wait_for_url("**/roles/?q=director")
    assert page.get_by_role("heading", level=3).first.inner_text().startswith("Director of Engineering")


def test_search_from_the_bar_of_any_page(stranger: Visit) -> None:
    page = stranger.open("/competencies/")
    page.get_by_role("searchbox", name="Search roles").fill("director")
    page.keyboard.press("Enter")
    expect(page.locator("ol.hits li").first).to_contain_text("Director of Engineering")


# ── The map ─────────────────────────────────────────────────────────────────


def test_map_shows_a_path(stranger: Visit) -> None:
    page = stranger.open(f"{BACKEND}/l1/")
    page.get_by_role("button", name="Moves from here").click()
    expect(page.locator("svg.lattice a.you")).to_have_attribute("aria-label", f"{MINE}, L1, start")
    page.get_by_label("To", exact=True).select_option("management/engineering-management/l5")
    page.wait_for_url("**/roles/map/?*to=management*")
    expect(page.get_by_role("heading", name="Path to Engineering Manager")).to_be_visible()
    steps = page.locator("ol.path-steps li")
    expect(steps.first).to_contain_text(MINE)
    expect(steps.last).to_contain_text("Engineering Manager")
    assert page.locator("svg.lattice path.path").count() == steps.count() - 1
    others = page.get_by_role("region", name="Other ways there")
    chosen = steps.all_inner_texts()
    others.get_by_role("link").first.click()
    page.wait_for_url("**way=1*")
    assert page.locator("ol.path-steps li").all_inner_texts() != chosen
    assert stranger.complaints == []


def test_compare_changes_as_one_chooses(stranger: Visit) -> None:
    page = stranger.open("/roles/compare/?from=software-engineering/backend/l1")
    page.get_by_label("To", exact=True).select_option("data/data-engineering/l1")
    page.wait_for_url("**to=data*")
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"What changes from {MINE} to Associate Data Engineer")
    rows = page.locator("table.sbs tbody tr")
    before = rows.count()
    page.get_by_label("Show wording that stays the same").check()
    page.wait_for_url("**all=1*")
    expect(page.get_by_label("Show wording that stays the same")).to_be_checked()
    assert page.locator("table.sbs tbody tr").count() >= before
    assert stranger.complaints == []


# ── Narrow screens and people ───────────────────────────────────────────────


def test_menu_on_a_narrow_screen(chrome: Browser, server: str) -> None:
    one = visit(chrome, server, viewport={"width": 390, "height": 800})
    page = one.open("/roles/")
    link = page.get_by_role("navigation", name="Main").get_by_role("link", name="Map")
    expect(link).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(link).to_be_visible()
    page.keyboard.press("Escape")
    expect(link).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    link.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Map of moves")
    one.context.close()


def test_sign_in_and_out(stranger: Visit) -> None:
    page = stranger.open("/roles/")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("E-mail").fill("engineer@ladder.example")
    page.get_by_label("Password", exact=True).fill("climb-the-ladder")
    page.keyboard.press("Enter")
    menu = page.get_by_role("button", name="account menu for Noor Haddad")
    menu.click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="You are signed out.")).to_be_visible()
    page.reload()
    expect(page.get_by_role("status").filter(has_text="You are signed out.")).to_have_count(0)
    assert stranger.complaints == []
