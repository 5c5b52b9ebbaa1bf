"""The form of an entry: what is typed stays, whatever is wrong with it; and what it does while somebody types."""

import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import Element

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accomplishments.choices import Happened, State
from accomplishments.models import Accomplishment
from accomplishments.services import entries, targets
from accomplishments.suggesting import suggest, suggest_level
from competencies.models import Competency, Indicator
from people.models import User
from tests.conftest import texts, tree, words
from tests.factories.accomplishments import claim_of, entry, verified
from tests.factories.competencies import AreaFactory, CompetencyFactory, ProficiencyLevelFactory
from tests.factories.people import UserFactory
from tests.factories.roles import published

pytestmark = pytest.mark.django_db

TOKEN = "00000000-0000-0000-0000-000000000007"
OTHER = "00000000-0000-0000-0000-000000000008"
SLUGS = ("design", "testing", "mentorship", "performance-scalability", "delivery", "writing")
REDIS = "Put a Redis cache in front of the quotes and proved it with a load test."
WHOLE = {"title": "Made a thing", "part": "owned", "scope": "feature", "ended_on": "2026-07-10", "token": TOKEN}
NEW, AUTOSAVE = "/log/new/", "/log/autosave/"


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 7, 15, 14, 2, tzinfo=UTC), tick=False):
        yield


@pytest.fixture(autouse=True)
def framework() -> None:
    """Six competencies in two areas; two sentences at each of five levels."""
    names = ("Guided", "Capable", "Owning", "Leading", "Defining")
    levels = [ProficiencyLevelFactory(number=number, name=name) for number, name in enumerate(names, start=1)]
    areas = {name: AreaFactory(slug=name) for name in ("building", "people")}
    found = [
        CompetencyFactory(slug=slug, area=areas["people" if slug in {"mentorship", "writing"} else "building"])
        for slug in SLUGS
    ]
    Indicator.objects.bulk_create(
        Indicator(competency=one, level=level, position=n, text=f"Does {word} at {level.number} of {one.slug}.")
        for one in found
        for level in levels
        for n, word in enumerate(("this", "that"))
    )


@pytest.fixture
def me() -> User:
    return UserFactory()


@pytest.fixture
def mine(me: User) -> Client:
    client = Client()
    client.force_login(me)
    return client


def claiming(**levels: int | str) -> dict[str, Any]:
    """Claims as a browser posts them; the names of competencies with an underscore for the dash."""
    slugs = {name.replace("_", "-"): str(level) for name, level in levels.items()}
    return {"claim": list(slugs)} | {f"level-{slug}": level for slug, level in slugs.items()}


def sentence(slug: str, level: int) -> Indicator:
    return Indicator.objects.filter(competency__slug=slug, level__number=level).first()


def by_id(page: Element, name: str) -> Element:
    found = [one for one in page.iter() if one.get("id") == name]
    assert len(found) == 1, f"{len(found)} elements with the id {name}"
    return found[0]


def value(page: Element, name: str) -> str:
    """What a field of the form holds."""
    found = by_id(page, f"id_{name}")
    return (found.text or "").lstrip("\n") if found.tag == "textarea" else found.get("value", "")


def chosen(page: Element, name: str) -> list[str]:
    """The values of radio buttons and options of a name that are chosen."""
    radios = [one.get("value", "") for one in page.findall(f".//input[@name='{name}']") if "checked" in one.attrib]
    options = page.findall(f".//select[@name='{name}']//option")
    return radios + [one.get("value", "") for one in options if "selected" in one.attrib]


def problems(page: Element) -> list[str]:
    return texts(by_id(page, "problems"), ".//li")


def claimed(page: Element) -> list[tuple[str, str]]:
    """Each claim of the form with its level in words."""
    rows = page.findall(".//li/input[@name='claim']/..")
    return [(words(row.find(".//h3")), words(row.find(".//span[@class='status is-have']"))) for row in rows]


def post(client: Client, address: str = NEW, target: str = "", **data: Any) -> Any:
    headers = {"HX-Request": "true", "HX-Target": target} if target else {}
    return client.post(address, data, headers=headers)


def rows(one: Accomplishment) -> list[tuple[str, int, str]]:
    return [
        (claim.competency.slug, claim.level, claim.indicator.text if claim.indicator else "")
        for claim in one.claims.all()
    ]


def history(one: Accomplishment) -> list[str]:
    return list(one.events.order_by("pk").values_list("happened", flat=True))


# ── A new entry ─────────────────────────────────────────────────────────────


def test_new_shows_an_empty_form_that_ends_today(mine: Client) -> None:
    page = tree(mine.get(NEW))
    assert words(page.find(".//h1")) == "Log an accomplishment"
    assert [value(page, name) for name in ("title", "situation", "action", "outcome", "ended_on")] == [
        "",
        "",
        "",
        "",
        "2026-07-15",
    ]
    assert chosen(page, "part") == chosen(page, "scope") == []
    assert "counts for nothing in a match" in words(by_id(page, "claims"))
    assert "never graded" in words(by_id(page, "id_ai_help_helptext"))


def test_new_begins_with_what_the_address_says(mine: Client) -> None:
    page = tree(mine.get(NEW, {"title": "A title", "competency": "design", "level": "3", "from": "/match/"}))
    assert (value(page, "title"), claimed(page)) == ("A title", [("Design", "3 Owning")])
    assert page.find(".//div[@class='row form-foot']/a").get("href") == "/match/"


@pytest.mark.parametrize(
    "query",
    [
        {"competency": "nothing"},
        {"competency": "\x00"},
        {"from": "https://evil.example/"},
        {"from": "//evil.example/"},
        {"from": "javascript:alert(1)"},
        {"entry": "1", "edits": "1", "token": TOKEN},
    ],
)
def test_new_takes_nothing_else_from_the_address(mine: Client, query: dict[str, str]) -> None:
    page = tree(mine.get(NEW, query))
    assert claimed(page) == []
    assert page.find(".//div[@class='row form-foot']/a").get("href") == "/log/"
    names = {one.get("name"): one.get("value") for one in page.findall(".//input[@type='hidden']")}
    assert (sorted(filter(None, names)), names["token"] == TOKEN) == (["csrfmiddlewaretoken", "token"], False)


