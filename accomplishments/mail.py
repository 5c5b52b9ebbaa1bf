"""The messages about questions and answers. Each goes into the outbox, in the transaction that led to it."""

import uuid
from collections.abc import Sequence

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from accomplishments.models import Accomplishment, Verification
from accomplishments.queries.verifications import LINKS


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
    _send("ask", subject, first.verifier.email if first.verifier else first.email, context)


def answered(entry: Accomplishment, rows: Sequence[Verification]) -> None:
    owner = entry.person
    link = settings.SITE_URL + entry.get_absolute_url()
    subject = f"{rows[0].name} answered about “{entry}”"
    _send("answered", subject, owner.email, {"entry": entry, "owner": owner, "rows": rows, "link": link})


def _send(name: str, subject: str, to: str, context: dict[str, object]) -> None:
    """Plain text and HTML from `mail/<name>.txt` and `.html`; the subject in one line, whatever somebody is called."""
    message = EmailMultiAlternatives(
        " ".join(subject.split())[:200], render_to_string(f"mail/{name}.txt", context), to=[to]
    )
    message.attach_alternative(render_to_string(f"mail/{name}.html", context), "text/html")
    message.send()
