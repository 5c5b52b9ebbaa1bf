"""No page that somebody who is signed in sees has anything that axe objects to."""

import pytest

from tests.browser.conftest import Visit
from tests.browser.pages import ALL, CATALOGUE, OWN, QUICK, violations, violations_everywhere

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("name", CATALOGUE | OWN)
def test_page_is_accessible_to_people(name: str, engineer: Visit) -> None:
    page = engineer.open((CATALOGUE | OWN)[name])
    assert page.get_by_role("button", name="account menu for Noor Haddad").is_visible()
    assert violations_everywhere(page, ALL if name in OWN else QUICK) == {}  # strangers' checks see the rest


def test_open_account_menu_is_accessible(engineer: Visit) -> None:
    page = engineer.open("/roles/")
    page.get_by_role("button", name="account menu for Noor Haddad").click()
    page.get_by_role("button", name="Sign out").wait_for()
    assert violations(page) == []
    page.set_viewport_size({"width": 390, "height": 900})
    assert violations(page) == []
