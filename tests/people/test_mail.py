"""Which mail somebody gets, when it may go, and how one is rid of it."""

import re
from datetime import UTC, datetime, time
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.core.signing import Signer
from django.test import Client
from django.utils import timezone

from outbox.choices import State
from outbox.mail import deliver
from outbox.models import Message, Refusal, refused_as
from outbox.services import sweep
from people.choices import MUTABLE, WHEN, Kind
from people.mail import STOPS, is_wanted, letter, may_go, stop_address, write
from people.models import User
from tests.conftest import texts, tree, words
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db

PAGE = "/accounts/mail/"
NIGHT = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)  # half past eleven in Berlin
MORNING = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)  # seven there
BERLIN = {"time_zone": "Europe/Berlin", "quiet_from": time(22), "quiet_until": time(7)}
WAITS = {"entries": []}


@pytest.fixture
def noor() -> User:
    return UserFactory(name="Noor Haddad", email="noor@ladder.example")


@pytest.fixture
def through_the_outbox(settings: Any) -> None:
    settings.EMAIL_BACKEND = "outbox.backend.Outbox"
    settings.OUTBOX_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def client_of(person: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(person)
    return client


def told(kind: Kind, to: User | str) -> None:
    write(kind, "expired", "Hello", to, WAITS)


# ── Kinds ───────────────────────────────────────────────────────────────────


def test_every_kind_says_when_it_comes() -> None:
    assert set(WHEN) == set(Kind)
    assert [kind for kind in Kind if not kind.can_be_muted] == [Kind.OUTSIDE, Kind.ACCOUNT, Kind.PRIVACY]


@pytest.mark.parametrize("kind", MUTABLE)
def test_muted_kind_is_not_written(kind: Kind, noor: User) -> None:
    User.objects.filter(pk=noor.pk).update(muted=[kind])
    noor.refresh_from_db()
    for one in Kind:
        told(one, noor)
    got = [letter.kind for letter in mail.outbox]  # type: ignore[attr-defined]
    assert got == [one for one in Kind if one != kind]


def test_who_left_gets_only_what_is_about_account_and_data(noor: User) -> None:
    User.objects.filter(pk=noor.pk).update(is_active=False)
    noor.refresh_from_db()
    assert [kind for kind in Kind if is_wanted(kind, noor)] == [Kind.OUTSIDE, Kind.ACCOUNT, Kind.PRIVACY]


# ── When ────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("through_the_outbox")
def test_mail_waits_until_the_quiet_hours_end(django_capture_on_commit_callbacks: Any) -> None:
    sleeper = UserFactory(**BERLIN)
    with time_machine.travel(NIGHT, tick=False), django_capture_on_commit_callbacks(execute=True):
        told(Kind.ANSWER, sleeper)
    message = Message.objects.get()
    assert (message.state, message.next_try, message.tries, message.taken_until) == (State.WAITING, MORNING, 0, None)
    with time_machine.travel(MORNING.replace(hour=5, minute=59), tick=False):
        assert sweep() == 0
    with time_machine.travel(MORNING, tick=False):
        assert sweep() == 1
    assert [one.to for one in mail.outbox] == [[sleeper.email]]


@pytest.mark.usefixtures("through_the_outbox")
@pytest.mark.parametrize("kind", [Kind.ACCOUNT, Kind.PRIVACY])
def test_mail_about_account_and_data_never_waits(kind: Kind, django_capture_on_commit_callbacks: Any) -> None:
    with time_machine.travel(NIGHT, tick=False), django_capture_on_commit_callbacks(execute=True):
        told(kind, UserFactory(**BERLIN))
    assert Message.objects.get().state == State.SENT


@pytest.mark.usefixtures("through_the_outbox")
def test_mail_to_people_outside_never_waits(django_capture_on_commit_callbacks: Any) -> None:
    with time_machine.travel(NIGHT, tick=False), django_capture_on_commit_callbacks(execute=True):
        told(Kind.OUTSIDE, "ola@elsewhere.example")
    assert Message.objects.get().state == State.SENT


@pytest.mark.usefixtures("through_the_outbox")
def test_refusing_server_does_not_bring_mail_into_the_quiet_hours(settings: Any) -> None:
    settings.OUTBOX_BACKEND = "tests.outbox.broken.EmailBackend"
    with time_machine.travel(datetime(2026, 11, 20, 20, 59, 30, tzinfo=UTC), tick=False):
        told(Kind.ANSWER, UserFactory(**BERLIN))
        message = Message.objects.get()
        assert deliver(message.pk) is False
    settings.OUTBOX_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with time_machine.travel(datetime(2026, 11, 20, 21, 1, tzinfo=UTC), tick=False):
        sweep()
    message.refresh_from_db()
    assert (message.state, message.next_try, message.tries) == (State.WAITING, MORNING, 1)


@pytest.mark.usefixtures("through_the_outbox")
@pytest.mark.parametrize(
    ("changed", "state"),
    [
        ({"muted": [Kind.ANSWER]}, State.DROPPED),
        ({"is_active": False}, State.DROPPED),
        ({"email": "other@ladder.example"}, State.DROPPED),
        ({"time_zone": "America/New_York"}, State.WAITING),
        ({"quiet_until": time(9)}, State.WAITING),
        ({"muted": [Kind.DIGEST]}, State.SENT),
        ({"quiet_from": None, "quiet_until": None}, State.SENT),
    ],
)
def test_what_changed_since_the_promise_holds(changed: dict[str, Any], state: State) -> None:
    """Looked at when it is sent: a row follows the preferences, the time zone and the account, whoever changes them."""
    with time_machine.travel(MORNING, tick=False):
        told(Kind.ANSWER, UserFactory(**BERLIN))
        User.objects.update(**changed)
        message = Message.objects.get()
        deliver(message.pk)
    message.refresh_from_db()
    assert (message.state, len(mail.outbox)) == (state, state == State.SENT)
    assert (message.text == "", message.tries) == (state != State.WAITING, state != State.WAITING)


@pytest.mark.parametrize("zone", ["", "Europe/Nowhere", "../etc/passwd", "/etc"])
def test_zone_that_is_none_is_the_installations(zone: str, settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Tokyo"
    assert str(UserFactory.build(time_zone=zone).zone) == "Asia/Tokyo"
    assert str(UserFactory.build(time_zone="Europe/Berlin").zone) == "Europe/Berlin"


# ── The page ────────────────────────────────────────────────────────────────


def test_mail_page_shows_what_is_chosen(noor: User) -> None:
    User.objects.filter(pk=noor.pk).update(muted=["digest"], **BERLIN)
    page = tree(client_of(noor).get(PAGE))
    ticked = {box.get("value"): box.get("checked") is not None for box in page.findall(".//input[@name='kinds']")}
    assert ticked == {kind.value: kind != Kind.DIGEST for kind in MUTABLE}
    assert page.find(".//input[@name='quiet_from']").get("value") == "22:00"
    assert "Clocks are those of Europe/Berlin" in texts(page, ".//p[@class='helptext']")[1]
    here = [link.get("href") for link in page.findall(".//nav[@class='subnav']//a[@aria-current='page']")]
    assert here == [PAGE]


def test_mail_page_keeps_what_is_chosen(noor: User) -> None:
    data = {"kinds": ["question", "answer"], "quiet_from": "22:00", "quiet_until": "06:30"}
    response = client_of(noor).post(PAGE, data)
    assert (response.status_code, response.headers["Location"]) == (302, PAGE)
    noor.refresh_from_db()
    assert noor.muted == ["digest", "expired", "reminder", "settled"]
    assert (noor.quiet_from, noor.quiet_until) == (time(22), time(6, 30))
    client_of(noor).post(PAGE, {"csrfmiddlewaretoken": "x"})  # nothing ticked, nothing quiet
    noor.refresh_from_db()
    assert (noor.muted, noor.quiet_from) == (sorted(MUTABLE), None)


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        (
            {"quiet_from": "22:00"},
            "quiet_until",
            "Quiet hours need a beginning and an end: give both times, or neither.",
        ),
        (
            {"quiet_until": "07:00"},
            "quiet_from",
            "Quiet hours need a beginning and an end: give both times, or neither.",
        ),
        (
            {"quiet_from": "07:00", "quiet_until": "07:00"},
            "quiet_until",
            "These hours would never end: choose another time.",
        ),
        ({"quiet_from": "25:00", "quiet_until": "07:00"}, "quiet_from", "Write a time of the day, such as 22:00."),
    ],
)
def test_mail_page_says_what_is_wrong_and_keeps_what_was_typed(
    given: dict[str, str], field: str, said: str, noor: User
) -> None:
    response = client_of(noor).post(PAGE, {"kinds": ["answer"], **given})
    page = tree(response, 422)
    there = page.find(f".//input[@name='{field}']/..")
    assert texts(there, "ul/li") == [said]
    for name, value in given.items():
        assert page.find(f".//input[@name='{name}']").get("value") == value
    assert [box.get("value") for box in page.findall(".//input[@name='kinds']") if box.get("checked") is not None] == [
        "answer"
    ]
    noor.refresh_from_db()
    assert (noor.muted, noor.quiet_from) == ([], None)


