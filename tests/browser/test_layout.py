"""Every page fits every screen, is quiet in the console, and prints without its bar."""

from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Visit, visit
from tests.browser.pages import BACKEND, CATALOGUE, OWN, STRANGERS

pytestmark = pytest.mark.browser

WIDTHS = (320, 390, 768, 1024, 1280)
# What sticks out of the page to the right; what scrolls inside its own box does not.
STICKING_OUT = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  const out = [...document.body.querySelectorAll("*")].filter((one) => one.getBoundingClientRect().right > room + 0.5);
  return [`page is ${document.documentElement.scrollWidth} wide in ${room}`,
    ...out.slice(0, 8).map((one) => `${one.tagName} ${one.className.baseVal ?? one.className}`)];
}"""


# How light a colour of an element is, 0 to 255, whatever way of writing colours the style sheet chose.
SHADE = """([selector, property]) => {
  const brush = document.createElement("canvas").getContext("2d");
  brush.fillStyle = getComputedStyle(document.querySelector(selector))[property];
  brush.fillRect(0, 0, 1, 1);
  const [red, green, blue] = brush.getImageData(0, 0, 1, 1).data;
  return (red + green + blue) / 3;
}"""


def sticking_out(one: Visit, address: str) -> dict[int, Any]:
    page = one.open(address)
    found = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        found[width] = page.evaluate(STICKING_OUT)
    return {width: parts for width, parts in found.items() if parts}


@pytest.mark.parametrize("name", CATALOGUE | STRANGERS)
def test_page_does_not_scroll_sideways(name: str, stranger: Visit) -> None:
    assert sticking_out(stranger, (CATALOGUE | STRANGERS)[name]) == {}


@pytest.mark.parametrize("name", ["home", "roles", "role l1", "ladder", "compare", "map with a path", *OWN])
def test_page_of_people_does_not_scroll_sideways(name: str, engineer: Visit) -> None:
    assert sticking_out(engineer, (CATALOGUE | OWN)[name]) == {}


# How far the right edge of each visible cell is from the left one of the window.
EDGES = "(cells) => Math.max(...cells.map((cell) => cell.getBoundingClientRect().right))"


@pytest.mark.parametrize("name", ["compare", "difference", "role l3", "history"])
def test_table_on_a_phone_fits(name: str, stranger: Visit) -> None:
    stranger.page.set_viewport_size({"width": 390, "height": 800})
    page = stranger.open(CATALOGUE[name])
    assert page.locator("main td:visible").evaluate_all(EDGES) <= 390
    headers = {
        "compare": ["Associate Backend Engineer", "Junior Backend Engineer", "Responsibilities"],
        "difference": ["Version 1", "Version 2", "Responsibilities"],
        "role l3": ["Competency", "What that looks like", "API Design & Integration"],
        "history": ["Holds from", "Version 2"],
    }[name]
    for header in headers:  # it is a table still for those who hear it
        assert page.get_by_role("columnheader", name=header).or_(page.get_by_role("rowheader", name=header)).count() > 0


def test_no_page_makes_the_browser_complain(stranger: Visit, engineer: Visit) -> None:
    found = {}
    for who, pages in ((stranger, CATALOGUE | STRANGERS), (engineer, CATALOGUE | OWN)):
        for name, address in pages.items():
            who.complaints.clear()
            who.open(address).wait_for_load_state("networkidle")
            expected = ["Failed to load resource: the server responded with a status of 404 (Not Found)"]
            if who.complaints != (expected if name == "missing" else []):
                found[name, who is engineer] = list(who.complaints)
    assert found == {}


def test_policy_stops_a_script_that_gets_in(stranger: Visit) -> None:
    """Or the test above would be quiet for the wrong reason."""
    page = stranger.open("/roles/")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">x</p>')")
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.evil = 1'}))"
    )
    assert page.evaluate("window.evil") is None
    assert len(stranger.complaints) == 2
    assert all("Content Security Policy" in one for one in stranger.complaints)


@pytest.mark.parametrize("name", ["roles", "role l1", "compare", "ladder", "competency"])
def test_page_prints_without_its_bar(name: str, stranger: Visit) -> None:
    page = stranger.open(CATALOGUE[name])
    hidden = ("header.bar", "body > footer", ".skip", "form.toolbar")
    assert page.locator("header.bar").is_visible()
    page.emulate_media(media="print")
    assert {one: page.locator(one).first.is_visible() for one in hidden if page.locator(one).count()} == {
        one: False for one in hidden if page.locator(one).count()
    }
    assert page.get_by_role("heading", level=1).is_visible()


@pytest.mark.parametrize("name", ["roles", "ladder", "compare", "map with a path"])
def test_page_prints_without_losing_a_column(name: str, stranger: Visit) -> None:
    """180 mm between the margins of a page are 680 pixels; paper does not scroll."""
    stranger.page.set_viewport_size({"width": 680, "height": 960})
    page = stranger.open(CATALOGUE[name])
    page.emulate_media(media="print")
    assert page.locator("main :is(td, th, svg):visible").evaluate_all(EDGES) <= 680.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_prints_dark_on_white(scheme: str, stranger: Visit) -> None:
    page = stranger.open(f"{BACKEND}/l1/")
    page.emulate_media(media="print", color_scheme=scheme)
    assert page.evaluate(SHADE, ["body", "backgroundColor"]) >= 250
    assert page.evaluate(SHADE, [".spec p", "color"]) <= 110
    assert page.evaluate(SHADE, ["h1", "color"]) <= 110


def test_page_follows_the_chosen_theme(chrome: Browser, server: str) -> None:
    """The system has it light; the cookie wins."""
    one = visit(chrome, server, color_scheme="light")
    page = one.open("/roles/")
    paper = ["html", "backgroundColor"]
    assert page.evaluate(SHADE, paper) > 200
    page.get_by_role("link", name="Light or dark").click()
    page.get_by_label("Dark", exact=True).check()
    page.get_by_role("button", name="Keep").click()
    page.wait_for_url("**/roles/")
    assert page.evaluate(SHADE, paper) < 60
    one.context.close()
