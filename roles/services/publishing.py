"""The life of a role version: drafted, cloned, published."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from competencies.models import Competency, Revision
from ladder.locality import today
from people.models import User
from roles.choices import Direction, State
from roles.models import Level, Move, Requirement, Role, RoleVersion, SearchTerm, Sentence, Specialty
from roles.queries.documents import document_of
from roles.shapes.content import TEXTS, Document, sentences
from roles.shapes.stems import terms


class AlreadyPublished(Exception):
    """Somebody published this draft in the meantime."""


class TooEarly(Exception):
    """The draft would hold from a day before the version that it follows, and so never."""

    def __init__(self, before: RoleVersion) -> None:
        super().__init__(
            f"Version {before.number} holds from {before.effective_from:%-d %B %Y}; this one can't be earlier."
        )
        self.before = before


class DraftExists(Exception):
    """The role has an open draft, which a clone would compete with."""

    def __init__(self, draft: RoleVersion) -> None:
        super().__init__(str(draft))
        self.draft = draft


def write_rows(
    version: RoleVersion, document: Document, *, competencies: dict[str, Competency], roles: dict[str, Role]
) -> None:
    """The rows of a new draft from a document; slugs and paths are looked up in the two dictionaries."""
    order: dict[str, int] = {}
    rows = []
    for section, text in sentences(document):
        order[section] = order.get(section, 0) + 1
        rows.append(Sentence(version=version, section=section, position=order[section], text=text))
    Sentence.objects.bulk_create(rows)
    Requirement.objects.bulk_create(
        Requirement(
            version=version,
            competency=competencies[need["competency"]],
            need=need["need"],
            tier=need["tier"],
            position=position,
        )
        for position, need in enumerate(document.get("requirements", []), start=1)
    )
    Move.objects.bulk_create(
        Move(
            version=version,
            direction=direction,
            role=roles[move["role"]] if "role" in move else None,
            outside_title=move.get("title", ""),
            focus=move.get("focus", ""),
            position=position,
        )
        for direction in Direction.values
        for position, move in enumerate(document.get("moves", {}).get(direction, []), start=1)
    )


def fields_of(document: Document) -> dict[str, Any]:
    """The columns of a version from a document."""
    pay = document.get("salary", {})
    experience = document.get("experience", {})
    return {
        **{key: document.get(key, "") for key in TEXTS},
        "tags": document.get("tags", []),
        "keywords": document.get("keywords", []),
        "salary_minimum": pay.get("minimum"),
        "salary_maximum": pay.get("maximum"),
        "salary_currency": pay.get("currency", ""),
        "salary_period": pay.get("period", ""),
        "minimum_years": experience.get("minimum_years"),
        "maximum_years": experience.get("maximum_years"),
        "experience_note": experience.get("note", ""),
        "next_theme": document.get("next_level", {}).get("theme", ""),
    }


def _copy(source: RoleVersion, role: Role, by: User | None) -> RoleVersion:
    document = document_of(source)
    newest = role.versions.filter(state=State.PUBLISHED).order_by("-number").first()
    day = max(today(), newest.effective_from) if newest else today()
    draft = RoleVersion.objects.create(role=role, edited_by=by, effective_from=day, **fields_of(document))
    paths = {move["role"] for moves in document.get("moves", {}).values() for move in moves if "role" in move}
    everyone = Role.objects.select_related("level", "specialty__family") if paths else Role.objects.none()
    write_rows(
        draft,
        document,
        competencies={one.slug: one for one in Competency.objects.all()},
        roles={str(one): one for one in everyone},
    )
    return draft


@transaction.atomic
def start_draft(*, role: Role, by: User | None) -> RoleVersion:
    """The open draft of a role; where there is none, a new one that begins with the newest published version."""
    role = Role.objects.select_for_update(of=("self",)).select_related("level", "specialty__family").get(pk=role.pk)
    draft = role.versions.filter(state=State.DRAFT).first()
    newest = role.versions.filter(state=State.PUBLISHED).order_by("-number").first()
    if draft is None:
        draft = (
            _copy(newest, role, by) if newest else RoleVersion.objects.create(role=role, edited_by=by, title=str(role))
        )
    return draft


@transaction.atomic
def clone(*, version: RoleVersion, specialty: Specialty, level: Level, by: User | None) -> RoleVersion:
    """A draft at another level or specialty that begins with what `version` says; `DraftExists` where there is one."""
    role, _ = Role.objects.get_or_create(specialty=specialty, level=level)
    role = Role.objects.select_for_update(of=("self",)).get(pk=role.pk)
    if draft := role.versions.filter(state=State.DRAFT).first():
        raise DraftExists(draft)
    return _copy(version, role, by)


@transaction.atomic
def publish(*, version: RoleVersion, number: int = 0, effective_from: date | None = None) -> RoleVersion:
    """Freeze a draft as the role's next version. From then on the database refuses every change to it.

    `number` is the least that it may get (a loaded file keeps its own); `effective_from` overrides the draft's day.
    """
    Role.objects.select_for_update().get(pk=version.role_id)
    version = RoleVersion.objects.select_related("role__level", "role__specialty__family").get(pk=version.pk)
    if version.state != State.DRAFT:
        raise AlreadyPublished
    document = document_of(version)
    before = RoleVersion.objects.filter(role=version.role_id, state=State.PUBLISHED).order_by("-number").first()
    last = before.number or 0 if before else 0
    day = effective_from or version.effective_from
    if before and day < before.effective_from:
        raise TooEarly(before)
    level, specialty = version.role.level, version.role.specialty
    names = f"{level.slug} {level.name} {specialty.name} {specialty.family.name}"
    SearchTerm.objects.bulk_create(
        SearchTerm(version=version, term=term, weight=weight) for term, weight in terms(document, names).items()
    )
    RoleVersion.objects.filter(pk=version.pk, state=State.DRAFT).update(
        state=State.PUBLISHED,
        number=max(last + 1, number),
        effective_from=day,
        document=document,
        published_at=timezone.now(),
        edited_by=None,
    )
    Revision.bump()
    return RoleVersion.objects.get(pk=version.pk)
