"""Who reads what: the owner chooses, a colleague sees it or does not, and the owner sees who looked."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from accomplishments.management.commands.load_demo import PASSWORD
from tests.browser.conftest import Visit, visit
from tests.browser.pages import violations_everywhere

pytestmark = pytest.mark.browser

TITLE = "Wrote down how quotes are rounded"


@pytest.fixture(scope="module")
def known() -> dict[str, Any]:
    """The cookies of those who signed in: once each, since so many sign-ins in a minute are too many."""
    return {}


@pytest.fixture
def as_person(chrome: Browser, server: str, known: dict[str, Any]) -> Iterator[Callable[[str], Page]]:
    """A window of a demo person, signed in by the form."""
    windows: list[Visit] = []

    def enter(who: str) -> Page:
        one = visit(chrome, server, storage_state=known.get(who))
        windows.append(one)
        if who in known:
            return one.open("/")
        page = one.open("/accounts/login/")
        page.get_by_label("E-mail").fill(f"{who}@ladder.example")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("button", name="account menu")).to_be_visible()
        known[who] = one.context.storage_state()
        return page

    yield enter
    for one in windows:
        one.context.close()


def find(page: Page, name: str) -> None:
    """By typing, without a press of the button."""
    page.get_by_role("link", name="People", exact=True).first.click()
    page.get_by_label("Find colleagues by name").fill(name.split()[0])
    page.get_by_role("heading", name="Found for").wait_for()
    page.get_by_role("region", name="Found for").get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def sound(page: Page) -> None:
    """Accessible at both widths and in both schemes; the window is as wide as before."""
    assert violations_everywhere(page) == {}
    page.set_viewport_size({"width": 1280, "height": 900})


def let(page: Page, readers: str) -> None:
    """The owner changes who may read the entry that is open."""
    page.get_by_role("button", name="Edit", exact=True).click()
    page.get_by_label(readers, exact=True).check()
    page.get_by_role("button", name="Save changes").click()
    expect(page.locator("dl.facts")).to_contain_text(readers)


def test_owner_chooses_who_reads_and_sees_who_did(as_person: Any) -> None:
    noor = as_person("engineer")
    noor.goto("/log/new/")
    noor.get_by_label("What changed?").fill(TITLE)
    noor.get_by_label("I owned it").check()
    noor.get_by_label("A task").check()
    noor.get_by_label("Only me", exact=True).check()
    noor.get_by_role("button", name="Log it").click()
    expect(noor.get_by_role("heading", level=1)).to_have_text(TITLE)

    priya = as_person("panel")
    find(priya, "Noor Haddad")
    entry = priya.get_by_role("link", name=TITLE)
    expect(entry).to_have_count(0)
    let(noor, "My team and my manager")
    priya.reload()
    expect(entry).to_have_count(0)
    let(noor, "Everyone here")
    priya.reload()
    sound(priya)
    entry.click()
    expect(priya.get_by_role("heading", level=1)).to_have_text(TITLE)
    expect(priya.get_by_role("main").get_by_role("button")).to_have_count(0)
    expect(priya.get_by_role("navigation", name="Main").locator("[aria-current]")).to_have_text("People")
    sound(priya)

    noor.get_by_role("link", name="who did").click()
    rows = noor.locator("tbody tr")
    expect(rows.nth(0)).to_have_text(re.compile(rf"Priya Raman\s*Read an entry: {TITLE}"))
    expect(rows.nth(1)).to_have_text(re.compile(r"Priya Raman\s*Opened the record"))
    sound(noor)
    rows.nth(0).get_by_role("link", name=TITLE).click()
    let(noor, "Only me")
    response = priya.reload()
    assert response is not None
    assert response.status == 404


def test_manager_finds_their_reports_and_what_they_let_them_read(as_person: Any) -> None:
    mara = as_person("manager")
    mara.goto("/people/")
    mara.get_by_role("region", name="Your reports").get_by_role("link", name="Sven Lindqvist").click()
    expect(mara.get_by_role("heading", level=1)).to_have_text("Sven Lindqvist")
    before = mara.locator("article.entry").count()
    mara.get_by_role("button", name="Show earlier entries").click()
    expect(mara.locator("#more")).to_have_count(0)
    assert mara.locator("article.entry").count() > before
    mara.set_viewport_size({"width": 390, "height": 800})
    assert mara.evaluate("document.documentElement.scrollWidth") == 390