def test_new_takes_a_level_that_is_none_as_it_is(mine: Client) -> None:
    assert claimed(tree(mine.get(NEW, {"competency": "design", "level": "9"}))) == [("Design", "no level yet")]


def test_new_enter_presses_the_button_that_saves(mine: Client) -> None:
    """A browser presses the first one."""
    buttons = tree(mine.get(NEW)).findall(".//form[@id='entry-form']//button")
    assert [(one.get("name"), one.get("value")) for one in buttons][:1] == [("do", "log")]
    assert all(one.get("type") == "submit" for one in buttons)


def test_new_logs_an_entry_with_all_that_was_typed(mine: Client, me: User) -> None:
    here = sentence("design", 2)
    typed = WHOLE | {
        "situation": "It was **slow**.\r\nFor all.",
        "action": "- Cached it.",
        "outcome": "Fast.",
        "measure_name": "p99",
        "measure_before": "840",
        "measure_after": "190.5",
        "measure_unit": "ms",
        "started_on": "2026-07-01",
        "context": "Quotes",
        "ai_help": "It wrote tests.",
        "links": "https://a.example/1\r\n\r\n  https://b.example/2 \r\nhttps://a.example/1",
        "confidential": "on",
        "public_wording": "Made a service faster.",
        "indicator-design": str(here.pk),
    }
    response = post(mine, do="log", **typed, **claiming(design=2, testing=1))
    made = Accomplishment.objects.get()
    assert (response.status_code, response.headers["Location"]) == (302, f"/log/{made.pk}/")
    assert (made.person, made.state, made.situation, made.action) == (
        me,
        State.LOGGED,
        "It was **slow**.\nFor all.",
        "- Cached it.",
    )
    assert (made.measure_name, made.measure_before, str(made.measure_after), made.measure_unit) == (
        "p99",
        840,
        "190.5000",
        "ms",
    )
    assert (made.started_on, made.ended_on, made.context) == (date(2026, 7, 1), date(2026, 7, 10), "Quotes")
    assert (made.ai_help, made.confidential, made.public_wording) == ("It wrote tests.", True, "Made a service faster.")
    assert [link.url for link in made.links.all()] == ["https://a.example/1", "https://b.example/2"]
    assert rows(made) == [("design", 2, here.text), ("testing", 1, "")]
    assert str(made.token) == TOKEN


@pytest.mark.parametrize(
    ("do", "claims", "says"),
    [
        ("log", claiming(design=2), "Saved. It counts as self-claimed until a colleague confirms it."),
        ("log", {}, "Saved. It counts for nothing yet: claim a competency that it shows."),
        ("draft", {}, "Kept as a draft. It counts once you log it."),
    ],
)
def test_new_says_what_saving_means(mine: Client, do: str, claims: dict[str, Any], says: str) -> None:
    page = tree(mine.post(NEW, WHOLE | claims | {"do": do}, follow=True))
    assert texts(page, ".//div[@class='notice is-success']") == [says]


def test_new_keeps_a_draft_that_lacks_nearly_everything(mine: Client) -> None:
    assert post(mine, do="draft", token=TOKEN, action="A word").status_code == 302
    made = Accomplishment.objects.get()
    assert (made.state, made.title, made.action, made.ended_on) == (State.DRAFT, "", "A word", None)


def test_new_keeps_no_draft_of_nothing(mine: Client) -> None:
    page = tree(post(mine, do="draft", token=TOKEN, title=" \x07 ", ended_on="2026-07-15"), 422)
    assert problems(page) == ["What changed? Nothing is typed yet: write what changed, a few words are enough."]
    assert not Accomplishment.objects.exists()


