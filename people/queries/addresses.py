"""Whose an e-mail address is."""

from django.db.models import Q, QuerySet

from people.models import User


def whose(address: str) -> QuerySet[User]:
    """Everybody who has this address, in whatever case: as that of the account or as a further one."""
    return User.objects.filter(Q(email__iexact=address) | Q(emailaddress__email__iexact=address)).distinct()


def colleague_at(address: str) -> User | None:
    """Who is here and reads mail at this address; a further one counts once they confirmed it. 1 query."""
    further = Q(emailaddress__email__iexact=address, emailaddress__verified=True)
    found = User.objects.filter(Q(email__iexact=address) | further, is_active=True)
    return found.order_by("pk").first()
