"""`manage.py load_demo` and `manage.py remove_demo`."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accomplishments.choices import Answer, State
from accomplishments.forms.demo_file import attached, people, story
from accomplishments.models import Accomplishment, Record
from accomplishments.services import entries
from people.models import Team, User
from tests.factories.accomplishments import claim_of, entry, verified
from tests.factories.people import TeamFactory, UserFactory

pytestmark = pytest.mark.django_db

TWELVE = [key for key, one in people().items() if one.team]


def run(command: str, **options: Any) -> str:
    out = StringIO()
    call_command(command, stdout=out, **options)
    return out.getvalue()


def load(**options: Any) -> str:
    return run("load_demo", **options)


def rows() -> dict[str, list[Any]]:
    """Everything in the database, save what Django keeps for itself."""
    return {
        str(model._meta): list(model._base_manager.order_by("pk").values())
        for model in apps.get_models(include_auto_created=True)
        if model._meta.label not in {"contenttypes.ContentType", "auth.Permission", "sessions.Session"}
    }


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    """Where the files of this test go."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def counts() -> dict[str, int]:
    """Rows of every table. The trail only grows, whatever is done; what stands there names who was there."""
    return {
        str(model._meta): model._base_manager.count()
        for model in apps.get_models(include_auto_created=True)
        if model._meta.label != "audit.Event"
    }


# ── People ──────────────────────────────────────────────────────────────────


def test_load_demo_makes_twelve_people_in_two_teams_and_three_beside() -> None:
    assert load() == "15 demo people and 0 entries are new; password climb-the-ladder\n"
    everyone = User.objects.order_by("email").select_related("manager", "team")
    assert [
        (one.email, one.manager and one.manager.email, one.team and one.team.name, one.is_staff, one.is_superuser)
        for one in everyone
    ] == [
        ("admin@ladder.example", None, None, True, True),
        ("aroha@ladder.example", "ewa@ladder.example", "Data platform", False, False),
        ("dilnoza@ladder.example", "ewa@ladder.example", "Data platform", False, False),
        ("editor@ladder.example", None, None, True, False),
        ("engineer@ladder.example", "manager@ladder.example", "Quotes", False, False),
        ("ewa@ladder.example", "hr@ladder.example", "Data platform", False, False),
        ("hana@ladder.example", "manager@ladder.example", "Quotes", False, False),
        ("hr@ladder.example", None, None, True, False),
        ("kwame@ladder.example", "manager@ladder.example", "Quotes", False, False),
        ("lucia@ladder.example", "manager@ladder.example", "Quotes", False, False),
        ("manager@ladder.example", "hr@ladder.example", "Quotes", False, False),
        ("mateus@ladder.example", "ewa@ladder.example", "Data platform", False, False),
        ("panel@ladder.example", "ewa@ladder.example", "Data platform", False, False),
        ("staff@ladder.example", "manager@ladder.example", "Quotes", False, False),
        ("tevita@ladder.example", "manager@ladder.example", "Quotes", False, False),
    ]
    assert {one.email: [group.name for group in one.groups.all()] for one in everyone if one.groups.exists()} == {
        "editor@ladder.example": ["Ladder editors"],
        "hr@ladder.example": ["HR admins"],
        "panel@ladder.example": ["Panel members"],
    }


def test_load_demo_people_can_sign_in() -> None:
    load()
    assert [one.email for one in User.objects.all() if not one.check_password("climb-the-ladder")] == []
    assert EmailAddress.objects.filter(verified=True, primary=True).count() == 15


def test_load_demo_editor_may_edit_roles() -> None:
    load()
    assert [one.email for one in User.objects.order_by("email") if one.has_perm("roles.change_roleversion")] == [
        "admin@ladder.example",
        "editor@ladder.example",
    ]


def test_load_demo_keeps_what_somebody_changed() -> None:
    load()
    User.objects.filter(email="hr@ladder.example").update(name="Someone else")
    load()
    assert User.objects.get(email="hr@ladder.example").name == "Someone else"


def test_load_demo_is_refused_where_it_is_not_allowed(settings: Any) -> None:
    settings.DEMO_ALLOWED = False
    with pytest.raises(CommandError, match="never loaded in production"):
        load()
    assert User.objects.count() == 0


def test_load_demo_unless_removed_comes_to_an_empty_database_only() -> None:
    somebody = UserFactory()
    assert load(unless_removed=True) == "0 demo people and 0 entries are new; password climb-the-ladder\n"
    assert list(User.objects.all()) == [somebody]
    somebody.delete()
    load(unless_removed=True)
    assert User.objects.count() == 15
    UserFactory()
    User.objects.get(email="hana@ladder.example").delete()
    assert load(unless_removed=True).startswith("1 demo people")  # the demo is there, and is made whole


# ── Stories ─────────────────────────────────────────────────────────────────


def test_load_demo_brings_the_stories_when_there_is_a_framework(request: pytest.FixtureRequest) -> None:
    load()
    assert (Accomplishment.objects.count(), Record.objects.count()) == (0, 0)
    request.getfixturevalue("catalogue")
    told = sum(len(story(key).entries) for key in TWELVE)
    assert load() == f"0 demo people and {told} entries are new; password climb-the-ladder\n"
    assert (Accomplishment.objects.count(), Record.objects.count()) == (told, 12)


