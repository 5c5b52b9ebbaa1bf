"""Signing in and out, making an account, a forgotten password."""

import re
from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.test import Client

from people.management.commands.load_demo import PASSWORD
from people.models import User
from tests.conftest import texts, tree, words
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db

LOGIN, SIGNUP, RESET = "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"
ENGINEER = "engineer@ladder.example"
NEW_PASSWORD = "a-rung-at-a-time-9"


@pytest.fixture
def demo() -> None:
    call_command("load_demo", stdout=StringIO())


def who(client: Client) -> str | None:
    """The name on the account button of the next page, if somebody is signed in."""
    button = tree(client.get("/roles/")).find(".//button[@class='avatar']")
    return None if button is None else words(button).rpartition("account menu for ")[2]


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("address", [ENGINEER, "Engineer@Ladder.Example"])
def test_sign_in_with_an_address(address: str, client: Client) -> None:
    response = client.post(LOGIN, {"login": address, "password": PASSWORD})
    assert (response.status_code, response.headers["Location"]) == (302, "/")
    assert who(client) == "Noor Haddad"


@pytest.mark.usefixtures("demo")
def test_sign_in_leads_back_to_where_one_was(client: Client) -> None:
    form = tree(client.get(f"{LOGIN}?next=/roles/map/"))
    assert form.find(".//input[@name='next']").get("value") == "/roles/map/"
    response = client.post(LOGIN, {"login": ENGINEER, "password": PASSWORD, "next": "/roles/map/"})
    assert response.headers["Location"] == "/roles/map/"
    for elsewhere in ("https://evil.example", "//evil.example"):
        response = Client().post(LOGIN, {"login": ENGINEER, "password": PASSWORD, "next": elsewhere})
        assert response.headers["Location"] == "/"


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize(("address", "password"), [(ENGINEER, "wrong"), ("nobody@ladder.example", PASSWORD)])
def test_sign_in_with_a_wrong_password_keeps_the_address(address: str, password: str, client: Client) -> None:
    page = tree(client.post(LOGIN, {"login": address, "password": password}))
    assert words(page.find(".//div[@role='alert']")) == (
        "The email address and/or password you specified are not correct."
    )
    assert page.find(".//input[@name='login']").get("value") == address
    assert page.find(".//input[@name='password']").get("value") is None
    assert who(client) is None


def test_sign_in_of_somebody_inactive_is_refused(client: Client) -> None:
    person = UserFactory(email=ENGINEER, is_active=False)
    person.set_password(PASSWORD)
    person.save()
    client.post(LOGIN, {"login": ENGINEER, "password": PASSWORD})
    assert who(client) is None


@pytest.mark.usefixtures("demo")
def test_sign_out(client: Client) -> None:
    client.post(LOGIN, {"login": ENGINEER, "password": PASSWORD})
    response = client.post("/accounts/logout/")
    assert (response.status_code, response.headers["Location"]) == (302, "/")
    assert who(client) is None


@pytest.mark.usefixtures("demo")
def test_sign_out_takes_a_post(client: Client) -> None:
    client.post(LOGIN, {"login": ENGINEER, "password": PASSWORD})
    client.get("/accounts/logout/")
    assert who(client) == "Noor Haddad"


def account(address: str = "new@ladder.example") -> dict[str, str]:
    return {"email": address, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}


def test_sign_up_where_it_is_open(client: Client, settings: Any) -> None:
    settings.SIGNUP_OPEN = True
    assert texts(tree(client.get(LOGIN)), f".//a[@href='{SIGNUP}']") == ["Make an account"]
    response = client.post(SIGNUP, account("New@Ladder.Example"))
    assert (response.status_code, response.headers["Location"]) == (302, "/")
    person = User.objects.get()
    assert (person.email, person.is_staff, person.is_superuser) == ("new@ladder.example", False, False)
    assert who(client) == "new@ladder.example"
    assert mail.outbox[0].to == ["new@ladder.example"]


def test_sign_up_where_it_is_closed(client: Client, settings: Any) -> None:
    settings.SIGNUP_OPEN = False
    assert texts(tree(client.get(LOGIN)), f".//a[@href='{SIGNUP}']") == []
    assert b"password1" not in client.get(SIGNUP).content
    client.post(SIGNUP, account())
    assert not User.objects.exists()


@pytest.mark.parametrize("weak", ["short", "password123", "12345678901", "new@ladder.example"])
def test_sign_up_refuses_a_weak_password(weak: str, client: Client) -> None:
    response = client.post(SIGNUP, account() | {"password1": weak, "password2": weak})
    assert response.status_code == 200
    assert not User.objects.exists()


@pytest.mark.usefixtures("demo")
def test_forgotten_password_is_set_anew_by_mail(client: Client) -> None:
    response = client.post(RESET, {"email": ENGINEER})
    assert (response.status_code, response.headers["Location"]) == (302, f"{RESET}done/")
    (message,) = mail.outbox
    assert message.to == [ENGINEER]
    link = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", message.body).group(1)
    form = client.get(link).headers["Location"]
    assert client.get(form).status_code == 200
    done = client.post(form, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    assert done.status_code == 302
    assert Client().post(LOGIN, {"login": ENGINEER, "password": NEW_PASSWORD}).status_code == 302
    assert Client().post(LOGIN, {"login": ENGINEER, "password": PASSWORD}).status_code == 200


def test_forgotten_password_of_an_unknown_address_tells_nothing(client: Client) -> None:
    UserFactory(email=ENGINEER)
    answers = [
        Client().post(RESET, {"email": address}).headers["Location"] for address in (ENGINEER, "no@body.example")
    ]
    assert answers == [f"{RESET}done/"] * 2
