"""What people say of themselves."""

from django.db import transaction

from people.models import User


@transaction.atomic
def describe(*, by: User, name: str, pronouns: str, time_zone: str, language: str) -> None:
    """Name and preferences of the person themselves; whom they report to and their team are an admin's to say."""
    by.name, by.pronouns, by.time_zone, by.language = name, pronouns, time_zone, language
    by.save(update_fields=["name", "pronouns", "time_zone", "language"])
