"""Who may read an entry: the word of the query set, and what the form makes of the choice."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, Permission
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accomplishments.choices import Visibility
from accomplishments.models import Accomplishment
from accomplishments.queries.entries import usual_visibility
from accomplishments.services.entries import Typed, add, archive, delete, save
from people.models import User
from tests.conftest import tree, words
from tests.factories.accomplishments import entry
from tests.factories.people import TeamFactory, UserFactory

pytestmark = pytest.mark.django_db

READERS = ("owner", "manager", "manager's manager", "same team", "colleague", "superuser")
ALONE, WITH_MANAGER = {"owner"}, {"owner", "manager"}


@pytest.fixture
def people() -> dict[str, User]:
    team, other = TeamFactory(slug="quotes"), TeamFactory(slug="data")
    above = UserFactory(name="Henrike", team=other)
    manager = UserFactory(name="Mara", manager=above, team=other)
    return {
        "owner": UserFactory(name="Noor", manager=manager, team=team),
        "manager": manager,
        "manager's manager": above,
        "same team": UserFactory(name="Sven", team=team),
        "colleague": UserFactory(name="Priya", team=other),
        "superuser": UserFactory(name="Ada", is_staff=True, is_superuser=True),
    }


def readers(people: dict[str, User], made: Accomplishment) -> set[str]:
    return {kind for kind in READERS if made in Accomplishment.objects.visible_to(people[kind])}


def owners(people: dict[str, User], made: Accomplishment) -> set[str]:
    return {kind for kind in READERS if made in Accomplishment.objects.owned_by(people[kind])}


@pytest.mark.parametrize(
    ("chosen", "who"),
    [
        (Visibility.PRIVATE, ALONE),
        (Visibility.MANAGER, WITH_MANAGER),
        (Visibility.TEAM, WITH_MANAGER | {"same team"}),
        (Visibility.EVERYONE, set(READERS)),
    ],
)
def test_logged_entry_is_read_as_far_as_its_owner_chose(
    chosen: Visibility, who: set[str], people: dict[str, User]
) -> None:
    made = entry(person=people["owner"], visibility=chosen)
    assert readers(people, made) == who
    assert owners(people, made) == ALONE
    confidential = entry(person=people["owner"], visibility=chosen, confidential=True)
    assert readers(people, confidential) == who & WITH_MANAGER


def test_draft_archived_and_deleted_are_read_by_their_owner_alone(people: dict[str, User]) -> None:
    draft, archived, deleted = (
        entry(person=people["owner"], visibility="everyone", log=log) for log in (False, True, True)
    )
    archive(entry=archived, by=people["owner"])
    delete(entry=deleted, by=people["owner"])
    assert [readers(people, made) for made in (draft, archived, deleted)] == [ALONE, ALONE, ALONE]


def test_nobody_is_of_the_team_of_those_who_have_none(people: dict[str, User]) -> None:
    User.objects.update(team=None)
    made = entry(person=people["owner"], visibility=Visibility.TEAM)
    people["same team"].refresh_from_db()
    assert readers(people, made) == WITH_MANAGER


def test_who_left_is_read_by_their_manager_alone(people: dict[str, User]) -> None:
    made = entry(person=people["owner"], visibility=Visibility.EVERYONE)
    User.objects.filter(pk=people["owner"].pk).update(is_active=False)
    assert readers(people, made) == WITH_MANAGER


def test_no_right_gives_anybody_more(people: dict[str, User]) -> None:
    made = entry(person=people["owner"], visibility=Visibility.MANAGER)
    people["colleague"].user_permissions.set(Permission.objects.all())
    assert readers(people, made) == WITH_MANAGER
    assert list(Accomplishment.objects.visible_to(AnonymousUser())) == []
    assert list(Accomplishment.objects.owned_by(AnonymousUser())) == []


def test_readers_are_found_in_one_query_with_joins_and_no_entry_twice(people: dict[str, User]) -> None:
    for _ in range(3):
        entry(person=people["owner"], visibility=Visibility.EVERYONE)
    with CaptureQueriesContext(connection) as queries:
        found = list(Accomplishment.objects.visible_to(people["manager"]))
    assert (len(queries), len(found), len(set(found))) == (1, 3, 3)
    assert queries[0]["sql"].count("JOIN") == 1


def test_database_refuses_another_visibility(people: dict[str, User]) -> None:
    made = entry(person=people["owner"])
    with pytest.raises(IntegrityError, match="entry_visibility_known"), transaction.atomic():
        Accomplishment.objects.filter(pk=made.pk).update(visibility="world")


# ── Chosen ──────────────────────────────────────────────────────────────────


def window(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def checked(page: Any) -> list[str]:
    return [one.get("value") for one in page.findall(".//input[@name='visibility']") if one.get("checked") is not None]


def test_form_offers_the_choice_and_begins_with_the_manager(people: dict[str, User]) -> None:
    page = tree(window(people["owner"]).get("/log/new/"))
    offered = [words(one) for one in page.findall(".//label") if one.find("./input[@name='visibility']") is not None]
    assert offered == ["Only me", "My manager", "My team and my manager", "Everyone here"]
    assert checked(page) == ["manager"]


def test_new_entry_begins_with_what_was_chosen_last(people: dict[str, User]) -> None:
    me = people["owner"]
    assert usual_visibility(me.pk) == Visibility.MANAGER
    first = entry(person=me, visibility=Visibility.TEAM)
    entry(person=me, visibility=Visibility.EVERYONE)
    assert usual_visibility(me.pk) == Visibility.EVERYONE
    save(entry=first, by=me, typed=Typed({"visibility": Visibility.PRIVATE}), edits=first.edits)
    assert usual_visibility(me.pk) == Visibility.PRIVATE
    assert checked(tree(window(me).get("/log/new/"))) == ["private"]
    assert add(by=me, typed=Typed({"title": "Noted in passing"}), log=False).visibility == Visibility.PRIVATE
    entry(person=people["colleague"], visibility=Visibility.EVERYONE)
    assert usual_visibility(me.pk) == Visibility.PRIVATE


def test_form_saves_the_choice_and_a_form_without_it_leaves_it(people: dict[str, User]) -> None:
    me = people["owner"]
    made = entry(person=me, visibility=Visibility.TEAM)
    data = {"title": "It", "part": "owned", "scope": "team", "ended_on": "2026-06-30", "do": "log"}
    for given, kept in (({}, "team"), ({"visibility": "private"}, "private"), ({"visibility": ""}, "private")):
        made.refresh_from_db()
        answer = window(me).post(f"/log/{made.pk}/edit/", data | given | {"entry": made.pk, "edits": made.edits})
        made.refresh_from_db()
        assert (answer.status_code, made.visibility) == (302, kept)
    answer = window(me).post(f"/log/{made.pk}/edit/", data | {"visibility": "world", "edits": made.edits})
    made.refresh_from_db()
    assert (answer.status_code, made.visibility) == (422, "private")


def test_change_of_readers_is_in_the_history_and_unverifies_nothing(people: dict[str, User]) -> None:
    me = people["owner"]
    made = entry(person=me, visibility=Visibility.PRIVATE)
    data = {"title": "Made a thing", "part": "owned", "scope": "feature", "ended_on": "2026-06-30", "do": "log"}
    window(me).post(f"/log/{made.pk}/edit/", data | {"visibility": "everyone", "edits": made.edits})
    newest = tree(window(me).get(f"/log/{made.pk}/history/")).find(".//main/ol/li")
    assert [words(cell) for cell in newest.iter() if cell.tag in {"th", "td"}][3:] == [
        "Who may read it",
        "Only me",
        "Everyone here",
    ]


def test_imported_entries_are_as_the_last_one_or_as_their_column_says(people: dict[str, User]) -> None:
    me = people["owner"]
    entry(person=me, visibility=Visibility.PRIVATE)
    head = "title,part,scope,ended_on,visibility"
    text = f"{head}\nOne,owned,team,2026-06-30,\nTwo,owned,team,2026-06-30,My team and my manager"
    page = tree(window(me).post("/log/import/", {"kind": "csv", "text": text}))
    seen = page.find(".//button[@name='seen']").get("value")
    assert window(me).post("/log/import/", {"kind": "csv", "text": text, "seen": seen}).status_code == 302
    made = Accomplishment.objects.exclude(origin="").order_by("title")
    assert list(made.values_list("title", "visibility")) == [("One", "private"), ("Two", "team")]
    wrong = window(me).post("/log/import/", {"kind": "csv", "text": "title,visibility\nA,world"})
    assert "visibility 'world' is not one of private, manager, team, everyone" in words(tree(wrong, 422))
