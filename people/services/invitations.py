"""Inviting people to make an account."""

import uuid
from collections.abc import Iterable, Sequence

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from people.choices import Kind
from people.mail import letter
from people.models import Invitation, User
from people.queries.invitations import LINKS, waiting


@transaction.atomic
def invite(*, by: User, emails: Sequence[str]) -> list[Invitation]:
    """One message to each address. Whoever was invited before gets a new link, and the one before is void; whoever
    waits for the way into their account gets that, and is none of those returned.
    """
    welcome(by=by, people=(there := waiting(emails)))
    emails = [email for email in emails if email not in {one.email for one in there}]
    anew = {"by": by, "key": uuid.uuid4, "sent_at": timezone.now, "used_at": None}
    invited = [Invitation.objects.update_or_create(email=email, defaults=anew)[0] for email in emails]
    for invitation in invited:
        link = settings.SITE_URL + reverse("people:invitation", args=[LINKS.sign(invitation.key.hex)])
        context = {"invitation": invitation, "link": link}
        letter(Kind.ACCOUNT, "invitation", "You are invited to Ladder", invitation.email, context).send()
    return invited


def welcome(*, by: User, people: Iterable[User]) -> None:
    """Mail to people whose account was made for them, with the link by which they choose a password."""
    days = settings.PASSWORD_RESET_TIMEOUT // 86_400
    for person in people:
        key = {"uidb36": user_pk_to_url_str(person), "key": default_token_generator.make_token(person)}
        link = settings.SITE_URL + reverse("account_reset_password_from_key", kwargs=key)
        context = {"by": by, "person": person, "link": link, "days": days}
        letter(Kind.ACCOUNT, "welcome", "Your account at Ladder", person, context).send()


@transaction.atomic
def use(*, invitation: Invitation) -> bool:
    """Whether it was still open; from now on it is not."""
    unused = Invitation.objects.filter(pk=invitation.pk, key=invitation.key, used_at=None)
    return bool(unused.update(used_at=timezone.now()))
