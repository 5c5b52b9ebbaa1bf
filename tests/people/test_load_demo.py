"""`manage.py load_demo`."""

from io import StringIO
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command

from people.models import User

pytestmark = pytest.mark.django_db


def load() -> str:
    out = StringIO()
    call_command("load_demo", stdout=out)
    return out.getvalue()


def test_load_demo_makes_seven_people() -> None:
    assert load() == "7 demo people, password climb-the-ladder\n"
    people = User.objects.order_by("email")
    assert [
        (one.email, one.manager and one.manager.email, one.is_staff, one.is_superuser)
        for one in people.select_related("manager")
    ] == [
        ("admin@ladder.example", None, True, True),
        ("editor@ladder.example", None, True, False),
        ("engineer@ladder.example", "manager@ladder.example", False, False),
        ("hr@ladder.example", None, True, False),
        ("manager@ladder.example", "hr@ladder.example", False, False),
        ("panel@ladder.example", None, False, False),
        ("staff@ladder.example", "manager@ladder.example", False, False),
    ]
    assert {one.email: [group.name for group in one.groups.all()] for one in people if one.groups.exists()} == {
        "editor@ladder.example": ["Ladder editors"],
        "hr@ladder.example": ["HR admins"],
        "panel@ladder.example": ["Panel members"],
    }


def test_load_demo_people_can_sign_in() -> None:
    load()
    assert [one.email for one in User.objects.all() if not one.check_password("climb-the-ladder")] == []
    assert EmailAddress.objects.filter(verified=True, primary=True).count() == 7


def test_load_demo_editor_may_edit_roles() -> None:
    load()
    assert [one.email for one in User.objects.order_by("email") if one.has_perm("roles.change_roleversion")] == [
        "admin@ladder.example",
        "editor@ladder.example",
    ]


def test_load_demo_twice_changes_nothing() -> None:
    def rows() -> tuple[list[Any], list[Any]]:
        return list(User.objects.order_by("pk").values()), list(EmailAddress.objects.order_by("pk").values())

    load()
    before = rows()
    load()
    assert rows() == before


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
