"""Changes of an entry, each whole or not at all."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import count
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from accomplishments.choices import CONFIRMATIONS, Happened, State, Void
from accomplishments.models import Accomplishment, Claim, Event, Link, Record, Verification, VerificationQuerySet
from accomplishments.queries.entries import FIELDS, SUBSTANCE, content_of, usual_visibility
from people.models import User

NOT_DELETED: dict[str, Any] = {"deleted_at": None}


class EditedElsewhere(Exception):
    """Somebody, most likely the same person in another tab, saved the entry after this form was opened."""

    def __init__(self, entry: Accomplishment) -> None:
        super().__init__(f"{entry} was saved elsewhere")
        self.entry = entry


class WouldUnverify(Exception):
    """The change alters what colleagues confirmed; these claims would return to unverified."""

    def __init__(self, claims: Sequence[Claim]) -> None:
        super().__init__("the change alters what was verified")
        self.claims = claims


class Claimed(NamedTuple):
    """A claim as a form gives it: keys of rows, and the level 1..5."""

    competency: int
    level: int
    indicator: int | None = None


class Typed(NamedTuple):
    """Clean content of an entry: the FIELDS that are given (others stay), claims in order, addresses of links."""

    fields: Mapping[str, Any]
    claims: Sequence[Claimed] = ()
    links: Sequence[str] = ()


@transaction.atomic
def add(
    *,
    by: User,
    typed: Typed,
    log: bool,
    token: uuid.UUID | None = None,
    origin: str = "",
    happened: Happened | None = None,
    at: datetime | None = None,
) -> Accomplishment:
    """A new entry, logged or as a draft. A form (`token`) or a line of an import (`origin`) makes one entry only:
    where it has one already, that is returned; a draft that the form saved before is brought to what is typed now.
    `at` is when it was written, where that isn't now.

    Raises EditedElsewhere where the form's entry was logged or deleted meanwhile and something else is typed now.
    """
    token, at = token or uuid.uuid4(), at or timezone.now()
    usual = usual_visibility(by.pk)
    try:
        with transaction.atomic():
            entry = Accomplishment.objects.create(
                person=by, token=token, tab=token, origin=origin, created_at=at, visibility=usual
            )
    except IntegrityError:
        same = Q(token=token) | (Q(origin=origin) if origin else Q())
        entry = Accomplishment.objects.select_for_update().filter(same, person=by).order_by("pk")[0]
        if origin or (entry.state != State.DRAFT and not entry.deleted_at and _says(entry, typed)):
            return entry
        if entry.state != State.DRAFT:
            raise EditedElsewhere(entry) from None
        return save(entry=entry, by=by, typed=typed, log=log, tab=token)
    _write(entry, typed, log=log, at=at)
    note(entry, happened or (Happened.LOGGED if log else Happened.DRAFTED), by, at)
    return entry


@transaction.atomic
def save(
    *,
    entry: Accomplishment,
    by: User,
    typed: Typed,
    log: bool = False,
    edits: int | None = None,
    tab: uuid.UUID | None = None,
    agreed: bool = False,
    at: datetime | None = None,
) -> Accomplishment:
    """Bring an entry to what is typed; `log` makes a draft count, and never the other way round. An entry that says
    all of it already is left alone.

    `edits` is what the form was opened with, `tab` the form itself. Raises EditedElsewhere when another form saved
    since, and WouldUnverify when confirmed claims change without `agreed`.
    """
    now = Accomplishment.objects.select_for_update().get(pk=entry.pk)
    if now.deleted_at or (now.edits != edits and now.tab != tab):
        raise EditedElsewhere(now)
    at = at or timezone.now()
    was_draft = now.state == State.DRAFT
    if not (log and was_draft) and _says(now, typed):
        return now
    touched = [] if was_draft else _touched(now, typed)
    if touched and not agreed:
        raise WouldUnverify(touched)
    if tab:
        now.tab = tab
    _write(now, typed, log=log or not was_draft, at=at)
    if log and was_draft:
        note(now, Happened.LOGGED, by, at)
    elif not was_draft:
        note(now, Happened.EDITED, by, at)
    if touched:  # after the line that says what was edited, so that this one says whose word went
        words = Verification.objects.standing().filter(claim__in=touched, answer__in=CONFIRMATIONS)
        _tell(words)
        words.update(voided_at=at, voided_for=Void.CHANGED)
        note(now, Happened.UNVERIFIED, by, at)
    return now


@transaction.atomic
def keep_draft(
    *, by: User, typed: Typed, token: uuid.UUID, entry: int | None = None, edits: int | None = None
) -> Accomplishment:
    """What a form (`token`) holds so far, put away while somebody types: its own draft, or the draft `entry` that it
    was opened with. Only the first time is a line of the history.

    Raises EditedElsewhere where that is no draft any more, was deleted, or was saved by another form: whatever comes
    late changes nothing.
    """
    drafts = Accomplishment.objects.select_for_update().filter(person=by)
    there = drafts.filter(Q(token=token) if entry is None else Q(pk=entry)).first()
    if there is None:
        return add(by=by, typed=typed, log=False, token=token)
    if there.state != State.DRAFT:
        raise EditedElsewhere(there)
    return save(entry=there, by=by, typed=typed, edits=edits, tab=token)


def _says(entry: Accomplishment, typed: Typed) -> bool:
    """Whether an entry holds exactly this already; 2 queries at most."""
    return (
        all(getattr(entry, name) == typed.fields[name] for name in FIELDS if name in typed.fields)
        and {Claimed(*row) for row in entry.claims.values_list("competency", "level", "indicator")} == set(typed.claims)
        and [link.url for link in entry.links.all()] == list(dict.fromkeys(typed.links))
    )


def _touched(entry: Accomplishment, typed: Typed) -> list[Claim]:
    """The confirmed claims that a change of the entry takes back."""
    confirmed = list(
        entry.claims.filter(verifications__answer__in=CONFIRMATIONS, verifications__voided_at__isnull=True)
        .select_related("competency")
        .distinct()
    )
    if any(typed.fields[name] != getattr(entry, name) for name in SUBSTANCE if name in typed.fields):
        return confirmed
    levels = {one.competency: one.level for one in typed.claims}
    return [claim for claim in confirmed if levels.get(claim.competency_id) != claim.level]


def fill(entry: Accomplishment, typed: Typed, *, log: bool, at: datetime) -> None:
    """Bring the row of an entry to what is typed, without storing it."""
    for name in FIELDS:
        if name in typed.fields:
            setattr(entry, name, typed.fields[name])
    if log and entry.state == State.DRAFT:
        entry.state = State.LOGGED
    entry.day = entry.ended_on or entry.started_on or timezone.localdate(entry.created_at)
    entry.edited_at = at
    entry.edits += 1


def links_of(entry: Accomplishment, urls: Iterable[str]) -> list[Link]:
    """The rows that its links are to be."""
    once = dict.fromkeys(urls)
    return [Link(accomplishment=entry, position=position, url=url) for position, url in enumerate(once, start=1)]


def _write(entry: Accomplishment, typed: Typed, *, log: bool, at: datetime) -> None:
    fill(entry, typed, log=log, at=at)
    entry.save()
    _write_claims(entry, typed.claims)
    wanted = links_of(entry, typed.links)
    if [link.url for link in wanted] != [link.url for link in entry.links.all()]:
        entry.links.all().delete()
        Link.objects.bulk_create(wanted)
    Record.bump(entry.person_id)


def _write_claims(entry: Accomplishment, claims: Iterable[Claimed]) -> None:
    """Rows stay where their competency does, since verifications hang from them."""
    wanted = {one.competency: one for one in claims}
    there = {claim.competency_id: claim for claim in entry.claims.all()}
    gone = entry.claims.exclude(competency__in=wanted)
    _tell(Verification.objects.filter(claim__in=gone))
    gone.delete()
    taken = {claim.slot for key, claim in there.items() if key in wanted}
    free = (slot for slot in count(1) if slot not in taken)  # the database refuses a sixth
    for key, one in wanted.items():
        if key not in there:
            Claim.objects.create(
                accomplishment=entry,
                slot=next(free),
                competency_id=key,
                level=one.level,
                indicator_id=one.indicator,
            )
        elif (there[key].level, there[key].indicator_id) != (one.level, one.indicator):
            Claim.objects.filter(pk=there[key].pk).update(level=one.level, indicator=one.indicator)


def note(entry: Accomplishment, happened: Happened, by: User, at: datetime | None = None) -> None:
    """A line of the history, with the entry as it stands now."""
    Event.objects.create(
        accomplishment=entry, happened=happened, by=by, at=at or timezone.now(), content=content_of(entry)
    )


def archive(*, entry: Accomplishment, by: User, at: datetime | None = None) -> bool:
    """Out of the timeline and out of every match, but kept. False where it was not logged."""
    return _move(entry, by, Happened.ARCHIVED, NOT_DELETED | {"state": State.LOGGED}, {"state": State.ARCHIVED}, at)


def unarchive(*, entry: Accomplishment, by: User) -> bool:
    return _move(entry, by, Happened.RESTORED, NOT_DELETED | {"state": State.ARCHIVED}, {"state": State.LOGGED})


def delete(*, entry: Accomplishment, by: User) -> bool:
    """Gone for every page; it can be brought back for 30 days, then a nightly job removes it."""
    return _move(entry, by, Happened.DELETED, NOT_DELETED, {"deleted_at": timezone.now()})


def undelete(*, entry: Accomplishment, by: User) -> bool:
    return _move(entry, by, Happened.RESTORED, {"deleted_at__isnull": False}, {"deleted_at": None})


@transaction.atomic
def _move(
    entry: Accomplishment,
    by: User,
    happened: Happened,
    old: dict[str, Any],
    new: dict[str, Any],
    at: datetime | None = None,
) -> bool:
    """One guarded change; pressed twice, the second press finds nothing to do."""
    if not Accomplishment.objects.filter(pk=entry.pk, **old).update(**new, edits=F("edits") + 1):
        return False
    entry.refresh_from_db()
    note(entry, happened, by, at)
    Record.bump(entry.person_id)
    _tell(Verification.objects.filter(claim__accomplishment=entry))
    return True


def _tell(questions: VerificationQuerySet) -> None:
    """What waits for the answer of those who were asked comes and goes with the entry and its claims; so does their
    word.
    """
    asked = questions.standing().filter(verifier__isnull=False)
    for verifier in set(asked.values_list("verifier_id", flat=True)):
        Record.bump(verifier)


@transaction.atomic
def purge(*, before: datetime) -> int:
    """Remove for good what was deleted before a moment, with its files; how many entries went."""
    gone = list(Accomplishment.objects.filter(deleted_at__lt=before).prefetch_related("files"))
    for entry in gone:
        for file in entry.files.all():
            transaction.on_commit(partial(file.content.storage.delete, str(file.content.name)), robust=True)
        entry.delete()
        Record.bump(entry.person_id)
    return len(gone)
