"""Entries out of a file."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from accomplishments.choices import Happened
from accomplishments.forms.imports.checking import Fresh
from accomplishments.models import Accomplishment, Claim, Event, Link, Record
from accomplishments.queries.entries import contents_of, usual_visibility
from accomplishments.queries.imports import imported_by
from accomplishments.services.entries import Typed, fill, links_of
from people.models import User


class Stored(NamedTuple):
    """How many entries an import added."""

    logged: int
    drafts: int

    def __str__(self) -> str:
        if not self.logged + self.drafts:
            return "Nothing was added: everything was there already."
        drafts = "as a draft" if self.drafts == 1 else "as drafts"
        found = [f"{n} {word}" for n, word in ((self.logged, "logged"), (self.drafts, drafts)) if n]
        return f"{self.logged + self.drafts} imported: {' and '.join(found)}."


@transaction.atomic
def store(*, by: User, entries: Iterable[Fresh]) -> Stored:
    """Add what is not there yet, all of it or nothing, in a number of queries that hardly grows with the rows."""
    Record.bump(by.pk)  # first, so that a second press waits here until the first one is through
    there, at, usual = imported_by(by), timezone.now(), usual_visibility(by.pk)
    wanted = [one for one in entries if one.origin not in there]
    made = [Accomplishment(person=by, origin=one.origin, created_at=at, visibility=usual) for one in wanted]
    for entry, one in zip(made, wanted, strict=True):
        fill(entry, Typed(one.fields), log=one.log, at=at)
    Accomplishment.objects.bulk_create(made)
    pairs = list(zip(made, wanted, strict=True))
    Claim.objects.bulk_create(
        Claim(accomplishment=entry, slot=slot, competency_id=competency, level=level)
        for entry, one in pairs
        for slot, (competency, level) in enumerate(one.claims, start=1)
    )
    Link.objects.bulk_create(link for entry, one in pairs for link in links_of(entry, one.links))
    Event.objects.bulk_create(
        Event(accomplishment=entry, happened=Happened.IMPORTED, by=by, at=at, content=content)
        for entry, content in zip(made, contents_of(made), strict=True)
    )
    logged = sum(one.log for one in wanted)
    return Stored(logged, len(wanted) - logged)
