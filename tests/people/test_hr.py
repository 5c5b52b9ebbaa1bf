"""What HR admins do for people in the admin, and what only superusers do."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from audit.models import Event
from people.models import Invitation, User
from tests.conftest import texts, tree
from tests.factories.people import TeamFactory, UserFactory

pytestmark = pytest.mark.django_db

LIST, IMPORT, INVITE = "/admin/people/user/", "/admin/people/user/import/", "/admin/people/invitation/add/"
PASSWORD = "a-rung-at-a-time-9"


@pytest.fixture
def hr(client: Client) -> Client:
    person = UserFactory(name="Henrike", email="hr@ladder.example", is_staff=True)
    person.groups.add(Group.objects.get(name="HR admins"))
    client.force_login(person)
    return client


@pytest.fixture
def noor() -> User:
    person = UserFactory(name="Noor", email="noor@ladder.example")
    person.set_password(PASSWORD)
    person.save()
    return person


@pytest.fixture
def root() -> User:
    return UserFactory(name="Root", email="root@ladder.example", is_staff=True, is_superuser=True)


def page_of(person: User, more: str = "change/") -> str:
    return f"{LIST}{person.pk}/{more}"


def test_hr_changes_names_teams_and_managers_and_nothing_that_gives_rights(hr: Client, noor: User) -> None:
    page = tree(hr.get(page_of(noor)))
    named = {one.get("name") for one in page.findall(".//*[@name]")}
    assert named & {one.name for one in User._meta.get_fields()} == {"name", "manager", "team"}
    everything = {
        "name": "Noor Haddad",
        "manager": User.objects.get(name="Henrike").pk,
        "team": TeamFactory().pk,
        "email": "mine@elsewhere.example",
        "password": "x",
        "is_staff": "on",
        "is_superuser": "on",
        "groups": [Group.objects.get(name="Auditors").pk],
        "user_permissions": [1],
    }
    before = noor.password
    assert hr.post(page_of(noor), everything).status_code == 302
    noor.refresh_from_db()
    assert (noor.name, str(noor.manager), str(noor.team)) == ("Noor Haddad", "Henrike", "Quotes")
    assert (noor.email, noor.password, noor.is_active) == ("noor@ladder.example", before, True)
    assert (noor.is_staff, noor.is_superuser) == (False, False)
    assert (noor.groups.count(), noor.user_permissions.count()) == (0, 0)


def test_hr_sees_no_hash_and_sets_no_password(hr: Client, noor: User, root: User) -> None:
    for person in (noor, root):
        text = hr.get(page_of(person)).content.decode()
        assert [
            word
            for word in ("algorithm", "hash", "Reset password", "Set password", "No password set", "../password/")
            if word in text
        ] == []
        assert hr.get(page_of(person, "password/")).status_code == 403
        new = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
        assert hr.post(page_of(person, "password/"), new).status_code == 403
    assert hr.get(f"{LIST}add/").status_code == 403


def test_hr_only_reads_superusers(hr: Client, root: User) -> None:
    assert hr.get(page_of(root)).status_code == 200
    assert hr.post(page_of(root), {"name": "Nobody"}).status_code == 403
    assert [hr.post(page_of(root, f"{end}/")).status_code for end in ("close", "reopen", "erase")] == [403] * 3
    said = texts(tree(hr.post(IMPORT, {"text": "e-mail,name\nroot@ladder.example,Nobody\n"}), 422), ".//div//li")
    assert said[-1] == "line 2: this person is a superuser; only another one changes them"
    root.refresh_from_db()
    assert (root.name, root.is_active) == ("Root", True)


def test_superusers_still_give_rights_and_set_passwords(client: Client, noor: User, root: User) -> None:
    client.force_login(root)
    page = tree(client.get(page_of(noor)))
    wanted = {"email", "is_staff", "is_superuser", "groups", "user_permissions"}
    assert wanted <= {one.get("name") for one in page.findall(".//*[@name]")}
    assert client.get(page_of(noor, "password/")).status_code == 200
    assert client.get(f"{LIST}add/").status_code == 200


def test_hr_imports_invites_closes_and_reopens(hr: Client, noor: User, settings: Any) -> None:
    settings.SIGNUP = "invitation"
    text = "e-mail,name\nnew@ladder.example,New\n"
    seen = tree(hr.post(IMPORT, {"text": text})).find(".//button[@name='seen']").get("value")
    assert hr.post(IMPORT, {"text": text, "seen": seen}).status_code == 302
    assert User.objects.get(email="new@ladder.example").name == "New"
    assert hr.post(INVITE, {"emails": "nia@elsewhere.example"}).status_code == 302
    assert Invitation.objects.get().email == "nia@elsewhere.example"
    for end, kept in (("close", False), ("reopen", True)):
        assert hr.post(page_of(noor, f"{end}/")).status_code == 302
        noor.refresh_from_db()
        assert noor.is_active is kept
    assert hr.post(page_of(noor, "erase/")).status_code == 403
    assert (
        list(Event.objects.filter(kind="closed").values_list("by_name", flat=True))
        == ["Henrike <hr@ladder.example>"] * 2
    )
