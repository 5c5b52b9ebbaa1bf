"""Single sign-on by OpenID Connect, against a provider that runs here."""

import http.client
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.test import Client

from audit.models import Event
from people.models import User
from tests.conftest import texts, tree, words
from tests.factories.people import UserFactory
from tests.people.provider import CLIENT, SECRET, Provider, running

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/oidc/sso/login/"
NOOR = "noor@ladder.example"
PASSWORD = "a-rung-at-a-time-9"
UNCONFIRMED: list[dict[str, Any]] = [
    {},
    {"email_verified": False},
    {"email_verified": None},
    {"email_verified": "false"},
    {"email_verified": "no"},
    {"email_verified": 2},
]


@pytest.fixture(scope="module")
def server() -> Iterator[Provider]:
    with running() as provider:
        yield provider


@pytest.fixture
def provider(server: Provider, settings: Any) -> Provider:
    """Ladder as an organisation that makes accounts by single sign-on alone."""
    app = {"provider_id": "sso", "name": "Example", "client_id": CLIENT, "secret": SECRET}
    app["settings"] = {"server_url": server.address}
    settings.SIGNUP, settings.OIDC_NAME = "closed", "Example"
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
    server.denies, server.token = False, {}
    server.knows(email_verified=True)
    return server


def fetch(address: str) -> str:
    """Where the provider sends the browser."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.netloc)
    try:
        connection.request("GET", f"{parts.path}?{parts.query}")
        return connection.getresponse().headers["Location"]
    finally:
        connection.close()


def back(client: Client, next_page: str = "", process: str = "") -> str:
    """To the provider and where it sends the browser: the address of ours with a code."""
    asked = client.post(f"{LOGIN}?process={process}" if process else LOGIN, {"next": next_page} if next_page else {})
    assert asked.status_code == 302
    return fetch(asked.headers["Location"]).removeprefix("http://testserver")


def sign_in(client: Client, **asked: str) -> Any:
    return client.get(back(client, **asked))


def who(client: Client) -> str | None:
    response = client.get("/accounts/profile/")
    return texts(tree(response), ".//main//dl/dd")[0] if response.status_code == 200 else None


# ── Coming in ───────────────────────────────────────────────────────────────


def test_first_sign_in_makes_an_account(provider: Provider, client: Client) -> None:
    response = sign_in(client, next_page="/roles/map/")
    assert (response.status_code, response.headers["Location"]) == (302, "/roles/map/")
    user = User.objects.get()
    assert (user.email, user.name, user.has_usable_password()) == (NOOR, "Noor Haddad", False)
    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [(NOOR, True, True)]
    assert (who(client), mail.outbox) == (NOOR, [])
    assert list(Event.objects.order_by("pk").values_list("kind", "what")) == [
        ("signed-up", "By single sign-on"),
        ("signed-in", ""),
    ]


def test_provider_is_asked_with_proof_and_state(provider: Provider, client: Client) -> None:
    provider.asked.clear()
    sign_in(client)
    (asked,) = provider.asked
    assert set(asked["scope"].split()) == {"openid", "profile", "email"}
    assert (asked["client_id"], asked["response_type"], asked["code_challenge_method"]) == (CLIENT, "code", "S256")
    assert asked["redirect_uri"] == f"http://testserver{LOGIN}callback/"
    assert len(asked["state"]) >= 16


def test_next_sign_in_finds_the_account_by_what_never_changes(provider: Provider, client: Client) -> None:
    sign_in(client)
    provider.knows(name="Noor Married", email="noor.married@ladder.example", email_verified=True)
    other = Client()
    sign_in(other)
    assert (who(other), User.objects.get().name) == (NOOR, "Noor Haddad")


def test_name_is_made_of_its_parts_and_cut_to_fit(provider: Provider, client: Client) -> None:
    provider.knows(email_verified=True, name=None, given_name=" Noor\u202e ", family_name="x" * 200)
    sign_in(client)
    name = User.objects.get().name
    assert (name[:6], len(name)) == ("Noor x", 120)


def test_address_confirmed_in_a_text_is_confirmed(provider: Provider, client: Client) -> None:
    UserFactory(email=NOOR)
    provider.knows(email_verified="true")
    sign_in(client)
    assert who(client) == NOOR


# ── Who has an account already ──────────────────────────────────────────────


def test_account_with_the_address_is_joined(provider: Provider, client: Client) -> None:
    noor = UserFactory(email=NOOR, name="Noor H.")
    provider.knows(email="Noor@Ladder.Example", email_verified=True)
    sign_in(client)
    noor.refresh_from_db()
    assert (who(client), User.objects.count(), noor.name) == (NOOR, 1, "Noor H.")
    assert list(SocialAccount.objects.values_list("user", "uid")) == [(noor.pk, "person-1")]
    assert list(EmailAddress.objects.values_list("email", "verified")) == [(NOOR, True)]
    assert list(Event.objects.order_by("pk").values_list("kind", "what")) == [
        ("single-sign-on", "Connected: person-1"),
        ("signed-in", ""),
    ]


def test_account_that_confirmed_its_address_keeps_its_password(provider: Provider, client: Client) -> None:
    noor = User.objects.create_user(NOOR, PASSWORD)
    EmailAddress.objects.create(user=noor, email=NOOR, verified=True, primary=True)
    sign_in(client)
    noor.refresh_from_db()
    assert (who(client), noor.check_password(PASSWORD)) == (NOOR, True)


def test_account_that_somebody_else_made_with_the_address_is_taken_from_them(
    provider: Provider, client: Client, settings: Any
) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION, settings.SIGNUP = "optional", "open"
    thief = Client()
    thief.post("/accounts/signup/", {"name": "N", "email": NOOR, "password1": PASSWORD, "password2": PASSWORD})
    assert who(thief) == NOOR
    sign_in(client)
    assert (who(client), who(thief)) == (NOOR, None)
    assert not User.objects.get().has_usable_password()


@pytest.mark.parametrize("verification", ["mandatory", "optional"])
@pytest.mark.parametrize("said", UNCONFIRMED)
def test_account_is_not_joined_by_an_address_that_is_not_confirmed(
    said: dict[str, Any], verification: str, provider: Provider, client: Client, settings: Any
) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = verification
    noor = UserFactory(email=NOOR)
    EmailAddress.objects.create(user=noor, email=NOOR, verified=True, primary=True)
    provider.knows(**said)
    response = sign_in(client)
    page = tree(client.get(response.headers["Location"]))
    heading = {"mandatory": "Confirm your e-mail address", "optional": "One thing more"}[verification]
    assert texts(page, ".//main//h1") == [heading]
    if verification == "optional":
        refused = client.post("/accounts/3rdparty/signup/", {"name": "Noor", "email": NOOR})
        assert words(tree(refused).find(".//ul[@class='errorlist']")).startswith("An account already exists")
    assert (who(client), SocialAccount.objects.exists(), User.objects.count()) == (None, False, 1)


def test_address_that_is_not_confirmed_has_to_be(provider: Provider, client: Client) -> None:
    provider.knows(email_verified=False)
    response = sign_in(client)
    assert texts(tree(client.get(response.headers["Location"])), ".//main//h1") == ["Confirm your e-mail address"]
    assert (who(client), [message.to for message in mail.outbox]) == (None, [[NOOR]])


def test_account_that_is_closed_stays_closed(provider: Provider, client: Client) -> None:
    UserFactory(email=NOOR, is_active=False)
    response = sign_in(client)
    assert response.headers["Location"] == "/accounts/inactive/"
    assert who(client) is None


# ── What goes wrong ─────────────────────────────────────────────────────────


def test_denied_there_is_said_here(provider: Provider, client: Client) -> None:
    provider.denies = True
    page = tree(client.get(back(client), follow=True))
    assert texts(page, ".//main//h1") == ["You are not signed in"]
    assert not User.objects.exists()


def refused(response: Any) -> bool:
    assert words(tree(response, status=401).find(".//main//h1")) == "You are not signed in"
    return not User.objects.exists()


def test_state_of_another_browser_is_refused(provider: Provider, client: Client) -> None:
    address = back(client)
    assert refused(Client().get(address))
    assert refused(client.get(address.replace("state=", "state=x")))
    assert refused(client.get(f"{LOGIN}callback/?code=1"))


def test_answer_is_taken_once(provider: Provider, client: Client) -> None:
    address = back(client)
    assert client.get(address).status_code == 302
    client.post("/accounts/logout/")
    assert client.get(address).status_code == 401
    assert who(client) is None


def test_code_that_is_not_known_is_refused(provider: Provider, client: Client) -> None:
    address = back(client)
    code = dict(parse_qsl(urlsplit(address).query))["code"]
    assert refused(client.get(address.replace(code, "made-up")))


@pytest.mark.parametrize("wrong", [{"aud": "another"}, {"iss": "https://evil.example"}, {"exp": 1}])
def test_token_for_somebody_else_or_too_old_is_refused(wrong: Any, provider: Provider, client: Client) -> None:
    provider.token = wrong
    assert refused(sign_in(client))


def test_provider_that_is_away_is_said(provider: Provider, client: Client, settings: Any) -> None:
    settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]["server_url"] = "http://127.0.0.1:1"
    page = tree(client.post(LOGIN), status=502)
    assert texts(page, ".//main//h1") == ["You are not signed in"]


# ── The pages ───────────────────────────────────────────────────────────────


def test_sign_in_page_offers_it_where_it_is_set_up(provider: Provider, client: Client) -> None:
    page = tree(client.get("/accounts/login/?next=/roles/"))
    form = page.find(f".//form[@action='{LOGIN}']")
    assert (words(form), form.find("input[@name='next']").get("value")) == ("Continue with Example", "/roles/")
    assert texts(tree(client.get(LOGIN)), ".//main//button") == ["Continue with Example"]
    assert "you come in by Example" in words(tree(client.get("/accounts/signup/")).find(".//main"))


def test_nothing_is_shown_where_it_is_not_set_up(client: Client) -> None:
    assert tree(client.get("/accounts/login/")).find(f".//form[@action='{LOGIN}']") is None
    assert (client.get(LOGIN).status_code, client.post(LOGIN).status_code) == (404, 404)
    client.force_login(UserFactory())
    menu = tree(client.get("/accounts/profile/")).find(".//nav[@aria-label='Your account']")
    assert "Single sign-on" not in words(menu)


def test_password_is_chosen_by_who_has_none(provider: Provider, client: Client) -> None:
    sign_in(client)
    page = tree(client.get("/accounts/password/change/", follow=True))
    assert texts(page, ".//main//h1") == ["Choose a password"]
    assert texts(page, ".//main//label") == ["New password", "New password, once more"]
    client.post("/accounts/password/set/", {"password1": PASSWORD, "password2": PASSWORD})
    assert User.objects.get().check_password(PASSWORD)
    assert Event.objects.filter(kind="password").values_list("what", flat=True)[0] == "Set"


def test_connection_is_made_and_taken_away_by_hand(provider: Provider, client: Client) -> None:
    noor = User.objects.create_user("noor@private.example", PASSWORD)
    EmailAddress.objects.create(user=noor, email=noor.email, verified=True, primary=True)
    client.post("/accounts/login/", {"login": noor.email, "password": PASSWORD})
    page = tree(client.get("/accounts/3rdparty/"))
    assert texts(page, ".//main//button")[-1:] == ["Connect Example"]
    assert sign_in(client, process="connect").headers["Location"] == "/accounts/3rdparty/"
    account = SocialAccount.objects.get(user=noor)
    page = tree(client.get("/accounts/3rdparty/"))
    assert texts(page, ".//main//fieldset//label")[0].startswith(NOOR)
    client.post("/accounts/3rdparty/", {"account": account.pk})
    assert not SocialAccount.objects.exists()
    assert list(Event.objects.filter(kind="single-sign-on").order_by("pk").values_list("what", flat=True)) == [
        "Connected: person-1",
        "Disconnected: person-1",
    ]
