"""No page that a stranger sees has anything that axe objects to."""

import pytest

from tests.browser.conftest import Visit
from tests.browser.pages import BACKEND, CATALOGUE, STRANGERS, violations, violations_everywhere

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("name", CATALOGUE | STRANGERS)
def test_page_is_accessible_to_strangers(name: str, stranger: Visit) -> None:
    assert violations_everywhere(stranger.open((CATALOGUE | STRANGERS)[name])) == {}


@pytest.mark.parametrize(("theme", "system"), [("dark", "light"), ("light", "dark")])
def test_page_is_accessible_in_the_chosen_theme(theme: str, system: str, stranger: Visit) -> None:
    """The cookie's colours, where the system has the others."""
    page = stranger.open("/appearance/")
    page.get_by_label(theme.title(), exact=True).check()
    page.get_by_role("button", name="Keep").click()
    page.emulate_media(color_scheme=system, reduced_motion="reduce")
    found = {}
    for address in ("/roles/", f"{BACKEND}/l3/", CATALOGUE["compare"], CATALOGUE["map with a path"]):
        stranger.open(address)
        assert page.locator("html").get_attribute("data-theme") == theme
        found[address] = violations(page)
    assert {address: lines for address, lines in found.items() if lines} == {}


def test_sign_in_with_an_error_and_the_demo_people_is_accessible(stranger: Visit) -> None:
    page = stranger.open("/accounts/login/")
    page.get_by_label("E-mail").fill("nobody@ladder.example")
    page.get_by_label("Password", exact=True).fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("alert").wait_for()
    page.get_by_text("Demo people", exact=True).first.click()
    assert violations_everywhere(page) == {}


def test_open_menu_and_open_table_are_accessible(stranger: Visit) -> None:
    page = stranger.open("/roles/map/")
    page.get_by_text("The same moves as a table").click()
    page.set_viewport_size({"width": 390, "height": 900})
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Compare").wait_for()
    assert violations(page) == []
