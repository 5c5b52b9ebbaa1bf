"""Logging an accomplishment in a browser: suggestions, errors, drafts, two tabs; with and without JavaScript."""

import re
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import Visit, visit
from tests.browser.pages import violations_everywhere

pytestmark = pytest.mark.browser

NUMBERS = count(1)
TITLE = "Quote service p99 cut from 840 ms to 190 ms"
DID = "Put a Redis cache in front of the tariff lookups and proved it with a load test at three times peak traffic."
FIRST = "Performance & Scalability"


def sign_up(one: Visit) -> Page:
    """Somebody new, with nothing in their log."""
    page = one.open("/accounts/signup/")
    page.get_by_label("Name").fill("Ada Writer")
    page.get_by_label("E-mail").fill(f"writer{next(NUMBERS)}@ladder.example")
    for label in ("Password", "Password, once more"):
        page.get_by_label(label, exact=True).fill("up-the-ladder-we-go")
    page.get_by_role("button", name="Make an account").click()
    page.get_by_role("button", name="account menu for Ada Writer").wait_for()
    return page


@pytest.fixture
def somebody(stranger: Visit) -> Visit:
    sign_up(stranger)
    return stranger


@pytest.fixture
def plain(chrome: Browser, server: str) -> Iterator[Visit]:
    """Somebody new, without JavaScript."""
    one = visit(chrome, server, java_script_enabled=False)
    sign_up(one)
    yield one
    one.context.close()


def write(page: Page) -> None:
    page.get_by_label("What changed?").fill(TITLE)
    page.get_by_label("What you did").fill(DID)
    page.get_by_label("I owned it").check()
    page.get_by_label("My team", exact=True).check()


def proposal(page: Page) -> Any:
    return page.locator("#suggestions li").filter(has=page.get_by_role("heading", name=FIRST))


def settle(page: Page) -> None:
    """Until nothing is on its way: a button gives up what the words asked for, and the console tells of it."""
    page.wait_for_timeout(700)
    expect(page.locator(".htmx-request")).to_have_count(0)


def check_logged(page: Page) -> None:
    expect(page).to_have_url(re.compile(r"/log/\d+/$"))
    expect(page.get_by_role("heading", level=1)).to_contain_text(TITLE)
    expect(page.get_by_role("main")).to_contain_text("Saved. It counts as self-claimed until a colleague confirms it.")
    expect(page.get_by_role("main")).to_contain_text(FIRST)


# ── The first entry ─────────────────────────────────────────────────────────


def test_first_entry_with_a_suggestion_that_is_accepted(somebody: Visit) -> None:
    page = somebody.open("/log/new/")
    page.get_by_label("What you did").press_sequentially(DID)
    expect(proposal(page)).to_contain_text("Matched on:")
    expect(proposal(page).locator("mark").filter(has_text=re.compile("^load test$"))).to_have_count(1)
    expect(page.get_by_label("What you did")).to_be_focused()
    expect(page.get_by_label("What you did")).to_have_value(DID)
    write(page)
    settle(page)
    proposal(page).get_by_role("button", name=f"for {FIRST}").click()
    chosen = page.locator("#claims").get_by_role("radio", checked=True)
    expect(chosen).to_be_focused()
    page.get_by_role("radio", name=re.compile("^2 Capable")).check()
    expect(page.locator("#chosen-performance-scalability")).to_have_text("2 Capable")
    expect(page.get_by_role("radio", name=re.compile("^2 Capable"))).to_be_focused()
    page.get_by_role("button", name="Log it").click()
    check_logged(page)
    assert somebody.complaints == []


def test_first_entry_without_javascript(plain: Visit) -> None:
    page = plain.open("/log/new/")
    write(page)
    page.get_by_role("button", name="Suggest competencies").click()
    expect(page.get_by_label("What you did")).to_have_value(DID)
    expect(page.get_by_label("My team", exact=True)).to_be_checked()
    proposal(page).get_by_role("button", name=f"for {FIRST}").click()
    expect(page.locator("#claims").get_by_role("radio", checked=True)).to_have_count(1)
    page.get_by_label("Add another competency").select_option("mentorship")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("button", name="Remove Mentorship").click()
    expect(page.locator("#claims ol.claimed > li")).to_have_count(1)
    expect(page.get_by_label("What changed?")).to_have_value(TITLE)
    page.get_by_role("button", name="Log it").click()
    check_logged(page)


