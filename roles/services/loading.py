"""Bring the database to what ladder-as-code files say, all or nothing."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from competencies.models import Competency, Revision
from competencies.services import load_framework, put
from roles.choices import State
from roles.forms.ladder_file import Ladder
from roles.models import Family, Level, Role, RoleVersion, Specialty
from roles.services.publishing import fields_of, publish, write_rows


@dataclass
class Report:
    """What a load changed."""

    framework: int = 0
    structure: int = 0
    published: int = 0
    unchanged: int = 0

    @property
    def changed(self) -> int:
        return self.framework + self.structure + self.published

    def __str__(self) -> str:
        return (
            f"{self.framework} changes to the framework, {self.structure} to levels, families, specialties and roles; "
            f"{self.published} role versions published, {self.unchanged} unchanged"
        )


def _publish(role: Role, entry: dict[str, Any], competencies: dict[str, Competency], roles: dict[str, Role]) -> None:
    draft = RoleVersion.objects.create(role=role, **fields_of(entry["document"]))
    write_rows(draft, entry["document"], competencies=competencies, roles=roles)
    publish(version=draft, number=entry["version"], effective_from=entry["effective"])


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
        for slug in (*given["planned"], *(entry["level"] for entry in given["roles"])):
            report.structure += put(Role, {"specialty": specialty, "level": levels[slug]}, {})[1]
    return {str(role): role for role in Role.objects.select_related("level", "specialty__family")}


@transaction.atomic
def load(ladder: Ladder) -> Report:
    """Load clean data. Twice gives the same as once: a role version is published only where its content is new.

    A version that the role already has under that number with the same content is left alone; any other content
    becomes the next version. Superseded versions are brought only to a role that has no version yet.
    """
    report = Report(framework=load_framework(ladder.framework))
    roles = _structure(ladder, report)
    competencies = {one.slug: one for one in Competency.objects.all()}
    newest: dict[int, RoleVersion] = {}
    for version in RoleVersion.objects.filter(state=State.PUBLISHED).order_by("number"):
        newest[version.role_id] = version
    for given in ladder.specialties:
        for entry in given["superseded"]:
            role = roles[f"{given['family']}/{given['specialty']}/{entry['level']}"]
            if role.pk not in newest:
                _publish(role, entry, competencies, roles)
                report.published += 1
        for entry in given["roles"]:
            role = roles[f"{given['family']}/{given['specialty']}/{entry['level']}"]
            there = newest.get(role.pk)
            if there and (there.document, there.effective_from) == (entry["document"], entry["effective"]):
                report.unchanged += 1
                continue
            _publish(role, entry, competencies, roles)
            report.published += 1
    if report.changed:
        Revision.bump()
    return report
