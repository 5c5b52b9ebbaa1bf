"""Entries for tests; they go the way that the product goes."""

from datetime import date
from typing import Any

from accomplishments.choices import Answer
from accomplishments.models import Accomplishment, Claim, Verification
from accomplishments.services.entries import Claimed, Typed, add
from accomplishments.services.verifications import Asked, Stated, answer, ask
from people.models import User
from tests.factories.competencies import CompetencyFactory
from tests.factories.people import UserFactory

ENDED = date(2026, 6, 30)  # of every entry that does not say its own


def entry(
    *,
    person: User | None = None,
    claims: dict[str, int] | None = None,
    log: bool = True,
    links: list[str] | None = None,
    **fields: Any,
) -> Accomplishment:
    """A logged entry; `claims` is slug -> level, `fields` are columns."""
    defaults = {"title": "Made a thing", "part": "owned", "scope": "feature", "ended_on": ENDED}
    typed = Typed(
        defaults | fields,
        [Claimed(CompetencyFactory(slug=slug).pk, level) for slug, level in (claims or {}).items()],
        links or [],
    )
    return add(by=person or UserFactory(), typed=typed, log=log)


def claim_of(made: Accomplishment, slug: str) -> Claim:
    return made.claims.get(competency__slug=slug)


def asked(claim: Claim, *, by: User | None = None) -> Verification:
    """Asked and not answered yet, somebody new unless named."""
    made = claim.accomplishment
    whom = Asked(verifier=by or UserFactory())
    ask(entry=made, claims=[claim], whom=whom, by=made.person)
    return Verification.objects.standing().get(claim=claim, verifier=whom.verifier)


def verified(
    claim: Claim, *, by: User | None = None, says: Answer = Answer.CONFIRMED, level: int | None = None, **how: Any
) -> Verification:
    """Asked and answered, by somebody new unless named."""
    question = asked(claim, by=by)
    stated = Stated(says, level, note=how.pop("note", ""))
    answer(batch=[question], stated={question.pk: stated}, **how)
    question.refresh_from_db()
    return question
