"""What stands behind the link of an invitation."""

import uuid

from django.core.signing import BadSignature, Signer

from people.models import Invitation

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
