"""Signing in and out, making an account, a forgotten password."""

import re
import time
from io import StringIO
from pathlib import Path
from typing import Any

import allauth
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.core.management import call_command
from django.test import Client

from accomplishments.management.commands.load_demo import PASSWORD
from people.models import User
from tests.conftest import texts, tree, words
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db

LOGIN, SIGNUP, RESET = "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"
PROJECT = Path(__file__).resolve().parents[2]
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
        "E-mail address or password is wrong. If your account was closed, ask your administrator."
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
    return {"name": "Nia  Okoro ", "email": address, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}


def test_sign_up_where_it_is_open(client: Client, settings: Any) -> None:
    settings.SIGNUP = "open"
    assert texts(tree(client.get(LOGIN)), f".//a[@href='{SIGNUP}']") == ["Make an account"]
    response = client.post(SIGNUP, account("New@Ladder.Example"))
    assert (response.status_code, response.headers["Location"]) == (302, "/")
    person = User.objects.get()
    assert (person.email, person.is_staff, person.is_superuser) == ("new@ladder.example", False, False)
    assert person.name == "Nia Okoro"
    assert who(client) == "Nia Okoro"
    assert mail.outbox[0].to == ["new@ladder.example"]


@pytest.mark.parametrize("name", ["", "  ", "x" * 121])
def test_sign_up_asks_for_a_name(name: str, client: Client) -> None:
    page = tree(client.post(SIGNUP, account() | {"name": name}))
    assert page.find(".//input[@name='name']").get("aria-invalid") == "true"
    assert page.find(".//input[@name='email']").get("value") == "new@ladder.example"
    assert not User.objects.exists()


def test_sign_up_form_is_in_our_words(client: Client) -> None:
    page = tree(client.get(SIGNUP))
    assert texts(page, ".//main//h1") == ["Make an account"]
    assert texts(page, ".//main//label") == ["Name", "E-mail", "Password", "Password, once more"]
    inputs = [one for one in page.findall(".//main//input") if one.get("type") != "hidden"]
    assert [one.get("placeholder") for one in inputs] == [None] * 4
    assert [one.get("autocomplete") for one in inputs] == ["name", "email", "new-password", "new-password"]


def test_sign_up_where_it_is_closed(client: Client, settings: Any) -> None:
    settings.SIGNUP = "closed"
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


OWN_PAGES = {
    "/accounts/email/": "E-mail addresses",
    "/accounts/password/change/": "Change your password",
    "/accounts/logout/": "Sign out",
    "/accounts/2fa/": "Second factor",
    "/accounts/2fa/totp/activate/": "Turn the app on",
}


