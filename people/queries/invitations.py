"""What stands behind the link of an invitation."""

import uuid
from collections.abc import Sequence

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core.signing import BadSignature, Signer

from people.models import Invitation, User

LINKS = Signer(salt="people.invitation")


class Forged(Exception):
    """We never made this link."""


def behind(signed: str) -> Invitation | None:
    """The invitation of a link of ours; None if it was sent anew since, or taken back. 1 query."""
    try:
        key = uuid.UUID(LINKS.unsign(signed))
    except (BadSignature, ValueError) as wrong:
        raise Forged from wrong
    return Invitation.objects.filter(key=key).first()


def waiting(emails: Sequence[str]) -> list[User]:
    """Those of these addresses whose account was made for them: no password, and never signed in. 1 query."""
    new = User.objects.filter(is_active=True, last_login=None, password__startswith=UNUSABLE_PASSWORD_PREFIX)
    return list(new.filter(email__in=emails))