def test_enter_in_the_title_saves(somebody: Visit) -> None:
    page = somebody.open("/log/new/")
    write(page)
    page.get_by_label("What changed?").press("Enter")
    expect(page).to_have_url(re.compile(r"/log/\d+/$"))
    expect(page.get_by_role("main")).to_contain_text("It counts for nothing yet")


# ── Claims ──────────────────────────────────────────────────────────────────


def test_suggestion_on_its_way_does_not_undo_what_is_accepted(somebody: Visit) -> None:
    """Typed on, then pressed: the answer for the words would come after the answer for the button."""
    page = somebody.open("/match/software-engineering/backend/l2/")
    page.get_by_role("button", name=re.compile("^Pin")).first.click()
    page.get_by_role("button", name=re.compile("^Unpin")).first.wait_for()
    somebody.open("/log/new/")
    write(page)
    proposal(page).wait_for()
    held: list[Route] = []

    def late(route: Route) -> None:
        if "suggest" in (route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    page.route("**/log/new/", late)
    page.get_by_label("What you did").press_sequentially(" And so on.")
    page.wait_for_timeout(800)
    proposal(page).get_by_role("button").click()
    expect(page.get_by_role("button", name=f"Remove {FIRST}")).to_be_visible()
    assert len(held) == 1
    held[0].continue_()
    page.wait_for_timeout(800)
    expect(proposal(page)).to_have_count(0)
    expect(page.locator("#effect")).to_contain_text(FIRST)


def test_claims_come_and_go_without_losing_the_focus(somebody: Visit) -> None:
    page = somebody.open("/log/new/")
    for slug, name in (("mentorship", "Mentorship"), ("system-design", "System Design")):
        page.get_by_label("Add another competency").select_option(slug)
        page.get_by_role("button", name="Add", exact=True).click()
        expect(page.get_by_role("button", name=f"Remove {name}")).to_be_visible()
        expect(page.locator(f"[name=level-{slug}]:focus")).to_have_count(1)
    rows = page.locator("#claims ol.claimed > li")
    assert [row.locator("details").get_attribute("open") is not None for row in rows.all()] == [True, True]
    page.get_by_role("button", name="Remove Mentorship").click()
    expect(rows).to_have_count(1)
    expect(page.get_by_role("heading", name="Competencies", exact=True)).to_be_focused()
    expect(page.get_by_label("Add another competency").locator("option[value=mentorship]")).to_have_count(1)
    assert somebody.complaints == []


def test_effect_follows_the_level(engineer: Visit) -> None:
    page = engineer.open("/log/new/?competency=system-design")
    page.get_by_label("I owned it").check()
    panel = page.locator("#effect")
    before = panel.inner_text()
    page.get_by_role("radio", name=re.compile("^3 Owning")).check()
    expect(panel).not_to_have_text(before)
    expect(page.locator("#chosen-system-design")).to_have_text("3 Owning")


def test_slow_answer_never_replaces_a_later_one(engineer: Visit) -> None:
    page = engineer.open("/log/new/?competency=system-design")
    panel = page.locator("#effect")
    before = panel.inner_text()
    held: list[Route] = []
    page.route("**/log/new/**", lambda route: route.fallback() if held else held.append(route))
    page.get_by_label("I owned it").check()
    page.wait_for_timeout(100)
    page.get_by_role("radio", name=re.compile("^3 Owning")).check()
    page.wait_for_timeout(500)
    with page.expect_response("**/log/new/**"):
        held[0].continue_()
    expect(panel).not_to_have_text(before)
    expect(page.locator("#chosen-system-design")).to_have_text("3 Owning")
    page.wait_for_load_state("networkidle")
    expect(panel).not_to_have_text(before)


def test_accept_wins_over_what_is_on_its_way_and_what_waits_behind_it(engineer: Visit) -> None:
    page = engineer.open("/log/new/")
    page.get_by_label("What changed?").fill(TITLE)
    page.get_by_label("What you did").fill(DID)
    accept = page.locator("#suggestions").get_by_role("button", name=re.compile(f"^Accept .* for {FIRST}$"))
    accept.wait_for()
    held: list[Route] = []
    page.route("**/log/new/**", lambda route: route.fallback() if held else held.append(route))
    page.get_by_label("I owned it").check()
    page.get_by_label("My team", exact=True).check()
    page.wait_for_timeout(200)
    accept.click()
    claimed = page.locator("#claims .claimed h3")
    expect(claimed).to_have_text([FIRST])
    held[0].continue_()
    page.wait_for_load_state("networkidle")
    expect(claimed).to_have_text([FIRST])
    expect(accept).to_have_count(0)
    assert engineer.complaints == []


def test_accept_is_shown_whole_when_an_older_answer_comes_while_it_is_on_its_way(engineer: Visit) -> None:
    page = engineer.open("/log/new/")
    page.get_by_label("What changed?").fill(TITLE)
    page.get_by_label("What you did").fill(DID)
    accept = page.locator("#suggestions").get_by_role("button", name=re.compile(f"^Accept .* for {FIRST}$"))
    accept.wait_for()
    held: list[Route] = []
    page.route("**/log/new/**", lambda route: held.append(route))
    page.get_by_label("I owned it").check()
    page.wait_for_timeout(200)
    accept.click()
    page.wait_for_timeout(200)
    assert len(held) == 2
    with page.expect_response("**/log/new/**"):
        held[0].continue_()
    page.wait_for_timeout(200)
    held[1].continue_()
    expect(page.locator("#claims .claimed h3")).to_have_text([FIRST])
    expect(page.locator("#effect")).to_contain_text(FIRST)
    assert engineer.complaints == []


# ── What is wrong ───────────────────────────────────────────────────────────


@pytest.mark.parametrize("who", ["somebody", "plain"])
def test_error_keeps_all_that_was_typed(who: str, request: pytest.FixtureRequest) -> None:
    page = request.getfixturevalue(who).open("/log/new/?competency=mentorship&level=2")
    page.get_by_label("What you did").fill(DID)
    page.get_by_label("Started on").fill("2024-03-02")
    page.get_by_label("Finished on").fill("2024-03-01")
    page.get_by_label("Links that show it").fill("nonsense")
    page.get_by_label("I led it").check()
    page.get_by_role("button", name="Log it").click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(summary.get_by_role("listitem")).to_have_text(
        [
            "What changed? Say in one line what changed.",
            "How far it reached Choose how far it reached.",
            "Finished on This is before the start, 2 March 2024: change one of the two days.",
            "Links that show it Link 1 is no web address: begin it with https:// and leave no blanks in it.",
        ]
    )
    expect(page.get_by_label("What you did")).to_have_value(DID)
    expect(page.get_by_label("Started on")).to_have_value("2024-03-02")
    expect(page.get_by_label("Links that show it")).to_have_value("nonsense")
    expect(page.get_by_label("I led it")).to_be_checked()
    expect(page.get_by_role("radio", name=re.compile("^2 Capable"))).to_be_checked()
    summary.get_by_role("link", name="Finished on").click()
    expect(page.get_by_label("Finished on")).to_be_focused()


# ── Drafts ──────────────────────────────────────────────────────────────────


def test_draft_is_saved_while_one_types_and_is_there_after_a_reload(somebody: Visit) -> None:
    page = somebody.open("/log/new/")
    saved = page.locator("#autosave")
    expect(saved).to_have_text("")
    page.get_by_label("What you did").press_sequentially(DID[:40])
    expect(saved).to_have_text(re.compile(r"Draft saved \d\d:\d\d"), timeout=8_000)
    expect(page.get_by_label("What you did")).to_be_focused()
    expect(page).to_have_url(re.compile(r"/log/\d+/edit/$"))
    page.reload()
    expect(page.get_by_label("What you did")).to_have_value(DID[:40])
    somebody.open("/log/new/")
    expect(page.get_by_label("What you did")).to_have_value("")
    page.get_by_role("button", name="Continue your draft").click()
    expect(page.get_by_label("What you did")).to_have_value(DID[:40])
    write(page)
    page.get_by_role("button", name="Log it").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(TITLE)
    somebody.open("/log/")
    expect(page.get_by_role("link", name=TITLE, exact=True)).to_have_count(1)
    assert somebody.complaints == []


def test_form_that_nobody_touched_leaves_nothing_behind(somebody: Visit) -> None:
    page = somebody.open("/log/new/")
    page.get_by_label("What changed?").fill("x")
    page.get_by_label("What changed?").fill("")
    with page.expect_response("**/log/autosave/") as answer:
        page.get_by_label("What changed?").blur()
    assert answer.value.status == 204
    somebody.open("/log/")
    expect(page.locator("#entries article")).to_have_count(0)


# ── Two tabs, and what was verified ─────────────────────────────────────────


def test_two_tabs_of_one_entry(somebody: Visit) -> None:
    page = somebody.open("/log/new/")
    write(page)
    page.get_by_role("button", name="Log it").click()
    page.get_by_role("button", name="Edit").click()
    other = somebody.context.new_page()
    other.goto(page.url)
    page.get_by_label("Project or team").fill("From here")
    page.get_by_role("button", name="Save changes").click()
    expect(page).to_have_url(re.compile(r"/log/\d+/$"))
    other.get_by_label("Project or team").fill("From there")
    other.get_by_role("button", name="Save changes").click()
    notice = other.get_by_role("alert")
    expect(notice).to_be_focused()
    expect(notice.get_by_role("row")).to_have_text(["FieldIn the other version", "Project or teamFrom here"])
    with somebody.context.expect_page() as opened:
        notice.get_by_role("link").click()
    expect(opened.value.get_by_role("main")).to_contain_text("From here")
    expect(other.get_by_label("Project or team")).to_have_value("From there")
    other.get_by_role("button", name="Save over it").click()
    expect(other.get_by_role("main")).to_contain_text("From there")


def test_change_of_what_was_verified_asks(engineer: Visit) -> None:
    page = engineer.open("/log/?proof=verified")
    page.locator("#entries article h3 a").first.click()
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("What came of it").fill("Something else came of it.")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("This changes what colleagues confirmed. Nothing is saved yet.")
    page.get_by_role("button", name="Save changes").click()
    box = page.get_by_label(re.compile("I know that \\d verified claims? returns? to unverified"))
    expect(box).not_to_be_checked()
    expect(page.get_by_label("What came of it")).to_have_value("Something else came of it.")


# ── Accessibility ───────────────────────────────────────────────────────────


def with_claims(page: Page) -> None:
    write(page)
    proposal(page).get_by_role("button", name=f"for {FIRST}").click()
    page.get_by_role("button", name=f"Remove {FIRST}").wait_for()
    page.get_by_label("Add another competency").select_option("mentorship")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("button", name="Remove Mentorship").wait_for()
    page.get_by_label("What came of it").press_sequentially("Complaints stopped.")
    page.get_by_text("Draft saved").wait_for()


def with_errors(page: Page) -> None:
    page.get_by_label("Finished on").fill("1949-01-01")
    page.get_by_label("Add another competency").select_option("mentorship")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("button", name="Remove Mentorship").wait_for()
    page.get_by_role("button", name="Log it").click()
    page.get_by_role("alert").wait_for()


@pytest.mark.parametrize("fill", [with_claims, with_errors])
def test_filled_form_is_accessible(fill: Callable[[Page], None], somebody: Visit) -> None:
    page = somebody.open("/log/new/")
    fill(page)
    assert violations_everywhere(page) == {}


def test_form_of_a_verified_entry_that_asks_is_accessible(engineer: Visit) -> None:
    page = engineer.open("/log/?proof=verified")
    page.locator("#entries article h3 a").first.click()
    page.get_by_role("button", name="Edit").click()
    assert violations_everywhere(page) == {}
    page.get_by_label("What came of it").fill("Something else came of it.")
    page.get_by_role("button", name="Save changes").click()
    page.get_by_role("alert").wait_for()
    assert violations_everywhere(page) == {}