@pytest.mark.usefixtures("demo")
def test_pages_about_an_account_are_in_our_words(client: Client) -> None:
    client.post(LOGIN, {"login": ENGINEER, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    pages = {address: tree(client.get(address)) for address in OWN_PAGES}
    assert {address: words(page.find(".//main//h1")) for address, page in pages.items()} == OWN_PAGES
    filled = {address: page.findall(".//main//button[@type='submit']") for address, page in pages.items()}
    plain = {address: [one for one in found if one.get("class") is None] for address, found in filled.items()}
    assert {address: len(found) for address, found in plain.items()} == dict(
        zip(OWN_PAGES, [1, 1, 1, 0, 1], strict=True)
    )


@pytest.mark.usefixtures("demo")
def test_second_factor_asks_who_it_is(client: Client) -> None:
    client.post(LOGIN, {"login": ENGINEER, "password": PASSWORD})
    activate = "/accounts/2fa/totp/activate/"
    page = tree(client.get(activate, follow=True))
    assert texts(page, ".//main//h1") == ["Is it you?"]
    answer = client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": activate})
    assert (answer.status_code, answer.headers["Location"]) == (302, activate)


@pytest.mark.usefixtures("demo")
def test_second_factor_from_on_to_off(client: Client, settings: Any) -> None:
    settings.MFA_TOTP_TOLERANCE = 1  # the code may become the last one while this runs
    client.post(LOGIN, {"login": ENGINEER, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    key = words(tree(client.get("/accounts/2fa/totp/activate/")).find(".//main//code"))
    code = format_hotp_value(hotp_value(key, int(time.time()) // 30))
    assert client.post("/accounts/2fa/totp/activate/", {"code": code}).status_code == 302
    codes = tree(client.get("/accounts/2fa/recovery-codes/"))
    assert words(codes.find(".//main//p")).startswith("10 of 10 are left.")
    assert len(codes.findall(".//main//li/code")) == 10
    index = words(tree(client.get("/accounts/2fa/")).find(".//main"))
    assert "It is on. Turn it off" in index

    other = Client()
    asked = other.post(LOGIN, {"login": ENGINEER, "password": PASSWORD}, follow=True)
    assert texts(tree(asked), ".//main//h1") == ["Your second factor"]
    assert who(other) is None
    spare = words(codes.find(".//main//li/code"))
    other.post("/accounts/2fa/authenticate/", {"code": spare})
    assert who(other) == "Noor Haddad"

    assert texts(tree(client.get("/accounts/2fa/recovery-codes/generate/")), ".//main//p")[0] == (
        "The 9 that you have become void."
    )
    assert texts(tree(client.get("/accounts/2fa/totp/deactivate/")), ".//main//h1") == ["Turn the app off"]
    client.post("/accounts/2fa/totp/deactivate/")
    assert "It is off." in words(tree(client.get("/accounts/2fa/")).find(".//main"))


def test_links_that_are_no_longer_valid_say_so(client: Client) -> None:
    reset = tree(client.get("/accounts/password/reset/key/1-set-password/"))
    assert words(reset.find(".//main//p")).startswith("This link is no longer valid; it works once")
    confirm = tree(client.get("/accounts/confirm-email/nothing/"))
    assert words(confirm.find(".//main//p")).startswith("This link is no longer valid.")


def test_address_that_the_columns_cannot_hold_is_refused(client: Client) -> None:
    address = f"{'a' * 60}@{'.'.join(['b' * 60] * 4)}.example"
    said = "Ensure this value has at most 254 characters (it has 312)."
    page = tree(client.post("/accounts/signup/", account(address)))
    assert texts(page, ".//ul[@class='errorlist']/li") == [said]
    client.force_login(UserFactory())
    page = tree(client.post("/accounts/email/", {"email": address, "action_add": ""}))
    assert texts(page, ".//ul[@class='errorlist']/li") == [said]


def test_e_mail_page_offers_only_what_does_something(client: Client) -> None:
    def offered() -> list[str]:
        return texts(tree(client.get("/accounts/email/")), ".//main//form//button")

    person = UserFactory()
    first = EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    client.force_login(person)
    assert offered() == ["Add it"]
    EmailAddress.objects.filter(pk=first.pk).update(verified=False)
    assert offered() == ["Send the link to confirm it", "Add it"]
    EmailAddress.objects.create(user=person, email="second@ladder.example", verified=True)
    assert offered() == ["Make primary", "Send the link to confirm it", "Remove", "Add it"]
    EmailAddress.objects.update(verified=True)
    assert offered() == ["Make primary", "Remove", "Add it"]


def test_sign_in_says_the_same_of_a_closed_account_as_of_none(client: Client) -> None:
    UserFactory(email=ENGINEER, is_active=False)
    said = [
        texts(tree(client.post(LOGIN, {"login": address, "password": PASSWORD})), ".//div[@role='alert']")
        for address in (ENGINEER, "nobody@ladder.example")
    ]
    assert said == [["E-mail address or password is wrong. If your account was closed, ask your administrator."]] * 2


def test_account_messages_are_ours() -> None:
    """Each that django-allauth can say with our settings."""
    off = {"login_code_sent", "phone_verification_sent", "phone_verified"}
    theirs = Path(allauth.__file__).parent / "templates"
    wanted = {
        path.relative_to(theirs)
        for app in ("account", "mfa", "socialaccount", "usersessions")
        for path in theirs.glob(f"{app}/messages/*.txt")
        if path.stem not in off
    }
    assert len(wanted) >= 15
    assert [str(path) for path in sorted(wanted) if not (PROJECT / "templates" / path).exists()] == []


@pytest.mark.usefixtures("demo")
def test_e_mail_addresses_are_added_made_primary_and_removed(client: Client) -> None:
    def said(**data: str) -> list[str]:
        page = tree(client.post("/accounts/email/", data, follow=True))
        return texts(page, ".//div[@role='status']/p")

    client.post(LOGIN, {"login": ENGINEER, "password": PASSWORD})
    client.get("/accounts/email/")  # where the greeting is said
    second = "o'neil@ladder.example"
    assert said(email=second, action_add="") == [f"We sent a link to {second}. Open it, and the address is confirmed."]
    assert said(email=second, action_primary="") == ["Confirm this address first; then it can be the primary one."]
    assert said(email=second, action_remove="") == [f"{second} is removed."]
    assert said(email=ENGINEER, action_remove="") == [
        f"{ENGINEER} is your primary address: make another one primary before you remove it."
    ]
