"""All that is somebody's, part by part, as plain data for their archive.

Others stand in it only as the person could see them: who was asked and answered about their work, whom they answered,
who looked at their record. `README` says what each part is; it lies in the archive beside the data.
"""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from accomplishments.models import Accomplishment, Exemption, File, Ratings, Record, Target, Verification
from accomplishments.queries.entries import FIELDS
from audit.models import Event as Trail
from outbox.models import Message
from people.models import Invitation, User
from privacy.models import Archive

FORMAT = "ladder-archive/1"
AT_ONCE = 100  # rows in memory
PROFILE = ("email", "name", "pronouns", "time_zone", "language", "muted", "quiet_from", "quiet_until", "date_joined")
POWERS = ("is_active", "is_staff", "is_superuser", "last_login", "closed_at")
STATED = ("asked_at", "reminders", "answer", "level", "part", "note", "answered_at")
FACTS = (*STATED, "resolved_at", "settled_note", "voided_at")

README = """What is in this archive
=======================

data.json holds all that Ladder keeps of you, as UTF-8 JSON. Moments are ISO 8601 in UTC, days are ISO dates, an empty
string or null means that there is nothing. The folder `files` holds what you attached to entries.

about            the format of this file and when it was made
profile          your account: name, addresses, manager, team, preferences, groups and rights
sign_in          e-mail addresses, second factors, single sign-on, invitations, where you are signed in; no secrets
record           the role that you hold, and since when
entries          your log, the entries that you deleted lately too. Each with
    claims       competency, level, indicator, and `verifications`: who was asked, when, and what they stated
    links
    files        name, kind, size in bytes, SHA-256, and `path`: where it lies in this archive (null: it was lost)
    history      what was done to the entry and when, with the whole entry as it stood afterwards
stated           what you were asked about others' work, and what you stated; the entry's title while you may read it;
                 then disputes about others' work that you settled, and how
targets          roles that you pinned, with the version
not_applicable   requirements of roles that you said don't apply to you, and why
ratings          how full your bars were, by day: competency -> levels 1 to 5, then the same counting verified only
trail            what the audit trail says of you. `by` is you, or who looked at your record; nobody else is named
mail             mail to you: subject, when, state. Texts are not kept once they are sent
archives         the archives that you asked for
"""


def files_of(person: User) -> QuerySet[File]:
    return File.objects.filter(accomplishment__person=person).order_by("pk")


def path_of(file: File) -> str:
    """Where a file lies in the archive: its own name, in a folder that makes it unique."""
    return f"files/{file.accomplishment_id}/{file.pk}-{file.name}"


def addresses_of(person: User) -> set[str]:
    """In lower case; 1 query."""
    return {person.email.lower()} | {
        email.lower() for email in EmailAddress.objects.filter(user=person).values_list("email", flat=True)
    }


def parts(person: User, lost: Container[int]) -> Iterator[tuple[str, Any]]:
    """Name and content of each part; an iterator is one of rows, read as it goes. `lost` are keys of files."""
    yield "about", {"format": FORMAT, "made_at": timezone.now(), "site": settings.SITE_URL}
    for name, part in PARTS.items():
        yield name, part(person)
    yield "entries", _entries(person, lost)


