"""A log of many entries for the pages that show what it counts for."""

from datetime import timedelta

from django.utils import timezone

from accomplishments.scoring.policy import PARTS
from accomplishments.services.entries import Claimed, Typed, add
from competencies.models import Competency
from people.models import User
from tests.factories.accomplishments import verified


def fill(email: str, most: int) -> None:
    """Entries of one person up to so many, over the years and the framework; their manager confirms every third."""
    person = User.objects.get(email=email)
    assert person.manager
    competencies = list(Competency.objects.order_by("slug").values_list("pk", flat=True))
    for n in range(person.accomplishments.count(), most):
        words = {
            "title": f"Piece of work number {n}",
            "outcome": "It works, and others use it. " * 10,
            "part": PARTS[n % len(PARTS)],
            "scope": "team",
            "ended_on": timezone.localdate() - timedelta(days=7 * n),
        }
        claims = [Claimed(competencies[(n + step) % len(competencies)], 1 + n % 4) for step in range(1 + n % 3)]
        entry = add(by=person, typed=Typed(words, claims), log=True)
        if n % 3 == 0:
            verified(entry.claims.all()[0], by=person.manager)
