"""How full people's bars are, kept day by day: what trends are drawn from."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from django.db import transaction
from django.db.models import OuterRef, Subquery

from accomplishments.models import Ratings
from accomplishments.queries.evidence import claims_by_person, policy_in_force
from accomplishments.scoring.evidence import Claim
from accomplishments.scoring.matching import fills, ledger
from accomplishments.scoring.policy import Policy

PLACES = 4


@transaction.atomic
def store(*, people: Collection[int], on: date) -> int:
    """The ratings of these people at the end of a day, in at most 6 queries; how many rows were written.

    They are whole or not at all. A day on which nothing changed has no row; a second run on one day
    brings its row up to date.
    """
    policy, claims = policy_in_force(), claims_by_person(people, on)
    newest = Ratings.objects.filter(person=OuterRef("person"), taken_on__lt=on).order_by("-taken_on")
    before = {
        row.person_id: (row.policy, row.fills)
        for row in Ratings.objects.filter(person__in=people, pk=Subquery(newest.values("pk")[:1]))
    }
    now = {person: (policy.version, fills_of(claims.get(person, ()), policy, on)) for person in people}
    changed = {person for person, found in now.items() if found != before.get(person, (found[0], {}))}
    Ratings.objects.filter(person__in=set(people) - changed, taken_on=on).delete()
    Ratings.objects.bulk_create(
        (Ratings(person_id=person, taken_on=on, policy=now[person][0], fills=now[person][1]) for person in changed),
        update_conflicts=True,
        unique_fields=["person", "taken_on"],
        update_fields=["policy", "fills"],
    )
    return len(changed)


def fills_of(claims: Iterable[Claim], policy: Policy, as_of: date) -> dict[str, list[list[float]]]:
    """Competency -> [F at levels 1..5, the same counting verified evidence only], rounded to four places."""
    book = ledger(claims, policy, as_of)
    return {
        slug: [_rounded(sums.evidence, policy), _rounded(sums.verified, policy)]
        for slug, sums in book.items()
        if any(sums.evidence)
    }


def _rounded(evidence: Sequence[int], policy: Policy) -> list[float]:
    return [round(float(fill), PLACES) for fill in fills(evidence, policy)]
