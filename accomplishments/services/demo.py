"""The demo organisation: brought in the way that the product goes, and taken out again with all that is theirs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID, uuid4
from zlib import crc32

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone

from accomplishments.choices import CONFIRMATIONS
from accomplishments.forms.demo_file import Asked, Day, Entry, Person, Story, attached, people, story, teams
from accomplishments.models import Accomplishment, Claim, File, Target, Verification
from accomplishments.services import entries, ratings, record, targets
from accomplishments.services.entries import Claimed, Typed
from accomplishments.services.files import add_file
from accomplishments.services.verifications import REMINDED_AFTER
from competencies.models import Competency, Indicator, Revision
from people.models import Team, User
from roles.models import Role, RoleVersion

PASSWORD = "climb-the-ladder"  # noqa: S105  the demo's, printed on the sign-in page
RATED = range(364, -1, -14)  # days ago, oldest first: a fortnight apart for a year
OFFICE = (9, 8)  # things happen from nine o'clock on, within eight hours


class Removed(NamedTuple):
    people: int
    entries: int
    files: int
    teams: int


# ── In ──────────────────────────────────────────────────────────────────────
@transaction.atomic
def load(*, unless_removed: bool = False) -> tuple[int, int]:
    """Whoever is missing, and what they did; how many people and entries are new. One query where all are there.

    A person with a record was loaded before and is left as they are. Without a framework nothing can be claimed, so
    people come without their stories until there is one. `unless_removed`: nobody comes where there are people and
    none of them is of the demo.
    """
    records = dict(_demo_people().values_list("email", "record"))
    missing = {key: one for key, one in people().items() if one.address not in records}
    untold = [key for key, one in people().items() if one.team and records.get(one.address) is None]
    if not (missing or untold) or (unless_removed and not records and User.objects.exists()):
        return 0, 0
    _bring(missing)
    Revision.bump()  # what strangers see on every page depends on whether there is a demo
    known = {person.email: person for person in _demo_people()}
    who = {key: known[one.address] for key, one in people().items()}
    if not Competency.objects.exists():
        return len(missing), 0
    return len(missing), Telling(who, untold).tell()


def _demo_people() -> Any:
    return User.objects.filter(email__in=[one.address for one in people().values()])


def _bring(missing: Mapping[str, Person]) -> None:
    """People in the order of the file: a manager before their reports."""
    password = make_password(PASSWORD)  # one hash for all: it takes a quarter of a second
    for one in missing.values():
        manager = people()[one.manager].address if one.manager else None
        person = User.objects.create(
            email=one.address,
            password=password,
            name=one.name,
            is_staff=one.admin,
            is_superuser=one.superuser,
            manager=User.objects.filter(email=manager).first(),
            team=Team.objects.get_or_create(slug=one.team, defaults={"name": teams()[one.team]})[0]
            if one.team
            else None,
        )
        person.groups.set(Group.objects.get_or_create(name=group)[0] for group in one.groups)
        EmailAddress.objects.create(user=person, email=one.address, verified=True, primary=True)


@dataclass
class Telling:
    """One load of stories. What framework or catalogue don't know is left out."""

    who: Mapping[str, User]
    untold: Iterable[str]

    def __post_init__(self) -> None:
        self.now = timezone.now()
        self.today = timezone.localdate(self.now)
        self.competencies = dict(Competency.objects.values_list("slug", "pk"))
        self.roles = {str(role): role for role in Role.objects.select_related("level", "specialty__family")}
        self.indicators: dict[tuple[str, int], list[int]] = {}
        for slug, level, pk in Indicator.objects.values_list("competency__slug", "level__number", "pk"):
            self.indicators.setdefault((slug, level), []).append(pk)

    def tell(self) -> int:
        told = 0
        for key in self.untold:
            one = story(key)
            self._place(self.who[key], one)
            for entry in sorted(one.entries, key=lambda entry: -entry.written):
                self._enter(self.who[key], entry)
            told += len(one.entries)
        for days in RATED:
            ratings.store(people=[self.who[key].pk for key in self.untold], on=self._day(days))
        return told

    def _day(self, day: Day) -> date:
        return self.today - timedelta(days=day) if isinstance(day, int) else day

    def _at(self, day: Day, words: str) -> datetime:
        """A moment of that day in office hours, the same for the same words, and never one to come."""
        first, hours = OFFICE
        since = timedelta(seconds=crc32(words.encode()) % (hours * 3600))
        return min(self.now, timezone.make_aware(datetime.combine(self._day(day), time(first)) + since))

    def _place(self, person: User, one: Story) -> None:
        """Where they stand and where they want to go."""
        record.hold(by=person, role=self.roles.get(one.role), since=self._day(one.since))
        for pin in one.targets:
            versions = RoleVersion.objects.in_force().filter(role=self.roles.get(pin.role))
            if pin.version:
                versions = versions.filter(number=pin.version)
            version = versions.order_by("-effective_from", "-number").first()
            if version:
                target = targets.pin(by=person, version=version)
                Target.objects.filter(pk=target.pk).update(pinned_at=self._at(pin.pinned, pin.role))
        for given in one.not_applicable:
            role, competency = self.roles.get(given.role), Competency.objects.filter(slug=given.competency).first()
            if role and competency:
                targets.exempt(by=person, role=role, competency=competency, reason=given.reason)

    def _enter(self, person: User, one: Entry) -> None:
        logged = one.draft is None
        typed = Typed(self._fields(one), self._claims(one), one.links)
        entry = entries.add(by=person, typed=typed, log=logged, at=self._at(one.written, one.title))
        changed = one.later.get("days", -1)
        self._ask(entry, (asked for asked in one.asked if asked.since >= changed))
        if one.later:
            fields = {name: text for name, text in one.later.items() if name != "days"}
            edited = Typed({**typed.fields, **fields}, typed.claims, typed.links)
            moment = self._at(changed, one.title)
            entry = entries.save(entry=entry, by=person, typed=edited, edits=entry.edits, agreed=True, at=moment)
            self._ask(entry, (asked for asked in one.asked if asked.since < changed))
        for name in one.files:
            upload = SimpleUploadedFile(name, attached(name))
            add_file(entry=entry, by=person, upload=upload, at=self._at(one.written, one.title))
        if one.archived is not None:
            entries.archive(entry=entry, by=person, at=self._at(one.archived, one.title))

    def _fields(self, one: Entry) -> dict[str, Any]:
        same = ("title", "situation", "action", "outcome", "part", "scope", "context", "ai_help", "visibility")
        return {
            **{name: getattr(one, name) for name in (*same, "confidential", "public_wording")},
            "started_on": None if one.started is None else self._day(one.started),
            "ended_on": None if one.ended is None else self._day(one.ended),
            **{f"measure_{name}": value for name, value in one.measure.items()},
        }

    def _claims(self, one: Entry) -> list[Claimed]:
        return [
            Claimed(self.competencies[slug], claim.level, self._indicator(slug, claim.level, claim.meets))
            for slug, claim in one.claims.items()
            if slug in self.competencies
        ]

    def _indicator(self, slug: str, level: int, place: int) -> int | None:
        there = self.indicators.get((slug, level), [])
        return there[place - 1] if 0 < place <= len(there) else None

    def _ask(self, entry: Accomplishment, questions: Iterable[Asked]) -> None:
        """Questions and answers as rows: of what `verifications` does beyond them nothing must happen, such as mail."""
        claims = list(entry.claims.select_related("competency"))
        Verification.objects.bulk_create(
            self._said(entry, claim, asked, batch)
            for asked, batch in ((asked, uuid4()) for asked in questions)
            for claim in claims
            if not asked.of or claim.competency.slug in asked.of
        )

    def _said(self, entry: Accomplishment, claim: Claim, asked: Asked, batch: UUID) -> Verification:
        verifier, words = self.who[asked.by], f"{entry.title} {asked.by}"
        said = Verification(claim=claim, owner_id=entry.person_id, verifier=verifier, name=str(verifier), batch=batch)
        said.question = asked.question
        if asked.days is None:
            said.asked_at = self._at(asked.since, words)
            said.reminders = sum(asked.since >= after.days for after in REMINDED_AFTER)  # so that none goes out now
            return said
        said.asked_at = self._at(max(timezone.localdate(entry.edited_at), self._day(asked.days + 3)), words)
        said.answered_at = max(said.asked_at, self._at(asked.days, f"{words} answered"))
        said.answer, said.level, said.note = asked.says, asked.level, asked.note
        said.part = asked.part or (entry.part if asked.says in CONFIRMATIONS else "")
        said.as_manager = entry.person.manager_id == verifier.pk
        if asked.settled is not None:
            said.resolved_at, said.resolved_by = self._at(asked.settled, words), entry.person
            said.settled_note = asked.how
        return said


# ── Out ─────────────────────────────────────────────────────────────────────
@transaction.atomic
def remove() -> Removed:
    """The demo people and all that hangs from them, their files, their teams and groups where nobody else is in them.

    What others have stays: their entries, and what was stated about these; a demo person's name stands there as that
    of any account that is gone.
    """
    gone = _demo_people()
    entries_of = Accomplishment.objects.filter(person__in=gone)
    files = list(File.objects.filter(accomplishment__in=entries_of))
    for file in files:
        transaction.on_commit(partial(file.content.storage.delete, str(file.content.name)), robust=True)
    counted = entries_of.count(), len(files)
    there = gone.count()
    gone.delete()
    if there:
        Revision.bump()
    empty = Team.objects.filter(slug__in=teams(), people__isnull=True)
    teams_gone = empty.count()
    empty.delete()
    names = {name for one in people().values() for name in one.groups}
    Group.objects.filter(name__in=names, user__isnull=True, permissions__isnull=True).delete()
    return Removed(there, *counted, teams_gone)
