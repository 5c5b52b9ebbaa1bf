"""So many tries at signing in, signing up and resetting a password, with a cache and without one."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import caches
from django.test import Client

from ladder.cache import ForgivingRedis
from people.models import User
from tests.conftest import texts, tree

pytestmark = pytest.mark.django_db

PASSWORD = "a-rung-at-a-time-9"
NOOR = "noor@ladder.example"
NOWHERE = "redis://127.0.0.1:1/0"  # nothing listens there


@pytest.fixture
def noor() -> User:
    user = User.objects.create_user(NOOR, PASSWORD, name="Noor")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def sign_in(client: Client, number: int) -> Any:
    """Each time to another address, so that only where it comes from counts."""
    return client.post("/accounts/login/", {"login": f"{number}@ladder.example", "password": "wrong"})


def sign_up(client: Client, number: int) -> Any:
    """Without a password, so that no account is made."""
    return client.post("/accounts/signup/", {"name": "Nia", "email": f"{number}@ladder.example"})


def reset(client: Client, number: int) -> Any:
    return client.post("/accounts/password/reset/", {"email": f"{number}@ladder.example"})


def reset_of_one(client: Client, number: int) -> Any:
    return client.post("/accounts/password/reset/", {"email": NOOR})


def guess(client: Client, number: int) -> Any:
    """The password of one account."""
    return client.post("/accounts/login/", {"login": NOOR, "password": f"wrong-{number}"})


def passkey(client: Client, number: int) -> Any:
    return client.post("/accounts/2fa/webauthn/login/", {"credential": "{}"})


# What is tried, how often it may be in a minute (guesses: in five), and the seconds that one is told to wait.
LIMITS: list[tuple[Callable[[Client, int], Any], int, int]] = [
    (sign_in, 10, 300),
    (guess, 5, 300),
    (sign_up, 20, 60),
    (reset, 20, 60),
    (reset_of_one, 5, 60),
    (passkey, 10, 60),
]


@pytest.mark.usefixtures("noor")
@pytest.mark.parametrize(("act", "most", "wait"), LIMITS)
def test_limit_is_answered_with_when_to_come_back(act: Any, most: int, wait: int, client: Client) -> None:
    assert {act(client, number).status_code for number in range(most)} <= {200, 302}
    refused = act(client, most)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, str(wait))
    assert texts(tree(refused, status=429), ".//main//h1") == ["That was too often"]


@pytest.mark.usefixtures("noor")
def test_limit_of_guesses_holds_for_the_right_password_too_and_for_that_account_alone() -> None:
    for number in range(6):
        guess(Client(REMOTE_ADDR=f"192.0.2.{number}"), number)
    right = Client(REMOTE_ADDR="192.0.2.9").post("/accounts/login/", {"login": NOOR, "password": PASSWORD})
    assert right.status_code == 429
    other = User.objects.create_user("sven@ladder.example", PASSWORD)
    signed_in = Client(REMOTE_ADDR="192.0.2.9").post("/accounts/login/", {"login": other.email, "password": PASSWORD})
    assert signed_in.status_code == 302


def test_limit_of_one_address_is_not_that_of_another() -> None:
    here, there = Client(REMOTE_ADDR="192.0.2.1"), Client(REMOTE_ADDR="192.0.2.2")
    assert [sign_up(here, number).status_code for number in range(21)][-1] == 429
    assert sign_up(there, 1).status_code == 200


@pytest.mark.usefixtures("noor")
@pytest.mark.parametrize(("act", "most", "wait"), LIMITS)
def test_without_a_cache_nobody_is_kept_out(
    act: Any, most: int, wait: int, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caches._connections, "default", ForgivingRedis(NOWHERE, {}), raising=False)
    assert {act(client, number).status_code for number in range(most + 1)} <= {200, 302}
    response = client.post("/accounts/login/", {"login": NOOR, "password": PASSWORD})
    assert (response.status_code, client.get("/accounts/profile/").status_code) == (302, 200)


@pytest.mark.usefixtures("noor")
def test_without_a_cache_mail_still_goes_out(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caches._connections, "default", ForgivingRedis(NOWHERE, {}), raising=False)
    assert reset_of_one(client, 1).status_code == 302
    assert [message.to for message in mail.outbox] == [[NOOR]]