def test_new_pressed_twice_is_one_entry(mine: Client) -> None:
    first, second = (post(mine, do="log", **WHOLE, **claiming(design=2)) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert history(Accomplishment.objects.get()) == [Happened.LOGGED]


def test_new_offers_the_draft_of_today_to_continue(mine: Client, me: User) -> None:
    with time_machine.travel(datetime(2026, 7, 13, 23, 59, tzinfo=UTC)):
        entry(person=me, title="Long ago", log=False)
    assert "Continue" not in words(tree(mine.get(NEW)))
    with time_machine.travel(datetime(2026, 7, 14, 9, 30, tzinfo=UTC)):
        one = entry(person=me, title="Yesterday", log=False)
        entry(person=me, title="Logged")
        entry(person=UserFactory(), title="Of somebody else", log=False)
    notice = by_id(tree(mine.get(NEW)), "to-continue")
    assert words(notice) == "You have a draft from 14 Jul, 09:30: YesterdayContinue your draft"
    assert notice.find(".//a").get("href") == f"/log/{one.pk}/edit/"
    entries.delete(entry=one, by=me)
    assert "Continue" not in words(tree(mine.get(NEW)))


# ── What is wrong ───────────────────────────────────────────────────────────

LONG = "x" * 20_001
WRONG: dict[str, tuple[dict[str, Any], list[str]]] = {
    "nothing": (
        {"title": "", "part": "", "scope": "", "ended_on": ""},
        [
            "What changed? Say in one line what changed.",
            "Your part Choose your part in it.",
            "How far it reached Choose how far it reached.",
            "Finished on Give the day on which it was finished.",
        ],
    ),
    "ends before it starts": (
        {"started_on": "2026-07-11"},
        ["Finished on This is before the start, 11 July 2026: change one of the two days."],
    ),
    "ends tomorrow": (
        {"ended_on": "2026-07-16"},
        ["Finished on This day is yet to come: choose 15 July 2026 or a day before it."],
    ),
    "starts tomorrow": (
        {"started_on": "2026-07-16"},
        ["Started on This day is yet to come: choose 15 July 2026 or a day before it."],
    ),
    "ended long ago": ({"ended_on": "1949-12-31"}, ["Finished on Choose a day from 1 January 1950 on."]),
    "started long ago": ({"started_on": "0001-01-01"}, ["Started on Choose a day from 1 January 1950 on."]),
    "no such day": ({"ended_on": "2026-02-30"}, ["Finished on Write a day that there is, such as 2026-11-14."]),
    "no number": (
        {"measure_before": "many"},
        ["Before Write a number such as 840 or 0.5; the unit has a field of its own."],
    ),
    "not a finite number": (
        {"measure_after": "NaN"},
        ["After Write a number such as 840 or 0.5; the unit has a field of its own."],
    ),
    "large number": (
        {"measure_after": "123456789012345"},
        ["After Use at most 14 digits before the point; a larger unit helps."],
    ),
    "fine number": ({"measure_after": "0.12345"}, ["After Use at most 4 digits after the point."]),
    "unknown part": ({"part": "watched"}, ["Your part Choose one of these."]),
    "unknown scope": ({"scope": "galaxy"}, ["How far it reached Choose one of these."]),
    "long title": ({"title": "x" * 161}, ["What changed? Shorten this to 160 characters; it has 161."]),
    "long situation": ({"situation": LONG}, ["Situation Shorten this to 20000 characters; it has 20001."]),
    "long action": ({"action": LONG}, ["What you did Shorten this to 20000 characters; it has 20001."]),
    "long outcome": ({"outcome": LONG}, ["What came of it Shorten this to 20000 characters; it has 20001."]),
    "long help": ({"ai_help": LONG}, ["How AI tools helped Shorten this to 20000 characters; it has 20001."]),
    "long wording": ({"public_wording": LONG}, ["Public wording Shorten this to 20000 characters; it has 20001."]),
    "long place": ({"context": "x" * 121}, ["Project or team Shorten this to 120 characters; it has 121."]),
    "no address": (
        {"links": "https://a.example/\njavascript:alert(1)\nftp://a.example/"},
        [
            "Links that show it Link 2 is no web address: begin it with https:// and leave no blanks in it.",
            "Links that show it Link 3 is no web address: begin it with https:// and leave no blanks in it.",
        ],
    ),
    "long address": (
        {"links": "https://a.example/" + "x" * 983},
        ["Links that show it Link 1 is longer than 1000 characters: use a shorter one."],
    ),
    "eleven addresses": (
        {"links": "\n".join(f"https://a.example/{n}" for n in range(11))},
        ["Links that show it Keep at most 10 links; there are 11."],
    ),
    "level 9": (claiming(design=9), ["Design There is no level 9: choose the level of Design from 1 to 5."]),
    "level in words": (
        claiming(design="three"),
        ["Design There is no level three: choose the level of Design from 1 to 5."],
    ),
    "no level": (claiming(design=""), ["Design Choose the level of Design that this shows."]),
    "no such competency": (
        claiming(knitting=2),
        ["knitting There is no such competency: remove it. All else stays."],
    ),
    "twice": (
        claiming(design=2) | {"claim": ["design", "design"]},
        ["Design Design was claimed twice. It is here once now: check its level and save again."],
    ),
    "six": (
        claiming(design=1, testing=1, mentorship=1, performance_scalability=1, delivery=1, writing=1),
        ["Competencies Claim at most 5 competencies: remove 1."],
    ),
    "no such sentence": (
        claiming(design=2) | {"indicator-design": "999999"},
        ["Design That sentence is not there any more: choose another one, or none."],
    ),
    "sentence in words": (
        claiming(design=2) | {"indicator-design": "\x00²"},
        ["Design That sentence is not there any more: choose another one, or none."],
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("address", ["new", "edit"])
def test_error_says_what_to_do_and_saves_nothing(mine: Client, me: User, wrong: str, address: str) -> None:
    changed, wanted = WRONG[wrong]
    one = entry(person=me, title="As it was", claims={"testing": 1}) if address == "edit" else None
    data: dict[str, Any] = WHOLE | {"situation": "All that I typed", "edits": "1", "do": "log"} | changed
    page = tree(mine.post(f"/log/{one.pk}/edit/" if one else NEW, data), 422)
    assert problems(page) == wanted
    notice = by_id(page, "problems")
    assert (notice.get("role"), notice.get("tabindex"), "autofocus" in notice.attrib) == ("alert", "-1", True)
    anchors = [link.get("href", "")[1:] for link in notice.findall(".//a")]
    assert [by_id(page, anchor) is not None for anchor in anchors] == [True] * len(wanted)
    assert list(Accomplishment.objects.values_list("title", flat=True)) == (["As it was"] if one else [])
    for field in (
        "title",
        "situation",
        "started_on",
        "ended_on",
        "measure_before",
        "measure_after",
        "links",
        "context",
    ):
        assert value(page, field) == data.get(field, ""), field
    assert chosen(page, "part") == [part for part in [data["part"]] if part == "owned"]
    kept = dict.fromkeys(data.get("claim", []))
    assert [row.get("value") for row in page.findall(".//input[@name='claim']")] == list(kept)


def test_error_keeps_claims_levels_and_sentences(mine: Client) -> None:
    here = sentence("design", 2)
    data = WHOLE | {"title": "", "confidential": "on", "indicator-design": str(here.pk), "do": "log"}
    page = tree(mine.post(NEW, data | claiming(design=2, testing=4)), 422)
    assert claimed(page) == [("Design", "2 Capable"), ("Testing", "4 Leading")]
    assert (chosen(page, "level-design"), chosen(page, "level-testing")) == (["2"], ["4"])
    assert (chosen(page, "indicator-design"), chosen(page, "indicator-testing")) == ([str(here.pk)], [])
    assert "checked" in by_id(page, "id_confidential").attrib
    assert page.find(".//input[@name='token']").get("value") == TOKEN


def test_error_of_a_sentence_of_another_level(mine: Client) -> None:
    page = tree(
        mine.post(
            NEW,
            WHOLE | claiming(design=2) | {"indicator-design": str(sentence("design", 4).pk), "do": "log"},
        ),
        422,
    )
    assert problems(page) == [
        "Design The sentence belongs to level 4, and you chose level 2: "
        "choose a sentence of that level, none, or the other level."
    ]
    row = by_id(page, "claim-design")
    assert "open" in row.find("details").attrib
    assert row.find(".//fieldset").get("aria-describedby") == "claim-design_error"


def test_error_of_a_competency_that_was_retired_while_the_form_was_open(mine: Client) -> None:
    Competency.objects.filter(slug="design").update(retired_on=date(2026, 7, 15))
    page = tree(mine.post(NEW, WHOLE | claiming(design=2, testing=1) | {"do": "log"}), 422)
    assert problems(page) == ["Design Design was retired on 15 July 2026: remove it or claim another. All else stays."]
    assert claimed(page) == [("Design", "2 Capable"), ("Testing", "1 Guided")]
    assert not Accomplishment.objects.exists()


def test_edit_keeps_a_claim_that_was_there_before_it_was_retired(mine: Client, me: User) -> None:
    one = entry(person=me, claims={"design": 2})
    Competency.objects.filter(slug="design").update(retired_on=date(2026, 7, 15))
    data = WHOLE | claiming(design=3) | {"edits": one.edits, "do": "log"}
    assert mine.post(f"/log/{one.pk}/edit/", data).status_code == 302
    assert rows(one) == [("design", 3, "")]


def test_error_of_2_megabytes_keeps_the_text(mine: Client) -> None:
    text = "A long story. " * 150_000
    page = tree(mine.post(NEW, WHOLE | {"action": text, "do": "log"}), 422)
    assert problems(page) == ["What you did Shorten this to 20000 characters; it has 2099999."]
    assert value(page, "action") == text


def test_control_characters_are_taken_out(mine: Client) -> None:
    data = WHOLE | {"title": "Made\x00 a\x07 \u202ething\n", "action": "One\x0b\r\nTwo\u200b", "do": "log"}
    assert mine.post(NEW, data).status_code == 302
    made = Accomplishment.objects.get()
    assert (made.title, made.action) == ("Made a thing", "One\nTwo")


@pytest.mark.parametrize("name", [*WHOLE, "edits", "entry", "claim", "more", "do", "from", "agreed", "links"])
def test_form_never_breaks_on_what_no_browser_sends(mine: Client, name: str) -> None:
    for odd in ("\x00", "9" * 400, "²", "-1", "é" * 300, "accept:", "remove:", "accept:design:9:9"):
        for address in (NEW, AUTOSAVE):
            response = mine.post(address, WHOLE | {"do": "log", name: odd})
            assert response.status_code in {200, 204, 302, 404, 409, 422}, (name, odd, address)


# ── Suggestions and claims ──────────────────────────────────────────────────


def test_suggest_shows_proposals_with_their_reasons_and_saves_nothing(mine: Client) -> None:
    page = tree(post(mine, do="suggest", title="Quotes", action=REDIS, part="owned", scope="team"))
    text = f"Quotes\n\n{REDIS}\n"
    wanted, level = suggest(text)[0], suggest_level(text, "team", "owned")
    assert (wanted.slug, len(wanted.phrases), len(level.reasons)) == ("performance-scalability", 2, 3)
    (first,) = by_id(page, "suggestions").findall(".//li")
    assert words(first.find(".//h4")) == "Performance Scalability"
    assert texts(first, ".//mark") == list(wanted.phrases)
    assert words(first.findall("p")[0]) == f"Matched on: {', '.join(wanted.phrases)} {wanted.confidence}"
    assert words(first.findall("p")[1]) == f"Level {level.level} {level.name} for {'; '.join(level.reasons)}."
    button = first.find(".//button")
    assert (button.get("value"), words(button)) == (
        f"accept:performance-scalability:{level.level}",
        f"Accept at level {level.level} for Performance Scalability",
    )
    assert (value(page, "title"), value(page, "action"), chosen(page, "part")) == ("Quotes", REDIS, ["owned"])
    assert claimed(page) == []
    assert page.find(".//*[@id='problems']") is None
    assert not Accomplishment.objects.exists()


def test_suggest_says_so_where_there_is_nothing_to_propose(mine: Client) -> None:
    assert "come up here" in words(by_id(tree(post(mine, do="suggest")), "suggestions"))
    assert "Add a competency below" in words(by_id(tree(post(mine, do="suggest", title="Zzz")), "suggestions"))


def test_accept_adds_a_claim_at_its_level(mine: Client) -> None:
    page = tree(post(mine, do="accept:performance-scalability:3", action=REDIS))
    assert claimed(page) == [("Performance Scalability", "3 Owning")]
    assert chosen(page, "level-performance-scalability") == ["3"]
    row = by_id(page, "claim-performance-scalability")
    assert "open" in row.find("details").attrib
    assert [one.get("value") for one in row.findall(".//input[@autofocus]")] == ["3"]
    assert by_id(page, "suggestions").findall(".//li") == []
    assert not Accomplishment.objects.exists()


def test_add_takes_the_level_that_the_text_speaks_for(mine: Client) -> None:
    page = tree(post(mine, do="add", more="design", action=REDIS, part="owned", scope="team"))
    level = suggest_level(f"\n\n{REDIS}\n", "team", "owned")
    assert claimed(page) == [("Design", f"{level.level} {level.name}")]
    assert "design" not in chosen_of(page)


def test_add_without_a_text_leaves_the_level_open(mine: Client) -> None:
    page = tree(post(mine, do="add", more="design"))
    assert claimed(page) == [("Design", "no level yet")]
    assert [one.get("value") for one in page.findall(".//input[@autofocus]")] == ["1"]


def chosen_of(page: Element) -> list[str]:
    """What can be added, in order."""
    return [one.get("value", "") for one in page.findall(".//select[@name='more']//option") if one.get("value")]


@pytest.mark.parametrize("do", ["add", "accept:design:2", "accept:nothing:2", "remove:nothing"])
def test_button_that_has_nothing_to_do_changes_nothing(mine: Client, do: str) -> None:
    page = tree(post(mine, do=do, more="design", **claiming(design=4)))
    assert claimed(page) == [("Design", "4 Leading")]


def test_remove_takes_a_claim_away_and_leaves_the_others(mine: Client) -> None:
    page = tree(post(mine, do="remove:design", **claiming(design=2, testing=4)))
    assert claimed(page) == [("Testing", "4 Leading")]
    assert "autofocus" in by_id(page, "claims-h").attrib
    assert chosen_of(page) == ["delivery", "design", "performance-scalability", "mentorship", "writing"]


def test_sixth_claim_is_not_offered(mine: Client) -> None:
    five = claiming(design=1, testing=1, mentorship=1, delivery=1, writing=1)
    page = tree(post(mine, do="accept:performance-scalability:2", action=REDIS, **five))
    assert len(claimed(page)) == 5
    assert "that is the most" in words(by_id(page, "claims"))
    assert page.findall(".//select[@name='more']") == []
    assert by_id(page, "suggestions").findall(".//button") == []


def test_retired_competency_is_neither_proposed_nor_offered_nor_added(mine: Client) -> None:
    Competency.objects.exclude(slug="testing").update(retired_on=date(2026, 7, 15))
    page = tree(post(mine, do="accept:performance-scalability:2", action=REDIS))
    assert (claimed(page), chosen_of(page)) == ([], ["testing"])
    assert by_id(page, "suggestions").findall(".//li") == []


def test_picker_shows_what_one_sees_at_each_level(mine: Client) -> None:
    page = tree(post(mine, do="accept:design:2"))
    labels = texts(by_id(page, "claim-design"), ".//fieldset/label")
    assert labels[0] == "1 GuidedDoes this at 1 of design.Does that at 1 of design."
    assert [label[:9] for label in labels[1:]] == ["2 Capable", "3 OwningD", "4 Leading", "5 Definin"]
    groups = by_id(page, "indicator-design").findall("optgroup")
    assert [group.get("label") for group in groups] == [
        "1 Guided",
        "2 Capable",
        "3 Owning",
        "4 Leading",
        "5 Defining",
    ]
    assert texts(groups[1], "option") == ["Does this at 2 of design.", "Does that at 2 of design."]


def test_picker_marks_what_the_target_needs(mine: Client, me: User) -> None:
    targets.pin(by=me, version=published(role="data/science/l1", needs={"design": (3, "core")}))
    page = tree(post(mine, do="suggest", **claiming(design=2, testing=2)))
    marked = [
        words(label.find(".//b"))
        for label in page.findall(".//fieldset[@class='picker']/label")
        if label.find(".//span[@class='status is-need']") is not None
    ]
    assert marked == ["3 Owning"]


@pytest.mark.parametrize(
    ("do", "target", "ids"),
    [
        ("suggest", "suggestions", ["suggestions", "effect", "chosen-testing"]),
        ("accept:design:2", "claims", ["claims", "effect"]),
        ("remove:testing", "claims", ["claims", "effect"]),
        ("effect", "effect", ["effect", "chosen-testing"]),
    ],
)
def test_htmx_gets_only_what_changed(mine: Client, do: str, target: str, ids: list[str]) -> None:
    page = tree(post(mine, target=target, do=do, action=REDIS, **claiming(testing=2)))
    assert [one.get("id") for one in page] == ids
    assert [one.get("hx-swap-oob") for one in page] == [None, *("true" for _ in ids[1:])]


def test_htmx_hears_of_a_claim_that_came_or_went_so_that_it_is_saved(mine: Client) -> None:
    found = {do: post(mine, do=do, more="design").headers.get("HX-Trigger") for do in ("suggest", "effect", "add")}
    assert found == {"suggest": None, "effect": None, "add": "claims-changed"}


# ── What it would change ────────────────────────────────────────────────────


def test_effect_without_a_target_leads_to_the_targets(mine: Client) -> None:
    panel = by_id(tree(mine.get(NEW)), "effect")
    assert words(panel).startswith("What this entry would change Pin a target role")
    assert panel.find(".//a").get("href") == "/targets/"


def test_effect_says_the_match_now_with_the_entry_and_confirmed(mine: Client, me: User) -> None:
    needs = {"design": (2, "core"), "testing": (1, "core")}
    targets.pin(by=me, version=published(role="data/science/l1", title="Scientist", needs=needs))
    panel = by_id(tree(mine.get(NEW)), "effect")
    assert "Scientist match: 0 % now." in words(panel)
    data = WHOLE | claiming(design=2, delivery=1) | {"do": "suggest"}
    panel = by_id(tree(mine.post(NEW, data)), "effect")
    assert texts(panel, "p") == [
        "Delivery: your target doesn't ask for it.",
        "Design: 0 to 1 of 2, 2 once a peer confirms",
        "Scientist match: 0 % to 25 % with this entry, 50 % once a peer confirms it.",
    ]
    panel = by_id(tree(mine.post(NEW, WHOLE | claiming(delivery=1) | {"do": "suggest"})), "effect")
    assert texts(panel, "p")[-1] == "Scientist match: 0 %, and this entry leaves it there."
    assert not Accomplishment.objects.exists()


def test_effect_on_a_role_without_requirements(mine: Client, me: User) -> None:
    targets.pin(by=me, version=published(role="data/science/l1", title="Scientist"))
    panel = by_id(tree(mine.post(NEW, WHOLE | claiming(design=1) | {"do": "suggest"})), "effect")
    assert texts(panel, "p") == ["Scientist asks for nothing that applies to you, so no entry changes that match."]


# ── Editing ─────────────────────────────────────────────────────────────────


def test_edit_shows_what_the_entry_says(mine: Client, me: User) -> None:
    one = entry(
        person=me,
        claims={"design": 3},
        links=["https://a.example/1", "https://a.example/2"],
        action="Did it.",
        measure_before=Decimal("840"),
        measure_after=Decimal("0.5"),
        started_on=date(2026, 6, 1),
        confidential=True,
    )
    page = tree(mine.get(f"/log/{one.pk}/edit/"))
    names = ("title", "action", "measure_before", "measure_after", "measure_unit", "started_on", "ended_on", "links")
    assert [value(page, name) for name in names] == [
        "Made a thing",
        "Did it.",
        "840",
        "0.5",
        "",
        "2026-06-01",
        "2026-06-30",
        "https://a.example/1\nhttps://a.example/2",
    ]
    assert (chosen(page, "part"), chosen(page, "scope")) == (["owned"], ["feature"])
    assert claimed(page) == [("Design", "3 Owning")]
    assert "checked" in by_id(page, "id_confidential").attrib
    buttons = texts(page, ".//div[@class='row form-foot']/button")
    assert (buttons, page.findall(".//*[@id='autosave']")) == (["Save changes"], [])


def as_posted(page: Element) -> dict[str, Any]:
    """What a browser would send of a form as it stands."""
    form = by_id(page, "entry-form")
    data: dict[str, Any] = {}
    for one in form.iter():
        name, kind = one.get("name"), one.get("type")
        if not name or one.tag == "button" or (kind in {"radio", "checkbox"} and "checked" not in one.attrib):
            continue
        if one.tag == "select":
            found = [option.get("value", "") for option in one.iter("option") if "selected" in option.attrib]
            data[name] = (found or [""])[0]
        elif one.tag == "textarea":
            data[name] = (one.text or "").removeprefix("\n").replace("\n", "\r\n")
        else:
            data.setdefault(name, []).append(one.get("value", ""))
    return data


def test_edit_saved_as_it_was_opened_changes_nothing(mine: Client, me: User) -> None:
    """A browser sends other line ends and other ways to write a number; no verified claim is lost by that."""
    one = entry(
        person=me,
        claims={"design": 3, "testing": 1},
        links=["https://a.example/1"],
        action="One\n\nTwo",
        measure_before=Decimal("840.5"),
        started_on=date(2026, 6, 1),
        context="Quotes",
        public_wording="Told\noutside",
    )
    one.claims.filter(competency__slug="design").update(indicator=sentence("design", 3))
    verified(claim_of(one, "design"))
    response = mine.post(f"/log/{one.pk}/edit/", as_posted(tree(mine.get(f"/log/{one.pk}/edit/"))) | {"do": "log"})
    assert response.status_code == 302
    assert history(one) == [Happened.LOGGED]
    assert claim_of(one, "design").verifications.standing().count() == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"visibility": "everyone"}, "Saved."),
        ({"title": "Another thing", "agreed": True}, "Saved. It counts as self-claimed until a colleague confirms it."),
    ],
)
def test_edit_of_what_is_verified_says_what_became_of_it(
    mine: Client, me: User, change: dict[str, Any], says: str
) -> None:
    one = entry(person=me, claims={"design": 3})
    verified(claim_of(one, "design"))
    data = as_posted(tree(mine.get(f"/log/{one.pk}/edit/"))) | {"do": "log"} | change
    if change.get("agreed"):
        data["agreed"] = str(claim_of(one, "design").pk)
    page = tree(mine.post(f"/log/{one.pk}/edit/", data, follow=True))
    assert texts(page, ".//div[@class='notice is-success']") == [says]


