"""Import: what a row becomes, what keeps it back, and that nothing is stored twice or before it was confirmed."""

import io
from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accomplishments.choices import Happened, State
from accomplishments.forms.imports import checking
from accomplishments.forms.imports.rows import MOST_BYTES, MOST_ROWS
from accomplishments.forms.imports.table import template
from accomplishments.models import Accomplishment, Record
from accomplishments.queries.claiming import Ground, options
from accomplishments.queries.entries import content_of
from accomplishments.services import imports
from accomplishments.services.entries import delete
from people.models import User
from roles.queries.snapshot import snapshot
from tests.accomplishments.test_import_readers import FULLER, LOG
from tests.conftest import texts, tree, words
from tests.factories.competencies import CompetencyFactory
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db

ADDRESS = "/log/import/"
COLUMNS = "title,part,scope,ended_on"
WHOLE = f"{COLUMNS}\nMade a thing,owned,feature,2026-05-01\nMade half a thing,,,2026-05-02\n"


@pytest.fixture(autouse=True)
def framework(time_machine: Any) -> None:
    time_machine.move_to("2026-11-22")
    for slug in ("testing-quality", "ownership", "mentorship", "observability", "design", "writing"):
        CompetencyFactory(slug=slug, name=slug.replace("-", " & ").title())
    CompetencyFactory(slug="old-ways", name="Old Ways", retired_on=date(2026, 1, 1))


@pytest.fixture
def person() -> User:
    return UserFactory()


