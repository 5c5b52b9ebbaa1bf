"""What the mail at the end of a week says to each of many people."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from accomplishments.choices import Answer, State
from accomplishments.models import Accomplishment, Verification

MOST_LINES = 5  # of each list; how many more there are is said
A_WEEK = timedelta(days=7)


class Draft(NamedTuple):
    entry: int
    title: str


class Question(NamedTuple):
    """What somebody else waits for."""

    owner: str
    title: str


class Answered(NamedTuple):
    """What somebody said this week about a claim of theirs."""

    name: str
    title: str
    claim: str
    answer: str


@dataclass
class Week:
    """Of one person."""

    drafts: list[Draft] = field(default_factory=list)
    questions: dict[UUID, Question] = field(default_factory=dict)
    answers: list[Answered] = field(default_factory=list)


def weeks_of(people: Sequence[int], now: datetime) -> dict[int, Week]:
    """By person: drafts, what they are asked, what they were answered in seven days; 3 queries for them all."""
    found: defaultdict[int, Week] = defaultdict(Week)
    drafts = Accomplishment.objects.kept().filter(person__in=people, state=State.DRAFT).order_by("-edited_at", "-pk")
    for entry in drafts.only("person", "title"):
        found[entry.person_id].drafts.append(Draft(entry.pk, str(entry)))
    asked = Verification.objects.open().filter(verifier__in=people).order_by("asked_at", "pk")
    for row in asked.select_related("owner", "claim__accomplishment").only(
        "verifier", "batch", "owner__name", "owner__email", "claim__accomplishment__title"
    ):
        question = Question(str(row.owner), str(row.claim.accomplishment))
        found[row.verifier_id or 0].questions.setdefault(row.batch, question)
    said = Verification.objects.answered().filter(
        owner__in=people, answered_at__gt=now - A_WEEK, claim__accomplishment__deleted_at__isnull=True
    )
    for owner, name, title, competency, level, answer in said.order_by("answered_at", "pk").values_list(
        "owner", "name", "claim__accomplishment__title", "claim__competency__name", "claim__level", "answer"
    ):
        line = Answered(name, title, f"{competency} {level}", Answer(answer).label.lower())
        found[owner].answers.append(line)
    return dict(found)
