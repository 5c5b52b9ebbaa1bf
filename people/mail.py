"""Mail to people, in plain text and HTML: whether it is wanted, when it may go, and how one is rid of it.

`letter` makes one message, `write` sends it; `may_go` is asked again by the outbox when it is about to be sent.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from outbox.backend import Letter
from outbox.models import Refusal, refused_as
from people.choices import MUTABLE, Kind
from people.models import User
from people.quiet import next_moment

STOPS = Signer(salt="people.mail.stop")
MOST_SUBJECT = 200  # characters


# ── Writing ─────────────────────────────────────────────────────────────────
def write(kind: Kind, name: str, subject: str, to: User | str, context: Mapping[str, Any]) -> None:
    """`mail/<name>.txt` and `.html` to a person, or to the address of somebody without an account, if it is wanted."""
    if is_wanted(kind, to):
        letter(kind, name, subject, to, context).send()


def letter(
    kind: Kind, name: str, subject: str, to: User | str, context: Mapping[str, Any], *, once: str = ""
) -> Letter:
    """One message, not sent; its subject in one line, whatever somebody is called."""
    stop = stop_address(kind, to) if kind in (*MUTABLE, Kind.OUTSIDE) else ""
    context = {
        **context,
        **installation(),
        "kind": kind,
        "stop": stop,
        "settings": settings.SITE_URL + reverse("people:mail"),
    }
    headers = {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} if stop else {}
    message = Letter(
        " ".join(subject.split())[:MOST_SUBJECT],
        render_to_string(f"mail/{name}.txt", context).strip() + "\n",
        to=[to if isinstance(to, str) else to.email],
        headers=headers,
        kind=kind,
        once=once,
    )
    message.attach_alternative(render_to_string(f"mail/{name}.html", context), "text/html")
    return message


def installation() -> dict[str, str]:
    """What every mail says of where it comes from."""
    return {"site": urlsplit(settings.SITE_URL).netloc, "site_url": settings.SITE_URL + "/"}


# ── Wanted, and when ────────────────────────────────────────────────────────
def is_wanted(kind: Kind, to: User | str) -> bool:
    """Nobody who left, no kind that somebody muted, nobody outside who refused. 1 query for somebody outside."""
    if isinstance(to, str):
        return not Refusal.objects.filter(address=refused_as(to)).exists()
    return not kind.can_be_muted or (to.is_active and kind not in to.muted)


def may_go(kind: str, to: str) -> datetime | None:
    """From when a message may be sent, or None if it isn't wanted any more; `settings.OUTBOX_GATE`. 1 query at most.

    What is about accounts and data goes at once, and so does what goes outside, where nobody's quiet hours are known.
    """
    now = timezone.now()
    if kind == Kind.OUTSIDE:
        return now if is_wanted(Kind.OUTSIDE, to) else None
    if kind not in MUTABLE:
        return now
    person = User.objects.filter(email=to).first()
    if person is None or not is_wanted(Kind(kind), person):
        return None
    if person.quiet_from is None or person.quiet_until is None:
        return now
    return next_moment(now, person.zone, person.quiet_from, person.quiet_until)


# ── No more of it ───────────────────────────────────────────────────────────
def stop_address(kind: Kind, to: User | str) -> str:
    """Where one says that one wants no more of it: signed, for one person and kind, and good for ever.

    For somebody outside the address says who it is by the hash that is kept of a refusal: it needs no row.
    """
    who = refused_as(to) if isinstance(to, str) else to.pk
    return str(settings.SITE_URL) + reverse("people:stop", args=[STOPS.sign(f"{who}:{kind}")])


def stopped_by(signed: str) -> tuple[Kind, str] | None:
    """The kind, and the key of the person or the hash of the address; None where it is forged."""
    try:
        who, _, kind = STOPS.unsign(signed).partition(":")
        return Kind(kind), who
    except (BadSignature, ValueError):  # forged, or of a kind that is no more
        return None


def is_stopped(kind: Kind, who: str) -> bool | None:
    """Whether they have said so; None where there is nobody any more, or no such choice. 1 query."""
    if kind == Kind.OUTSIDE:
        return Refusal.objects.filter(address=who).exists()
    muted = User.objects.filter(pk=who).values_list("muted", flat=True).first() if kind.can_be_muted else None
    return None if muted is None else kind in muted
