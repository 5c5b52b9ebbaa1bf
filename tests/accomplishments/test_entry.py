"""The page of an entry, its history, and putting it away and taking it back."""

from datetime import date
from decimal import Decimal
from time import perf_counter
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accomplishments.choices import Answer, State, Void
from accomplishments.models import Accomplishment, Event, Record, Verification
from accomplishments.queries.entry import EntryPage, history_of
from accomplishments.services.entries import Claimed, Typed, add, archive, delete, save
from accomplishments.services.files import add_file, remove_file
from people.models import User
from tests.accomplishments.test_files import upload
from tests.conftest import texts, tree, words
from tests.factories.accomplishments import asked, claim_of, entry, verified
from tests.factories.competencies import CompetencyFactory, IndicatorFactory, ProficiencyLevelFactory
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def me() -> User:
    return UserFactory(name="Noor", manager=UserFactory(name="Mara"))


@pytest.fixture
def window(me: User) -> Client:
    client = Client()
    client.force_login(me)
    return client


def page_of(window: Client, made: Accomplishment, more: str = "") -> ElementTree.Element:
    return tree(window.get(f"/log/{made.pk}/{more}"))


def notices(page: ElementTree.Element) -> list[str]:
    return texts(page, ".//main/div[@role='status']/p")


def facts(page: ElementTree.Element) -> dict[str, str]:
    names, values = (texts(page, f".//dl[@class='facts']/{tag}") for tag in ("dt", "dd"))
    return dict(zip(names, values, strict=True))


def section(page: ElementTree.Element, name: str) -> ElementTree.Element:
    found = page.find(f".//section[@aria-labelledby='{name}-h']")
    assert found is not None
    return found


# ── The page ────────────────────────────────────────────────────────────────


def test_entry_shows_all_of_it(window: Client, me: User) -> None:
    made = entry(
        person=me,
        title="Quicker <quotes>",
        situation="Slow,\n\n*every day*.",
        action="- cached\n- measured",
        outcome="Quick. <script>alert(1)</script>",
        measure_name="p99",
        measure_before=Decimal("1840"),
        measure_after=Decimal("190.5"),
        measure_unit="ms",
        started_on=date(2026, 5, 1),
        context="Quote service",
        ai_help="Wrote `tests`.",
        links=["https://wiki.example/a?b=1&c=2"],
        confidential=True,
        public_wording="Made **it** quicker.",
    )
    page = page_of(window, made)
    assert words(page.find(".//h1")) == "Quicker <quotes>"
    told = section(page, "told")
    assert [(one.tag, words(one)) for one in told[1:]] == [
        ("h3", "Situation"),
        ("p", "Slow,"),
        ("p", "every day."),
        ("h3", "Action"),
        ("ul", "cached measured"),
        ("h3", "Outcome"),
        ("p", "Quick. <script>alert(1)</script>"),
        ("h3", "Measure"),
        ("p", "p99: 1,840 to 190.5 ms"),
        ("h3", "How AI tools helped"),
        ("p", "Wrote tests."),
        ("p", "Kept for you; it changes no number."),
    ]
    assert facts(page) == {
        "When": "1 May 2026 to 30 June 2026",
        "My part": "I owned it",
        "Scope": "A feature",
        "Where": "Quote service",
        "State": "Logged",
        "Who may read it": "My manager, and whoever you asked to verify it · who did",
        "Written": f"{timezone.localdate():%-d %B %Y} · history",
    }
    (link,) = section(page, "links").iter("a")
    assert (link.get("href"), link.get("rel")) == ("https://wiki.example/a?b=1&c=2", "nofollow noopener noreferrer")
    public = section(page, "public")
    assert texts(public, "h2") == ["Confidential"]
    assert texts(public, "p") == ["What may be said outside:", "Made it quicker."]


