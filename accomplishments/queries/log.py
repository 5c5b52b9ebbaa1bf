"""One person's timeline: a page of it at a time, newest first, with filters; and what stands beside it.

Every page takes the same number of queries, whatever the number of entries. Pages are found by key: the day and the
number of the last entry that was shown, so the 200th costs what the first one does.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from functools import cached_property
from itertools import groupby
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Left, NullIf, Substr
from django.urls import reverse
from django.utils import timezone

from accomplishments.choices import CONFIRMATIONS, Answer, Proof, State
from accomplishments.models import (
    Accomplishment,
    AccomplishmentQuerySet,
    Claim,
    File,
    Link,
    Record,
    Verification,
)
from accomplishments.queries.facts import facts_of, mutual
from competencies.models import Competency, Revision
from ladder.locality import manner

PAGE = 20  # entries
EXCERPT = 400  # characters that are read of a text of which the first words are shown
MOST_WORDS = 8  # of a search; more make it no narrower
NONE = "none"  # as a competency: entries that have none
SEARCHED = ("title", "situation", "action", "outcome", "measure_name", "context", "ai_help", "public_wording")

# ── Who stands behind an entry ──────────────────────────────────────────────
# A number for each answer or question that stands; the highest one speaks for a claim and for an entry.
ASKED, WAITING, PEER, MANAGER, DISPUTED = range(5)
PROOFS = {
    None: Proof.SELF,  # nobody was asked
    ASKED: Proof.SELF,  # whoever was asked could not say
    WAITING: Proof.WAITING,
    PEER: Proof.PEER,
    MANAGER: Proof.MANAGER,
    DISPUTED: Proof.DISPUTED,
}
# What the filter offers -> words, whether entries with these numbers are let through or all others, and the numbers.
PROOF_FILTER: dict[str, tuple[str, bool, tuple[int, ...]]] = {
    "verified": ("Verified", True, (PEER, MANAGER)),
    "unverified": ("Not verified", False, (PEER, MANAGER)),
    "self": ("Self-claimed", False, (WAITING, PEER, MANAGER, DISPUTED)),
    "unasked": ("Self-claimed, nobody asked", False, (ASKED, WAITING, PEER, MANAGER, DISPUTED)),
    "waiting": ("Waiting for an answer", True, (WAITING,)),
    "peer": ("Peer-verified", True, (PEER,)),
    "manager": ("Manager-verified", True, (MANAGER,)),
    "disputed": ("Disputed", True, (DISPUTED,)),
}
DELETED = "deleted"
STATE_FILTER = {
    "": "Logged and drafts",
    State.LOGGED.value: "Logged",
    State.DRAFT.value: "Drafts",
    State.ARCHIVED.value: "Archived",
    DELETED: "Recently deleted",
}


def rank_of(path: str = "") -> Case:
    """The number of a verification, which may lie at the end of a path such as `claims__verifications__`."""

    def where(**conditions: object) -> Q:
        return Q(**{f"{path}{name}": value for name, value in conditions.items()})

    return Case(
        When(where(pk__isnull=True) | where(voided_at__isnull=False), then=Value(None)),
        When(where(answer=Answer.DISPUTED, resolved_at__isnull=True), then=Value(DISPUTED)),
        When(where(answer__in=CONFIRMATIONS, as_manager=True), then=Value(MANAGER)),
        When(where(answer__in=CONFIRMATIONS), then=Value(PEER)),
        When(where(answer=""), then=Value(WAITING)),
        default=Value(ASKED),
        output_field=IntegerField(),
    )


def standing_of() -> Subquery:
    """The number of an entry, for pages that show a few: it is looked up for each of them."""
    of_entry = Verification.objects.filter(claim__accomplishment=OuterRef("pk")).order_by()
    return Subquery(of_entry.values("claim__accomplishment").annotate(rank=Max(rank_of())).values("rank"))


# ── What is asked for ───────────────────────────────────────────────────────
@dataclass(frozen=True)
class Filters:
    """What the person chose; empty means all. `competency` is a slug or NONE; both days are part of the period."""

    q: str = ""
    competency: str = ""
    state: str = ""
    proof: str = ""
    since: date | None = None
    until: date | None = None

    @property
    def any(self) -> bool:
        return any(getattr(self, field.name) for field in fields(self))

    @property
    def backwards(self) -> bool:
        """The period ends before it begins: nothing can be in it."""
        return bool(self.since and self.until and self.until < self.since)

    def address(self, **changes: object) -> str:
        """The page that these filters show, with some of them changed; `from` and `to` as in the form."""
        given: dict[str, object] = {field.name: getattr(self, field.name) for field in fields(self)}
        given |= {"from": given.pop("since"), "to": given.pop("until")} | changes
        query = urlencode({name: str(value) for name, value in given.items() if value})
        return reverse("accomplishments:log") + (f"?{query}" if query else "")


class Cursor(NamedTuple):
    """The last entry that was shown; the next page begins after it."""

    day: date
    pk: int

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}.{self.pk}"


def _holds(word: str) -> Any:
    """Some text of an entry has this word in it, in whatever case."""
    # SQLite folds the case of Latin letters only
    forms = {word} if word.isascii() else {word, word.lower(), word.upper(), word.capitalize()}
    found: Any = Q()
    for form in sorted(forms):
        for name in SEARCHED:
            found |= Q(**{f"{name}__icontains": form})
        found |= Exists(Link.objects.filter(accomplishment=OuterRef("pk"), url__icontains=form))
        found |= Exists(File.objects.filter(accomplishment=OuterRef("pk"), name__icontains=form))
    return found


def entries_of(person: int, filters: Filters) -> AccomplishmentQuerySet:
    """The entries that the filters let through, in no order."""
    entries = Accomplishment.objects.filter(person=person)
    if filters.state == DELETED:
        entries = entries.filter(deleted_at__isnull=False)
    else:
        entries = entries.kept().filter(state__in=[filters.state] if filters.state else [State.DRAFT, State.LOGGED])
    claims = Claim.objects.filter(accomplishment=OuterRef("pk"))
    if filters.competency == NONE:
        entries = entries.exclude(Exists(claims))
    elif filters.competency:
        entries = entries.filter(Exists(claims.filter(competency__slug=filters.competency)))
    if filters.proof:
        _, among, ranks = PROOF_FILTER[filters.proof]
        ranked = Verification.objects.filter(owner=person).order_by().values("claim__accomplishment")
        found = Q(pk__in=ranked.annotate(rank=Max(rank_of())).filter(rank__in=ranks).values("claim__accomplishment"))
        entries = entries.filter(found if among else ~found)
    if filters.proof == "unasked":
        entries = entries.filter(Exists(claims))  # without a competency there is nothing to ask about
    if filters.since:
        entries = entries.filter(day__gte=filters.since)
    if filters.until:
        entries = entries.filter(day__lte=filters.until)
    for word in filters.q.split()[:MOST_WORDS]:
        entries = entries.filter(_holds(word))
    return entries


# ── One page ────────────────────────────────────────────────────────────────
class Said(NamedTuple):
    """What one colleague was asked about an entry, or answered."""

    name: str
    answer: str
    asked: date
    rank: int
    as_manager: bool
    mutual: bool


class Tag(NamedTuple):
    """A competency that an entry is evidence for."""

    slug: str
    name: str
    level: int


@dataclass
class Line:
    """An entry as the timeline shows it."""

    entry: Any  # an Accomplishment with `text`, `links_count` and `files_count`
    tags: Sequence[Tag]
    said: Sequence[Said]

    @property
    def proof(self) -> Proof:
        return PROOFS[max((one.rank for one in self.said), default=None)]

    @property
    def who(self) -> str:
        """Whose word the proof is: a name, or how many people."""
        answers = {
            Proof.PEER: CONFIRMATIONS,
            Proof.MANAGER: CONFIRMATIONS,
            Proof.WAITING: ("",),
            Proof.DISPUTED: (Answer.DISPUTED,),
        }.get(self.proof, ())
        names = list(dict.fromkeys(one.name for one in self.said if one.answer in answers))
        return names[0] if len(names) == 1 else f"{len(names)} people" if names else ""

    @property
    def facts(self) -> list[str]:
        return facts_of(self.said)

    @property
    def waiting_since(self) -> date | None:
        return min((one.asked for one in self.said if not one.answer), default=None)


class Quarter(NamedTuple):
    """A heading of the timeline, with the entries of it that are on this page."""

    start: date
    end: date
    total: int  # of all its entries that the filters let through
    continued: bool  # it began on the page before
    lines: Sequence[Line]


def quarter_of(day: date) -> tuple[date, date]:
    """The first day of its first month, the first day of its last one."""
    first = 3 * ((day.month - 1) // 3) + 1
    return date(day.year, first, 1), date(day.year, first + 2, 1)


def rows_of(entries: AccomplishmentQuerySet, before: Cursor | None) -> list[Any]:
    """A page of these entries, the newest first, and one more, to know whether there is a next page; 1 query."""
    if before:
        # said in this way, both databases go straight to the place in the index
        entries = entries.filter(day__lte=before.day).filter(Q(day__lt=before.day) | Q(pk__lt=before.pk))
    text = Left(
        Coalesce(NullIf("outcome", Value("")), NullIf("action", Value("")), "situation", output_field=CharField()),
        EXCERPT,
    )
    return list(
        entries.annotate(text=text, links_count=_number_of(Link), files_count=_number_of(File))
        .only("title", "state", "day", "deleted_at", "confidential", "visibility")
        .order_by("-day", "-pk")[: PAGE + 1]
    )


def lines_of(rows: Sequence[Any], *, asked: bool = True) -> list[Line]:
    """Entries as pages list them, without what nobody answered yet unless `asked`; 1 query."""
    tags, said = _claims_of([row.pk for row in rows])
    return [Line(row, tags[row.pk], [one for one in said[row.pk] if asked or one.answer]) for row in rows]


@dataclass
class Timeline:
    """A page of the log, read when it is looked at; 3 queries."""

    person: int
    filters: Filters
    before: Cursor | None = None

    @cached_property
    def _rows(self) -> list[Any]:
        return rows_of(entries_of(self.person, self.filters), self.before)

    @cached_property
    def lines(self) -> list[Line]:
        return lines_of(self._rows[:PAGE])

    @property
    def next(self) -> str:
        """The address of the next page, or nothing."""
        if len(self._rows) <= PAGE:
            return ""
        last = self._rows[PAGE - 1]
        return self.filters.address(before=Cursor(last.day, last.pk))

    @cached_property
    def _months(self) -> Counter[tuple[int, int]]:
        """Year and month -> entries that the filters let through; 1 query."""
        found = (
            entries_of(self.person, self.filters)
            .order_by()
            .values(month=Substr(Cast("day", CharField()), 1, 7))
            .annotate(count=Count("pk"))
            .values_list("month", "count")
        )
        return Counter({(int(month[:4]), int(month[5:])): count for month, count in found})

    @property
    def total(self) -> int:
        return self._months.total()

    @property
    def oldest(self) -> date:
        """The month in which the timeline begins."""
        return date(*min(self._months), 1)

    @cached_property
    def quarters(self) -> list[Quarter]:
        counts: Counter[date] = Counter()
        for (year, month), count in self._months.items():
            counts[quarter_of(date(year, month, 1))[0]] += count
        went_on = quarter_of(self.before.day) if self.before else None
        return [
            Quarter(*quarter, counts[quarter[0]], quarter == went_on, list(lines))
            for quarter, lines in groupby(self.lines, key=lambda line: quarter_of(line.entry.day))
        ]


def _number_of(model: type[Link] | type[File]) -> Coalesce:
    counted = (
        model.objects.filter(accomplishment=OuterRef("pk"))
        .order_by()
        .values("accomplishment")
        .annotate(number=Count("pk"))
        .values("number")
    )
    return Coalesce(Subquery(counted), Value(0))


def _claims_of(entries: Iterable[int]) -> tuple[dict[int, list[Tag]], dict[int, list[Said]]]:
    """Of each entry what it is evidence for, and who said what about it; 1 query."""
    rows = (
        Claim.objects.filter(accomplishment__in=list(entries))
        .annotate(rank=rank_of("verifications__"), mutual=mutual("verifications__"))
        .order_by("slot", "verifications__asked_at", "verifications__pk")
        .values_list(
            "accomplishment_id",
            "competency__slug",
            "competency__name",
            "level",
            "verifications__name",
            "verifications__answer",
            "verifications__asked_at",
            "rank",
            "verifications__as_manager",
            "mutual",
        )
    )
    tags: defaultdict[int, list[Tag]] = defaultdict(list)
    said: defaultdict[int, list[Said]] = defaultdict(list)
    for entry, slug, name, level, who, answer, asked, rank, as_manager, returned in rows:
        tag = Tag(slug, name, level)
        if tag not in tags[entry]:
            tags[entry].append(tag)
        if rank is not None:
            said[entry].append(Said(who, answer, timezone.localdate(asked), rank, as_manager, returned))
    return tags, said


# ── Beside it ───────────────────────────────────────────────────────────────
@dataclass
class Summary:
    """How many entries of the whole log are of each kind."""

    total: int = 0  # logged and drafts
    since: date | None = None  # the day of the oldest of them
    logged: int = 0
    drafts: int = 0
    bare: int = 0  # logged, without a competency
    unasked: int = 0  # logged, with a competency, and nobody was asked about it
    archived: int = 0
    deleted: int = 0
    proofs: Counter[Proof] = field(default_factory=Counter)  # who stands behind what is logged

    @property
    def stands(self) -> list[tuple[Proof, int]]:
        """The strongest first; what is out of the ordinary only where there is some."""
        order = (Proof.MANAGER, Proof.PEER, Proof.WAITING, Proof.SELF, Proof.DISPUTED)
        usual = (Proof.MANAGER, Proof.PEER, Proof.SELF)
        return [(proof, self.proofs[proof]) for proof in order if proof in usual or self.proofs[proof]]


def summary_of(person: int) -> Summary:
    """1 query."""
    entries = Accomplishment.objects.filter(person=person).order_by()
    entries = entries.annotate(claimed=Max("claims__slot"), rank=Max(rank_of("claims__verifications__")))
    there = Q(deleted_at__isnull=True)
    logged = there & Q(state=State.LOGGED)
    kinds = {
        "total": there & ~Q(state=State.ARCHIVED),
        "logged": logged,
        "drafts": there & Q(state=State.DRAFT),
        "bare": logged & Q(claimed__isnull=True),
        "unasked": logged & Q(claimed__isnull=False, rank__isnull=True),
        "archived": there & Q(state=State.ARCHIVED),
        "deleted": Q(deleted_at__isnull=False),
    }
    ranks = {f"rank_{rank}": logged & Q(rank=rank) for rank in PROOFS if rank is not None}
    counts = {name: Count("pk", filter=kind) for name, kind in (kinds | ranks).items()}
    found = entries.aggregate(since=Min("day", filter=kinds["total"]), **counts)
    proofs = Counter({proof: found.get(f"rank_{rank}", 0) for rank, proof in PROOFS.items() if rank})
    proofs[Proof.SELF] = found["logged"] - proofs.total()
    return Summary(proofs=proofs, **{name: found[name] for name in ("since", *kinds)})


@dataclass
class Log:
    """What of somebody's log is on every page of it, read when it is looked at; a query each."""

    person: int

    @cached_property
    def stamp(self) -> str:
        """Changes whenever anything does that a page shows: the record, the framework, the day."""
        revision = Subquery(Revision.objects.filter(pk=1).values("token"))
        tokens = Record.objects.filter(pk=self.person).values_list("token", revision).first()
        return (
            f"{tokens}:{timezone.localdate()}:{manner()}" if tokens else f"{self.person}:{Revision.stamp()}:{manner()}"
        )

    @cached_property
    def competencies(self) -> dict[str, str]:
        """Slug -> name of all that there are claims for, in framework order."""
        claimed = Claim.objects.filter(accomplishment__person=self.person).values("competency")
        return dict(Competency.objects.filter(pk__in=claimed).values_list("slug", "name"))

    @cached_property
    def summary(self) -> Summary:
        return summary_of(self.person)