def test_edit_saves_and_tells(mine: Client, me: User) -> None:
    one = entry(person=me, claims={"design": 3})
    data = as_posted(tree(mine.get(f"/log/{one.pk}/edit/"))) | {"title": "Made it well", "do": "log"}
    response = mine.post(f"/log/{one.pk}/edit/", data)
    one.refresh_from_db()
    assert (response.headers["Location"], one.title, history(one)) == (
        f"/log/{one.pk}/",
        "Made it well",
        [Happened.LOGGED, Happened.EDITED],
    )


def test_edit_of_a_draft_can_log_it_or_keep_it(mine: Client, me: User) -> None:
    one = entry(person=me, log=False, part="")
    page = tree(mine.get(f"/log/{one.pk}/edit/"))
    assert texts(page, ".//div[@class='row form-foot']/button") == ["Log it", "Keep as draft"]
    data = as_posted(page)
    assert mine.post(f"/log/{one.pk}/edit/", data | {"do": "draft", "context": "Quotes"}).status_code == 302
    assert mine.post(f"/log/{one.pk}/edit/", data | {"do": "log"}).status_code == 422
    assert mine.post(f"/log/{one.pk}/edit/", data | {"do": "log", "part": "led"}).status_code == 302
    one.refresh_from_db()
    assert (one.state, one.part) == (State.LOGGED, "led")