@pytest.mark.usefixtures("catalogue")
@pytest.mark.usefixtures("catalogue")
@pytest.mark.usefixtures("catalogue")
@pytest.mark.usefixtures("catalogue")
@pytest.mark.usefixtures("catalogue")
def test_load_demo_twice_changes_nothing_and_asks_once() -> None:
    load()
    before = rows()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert load() == "0 demo people and 0 entries are new; password climb-the-ladder\n"
    assert [one["sql"].split()[0] for one in queries] == ["SAVEPOINT", "SELECT", "RELEASE"]
    assert rows() == before


@pytest.mark.usefixtures("catalogue")
def test_load_demo_does_not_touch_what_a_visitor_changed() -> None:
    load()
    noor = User.objects.get(email="engineer@ladder.example")
    changed, deleted = noor.accomplishments.filter(state=State.LOGGED)[:2]
    Accomplishment.objects.filter(pk=changed.pk).update(title="In my own words")
    entries.delete(entry=deleted, by=noor)
    noor.targets.all().delete()
    User.objects.get(email="kwame@ladder.example").delete()
    before = {name: kept for name, kept in rows().items() if name != "people.user"}
    assert load().startswith("1 demo people")
    after = rows()
    for name in ("accomplishments.accomplishment", "accomplishments.target", "accomplishments.event"):
        mine = [row for row in after[name] if row in before[name]]
        assert mine == before[name]


# ── Out again ───────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("catalogue")
def test_remove_demo_leaves_every_table_as_it_was(folder: Path, django_capture_on_commit_callbacks: Any) -> None:
    before = counts()
    load()
    assert [path.read_bytes() for path in folder.rglob("*") if path.is_file()] == [attached("replay-of-a-monday.md")]
    loaded = counts()
    assert all(loaded[name] > before[name] for name in ("people.user", "people.team", "accomplishments.event"))
    told = loaded["accomplishments.accomplishment"]
    with django_capture_on_commit_callbacks(execute=True):
        said = run("remove_demo").splitlines()
    assert said == [
        f"Removed 15 demo people, {told} entries, 1 file and 2 teams.",
        "Where nobody else has an account, `make run` brings them back, unless LADDER_DEMO=0.",
    ]
    assert counts() == before
    assert [path for path in folder.rglob("*") if path.is_file()] == []


@pytest.mark.usefixtures("catalogue")
def test_remove_demo_leaves_the_organisation_alone() -> None:
    """Somebody of the organisation, with an entry, in a team, verified by a colleague, before the demo came."""
    one, other = UserFactory(team=TeamFactory(slug="quotes")), UserFactory()
    Group.objects.create(name="Panel members").user_set.add(other)
    mine = entry(person=one, claims={"databases": 2, "leadership": 1})
    verified(claim_of(mine, "databases"), by=other)
    before = rows()
    load()
    # what only the demo makes them share: a manager, a team of the demo, a statement
    noor = User.objects.get(email="engineer@ladder.example")
    team = noor.team
    User.objects.filter(pk=one.pk).update(manager=noor.manager)
    User.objects.filter(pk=other.pk).update(team=team)
    said = verified(claim_of(mine, "leadership"), by=noor)
    run("remove_demo")
    said.refresh_from_db()
    assert (said.verifier, said.name, said.answer) == (None, "Noor Haddad", Answer.CONFIRMED)
    said.delete()
    one.refresh_from_db()
    assert one.manager is None
    assert list(Team.objects.order_by("slug")) == [team, one.team]  # somebody else is in it now
    User.objects.filter(pk=other.pk).update(team=None)
    team.delete()
    after = rows()
    changing = {"accomplishments.record", "competencies.revision", "audit.event"}  # tokens moved on; the trail grew
    assert {name: kept for name, kept in after.items() if name not in changing} == {
        name: kept for name, kept in before.items() if name not in changing
    }


@pytest.mark.usefixtures("catalogue")
def test_remove_demo_twice_changes_nothing() -> None:
    UserFactory()
    load()
    run("remove_demo")
    before = rows()
    assert run("remove_demo") == "There are no demo people.\n"
    assert rows() == before
    assert load(unless_removed=True).startswith("0 demo people")


def test_strangers_are_told_of_the_demo_while_it_is_there(client: Client) -> None:
    told = dict.fromkeys(("/roles/", "/accounts/login/"), "engineer@ladder.example")
    for there in (False, True, False):
        if there:
            load()
        else:
            run("remove_demo")
        assert {address: told[address] in client.get(address).content.decode() for address in told} == dict.fromkeys(
            told, there
        )


def test_remove_demo_works_in_production(settings: Any) -> None:
    """Whoever moved a tried-out database there must be able to clean it."""
    load()
    settings.DEMO_ALLOWED = False
    assert run("remove_demo") == "Removed 15 demo people, 0 entries, 0 files and 2 teams.\n"
    assert User.objects.count() == 0
