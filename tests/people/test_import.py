"""The file of people: what a line changes, what keeps it back, and that nothing is changed twice or unseen."""

from typing import Any
from xml.etree import ElementTree

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import Event
from people.forms.people_file import MOST_LINES, preview_of, template
from people.models import Invitation, Team, User
from people.queries.organisation import circles, ground
from tests.conftest import texts, tree, words
from tests.factories.people import TeamFactory, UserFactory

pytestmark = pytest.mark.django_db

ADDRESS = "/admin/people/user/import/"
HEAD = "e-mail,name,manager,team\n"
BOSS, NOOR = "boss@ladder.example,Bo Boss,,Quotes\n", "noor@ladder.example,Noor Haddad,boss@ladder.example,Quotes\n"
TWO = HEAD + NOOR + BOSS  # a report before their manager


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(UserFactory(email="admin@ladder.example", name="Ad Min", is_staff=True, is_superuser=True))
    return client


def preview(client: Client, text: str, **more: Any) -> Any:
    return client.post(ADDRESS, {"text": text, **more})


def seen(client: Client, text: str) -> str:
    """The mark that the button to import carries."""
    return tree(preview(client, text)).find(".//button[@name='seen']").get("value")


def bring(client: Client, text: str) -> Any:
    return preview(client, text, seen=seen(client, text))


def report(response: Any) -> list[str]:
    return texts(tree(response, 422), ".//div[@id='problems']//li")


def happens(response: Any) -> list[tuple[str, str, str]]:
    rows = tree(response).findall(".//table[@class='people-lines']/tbody/tr")
    return [(words(row.find("th")), *texts(row, "td")[1:]) for row in rows]


def everyone() -> list[tuple[str, str, str, str]]:
    people = User.objects.exclude(email="admin@ladder.example").order_by("email").select_related("manager", "team")
    return [(one.email, one.name, str(one.manager or ""), str(one.team or "")) for one in people]


def trail() -> list[tuple[str, str]]:
    rows = Event.objects.filter(kind="admin").order_by("pk")
    return list(rows.values_list("about_name", "what"))


BROUGHT = [
    ("boss@ladder.example", "Bo Boss", "", "Quotes"),
    ("noor@ladder.example", "Noor Haddad", "Bo Boss", "Quotes"),
]


# ── Preview, then import ────────────────────────────────────────────────────


def test_import_previews_every_line_and_changes_nobody(client: Client) -> None:
    TeamFactory(slug="quotes")
    UserFactory(email="boss@ladder.example", name="Bo Boss", team=Team.objects.get())
    UserFactory(email="noor@ladder.example", name="Noor H.")
    before = everyone()
    response = preview(client, TWO + "new@ladder.example,New,noor@ladder.example,Payments\n")
    assert happens(response) == [
        (
            "noor@ladder.example",
            "Changed",
            "name: Noor H. Noor Haddadmanager: boss@ladder.exampleteam: Quotes",
        ),
        ("boss@ladder.example", "Unchanged", ""),
        ("new@ladder.example", "New", "name: Newmanager: noor@ladder.exampleteam: Payments"),
    ]
    assert texts(tree(response), ".//p[@id='sum']") == [
        "1 new, 1 changed, 1 unchanged. New teams: Payments. New people have no password: they come in by a link "
        "in a mail or by single sign-on."
    ]
    assert (everyone(), Team.objects.count(), Event.objects.filter(kind="admin").count()) == (before, 1, 0)


def test_import_makes_people_who_come_in_by_a_reset(client: Client) -> None:
    response = bring(client, TWO)
    assert (response.status_code, response.headers["Location"]) == (302, "/admin/people/user/")
    assert [str(one) for one in client.get("/admin/people/user/").context["messages"]] == ["2 made."]
    assert everyone() == BROUGHT
    noor = User.objects.get(email="noor@ladder.example")
    assert (noor.has_usable_password(), noor.is_active, noor.is_staff) == (False, True, False)
    assert list(EmailAddress.objects.filter(user=noor).values_list("email", "verified", "primary")) == [
        ("noor@ladder.example", True, True)
    ]
    assert trail() == [
        (
            "Noor Haddad <noor@ladder.example>",
            "Imported: made; name none to Noor Haddad; manager none to boss@ladder.example; team none to Quotes.",
        ),
        (
            "Bo Boss <boss@ladder.example>",
            "Imported: made; name none to Bo Boss; manager none to none; team none to Quotes.",
        ),
    ]