def test_edit_of_an_archived_entry_leaves_it_archived(mine: Client, me: User) -> None:
    one = entry(person=me)
    entries.archive(entry=one, by=me)
    data = as_posted(tree(mine.get(f"/log/{one.pk}/edit/")))
    assert mine.post(f"/log/{one.pk}/edit/", data | {"do": "log", "title": "New"}).status_code == 302
    assert mine.post(f"/log/{one.pk}/edit/", data | {"do": "draft", "title": ""}).status_code == 422
    one.refresh_from_db()
    assert (one.state, one.title) == (State.ARCHIVED, "New")


def test_edit_of_somebody_elses_entry_is_not_found(mine: Client) -> None:
    theirs = entry(person=UserFactory(), log=False)
    address = f"/log/{theirs.pk}/edit/"
    assert mine.get(address).status_code == 404
    assert mine.post(address, WHOLE | {"do": "log", "edits": theirs.edits}).status_code == 404
    assert mine.post(AUTOSAVE, WHOLE | {"entry": theirs.pk, "edits": theirs.edits}).status_code == 404
    theirs.refresh_from_db()
    assert (theirs.state, theirs.edits) == (State.DRAFT, 1)


def test_edit_of_what_is_deleted_is_not_found(mine: Client, me: User) -> None:
    one = entry(person=me)
    entries.delete(entry=one, by=me)
    assert mine.get(f"/log/{one.pk}/edit/").status_code == 404


