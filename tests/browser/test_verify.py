"""Asking for a word and giving one, in a browser: from outside by a link, and in the inbox by keyboard."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from accomplishments.management.commands.load_demo import PASSWORD
from tests.browser.conftest import Visit, text_of_mail_to, visit
from tests.browser.pages import violations_everywhere

pytestmark = pytest.mark.browser

ROLE = "/match/software-engineering/site-reliability/l5/"


def link_in_mail_to(address: str, mailbox: Path) -> str:
    """The outside link of the message to this address."""
    found = re.search(r"https?://[^/]+(/outside/\S+)", text_of_mail_to(address, mailbox))
    assert found
    return found[1]


def numbers(one: Visit) -> tuple[int, int]:
    """The match, and the match on verified evidence, in per cent."""
    found = re.findall(r"(\d+)\s%", one.open(ROLE).locator(".match .figure").inner_text())
    return int(found[0]), int(found[1])


def log_work(page: Page, title: str, competency: str) -> None:
    page.goto(f"/log/new/?competency={competency}&level=3")
    page.get_by_label("What changed?").fill(title)
    page.get_by_label("I owned it").check()
    page.get_by_role("radio", name="A feature", exact=True).check()
    page.get_by_role("button", name="Log it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def unproved(page: Page) -> str:
    """A competency that the role asks for and nothing in the log shows."""
    gap = page.locator("details.gap").filter(has=page.get_by_text("No evidence", exact=True)).first
    return str(gap.get_attribute("id")).removeprefix("competency-")


def drag_taller(page: Page, field: Locator) -> None:
    """By the handle in the corner of a text field."""
    field.scroll_into_view_if_needed()
    box = field.bounding_box()
    assert box
    x, y = box["x"] + box["width"] - 4, box["y"] + box["height"] - 4
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 40)
    page.mouse.up()
    assert "height" in str(field.get_attribute("style"))


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def outsider(request: pytest.FixtureRequest, chrome: Browser, server: str) -> Iterator[Visit]:
    one = visit(chrome, server, java_script_enabled=request.param)
    yield one
    assert one.complaints == []
    one.context.close()


def test_word_from_outside_raises_the_match(
    engineer: Visit, outsider: Visit, mailbox: Path, request: pytest.FixtureRequest
) -> None:
    scripted = request.node.callspec.id == "with JavaScript"
    address = f"rosa{scripted:d}@client.example"
    engineer.open(ROLE)
    log_work(engineer.page, f"Moved the client's tariffs, {scripted:d}", unproved(engineer.page))
    before = numbers(engineer)

    page = engineer.page
    page.go_back()
    page.get_by_role("button", name="Ask someone to verify").click()
    page.get_by_label("Their e-mail address").fill(address)
    page.get_by_label("Their name").fill("Rosa Prins")
    page.get_by_label("Note to them").fill("You saw the switch on the night of the move.")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_text("Rosa Prins will be asked.")).to_be_visible()

    link = link_in_mail_to(address, mailbox)
    there = outsider.open(link)
    expect(there.get_by_role("heading", level=1)).to_have_text("Noor Haddad asks you, Rosa Prins")
    expect(there.get_by_text("You saw the switch on the night of the move.")).to_be_visible()
    if scripted:
        assert violations_everywhere(there) == {}
        outsider.complaints.clear()  # axe itself makes some
    there.get_by_label("Yes, at this level").check()
    there.get_by_role("button", name="Answer").click()
    expect(there.get_by_role("heading", level=1)).to_contain_text("Thank you")
    used = there.goto(link)
    assert used
    assert used.status == 404
    expect(there.get_by_role("main")).not_to_contain_text("tariffs")
    outsider.complaints.clear()  # of the 404

    after = numbers(engineer)
    assert after[0] > before[0]
    assert after[1] > before[1]
    assert engineer.complaints == []


def test_inbox_takes_answers_in_place_by_keyboard(engineer: Visit, chrome: Browser, server: str) -> None:
    title = "Asked a colleague"
    log_work(engineer.page, title, "system-design")
    page = engineer.page
    page.get_by_role("button", name="Ask someone to verify").click()
    page.get_by_label("Note to them").fill("You drew the first sketch.")
    page.get_by_label("Sven").check()
    page.get_by_label("Find colleagues by name").fill("Kwame")
    found = page.get_by_role("group", name="Colleagues found for")
    found.get_by_label("Kwame").check()
    expect(found.get_by_label("Sven")).to_be_checked()
    found.get_by_label("Sven").uncheck()
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_text("will be asked.")).to_be_visible()

    colleague = visit(chrome, server)
    there = colleague.open("/accounts/login/?next=/verify/")
    there.get_by_label("E-mail").fill("kwame@ladder.example")
    there.get_by_label("Password", exact=True).fill(PASSWORD)
    there.get_by_role("button", name="Sign in").click()
    question = there.locator("#questions article").filter(has=there.get_by_role("heading", name=title))
    expect(question).to_contain_text("You drew the first sketch.")
    waiting = int(there.locator("#waiting").inner_text().split()[0])
    fields = [question.get_by_label(name) for name in ("At which level", "their part", "Note, or the reason")]
    shown = {"Yes, at this": "-pn", "Yes, but at another": "lpn", "I can't say": "--n", "No, that": "-pn"}
    assert not any(field.is_visible() for field in fields)
    for said, letters in shown.items():
        question.get_by_label(said).check()
        assert [field.is_visible() for field in fields] == [letter != "-" for letter in letters]
    question.get_by_label("No, that is not how it was").focus()
    there.keyboard.press("Space")
    drag_taller(there, question.get_by_label("Note, or the reason"))  # Chromium writes that into its style
    question.get_by_label("No, that is not how it was").focus()
    there.keyboard.press("Enter")
    expect(question.get_by_role("alert")).to_be_focused()
    refused = "Failed to load resource: the server responded with a status of 422 (Unprocessable Entity)"
    assert colleague.complaints == [refused]
    assert violations_everywhere(there) == {}
    colleague.complaints.clear()  # axe itself makes some
    question.get_by_label("Yes, at this level").focus()
    there.keyboard.press("Space")
    there.keyboard.press("Enter")
    done = there.locator("#questions article:focus")
    expect(done).to_contain_text(f"{title}: Thank you. Noor Haddad will see what you stated.")
    left = f"{waiting - 1} waiting" if waiting > 1 else "All answered."
    expect(there.locator("#waiting")).to_have_text(left)
    expect(there).to_have_url(re.compile("/verify/$"))
    assert colleague.complaints == []
    assert violations_everywhere(there) == {}
    colleague.context.close()
