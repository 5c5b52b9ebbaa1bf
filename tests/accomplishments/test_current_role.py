"""Saying which role one holds."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from accomplishments.models import Record
from accomplishments.services.record import hold
from people.models import User
from tests.conftest import texts, tree, words
from tests.factories.people import UserFactory
from tests.factories.roles import published, role_at

pytestmark = pytest.mark.django_db

PAGE, PATH = "/record/role/", "data/science/l1"


@pytest.fixture(autouse=True)
def role(time_machine: Any) -> None:
    time_machine.move_to(datetime(2026, 7, 31, 9, 0, tzinfo=UTC), tick=False)
    published(role=PATH, title="Scientist", needs={"design": (1, "core")})
    published(role="data/science/l2", title="Senior Scientist")


@pytest.fixture
def me() -> User:
    return UserFactory()


@pytest.fixture
def mine(client: Client, me: User) -> Client:
    client.force_login(me)
    return client


def held(person: User) -> tuple[str, date | None]:
    record = Record.objects.filter(pk=person.pk).select_related("role").first()
    return (str(record.role) if record and record.role else "", record.since if record else None)


def test_current_role_offers_the_roles_by_ladder(mine: Client) -> None:
    page = tree(mine.get(PAGE))
    select = page.find(".//select[@name='role']")
    assert texts(select, "option") == ["None of these"]
    assert [(group.get("label"), texts(group, "option")) for group in select.findall("optgroup")] == [
        ("Data: Science", ["Scientist, L1", "Senior Scientist, L2"])
    ]
    assert page.find(".//input[@name='since']").get("type") == "date"


def test_current_role_shows_what_is_known(mine: Client, me: User) -> None:
    hold(by=me, role=role_at(PATH), since=date(2025, 3, 1))
    page = tree(mine.get(PAGE))
    assert [one.get("value") for one in page.findall(".//option[@selected]")] == [PATH]
    assert page.find(".//input[@name='since']").get("value") == "2025-03-01"


@pytest.mark.parametrize("since", [date(2025, 3, 1), date(2026, 7, 31), None])
def test_current_role_is_saved(since: date | None, mine: Client, me: User) -> None:
    response = mine.post(PAGE, {"role": PATH, "since": since or ""}, follow=True)
    assert response.redirect_chain == [("/", 302)]
    assert texts(tree(response), ".//div[@role='status']") == ["Your current role is saved."]
    assert held(me) == (PATH, since)


def test_current_role_none_clears_both(mine: Client, me: User) -> None:
    hold(by=me, role=role_at(PATH), since=date(2025, 3, 1))
    assert mine.post(PAGE, {"role": "", "since": "2025-03-01"}).status_code == 302
    assert held(me) == ("", None)


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"role": "data/science/l9"}, "role", "Choose a role from the list."),
        ({"role": "' OR 1=1"}, "role", "Choose a role from the list."),
        ({"since": "2026-08-01"}, "since", "This day is still to come. Name a role once you hold it."),
        ({"since": "1949-12-31"}, "since", "The earliest day is 1 January 1950."),
        ({"since": "yesterday\x00"}, "since", "Write the day as 2026-03-01."),
    ],
)
def test_current_role_says_what_is_wrong_and_keeps_what_was_typed(
    typed: dict[str, str], field: str, said: str, mine: Client, me: User
) -> None:
    response = mine.post(PAGE, {"role": PATH, "since": "2025-03-01"} | typed)
    assert response.status_code == 422
    response.status_code = 200
    page = tree(response)
    wrong = next(one for one in page.findall(".//form/div") if one.find(f".//*[@name='{field}']") is not None)
    assert texts(wrong, ".//ul[@class='errorlist']/li") == [said]
    if field == "since":
        assert wrong.find(".//input").get("value") == typed["since"]
        assert [one.get("value") for one in page.findall(".//option[@selected]")] == [PATH]
    assert held(me) == ("", None)


def test_current_role_that_is_in_force_no_more_may_stay(mine: Client, me: User) -> None:
    later = published(role="data/science/l3", title="Future Scientist", effective_from="2027-01-01")
    hold(by=me, role=later.role)
    assert [words(one) for one in tree(mine.get(PAGE)).findall(".//option[@selected]")] == [
        "data/science/l3, no longer in force"
    ]
    assert mine.post(PAGE, {"role": "data/science/l3", "since": "2026-01-01"}).status_code == 302
    assert held(me) == ("data/science/l3", date(2026, 1, 1))


def test_current_role_of_another_stays(mine: Client) -> None:
    other = UserFactory()
    hold(by=other, role=role_at("data/science/l2"))
    mine.post(PAGE, {"role": PATH, "since": ""})
    assert held(other) == ("data/science/l2", None)