# ── Two tabs ────────────────────────────────────────────────────────────────


def test_second_tab_hears_of_the_first_and_keeps_its_text(mine: Client, me: User) -> None:
    one = entry(person=me, claims={"design": 3}, links=["https://a.example/1"])
    address = f"/log/{one.pk}/edit/"
    here, there = (as_posted(tree(mine.get(address))) for _ in range(2))
    assert here["token"] != there["token"]
    mine.post(address, here | {"do": "log", "title": "From here", "part": "led", "level-design": "4", "links": ""})
    page = tree(mine.post(address, there | {"do": "log", "title": "From there"}), 409)
    notice = by_id(page, "elsewhere")
    assert "saved elsewhere on 15 July 2026 at 14:02" in words(notice)
    link = notice.find(".//a")
    assert (link.get("href"), link.get("target")) == (f"/log/{one.pk}/", "_blank")
    assert [(words(row.find("th")), words(row.find("td"))) for row in notice.findall(".//tbody/tr")] == [
        ("What changed?", "From here"),
        ("Your part", "I led it"),
        ("Links that show it", "nothing"),
        ("Competencies", "Design 4"),
    ]
    assert (value(page, "title"), claimed(page)) == ("From there", [("Design", "3 Owning")])
    assert texts(page, ".//div[@class='row form-foot']/button") == ["Save over it"]
    one.refresh_from_db()
    assert one.title == "From here"
    assert mine.post(address, as_posted(page) | {"do": "log"}).status_code == 302
    one.refresh_from_db()
    assert (one.title, one.part, rows(one)) == ("From there", "owned", [("design", 3, "")])


