"""The messages about questions and answers. Each goes into the outbox, in the transaction that led to it."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from accomplishments.models import Accomplishment, Verification
from accomplishments.queries.digest import MOST_LINES, Week
from accomplishments.queries.verifications import LINKS
from outbox.backend import Letter
from people.choices import Kind
from people.mail import letter, write
from people.models import User


def link_for_outside(batch: uuid.UUID) -> str:
    """The address at which somebody without an account answers; signed, so that none can be made up."""
    return str(settings.SITE_URL) + reverse("accomplishments:outside", args=[LINKS.sign(batch.hex)])


def ask(asked: Sequence[Verification], entry: Accomplishment, *, again: bool = False) -> None:
    """One message for all that one person is asked at once."""
    first = asked[0]
    link = settings.SITE_URL + reverse("accomplishments:inbox") if first.verifier else link_for_outside(first.batch)
    owner = entry.person
    subject = f"{'Reminder: ' if again else ''}{owner} asks: did you see this work?"
    context = {"asked": asked, "entry": entry, "owner": owner, "first": first, "link": link, "again": again}
    kind = (Kind.REMINDER if again else Kind.QUESTION) if first.verifier else Kind.OUTSIDE
    write(kind, "ask", subject, first.verifier or first.email, context)


def answered(entry: Accomplishment, rows: Sequence[Verification]) -> None:
    link = settings.SITE_URL + entry.get_absolute_url()
    subject = f"{rows[0].name} answered about “{entry}”"
    write(Kind.ANSWER, "answered", subject, entry.person, {"entry": entry, "rows": rows, "link": link})


class Ended(NamedTuple):
    """An entry with those who did not answer about it."""

    title: str
    link: str
    questions: Sequence["Unanswered"]


class Unanswered(NamedTuple):
    name: str
    claims: str


def expired(owner: User, rows: Iterable[Verification]) -> None:
    """One message for all questions of one person that ran out at once, by entry and by who was asked."""
    entries = [
        Ended(
            str(entry),
            settings.SITE_URL + entry.get_absolute_url(),
            [
                Unanswered(asked[0].name, ", ".join(str(row.claim) for row in asked))
                for asked in (list(same) for _, same in groupby(about, key=lambda row: row.batch))
            ],
        )
        for entry, about in (
            (entry, list(same)) for entry, same in groupby(rows, key=lambda row: row.claim.accomplishment)
        )
    ]
    write(Kind.EXPIRED, "expired", "Nobody answered what you asked", owner, {"entries": entries})


def settled(row: Verification, by: User, note: str) -> None:
    """To the colleague who disputed, and to the owner where their manager settled it; people outside were promised one
    mail and no more.
    """
    entry = row.claim.accomplishment
    links = {row.verifier: reverse("accomplishments:respond", args=[row.batch]), row.owner: entry.get_absolute_url()}
    for person, path in links.items():
        if person is not None and person != by:
            context = {"by": by, "entry": entry, "row": row, "note": note, "link": settings.SITE_URL + path}
            context["mine"] = person == row.owner
            write(Kind.SETTLED, "settled", f"The dispute about “{entry}” is settled", person, context)


def digest(person: User, week: Week, monday: date, *, once: str) -> Letter:
    """One message, not sent: its link opens an entry with the days of that week, from Monday to Friday."""
    address = settings.SITE_URL
    days = urlencode({"started_on": monday, "ended_on": monday + timedelta(days=4)})
    context = {
        "week": week,
        "most": MOST_LINES,
        "new": f"{address}{reverse('accomplishments:new')}?{days}",
        "log": address + reverse("accomplishments:log"),
        "inbox": address + reverse("accomplishments:inbox"),
        "drafts": [
            (draft.title, address + reverse("accomplishments:edit", args=[draft.entry])) for draft in week.drafts
        ],
    }
    return letter(Kind.DIGEST, "digest", "What did you finish this week?", person, context, once=once)
