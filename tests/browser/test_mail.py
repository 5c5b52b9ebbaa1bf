"""Mail settings, and the link of a mail that ends it."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit, text_of_mail_to
from tests.browser.pages import violations_everywhere

pytestmark = pytest.mark.browser


def test_kinds_and_quiet_hours_are_chosen_and_kept(engineer: Visit) -> None:
    page = engineer.open("/accounts/mail/")
    answers = page.get_by_role("checkbox", name="Answers")
    answers.uncheck()
    page.get_by_label("From").fill("22:00")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Quiet hours need a beginning and an end")).to_be_visible()
    expect(answers).not_to_be_checked()
    expect(page.get_by_label("From")).to_have_value("22:00")
    assert violations_everywhere(page) == {}
    page.get_by_label("Until").fill("07:00")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("Saved.")
    expect(answers).not_to_be_checked()
    answers.check()
    page.get_by_label("From").fill("")
    page.get_by_label("Until").fill("")
    page.get_by_role("button", name="Save").click()
    expect(answers).to_be_checked()


def test_person_outside_is_rid_of_it_and_who_asks_is_told(engineer: Visit, stranger: Visit, mailbox: Path) -> None:
    page = engineer.open("/log/?q=p99")
    page.get_by_role("link", name="Quote service p99 cut").first.click()
    asking = f"{page.url}ask/"
    page.goto(asking)
    page.get_by_role("group", name="Claims").get_by_role("checkbox").first.check()
    page.get_by_label("Their e-mail address").fill("eva@elsewhere.example")
    page.get_by_label("Their name").fill("Eva Outside")
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_role("status").first).to_contain_text("Eva Outside will be asked.")

    found = re.search(r"Don't ask me again: (\S+)", text_of_mail_to("eva@elsewhere.example", mailbox))
    assert found
    theirs = stranger.open(found[1])
    assert violations_everywhere(theirs) == {}
    theirs.get_by_role("button", name="Don’t ask me again").click()
    expect(theirs.get_by_role("heading", level=1)).to_have_text("Nobody asks you any more")
    assert violations_everywhere(theirs) == {}

    page.goto(asking)
    page.get_by_role("group", name="Claims").get_by_role("checkbox").first.check()
    page.get_by_label("Their e-mail address").fill("eva@elsewhere.example")
    page.get_by_label("Their name").fill("Eva Outside")
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_text("They want no mail from Ladder, whoever asks.")).to_be_visible()
    theirs.get_by_role("button", name="Let people ask me again").click()
    expect(theirs.get_by_role("heading", level=1)).to_have_text("Don’t ask me again")
    assert [one[-26:] for one in engineer.complaints] == ["422 (Unprocessable Entity)"]