def test_entry_without_much_says_what_is_missing(window: Client, me: User) -> None:
    made = add(by=me, typed=Typed({"title": "Only a title"}), log=False)
    page = page_of(window, made)
    assert texts(page, ".//h1/span") == ["Draft"]
    assert texts(section(page, "told"), "p") == ["Nothing is written yet beyond the title."]
    assert texts(section(page, "claims"), "p") == ["No competency yet, so it counts in no match. Say what it shows"]
    assert {name: facts(page)[name] for name in ("When", "My part", "Scope")} == dict.fromkeys(
        ("When", "My part", "Scope"), "not said yet"
    )
    assert page.find(".//section[@aria-labelledby='public-h']") is None


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, ""),
        ({"measure_name": "p99"}, "p99"),
        ({"measure_before": Decimal(0), "measure_after": Decimal("0.25"), "measure_unit": "%"}, "0 to 0.25 %"),
        ({"measure_name": "Users", "measure_after": Decimal("12000000")}, "Users: 12,000,000"),
        ({"measure_before": Decimal("-3")}, "-3"),
    ],
)
def test_measure_reads_as_one_says_it(fields: dict[str, Any], says: str) -> None:
    made = entry(**fields)
    assert EntryPage(made, made.person).measure == says


def test_entry_says_who_said_what_and_when(window: Client, me: User) -> None:
    for number, name in ((1, "Learning"), (2, "Capable"), (3, "Owning")):
        ProficiencyLevelFactory(number=number, name=name)
    indicator = IndicatorFactory(competency=CompetencyFactory(slug="design"), text="Draws before building.")
    made = add(
        by=me,
        typed=Typed(
            {"title": "It", "part": "owned", "scope": "team", "ended_on": date(2026, 6, 30)},
            [Claimed(indicator.competency_id, 3, indicator.pk), Claimed(CompetencyFactory(slug="testing").pk, 2)],
        ),
        log=True,
    )
    design, testing = claim_of(made, "design"), claim_of(made, "testing")
    verified(design, by=me.manager, says=Answer.CONFIRMED_OTHER, level=2, note="Shared <work>.")
    void = verified(design, by=UserFactory(name="Vera"))
    anew = verified(design, by=UserFactory(name="Rita"))
    settled = verified(design, by=UserFactory(name="Sam"), says=Answer.DISPUTED)
    gone, late = asked(design, by=UserFactory(name="Wim")), asked(design, by=UserFactory(name="Lea"))
    asked(testing, by=UserFactory(name="Ada"))
    verified(testing, by=UserFactory(name="Bob"), says=Answer.CANNOT_SAY)
    verified(testing, by=UserFactory(name="Eve"), says=Answer.DISPUTED)
    outside = verified(testing, by=UserFactory(name="Ida"))
    day = timezone.now().replace(2026, 7, 4, 12)
    rows = Verification.objects
    rows.update(asked_at=day)
    rows.exclude(answer="").update(answered_at=day)
    rows.filter(pk=outside.pk).update(verifier=None, email="ida@example.com", part="assisted")
    for one, why in ((void, Void.CHANGED), (anew, Void.REVISED), (gone, Void.WITHDRAWN), (late, Void.EXPIRED)):
        rows.filter(pk=one.pk).update(voided_at=day.replace(month=8), voided_for=why)
    rows.filter(pk=settled.pk).update(resolved_at=day.replace(month=9), resolved_by=me, settled_note="Ours <both>.")
    panel = section(page_of(window, made), "claims")
    assert texts(panel, "ul/li/h3") == ["Design 3 Owning Manager-verified", "Testing 2 Capable Disputed"]
    assert texts(panel, "ul/li/p") == ["Draws before building.", "Confirmed by the manager alone."]
    assert texts(panel, "ul/li[1]/ul/li") == [
        "Mara as the manager confirmed it at level 2 Capable on 4 July 2026. Shared <work>.",
        "Vera confirmed it on 4 July 2026; it counts no more since the entry changed on 4 August 2026.",
        "Rita confirmed it on 4 July 2026; answered anew on 4 August 2026.",
        "Sam disputed it on 4 July 2026; settled on 4 September 2026 by Noor: “Ours <both>.”.",
        "Wim was asked on 4 July 2026; the question was withdrawn on 4 August 2026.",
        "Lea was asked on 4 July 2026 and did not answer in time.",
    ]
    assert texts(panel, "ul/li[2]/ul/li") == [
        "Ada was asked on 4 July 2026 and has not answered yet. Withdraw what Ada was asked about Testing",
        "Bob could not say on 4 July 2026.",
        "Eve disputed it on 4 July 2026; the dispute is open. Settle it with Eve about Testing "
        "How was it settled? One line. Whoever reads what was stated reads it, with your name. It is settled",
        "Ida, from outside, confirmed it on 4 July 2026, and saw the part as “I assisted”.",
    ]


