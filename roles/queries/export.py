"""The whole framework and catalogue as ladder-as-code: YAML that people read, compare and load again."""

from collections import Counter, defaultdict
from typing import Any

import yaml

from competencies.queries import framework_document
from roles.choices import State
from roles.models import Family, Level, Role, RoleVersion, Specialty
from roles.queries.documents import document_of

WIDTH = 120


class _Flow(dict[str, Any]):
    """A mapping written on one line."""


class _Line(list[Any]):
    """A list written on one line."""


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


_Dumper.add_representer(
    _Flow, lambda dumper, data: dumper.represent_mapping("tag:yaml.org,2002:map", data.items(), flow_style=True)
)
_Dumper.add_representer(
    _Line, lambda dumper, data: dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=True)
)


def to_yaml(data: dict[str, Any]) -> str:
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH)


def _readable(document: dict[str, Any]) -> dict[str, Any]:
    """Short rows on one line each."""
    shown = dict(document)
    shown["requirements"] = [_Flow(need) for need in document.get("requirements", [])]
    for key in ("tags", "keywords"):
        if key in shown:
            shown[key] = _Line(shown[key])
    if "salary" in shown:
        shown["salary"] = _Flow(shown["salary"])
    if "fields" in shown.get("education", {}):
        shown["education"] = {**shown["education"], "fields": _Line(shown["education"]["fields"])}
    return shown


def _entry(version: RoleVersion) -> dict[str, Any]:
    return {
        "level": version.role.level.slug,
        "version": version.number,
        "effective": version.effective_from,
        **_readable(document_of(version)),
    }


def ladder_files() -> dict[str, dict[str, Any]]:
    """Name of the file -> its content, in the order in which they are loaded. Drafts stay where they are.

    A role's newest published version stands under `roles`, whether in force or to come; those before it under
    `superseded`, the oldest first. A role without any is `planned`: moves may lead to it already.
    """
    structure = {
        "levels": [_Flow(slug=level.slug, number=level.number, name=level.name) for level in Level.objects.all()],
        "families": list(Family.objects.order_by("position", "slug").values("slug", "name", "position", "about")),
    }
    specialties = Specialty.objects.select_related("family").order_by("family__position", "position", "slug", "pk")
    twice = Counter(specialty.slug for specialty in specialties)
    versions: defaultdict[int, list[RoleVersion]] = defaultdict(list)
    for version in (
        RoleVersion.objects.published()
        .select_related("role__level")
        .order_by("role__specialty_id", "role__level__number", "number")
    ):
        versions[version.role.specialty_id].append(version)
    unpublished = (
        Role.objects.exclude(versions__state=State.PUBLISHED).select_related("level").order_by("level__number")
    )
    files = {"framework.yml": framework_document(), "ladder.yml": structure}
    for specialty in specialties:
        own = versions[specialty.pk]
        newest = {version.role_id: version.pk for version in own}
        name = specialty.slug if twice[specialty.slug] == 1 else f"{specialty.family.slug}.{specialty.slug}"
        content: dict[str, Any] = {
            "specialty": specialty.slug,
            "family": specialty.family.slug,
            "name": specialty.name,
            "track": specialty.track,
            "position": specialty.position,
            "about": specialty.about,
            "roles": [_entry(version) for version in own if newest[version.role_id] == version.pk],
        }
        if planned := [role.level.slug for role in unpublished if role.specialty_id == specialty.pk]:
            content["planned"] = planned
        if superseded := [_entry(version) for version in own if newest[version.role_id] != version.pk]:
            content["superseded"] = superseded
        files[f"roles/{name}.yml"] = content
    return files
