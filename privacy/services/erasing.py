"""Erasing somebody, as `strategies` declares it for each table, all of it or nothing.

Most of it is the cascade of the account's own row. What is done here before is what others rely on, which stays
without a name, and what no key leads to.
"""

import json
import re
from collections.abc import Iterable
from functools import partial, reduce
from itertools import product
from operator import or_
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.html import escape

from accomplishments.models import Event, Record, Verification
from accomplishments.services.verifications import give_up
from audit.choices import Kind
from audit.services import record
from outbox.models import Message
from people.models import Invitation, User
from privacy.models import Archive
from privacy.queries.content import addresses_of, files_of, messages_to
from privacy.queries.leaving import due
from privacy.services.archives import remove_files
from privacy.services.sessions import end_all

FORMER = "A former colleague"


class LastSuperuser(Exception):
    """Nobody would be left who may do everything."""


@transaction.atomic
def erase(*, person: User, by: User | None, how: str = "") -> None:
    """Everything of somebody, now and for good; `by` is nobody where their period was over. Raises LastSuperuser."""
    person = User.objects.select_for_update().get(pk=person.pk)  # what others add to them meanwhile waits, and fails
    others = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=person.pk)
    if person.is_superuser and person.is_active and not others.exists():
        raise LastSuperuser
    record(kind=Kind.ERASED, by=by, about=person, what=how or "Erased.")
    addresses, names = addresses_of(person), _names_of(person)
    shared = set(User.objects.exclude(pk=person.pk).filter(name__in=names).values_list("name", flat=True))
    end_all(person=person)
    give_up(verifier=person)
    _forget_in_histories(Event.objects.all(), (names | addresses) - shared)
    _forget_in_histories(Event.objects.filter(accomplishment__claims__verifications__verifier=person), shared)
    _forget_answers(person, addresses)
    Invitation.objects.filter(_any(("email__iexact",), addresses)).delete()
    _forget_mail(person, names - shared, addresses)
    _forget_admin_history(person, addresses)
    _remove_files(person)
    person.delete()


@transaction.atomic
def erase_if_due(*, pk: int) -> bool:
    """Somebody who left, if their period is over; it may be that the account was opened again just now."""
    person = due().select_for_update().filter(pk=pk).first()
    if person is None:
        return False
    erase(person=person, by=None, how="Erased: the period after leaving was over.")
    return True


# ── What no cascade does ────────────────────────────────────────────────────
def _names_of(person: User) -> set[str]:
    """As they are called, and as they were called when somebody asked them."""
    return {str(person), *Verification.objects.filter(verifier=person).values_list("name", flat=True)}


def _forget_in_histories(lines: QuerySet[Event], names: set[str]) -> None:
    """In lines that say who had answered. The database refuses to change a line, so each is written anew."""
    if not names:
        return
    written = {json.dumps(name, ensure_ascii=ascii) for name in names for ascii in (True, False)}  # by either database
    wanted = _any(("text__contains",), written)
    anew = {one.pk: one for one in lines.annotate(text=Cast("content", TextField())).filter(wanted)}
    anew = {pk: one for pk, one in anew.items() if _rename(one.content, names)}
    Event.objects.filter(pk__in=anew).delete()
    Event.objects.bulk_create(anew.values())


def _any(lookups: Iterable[str], values: Iterable[str]) -> Q:
    """Rows of which one of the columns has one of the values."""
    return reduce(or_, (Q((lookup, value)) for lookup, value in product(lookups, values)))


def _rename(content: dict[str, Any], names: set[str]) -> bool:
    """Whether anybody was renamed."""
    answers = [one for claim in content.get("claims", ()) for one in claim.get("answers", ()) if one["name"] in names]
    for one in answers:
        one["name"] = FORMER
    return bool(answers)


def _forget_answers(person: User, addresses: Iterable[str]) -> None:
    """What they stated or settled stays, as that of nobody whom one could name; what rests on it is computed anew."""
    rows = Verification.objects.filter(Q(verifier=person) | _any(("email__iexact",), addresses))
    for owner in set(rows.exclude(owner=person).values_list("owner_id", flat=True)):
        Record.bump(owner)
    rows.update(verifier=None, email="", name=FORMER, note="")
    Verification.objects.filter(resolved_by=person).update(resolved_by=None, settled_note="")


def _forget_mail(person: User, names: set[str], addresses: set[str]) -> None:
    """Mail to them goes; in mail to others, sent or waiting, they are nobody in particular."""
    messages_to(person).delete()
    written = names | {escape(name) for name in names}
    words = [rf"(?<!\w){re.escape(name)}(?!\w)" for name in written] + [f"(?i:{re.escape(one)})" for one in addresses]
    pattern, columns = re.compile("|".join(words)), ("subject", "text", "html")
    rows = list(Message.objects.filter(_any([f"{column}__icontains" for column in columns], written | addresses)))
    for row in rows:
        for column in columns:
            longest = getattr(Message._meta.get_field(column), "max_length", None)
            setattr(row, column, pattern.sub(FORMER, getattr(row, column))[:longest])
    Message.objects.bulk_update(rows, columns, batch_size=100)


def _forget_admin_history(person: User, addresses: Iterable[str]) -> None:
    about = Q(content_type=ContentType.objects.get_for_model(User), object_id=str(person.pk))
    named = _any(("object_repr__icontains", "change_message__icontains"), addresses)
    LogEntry.objects.filter(Q(user=person) | about | named).delete()


def _remove_files(person: User) -> None:
    """From the disk, when the rest is sure."""
    for file in files_of(person):
        transaction.on_commit(partial(file.content.storage.delete, str(file.content.name)), robust=True)
    remove_files(list(Archive.objects.owned_by(person)))