def test_form_that_was_logged_and_changed_after_going_back_is_not_lost(mine: Client) -> None:
    post(mine, do="log", **WHOLE)
    page = tree(post(mine, do="log", **(WHOLE | {"title": "With a word more"})), 409)
    one = Accomplishment.objects.get()
    assert by_id(page, "entry-form").get("action") == f"/log/{one.pk}/edit/"
    assert mine.post(f"/log/{one.pk}/edit/", as_posted(page) | {"do": "log"}).status_code == 302
    one.refresh_from_db()
    assert (one.title, Accomplishment.objects.count()) == ("With a word more", 1)


def test_form_of_an_entry_that_was_deleted_elsewhere_makes_a_new_one(mine: Client, me: User) -> None:
    one = entry(person=me, claims={"design": 3})
    data = as_posted(tree(mine.get(f"/log/{one.pk}/edit/")))
    entries.delete(entry=one, by=me)
    page = tree(mine.post(f"/log/{one.pk}/edit/", data | {"do": "log", "title": "Still here"}), 409)
    assert "deleted elsewhere on 15 July 2026 at 14:02" in words(by_id(page, "elsewhere"))
    assert (value(page, "title"), claimed(page)) == ("Still here", [("Design", "3 Owning")])
    assert by_id(page, "entry-form").get("action") == NEW
    assert mine.post(NEW, as_posted(page) | {"do": "log"}).status_code == 302
    assert list(Accomplishment.objects.kept().values_list("title", "state")) == [("Still here", "logged")]


# ── What was verified ───────────────────────────────────────────────────────


def test_change_of_what_was_verified_asks_first(mine: Client, me: User) -> None:
    one = entry(person=me, claims={"design": 3, "testing": 2, "delivery": 1})
    verified(claim_of(one, "design"), by=UserFactory(name="Priya Raman"))
    verified(claim_of(one, "design"), by=UserFactory(name="Tomas Lind"))
    verified(claim_of(one, "testing"), by=UserFactory(name="Priya's Friend"))
    address = f"/log/{one.pk}/edit/"
    data = as_posted(tree(mine.get(address))) | {"do": "log", "outcome": "More came of it."}
    page = tree(mine.post(address, data), 422)
    notice = by_id(page, "unverify")
    assert texts(notice, ".//li") == [
        "Design at level 3, confirmed by Priya Raman, Tomas Lind",
        "Testing at level 2, confirmed by Priya's Friend",
    ]
    assert words(notice.find(".//label")) == "I know that 2 verified claims return to unverified"
    assert value(page, "outcome") == "More came of it."
    one.refresh_from_db()
    assert (one.outcome, history(one)) == ("", [Happened.LOGGED])
    box = notice.find(".//input")
    assert (box.get("form"), "checked" in box.attrib) == ("entry-form", False)
    assert mine.post(address, as_posted(page) | {"do": "log"}).status_code == 422
    assert mine.post(address, as_posted(page) | {"do": "log", "agreed": box.get("value")}).status_code == 302
    one.refresh_from_db()
    assert (one.outcome, history(one)) == (
        "More came of it.",
        [Happened.LOGGED, Happened.EDITED, Happened.UNVERIFIED],
    )
    assert claim_of(one, "design").verifications.standing().count() == 0


def test_agreement_holds_for_the_claims_that_it_named(mine: Client, me: User) -> None:
    one = entry(person=me, claims={"design": 3, "testing": 2})
    verified(claim_of(one, "design"))
    address = f"/log/{one.pk}/edit/"
    data = as_posted(tree(mine.get(address))) | {"do": "log", "outcome": "More came of it."}
    agreed = by_id(tree(mine.post(address, data), 422), "unverify").find(".//input").get("value")
    verified(claim_of(one, "testing"))
    page = tree(mine.post(address, data | {"agreed": agreed}), 422)
    assert words(by_id(page, "unverify").find(".//label")) == "I know that 2 verified claims return to unverified"


def test_change_of_one_verified_claim_names_only_that(mine: Client, me: User) -> None:
    one = entry(person=me, claims={"design": 3, "testing": 2})
    verified(claim_of(one, "design"))
    verified(claim_of(one, "testing"))
    address = f"/log/{one.pk}/edit/"
    data = as_posted(tree(mine.get(address))) | {"do": "log", "level-design": "4"}
    notice = by_id(tree(mine.post(address, data), 422), "unverify")
    assert [line.split(",")[0] for line in texts(notice, ".//li")] == ["Design at level 3"]
    assert words(notice.find(".//label")) == "I know that 1 verified claim returns to unverified"


# ── While somebody types ────────────────────────────────────────────────────


def autosave(client: Client, **data: Any) -> Any:
    return post(client, AUTOSAVE, target="autosave", **data)


def test_autosave_makes_one_draft_and_says_when(mine: Client, me: User) -> None:
    response = autosave(mine, token=TOKEN, title="A st")
    one = Accomplishment.objects.get()
    page = tree(response)
    assert [(one.get("id"), one.get("role"), words(one)) for one in page] == [
        ("autosave", "status", "Draft saved 14:02")
    ]
    assert response.headers["HX-Replace-Url"] == f"/log/{one.pk}/edit/"
    autosave(mine, token=TOKEN, title="A start", **claiming(design=2), links="https://a.example/")
    one.refresh_from_db()
    assert (one.person, one.state, one.title, rows(one)) == (me, State.DRAFT, "A start", [("design", 2, "")])
    assert history(one) == [Happened.DRAFTED]
    page = tree(mine.get(f"/log/{one.pk}/edit/"))
    assert (value(page, "title"), value(page, "links")) == ("A start", "https://a.example/")
    assert words(by_id(page, "autosave")) == "Draft of 15 July 2026, 14:02"