@pytest.fixture
def client(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def preview(client: Client, text: str, **more: Any) -> Any:
    return client.post(ADDRESS, {"text": text, "kind": "", **more})


def page(response: Any, status: int = 200) -> ElementTree.Element:
    assert response.status_code == status
    return tree(SimpleNamespace(status_code=200, content=response.content))  # `tree` takes no other


def seen(response: Any) -> str:
    """The mark that the button to import carries."""
    return page(response).find(".//button[@name='seen']").get("value")


def confirm(client: Client, text: str) -> Any:
    return preview(client, text, seen=seen(preview(client, text)))


def report(response: Any) -> list[str]:
    return texts(page(response, 422), ".//div[@id='problems']//li")


def happens(response: Any, status: int = 200) -> list[str]:
    """What the preview says of each row."""
    return [words(row.findall("td")[1]) for row in page(response, status).findall(".//tbody/tr")]


def stored(person: User) -> list[tuple[str, str]]:
    return sorted(Accomplishment.objects.filter(person=person).values_list("title", "state"))


def said(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


# ── Preview, then confirm ───────────────────────────────────────────────────


def test_imports_page_takes_a_file_or_a_text(client: Client) -> None:
    found = page(client.get(ADDRESS))
    assert texts(found, ".//main//h1") == ["Import what you wrote down elsewhere"]
    assert [field.get("name") for field in found.findall(".//main//*[@name]")] == [
        "csrfmiddlewaretoken",
        "file",
        "text",
        "kind",
    ]
    assert found.findall(".//table") == []
    assert found.find(".//form[@id='import-form']").get("enctype") == "multipart/form-data"


def test_imports_previews_every_row_and_stores_nothing(client: Client, person: User) -> None:
    response = preview(client, WHOLE)
    assert happens(response) == ["Logged", "Draft without your part, how far it reached"]
    assert texts(page(response), ".//div[@class='import-sum']") == ["2 new: 1 logged, 1 as a draft. Import 2 entries"]
    assert stored(person) == []
    assert not Record.objects.exists()


def test_imports_stores_what_was_confirmed(client: Client, person: User) -> None:
    response = confirm(client, WHOLE)
    assert (response.status_code, response.headers["Location"]) == (302, "/log/")
    assert said(client.get("/log/")) == ["2 imported: 1 logged and 1 as a draft."]
    assert stored(person) == [("Made a thing", State.LOGGED), ("Made half a thing", State.DRAFT)]
    one = Accomplishment.objects.get(title="Made a thing")
    assert (one.part, one.scope, one.ended_on, one.day) == ("owned", "feature", date(2026, 5, 1), date(2026, 5, 1))
    assert [event.happened for event in one.events.all()] == [Happened.IMPORTED]
    assert Record.objects.filter(person=person).exists()


def test_imports_takes_all_of_the_template(client: Client, person: User) -> None:
    answer = client.get("/log/import/template.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="accomplishments.csv"'
    upload = SimpleUploadedFile("a.csv", answer.content)
    mark = seen(client.post(ADDRESS, {"file": upload}))
    text = page(client.post(ADDRESS, {"file": SimpleUploadedFile("a.csv", answer.content)})).find(".//textarea").text
    preview(client, text.removeprefix("\n"), seen=mark)
    one = Accomplishment.objects.get(measure_unit="%")
    assert (one.state, str(one.measure_after), one.context) == (State.LOGGED, "0.6000", "Checkout")
    assert [link.url for link in one.links.all()] == ["https://git.example.org/checkout/pull/512"]
    assert [(claim.competency.slug, claim.level) for claim in one.claims.all()] == [
        ("observability", 3),
        ("testing-quality", 2),
    ]
    assert stored(person)[1] == ("Wrote the guide that new colleagues start with", State.LOGGED)
    assert template() == answer.content.decode("utf-8-sig")


def test_imports_twice_adds_nothing(client: Client, person: User) -> None:
    confirm(client, WHOLE)
    token = Record.objects.get(person=person).token
    response = preview(client, WHOLE)
    assert happens(response) == ["There already", "There already"]
    links = [link.get("href") for link in page(response).findall(".//tbody//a")]
    assert links == [one.get_absolute_url() for one in Accomplishment.objects.order_by("day")]
    assert texts(page(response), ".//div[@class='import-sum']") == ["Nothing is new. 2 are there already."]
    more = WHOLE + "Another,owned,team,2026-06-01\n"
    assert happens(preview(client, more)) == ["There already", "There already", "Logged"]
    assert Record.objects.get(person=person).token == token
    confirm(client, more)
    assert len(stored(person)) == 3


def test_imports_confirmed_twice_adds_nothing(client: Client, person: User) -> None:
    mark = seen(preview(client, WHOLE))
    for expected in ("2 imported: 1 logged and 1 as a draft.", "Nothing was added: everything was there already."):
        preview(client, WHOLE, seen=mark)
        assert said(client.get("/log/")) == [expected]
    assert len(stored(person)) == 2


def test_imports_stores_only_what_was_previewed(client: Client, person: User) -> None:
    mark = seen(preview(client, WHOLE))
    assert happens(preview(client, WHOLE + "Added since,,,\n", seen=mark))[2].startswith("Draft")
    assert happens(preview(client, WHOLE, seen="anything")) == happens(preview(client, WHOLE))
    assert stored(person) == []
    windows = WHOLE.replace("\n", "\r\n")  # as a browser sends it
    assert preview(client, windows, seen=mark).status_code == 302


def test_imports_stores_only_as_the_kind_that_was_previewed(client: Client, person: User) -> None:
    both = f'{WHOLE}"\ncommit abcdef0\nDate: 2026-01-01\n\n    Accomplishment: Inside",,,\n'
    mark = seen(preview(client, both, kind="csv"))
    assert len(happens(preview(client, both, kind="git", seen=mark))) == 1
    assert stored(person) == []


def test_imports_in_two_windows_at_once_adds_nothing_twice(person: User) -> None:
    """Both had looked at what is there before either of them stored."""
    ground = Ground(options(snapshot(), date(2026, 11, 22)), date(2026, 11, 22), {})
    fresh = checking.preview_of("csv", WHOLE, ground, {}).fresh
    assert [imports.store(by=person, entries=fresh) for _ in range(2)] == [(1, 1), (0, 0)]
    assert len(stored(person)) == 2


def test_imports_is_each_persons_own(client: Client, person: User) -> None:
    confirm(client, WHOLE)
    other = Client()
    other.force_login(UserFactory())
    assert happens(preview(other, WHOLE))[0] == "Logged"
    confirm(other, WHOLE)
    assert Accomplishment.objects.count() == 4


def test_imports_leaves_what_was_deleted_deleted(client: Client, person: User) -> None:
    confirm(client, WHOLE)
    delete(entry=Accomplishment.objects.get(title="Made a thing"), by=person)
    response = preview(client, WHOLE)
    assert happens(response) == ["There already, deleted", "There already"]
    assert page(response).find(".//tbody//a").get("href") == "/log/?state=deleted"


def test_imports_counts_a_repeated_row_once(client: Client, person: User) -> None:
    text = f"{WHOLE}Made a thing ,owned,feature,2026-05-01\n"
    response = preview(client, text)
    assert happens(response)[2] == "Same as line 2"
    assert texts(page(response), ".//div[@class='import-sum']/p") == [
        "2 new: 1 logged, 1 as a draft. 1 repeats another row."
    ]
    confirm(client, text)
    assert len(stored(person)) == 2


def test_imports_stores_nothing_when_it_breaks_in_the_middle(
    client: Client, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = seen(preview(client, WHOLE))
    monkeypatch.setattr(imports, "contents_of", lambda made: [{}])  # one short, when all entries are in
    with pytest.raises(ValueError, match="shorter"):
        preview(client, WHOLE, seen=mark)
    assert stored(person) == []
    assert not Record.objects.exists()


def test_imports_writes_the_history_that_an_entry_by_hand_has(client: Client) -> None:
    confirm(
        client,
        f"{COLUMNS},measure_before,competencies,links\nA,owned,team,2026-05-01,1.50,design:2,https://a.example https://b.example\n",
    )
    one = Accomplishment.objects.get()
    assert one.events.get().content == content_of(one)
    assert one.events.get().content["claims"][0]["competency"] == "design"
    assert one.events.get().content["links"] == ["https://a.example", "https://b.example"]
    assert (one.edits, one.events.get().by_id) == (1, one.person_id)


def test_imports_stores_many_rows_in_few_queries(
    client: Client, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    text = "title,competencies,links\n" + "".join(f"B{n},ownership:2;design:3,https://a.example\n" for n in range(100))
    mark = seen(preview(client, text))
    with django_assert_max_num_queries(60):
        preview(client, text, seen=mark)
    assert Accomplishment.objects.count() == 100


def test_imports_asks_as_much_for_one_row_as_for_many(
    client: Client, django_assert_num_queries: Callable[[int], Any]
) -> None:
    text = "title,competencies\nA,ownership:2; testing-quality:3\n"
    preview(client, text)
    with django_assert_num_queries(5):  # session, person, stamp, competencies, what is there
        preview(client, text)
    with django_assert_num_queries(5):
        preview(client, text + "".join(f"B{n},ownership:2; testing-quality:3\n" for n in range(50)))


# ── The other formats ───────────────────────────────────────────────────────


def test_imports_git_log_with_competencies(client: Client, person: User) -> None:
    CompetencyFactory(slug="software-engineering", name="Software Engineering")
    text = (LOG + FULLER).replace("Testing: 1", "Testing & Quality: 1")
    response = preview(client, text)
    assert happens(response) == [
        "Draft without how far it reached",
        "Draft without your part",
        "Draft without your part",
    ]
    assert texts(page(response), ".//tbody/tr/td[4]") == ["Software Engineering 2, Testing & Quality 1", "", ""]
    assert confirm(client, text).status_code == 302
    one = Accomplishment.objects.get(title="Ended double refunds for good")
    assert (one.ended_on, one.part, one.claims.count()) == (date(2025, 11, 1), "owned", 2)
    assert happens(preview(client, text, kind="git")) == ["There already"] * 3


def test_imports_warns_of_commits_by_others(client: Client) -> None:
    text = (LOG + FULLER.replace("Ada", "Cleo")).replace("Competency:", "Note:")
    notices = texts(page(preview(client, text)), ".//div[@class='notice is-warning']")
    assert len(notices) == 1
    assert notices[0].startswith("These commits are by 2 people: Ada")


def test_imports_resume_highlights_as_drafts(client: Client, person: User) -> None:
    text = '{"work": [{"position": "Engineer", "endDate": "2021", "highlights": ["Did it", "Did more"]}]}'
    assert happens(preview(client, text)) == ["Draft without your part, how far it reached"] * 2
    confirm(client, text)
    assert stored(person) == [("Did it", State.DRAFT), ("Did more", State.DRAFT)]
    assert happens(preview(client, text.replace("2021", "2022"))) == ["There already"] * 2


# ── What is wrong ───────────────────────────────────────────────────────────


def test_imports_reports_each_problem_by_line_and_stores_nothing(client: Client, person: User) -> None:
    text = f"""{COLUMNS},started_on,competencies,links,measure_after,confidential
Fine,owned,feature,2026-05-01,,,,,
,owned,feature,2026-05-01,,,,,
Bad days,owner,galaxy,2031-02-30,03/04/2026,,,,
To come,owned,feature,2026-12-24,,,,,
Backwards,owned,feature,2026-05-01,2026-06-01,,,,
Claims,owned,feature,2026-05-01,,testing-qualty:2; ownership:9; mentorship; design:1; design:2; old-ways:1,,,
Many,,,,,ownership:1;mentorship:1;design:1;writing:1;testing-quality:1;observability:1,,,
Links,,,,,,ftp://a https://b.example,,
Numbers,,,20260501,,,,about 5,maybe
{"long " * 40},,,,,,,,
"""
    response = preview(client, text)
    assert report(response) == [
        "line 3: has no title",
        "line 4: started_on '03/04/2026' is not a date such as 2026-06-30",
        "line 4: ended_on '2031-02-30' is not a date such as 2026-06-30",
        "line 4: part 'owner' is not one of owned, led, contributed, assisted; did you mean 'owned'?",
        "line 4: scope 'galaxy' is not one of task, feature, team, several-teams, organisation",
        "line 5: ended_on: This day is yet to come: choose 22 November 2026 or a day before it.",
        "line 6: ended_on: This is before the start, 1 June 2026: change one of the two days.",
        "line 7: competency 'testing-qualty' is not known; did you mean 'testing-quality'?",
        "line 7: competency 'mentorship' has no level; write mentorship:3",
        "line 7: competency 'design' stands there twice",
        "line 7: competencies: There is no level 9: choose the level of Ownership from 1 to 5.",
        "line 7: competencies: Old Ways was retired on 1 January 2026: remove it or claim another. All else stays.",
        "line 8: competencies: Claim at most 5 competencies: remove 1.",
        "line 9: links: Link 1 is no web address: begin it with https:// and leave no blanks in it.",
        "line 10: ended_on '20260501' is not a date such as 2026-06-30",
        "line 10: confidential 'maybe' is neither yes nor no",
        "line 10: measure_after: Write a number such as 840 or 0.5; the unit has a field of its own.",
        "line 11: title: Shorten this to 160 characters; it has 199.",
    ]
    assert [cell.startswith("Problem") for cell in happens(response, 422)] == [False] + [True] * 9
    assert page(response, 422).find(".//button[@name='seen']") is None
    assert page(response, 422).find(".//textarea").text.removeprefix("\n") == text
    assert preview(client, text, seen=response.context["form"].seen).status_code == 422
    assert stored(person) == []


def test_imports_says_each_thing_once_and_in_the_order_of_the_lines(client: Client) -> None:
    text = 'title,competencies\nA,"old-way:1; old-way:2\nunknown:1"\nB,,,more\nC,writing\n'
    assert report(preview(client, text)) == [
        "line 2: competency 'old-way' is not known",  # nobody means what is retired
        "line 2: competency 'unknown' is not known",
        "line 4: has 4 cells, but there are 2 columns; are quotes missing?",
        "line 5: competency 'writing' has no level; write writing:3",
    ]


def test_imports_accepts_words_for_choices_and_names_of_competencies(client: Client, person: User) -> None:
    confirm(
        client,
        "title;part;scope;ended_on;confidential;competencies\n"
        'A;"I owned it";"Several teams";2026-05-01;YES;"Testing & Quality: 3; OWNERSHIP 2"\n',
    )
    one = Accomplishment.objects.get()
    assert (one.state, one.part, one.scope, one.confidential) == (State.LOGGED, "owned", "several-teams", True)
    assert [(claim.competency.slug, claim.level) for claim in one.claims.all()] == [
        ("testing-quality", 3),
        ("ownership", 2),
    ]


def test_imports_keeps_a_formula_and_cleans_control_characters(client: Client, person: User) -> None:
    confirm(client, 'title,outcome\n"=HYPERLINK(""x"")","a\x07b\n\nc"\n')
    one = Accomplishment.objects.get()
    assert (one.title, one.outcome) == ('=HYPERLINK("x")', "ab\n\nc")


def test_imports_does_not_check_again_what_is_there(client: Client, person: User) -> None:
    text = "title,competencies\nA,writing:2\n"
    confirm(client, text)
    one = CompetencyFactory(slug="writing")
    one.retired_on = date(2026, 11, 1)
    one.save()
    assert happens(preview(client, text)) == ["There already"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "File: This file is empty."),
        (b"title\nA\x00\n", "File: Line 2 has a NUL byte, so this is no text: save a sheet as CSV."),
        ("title\nA\n".encode("utf-16"), "File: This file is UTF-16 text: save it as UTF-8."),
        (
            "title\nA\nCafé\n".encode("cp1252"),
            "File: Line 3 is not UTF-8 but most likely Windows-1252. Save the file as UTF-8 (in Excel: CSV UTF-8).",
        ),
        (b"a" * (MOST_BYTES + 1), "File: This is larger than 1 MB: split it."),
        (b" \n ", "File: Choose a file, or paste its text below."),
    ],
)
def test_imports_says_what_is_wrong_with_a_file(client: Client, content: bytes, problem: str) -> None:
    assert report(client.post(ADDRESS, {"file": io.BytesIO(content)})) == [problem]


def test_imports_says_what_is_wrong_with_a_text(client: Client) -> None:
    assert report(preview(client, "")) == ["File: Choose a file, or paste its text below."]
    assert report(preview(client, "a" * (MOST_BYTES + 1))) == ["Or paste its text: This is larger than 1 MB: split it."]
    assert report(preview(client, "title\nA\x00")) == ["Or paste its text: Null characters are not allowed."]
    assert report(preview(client, "title\nA", kind="xml"))[0].startswith("What is it?: ")
    assert report(preview(client, "title\nA", kind="json")) == ["line 1: is not JSON: Expecting value"]


def test_imports_takes_the_most_rows_and_no_more(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "title\n" + "".join(f"A{n}\n" for n in range(MOST_ROWS + 1))
    assert report(preview(client, text)) == ["line 2002: more than 2,000 rows; split the file"]
    monkeypatch.setattr(checking, "MOST_ROWS", 2)
    assert happens(preview(client, "title\nA\nB\n")) == ["Draft without your part, how far it reached, finished on"] * 2


def test_imports_reads_a_byte_order_mark_in_a_pasted_text(client: Client) -> None:
    assert len(happens(preview(client, "\ufefftitle\nA\n"))) == 1
