"""The second format: levels, themes and statements, with a mapping to ours."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from roles.models import Role, RoleVersion
from tests.conftest import LADDER
from tests.factories.competencies import CompetencyFactory
from tests.factories.roles import LevelFactory

pytestmark = pytest.mark.django_db

# Lines count in the tests below.
THEIRS = """\
levels:
  - id: junior
    name: Junior Maker
  - id: senior
    name: Senior Maker
themes:
  - {id: craft, name: Craft}
  - {id: talk, name: Talk}
competencies:
  - id: one
    level: junior
    theme: craft
    summary: Makes
      a thing.
    examples: [A chair.]
    proficiency: Awareness
  - id: two
    level: junior
    theme: craft
    summary: Mends a thing.
    proficiency: Practitioner
  - id: three
    level: senior
    theme: talk
    summary: Explains a thing.
    proficiency: Practitioner
"""
MAPPING = """\
family: {slug: makers, name: Makers}
effective: 2026-01-01
proficiency: {Awareness: 1, Practitioner: 3}
themes:
  craft: {competency: software-engineering, tier: core}
  talk: {competency: communication, tier: supporting}
specialties:
  - slug: making
    name: Making
    levels:
      junior: l1
      senior: l4
"""
SHARED = LADDER.parent.parent.parent / "shared" / "data" / "ladders"


@pytest.fixture(autouse=True)
def ground() -> None:
    """What the mapping names of ours."""
    for slug in ("software-engineering", "communication"):
        CompetencyFactory(slug=slug)
    for number in (1, 4):
        LevelFactory(number=number)


def run(folder: Path, theirs: str = THEIRS, mapping: str = MAPPING) -> str:
    (folder / "theirs.yml").write_text(theirs)
    (folder / "map.yml").write_text(mapping)
    out = StringIO()
    call_command("load_ladder", folder / "theirs.yml", mapping=folder / "map.yml", stdout=out)
    return out.getvalue()


def errors_of(folder: Path, theirs: str = THEIRS, mapping: str = MAPPING) -> list[str]:
    with pytest.raises(CommandError) as refused:
        run(folder, theirs, mapping)
    assert Role.objects.count() == 0
    first, *errors = str(refused.value).split("\n")
    assert first == "Nothing was loaded:"
    return errors


def test_themes_file_becomes_roles(tmp_path: Path) -> None:
    assert run(tmp_path).endswith("; 2 role versions published, 0 unchanged\n")
    versions = RoleVersion.objects.current().select_related("role__level", "role__specialty__family")
    assert {str(one.role): one.document for one in versions} == {
        "makers/making/l1": {
            "title": "Junior Maker",
            "responsibilities": {"primary": ["Makes a thing.", "A chair.", "Mends a thing."]},
            "requirements": [{"competency": "software-engineering", "need": 3, "tier": "core"}],
        },
        "makers/making/l4": {
            "title": "Senior Maker",
            "responsibilities": {"primary": ["Explains a thing."]},
            "requirements": [{"competency": "communication", "need": 3, "tier": "supporting"}],
        },
    }
    assert {one.effective_from.isoformat() for one in versions} == {"2026-01-01"}


def test_themes_file_twice_changes_nothing(tmp_path: Path) -> None:
    run(tmp_path)
    assert run(tmp_path).endswith("; 0 role versions published, 2 unchanged\n")


@pytest.mark.parametrize(
    ("old", "new", "errors"),
    [
        pytest.param(
            "theme: talk", "theme: tlak", ["theirs.yml:24: theme 'tlak' has no mapping in map.yml"], id="theme"
        ),
        pytest.param(
            "proficiency: Awareness",
            "proficiency: Genius",
            ["theirs.yml:16: proficiency 'Genius' has no mapping in map.yml"],
            id="proficiency",
        ),
        pytest.param(
            "themes:\n",
            "  - {id: lead, name: Lead}\nthemes:\n",
            ["theirs.yml:6: level 'lead' has no mapping in map.yml"],
            id="level",
        ),
        pytest.param("level: senior", "level: seinor", None, id="level of a statement"),
        pytest.param(
            "    summary: Mends a thing.\n",
            "    summary: ''\n",
            ["theirs.yml:20: roles.0.responsibilities.primary.2: is empty"],
            id="empty statement",
        ),
        pytest.param("themes:\n", "topics:\n", ["theirs.yml:1: 'themes' is missing here"], id="key"),
        pytest.param("levels:\n", "levels: [\n", None, id="not YAML"),
    ],
)
def test_themes_file_error_names_its_line(old: str, new: str, errors: list[str] | None, tmp_path: Path) -> None:
    assert THEIRS.count(old) == 1
    found = errors_of(tmp_path, theirs=THEIRS.replace(old, new))
    assert found == errors if errors else [one.split(":")[0] for one in found] == ["theirs.yml"]


@pytest.mark.parametrize(
    ("old", "new", "errors"),
    [
        pytest.param(
            "senior: l4",
            "senior: l4\n      chief: l4",
            ["map.yml:13: level 'chief' is not in theirs.yml"],
            id="their level",
        ),
        pytest.param(
            "competency: communication",
            "competency: comunication",
            ["theirs.yml:22: competency 'comunication' is not known; did you mean 'communication'?"],
            id="our competency",
        ),
        pytest.param("senior: l4", "senior: l9", ["theirs.yml:4: level 'l9' is not known"], id="our level"),
        pytest.param("effective: 2026-01-01\n", "", ["map.yml:1: 'effective' is missing here"], id="key"),
    ],
)
def test_themes_mapping_error_names_its_line(old: str, new: str, errors: list[str], tmp_path: Path) -> None:
    assert MAPPING.count(old) == 1
    assert errors_of(tmp_path, mapping=MAPPING.replace(old, new)) == errors


@pytest.mark.parametrize(
    ("theirs", "mapping"), [("just words\n", MAPPING), ("", MAPPING), (THEIRS, ""), (THEIRS, "- a\n")]
)
def test_themes_file_of_another_shape_is_refused(theirs: str, mapping: str, tmp_path: Path) -> None:
    assert len(errors_of(tmp_path, theirs, mapping)) == 1


@pytest.mark.skipif(not SHARED.is_dir(), reason="the published ladders are not beside this project")
@pytest.mark.parametrize("name", ["ft-engineering", "ft-operations"])
def test_themes_file_of_the_financial_times_loads(name: str) -> None:
    for slug in [
        "planning-delivery",
        "ownership",
        "problem-solving",
        "collaboration",
        "product-customer",
        "leadership",
        "continuous-learning",
        "it-operations",
    ]:
        CompetencyFactory(slug=slug)
    for number in (2, 3, 5, 6):
        LevelFactory(number=number)
    mapping = LADDER.parent / "mappings" / f"{name}.yml"
    call_command("load_ladder", SHARED / f"{name}.yml", mapping=mapping, stdout=StringIO())
    found = sorted(RoleVersion.objects.current().values_list("role__specialty__slug", "role__level__slug"))
    assert (
        found
        == {
            "ft-engineering": [
                *(("engineer", f"l{number}") for number in range(1, 6)),
                *(("people-manager", f"l{number}") for number in (4, 5, 6)),
            ],
            "ft-operations": [("operations", f"l{number}") for number in (2, 3, 4)],
        }[name]
    )
    assert [one.title for one in RoleVersion.objects.current() if not one.document["requirements"]] == []
