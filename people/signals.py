"""What apps above people are told of it."""

from django.dispatch import Signal

imported = Signal()  # by: User; changes: [(person, what changed)]. Inside the transaction of the import.

# Somebody ended their other sessions. `user`, `number` of them. django-allauth tells nobody.
sessions_ended = Signal()
