"""The scoring policies in the admin."""

from typing import Any

import pytest
from django.test import Client

from accomplishments.models import Ratings, ScoringPolicy
from accomplishments.queries.evidence import policy_in_force
from accomplishments.services.policies import AddedMeanwhile, add
from tests.conftest import texts, tree, words
from tests.factories.accomplishments import entry
from tests.factories.people import UserFactory, ladder_editor

pytestmark = pytest.mark.django_db

LIST = "/admin/accomplishments/scoringpolicy/"
ADD = f"{LIST}add/"


@pytest.fixture
def superuser() -> Client:
    client = Client()
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    return client


def form(**changed: Any) -> dict[str, Any]:
    """What the form sends when it is saved as it was opened, but for these fields."""
    numbers = policy_in_force().to_dict()
    after = numbers.pop("version")
    return {**numbers, "after": after, "reason": "Because."} | changed


def test_policies_are_listed_newest_first(superuser: Client) -> None:
    ScoringPolicy.objects.create(version=2, reason="A second thought.")
    rows = tree(superuser.get(LIST)).findall(".//table[@id='result_list']/tbody/tr")
    assert [texts(row, ".//a") for row in rows] == [
        ["2", "A second thought."],
        ["1", "The policy that Ladder starts with."],
    ]


def test_policy_is_shown_and_not_to_be_changed(superuser: Client) -> None:
    page = tree(superuser.get(f"{LIST}{ScoringPolicy.objects.get().pk}/change/"))
    assert page.find(".//input[@name='owned']") is None
    assert page.find(".//input[@name='_save']") is None
    assert page.find(".//a[@class='deletelink']") is None
    assert texts(page, ".//div[@class='readonly']")[:1] == ["1"]


@pytest.mark.parametrize("verb", ["change", "delete"])
def test_policy_takes_no_change_and_no_deletion(verb: str, superuser: Client) -> None:
    address = f"{LIST}{ScoringPolicy.objects.get().pk}/{verb}/"
    assert superuser.post(address, form(owned="0.9") | {"post": "yes"}).status_code == 403
    assert ScoringPolicy.objects.get().owned == 1


def test_new_policy_starts_from_the_newest_numbers(superuser: Client) -> None:
    ScoringPolicy.objects.create(version=2, reason="A word counts more.", self_claimed="0.6")
    page = tree(superuser.get(ADD))
    given = {one.get("name"): one.get("value") for one in page.findall(".//form[@id='scoringpolicy_form']//input")}
    assert (given["self_claimed"], given["recency_full_months"], given["after"]) == ("0.6", "18", "2")
    assert given["reason"] is None


def test_new_policy_is_the_next_version_and_holds_at_once(
    superuser: Client, django_capture_on_commit_callbacks: Any
) -> None:
    made = entry(claims={"design": 1})
    with django_capture_on_commit_callbacks(execute=True):
        response = superuser.post(ADD, form(self_claimed="0.6", reason="  A word\x00 counts more. "))
    assert (response.status_code, response.headers["Location"]) == (302, LIST)
    policy = ScoringPolicy.objects.latest("version")
    assert (policy.version, policy.reason) == (2, "A word counts more.")
    assert str(policy_in_force().self_claimed) == "0.600"
    kept = Ratings.objects.get(person=made.person)
    assert (kept.policy, kept.fills["design"][0][0]) == (2, 0.6)


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"reason": " "}, "reason", "This field is required."),
        ({"led": "1.2"}, "led", "1.2 is not in 0..1"),
        ({"owned": "0.05", "led": "0", "contributed": "0", "assisted": "0"}, "owned", "0.05 is not in 0.1..1"),
        ({"contributed": "0.2"}, "contributed", "must be at least assisted (0.3)"),
        ({"full_2": "0.5"}, "full_2", "must be at least full_1 (1)"),
        ({"core": "nothing"}, "core", "Enter a number."),
        ({"recency_step_months": "0"}, "recency_step_months", "0 is not a whole number from 1"),
    ],
)
def test_new_policy_says_which_number_is_wrong(
    changed: dict[str, str], field: str, said: str, superuser: Client
) -> None:
    page = tree(superuser.post(ADD, form(**changed)))
    errors = [one for one in page.findall(".//div") if f"field-{field}" in (one.get("class") or "").split()]
    assert texts(errors[0], ".//ul[@class='errorlist']/li") == [said]
    assert page.find(f".//input[@name='{field}']").get("value") == changed[field]
    assert ScoringPolicy.objects.count() == 1


def test_new_policy_without_a_change_is_refused(superuser: Client) -> None:
    page = tree(superuser.post(ADD, form()))
    assert texts(page, ".//ul[@class='errorlist nonfield']/li") == ["Nothing differs from version 1."]
    assert ScoringPolicy.objects.count() == 1


def test_new_policy_begun_from_older_numbers_is_refused(superuser: Client) -> None:
    begun = form(self_claimed="0.6")
    ScoringPolicy.objects.create(version=2, reason="Somebody was quicker.", self_claimed="0.7")
    page = tree(superuser.post(ADD, begun))
    assert texts(page, ".//ul[@class='errorlist nonfield']/li")[0].startswith("Another version was added meanwhile.")
    assert ScoringPolicy.objects.count() == 2


def test_policy_added_at_the_same_moment_is_refused(superuser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both passed the check of the form; the database lets one in."""
    begun, old = form(self_claimed="0.6"), policy_in_force()
    ScoringPolicy.objects.create(version=2, reason="Somebody was quicker.", self_claimed="0.7")
    monkeypatch.setattr("accomplishments.admin.policy_in_force", lambda: old)
    response = superuser.post(ADD, begun)
    assert (response.status_code, response.headers["Location"]) == (302, ADD)
    monkeypatch.undo()
    page = tree(superuser.get(ADD))
    assert words(page.find(".//ul[@class='messagelist']")).startswith("Another version was added meanwhile.")
    assert page.find(".//input[@name='self_claimed']").get("value") == "0.7"
    with pytest.raises(AddedMeanwhile):
        add(after=1, numbers={}, reason="Too late.")


@pytest.mark.parametrize("staff", [True, False])
def test_policies_are_for_superusers(staff: bool, client: Client) -> None:
    client.force_login(ladder_editor() if staff else UserFactory())
    assert {client.get(address).status_code for address in (LIST, ADD)} == {403 if staff else 302}
    assert b"scoringpolicy" not in client.get("/admin/").content
