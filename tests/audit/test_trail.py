"""What goes into the trail, that it stays, and who reads it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group, Permission
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.choices import Kind
from audit.models import Event
from audit.queries import A_PAGE
from audit.services import MOST_WORDS, origin, record
from people.models import User
from tests.conftest import texts, tree, words
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db

PASSWORD = "a-rung-at-a-time-9"
LOGIN = "/accounts/login/"


def person(**fields: Any) -> User:
    user = User.objects.create_user(fields.pop("email", "noor@ladder.example"), PASSWORD, **fields)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def auditor() -> Client:
    user = UserFactory(name="Ola Auditor")
    user.groups.add(Group.objects.get(name="Auditors"))
    client = Client()
    client.force_login(user)
    return client


def trail() -> list[tuple[str, str, str, str]]:
    """Kind, by, about and what of every row, the oldest first."""
    return list(Event.objects.order_by("pk").values_list("kind", "by_name", "about_name", "what"))


def test_sign_in_and_out_are_kept_with_the_address_that_they_came_from(client: Client) -> None:
    person(name="Noor")
    client.post(LOGIN, {"login": "noor@ladder.example", "password": PASSWORD}, REMOTE_ADDR="192.0.2.7")
    client.post("/accounts/logout/", REMOTE_ADDR="192.0.2.8")
    who = "Noor <noor@ladder.example>"
    assert trail() == [("signed-in", who, "", ""), ("signed-out", who, "", "")]
    assert list(Event.objects.order_by("pk").values_list("origin", flat=True)) == ["192.0.2.7", "192.0.2.8"]


def test_failed_sign_in_names_the_account_and_nothing_that_was_typed(client: Client) -> None:
    person()
    client.post(LOGIN, {"login": "noor@ladder.example", "password": "not-this-one"})
    client.post(LOGIN, {"login": "my-password-in-the-wrong-field@x.example", "password": "x"})
    assert trail() == [("sign-in-failed", "", "noor@ladder.example", ""), ("sign-in-failed", "", "", "")]


def test_sign_up_and_changed_password_are_kept(client: Client) -> None:
    client.post(
        "/accounts/signup/",
        {"email": "new@ladder.example", "name": "New", "password1": PASSWORD, "password2": PASSWORD},
    )
    client.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": f"{PASSWORD}-2", "password2": f"{PASSWORD}-2"},
    )
    assert [(kind, what) for kind, _, _, what in trail()] == [
        ("signed-up", ""),
        ("signed-in", ""),
        ("password", "Changed"),
    ]


def test_admin_edit_is_kept_and_a_change_of_powers_is_one_of_permissions(admin_client: Client) -> None:
    made = person(name="Noor")
    address = f"/admin/people/user/{made.pk}/change/"
    form = {"email": made.email, "name": "Noor Haddad", "is_active": "on"}
    assert admin_client.post(address, form).status_code == 302
    assert admin_client.post(address, form | {"is_staff": "on"}).status_code == 302
    rows = [row for row in trail() if row[0] in {"admin", "permissions"}]
    assert [(kind, about, what) for kind, _, about, what in rows] == [
        ("admin", "Noor Haddad <noor@ladder.example>", "People | person Noor Haddad: Changed Name. Now: active."),
        (
            "permissions",
            "Noor Haddad <noor@ladder.example>",
            "People | person Noor Haddad: Changed May open the admin. Now: active, may open the admin.",
        ),
    ]
    assert {row[1] for row in rows} == {str_of(User.objects.get(email="admin@example.com"))}


def str_of(user: User) -> str:
    return f"{user.name} <{user.email}>" if user.name else user.email


def test_groups_and_permissions_given_and_taken_away_are_kept() -> None:
    made = person(name="Noor")
    group = Group.objects.create(name="Panel members")
    made.groups.add(group)
    made.groups.remove(group)
    made.groups.add(group)
    made.groups.clear()
    group.permissions.add(Permission.objects.get(codename="view_event", content_type__app_label="audit"))
    noor = "Noor <noor@ladder.example>"
    assert trail() == [
        ("permissions", "", noor, "Noor: Panel members given"),
        ("permissions", "", noor, "Noor: Panel members taken away"),
        ("permissions", "", noor, "Noor: Panel members given"),
        ("permissions", "", noor, "Noor: Panel members taken away"),
        ("permissions", "", "", "Panel members: Audit | event | Can view event given"),
    ]


# ── It stays ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "change",
    [
        {"what": "else"},
        {"kind": Kind.ADMIN},
        {"at": datetime(2020, 1, 1, tzinfo=UTC)},
        {"by_name": ""},
        {"about_name": "x"},
        {"origin": "192.0.2.9"},
        {"thing": 9},
        {"day": date(2020, 1, 1)},
    ],
)
def test_trail_refuses_changes(change: dict[str, Any]) -> None:
    record(kind=Kind.SIGNED_IN, by=person(), what="as it was")
    with pytest.raises(IntegrityError, match="only added to"), transaction.atomic():
        Event.objects.update(**change)
    other = UserFactory()
    with pytest.raises(IntegrityError, match="only added to"), transaction.atomic():
        Event.objects.update(by=other)


def test_trail_refuses_removal() -> None:
    record(kind=Kind.SIGNED_IN, by=person())
    with pytest.raises(IntegrityError, match="only added to"), transaction.atomic():
        Event.objects.all().delete()
    if connection.vendor == "sqlite":
        with pytest.raises(IntegrityError, match="only added to"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("INSERT OR REPLACE INTO audit_event SELECT * FROM audit_event")


def test_trail_outlives_the_account() -> None:
    made = person(name="Noor")
    record(kind=Kind.PERMISSIONS, by=made, about=made, what="x")
    made.delete()
    event = Event.objects.get()
    assert (event.by, event.about, event.by_name) == (None, None, "Noor <noor@ladder.example>")


def test_record_goes_back_with_the_act() -> None:
    made = person()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record(kind=Kind.SIGNED_IN, by=made)
        _ = 1 / 0
    assert trail() == []


def test_record_keeps_no_more_than_fits() -> None:
    record(kind=Kind.ADMIN, by=None, what="x" * (MOST_WORDS + 1))
    assert len(Event.objects.get().what) == MOST_WORDS
    assert origin.get() is None


# ── Who reads it ────────────────────────────────────────────────────────────


def test_name_of_any_length_is_cut_and_the_address_is_whole() -> None:
    person = UserFactory(name="N" * 120, email=f"{'a' * 60}@{'.'.join(['b' * 60] * 3)}.example")
    record(kind=Kind.PASSWORD, by=person, about=person)
    row = Event.objects.get()
    assert row.by_name == row.about_name == f"{'N' * (260 - len(person.email) - 3)} <{person.email}>"


def test_trail_shows_auditors_everything_newest_first() -> None:
    made = person(name="Noor")
    record(kind=Kind.ADMIN, by=made, what="<b>first</b>")
    record(kind=Kind.SECOND_FACTOR, by=made, about=made, what="Added")
    page = tree(auditor().get("/audit/"))
    assert texts(page, ".//tbody/tr/td[3]")[-2:] == [
        "Changed a second factorAdded",
        "Edited in the admin<b>first</b>",
    ]


def test_trail_filters_combine() -> None:
    noor, sven = person(name="Noor"), person(email="sven@ladder.example", name="Sven")
    now = datetime(2026, 5, 1, 12, tzinfo=UTC)
    for by, about, days in ((noor, None, 0), (sven, noor, 1), (sven, None, 2)):
        Event.objects.create(
            kind=Kind.ADMIN, at=now + timedelta(days=days), by_name=by.name, about_name=about.name if about else ""
        )
    client = auditor()

    def shown(query: str) -> list[str]:
        return texts(tree(client.get(f"/audit/?{query}")), ".//tbody/tr/td[2]")

    assert shown("kind=admin") == ["Sven", "Sven", "Noor"]
    assert shown("kind=admin&person=noor") == ["Sven", "Noor"]
    assert shown("kind=admin&first=2026-05-02&last=2026-05-02") == ["Sven"]
    assert shown("kind=admin&first=2026-05-02&person=sven") == ["Sven", "Sven"]
    turned = tree(client.get("/audit/?first=2026-05-03&last=2026-05-02&kind=admin"))
    assert words(turned.find(".//p[@class='errorlist']")) == "This is before the first day."
    assert texts(turned, ".//main//label") == ["What", "Who, by or about", "From", "To"]
    assert texts(turned, ".//main//th") == ["When", "Who", "What", "About", "Network address"]
    part = tree(client.get("/audit/?first=2026-05-03&last=2026-05-02", headers={"HX-Request": "true"}))
    assert texts(part, ".//p[@role='alert']") == ["To: This is before the first day."]
    wrong = tree(client.get("/audit/?first=yesterday&kind=admin"))
    assert len(wrong.findall(".//tbody/tr")) == 3
    assert words(wrong.find(".//p[@class='errorlist']")) == "Enter a valid date."


def test_trail_pages_on_without_counting() -> None:
    made = person(name="Noor")
    Event.objects.bulk_create(
        Event(kind=Kind.ADMIN, by_name=str(n), at=datetime(2026, 5, 1, tzinfo=UTC)) for n in range(A_PAGE + 2)
    )
    record(kind=Kind.ADMIN, by=made)
    client = auditor()
    client.get("/audit/?kind=admin")
    with CaptureQueriesContext(connection) as asked:
        first = tree(client.get("/audit/?kind=admin"))
    assert texts(first, ".//tbody/tr/td[2]")[:2] == ["Noor <noor@ladder.example>", str(A_PAGE + 1)]
    assert len(asked) <= 6
    more = first.find(".//p[@class='more']/a").get("href")
    second = tree(client.get(f"/audit/{more}"))
    assert texts(second, ".//tbody/tr/td[2]") == ["2", "1", "0"]
    assert second.find(".//p[@class='more']") is None


def test_people_are_not_deleted_in_the_admin_and_other_deletions_are_named(admin_client: Client) -> None:
    made = person(name="Noor")
    assert admin_client.post(f"/admin/people/user/{made.pk}/delete/", {"post": "yes"}).status_code == 403
    group = Group.objects.create(name="Panel members")
    admin_client.post(f"/admin/auth/group/{group.pk}/delete/", {"post": "yes"})
    assert [row[3] for row in trail() if row[0] == "admin"] == [
        "Authentication and Authorization | group Panel members: Deleted."
    ]
