"""Two who do it at the same moment; each in a thread and a connection of their own."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test import Client

from accomplishments.models import Accomplishment
from audit.models import Event as Trail
from people.forms.people_file import preview_of
from people.models import User
from people.queries.organisation import ground
from people.services.organisation import Brought, Moved, bring
from privacy.models import Archive
from privacy.services.archives import ask
from privacy.services.erasing import erase
from privacy.services.leaving import close
from tests.accomplishments.test_targets import at_once, what_migrations_brought
from tests.factories.accomplishments import entry
from tests.factories.people import UserFactory

__all__ = ["what_migrations_brought"]  # a fixture

pytestmark = [
    pytest.mark.skipif(connection.vendor == "sqlite", reason="There, one writer waits for the other before it begins."),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def test_import_confirmed_twice_at_once_is_done_once() -> None:
    admin = UserFactory()
    text = "e-mail,name,team\nnoor@ladder.example,Noor,Quotes\n"
    act = partial(bring, by=admin, text=text, seen=preview_of(text, ground()).seen)
    found = at_once(act, act, act)
    assert sorted(map(str, found)) == sorted(map(str, [Brought(1, 0, 1), Moved, Moved]))
    assert (User.objects.count(), Trail.objects.filter(kind="admin").count()) == (2, 1)


def test_two_admins_do_not_close_a_circle_together() -> None:
    admin = UserFactory(is_staff=True, is_superuser=True)
    one, other = UserFactory(), UserFactory()
    client = Client()
    client.force_login(admin)

    def post(person: User, manager: User) -> int:
        mine = Client()
        mine.cookies = client.cookies
        typed = {"email": person.email, "name": person.name, "is_active": "on", "manager": manager.pk}
        return mine.post(f"/admin/people/user/{person.pk}/change/", typed).status_code

    for _ in range(5):
        User.objects.update(manager=None)
        assert sorted(at_once(partial(post, one, other), partial(post, other, one)), key=str) == [200, 302]
        assert User.objects.filter(manager__isnull=False).count() == 1


def test_archive_asked_for_twice_at_once_is_one() -> None:
    person = UserFactory()
    act = partial(ask, person=person)
    at_once(act, act, act, act)
    assert Archive.objects.filter(person=person, state="making").count() <= 1
    assert Trail.objects.filter(what="Asked for an archive of their data.").count() == Archive.objects.count()


def test_account_closed_twice_at_once_is_closed_once() -> None:
    person, admin = UserFactory(), UserFactory()
    act = partial(close, person=person, by=admin)
    assert sorted(at_once(act, act)) == [False, True]
    assert Trail.objects.filter(kind="closed").count() == 1


def test_who_is_erased_while_they_write_leaves_nothing() -> None:
    for _ in range(5):
        person = UserFactory()
        erased, written = at_once(partial(erase, person=person, by=None), partial(entry, person=person))
        assert erased is None
        assert isinstance(written, Accomplishment) or written is IntegrityError
        assert (User.objects.filter(pk=person.pk).exists(), Accomplishment.objects.count()) == (False, 0)
