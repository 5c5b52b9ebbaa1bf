"""Import in a browser, with and without JavaScript: a file that is wrong, put right, confirmed, and sent again."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PASSWORD, Visit, visit
from tests.browser.pages import violations_everywhere

pytestmark = pytest.mark.browser

HEAD = "title,part,scope,ended_on,competencies\n"
WRONG = HEAD + "Cut the nightly export to minutes,owned,team,2026-02-30,databases:2; mentorshp:1\n"
RIGHT = HEAD + "Cut the nightly export to minutes,owned,team,2026-02-28,databases:2; mentorship:1\nGuide,,,,\n"


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def guest(chrome: Browser, server: str, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """Somebody of the demo whose log no other test looks at."""
    one = visit(chrome, server, java_script_enabled=request.param)
    page = one.open("/accounts/login/")
    page.get_by_label("E-mail").fill("hr@ladder.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="account menu for").wait_for()
    yield one
    one.context.close()


def upload(page: Page, text: str) -> None:
    page.get_by_label("File", exact=True).set_input_files(
        {"name": "log.csv", "mimeType": "text/csv", "buffer": text.encode()}
    )
    page.get_by_role("button", name="Preview").click()


def test_import_journey(guest: Visit, request: pytest.FixtureRequest) -> None:
    how = request.node.callspec.id  # both journeys are one person's
    mine = RIGHT.replace("minutes", how).replace("Guide", f"Guide {how}")
    page = guest.open("/log/")
    page.get_by_role("button", name="Import", exact=True).click()
    upload(page, WRONG)
    expect(page.get_by_role("alert").get_by_role("listitem")).to_have_text(
        [
            "line 2: competency 'mentorshp' is not known; did you mean 'mentorship'?",
            "line 2: ended_on '2026-02-30' is not a date such as 2026-06-30",
        ]
    )
    expect(page.get_by_label("Or paste its text")).to_have_value(WRONG)
    page.get_by_label("Or paste its text").fill(mine)
    page.get_by_role("button", name="Preview again").click()
    expect(page.get_by_role("row")).to_have_count(3)
    page.get_by_role("button", name="Import 2 entries").click()
    expect(page.get_by_role("status").first).to_contain_text("2 imported: 1 logged and 1 as a draft.")
    page.get_by_role("button", name="Import", exact=True).click()
    upload(page, mine)
    expect(page.get_by_role("link", name="There already")).to_have_count(2)
    expect(page.get_by_role("button", name="Import")).to_have_count(0)


@pytest.mark.parametrize("text", ["", WRONG, RIGHT], ids=["empty", "with problems", "fine"])
def test_import_is_accessible(engineer: Visit, text: str) -> None:
    page = engineer.open("/log/import/")
    if text:
        upload(page, text)
        page.get_by_role("heading", name="Preview of").wait_for()
    assert [one for one in engineer.complaints if "422" not in one] == []
    if text == WRONG:
        expect(page.get_by_role("alert")).to_be_focused()
    assert violations_everywhere(page) == {}
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
