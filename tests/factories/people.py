"""People for tests."""

import factory
from django.contrib.auth.models import Group

from people.models import Team, User


class TeamFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Team
        django_get_or_create = ("slug",)

    slug = "quotes"
    name = factory.LazyAttribute(lambda team: team.slug.replace("-", " ").capitalize())


class UserFactory(factory.django.DjangoModelFactory):
    """Somebody without a password, a manager, a team or any right."""

    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person{n}@ladder.example")
    name = factory.Sequence(lambda n: f"Person {n}")


def ladder_editor(**fields: object) -> User:
    """Somebody in the group that edits roles."""
    user = UserFactory(is_staff=True, **fields)
    user.groups.add(Group.objects.get_or_create(name="Ladder editors")[0])
    return user
