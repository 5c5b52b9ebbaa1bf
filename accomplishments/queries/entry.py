"""One entry as its page shows it, and its history."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from difflib import SequenceMatcher
from functools import cached_property
from itertools import pairwise, zip_longest
from typing import Any, NamedTuple

from django.db.models import Prefetch
from django.utils.formats import date_format

from accomplishments.choices import Answer, Happened, Part, Proof, Scope, State, Visibility
from accomplishments.models import KEPT_AFTER_DELETION, Accomplishment, Claim, Event, File, Link, Verification
from accomplishments.permissions import reads_as_manager
from accomplishments.queries.facts import facts_of, mutual
from accomplishments.queries.log import PROOFS, rank_of
from competencies.models import Competency
from competencies.queries import scale
from people.models import User
from roles.queries.pages import Row
from roles.shapes.wording import Pair, Piece, pieces

EVENTS = 20  # of a history, on one page
LONG = 3000  # characters of a line


# ── The page ────────────────────────────────────────────────────────────────
class Statement(NamedTuple):
    """What a colleague was asked about a claim, or stated; `level` is the other level at which they confirmed."""

    made: Verification
    level: str


class ClaimLine(NamedTuple):
    """A claim with what the page says of it."""

    claim: Claim
    level: str
    proof: Proof
    statements: Sequence[Statement]
    facts: Sequence[str]


def _number(number: Decimal) -> str:
    return f"{number.normalize():,f}"


def measure_of(entry: Accomplishment) -> str:
    """As one says it: "p99 latency: 840 to 190 ms"."""
    numbers = " to ".join(_number(one) for one in (entry.measure_before, entry.measure_after) if one is not None)
    return ": ".join(filter(None, (entry.measure_name, f"{numbers} {entry.measure_unit}".strip())))


@dataclass
class EntryPage:
    """What stands around an entry as somebody reads it, read when it is looked at; 5 queries.

    The owner sees what they asked and all that came of it; others what stands, and their manager the notes beside it.
    """

    entry: Accomplishment
    reader: User

    @property
    def mine(self) -> bool:
        return self.reader.pk == self.entry.person_id

    @cached_property
    def settles(self) -> bool:
        """Whether it is theirs to read the notes of verifiers, and to settle disputes."""
        return self.mine or reads_as_manager(self.reader, self.entry)

    @property
    def ai_help(self) -> str:
        """Kept for the owner."""
        return self.entry.ai_help if self.mine else ""

    @cached_property
    def claims(self) -> list[ClaimLine]:
        """In the order in which they were made; 3 queries."""
        names = {level.number: f"{level.number} {level.name}" for level in scale()}
        said = Verification.objects.all() if self.mine else Verification.objects.answered()
        ranked = Prefetch("verifications", said.select_related("resolved_by").annotate(rank=rank_of(), mutual=mutual()))
        lines = []
        for claim in self.entry.claims.select_related("competency", "indicator").prefetch_related(ranked):
            made: list[Any] = list(claim.verifications.all())
            rank = max((one.rank for one in made if one.rank is not None), default=None)
            statements = [Statement(one, names.get(one.level, "")) for one in made]
            facts = facts_of(one for one in made if not one.voided_at)
            lines.append(ClaimLine(claim, names.get(claim.level, str(claim.level)), PROOFS[rank], statements, facts))
        return lines

    @property
    def counts(self) -> bool:
        """It is evidence, so there is something to ask about."""
        return self.entry.state == State.LOGGED and not self.entry.deleted_at

    @property
    def kept_until(self) -> datetime | None:
        """The last day on which a deleted entry can be brought back."""
        return self.entry.deleted_at and self.entry.deleted_at + KEPT_AFTER_DELETION

    @property
    def measure(self) -> str:
        return measure_of(self.entry)

    @property
    def part(self) -> str:
        """Others read "Owned it" where the owner reads "I owned it"."""
        label = str(self.entry.get_part_display())
        return label if self.mine else label.removeprefix("I ").capitalize()

    @property
    def scope(self) -> str:
        label = str(self.entry.get_scope_display())
        return label if self.mine else label.replace("My", "Their")

    @cached_property
    def links(self) -> list[Link]:
        return list(self.entry.links.all())

    @cached_property
    def files(self) -> list[File]:
        return list(self.entry.files.all())


# ── The history ─────────────────────────────────────────────────────────────
LABELS = {
    "state": "State",
    "title": "Title",
    "situation": "Situation",
    "action": "Action",
    "outcome": "Outcome",
    "measure_name": "Measure",
    "measure_before": "Before",
    "measure_after": "After",
    "measure_unit": "Unit",
    "part": "My part",
    "scope": "Scope",
    "started_on": "Began",
    "ended_on": "Ended",
    "context": "Where",
    "ai_help": "How AI tools helped",
    "visibility": "Who may read it",
    "confidential": "Confidential",
    "public_wording": "Public wording",
    "claims": "Competencies",
    "answers": "What colleagues had stated",
    "links": "Links",
    "files": "Files",
}
CHOICES: dict[str, Mapping[str, Any]] = {"state": dict(State.choices), "part": dict(Part.choices)}
CHOICES |= {"scope": dict(Scope.choices), "visibility": dict(Visibility.choices)}


class Step(NamedTuple):
    """A line of a history: what happened, and what of the entry differs from the line before."""

    event: Event
    rows: Sequence[Row]


def history_of(entry: Accomplishment, page: int) -> tuple[list[Step], bool]:
    """A page of the history, the newest first, and whether there is more; 2 queries."""
    start = (page - 1) * EVENTS
    events: list[Event | None] = [*entry.events.select_related("by")[start : start + EVENTS + 1]]
    more = len(events) > EVENTS
    names = dict(Competency.objects.values_list("slug", "name"))
    steps = [
        Step(event, _rows(before.content if before else {}, event, names))
        for event, before in pairwise([*events, *([] if more else [None])])
        if event
    ]
    return steps, more


def _rows(before: Mapping[str, Any], event: Event, names: Mapping[str, str]) -> list[Row]:
    """What differs between two contents of an entry, field by field.

    What colleagues stated since the line before is no part of what somebody changed then, unless that is what went.
    """
    after, without = event.content, () if event.happened == Happened.UNVERIFIED else ("answers",)
    labels = {name: label for name, label in LABELS.items() if name not in without}
    said = {label: (_said(name, before, names), _said(name, after, names)) for name, label in labels.items()}
    return [Row(label, _pairs(old, new)) for label, (old, new) in said.items() if old != new]


def _said(name: str, content: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """A part of a content as lines to read."""
    if name == "claims":
        return [_claim_line(claim, names) for claim in content.get("claims", [])]
    if name == "answers":
        return [line for claim in content.get("claims", []) for line in _answer_lines(claim, names)]
    value = content.get(name)
    if not value:
        return []
    if name in {"links", "files"}:
        return list(value)
    if name in {"started_on", "ended_on"}:
        return [date_format(date.fromisoformat(value))]
    if name == "confidential":
        return ["Yes"]
    if name in CHOICES:
        return [CHOICES[name].get(value, value)]
    return [line for line in value.splitlines() if line.strip()]


def _claim_line(claim: Mapping[str, Any], names: Mapping[str, str]) -> str:
    name = names.get(claim["competency"], claim["competency"])
    return f"{name}, level {claim['level']}" + (f": {claim['indicator']}" if claim["indicator"] else "")


def _answer_lines(claim: Mapping[str, Any], names: Mapping[str, str]) -> Iterable[str]:
    name = names.get(claim["competency"], claim["competency"])
    for one in claim["answers"]:
        level = f" {one['level']}" if one["level"] else ""
        yield f"{one['name']} on {name}: {Answer(one['answer']).label.lower()}{level}"


def _pairs(before: Sequence[str], after: Sequence[str]) -> tuple[Pair, ...]:
    """The lines that differ, each beside what it became."""
    pairs: list[Pair] = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            pairs += (_pair(old, new) for old, new in zip_longest(before[a:b], after[c:d], fillvalue=""))
    return tuple(pairs)


def _pair(old: str, new: str) -> Pair:
    """Word by word, save for lines so long that finding their words would hold the page up."""
    if max(len(old), len(new)) > LONG:
        return Pair((Piece("del", old),) if old else (), (Piece("ins", new),) if new else ())
    return pieces(old, new)