def test_entry_leads_to_who_can_verify_it(window: Client, me: User) -> None:
    made = entry(person=me, claims={"design": 2})
    question = asked(claim_of(made, "design"))
    dispute = verified(claim_of(made, "design"), says=Answer.DISPUTED)
    panel = section(page_of(window, made), "claims")
    assert [a.get("href") for a in panel.findall("header/a")] == [f"/log/{made.pk}/ask/"]
    assert [form.get("action") for form in panel.iter("form")] == [
        f"/log/{made.pk}/ask/{question.batch}/withdraw/",
        f"/verify/dispute/{dispute.pk}/",
    ]
    archive(entry=made, by=me)
    panel = section(page_of(window, made), "claims")
    assert (panel.findall("header/a"), list(panel.iter("form"))) == ([], [])


def actions(page: ElementTree.Element) -> list[str]:
    head = page.find(".//div[@class='page-head']/div[@class='row']")
    return [words(one) for one in head.iter() if one.tag in {"a", "button"}]


def test_entry_offers_what_its_state_allows(window: Client, me: User) -> None:
    written = add(by=me, typed=Typed({"title": "It"}), log=False)
    assert actions(page_of(window, written)) == ["Finish it", "Delete"]
    made = entry(person=me)
    assert actions(page_of(window, made)) == ["Edit", "Archive", "Delete"]
    archive(entry=made, by=me)
    assert actions(page_of(window, made)) == ["Edit", "Bring it back", "Delete"]
    delete(entry=made, by=me)
    page = page_of(window, made)
    assert actions(page) == ["Bring it back"]
    assert page.find(".//section[@id='files']//form") is None
    assert texts(page, ".//h1/span") == ["Deleted"]


def test_entry_takes_the_same_queries_whatever_there_is_of_it(window: Client, me: User) -> None:
    def cost(made: Accomplishment) -> int:
        with CaptureQueriesContext(connection) as queries:
            page_of(window, made)
        return len(queries)

    bare = entry(person=me, claims={"a": 1}, links=["https://a.example"])
    full = entry(person=me, claims=dict.fromkeys("abcde", 2), links=[f"https://a.example/{n}" for n in range(9)])
    for claim in full.claims.all():
        for _ in range(3):
            verified(claim)
    for n in range(5):
        add_file(entry=full, by=me, upload=upload(f"{n}".encode()))
    assert (cost(bare), cost(full)) == (8, 8)


@pytest.mark.parametrize("verb", ["", "history/", "edit/"])
def test_entries_of_others_are_not_found(verb: str, window: Client) -> None:
    made = entry(claims={"design": 2})
    assert window.get(f"/log/{made.pk}/{verb}").status_code == 404


def test_nothing_is_done_to_entries_of_others(window: Client) -> None:
    made = entry()
    deleted = entry()
    delete(entry=deleted, by=deleted.person)
    before = {one.pk: (one.state, one.deleted_at, one.edits) for one in Accomplishment.objects.all()}
    for one in (made, deleted):
        for verb in ("archive", "unarchive", "delete", "undelete", "files", "files/1/remove", "edit"):
            assert window.post(f"/log/{one.pk}/{verb}/").status_code == 404
    assert {one.pk: (one.state, one.deleted_at, one.edits) for one in Accomplishment.objects.all()} == before


def test_entry_that_never_was_is_not_found(window: Client) -> None:
    for number in (0, 999_999, 10**25):
        assert window.get(f"/log/{number}/").status_code == 404
        assert window.post(f"/log/{number}/delete/").status_code == 404


# ── Away and back ───────────────────────────────────────────────────────────


def press(window: Client, made: Accomplishment, verb: str) -> tuple[str, list[str]]:
    """Where a button leads, and what is said there."""
    response = window.post(f"/log/{made.pk}/{verb}/")
    assert response.status_code == 302
    address = response.headers["Location"]
    return address, notices(tree(window.get(address)))


def test_archive_twice_and_back_twice(window: Client, me: User) -> None:
    made = entry(person=me, title="It")
    here = f"/log/{made.pk}/"
    assert press(window, made, "archive") == (here, ["“It” is archived. It counts in no match any more."])
    assert press(window, made, "archive") == (here, ["“It” is archived or deleted already."])
    assert Accomplishment.objects.get().state == State.ARCHIVED
    assert press(window, made, "unarchive") == (here, ["“It” is back in your log and counts again."])
    assert press(window, made, "unarchive") == (here, ["“It” is not archived."])
    assert Accomplishment.objects.get().state == State.LOGGED