def link_in(mail: Any) -> str:
    return next(word for word in mail.body.split() if "/password/reset/key/" in word)


def choose_password(link: str) -> None:
    guest = Client()
    form = guest.get(link, follow=True)
    both = {"password1": "a-rung-at-a-time-9", "password2": "a-rung-at-a-time-9"}
    assert guest.post(form.redirect_chain[-1][0], both).status_code == 302


def test_import_sends_everybody_new_a_link_to_choose_a_password(client: Client, mailoutbox: list[Any]) -> None:
    UserFactory(email="boss@ladder.example", name="Bo")
    box = tree(preview(client, TWO)).find(".//input[@name='welcomed']")
    assert (box.get("type"), box.get("form")) == ("checkbox", "import-form")
    preview(client, TWO, seen=seen(client, TWO), welcomed="1")
    (message,) = mailoutbox
    assert (message.subject, message.to) == ("Your account at Ladder", ["noor@ladder.example"])
    assert "Ad Min made an account for you" in message.body
    choose_password(link_in(message))
    assert User.objects.get(email="noor@ladder.example").check_password("a-rung-at-a-time-9")


def test_import_sends_nothing_where_it_is_not_ticked(client: Client, mailoutbox: list[Any]) -> None:
    bring(client, TWO)
    assert mailoutbox == []


def test_who_was_imported_is_invited_until_they_came_in(client: Client, mailoutbox: list[Any], settings: Any) -> None:
    settings.SIGNUP = "invitation"
    bring(client, TWO)
    invite = "/admin/people/invitation/add/"
    for _ in range(2):
        assert client.post(invite, {"emails": "noor@ladder.example nia@ladder.example"}).status_code == 302
    assert [message.subject for message in mailoutbox] == ["Your account at Ladder", "You are invited to Ladder"] * 2
    assert list(Invitation.objects.values_list("email", flat=True)) == ["nia@ladder.example"]
    choose_password(link_in(mailoutbox[0]))
    page = tree(client.post(invite, {"emails": "noor@ladder.example"}), 422)
    assert texts(page, ".//ul[@class='errorlist']/li") == ["noor@ladder.example has an account already."]


def test_person_who_was_imported_sets_a_password_by_mail(client: Client, mailoutbox: list[Any], settings: Any) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    settings.OUTBOX_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    bring(client, TWO)
    guest = Client()
    guest.post("/accounts/password/reset/", {"email": "noor@ladder.example"})
    link = next(word for word in mailoutbox[-1].body.split() if "/password/reset/key/" in word)
    form = guest.get(link, follow=True)
    guest.post(form.redirect_chain[-1][0], {"password1": "a-rung-at-a-time-9", "password2": "a-rung-at-a-time-9"})
    guest.post("/accounts/login/", {"login": "noor@ladder.example", "password": "a-rung-at-a-time-9"})
    assert guest.session["_auth_user_id"] == str(User.objects.get(email="noor@ladder.example").pk)


def test_import_twice_changes_nothing(client: Client) -> None:
    bring(client, TWO)
    response = preview(client, TWO)
    assert [row[1] for row in happens(response)] == ["Unchanged", "Unchanged"]
    assert tree(response).find(".//button[@name='seen']") is None
    assert len(trail()) == 2


def test_import_sent_twice_does_nothing_twice(client: Client) -> None:
    mark = seen(client, TWO)
    assert preview(client, TWO, seen=mark).status_code == 302
    again = preview(client, TWO, seen=mark)
    assert texts(tree(again), ".//div[@id='moved']/h2") == ["Nothing is left to do"]
    assert (everyone(), len(trail())) == (BROUGHT, 2)


