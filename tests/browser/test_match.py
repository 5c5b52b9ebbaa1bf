"""From the ranking to an explained match, what does not apply, and a target; with JavaScript and without."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from accomplishments.management.commands.load_demo import PASSWORD
from accomplishments.scoring.receipt import verify
from tests.browser.conftest import Visit, visit
from tests.browser.pages import violations_everywhere

pytestmark = pytest.mark.browser

WHO = "lucia@ladder.example"  # nobody else's tests look at her targets
ROLE, TITLE = "/match/software-engineering/backend/l3/", "Backend Software Engineer"


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without"])
def lucia(request: Any, chrome: Browser, server: str) -> Iterator[Visit]:
    one = visit(chrome, server, java_script_enabled=request.param)
    page = one.open("/accounts/login/")
    page.get_by_label("E-mail").fill(WHO)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="account menu for").wait_for()
    yield one
    assert one.complaints == []
    one.context.close()


def percent(page: Page) -> int:
    return int(re.sub(r"\D", "", page.locator(".match .figure b").inner_text()))


def names(page: Page) -> list[str]:
    return page.locator(".gap > summary .gap-name").all_inner_texts()


def test_match_journey(lucia: Visit) -> None:
    page = lucia.open("/match/")
    page.get_by_role("link", name=TITLE, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Match with {TITLE} L3")
    before, everything = percent(page), names(page)
    page.get_by_role("link", name=re.compile("^Gaps")).click()
    expect(page).to_have_url(re.compile(r"show=gaps$"))
    expect(page.locator(".seg [aria-current]")).to_have_text(re.compile("^Gaps"))
    assert 0 < len(names(page)) < len(everything)
    left_out = names(page)[-1]
    row = page.locator("details.gap").last
    row.locator("> summary").click()
    expect(row.get_by_role("heading", name="What counts")).to_be_visible()
    row.get_by_text("Not applicable to me").click()
    row.get_by_label(f"Why {left_out} does not apply to you").fill("Another team does that.")
    row.get_by_role("button", name="Leave it out").click()
    expect(page.get_by_role("status")).to_have_text(f"{left_out} is left out of this match.")
    assert left_out not in names(page)
    assert percent(page) != before
    section = page.locator("#left-out")
    expect(section.get_by_text("Another team does that.")).to_be_visible()
    section.get_by_role("button", name=f"Count it again ({left_out})").click()
    expect(page.get_by_role("status")).to_have_text(f"{left_out} counts again.")
    assert (percent(page), left_out in names(page)) == (before, True)


def test_target_journey(lucia: Visit) -> None:
    page = lucia.open(ROLE)
    page.get_by_role("button", name=f"Pin {TITLE}, L3 as a target").click()
    expect(page.get_by_role("button", name=f"Unpin {TITLE}, L3")).to_be_visible()
    page.goto("/targets/")
    page.get_by_role("button", name=f"Make it primary ({TITLE})").click()
    first = page.locator(".targets > li").first
    expect(first).to_contain_text("Primary target")
    first.get_by_role("link", name=TITLE).click()
    expect(page.locator("#id_role option:checked").first).to_have_text(f"{TITLE}, version 1")
    page.get_by_label("Role", exact=True).select_option("software-engineering/backend/l1")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Match with Associate Backend Engineer L1")
    page.goto("/targets/")
    page.get_by_role("button", name=f"Unpin {TITLE}").click()
    expect(page.get_by_role("status")).to_have_text(f"{TITLE} is no target of yours any more.")
    expect(page.locator(".targets > li").first).to_contain_text("Primary target")


def test_receipt_is_downloaded_and_holds(lucia: Visit, tmp_path: Path) -> None:
    page = lucia.open(ROLE)
    page.get_by_text("How this is worked out").click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Receipt (JSON)").click()
    file = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(file)
    assert re.fullmatch(r"match-software-engineering-backend-l3-version-1-\d{4}-\d\d-\d\d\.json", file.name)
    assert round(verify(file.read_bytes()).match * 100) == percent(page)


# ── What only a browser shows ───────────────────────────────────────────────


def test_focus_goes_where_the_answer_is(engineer: Visit) -> None:
    page = engineer.open("/match/software-engineering/backend/l2/")
    page.locator("#show-met").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**show=met")
    expect(page.locator("#show-met")).to_be_focused()
    pin = page.locator(".pin button")
    pin.focus()
    was = pin.get_attribute("id")
    for name in ("Pin", "Unpin"):
        expect(page.locator(".htmx-added, .htmx-settling")).to_have_count(0)
        page.keyboard.press("Enter")
        expect(pin).to_have_accessible_name(re.compile(f"^{name} Junior Backend Engineer, L2"))
        assert page.evaluate("document.activeElement.id") == was


def test_address_of_a_gap_opens_its_row(engineer: Visit) -> None:
    page = engineer.open("/match/software-engineering/backend/l2/#gap-testing-quality")
    expect(page.locator("#gap-testing-quality")).to_be_visible()


def open_all(page: Page) -> None:
    page.evaluate("document.querySelectorAll('#match details').forEach((one) => { one.open = true })")


def test_open_match_is_accessible(engineer: Visit) -> None:
    page = engineer.open("/match/software-engineering/backend/l2/")
    open_all(page)
    assert violations_everywhere(page) == {}


def test_match_with_an_error_and_with_something_left_out_is_accessible(engineer: Visit) -> None:
    page = engineer.open("/match/data/data-engineering/l1/")
    open_all(page)
    row = page.locator("details.gap").first
    row.locator("input[name=reason]").evaluate("one => one.removeAttribute('required')")
    row.get_by_role("button", name="Leave it out").click()
    error = page.get_by_text("Say in a sentence why it does not apply to you.")
    expect(error).to_be_visible()
    expect(page.locator("[aria-invalid=true]:focus")).to_have_count(1)
    assert violations_everywhere(page) == {}
    page.locator("[aria-invalid]").fill("Not in this team.")
    page.keyboard.press("Enter")
    expect(page.locator("#left-out")).to_contain_text("Not in this team.")
    expect(page.locator("[role=status]:focus")).to_have_count(1)
    assert violations_everywhere(page) == {}
    page.get_by_role("button", name=re.compile("^Count it again")).click()
    expect(page.locator("#left-out")).to_have_count(0)
    engineer.complaints.clear()  # the 422


def test_match_prints_its_numbers_and_no_controls(engineer: Visit) -> None:
    page = engineer.open("/match/software-engineering/backend/l2/")
    page.emulate_media(media="print")
    shown = {one: page.locator(one).first.is_visible() for one in (".match .figure", ".shape svg", ".seg", ".pin")}
    assert shown == {".match .figure": True, ".shape svg": True, ".seg": False, ".pin": False}
