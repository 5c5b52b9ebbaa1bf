"""What others see: an entry of somebody else, the page of a person, and who looked at one's own."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accomplishments.choices import Answer
from accomplishments.models import Verification
from accomplishments.queries.log import PAGE
from accomplishments.services.files import add_file
from accomplishments.services.record import hold
from accomplishments.services.verifications import NotTheirs, resolve, withdraw
from audit.choices import Kind
from audit.models import Event
from audit.services import viewed
from people.models import User
from privacy.services.erasing import erase
from tests.accomplishments.test_files import upload
from tests.conftest import texts, tree, words
from tests.factories.accomplishments import asked, claim_of, entry, verified
from tests.factories.people import TeamFactory, UserFactory
from tests.factories.roles import published

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def mara() -> User:
    return UserFactory(name="Mara", email="mara@ladder.example")


@pytest.fixture
def noor(mara: User) -> User:
    return UserFactory(name="Noor", pronouns="she/her", manager=mara, team=TeamFactory(slug="quotes"))


@pytest.fixture
def priya() -> User:
    return UserFactory(name="Priya", email="priya@ladder.example")


def window(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def status(client: Client, address: str) -> int:
    """Of a page, or of a file that is put down again."""
    response = client.get(address)
    if response.streaming:
        b"".join(response)
    return response.status_code


def controls(page: Any) -> list[str]:
    """All that does something, in the main part of a page."""
    main = page.find(".//main")
    return [form.get("action") for form in main.iter("form")] + [
        one.get("href") for one in main.iter("a") if one.get("role") == "button"
    ]


# ── An entry ────────────────────────────────────────────────────────────────


def test_entry_of_another_is_read_without_anything_to_change(noor: User, priya: User) -> None:
    made = entry(
        person=noor,
        title="Quick",
        ai_help="For me alone",
        claims={"design": 2},
        visibility="everyone",
    )
    file, _ = add_file(entry=made, by=noor, upload=upload())
    page = tree(window(priya).get(f"/log/{made.pk}/"))
    assert (words(page.find(".//h1")), controls(page)) == ("Quick", [])
    text = words(page.find(".//main"))
    assert ("For me alone" in text, "My part" in text, "Who may read it" in text, "history" in text) == (False,) * 4
    assert f"/log/{made.pk}/files/{file.pk}/" in [a.get("href") for a in page.iter("a")]
    assert status(window(priya), f"/log/{made.pk}/files/{file.pk}/") == 200
    assert controls(tree(window(noor).get(f"/log/{made.pk}/"))) != []


@pytest.mark.parametrize("verb", ["edit/", "history/", "ask/"])
def test_who_reads_an_entry_can_do_no_more(verb: str, noor: User, mara: User) -> None:
    made = entry(person=noor, claims={"design": 2}, visibility="everyone")
    assert window(mara).get(f"/log/{made.pk}/{verb}").status_code == 404
    for post in ("edit", "archive", "delete", "undelete", "unarchive", "files", "files/1/remove"):
        assert window(mara).post(f"/log/{made.pk}/{post}/", {"title": "Mine now"}).status_code == 404
    made.refresh_from_db()
    assert (made.title, made.edits) == ("Made a thing", 1)


def test_autosave_and_import_never_reach_what_one_only_reads(noor: User, mara: User) -> None:
    made = entry(person=noor, visibility="everyone", log=False)
    answer = window(mara).post("/log/autosave/", {"entry": made.pk, "edits": made.edits, "title": "Mine now"})
    made.refresh_from_db()
    assert (answer.status_code, made.title) == (404, "Made a thing")


def test_reader_sees_what_stands_and_the_manager_the_notes(noor: User, mara: User, priya: User) -> None:
    made = entry(person=noor, claims={"design": 2}, visibility="everyone")
    claim = claim_of(made, "design")
    verified(claim, by=UserFactory(name="Kwame"), note="We did it together.")
    verified(claim, by=UserFactory(name="Sven"), says=Answer.DISPUTED, note="Not so.")
    asked(claim, by=UserFactory(name="Wim"))
    seen = {}
    for who in (mara, priya, noor):
        text = words(tree(window(who).get(f"/log/{made.pk}/")).find(".//main"))
        seen[who.name] = [part in text for part in ("Kwame confirmed it", "We did it", "Not so.", "Wim")]
    assert seen == {
        "Mara": [True, True, True, False],
        "Priya": [True, False, False, False],
        "Noor": [True, True, True, True],
    }


# ── Disputes ────────────────────────────────────────────────────────────────


def test_manager_settles_from_the_entry_and_from_the_inbox(noor: User, mara: User, priya: User) -> None:
    made = entry(person=noor, title="Quick", claims={"design": 2}, visibility="everyone")
    row = verified(claim_of(made, "design"), says=Answer.DISPUTED, note="Not so.")
    there = f"/verify/dispute/{row.pk}/"
    assert controls(tree(window(mara).get(f"/log/{made.pk}/"))) == [there]
    panel = tree(window(mara).get("/verify/")).find(".//section[@aria-labelledby='d-h']")
    assert [form.get("action") for form in panel.iter("form")] == [there]
    assert "Not so." in words(panel)
    assert tree(window(priya).get("/verify/")).find(".//section[@aria-labelledby='d-h']") is None
    assert window(priya).post(there).status_code == 404
    for note, said in (
        ("", "Say in a line how it was settled."),
        ("x" * 501, "Ensure this value has at most 500 characters (it has 501)."),
    ):
        page = tree(window(mara).post(there, {"note": note}), 422)
        assert texts(page, ".//form[@action]//ul[@class='errorlist']") == [said]
        assert page.find(f".//input[@id='settle-{row.pk}']").get("value") == note
    assert Verification.objects.get(pk=row.pk).resolved_at is None
    answer = window(mara).post(there, {"note": " We talked; it was both. "})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/log/{made.pk}/")
    row.refresh_from_db()
    assert (row.resolved_at is not None, row.resolved_by, row.settled_note) == (True, mara, "We talked; it was both.")
    window(noor).post(there, {"note": "Not so."})
    for who in (noor, mara, priya):
        text = words(tree(window(who).get(f"/log/{made.pk}/")).find(".//main"))
        assert f"; settled on {timezone.localdate():%-d %B %Y} by Mara: “We talked; it was both.”." in text, who


def test_manager_settles_nothing_in_what_is_kept_from_them(noor: User, mara: User) -> None:
    made = entry(person=noor, claims={"design": 2}, visibility="private")
    row = verified(claim_of(made, "design"), says=Answer.DISPUTED)
    assert window(mara).post(f"/verify/dispute/{row.pk}/").status_code == 404
    with pytest.raises(NotTheirs):
        resolve(verification=Verification.objects.get(pk=row.pk), by=mara, note="We talked.")
    assert window(noor).post(f"/verify/dispute/{row.pk}/", {"note": "We talked."}).status_code == 302


# ── A person ────────────────────────────────────────────────────────────────


def test_person_says_who_they_are(noor: User, mara: User, priya: User) -> None:
    version = published(role="data/science/l2", title="Scientist", needs={"design": (1, "core")})
    hold(by=noor, role=version.role, since=timezone.localdate().replace(2026, 3, 1))
    head = tree(window(priya).get(f"/people/{noor.pk}/")).find(".//div[@class='page-head']")
    assert words(head.find(".//h1")) == "Noor she/her"
    assert words(head.find("./div/p")) == "Scientist L2 since March 2026. Team Quotes. Reports to Mara."
    assert words(tree(window(noor).get(f"/people/{priya.pk}/")).find(".//section")) == (
        "What you may read of their record Nothing that you can see."
    )


def test_person_lists_what_the_reader_may_read_and_nothing_else(noor: User, mara: User, priya: User) -> None:
    mate = UserFactory(name="Sven", team=noor.team)
    for chosen in ("private", "manager", "team", "everyone"):
        made = entry(person=noor, title=chosen, visibility=chosen, claims={"design": 2})
        asked(claim_of(made, "design"), by=UserFactory(name="Wim"))
    entry(person=noor, title="draft", visibility="everyone", log=False)
    entry(person=noor, title="secret", visibility="everyone", confidential=True)
    entry(person=priya, title="another's", visibility="everyone")
    pages = {who.name: tree(window(who).get(f"/people/{noor.pk}/")) for who in (noor, mara, mate, priya)}
    assert {who: texts(page, ".//article//h3") for who, page in pages.items()} == {
        "Noor": ["secret", "everyone", "team", "manager", "private"],
        "Mara": ["secret", "everyone", "team", "manager"],
        "Sven": ["everyone", "team"],
        "Priya": ["everyone"],
    }
    assert [("Wim" in words(page), "Everyone here" in words(page)) for page in pages.values()] == [
        (True, True),
        (False, False),
        (False, False),
        (False, False),
    ]


def test_person_is_paged_by_place_and_htmx_gets_the_rest(noor: User, mara: User) -> None:
    made = [entry(person=noor, title=f"Entry {n}", visibility="manager") for n in range(PAGE + 3)]
    titles = [one.title for one in reversed(made)]
    first = tree(window(mara).get(f"/people/{noor.pk}/"))
    more = first.find(".//p[@id='more']/a").get("href")
    assert texts(first, ".//article//h3") == titles[:PAGE]
    rest = tree(window(mara).get(more, headers={"HX-Request": "true", "HX-Target": "more"}))
    assert (texts(rest, ".//article//h3"), rest.find(".//h1")) == (titles[PAGE:], None)
    assert texts(tree(window(mara).get(more)), ".//article//h3") == titles[PAGE:]


def test_person_who_left_is_there_for_their_manager_alone(noor: User, mara: User, priya: User) -> None:
    entry(person=noor, visibility="everyone")
    User.objects.filter(pk=noor.pk).update(is_active=False)
    found = {who.name: window(who).get(f"/people/{noor.pk}/").status_code for who in (mara, priya)}
    assert found == {"Mara": 200, "Priya": 404}
    assert window(priya).get("/people/999999/").status_code == 404


@pytest.mark.parametrize("number", [1, 7])
def test_person_costs_the_same_for_one_entry_and_for_many(number: int, noor: User, mara: User) -> None:
    for _ in range(number):
        made = entry(person=noor, claims={"a": 1, "b": 2}, visibility="team")
        verified(claim_of(made, "a"))
    client = window(mara)
    client.get(f"/people/{noor.pk}/")  # the first look of the day; and the catalogue is in memory
    with CaptureQueriesContext(connection) as queries:
        client.get(f"/people/{noor.pk}/")
    # session, reader, person; the look with its savepoint; the catalogue's stamp; entries, claims
    assert len(queries) == 3 + 3 + 1 + 2


def test_people_finds_colleagues_and_lists_reports(noor: User, mara: User, priya: User) -> None:
    gone = UserFactory(name="Gone", manager=mara, is_active=False)
    page = tree(window(mara).get("/people/"))
    reports = page.find(".//section[@aria-labelledby='reports-h']")
    assert [a.get("href") for a in reports.iter("a")] == [f"/people/{noor.pk}/"]
    assert tree(window(noor).get("/people/")).find(".//section[@aria-labelledby='reports-h']") is None
    found = window(noor).get("/people/?who=pri", headers={"HX-Request": "true", "HX-Target": "people"})
    assert texts(tree(found), ".//li") == ["Priya"]
    assert texts(tree(window(noor).get(f"/people/?who={gone.name}")), ".//section[@id='people']//li") == []


# ── Who looked ──────────────────────────────────────────────────────────────


def looks() -> list[tuple[str, str, int]]:
    rows = Event.objects.filter(kind=Kind.VIEWED).order_by("pk").select_related("by", "about")
    return [(str(row.by), row.what, row.thing) for row in rows]


def test_look_is_kept_once_a_day_for_each_thing(noor: User, mara: User, priya: User) -> None:
    made = entry(person=noor, visibility="everyone")
    file, _ = add_file(entry=made, by=noor, upload=upload())
    addresses = (f"/people/{noor.pk}/", f"/log/{made.pk}/", f"/log/{made.pk}/files/{file.pk}/")
    for who in (mara, priya, noor):
        for address in (*addresses, *addresses):
            assert status(window(who), address) == 200
    each = [("Opened the record", 0), ("Read an entry", made.pk), ("Took a file of an entry", made.pk)]
    assert looks() == [(who, what, thing) for who in ("Mara", "Priya") for what, thing in each]
    assert set(Event.objects.filter(kind=Kind.VIEWED).values_list("about", "day")) == {(noor.pk, timezone.localdate())}


def test_look_at_what_one_is_asked_about_is_kept_as_one_at_the_entry(noor: User, priya: User) -> None:
    made = entry(person=noor, title="For me", claims={"design": 2}, visibility="private")
    question = asked(claim_of(made, "design"), by=priya)
    for _ in range(2):
        assert "For me" in words(tree(window(priya).get(f"/verify/{question.batch}/")))
    assert looks() == [("Priya", "Read an entry", made.pk)]
    other = entry(person=noor, title="Another", claims={"design": 2}, visibility="private")
    asked(claim_of(other, "design"), by=priya)
    window(noor).get("/verify/")
    window(priya).get("/verify/")
    assert looks() == [("Priya", "Read an entry", made.pk), ("Priya", "Read an entry", other.pk)]
    assert texts(tree(window(noor).get("/record/views/")), ".//tbody/tr/td[2]") == [
        "Read an entry: Another",
        "Read an entry: For me",
    ]


def test_own_page_says_who_really_reads_what_is_confidential(noor: User) -> None:
    for visibility, confidential in (("everyone", True), ("everyone", False), ("private", True)):
        entry(person=noor, title=f"{visibility} {confidential}", visibility=visibility, confidential=confidential)
    feet = texts(tree(window(noor).get(f"/people/{noor.pk}/")), ".//article//div[@class='row entry-foot']")
    assert sorted(feet) == [
        "Self-claimed Confidential My manager",
        "Self-claimed Confidential Only me",
        "Self-claimed Everyone here",
    ]


def test_look_of_another_day_is_kept_again(noor: User, mara: User, time_machine: Any) -> None:
    for day in range(3):
        time_machine.move_to(timezone.now() + timedelta(days=day), tick=False)
        viewed(by=mara, owner=noor, what="Opened the record")
    assert looks() == [("Mara", "Opened the record", 0)] * 3


def test_what_one_may_not_see_leaves_no_look(noor: User, mara: User) -> None:
    made = entry(person=noor, visibility="private")
    assert window(mara).get(f"/log/{made.pk}/").status_code == 404
    assert looks() == []


def test_page_is_shown_when_the_trail_cannot_be_written(noor: User, mara: User) -> None:
    made = entry(person=noor, visibility="manager")
    with connection.cursor() as cursor:  # as a full disk would be: no row goes in
        if connection.vendor == "sqlite":
            cursor.execute(
                "CREATE TRIGGER no_looks BEFORE INSERT ON audit_event WHEN NEW.kind = 'viewed' "
                "BEGIN SELECT RAISE(FAIL, 'the disk is full'); END"
            )
        else:
            cursor.execute("ALTER TABLE audit_event ADD CONSTRAINT no_looks CHECK (kind <> 'viewed') NOT VALID")
    assert window(mara).get(f"/log/{made.pk}/").status_code == 200
    assert looks() == []


def test_owner_sees_who_looked_and_when_newest_first(noor: User, mara: User, priya: User) -> None:
    made = entry(person=noor, title="Quick", visibility="everyone")
    window(mara).get(f"/people/{noor.pk}/")
    window(priya).get(f"/log/{made.pk}/")
    page = tree(window(noor).get("/record/views/"))
    rows = [[words(cell) for cell in row] for row in page.findall(".//tbody/tr")]
    assert [row[1:] for row in rows] == [["Priya", "Read an entry: Quick"], ["Mara", "Opened the record"]]
    assert texts(tree(window(priya).get("/record/views/")), ".//main//tbody/tr") == []


def test_owner_reads_nothing_that_names_somebody_who_is_erased(noor: User, mara: User, priya: User) -> None:
    for looker in (mara, priya):
        window(looker).get(f"/people/{noor.pk}/")
    erase(person=mara, by=mara)
    User.objects.filter(pk=priya.pk).update(is_active=False)
    page = tree(window(noor).get("/record/views/"))
    assert texts(page, ".//tbody//th") == ["Priya", "somebody whose account is erased"]
    assert list(Event.objects.filter(kind=Kind.VIEWED).order_by("pk").values_list("by_name", flat=True)) == [
        "Mara <mara@ladder.example>",
        "Priya <priya@ladder.example>",
    ]


def test_looks_are_paged_and_cost_the_same(noor: User) -> None:
    made = [entry(person=noor, visibility="everyone") for _ in range(3)]
    client = window(noor)
    costs = []
    for number in (1, 60):
        for n in range(number):
            viewed(by=UserFactory(), owner=noor, what="Read an entry", thing=made[n % 3].pk)
        with CaptureQueriesContext(connection) as queries:
            page = tree(client.get("/record/views/"))
        costs.append(len(queries))
    assert costs == [4, 4]  # session, person, looks, titles
    rest = page.find(".//p[@class='more']/a").get("href")
    assert len(tree(client.get(f"/record/views/{rest}")).findall(".//tbody/tr")) == 11


# ── The trail ───────────────────────────────────────────────────────────────


def test_words_on_work_go_into_the_trail(noor: User, mara: User) -> None:
    made = entry(person=noor, claims={"design": 2}, visibility="everyone")
    claim = claim_of(made, "design")
    verified(claim, by=mara)
    other = asked(claim, by=UserFactory(name="Wim", email="wim@ladder.example"))
    withdraw(entry=made, batch=other.batch)
    dispute = verified(claim, by=UserFactory(name="Sven", email="sven@ladder.example"), says=Answer.DISPUTED)
    resolve(verification=Verification.objects.get(pk=dispute.pk), by=mara, note="We talked.")
    rows = Event.objects.filter(kind=Kind.VERIFIED).order_by("pk")
    assert list(rows.values_list("by__name", "what")) == [
        ("Noor", "Asked Mara <mara@ladder.example> about an entry."),
        ("Mara", "Answered about an entry: confirmed."),
        ("Noor", "Asked Wim <wim@ladder.example> about an entry."),
        ("Noor", "Withdrew what Wim was asked about an entry."),
        ("Noor", "Asked Sven <sven@ladder.example> about an entry."),
        ("Sven", "Answered about an entry: disputed."),
        ("Mara", "Settled what Sven disputed about an entry."),
    ]
    assert set(rows.values_list("thing", flat=True)) == {made.pk}


def test_auditors_have_the_trail_in_their_menu_and_nobody_else(noor: User) -> None:
    auditor = UserFactory()
    auditor.groups.add(Group.objects.get(name="Auditors"))
    found = {}
    for who in (noor, auditor, UserFactory(is_staff=True, is_superuser=True), UserFactory(is_staff=True)):
        menu = tree(window(who).get("/people/")).find(".//div[@id='user-menu']")
        found[who.pk] = "/audit/" in [a.get("href") for a in menu.iter("a")]
    assert list(found.values()) == [False, True, True, False]


@pytest.mark.parametrize("number", [1, 8])
def test_people_and_entries_of_others_cost_the_same(number: int, noor: User, mara: User) -> None:
    for _ in range(number):
        UserFactory(manager=mara)
    made = entry(person=noor, claims=dict.fromkeys("abcde"[:number], 1), visibility="manager")
    for claim in made.claims.all():
        verified(claim)
    client = window(mara)
    costs = []
    for address in ("/people/", f"/log/{made.pk}/"):
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        costs.append(len(queries))
    # session, reader, near, reports; and session, reader, entry, the look with its savepoint, claims 3, links, files
    assert costs == [4, 3 + 3 + 5]