@pytest.mark.parametrize("data", [{}, {"title": " \x00 ", "ended_on": "2026-07-15"}, {"ended_on": ""}])
def test_autosave_of_an_untouched_form_makes_no_row(mine: Client, data: dict[str, str]) -> None:
    assert autosave(mine, token=TOKEN, **data).status_code == 204
    assert not Accomplishment.objects.exists()


def test_autosave_keeps_what_is_valid_and_says_what_is_not(mine: Client) -> None:
    data = {"situation": "Fine", "title": "x" * 161, "measure_after": "many", "part": "watched", "scope": "team"}
    data |= {"links": "https://a.example/\nnonsense", "started_on": "2026-07-20", "ended_on": "2026-07-01"}
    data |= claiming(design=2, testing=9, knitting=1, delivery=3)
    data |= {"indicator-delivery": str(sentence("delivery", 1).pk)}
    page = tree(autosave(mine, token=TOKEN, **data))
    assert words(page) == (
        "Draft saved 14:02, without What changed?, Your part, Started on, Testing, knitting, Delivery, After, "
        "Links that show it: look at them before you log"
    )
    one = Accomplishment.objects.get()
    assert (one.situation, one.title, one.measure_after, one.part, one.scope) == ("Fine", "", None, "", "team")
    assert (one.started_on, one.ended_on) == (None, None)
    assert [link.url for link in one.links.all()] == ["https://a.example/"]
    assert rows(one) == [("design", 2, ""), ("delivery", 3, "")]


def test_autosave_keeps_the_days_of_a_draft_while_one_of_them_is_wrong(mine: Client, me: User) -> None:
    one = entry(person=me, log=False, ended_on=date(2026, 7, 1))
    known = {"token": TOKEN, "entry": one.pk, "edits": one.edits, "title": "New"}
    for started, ended in (("2026-07-05", "2026-07-03"), ("2026-07-05", "nonsense"), ("2026-07-05", "2026-08-01")):
        assert autosave(mine, **known, started_on=started, ended_on=ended).status_code == 200
    one.refresh_from_db()
    assert (one.title, one.started_on, one.ended_on) == ("New", None, date(2026, 7, 1))


def test_autosave_that_comes_after_logging_changes_nothing(mine: Client) -> None:
    autosave(mine, token=TOKEN, title="A start")
    post(mine, do="log", **WHOLE, **claiming(design=2))
    one = Accomplishment.objects.get()
    response = autosave(mine, token=TOKEN, title="A start")
    assert words(tree(response)) == (
        "Not saved: this was logged elsewhere. What you typed stays here until you save it."
    )
    assert "HX-Replace-Url" not in response.headers
    again = Accomplishment.objects.get()
    assert (again.state, again.title, again.edits, rows(again)) == (
        State.LOGGED,
        "Made a thing",
        one.edits,
        [("design", 2, "")],
    )


@pytest.mark.parametrize("state", ["logged", "archived"])
def test_autosave_never_touches_an_entry_that_is_no_draft(mine: Client, me: User, state: str) -> None:
    one = entry(person=me)
    if state == "archived":
        entries.archive(entry=one, by=me)
    one.refresh_from_db()
    page = tree(autosave(mine, token=str(one.tab), entry=one.pk, edits=one.edits, title="Late"))
    assert words(page).startswith("Not saved")
    one.refresh_from_db()
    assert one.title == "Made a thing"


def test_autosave_of_a_draft_that_another_tab_saved(mine: Client, me: User) -> None:
    one = entry(person=me, log=False)
    known = {"entry": one.pk, "edits": one.edits}
    autosave(mine, token=TOKEN, **known, title="From here")
    page = tree(autosave(mine, token=OTHER, **known, title="From there"))
    assert words(page) == "Not saved: this was saved elsewhere. What you typed stays here until you save it."
    one.refresh_from_db()
    assert one.title == "From here"


def test_autosave_then_save_from_the_same_form(mine: Client) -> None:
    autosave(mine, token=TOKEN, title="A start")
    assert post(mine, do="log", **WHOLE).status_code == 302
    one = Accomplishment.objects.get()
    assert (one.title, one.state, history(one)) == ("Made a thing", State.LOGGED, [Happened.DRAFTED, Happened.LOGGED])


def test_autosave_without_htmx_leads_to_the_draft(mine: Client) -> None:
    response = mine.post(AUTOSAVE, {"token": TOKEN, "title": "A start"})
    assert response.headers["Location"] == f"/log/{Accomplishment.objects.get().pk}/edit/"


def test_form_is_for_people_who_are_signed_in() -> None:
    for address in (NEW, AUTOSAVE, "/log/1/edit/"):
        response = Client().post(address, WHOLE)
        assert (response.status_code, response.headers["Location"][:16]) == (302, "/accounts/login/")
    assert not Accomplishment.objects.exists()


# ── What it costs ───────────────────────────────────────────────────────────


def queries(client: Client, address: str, data: dict[str, Any] | None = None) -> int:
    cache.clear()
    client.get(NEW)  # so that the catalogue is in memory
    with CaptureQueriesContext(connection) as asked:
        response = client.post(address, data) if data else client.get(address)
    assert response.status_code == 200
    return len(asked)


def test_pages_cost_the_same_with_one_claim_and_with_five(mine: Client, me: User) -> None:
    targets.pin(by=me, version=published(role="data/science/l1", needs={"design": (3, "core")}))
    one, five = {"design": 2}, {"design": 2, "testing": 1, "mentorship": 3, "delivery": 1, "writing": 1}
    edits = [f"/log/{entry(person=me, claims=claims).pk}/edit/" for claims in (one, five)]
    assert [queries(mine, address) for address in edits] == [13, 13]
    data = WHOLE | {"action": REDIS, "do": "suggest"}
    assert [queries(mine, NEW, data | claiming(**claims)) for claims in (one, five)] == [10, 10]
    assert queries(mine, NEW) == 10  # one more: who may read the entry that was written last


def test_two_tabs_of_one_entry_have_tokens_of_their_own(mine: Client, me: User) -> None:
    address = f"/log/{entry(person=me).pk}/edit/"
    tokens = {uuid.UUID(tree(mine.get(address)).find(".//input[@name='token']").get("value")) for _ in range(2)}
    assert len(tokens) == 2
