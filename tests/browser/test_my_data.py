"""My data in a browser, on a phone: an archive is made and opened, then everything is erased."""

import json
import zipfile

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PASSWORD, Visit, visit
from tests.browser.pages import violations_everywhere

pytestmark = pytest.mark.browser

ADDRESS = "zoe.leaves@elsewhere.example"


def sign_up(page: Page) -> None:
    page.get_by_label("Name").fill("Zoë Leaves")
    page.get_by_label("E-mail").fill(ADDRESS)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password, once more").fill(PASSWORD)
    page.get_by_role("button", name="Make an account").click()
    page.get_by_role("button", name="account menu for Zoë Leaves").wait_for()


def looks_right(page: Page, visited: Visit) -> None:
    """On this phone and everywhere; the checks themselves are what the browser complains of afterwards."""
    assert visited.complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert violations_everywhere(page) == {}
    page.set_viewport_size({"width": 390, "height": 800})
    visited.complaints.clear()


def test_my_data_journey(chrome: Browser, server: str) -> None:
    one = visit(chrome, server, viewport={"width": 390, "height": 800})
    sign_up(one.open("/accounts/signup/"))
    page = one.open("/accounts/profile/")
    page.get_by_role("link", name="My data").click()
    page.get_by_role("button", name="Make an archive").click()
    expect(page.get_by_role("status").first).to_have_text(
        "Your archive is being made. You get a mail when it is ready."
    )
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert sorted(archive.namelist()) == ["README.txt", "data.json"]
        assert json.loads(archive.read("data.json"))["profile"]["email"] == ADDRESS
    looks_right(page, one)
    page.get_by_role("button", name="Erase me").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    looks_right(page, one)
    page.get_by_label("Your e-mail address, to be sure").fill(ADDRESS)
    page.get_by_role("button", name="Erase everything of mine").click()
    expect(page.get_by_role("status").first).to_have_text("You are erased. What you took along is yours.")
    page.get_by_label("E-mail").fill(ADDRESS)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="account menu for")).to_have_count(0)
    one.context.close()