def test_delete_twice_and_back_twice(window: Client, me: User) -> None:
    made = entry(person=me, title="It")
    assert press(window, made, "delete") == ("/log/", ["“It” is deleted. It can be brought back for 30 days."])
    assert press(window, made, "delete") == ("/log/", ["“It” is deleted already."])
    assert Accomplishment.objects.get().deleted_at is not None
    assert press(window, made, "undelete") == (f"/log/{made.pk}/", ["“It” is back."])
    assert press(window, made, "undelete") == (f"/log/{made.pk}/", ["“It” is not deleted."])
    assert Accomplishment.objects.get().deleted_at is None


def test_archive_of_a_draft_says_why_not(window: Client, me: User) -> None:
    made = add(by=me, typed=Typed({"title": "It"}), log=False)
    assert press(window, made, "archive")[1] == ["A draft can't be archived, only logged or deleted."]


@pytest.mark.parametrize(("verb", "back"), [("delete", "undelete"), ("archive", "unarchive")])
def test_message_has_a_button_that_takes_it_back(verb: str, back: str, window: Client, me: User) -> None:
    made = entry(person=me, title="It")
    address = window.post(f"/log/{made.pk}/{verb}/").headers["Location"]
    (form,) = tree(window.get(address)).findall(".//main/div[@role='status']/form")
    assert (form.get("method"), form.get("action"), words(form)) == ("post", f"/log/{made.pk}/{back}/", "Undo")
    assert form.find("input[@name='csrfmiddlewaretoken']") is not None
    window.post(form.get("action"))
    made.refresh_from_db()
    assert (made.state, made.deleted_at) == (State.LOGGED, None)


def test_deleted_entry_says_until_when_it_can_be_brought_back(window: Client, me: User) -> None:
    made = entry(person=me)
    delete(entry=made, by=me)
    Accomplishment.objects.update(deleted_at=timezone.now().replace(2026, 7, 4, 12))
    assert words(page_of(window, made).find(".//div[@class='page-head']/div/p")) == (
        "Deleted on 4 July 2026. It can be brought back until 3 August 2026, then it is gone for good."
    )


# ── The history ─────────────────────────────────────────────────────────────


def rows(step: ElementTree.Element) -> list[tuple[str, str, str]]:
    """Label, before, after; what differs in [brackets]."""
    for one in step.iter():
        if one.tag in {"del", "ins"}:
            one.text = f"[{one.text}]"
    return [
        (words(row.find("th")), *(words(cell) for cell in row.findall("td"))) for row in step.findall(".//tbody/tr")
    ]


def steps(page: ElementTree.Element) -> list[tuple[str, list[tuple[str, str, str]]]]:
    return [(words(one.find("section/header/h2")), rows(one)) for one in page.findall(".//main/ol/li")]


def test_history_tells_each_change_and_what_it_changed(window: Client, me: User) -> None:
    made = add(by=me, typed=Typed({"title": "Cut the p99"}), log=False)
    made = save(
        entry=made,
        by=me,
        typed=Typed(
            {"part": "owned", "scope": "team", "ended_on": date(2026, 6, 30), "outcome": "One.\n\nTwo was slow then."},
            [Claimed(CompetencyFactory(slug="design").pk, 2)],
        ),
        log=True,
        edits=made.edits,
    )
    verified(claim_of(made, "design"), by=UserFactory(name="Ada"), says=Answer.CONFIRMED_OTHER, level=1)
    file, _ = add_file(entry=made, by=me, upload=upload())
    made = save(
        entry=made,
        by=me,
        typed=Typed(
            {
                "outcome": "One.\n\nTwo was quick then.\n\nThree.",
                "measure_before": Decimal("840"),
                "confidential": True,
            },
            [Claimed(CompetencyFactory(slug="design").pk, 3)],
            ["https://a.example"],
        ),
        edits=made.edits,
        agreed=True,
    )
    remove_file(file=file, by=me)
    archive(entry=made, by=me)
    delete(entry=made, by=me)
    assert steps(page_of(window, made, "history/")) == [
        ("Deleted", []),
        ("Archived", [("State", "Logged", "Archived")]),
        ("File removed", [("Files", "a.txt", "")]),
        ("Returned to unverified", [("What colleagues had stated", "Ada on Design: confirmed at another level 1", "")]),
        (
            "Edited",
            [
                ("Outcome", "Two was [slow] then.", "Two was [quick] then.Three."),
                ("Before", "", "840"),
                ("Confidential", "", "Yes"),
                ("Competencies", "Design, level [2]", "Design, level [3]"),
                ("Links", "", "https://a.example"),
            ],
        ),
        (
            "File added",
            [("Files", "", "a.txt")],
        ),
        (
            "Logged",
            [
                ("State", "Draft", "Logged"),
                ("Outcome", "", "One.Two was slow then."),
                ("My part", "", "I owned it"),
                ("Scope", "", "My team"),
                ("Ended", "", "30 June 2026"),
                ("Competencies", "", "Design, level 2"),
            ],
        ),
        ("Drafted", [("State", "", "Draft"), ("Title", "", "Cut the p99"), ("Who may read it", "", "My manager")]),
    ]


