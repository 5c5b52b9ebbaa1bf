"""Asking somebody about a claim, and what they state: did you see it, whose was it, at which level?"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accomplishments import mail
from accomplishments.choices import Answer, State, Void
from accomplishments.models import (
    MOST_REMINDERS,
    OPEN_FOR,
    Accomplishment,
    Claim,
    Record,
    Verification,
)
from accomplishments.permissions import may_settle
from audit.choices import Kind as Trail
from audit.services import record
from people.choices import Kind
from people.mail import is_wanted
from people.models import User
from people.queries.addresses import whose

MOST_NAME = 120  # characters of who was asked, who may be called by their address
REMINDED_AFTER = (timedelta(days=7), timedelta(days=21))  # of the asking; so twice at most


class NotTheirs(Exception):
    """Nobody verifies their own work."""


class NotLogged(Exception):
    """Only what is logged can be verified."""


class NotWanted(Exception):
    """Somebody outside asked not to be written to."""


class Confidential(Exception):
    """What is confidential goes to colleagues only."""


class NotOpen(Exception):
    """The question was withdrawn, has expired, or what it was about is gone."""


@dataclass(frozen=True)
class Asked:
    """Whom: a colleague, or an outside person by address and name."""

    verifier: User | None = None
    email: str = ""
    name: str = ""


@transaction.atomic
def ask(
    *,
    entry: Accomplishment,
    claims: Iterable[Claim],
    whom: Asked,
    by: User,
    question: str = "",
    at: datetime | None = None,
) -> list[Verification]:
    """Ask one person about claims of one entry; those that they were asked about already are left as they are.

    One mail goes out for all of them. Raises NotLogged, NotTheirs, Confidential and NotWanted.
    """
    entry = Accomplishment.objects.select_for_update().get(pk=entry.pk)
    if entry.state != State.LOGGED or entry.deleted_at:
        raise NotLogged
    if by in ([*whose(whom.email)] if whom.email else [whom.verifier]) or by.pk != entry.person_id:
        raise NotTheirs
    if whom.email and entry.confidential:
        raise Confidential
    if whom.email and not is_wanted(Kind.OUTSIDE, whom.email):
        raise NotWanted
    who = {"verifier": whom.verifier, "email": whom.email.lower()}
    there = set(
        Verification.objects.standing().filter(claim__accomplishment=entry, **who).values_list("claim_id", flat=True)
    )
    batch, made = uuid.uuid4(), []
    for claim in claims:
        if claim.accomplishment_id == entry.pk and claim.pk not in there:
            made.append(
                Verification(
                    claim=claim,
                    owner_id=entry.person_id,
                    **who,
                    name=str(whom.verifier or whom.name or whom.email)[:MOST_NAME],
                    batch=batch,
                    question=question,
                    asked_at=at or timezone.now(),
                )
            )
    made = Verification.objects.bulk_create(made)
    if made:
        _bump(made)
        asked = f"{made[0].name} <{whom.verifier.email if whom.verifier else whom.email}>"
        record(kind=Trail.VERIFIED, by=by, about=whom.verifier, what=f"Asked {asked} about an entry.", thing=entry.pk)
        mail.ask(made, entry)
    return made


@dataclass(frozen=True)
class Stated:
    """One answer: the level goes with `confirmed_other`, a dispute has a reason in its note."""

    answer: Answer
    level: int | None = None
    part: str = ""
    note: str = ""


@transaction.atomic
def answer(*, batch: Sequence[Verification], stated: Mapping[int, Stated], at: datetime | None = None) -> None:
    """What the verifier states about each claim, by the key of the question. A revised answer makes a new row.

    What is said once more as it was is no new answer. Whether they are the manager is a fact of this day. Raises
    NotOpen where a question stands no more, or somebody outside answered it: their link works once.
    """
    now = at or timezone.now()
    keys = [one.pk for one in batch if one.pk in stated]
    rows = list(
        Verification.objects.standing()
        .select_for_update(of=("self",))
        .select_related("owner", "claim__accomplishment")
        .filter(pk__in=keys, claim__accomplishment__state=State.LOGGED, claim__accomplishment__deleted_at__isnull=True)
    )
    if len(rows) < len(keys) or any(row.answer and row.verifier_id is None for row in rows):
        raise NotOpen
    rows = [row for row in rows if not _says(row, stated[row.pk])]
    revised = any(row.answer for row in rows)
    for row in rows:
        said = stated[row.pk]
        if row.answer:
            _revise(row, now)
        row.answer, row.level, row.part, row.note = said.answer, said.level, said.part, said.note
        row.answered_at, row.resolved_at, row.resolved_by, row.settled_note = now, None, None, ""
        row.as_manager = row.verifier_id is not None and row.owner.manager_id == row.verifier_id
        row.save()
    _bump(rows)
    _keep(rows, revised)
    for entry in {row.claim.accomplishment for row in rows}:
        mail.answered(entry, [row for row in rows if row.claim.accomplishment_id == entry.pk])


def _says(row: Verification, said: Stated) -> bool:
    """A dispute that was settled and is stated again is a new one."""
    if not row.answer or row.resolved_at:
        return False
    return Stated(Answer(row.answer), row.level, row.part, row.note) == said


def _keep(rows: Sequence[Verification], revised: bool) -> None:
    """A line of the audit trail for the answers of one person; somebody outside is known by name and address."""
    for entry in {row.claim.accomplishment_id for row in rows}:
        of = [row for row in rows if row.claim.accomplishment_id == entry]
        first, words = of[0], ", ".join(row.get_answer_display().lower() for row in of)
        record(
            kind=Trail.VERIFIED,
            by=first.verifier,
            name=f"{first.name} <{first.email}>, from outside",
            about=first.owner,
            what=f"{'Answered anew' if revised else 'Answered'} about an entry: {words}.",
            thing=entry,
        )


def _revise(row: Verification, now: datetime) -> None:
    """The answer so far stays as a row of its own; what follows is written as a new one."""
    Verification.objects.filter(pk=row.pk).update(voided_at=now, voided_for=Void.REVISED)
    row.pk, row._state.adding = None, True


@transaction.atomic
def withdraw(*, entry: Accomplishment, batch: uuid.UUID) -> int:
    """Take back what is not answered yet; how many questions that were."""
    open_ones = Verification.objects.open().filter(claim__accomplishment=entry, batch=batch)
    names = ", ".join(sorted(set(open_ones.values_list("name", flat=True))))
    closed = _close(open_ones, Void.WITHDRAWN)
    if closed:
        what = f"Withdrew what {names} was asked about an entry."
        record(kind=Trail.VERIFIED, by=entry.person, what=what, thing=entry.pk)
    return closed


@transaction.atomic
def give_up(*, verifier: User) -> int:
    """Close what waits for the answer of somebody who left, so that another can be asked; how many questions."""
    return _close(Verification.objects.standing().filter(verifier=verifier, answer=""), Void.EXPIRED)


def _close(questions: Iterable[Verification], why: Void) -> int:
    rows = list(questions)
    closed = Verification.objects.filter(pk__in=[row.pk for row in rows], answer="", voided_at__isnull=True).update(
        voided_at=timezone.now(), voided_for=why
    )
    _bump(rows)
    return closed


def _bump(rows: Iterable[Verification]) -> None:
    """Of who asked the match may change, of who is asked the questions that wait for them."""
    for person in {row.owner_id for row in rows} | {row.verifier_id for row in rows if row.verifier_id}:
        Record.bump(person)


@transaction.atomic
def resolve(*, verification: Verification, by: User, note: str) -> bool:
    """Settle a dispute, which then says nothing for or against; `note` says how it was settled. False where none is
    open. Raises NotTheirs.
    """
    owner, now = verification.owner, timezone.now()
    if not may_settle(by, verification):
        raise NotTheirs
    settled = (
        Verification.objects.standing()
        .filter(pk=verification.pk, answer=Answer.DISPUTED, resolved_at__isnull=True)
        .update(resolved_at=now, resolved_by=by, settled_note=note)
    )
    if settled:
        Record.bump(owner.pk)
        what = f"Settled what {verification.name} disputed about an entry."
        record(kind=Trail.VERIFIED, by=by, about=owner, what=what, thing=verification.claim.accomplishment_id)
        mail.settled(verification, by, note)
    return bool(settled)


# ── By the schedule ─────────────────────────────────────────────────────────
@transaction.atomic
def expire() -> int:
    """Close what nobody answered in 30 days, and tell each who asked, once, of all that is still about a logged entry.

    Of two that do so at the same time the second finds nothing: it waits for the rows of the first.
    """
    late = Verification.objects.standing().filter(answer="", asked_at__lte=timezone.now() - OPEN_FOR)
    rows = list(
        late.select_for_update(of=("self",))
        .select_related("owner", "claim__accomplishment", "claim__competency")
        .order_by("owner", "claim__accomplishment", "asked_at", "batch", "pk")
    )
    closed = _close(rows, Void.EXPIRED)
    told = (
        row
        for row in rows
        if row.claim.accomplishment.state == State.LOGGED and not row.claim.accomplishment.deleted_at
    )
    for owner, theirs in groupby(told, key=lambda row: row.owner):
        mail.expired(owner, theirs)
    return closed


def remind() -> int:
    """Remind of what waits for an answer, twice at most; how many people were reminded. Run twice, it reminds once."""
    sent = 0
    for number, after in enumerate(REMINDED_AFTER[:MOST_REMINDERS]):
        due = Verification.objects.open().filter(reminders=number, asked_at__lte=timezone.now() - after)
        due = due.exclude(verifier__is_active=False)  # they could not sign in to answer
        due = due.exclude(verifier__isnull=True, claim__accomplishment__confidential=True)  # since they were asked
        for batch in due.order_by().values_list("batch", flat=True).distinct():
            sent += _remind(batch, number)
    return sent


@transaction.atomic
def _remind(batch: uuid.UUID, number: int) -> bool:
    rows = Verification.objects.open().filter(batch=batch, reminders=number)
    asked = list(rows.select_related("verifier", "owner", "claim__accomplishment", "claim__competency"))
    if not asked or not rows.update(reminders=F("reminders") + 1):
        return False
    mail.ask(asked, asked[0].claim.accomplishment, again=True)
    return True
