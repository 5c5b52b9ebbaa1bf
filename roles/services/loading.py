"""Bring the database to what ladder-as-code files say, all or nothing."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction

from competencies.models import Competency, Revision
from competencies.services import load_framework, put
from ladder.locality import today
from roles.choices import State
from roles.forms.ladder_file import Ladder
from roles.models import Family, Level, Role, RoleVersion, Specialty
from roles.queries.documents import document_of
from roles.services.publishing import fields_of, publish, write_rows


@dataclass
class Report:
    """What a load changed."""

    framework: int = 0
    structure: int = 0
    published: int = 0
    unchanged: int = 0
    lines: list[str] = field(default_factory=list)  # one for each new specialty and each version

    @property
    def changed(self) -> int:
        return self.framework + self.structure + self.published

    def __str__(self) -> str:
        return (
            f"{self.framework} changes to the framework, {self.structure} to levels, families, specialties and roles; "
            f"{self.published} role versions published, {self.unchanged} unchanged"
        )


@dataclass(frozen=True)
class _Found:
    """What documents name: competencies by slug, roles by path."""

    competencies: dict[str, Competency]
    roles: dict[str, Role]


def _publish(role: Role, entry: dict[str, Any], day: date, found: _Found, report: Report) -> None:
    draft = RoleVersion.objects.create(role=role, **fields_of(entry["document"]))
    write_rows(draft, entry["document"], competencies=found.competencies, roles=found.roles)
    made = publish(version=draft, number=entry["version"], effective_from=day)
    report.published += 1
    report.lines.append(f"{role}: version {made.number}, {made.title}, holds from {day:%Y-%m-%d}")


def _is_there(entry: dict[str, Any], newest: RoleVersion) -> bool:
    """The same content, and no later day than it has."""
    return bool(document_of(newest) == entry["document"] and entry["effective"] <= newest.effective_from)


def _day(entry: dict[str, Any], newest: RoleVersion | None) -> date:
    """Changed content never claims a day on which something else held: it holds from today unless it says later."""
    wanted: date = entry["effective"]
    if newest is None or wanted > newest.effective_from:
        return wanted
    return max(today(), newest.effective_from)


def _structure(ladder: Ladder, report: Report) -> dict[str, Role]:
    """Levels, families, specialties and roles; all roles by path."""
    for given in ladder.levels:
        report.structure += put(Level, {"slug": given["slug"]}, {"number": given["number"], "name": given["name"]})[1]
    for given in ladder.families:
        values = {"name": given["name"], "position": given.get("position", 0), "about": given.get("about", "")}
        report.structure += put(Family, {"slug": given["slug"]}, values)[1]
    families = {family.slug: family for family in Family.objects.all()}
    levels = {level.slug: level for level in Level.objects.all()}
    for given in ladder.specialties:
        values = {key: given[key] for key in ("name", "track", "position", "about")}
        specialty, new = put(Specialty, {"family": families[given["family"]], "slug": given["specialty"]}, values)
        report.structure += new
        if new and not Specialty.objects.filter(pk=specialty.pk, roles__isnull=False).exists():
            report.lines.append(f"{given['family']}/{given['specialty']}: a new specialty")
        for slug in (*given["planned"], *(entry["level"] for entry in given["roles"])):
            report.structure += put(Role, {"specialty": specialty, "level": levels[slug]}, {})[1]
    return {str(role): role for role in Role.objects.select_related("level", "specialty__family")}


@transaction.atomic
def load(ladder: Ladder) -> Report:
    """Load clean data. Twice gives the same as once: a role version is published only where its content is new.

    Any other content becomes the role's next version. Superseded versions come only to a role that has none yet.
    """
    report = Report(framework=load_framework(ladder.framework))
    roles = _structure(ladder, report)
    found = _Found({one.slug: one for one in Competency.objects.all()}, roles)
    newest: dict[int, RoleVersion] = {}
    for version in RoleVersion.objects.filter(state=State.PUBLISHED).order_by("number"):
        newest[version.role_id] = version
    for given in ladder.specialties:
        path = f"{given['family']}/{given['specialty']}"
        for entry in given["superseded"]:
            role = roles[f"{path}/{entry['level']}"]
            if role.pk not in newest:
                _publish(role, entry, entry["effective"], found, report)
        for entry in given["roles"]:
            role = roles[f"{path}/{entry['level']}"]
            there = newest.get(role.pk)
            if there and _is_there(entry, there):
                report.unchanged += 1
            else:
                _publish(role, entry, _day(entry, there), found, report)
    if report.changed:
        Revision.bump()
    return report
