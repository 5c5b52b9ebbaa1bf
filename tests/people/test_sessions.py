"""Where somebody is signed in, and how they end that from elsewhere."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.test import Client

from audit.models import Event
from people.models import User
from people.templatetags.people import browser
from tests.conftest import texts, tree
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db

PASSWORD = "a-rung-at-a-time-9"
SESSIONS = "/accounts/sessions/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile Safari/604.1"


@pytest.fixture
def noor() -> User:
    user = User.objects.create_user("noor@ladder.example", PASSWORD, name="Noor")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def signed_in(agent: str, email: str = "noor@ladder.example") -> Client:
    client = Client(headers={"User-Agent": agent})
    assert client.post("/accounts/login/", {"login": email, "password": PASSWORD}).status_code == 302
    return client


def is_in(client: Client) -> bool:
    return client.get(SESSIONS).status_code == 200


@pytest.mark.usefixtures("noor")
def test_sessions_are_listed() -> None:
    first = signed_in(FIREFOX)
    signed_in(SAFARI)
    page = tree(first.get(SESSIONS))
    assert texts(page, ".//main//li/b") == ["Firefox on Windows", "Safari on iOS"]
    assert texts(page, ".//main//li/span[@class='status is-have']") == ["This one"]
    assert texts(page, ".//main//form/button") == ["End the others"]


# As it is by default, and with Redis in between.
@pytest.mark.parametrize("engine", ["db", "cached_db"])
def test_sessions_of_others_end_and_ones_own_stays(engine: str, noor: User, settings: Any) -> None:
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{engine}"
    stranger = User.objects.create_user("sven@ladder.example", PASSWORD)
    EmailAddress.objects.create(user=stranger, email=stranger.email, verified=True, primary=True)
    here, there, phone, sven = (
        signed_in(FIREFOX),
        signed_in(SAFARI),
        signed_in(SAFARI),
        signed_in(FIREFOX, stranger.email),
    )
    assert [is_in(one) for one in (here, there, phone, sven)] == [True] * 4
    page = tree(here.post(SESSIONS, follow=True))
    assert texts(page, ".//div[@role='status']/p")[-1] == "All your other sessions are ended."
    assert [is_in(one) for one in (here, there, phone, sven)] == [True, False, False, True]
    assert UserSession.objects.filter(user=noor).count() == 1
    assert list(Event.objects.filter(kind="sessions").values_list("by_name", "what")) == [
        ("Noor <noor@ladder.example>", "2 others")
    ]
    assert texts(tree(here.get(SESSIONS)), ".//main//form/button") == []


@pytest.mark.usefixtures("noor")
def test_sessions_with_none_to_end_leave_no_trace() -> None:
    here = signed_in(FIREFOX)
    here.post(SESSIONS)
    assert is_in(here)
    assert not Event.objects.filter(kind="sessions").exists()


@pytest.mark.usefixtures("noor")
def test_session_that_was_signed_out_is_not_listed() -> None:
    here, there = signed_in(FIREFOX), signed_in(SAFARI)
    there.post("/accounts/logout/")
    assert texts(tree(here.get(SESSIONS)), ".//main//li/b") == ["Firefox on Windows"]


def test_sessions_show_what_browsers_say_as_text() -> None:
    user, client = UserFactory(), Client()
    client.force_login(user)
    UserSession.objects.create(
        user=user, ip="192.0.2.7", session_key=client.session.session_key, user_agent="<script>alert(1)</script>"
    )
    assert texts(tree(client.get(SESSIONS)), ".//main//li/b") == ["A browser on an unknown system"]


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        (FIREFOX, "Firefox on Windows"),
        (SAFARI, "Safari on iOS"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36", "Chrome on Linux"),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/130.0 Safari/537.36 Edg/130.0", "Edge on macOS"),
        ("", "A browser on an unknown system"),
    ],
)
def test_browser_is_named(agent: str, said: str) -> None:
    assert browser(agent) == said