@pytest.mark.parametrize("kind", ["account", "privacy", "outside", "nothing"])
def test_mail_page_takes_no_kind_that_is_no_choice(kind: str, noor: User) -> None:
    assert client_of(noor).post(PAGE, {"kinds": [kind]}).status_code == 422


def test_mail_page_asks_strangers_to_sign_in() -> None:
    assert Client().get(PAGE).headers["Location"] == f"/accounts/login/?next={PAGE}"


# ── No more of it ───────────────────────────────────────────────────────────


def path_of(address: str) -> str:
    return address.removeprefix("http://127.0.0.1:8000")


@pytest.fixture
def link(noor: User) -> str:
    return path_of(stop_address(Kind.ANSWER, noor))


@pytest.mark.parametrize("kind", MUTABLE)
def test_mail_says_how_one_is_rid_of_it(kind: Kind, noor: User) -> None:
    told(kind, noor)
    (sent,) = mail.outbox
    address = stop_address(kind, noor)
    assert sent.extra_headers == {
        "List-Unsubscribe": f"<{address}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    read = message_from_bytes(sent.message().as_bytes(), policy=default)
    assert read["List-Unsubscribe"].strip() == f"<{address}>"  # too long for a line, and still in one piece
    assert f"No more of these: {address}\n" in sent.body
    assert f'<a href="{address}">No more of these</a>' in sent.alternatives[0][0]


@pytest.mark.parametrize("kind", [Kind.ACCOUNT, Kind.PRIVACY])
def test_mail_that_must_come_offers_no_end_to_it(kind: Kind, noor: User) -> None:
    told(kind, noor)
    (sent,) = mail.outbox
    assert (sent.extra_headers, "/accounts/mail/" in sent.body, "/stop/" in sent.alternatives[0][0]) == (
        {},
        False,
        False,
    )


def test_one_click_mutes_without_session_cookie_or_token(link: str, noor: User) -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post(link, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
    assert (response.status_code, client.cookies) == (200, {})
    noor.refresh_from_db()
    assert noor.muted == ["answer"]
    assert client.post(link).status_code == 200
    noor.refresh_from_db()
    assert noor.muted == ["answer"]


def test_opened_link_changes_nothing_and_shows_a_button(link: str, noor: User) -> None:
    response = Client().get(link)
    page = tree(response)
    assert texts(page, ".//main//button") == ["Stop these mails"]
    assert (response.headers["X-Robots-Tag"], "no-store" in response.headers["Cache-Control"]) == ("noindex", True)
    noor.refresh_from_db()
    assert noor.muted == []
    done = tree(Client().post(link, {"stop": "1"}))
    assert (words(done.find(".//h1")), texts(done, ".//main//button")) == (
        "You get no more of these",
        ["Send them again"],
    )
    tree(Client().post(link, {"again": "1"}))
    noor.refresh_from_db()
    assert noor.muted == []


def test_link_leaves_other_kinds_as_they_are(link: str, noor: User) -> None:
    User.objects.filter(pk=noor.pk).update(muted=["digest"])
    Client().post(link)
    noor.refresh_from_db()
    assert noor.muted == ["answer", "digest"]


def test_link_works_after_years(noor: User) -> None:
    with time_machine.travel(datetime(2026, 1, 1, tzinfo=UTC)):
        link = path_of(stop_address(Kind.DIGEST, noor))
    with time_machine.travel(datetime(2032, 1, 1, tzinfo=UTC)):
        assert Client().post(link).status_code == 200


def test_link_with_any_character_changed_opens_nothing(link: str, noor: User) -> None:
    signed = link.removeprefix("/accounts/mail/stop/").removesuffix("/")
    found = set()
    for place, there in enumerate(signed):
        for other in {"A", "B", there.swapcase()} - {there}:
            cache.clear()  # the limit
            found.add(Client().post(f"/accounts/mail/stop/{signed[:place]}{other}{signed[place + 1 :]}/").status_code)
    assert found == {404}
    noor.refresh_from_db()
    assert noor.muted == []


def test_link_that_is_made_up_opens_nothing(noor: User) -> None:
    forged = [
        Signer(salt="people.mail.stop", key="guessed").sign(f"{noor.pk}:answer"),
        Signer(salt="another").sign(f"{noor.pk}:answer"),
        f"{noor.pk}:answer",
        STOPS.sign(f"{noor.pk}:account"),  # none that we make; signed all the same
        STOPS.sign(f"{noor.pk}:gone"),
        STOPS.sign("999999:answer"),
        STOPS.sign("answer"),
    ]
    assert {Client().post(f"/accounts/mail/stop/{one}/").status_code for one in forged} == {404}
    noor.refresh_from_db()
    assert noor.muted == []


def test_links_of_two_people_and_of_two_kinds_differ(noor: User) -> None:
    made = {stop_address(kind, who) for kind in MUTABLE for who in (noor, UserFactory())}
    assert len(made) == 2 * len(MUTABLE)


# ── Outside ─────────────────────────────────────────────────────────────────

OLA = "ola@elsewhere.example"


def test_person_outside_is_never_written_to_again() -> None:
    told(Kind.OUTSIDE, OLA)
    (sent,) = mail.outbox
    found = re.search(r"Don't ask me again: (\S+)", sent.body)
    assert found
    link = path_of(found.group(1))
    assert (OLA in link, sent.extra_headers["List-Unsubscribe"]) == (False, f"<{found.group(1)}>")
    assert texts(tree(Client().get(link)), ".//main//button") == ["Don’t ask me again"]
    assert (Refusal.objects.count(), is_wanted(Kind.OUTSIDE, OLA)) == (0, True)
    done = Client(enforce_csrf_checks=True).post(link, {"List-Unsubscribe": "One-Click"})
    assert words(tree(done).find(".//h1")) == "Nobody asks you any more"
    told(Kind.OUTSIDE, "Ola@Elsewhere.example")
    assert (len(mail.outbox), is_wanted(Kind.OUTSIDE, "eva@elsewhere.example")) == (1, True)
    Client().post(link, {"again": "1"})
    assert is_wanted(Kind.OUTSIDE, OLA)


def test_refusal_names_nobody() -> None:
    Client().post(path_of(stop_address(Kind.OUTSIDE, OLA)))
    (row,) = Refusal.objects.values()
    assert (row["address"], OLA in str(row)) == (refused_as(OLA), False)


@pytest.mark.usefixtures("through_the_outbox")
def test_mail_that_waits_is_dropped_when_they_refuse() -> None:
    told(Kind.OUTSIDE, OLA)
    Client().post(path_of(stop_address(Kind.OUTSIDE, OLA)))
    message = Message.objects.get()
    assert deliver(message.pk) is False
    message.refresh_from_db()
    assert (message.state, message.text, len(mail.outbox)) == (State.DROPPED, "", 0)


def test_person_outside_who_makes_an_account_has_choices_of_their_own() -> None:
    Client().post(path_of(stop_address(Kind.OUTSIDE, OLA)))
    ola = UserFactory(email=OLA)
    assert (is_wanted(Kind.QUESTION, ola), may_go(Kind.QUESTION, OLA) is not None) == (True, True)


# ── What stands in it ───────────────────────────────────────────────────────

NASTY = [
    "Noor\r\nBcc: all@ladder.example",
    'Noor "<script>alert(1)</script>" O\'Neil & Sons',
    "N" * 400,
    "Ñóor 🪜 نور 诺尔",
    "=?utf-8?q?Subject?=",
    "{{ settings.SECRET_KEY }}{% now 'Y' %}",
]


@pytest.mark.parametrize("name", NASTY)
def test_whatever_somebody_is_called_stays_text(name: str, noor: User) -> None:
    context = {"by": name, "entry": {"title": name}, "owner": name, "claim": name, "link": "https://x.example/"}
    made = letter(Kind.SETTLED, "settled", f"{name} settled it", noor, context)
    read = message_from_bytes(made.message().as_bytes(), policy=default)
    assert (read["Bcc"], read["To"], len(read.get_all("Subject"))) == (None, "noor@ladder.example", 1)
    assert len(str(read["Subject"]).strip()) <= 200
    text, html = (read.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert " ".join(name.split()) in " ".join(text.split())
    assert "<script" not in html
    assert ("&lt;script&gt;" in html) == ("<script" in name)
    page = re.sub(r"<(meta|br)\b[^>]*>", "", html)
    assert page.count("<p>") == page.count("</p>")


def test_mail_has_nothing_that_is_fetched_from_elsewhere(noor: User) -> None:
    told(Kind.DIGEST, noor)
    html = mail.outbox[0].alternatives[0][0]
    assert re.findall(r"<img|<link|<script|url\(|@import|src=", html) == []
    assert set(re.findall(r'href="(http://[^/"]+)', html)) == {"http://127.0.0.1:8000"}


def test_moment_of_now_is_ours() -> None:
    with time_machine.travel(NIGHT, tick=False):
        assert may_go("", "anybody@ladder.example") == timezone.now()
