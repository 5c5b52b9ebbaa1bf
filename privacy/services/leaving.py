"""Closing the account of somebody who leaves, and opening it again."""

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from accomplishments.services.verifications import give_up
from audit.choices import Kind
from audit.services import record
from people.models import User
from privacy import mail
from privacy.queries.leaving import erased_on
from privacy.services.sessions import end_all


@transaction.atomic
def close(*, person: User, by: User) -> bool:
    """They can't sign in any more: no password, no session. Their record stays for a while, and they are told by mail
    how to get it; who reports to them does so still. False where the account is closed already.
    """
    now = timezone.now()
    closed = {"closed_at": now, "is_active": False, "password": make_password(None)}
    if not User.objects.filter(pk=person.pk, closed_at__isnull=True).update(**closed):
        return False
    person.refresh_from_db()
    end_all(person=person)
    give_up(verifier=person)
    record(kind=Kind.CLOSED, by=by, about=person, what=f"Closed; to be erased on {erased_on(person)}.")
    mail.left(person)
    return True


@transaction.atomic
def reopen(*, person: User, by: User) -> bool:
    """Back, with all that was theirs; they come in by a new password or by single sign-on. False where it is open."""
    if not User.objects.filter(pk=person.pk, closed_at__isnull=False).update(closed_at=None, is_active=True):
        return False
    person.refresh_from_db()
    record(kind=Kind.CLOSED, by=by, about=person, what="Opened again.")
    return True
