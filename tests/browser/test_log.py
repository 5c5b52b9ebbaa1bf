"""The log in a browser, with JavaScript and without: quick add, filters, paging, an entry, its files, away and back."""

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Visit, visit
from tests.browser.pages import violations_everywhere

pytestmark = pytest.mark.browser

DRAFT = re.compile("is in your log as a draft")


@pytest.fixture(params=["htmx", "plain"])
def script(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "htmx")


@pytest.fixture
def window(script: bool, chrome: Browser, server: str, session: object) -> Iterator[Visit]:
    one = visit(chrome, server, storage_state=session, java_script_enabled=script)
    yield one
    assert [text for text in one.complaints if "422" not in text] == []  # Chromium tells of every 422
    one.context.close()


def titles(page: Page) -> Locator:
    return page.locator("#entries article h3")


def total(page: Page) -> int:
    return int(page.locator("output").inner_text().split()[0])


def quick_add(page: Page) -> str:
    """The title of a new draft."""
    title = f"Wrote the runbook {uuid4()}"
    page.get_by_label("Quick add").fill(title)
    page.get_by_role("button", name="Add as a draft").click()
    expect(titles(page).first).to_have_text(title)
    return title


def show(page: Page, script: bool) -> None:
    """htmx asks by itself; without it one presses the button."""
    if not script:
        page.get_by_role("button", name="Show", exact=True).click()


def test_quick_add_put_away_and_taken_back(window: Visit) -> None:
    page = window.open("/log/")
    before = total(page)
    title = quick_add(page)
    expect(page.get_by_role("status").filter(has_text=title)).to_have_text(DRAFT)
    expect(page.get_by_label("Quick add")).to_have_value("")
    assert total(page) == before + 1
    titles(page).first.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{title} Draft")
    page.get_by_role("button", name="Delete").click()
    expect(page).to_have_url(re.compile("/log/$"))
    assert total(page) == before
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{title} Draft")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("link", name="recently deleted").click()
    expect(page).to_have_url(re.compile(r"/log/\?state=deleted$"))
    page.get_by_role("button", name=f"Bring it back “{title}”").click()
    expect(page.get_by_role("status")).to_contain_text("is back")
    page.get_by_role("button", name="Delete").click()
    expect(page.locator(".notice")).to_contain_text("It can be brought back for 30 days")


def test_quick_add_without_a_title_says_what_is_missing(window: Visit) -> None:
    page = window.open("/log/")
    before = total(page)
    page.get_by_label("Quick add").evaluate("field => field.removeAttribute('required')")
    page.get_by_label("Quick add").fill("   ")
    page.get_by_role("button", name="Add as a draft").click()
    expect(page.locator("#quick .errorlist li")).to_have_text("Say in a few words what you did.")
    assert total(page) == before
    title = quick_add(page)
    assert (titles(page).first.inner_text(), total(page)) == (title, before + 1)
    titles(page).first.get_by_role("link").click()
    page.get_by_role("button", name="Delete").click()


def test_page_on(window: Visit, script: bool) -> None:
    page = window.open("/log/")
    first, count = titles(page).all_inner_texts(), total(page)
    assert len(first) == 20 < count
    page.get_by_role("button", name="Show earlier entries").click()
    expect(page.locator("#more")).to_have_count(0)
    shown = titles(page).all_inner_texts()
    later = shown[20:] if script else shown
    assert (len(first) + len(later), set(first) & set(later)) == (count, set())
    assert page.evaluate("new Set([...document.querySelectorAll('[id]')].map(e => e.id)).size") == page.evaluate(
        "document.querySelectorAll('[id]').length"
    )


