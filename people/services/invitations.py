"""Inviting people to make an account."""

import uuid
from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from people.choices import Kind
from people.mail import letter
from people.models import Invitation, User
from people.queries.invitations import LINKS


@transaction.atomic
def invite(*, by: User, emails: Sequence[str]) -> list[Invitation]:
    """One message to each address. Whoever was invited before gets a new link, and the one before is void."""
    anew = {"by": by, "key": uuid.uuid4, "sent_at": timezone.now, "used_at": None}
    invited = [Invitation.objects.update_or_create(email=email, defaults=anew)[0] for email in emails]
    for invitation in invited:
        link = settings.SITE_URL + reverse("people:invitation", args=[LINKS.sign(invitation.key.hex)])
        context = {"invitation": invitation, "link": link}
        letter(Kind.ACCOUNT, "invitation", "You are invited to Ladder", invitation.email, context).send()
    return invited


@transaction.atomic
def use(*, invitation: Invitation) -> bool:
    """Whether it was still open; from now on it is not."""
    unused = Invitation.objects.filter(pk=invitation.pk, key=invitation.key, used_at=None)
    return bool(unused.update(used_at=timezone.now()))
