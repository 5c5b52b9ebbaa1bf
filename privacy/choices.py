"""Names of states, and of what erasing somebody does to a table."""

from django.db.models import TextChoices


class State(TextChoices):
    MAKING = "making", "Being made"
    READY = "ready", "Ready"
    FAILED = "failed", "Could not be made"


class How(TextChoices):
    DELETE = "delete", "Deleted"
    ANONYMISE = "anonymise", "Made anonymous"
    KEEP = "keep", "Kept"
    NOTHING = "nothing", "Nothing of a person"