def test_filters_search_and_periods(window: Visit, script: bool) -> None:
    page = window.open("/log/")
    count = total(page)
    page.get_by_label("Proof").select_option("verified")
    show(page, script)
    expect(page).to_have_url(re.compile("proof=verified"))
    expect(page.locator("output")).not_to_have_text(f"{count} entries")
    assert 0 < titles(page).count() == total(page) < count
    page.get_by_role("main").get_by_label("Search").fill("zzzz")
    show(page, script)
    expect(page.get_by_role("heading", name="No entry fits")).to_be_visible()
    expect(page).to_have_url(re.compile("q=zzzz"))
    expect(page.get_by_label("Proof")).to_have_value("verified")
    page.get_by_role("link", name="Clear the filters").click()
    expect(page.locator("output")).to_have_text(f"{count} entries")
    page.get_by_role("link", name="Last year").click()
    expect(page.get_by_label("From", exact=True)).to_have_value(re.compile(r"^\d{4}-01-01$"))
    expect(page.get_by_label("To", exact=True)).to_have_value(re.compile(r"^\d{4}-12-31$"))
    assert 0 < total(page) < count
    page.get_by_label("To", exact=True).fill("2000-01-01")
    show(page, script)
    expect(page.get_by_role("heading", name="This period ends before it begins")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="This period ends before it begins")).to_have_count(0)


def test_numbers_beside_the_log_lead_to_what_they_count(window: Visit) -> None:
    page = window.open("/log/")
    aside = page.get_by_role("complementary", name="Summary")
    counts = {
        row.locator("a").get_attribute("href"): row.locator("td.num").inner_text()
        for row in aside.locator("tbody tr").all()
    } | {link.get_attribute("href"): link.inner_text().split()[0] for link in aside.locator("li a").all()}
    assert len(counts) >= 7
    for address, count in counts.items():
        aside.locator(f"a[href='{address}']").click()
        expect(page.locator("output")).to_have_text(re.compile(rf"^{count} entr"))
        page.goto("/log/")


def test_entry_takes_files_and_goes_to_the_archive(window: Visit, script: bool) -> None:
    page = window.open("/log/")
    page.get_by_role("link", name="Checkout tests: from 9 % reruns to 0.4 %", exact=True).click()
    address, panel = page.url, page.locator("#files")
    chooser = panel.get_by_label("Add a file")
    name = f"{uuid4()}.md"
    chooser.set_input_files({"name": name, "mimeType": "text/markdown", "buffer": f"# {name}".encode()})
    panel.get_by_role("button", name="Add the file").click()
    expect(page.get_by_role("status")).to_have_text(f"{name} is kept.")
    with page.expect_download() as download:
        panel.get_by_role("link", name=name).click()
    assert download.value.suggested_filename == name
    assert download.value.path().read_text() == f"# {name}"
    chooser.set_input_files({"name": "a.md", "mimeType": "text/markdown", "buffer": b"<svg onload=alert(1)>"})
    panel.get_by_role("button", name="Add the file").click()
    expect(panel.locator(".errorlist li")).to_have_text(re.compile("^This text has HTML, SVG or a script in it"))
    page.goto(address)
    panel.get_by_role("button", name=f"Remove {name}").click()
    expect(page.get_by_role("status")).to_have_text(f"{name} is removed.")
    expect(panel.get_by_role("link", name=name)).to_have_count(0)
    page.get_by_role("button", name="Archive").click()
    expect(page.get_by_role("status")).to_contain_text("It counts in no match any more.")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status")).to_contain_text("is back in your log and counts again.")
    page.get_by_role("link", name="history").click()
    happened = page.get_by_role("main").get_by_role("heading", level=2).all_inner_texts()
    assert happened[:4] == ["Brought back", "Archived", "File removed", "File added"]


def test_quick_add_leaves_the_focus_in_its_field(engineer: Visit) -> None:
    page = engineer.open("/log/")
    field, title = page.get_by_label("Quick add"), f"By keyboard {uuid4()}"
    field.press_sequentially(title)
    field.press("Enter")
    expect(titles(page).first).to_have_text(title)
    expect(field).to_be_focused()
    expect(field).to_have_value("")
    titles(page).first.get_by_role("link").click()
    page.get_by_role("button", name="Delete").click()


def test_entry_and_history_are_accessible(engineer: Visit) -> None:
    page = engineer.open("/log/")
    found = {}
    for name in ("First week as the one who answers support questions", "Quote service p99 cut from 840 ms to 190 ms"):
        page.get_by_role("link", name=name, exact=True).click()
        page.get_by_role("heading", level=1, name=name).wait_for()
        found[name] = violations_everywhere(page)
        page.get_by_role("link", name="history").click()
        page.get_by_role("heading", level=1, name="History").wait_for()
        found[f"{name}, history"] = violations_everywhere(page)
        page.goto("/log/")
    assert {name: lines for name, lines in found.items() if lines} == {}
