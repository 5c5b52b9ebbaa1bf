"""What apps above people are told of it."""

from django.dispatch import Signal

imported = Signal()  # by: User; changes: [(person, what changed)]. Inside the transaction of the import.
sessions_ended = Signal()  # user: User; number: int, of their other sessions