def test_history_says_when_and_by_whom(window: Client, me: User) -> None:
    made = entry(person=me)
    editor = UserFactory()
    made = save(entry=made, by=editor, typed=Typed({"title": "Other"}), edits=made.edits)
    editor.delete()
    headers = texts(page_of(window, made, "history/"), ".//main/ol/li/section/header/span")
    assert [text.split(", by ")[1] for text in headers] == ["an account that is erased", "Noor"]
    at = made.events.order_by("pk").first().at
    assert headers[1].startswith(f"{timezone.localtime(at):%-d %B %Y, %H:%M}")


def test_history_is_paged_and_loses_nothing(window: Client, me: User, django_assert_num_queries: Any) -> None:
    made, tab = entry(person=me, title="Title 0"), None
    for n in range(1, 45):
        made = save(entry=made, by=me, typed=Typed({"title": f"Title {n}"}), edits=made.edits, tab=tab)
    seen: list[tuple[str, list[tuple[str, str, str]]]] = []
    for number, links in ((1, ["Earlier changes"]), (2, ["Later changes", "Earlier changes"]), (3, ["Later changes"])):
        with django_assert_num_queries(5):
            page = page_of(window, made, f"history/?page={number}")
        assert texts(page, ".//nav[@aria-label='Pages']/a") == links
        seen += steps(page)
    assert len(seen) == 45
    assert [found[0] for _, found in seen[:-1]] == [
        ("Title", f"Title [{n - 1}]", f"Title [{n}]") for n in range(44, 0, -1)
    ]
    assert window.get(f"/log/{made.pk}/history/?page=4").status_code == 404
    for wrong in ("0", "-1", "x", "99999999999", "١"):
        assert len(steps(page_of(window, made, f"history/?page={wrong}"))) == 20


def test_history_shows_text_and_no_html(window: Client, me: User) -> None:
    made = entry(person=me, title="<b>bold</b>")
    save(entry=made, by=me, typed=Typed({"title": "<i>it</i> & <b>bold</b>"}), edits=made.edits)
    html = window.get(f"/log/{made.pk}/history/").content.decode()
    assert "<b>bold" not in html
    assert "<i>it" not in html


def test_history_of_long_texts_is_quick(me: User) -> None:
    """A line of many words is shown whole instead of being compared word by word for seconds."""
    made = entry(person=me, outcome="word " * 4000)
    made = save(entry=made, by=me, typed=Typed({"outcome": "other " + "word " * 3900}), edits=made.edits)
    start = perf_counter()
    found, _ = history_of(made, 1)
    assert perf_counter() - start < 1
    (row,) = found[0].rows
    assert [[piece.kind for piece in side] for side in (row.pairs[0].before, row.pairs[0].after)] == [["del"], ["ins"]]


def test_history_reads_events_of_before_a_field_was_there(me: User) -> None:
    made = entry(person=me)
    Event.objects.create(accomplishment=made, happened="edited", by=me, content={"title": "Old", "claims": []})
    found, _ = history_of(made, 1)
    assert [row.label for row in found[0].rows][:2] == ["State", "Title"]


def test_record_moves_on_with_what_is_pressed(window: Client, me: User) -> None:
    made = entry(person=me)
    before = Record.objects.get(pk=me.pk).token
    press(window, made, "archive")
    assert Record.objects.get(pk=me.pk).token != before
