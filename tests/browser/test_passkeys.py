"""Passkeys and sessions in a browser, with an authenticator that only it has."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from accomplishments.management.commands.load_demo import PASSWORD
from tests.browser.conftest import Visit, visit
from tests.browser.pages import violations_everywhere

pytestmark = pytest.mark.browser

STAFF = "staff@ladder.example"
PASSKEY = "Use a passkey"
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def window(chrome: Browser, server: str) -> Iterator[Visit]:
    """At a name instead of a number, since passkeys belong to names."""
    one = visit(chrome, server.replace("127.0.0.1", "localhost"))
    yield one
    assert one.complaints == []
    one.context.close()


def plug_in(window: Visit) -> tuple[str, object]:
    """A device that says yes to everything."""
    session = window.context.new_cdp_session(window.page)
    session.send("WebAuthn.enable")
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return made["authenticatorId"], session


def sign_in(page: Page, address: str) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill(address)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def say_who_it_is(page: Page) -> None:
    """Once more, before what changes how one signs in."""
    expect(page.get_by_role("heading", level=1)).to_have_text("Is it you?")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()


def add(page: Page, name: str, *, alone: bool = True) -> None:
    page.goto("/accounts/2fa/webauthn/add/")
    say_who_it_is(page)
    page.get_by_label("Name").fill(name)
    page.get_by_label("Let me sign in with it alone").set_checked(alone)
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")


def sign_out(page: Page) -> None:
    page.goto("/accounts/logout/")
    page.locator("main").get_by_role("button", name="Sign out").click()


def account(page: Page) -> str:
    return page.locator(".avatar").inner_text().partition("account menu for ")[2]


def test_passkey_from_adding_to_signing_in_with_it_alone(window: Visit) -> None:
    plug_in(window)
    page = window.page
    sign_in(page, STAFF)
    add(page, "My laptop")
    page.goto("/accounts/2fa/webauthn/")
    expect(page.locator("main .panel li b")).to_have_text(["My laptop"])
    who = account(page)
    sign_out(page)

    page.goto("/accounts/login/?next=/roles/map/")
    page.get_by_role("button", name=PASSKEY).click()
    page.wait_for_url("**/roles/map/")
    assert account(page) == who

    page.goto("/accounts/2fa/webauthn/")
    page.get_by_role("button", name="Rename My laptop").click()
    say_who_it_is(page)
    page.get_by_label("Name").fill("Old laptop")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Remove Old laptop").click()
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("You have none yet.")).to_be_visible()

    sign_out(page)
    page.goto("/accounts/login/")
    page.get_by_role("button", name=PASSKEY).click()
    expect(page.get_by_role("status")).to_have_text("This code is wrong, or no longer valid.")
    expect(page.locator(".avatar")).to_have_count(0)


def test_passkey_as_a_second_factor_and_to_say_that_it_is_you(window: Visit) -> None:
    plug_in(window)
    page = window.page
    sign_in(page, "dilnoza@ladder.example")
    add(page, "Key", alone=False)
    sign_out(page)

    sign_in(page, "dilnoza@ladder.example")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your second factor")
    page.get_by_role("button", name=PASSKEY).click()
    expect(page.locator(".avatar")).to_be_visible()

    page.goto("/accounts/2fa/webauthn/reauthenticate/?next=/roles/")
    page.get_by_role("button", name=PASSKEY).click()
    page.wait_for_url("**/roles/")


def test_passkey_that_is_not_given_is_said(window: Visit) -> None:
    device, session = plug_in(window)
    session.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    page = window.page
    page.goto("/accounts/login/")
    expect(page.locator("#passkey-trouble")).to_be_hidden()
    page.get_by_role("button", name=PASSKEY).click()
    expect(page.locator("#passkey-trouble")).to_be_focused()
    expect(page.locator("#passkey-trouble")).to_contain_text("That did not work")
    assert window.complaints == []
    assert violations_everywhere(page) == {}
    window.complaints.clear()  # axe tries styles of its own


def test_pages_of_passkeys_are_accessible(window: Visit) -> None:
    plug_in(window)
    page = window.page
    sign_in(page, "ewa@ladder.example")
    add(page, "Key")
    pages = [
        "/accounts/2fa/",
        "/accounts/2fa/webauthn/",
        "/accounts/2fa/webauthn/add/",
        "/accounts/2fa/recovery-codes/",
    ]
    page.goto(pages[1])
    edit = page.get_by_role("button", name="Rename Key").get_attribute("href")
    pages += [edit, edit.replace("/edit/", "/remove/"), "/accounts/2fa/webauthn/reauthenticate/"]
    for address in pages:
        page.goto(address)
        assert (address, violations_everywhere(page)) == (address, {})
    sign_out(page)
    sign_in(page, "ewa@ladder.example")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your second factor")
    assert violations_everywhere(page) == {}
    window.complaints.clear()  # axe tries styles of its own


def test_passkeys_are_not_offered_without_javascript(chrome: Browser, server: str) -> None:
    one = visit(chrome, server, java_script_enabled=False)
    page = one.open("/accounts/login/")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(page.get_by_role("button", name=PASSKEY)).to_be_hidden()
    one.context.close()


def test_session_of_another_browser_ends(chrome: Browser, server: str) -> None:
    here, there = visit(chrome, server), visit(chrome, server)
    for one in (here, there):
        sign_in(one.page, "aroha@ladder.example")
        expect(one.page.locator(".avatar")).to_be_visible()
    page = here.open("/accounts/sessions/")
    expect(page.locator("main .panel li")).to_have_count(2)
    page.get_by_role("button", name="End the others").click()
    expect(page.get_by_text("You are signed in nowhere else.")).to_be_visible()
    there.page.goto("/log/")
    expect(there.page.get_by_role("heading", level=1)).to_have_text("Sign in")
    for one in (here, there):
        one.context.close()
