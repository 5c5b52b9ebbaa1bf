"""Load the demo people: `manage.py load_demo`. Refused in production."""

from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from people.models import User

PASSWORD = "climb-the-ladder"  # noqa: S105  the demo's, printed on the sign-in page
# address, name, address of the manager, groups, may open the admin, superuser
PEOPLE: tuple[tuple[str, str, str | None, tuple[str, ...], bool, bool], ...] = (
    ("hr@ladder.example", "Henrike Roth", None, ("HR admins",), True, False),
    ("manager@ladder.example", "Mara Okafor", "hr@ladder.example", (), False, False),
    ("engineer@ladder.example", "Noor Haddad", "manager@ladder.example", (), False, False),
    ("staff@ladder.example", "Sven Lindqvist", "manager@ladder.example", (), False, False),
    ("panel@ladder.example", "Priya Raman", None, ("Panel members",), False, False),
    ("editor@ladder.example", "Edda Novak", None, ("Ladder editors",), True, False),
    ("admin@ladder.example", "Ada Quist", None, (), True, True),
)


class Command(BaseCommand):
    help = "Load the demo people, all with one password. Loading twice changes nothing."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO_ALLOWED:
            raise CommandError("The demo people share a public password; they are never loaded in production.")
        for email, name, manager, groups, staff, superuser in PEOPLE:
            if User.objects.filter(email=email).exists():
                continue
            person = User.objects.create_user(
                email,
                PASSWORD,
                name=name,
                is_staff=staff,
                is_superuser=superuser,
                manager=User.objects.filter(email=manager).first(),
            )
            person.groups.set(Group.objects.get_or_create(name=group)[0] for group in groups)
            EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
        self.stdout.write(f"{len(PEOPLE)} demo people, password {PASSWORD}")
