"""Who somebody is."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from people.models import Team, User
from tests.factories.people import TeamFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_create_user_keeps_the_address_in_lower_case() -> None:
    user = User.objects.create_user("Noor.Haddad@Ladder.Example", "a long password")
    assert user.email == "noor.haddad@ladder.example"
    assert user.check_password("a long password")
    assert (user.is_staff, user.is_superuser, user.is_active) == (False, False, True)


def test_create_user_without_a_password_can_not_sign_in() -> None:
    assert not User.objects.create_user("noor@ladder.example").has_usable_password()


def test_create_user_needs_an_address() -> None:
    with pytest.raises(ValueError, match=r"^A person needs an e-mail address\.$"):
        User.objects.create_user("")


def test_create_superuser_may_do_everything() -> None:
    user = User.objects.create_superuser("ada@ladder.example", "a long password", name="Ada")
    assert (user.is_staff, user.is_superuser, user.name) == (True, True, "Ada")


def test_get_by_natural_key_ignores_case() -> None:
    user = UserFactory(email="noor@ladder.example")
    assert User.objects.get_by_natural_key("NOOR@ladder.example") == user


def test_person_email_once_refuses_the_same_address_in_capitals() -> None:
    UserFactory(email="noor@ladder.example")
    with pytest.raises(IntegrityError, match="person_email_once"), transaction.atomic():
        UserFactory(email="NOOR@ladder.example")


def test_person_email_once_tells_the_form_in_words() -> None:
    UserFactory(email="noor@ladder.example")
    with pytest.raises(ValidationError) as refused:
        User(email="NOOR@ladder.example", password="x").full_clean()
    assert refused.value.messages == ["Somebody has this address already."]


def test_person_not_their_own_manager_refuses_it() -> None:
    user = UserFactory()
    user.manager = user
    with pytest.raises(IntegrityError, match="person_not_their_own_manager"), transaction.atomic():
        user.save()


def test_manager_who_is_deleted_leaves_the_reports() -> None:
    manager = UserFactory()
    report = UserFactory(manager=manager)
    manager.delete()
    report.refresh_from_db()
    assert report.manager is None


def test_team_that_is_deleted_leaves_its_people() -> None:
    person = UserFactory(team=TeamFactory())
    person.team.delete()
    person.refresh_from_db()
    assert person.team is None


def test_teams_stand_by_name_and_are_called_by_it() -> None:
    TeamFactory(slug="quotes", name="Quotes")
    TeamFactory(slug="data-platform", name="Data platform")
    assert [str(team) for team in Team.objects.all()] == ["Data platform", "Quotes"]


@pytest.mark.parametrize(
    ("name", "email", "initials"),
    [
        ("Noor Haddad", "x@ladder.example", "NH"),
        ("Noor van der Haddad", "x@ladder.example", "NH"),
        ("Noor", "x@ladder.example", "N"),
        ("", "ada@ladder.example", "AE"),
        ("ada lovelace", "x@ladder.example", "AL"),
    ],
)
def test_initials_are_of_the_first_and_last_word(name: str, email: str, initials: str) -> None:
    assert UserFactory.build(name=name, email=email).initials == initials


def test_str_is_the_name_or_else_the_address() -> None:
    assert str(UserFactory.build(name="Noor", email="noor@ladder.example")) == "Noor"
    assert str(UserFactory.build(name="", email="noor@ladder.example")) == "noor@ladder.example"


def test_people_stand_by_name_then_address() -> None:
    UserFactory(name="Bea", email="b@ladder.example")
    UserFactory(name="Ada", email="z@ladder.example")
    UserFactory(name="Ada", email="a@ladder.example")
    assert list(User.objects.values_list("email", flat=True)) == [
        "a@ladder.example",
        "z@ladder.example",
        "b@ladder.example",
    ]
