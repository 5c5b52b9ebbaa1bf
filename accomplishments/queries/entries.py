"""One entry, as its history keeps it."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import prefetch_related_objects

from accomplishments.choices import CONFIRMATIONS, State, Visibility
from accomplishments.models import Accomplishment, Claim, File, Link, Verification

TEXTS = ("title", "situation", "action", "outcome", "measure_name", "measure_unit", "part", "scope")
OTHERS = ("context", "ai_help", "visibility", "confidential", "public_wording")
NUMBERS = ("measure_before", "measure_after")
DATES = ("started_on", "ended_on")
FIELDS = (*TEXTS, *NUMBERS, *DATES, *OTHERS)
# What a verifier vouches for: a change of one of these makes their word void.
SUBSTANCE = (*TEXTS, *NUMBERS, *DATES)


def content_of(entry: Accomplishment) -> dict[str, Any]:
    """All that an entry says, as JSON: its fields, claims with what was answered, links and names of files; 4 queries.

    Numbers are plain decimal text, dates ISO, so that equal entries give equal content.
    """
    claims = entry.claims.select_related("competency", "indicator").prefetch_related("verifications")
    return _content(entry, claims, entry.links.all(), entry.files.all())


def contents_of(entries: Sequence[Accomplishment]) -> list[dict[str, Any]]:
    """The content of each, for entries that nobody has asked for their claims, links and files before; 6 queries."""
    parts = ("claims__competency", "claims__indicator", "claims__verifications", "links", "files")
    prefetch_related_objects(entries, *parts)
    return [_content(entry, entry.claims.all(), entry.links.all(), entry.files.all()) for entry in entries]


def _content(
    entry: Accomplishment, claims: Iterable[Claim], links: Iterable[Link], files: Iterable[File]
) -> dict[str, Any]:
    content: dict[str, Any] = {name: getattr(entry, name) for name in FIELDS}
    for name in NUMBERS:
        content[name] = "" if content[name] is None else f"{content[name].normalize():f}"
    for name in DATES:
        content[name] = content[name].isoformat() if content[name] else ""
    content["state"] = entry.state
    content["claims"] = [
        {
            "competency": claim.competency.slug,
            "level": claim.level,
            "indicator": claim.indicator.text if claim.indicator else "",
            "answers": [
                {"name": one.name, "answer": one.answer, "level": one.level}
                for one in claim.verifications.all()
                if one.answer and one.voided_at is None
            ],
        }
        for claim in claims
    ]
    content["links"] = [link.url for link in links]
    content["files"] = [file.name for file in files]
    return content


def usual_visibility(person: int) -> str:
    """Who may read a new entry until its owner says otherwise: as they chose for the one that they wrote on last, and
    at first their manager; 1 query.
    """
    chosen = Accomplishment.objects.filter(person=person).order_by("-edited_at").values_list("visibility", flat=True)
    return chosen.first() or Visibility.MANAGER


def draft_to_continue(person: int, today: date) -> Accomplishment | None:
    """The draft that somebody wrote on last, if that was today or yesterday; 1 query. What was imported isn't one."""
    return (
        Accomplishment.objects.kept()
        .filter(person=person, state=State.DRAFT, origin="", edited_at__date__gte=today - timedelta(days=1))
        .order_by("-edited_at")
        .first()
    )


def is_confirmed(entry: Accomplishment) -> bool:
    """Whether a colleague's confirmation of any of its claims stands; 1 query."""
    words = Verification.objects.standing().filter(claim__accomplishment=entry, answer__in=CONFIRMATIONS)
    return bool(words.exists())


def confirmers_of(claims: Iterable[Claim]) -> list[tuple[Claim, str]]:
    """Each claim with the names of those who confirmed it; 1 query."""
    found: dict[int, list[str]] = {}
    rows = Verification.objects.standing().filter(claim__in=[claim.pk for claim in claims], answer__in=CONFIRMATIONS)
    for claim, name in rows.values_list("claim", "name"):
        found.setdefault(claim, []).append(name)
    return [(claim, ", ".join(found.get(claim.pk, []))) for claim in claims]
