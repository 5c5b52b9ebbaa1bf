"""Names of states."""

from django.db.models import TextChoices


class State(TextChoices):
    WAITING = "waiting", "Waiting"
    SENT = "sent", "Sent"
    GIVEN_UP = "given-up", "Given up"
    DROPPED = "dropped", "Not wanted any more"
