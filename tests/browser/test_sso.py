"""Single sign-on in a browser, which holds us to what our policy lets forms lead to."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Visit, serving, visit
from tests.browser.pages import violations_everywhere
from tests.people.provider import CLIENT, SECRET, Provider, running

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running() as provider:
        yield provider


@pytest.fixture(scope="module")
def organisation(chromium: str, provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Ladder into which people come by that provider alone."""
    oidc = {"URL": provider.address, "CLIENT_ID": CLIENT, "SECRET": SECRET, "NAME": "your Example account"}
    given = {f"LADDER_OIDC_{name}": value for name, value in oidc.items()} | {"LADDER_SIGNUP": "closed"}
    with serving(tmp_path_factory.mktemp("organisation"), **given) as address:
        yield address


@pytest.fixture
def window(chrome: Browser, organisation: str) -> Iterator[Visit]:
    one = visit(chrome, organisation)
    yield one
    one.context.close()


def test_single_sign_on_from_the_button_to_the_page_that_was_asked_for(window: Visit, provider: Provider) -> None:
    provider.denies = False
    provider.knows(name="Nia Okoro", email="nia@ladder.example", email_verified=True)
    page = window.open("/accounts/login/?next=/accounts/3rdparty/")
    page.get_by_role("button", name="Continue with your Example account").click()
    expect(page.get_by_role("button", name="account menu for Nia Okoro")).to_be_visible()
    expect(page).to_have_url(re.compile(r"//[^/]+/accounts/3rdparty/$"))
    expect(page.get_by_label("nia@ladder.example")).to_be_checked()
    assert window.complaints == []
    assert violations_everywhere(page) == {}


def test_single_sign_on_that_is_denied_says_so(window: Visit, provider: Provider) -> None:
    provider.denies = True
    page = window.open("/accounts/login/")
    assert violations_everywhere(page) == {}
    page.get_by_role("button", name="Continue with your Example account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are not signed in")
    assert violations_everywhere(page) == {}


def test_pages_of_a_closed_organisation_are_accessible(window: Visit) -> None:
    for address in ("/accounts/signup/", "/accounts/oidc/sso/login/", "/accounts/3rdparty/login/cancelled/"):
        assert (address, violations_everywhere(window.open(address))) == (address, {})