def _named(row: Model, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _profile(person: User) -> dict[str, Any]:
    return {
        **_named(person, PROFILE),
        "manager": str(person.manager or ""),
        "team": str(person.team or ""),
        "groups": sorted(person.groups.values_list("name", flat=True)),
        "permissions": sorted(person.user_permissions.values_list("codename", flat=True)),
        **_named(person, POWERS),
    }


def _sign_in(person: User) -> dict[str, Any]:
    def rows(model: type[Model], *names: str) -> list[Any]:
        return list(model._default_manager.filter(user=person).order_by("pk").values(*names))

    return {
        "addresses": rows(EmailAddress, "email", "verified", "primary"),
        "second_factors": rows(Authenticator, "type", "created_at", "last_used_at"),
        "single_sign_on": rows(SocialAccount, "uid", "date_joined", "last_login", "extra_data"),
        "invitations": list(Invitation.objects.filter(email__in=addresses_of(person)).values("sent_at", "used_at")),
        "sessions": rows(UserSession, "ip", "user_agent", "created_at", "last_seen_at"),
    }


def _record(person: User) -> dict[str, Any]:
    row = Record.objects.filter(pk=person.pk).select_related("role__level", "role__specialty__family").first()
    return {"role": str(row.role) if row and row.role else "", "since": row.since if row else None}


def _entries(person: User, lost: Container[int]) -> Iterator[dict[str, Any]]:
    claims = ("claims__competency", "claims__indicator", "claims__verifications__resolved_by")
    rows = Accomplishment.objects.filter(person=person).order_by("pk")
    rows = rows.prefetch_related(*claims, "links", "files", "events__by")
    for entry in rows.iterator(AT_ONCE):
        yield {
            **_named(entry, ("pk", "state", "created_at", "edited_at", "deleted_at", "origin", *FIELDS)),
            "claims": [
                {
                    "competency": claim.competency.slug,
                    "level": claim.level,
                    "indicator": claim.indicator.text if claim.indicator else "",
                    "verifications": [
                        {"name": one.name, "address": one.email, "question": one.question}
                        | {**_named(one, FACTS), "settled_by": str(one.resolved_by or "")}
                        for one in claim.verifications.all()
                    ],
                }
                for claim in entry.claims.all()
            ],
            "links": [link.url for link in entry.links.all()],
            "files": [
                {**_named(file, ("name", "kind", "size", "sha256", "added_at"))}
                | {"path": None if file.pk in lost else path_of(file)}
                for file in entry.files.all()
            ],
            "history": [
                {"at": event.at, "happened": event.happened, "by": str(event.by or ""), "entry": event.content}
                for event in entry.events.all()
            ],
        }


def _stated(person: User) -> Iterator[dict[str, Any]]:
    """What one was asked by others, the entry by its title as long as the question shows it to them; then the disputes
    that one settled as somebody's manager.
    """
    shown = set(Verification.objects.visible_to(person).values_list("pk", flat=True))
    rows = Verification.objects.filter(verifier=person).order_by("pk").select_related("owner", "resolved_by")
    for one in rows.select_related("claim__accomplishment", "claim__competency").iterator(AT_ONCE):
        yield {
            "owner": str(one.owner),
            "entry": one.claim.accomplishment.title if one.pk in shown else "",
            "competency": one.claim.competency.slug,
            "claimed": one.claim.level,
            "question": one.question,
            **_named(one, FACTS),
            "settled_by": str(one.resolved_by or ""),
        }
    settled = Verification.objects.filter(resolved_by=person).exclude(owner=person).order_by("pk")
    for one in settled.select_related("owner", "claim").iterator(AT_ONCE):
        yield {"owner": str(one.owner), "claimed": one.claim.level, **_named(one, ("resolved_at", "settled_note"))}


def _targets(person: User) -> list[dict[str, Any]]:
    rows = Target.objects.filter(person=person).select_related("role__level", "role__specialty__family", "version")
    return [
        {"role": str(one.role), "version": one.version.number, **_named(one, ("is_primary", "pinned_at"))}
        for one in rows
    ]


def _exemptions(person: User) -> list[dict[str, Any]]:
    rows = Exemption.objects.filter(person=person).select_related(
        "role__level", "role__specialty__family", "competency"
    )
    return [{"role": str(one.role), "competency": one.competency.slug, "reason": one.reason} for one in rows]


def _ratings(person: User) -> Iterator[Any]:
    rows = Ratings.objects.filter(person=person).order_by("taken_on")
    return rows.values("taken_on", "policy", "fills").iterator(AT_ONCE)


def _trail(person: User) -> Iterator[dict[str, Any]]:
    """Where something was done from is told of what they did themselves."""
    rows = Trail.objects.filter(Q(by=person) | Q(about=person)).select_related("by").order_by("pk")
    for one in rows.iterator(AT_ONCE):
        own = one.by_id == person.pk
        yield {
            "at": one.at,
            "kind": one.kind,
            "by": _by(one, own),
            "about": one.about_name,
            "what": one.what,
            "origin": one.origin if own else None,
        }


def _by(one: Trail, own: bool) -> str:
    """Who did it, where the person could see that: of those whose account is erased nothing that names them."""
    if own:
        return one.by_name
    return str(one.by or "somebody whose account is erased") if one.kind == "viewed" else ""


def messages_to(person: User) -> QuerySet[Message]:
    wanted = Q()
    for address in addresses_of(person):
        wanted |= Q(to__iexact=address)
    return Message.objects.filter(wanted)


def _mail(person: User) -> Iterator[Any]:
    rows = messages_to(person).order_by("pk").values("to", "subject", "state", "made_at", "sent_at")
    return rows.iterator(AT_ONCE)


def _archives(person: User) -> list[Any]:
    return list(Archive.objects.owned_by(person).values("asked_at", "state", "size", "expires_at"))


PARTS: Mapping[str, Callable[[User], Any]] = {
    "profile": _profile,
    "sign_in": _sign_in,
    "record": _record,
    "stated": _stated,
    "targets": _targets,
    "not_applicable": _exemptions,
    "ratings": _ratings,
    "trail": _trail,
    "mail": _mail,
    "archives": _archives,
}
