"""What people say of themselves, and what follows from it."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from audit.choices import Kind
from audit.models import Event
from competencies.models import Revision
from ladder.locality import manner, today
from people.forms.profile import ProfileForm
from people.models import User
from tests.conftest import texts, tree, words
from tests.factories.people import TeamFactory, UserFactory

pytestmark = pytest.mark.django_db

PROFILE = "/accounts/profile/"
SAID = {"name": "Noor Haddad", "pronouns": "she/her", "time_zone": "Asia/Tokyo", "language": "en-us"}


def signed_in(**fields: Any) -> tuple[User, Client]:
    user, client = UserFactory(**fields), Client()
    client.force_login(user)
    return user, client


def test_profile_is_saved_and_shown() -> None:
    user, client = signed_in(name="Noor")
    response = client.post(PROFILE, SAID | {"name": " Noor  Haddad "})
    assert (response.status_code, response.headers["Location"]) == (302, PROFILE)
    user.refresh_from_db()
    assert {name: getattr(user, name) for name in SAID} == SAID
    page = tree(client.get(PROFILE))
    assert words(page.find(".//main//h1")) == "Noor Haddad she/her"
    assert [one.get("value") for one in page.findall(".//option[@selected]")] == ["Asia/Tokyo", "en-us"]


def test_profile_shows_what_only_an_admin_changes() -> None:
    manager = UserFactory(name="Sven")
    user, client = signed_in(email="noor@ladder.example", manager=manager, team=TeamFactory())
    assert texts(tree(client.get(PROFILE)), ".//dl/dd")[:3] == ["noor@ladder.example", "Sven", "Quotes"]
    client.post(PROFILE, SAID | {"manager": "", "team": "", "email": "x@ladder.example", "is_staff": "on"})
    user.refresh_from_db()
    assert (user.manager, user.team.slug, user.email, user.is_staff) == (
        manager,
        "quotes",
        "noor@ladder.example",
        False,
    )


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("name", ""),
        ("name", " \u200b "),
        ("name", "x" * 121),
        ("pronouns", "x" * 41),
        ("time_zone", "Middle/Earth"),
        ("time_zone", "Europe/../../etc/passwd"),
        ("language", "tlh"),
    ],
)
def test_profile_keeps_what_was_typed_and_says_what_is_wrong(field: str, wrong: str) -> None:
    user, client = signed_in(name="Noor")
    page = tree(client.post(PROFILE, SAID | {field: wrong}), status=422)
    assert [one.get("name") for one in page.findall(".//*[@aria-invalid='true']")] == [field]
    assert page.find(".//input[@name='pronouns']").get("value") == (wrong if field == "pronouns" else "she/her")
    user.refresh_from_db()
    assert (user.name, user.pronouns) == ("Noor", "")


def test_profile_writes_names_as_text() -> None:
    _, client = signed_in()
    client.post(PROFILE, SAID | {"name": "<b>Noor</b>", "pronouns": "<i>she</i>"})
    assert words(tree(client.get(PROFILE)).find(".//main//h1")) == "<b>Noor</b> <i>she</i>"


def test_profile_asks_the_same_queries_with_a_manager_and_a_team() -> None:
    _, client = signed_in(manager=UserFactory(), team=TeamFactory())
    with CaptureQueriesContext(connection) as asked:
        client.get(PROFILE)
    assert len(asked) == 4  # session, person, manager, team


def test_time_zones_are_places_by_continent() -> None:
    first, utc, *continents = ProfileForm().fields["time_zone"].choices
    assert (first, utc) == (("", "As the organisation has it: UTC"), ("UTC", "UTC"))
    areas = dict(continents)
    assert list(areas) == sorted(areas)
    assert ("America/Argentina/Buenos_Aires", "Argentina/Buenos Aires") in areas["America"]
    assert sum(len(places) for places in areas.values()) > 400


# ── What follows ────────────────────────────────────────────────────────────


def shown_to(**fields: Any) -> str:
    """The time of one act on the page of the trail, as somebody reads it."""
    _, client = signed_in(is_superuser=True, **fields)
    return texts(tree(client.get("/audit/?kind=admin")), ".//tbody/tr/td[1]")[0]


@pytest.mark.parametrize(
    ("time_zone", "language", "shown"),
    [
        ("", "", "1 Mar 2026, 23:05:00"),
        ("Asia/Tokyo", "", "2 Mar 2026, 08:05:00"),
        ("", "en-us", "Mar 1, 2026, 23:05:00"),
        ("America/New_York", "en-us", "Mar 1, 2026, 18:05:00"),
        ("Gone/Zone", "tlh", "1 Mar 2026, 23:05:00"),
        ("../secret", "", "1 Mar 2026, 23:05:00"),
    ],
)
def test_times_are_written_as_the_person_is_used_to(time_zone: str, language: str, shown: str) -> None:
    Event.objects.create(kind=Kind.ADMIN, at=datetime(2026, 3, 1, 23, 5, tzinfo=UTC))
    assert shown_to(time_zone=time_zone, language=language) == shown


def test_time_zone_of_one_request_is_gone_with_it() -> None:
    Event.objects.create(kind=Kind.ADMIN, at=datetime(2026, 3, 1, 23, 5, tzinfo=UTC))
    shown_to(time_zone="Asia/Tokyo", language="en-us")
    assert shown_to() == "1 Mar 2026, 23:05:00"


def test_page_says_its_language() -> None:
    _, client = signed_in(language="en-us")
    assert tree(client.get(PROFILE)).find("html").get("lang") == "en-us"
    assert tree(Client().get("/accounts/login/")).find("html").get("lang") == "en-gb"


def test_stranger_is_not_looked_up(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        Client().get("/health/")


def test_day_of_the_catalogue_is_the_installations_for_everyone(time_machine: Any) -> None:
    time_machine.move_to("2026-03-01T23:05:00Z", tick=False)
    with timezone.override("Asia/Tokyo"):
        assert (timezone.localdate(), today()) == (date(2026, 3, 2), date(2026, 3, 1))
        assert Revision.stamp().endswith(":20260301")


def test_what_is_kept_with_times_written_out_is_kept_for_each_manner() -> None:
    with timezone.override("Asia/Tokyo"), translation.override("en-us"):
        assert manner() == "en-us:Asia/Tokyo"
    assert manner() == "en-gb:UTC"