def test_import_notices_who_was_changed_since_the_preview(client: Client) -> None:
    boss = UserFactory(email="boss@ladder.example", name="Bo Boss")
    mark = seen(client, TWO)
    User.objects.filter(pk=boss.pk).update(name="Bo B.")
    response = preview(client, TWO, seen=mark)
    assert texts(tree(response, 409), ".//div[@id='moved']/h2") == ["Nothing was imported"]
    assert everyone() == [("boss@ladder.example", "Bo B.", "", "")]
    again = tree(response, 409).find(".//button[@name='seen']").get("value")
    assert preview(client, TWO, seen=again).status_code == 302
    assert everyone() == BROUGHT


def test_import_stores_only_what_was_previewed(client: Client) -> None:
    mark = seen(client, TWO)
    response = preview(client, TWO + "more@ladder.example,More,,\n", seen=mark)
    assert response.status_code == 409
    assert everyone() == []


def test_import_column_that_is_missing_leaves_things_and_an_empty_cell_takes_them_away(client: Client) -> None:
    bring(client, TWO)
    bring(client, "e-mail,manager\nnoor@ladder.example,\n")
    assert everyone() == [BROUGHT[0], ("noor@ladder.example", "Noor Haddad", "", "Quotes")]
    bring(client, "E-Mail;Team;Name\nNOOR@ladder.example;;\n")
    assert everyone() == [BROUGHT[0], ("noor@ladder.example", "Noor Haddad", "", "")]
    assert trail()[2:] == [
        ("Noor Haddad <noor@ladder.example>", "Imported: manager boss@ladder.example to none."),
        ("Noor Haddad <noor@ladder.example>", "Imported: team Quotes to none."),
    ]


def test_import_turns_a_line_upside_down_in_one_go(client: Client) -> None:
    bring(client, TWO)
    bring(client, "e-mail,manager\nboss@ladder.example,noor@ladder.example\nnoor@ladder.example,\n")
    assert [row[:3:2] for row in everyone()] == [("boss@ladder.example", "Noor Haddad"), ("noor@ladder.example", "")]


# ── What keeps a file back ──────────────────────────────────────────────────


def test_import_names_what_is_wrong_by_line_and_keeps_all_of_it_back(client: Client) -> None:
    UserFactory(email="gone@ladder.example", name="Gone", closed_at=timezone.now(), is_active=False)
    other = UserFactory(email="other@ladder.example")
    EmailAddress.objects.create(user=other, email="second@ladder.example")
    text = HEAD + (
        "fine@ladder.example,Fine,,\n"
        "not-an-address,Nobody,,\n"
        ",Without,,\n"
        "fine@ladder.example,Twice,,\n"
        "a@ladder.example,A,nobody@ladder.example,\n"
        "b@ladder.example,,,\n"
        "c@ladder.example,C,c@ladder.example,\n"
        "d@ladder.example,D,gone@ladder.example,\n"
        "gone@ladder.example,Back,,\n"
        "second@ladder.example,S,,\n"
        "e@ladder.example,E,,,,too many\n" + f"f@ladder.example,{'x' * 121},,{'y' * 81}\n"
    )
    assert report(preview(client, text)) == [
        "line 3: 'not-an-address' is no e-mail address",
        "line 4: has no e-mail address",
        "line 5: the same person as line 2",
        "line 6: manager 'nobody@ladder.example' is neither in Ladder nor in this file",
        "line 7: somebody new needs a name",
        "line 8: nobody is their own manager",
        "line 9: manager 'gone@ladder.example' has left",
        "line 10: this person has left; reopen the account first",
        "line 11: 'second@ladder.example' is a second address of other@ladder.example",
        "line 12: has 6 cells, but there are 4 columns; are quotes missing?",
        "line 13: the name is too long",
        "line 13: the team is too long",
    ]
    assert not User.objects.filter(email="fine@ladder.example").exists()


