"""What an editor reads before deciding: differences, warnings, and the day from which a draft will hold."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from ladder.locality import today
from roles.forms.draft import typed_document
from roles.models import RoleVersion
from roles.queries.documents import document_of
from roles.queries.pages import Comparison, Row, wording_rows
from roles.queries.snapshot import Known, Snapshot, snapshot
from roles.shapes import wording
from roles.shapes.content import Document
from roles.shapes.review import warnings


def whole(document: Document) -> Document:
    """With its requirements, even where there are none."""
    return {"requirements": [], **document}


def needs_in_words(document: Document, known: Mapping[str, Known]) -> list[str]:
    return [
        f"{known[need['competency']].name if need.get('competency') in known else need.get('competency') or '?'}: "
        f"{need.get('need') or '?'}, {need.get('tier') or '?'}"
        for need in document.get("requirements", [])
    ]


def rows_of(before: Document, after: Document) -> list[Row]:
    """Every text, list and requirement of two documents side by side."""
    known = snapshot().competencies
    needs = wording.lists(needs_in_words(before, known), needs_in_words(after, known))
    return [*wording_rows(before, after), *([Row("Requirements", tuple(needs))] if needs else [])]


def order_rows(before: Document, after: Document) -> list[Row]:
    """Lists that hold the same lines in another order, which a comparison line by line does not see."""
    old, new = (dict(lines_of(one)) for one in (before, after))
    return [
        Row(
            f"{label}, in another order",
            tuple(
                wording.Pair((wording.Piece("del", was),), (wording.Piece("ins", line),))
                for was, line in zip(old[label], lines, strict=True)
                if was != line
            ),
        )
        for label, lines in new.items()
        if label in old and old[label] != lines and sorted(old[label]) == sorted(lines)
    ]


def lines_of(document: Document) -> list[tuple[str, list[str]]]:
    """All that a document says, each part as its lines."""
    return [
        (row.label, ["".join(piece.text for piece in pair.after) for pair in row.pairs])
        for row in rows_of({}, document)
    ]


def typed(form: Any, formsets: Iterable[Any]) -> list[tuple[str, list[str]]]:
    return lines_of(typed_document(form, formsets))


def differences(stored: RoleVersion, form: Any, formsets: Iterable[Any]) -> list[Row]:
    """What differs between the stored draft and what was typed."""
    before, after = document_of(stored), typed_document(form, formsets)
    days = [str(stored.effective_from), str(form.cleaned_data.get("effective_from") or form["effective_from"].value())]
    rows = [Row("Effective from", (wording.pieces(*days),)), *rows_of(before, after)]
    return [row for row in rows if row.is_different] + order_rows(before, after)


@dataclass
class Review:
    """One draft before it is published."""

    version: RoleVersion
    catalogue: Snapshot

    @cached_property
    def document(self) -> Document:
        return whole(document_of(self.version))

    @cached_property
    def ladder(self) -> list[RoleVersion]:
        """What is in force in this specialty, the lowest level first; 1 query."""
        role = self.version.role
        return list(
            RoleVersion.objects.current()
            .filter(role__specialty=role.specialty_id)
            .select_related("role__level")
            .order_by("role__level__number")
        )

    @cached_property
    def in_force(self) -> RoleVersion | None:
        return next((one for one in self.ladder if one.role_id == self.version.role_id), None)

    @cached_property
    def below(self) -> RoleVersion | None:
        """The next level down that has a version in force."""
        mine = self.version.role.level.number
        return next((one for one in reversed(self.ladder) if one.role.level.number < mine), None)

    @cached_property
    def above(self) -> RoleVersion | None:
        """The next level up that has a version in force."""
        mine = self.version.role.level.number
        return next((one for one in self.ladder if one.role.level.number > mine), None)

    @property
    def warnings(self) -> list[str]:
        others = {
            f"{one.title}, {one.role.level.slug.upper()}": one.document or {}
            for one in self.ladder
            if one.role_id != self.version.role_id
        }
        found = warnings(
            self.document,
            below=self.below.document if self.below else None,
            above=self.above.document if self.above else None,
            others=others,
        )
        return [*self._late, *(self._named(text) for text in found)]

    @property
    def _late(self) -> list[str]:
        if self.in_force and self.in_force.effective_from > self.version.effective_from:
            return [
                f"Version {self.in_force.number} holds from a later day, {self.in_force.effective_from:%-d %B %Y}: "
                "give this draft that day or a later one; with its present day it would never hold."
            ]
        return []

    def _named(self, text: str) -> str:
        """A warning that begins with the slug of a competency says its name instead."""
        slug, _, rest = text.partition(" ")
        known = self.catalogue.competencies.get(slug)
        return f"{known.name} {rest}" if known else text

    @property
    def comparison(self) -> Comparison | None:
        before = whole(self.in_force.document or {}) if self.in_force else None
        return Comparison(self.catalogue, lambda: (before, self.document)) if before else None

    @property
    def changes(self) -> list[Any]:
        """Requirements that differ from the version in force, as (competency, change)."""
        return (
            [(known, change) for known, change in self.comparison.named if change.is_different]
            if self.comparison
            else []
        )

    @property
    def rows(self) -> list[Row]:
        if not (self.comparison and self.in_force):
            return []
        changed = [row for row in self.comparison.rows if row.is_different]
        return changed + order_rows(self.in_force.document or {}, self.document)

    @property
    def day(self) -> date:
        return self.version.effective_from

    @property
    def is_later(self) -> bool:
        return self.day > today()

    @property
    def is_past(self) -> bool:
        return self.day < today()


def review_of(version: RoleVersion) -> Review:
    return Review(version, snapshot())
