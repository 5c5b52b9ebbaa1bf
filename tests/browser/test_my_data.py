"""My data in a browser, on a phone: an archive is made and opened, then everything is erased."""

import json
import re
import time
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PASSWORD, PATIENCE, Visit, text_of_mail_to, visit
from tests.browser.pages import violations_everywhere

pytestmark = pytest.mark.browser

ADDRESS = "zoe.leaves@elsewhere.example"


def sign_up(page: Page, address: str = ADDRESS) -> None:
    page.get_by_label("Name").fill("Zoë Leaves")
    page.get_by_label("E-mail").fill(address)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password, once more").fill(PASSWORD)
    page.get_by_role("button", name="Make an account").click()
    page.get_by_role("button", name="account menu for Zoë Leaves").wait_for()


def read_in_mail(pattern: str, address: str, mailbox: Path) -> re.Match[str]:
    """Of the newest message, once it is the one that says so."""
    for _ in range(PATIENCE):
        if found := re.search(pattern, text_of_mail_to(address, mailbox)):
            return found
        time.sleep(1)
    raise AssertionError(f"No mail to {address} says {pattern}.")


def looks_right(page: Page, visited: Visit) -> None:
    """On this phone and everywhere; the checks themselves are what the browser complains of afterwards."""
    assert visited.complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert violations_everywhere(page) == {}
    page.set_viewport_size({"width": 390, "height": 800})
    visited.complaints.clear()


def test_my_data_journey(chrome: Browser, server: str, mailbox: Path) -> None:
    one = visit(chrome, server, viewport={"width": 390, "height": 800})
    sign_up(one.open("/accounts/signup/"))
    page = one.open("/accounts/profile/")
    page.get_by_role("link", name="My data").click()
    page.get_by_role("button", name="Make an archive").click()
    expect(page.get_by_role("status").first).to_have_text(
        "Your archive is being made. You get a mail when it is ready."
    )
    read_in_mail("The archive that you asked for is ready.", ADDRESS, mailbox)
    page.reload()
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


def test_leaving_journey(chrome: Browser, server: str, stranger: Visit, mailbox: Path) -> None:
    """An admin closes the account; who left takes the archive along by the link in the mail."""
    address = "yan.leaves@elsewhere.example"
    leaver = visit(chrome, server)
    sign_up(leaver.open("/accounts/signup/"), address)
    admin = visit(chrome, server)
    page = admin.open("/accounts/login/")
    page.get_by_label("E-mail").fill("admin@ladder.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="account menu for").wait_for()
    page = admin.open("/admin/people/user/?q=yan.leaves")
    page.get_by_role("link", name=address).click()
    page.get_by_role("link", name="Close the account").click()
    page.get_by_role("button", name="Close the account").click()
    expect(page.get_by_text("’s account is closed. It will be erased on")).to_be_visible()
    expect(leaver.open("/accounts/data/")).to_have_url(re.compile("/accounts/login/"))
    page = stranger.open(read_in_mail(r"https?://[^/]+(/left/\S+)", address, mailbox)[1])
    page.set_viewport_size({"width": 390, "height": 800})
    page.get_by_role("button", name="Make an archive").click()
    read_in_mail("The archive that you asked for is ready.", address, mailbox)
    page.reload()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert json.loads(archive.read("data.json"))["profile"]["email"] == address
    looks_right(page, stranger)
    leaver.context.close()
    admin.context.close()