def test_import_refuses_a_circle_through_people_who_are_not_in_the_file(client: Client) -> None:
    ada = UserFactory(email="ada@ladder.example")
    ben = UserFactory(email="ben@ladder.example", manager=ada)
    UserFactory(email="cleo@ladder.example", manager=ben)
    response = preview(
        client, "e-mail,manager\nben@ladder.example,ada@ladder.example\nada@ladder.example,cleo@ladder.example\n"
    )
    assert report(response) == [
        "line 2: they would report to themselves: "
        "ben@ladder.example → ada@ladder.example → cleo@ladder.example → ben@ladder.example"
    ]


def test_import_refuses_a_circle_within_the_file_even_with_the_right_mark(client: Client) -> None:
    text = "e-mail,name,manager\na@x.example,A,b@x.example\nb@x.example,B,a@x.example\nc@x.example,C,a@x.example\n"
    response = preview(client, text, seen=preview_of(text, ground()).seen)
    assert report(response) == ["line 2: they would report to themselves: a@x.example → b@x.example → a@x.example"]
    assert everyone() == []


def test_circles_finds_each_once() -> None:
    assert list(circles({1: 2, 2: 3, 3: 1, 4: 1, 5: 5, 6: 7}, [4, 1, 5, 6, 3])) == [[1, 2, 3], [5]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name\nNoor\n", ["line 1: there is no column 'e-mail'"]),
        (
            "e-mail,boss,e-mail\na@x.example,b,c\n",
            [
                "line 1: column 'boss' is not known; the columns are e-mail, name, manager, team",
                "line 1: column 'e-mail' stands there twice",
            ],
        ),
        (HEAD, ["line 1: there is no row below the names of the columns"]),
        (HEAD + 'a@x.example,"A\n', ["line 2: a quotation mark opens a cell and nothing closes it"]),
        (HEAD + "a@x.example,A,,\n" * (MOST_LINES + 1), ["line 5002: more than 5,000 lines; split the file"]),
    ],
)
def test_import_says_where_a_file_is_none(text: str, said: list[str], client: Client) -> None:
    assert report(preview(client, text)) == said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "File: This file is empty."),
        ("\ufeffe-mail".encode("utf-16"), "File: This file is UTF-16 text: save it as UTF-8."),
        ("e-mail,name\na@x.example,Zoë\n".encode("cp1252"), "File: Line 2 is not UTF-8 but most likely Windows-1252."),
        (b"x" * 1_000_001, "File: This is larger than 1 MB: split it."),
    ],
)
def test_import_says_what_a_file_is_instead(content: bytes, said: str, client: Client) -> None:
    response = client.post(ADDRESS, {"file": SimpleUploadedFile("people.csv", content)})
    assert [one[: len(said)] for one in report(response)] == [said]


def test_import_reads_what_spreadsheets_write(client: Client) -> None:
    text = "\ufeffE-mail;Name;Team\r\nzoe@ladder.example;Zoë Ångström;Ops\r\n"
    upload = SimpleUploadedFile("people.csv", text.encode())
    mark = tree(client.post(ADDRESS, {"file": upload})).find(".//button[@name='seen']").get("value")
    preview(client, text, seen=mark)
    assert everyone() == [("zoe@ladder.example", "Zoë Ångström", "", "Ops")]


# ── Files for spreadsheets ──────────────────────────────────────────────────


