"""What somebody is asked, what they wait for, and whom they may ask."""

import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from django.core.signing import BadSignature, TimestampSigner
from django.db.models import Count, Q, QuerySet

from accomplishments.choices import CONFIRMATIONS, Answer
from accomplishments.models import OPEN_FOR, Accomplishment, Claim, Verification
from accomplishments.queries.entry import measure_of
from competencies.models import Indicator
from people.models import User

LINKS = TimestampSigner(salt="accomplishments.verification")  # what outside people's links are signed with
A_PAGE = 10  # entries that one is asked about
FOUND = 12  # colleagues
MOST_DISPUTES = 50


@dataclass
class Question:
    """All that one person is asked about one entry at once."""

    rows: list[Verification]
    looks: dict[int, list[tuple[int, str, list[str]]]]  # claim -> level, its name, what one sees there

    @property
    def first(self) -> Verification:
        return self.rows[0]

    @property
    def batch(self) -> uuid.UUID:
        return self.first.batch

    @property
    def entry(self) -> Accomplishment:
        return self.first.claim.accomplishment

    @property
    def measure(self) -> str:
        return measure_of(self.entry)


def _questions(rows: QuerySet[Verification]) -> list[Question]:
    """Rows grouped as they were asked, with what each claimed competency looks like at each level; 3 queries."""
    batches: defaultdict[uuid.UUID, list[Verification]] = defaultdict(list)
    for row in rows.select_related(
        "owner", "verifier", "claim__accomplishment__person", "claim__competency", "claim__indicator"
    ).prefetch_related("claim__accomplishment__links"):
        batches[row.batch].append(row)
    wanted = {row.claim.competency_id for one in batches.values() for row in one}
    looks: defaultdict[int, dict[tuple[int, str], list[str]]] = defaultdict(dict)
    for competency, level, name, text in Indicator.objects.filter(competency__in=wanted).values_list(
        "competency_id", "level__number", "level__name", "text"
    ):
        looks[competency].setdefault((level, name), []).append(text)
    listed = {slug: [(level, name, texts) for (level, name), texts in found.items()] for slug, found in looks.items()}
    return [
        Question(one, {row.claim_id: listed.get(row.claim.competency_id, []) for row in one})
        for one in batches.values()
    ]


def _asked(user: User) -> QuerySet[Verification]:
    return Verification.objects.visible_to(user).filter(answer="").order_by("asked_at", "pk")


def waiting_of(user: User) -> int:
    """About how many entries they are asked and have not answered; 1 query."""
    return int(_asked(user).order_by().aggregate(total=Count("batch", distinct=True))["total"])


def inbox(user: User) -> tuple[list[Question], int]:
    """What waits for an answer of theirs, the oldest first, and how many entries that is; 5 queries."""
    waiting, total = _asked(user), waiting_of(user)
    oldest = list(dict.fromkeys(waiting.values_list("batch", flat=True)[: A_PAGE * 5]))[:A_PAGE]
    return _questions(waiting.filter(batch__in=oldest)), total


def answered_by(user: User) -> list[list[Verification]]:
    """What they stated last, by what was asked at once; each can be revised; 1 query."""
    rows = Verification.objects.visible_to(user).exclude(answer="").order_by("-answered_at", "batch", "pk")
    batches: defaultdict[uuid.UUID, list[Verification]] = defaultdict(list)
    for row in rows.select_related("owner", "claim__accomplishment", "claim__competency")[: A_PAGE * 5]:
        batches[row.batch].append(row)
    return list(batches.values())[:A_PAGE]


def waiting_for(user: User) -> list[Question]:
    """What they asked and is not answered yet, the oldest first; 3 queries."""
    return _questions(Verification.objects.open().filter(owner=user).order_by("asked_at", "pk")[:100])


def disputes(user: User) -> list[Verification]:
    """What is disputed and theirs to settle, of their own work and of their reports, the oldest first; 1 query."""
    rows = Verification.objects.settled_by(user).filter(answer=Answer.DISPUTED, resolved_at__isnull=True)
    rows = rows.filter(claim__accomplishment__deleted_at__isnull=True).order_by("answered_at", "pk")
    return list(rows.select_related("owner", "claim__accomplishment", "claim__competency")[:MOST_DISPUTES])


def question_of(user: User, batch: uuid.UUID) -> Question | None:
    """What this person was asked at once, answered or not."""
    return next(iter(_questions(Verification.objects.visible_to(user).filter(batch=batch).order_by("pk"))), None)


def question_behind(signed: str, reader: object = None) -> Question | None:
    """What an outside person's link opens: nothing when it is forged or expired, when it was used, or for who asks."""
    try:
        batch = uuid.UUID(LINKS.unsign(signed, max_age=OPEN_FOR))
    except (BadSignature, ValueError):
        return None
    rows = Verification.objects.open().goes_outside().filter(batch=batch).order_by("pk")
    if isinstance(reader, User):
        rows = rows.exclude(owner=reader)
    return next(iter(_questions(rows)), None)


def askable(entry: Accomplishment) -> list[tuple[Claim, list[Verification]]]:
    """The claims of an entry, each with whom it was asked of and what they said; 3 queries."""
    standing: defaultdict[int, list[Verification]] = defaultdict(list)
    for row in Verification.objects.standing().filter(claim__accomplishment=entry).order_by("asked_at"):
        standing[row.claim_id].append(row)
    return [(claim, standing[claim.pk]) for claim in entry.claims.select_related("competency")]


def unasked(claims: list[tuple[Claim, list[Verification]]]) -> set[int]:
    """The keys of those `askable` claims that nobody confirmed and nobody is asked about."""
    return {claim.pk for claim, rows in claims if not any(row.answer in ("", *CONFIRMATIONS) for row in rows)}


def colleagues(user: User, words: str = "", chosen: Collection[int] = ()) -> list[User]:
    """People with accounts by name, those who worked with them first: asked before, team, manager; 1 query. Before all
    stand those who are chosen already, whatever the words; 1 query more where there are any.
    """
    people = User.objects.filter(is_active=True).exclude(pk=user.pk)
    kept = list(people.filter(pk__in=chosen).order_by("name", "email")[:FOUND]) if chosen else []
    people = people.exclude(pk__in=[one.pk for one in kept])
    for word in words.split()[:5]:
        people = people.filter(Q(name__icontains=word) | Q(email__istartswith=word))
    near = Q(pk=user.manager_id) | Q(manager=user.pk)
    if user.team_id:
        near |= Q(team=user.team_id)
    asked = Count("verifications", filter=Q(verifications__owner=user))
    people = people.annotate(asked=asked, near=Count("pk", filter=near)).order_by("-asked", "-near", "name", "email")
    if not words:
        people = people.filter(Q(asked__gt=0) | Q(near__gt=0))
    return kept + list(people[:FOUND])