def test_template_can_be_imported(client: Client) -> None:
    answer = client.get("/admin/people/user/import/template.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="template.csv"'
    assert answer.content.decode() == template()
    bring(client, answer.content.decode())
    assert [row[0] for row in everyone()] == ["ada@example.org", "noor@example.org"]


def test_everybody_as_they_are_changes_nothing_and_runs_no_formula(client: Client) -> None:
    team = TeamFactory(slug="ops", name="+Ops")
    boss = UserFactory(email="boss@ladder.example", name='=HYPERLINK("https://x.example")', team=team)
    UserFactory(email="noor@ladder.example", name="@Noor", manager=boss)
    UserFactory(email="gone@ladder.example", closed_at=timezone.now(), is_active=False)
    text = client.get("/admin/people/user/import/people.csv").content.decode()
    assert text.splitlines() == [
        "\ufeffe-mail,name,manager,team",
        "admin@ladder.example,Ad Min,,",
        'boss@ladder.example,"\'=HYPERLINK(""https://x.example"")",,\'+Ops',
        "noor@ladder.example,'@Noor,boss@ladder.example,",
    ]
    assert [row[1] for row in happens(preview(client, text))] == ["Unchanged"] * 3


# ── Who may, and how much it costs ──────────────────────────────────────────


def test_import_is_for_those_who_may_change_and_make_people() -> None:
    person = UserFactory(is_staff=True)
    client = Client()
    client.force_login(person)
    addresses = (ADDRESS, f"{ADDRESS}template.csv", f"{ADDRESS}people.csv")
    assert [client.get(address).status_code for address in addresses] == [403] * 3
    person.user_permissions.set(Permission.objects.filter(codename__in=("change_user", "view_user")))
    assert client.get(ADDRESS).status_code == 403
    assert b"Import people" not in client.get("/admin/people/user/").content
    person.user_permissions.set(Permission.objects.filter(codename__in=("change_user", "view_user", "add_user")))
    assert [client.get(address).status_code for address in addresses] == [200] * 3
    assert b"Import people" in client.get("/admin/people/user/").content


def many(count: int, team: str) -> str:
    lines = (
        f"p{n}@ladder.example,Person {n},{f'p{n // 7}@ladder.example' if n else ''},{team}\n" for n in range(count)
    )
    return HEAD + "".join(lines)


def asked(client: Client, text: str, **more: Any) -> int:
    with CaptureQueriesContext(connection) as queries:
        preview(client, text, **more)
    return len(queries)


def test_import_asks_the_database_no_more_for_two_thousand_lines(client: Client) -> None:
    preview(client, HEAD)
    few, lots = many(3, "A"), many(2000, "B")
    assert asked(client, few) == asked(client, lots) == 5
    small = asked(client, few, seen=seen(client, few))
    large = asked(client, lots, seen=seen(client, lots))
    assert User.objects.count() == 2001
    assert User.objects.filter(team__name="B").count() == 2000
    if connection.vendor == "postgresql":
        assert (small, large) == (13, 14)  # one more for those who are there already
    else:  # it takes rows in batches
        assert large < 120


# ── One person in the admin ─────────────────────────────────────────────────


def form_of(person: User, **typed: Any) -> dict[str, Any]:
    return {"email": person.email, "name": person.name, "is_active": "on", **typed}


def errors(page: ElementTree.Element) -> list[str]:
    return texts(page, ".//ul[@id='id_manager_error']/li")


def test_admin_keeps_a_name_in_one_line_without_what_is_invisible(client: Client) -> None:
    typed = {"name": " Ada\r\nBcc: x@y.example\x0b\u202e ", "email": "new@x.example", "usable_password": "false"}
    ada = UserFactory(name="Ada")
    for address in (f"/admin/people/user/{ada.pk}/change/", "/admin/people/user/add/"):
        assert client.post(address, form_of(ada) | typed).status_code == 302
        assert User.objects.filter(name="Ada Bcc: x@y.example", email="new@x.example").delete()[0] > 0


def test_admin_refuses_a_manager_who_reports_to_the_person(client: Client) -> None:
    ada = UserFactory(name="Ada")
    ben = UserFactory(name="Ben", manager=ada)
    cleo = UserFactory(name="Cleo", manager=ben)
    address = f"/admin/people/user/{ada.pk}/change/"
    response = client.post(address, form_of(ada, manager=cleo.pk))
    assert errors(tree(response)) == ["They would report to themselves: Ada → Cleo → Ben → Ada."]
    ada.refresh_from_db()
    assert ada.manager is None
    assert client.post(address, form_of(ada, manager=UserFactory().pk)).status_code == 302
