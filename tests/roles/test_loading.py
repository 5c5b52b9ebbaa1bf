"""Ladder as code: what ships, what a load changes, and every way in which a file can be wrong."""

import itertools
import os
import subprocess
import sys
from collections import Counter
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from competencies.models import Area, Competency, Indicator, ProficiencyLevel, Revision
from competencies.queries import framework_document
from roles.forms.ladder_file import BadLadder, clean, read, read_path
from roles.models import Level, Role, RoleVersion
from roles.queries.export import ladder_files, to_yaml
from roles.services.loading import load
from roles.shapes.content import LISTS, at, canonical
from roles.shapes.review import warnings
from tests.conftest import LADDER, Shipped
from tests.factories.roles import LevelFactory, draft, published, role_at

SEEDS = {
    "software-engineering/general/l1": ("Associate Software Engineer", 24, 10, 12, 9),
    "software-engineering/general/l3": ("Engineer", 24, 4, 15, 8),
    "software-engineering/backend/l3": ("Backend Software Engineer", 24, 7, 13, 8),
}


# ── What ships ──────────────────────────────────────────────────────────────


@pytest.fixture
def framework() -> dict[str, Any]:
    """The shipped framework file as it stands."""
    [source] = read("framework.yml", (LADDER / "framework.yml").read_text())
    return source.data


def counts(document: dict[str, Any], *sections: str) -> tuple[int, ...]:
    return tuple(len(at(document, LISTS[section])) for section in sections)


def test_shipped_framework_has_23_competencies_in_5_areas(framework: dict[str, Any]) -> None:
    assert len(framework["areas"]) == 5
    assert sum(len(area["competencies"]) for area in framework["areas"]) == 23


def test_shipped_competencies_have_indicators_at_each_of_5_levels(framework: dict[str, Any]) -> None:
    found = {
        one["slug"]: {level: len(texts) for level, texts in one["indicators"].items()}
        for area in framework["areas"]
        for one in area["competencies"]
    }
    assert [slug for slug, levels in found.items() if set(levels) != set("12345") or min(levels.values()) < 2] == []
    assert sum(sum(levels.values()) for levels in found.values()) >= 230


def test_shipped_roles_are_at_least_36(shipped: dict[str, Shipped]) -> None:
    assert len(shipped) >= 36


@pytest.mark.parametrize("part", ["mission", "tour_of_duty", "summary", "about_family", "about_specialty", "moves"])
def test_shipped_roles_all_have(part: str, shipped: dict[str, Shipped]) -> None:
    assert [path for path, role in shipped.items() if not role.document.get(part)] == []


@pytest.mark.parametrize(("section", "least"), [("primary", 6), ("ai", 1), ("change", 1), ("hard", 1), ("soft", 1)])
def test_shipped_roles_all_list(section: str, least: int, shipped: dict[str, Shipped]) -> None:
    assert [path for path, role in shipped.items() if counts(role.document, section)[0] < least] == []


def test_shipped_roles_have_6_to_10_requirements_but_one(shipped: dict[str, Shipped]) -> None:
    odd = {path for path, role in shipped.items() if not 6 <= len(role.document["requirements"]) <= 10}
    assert odd == {"software-engineering/backend/l1"}
    assert shipped["software-engineering/backend/l1"].document["requirements"] == [
        {"competency": "software-engineering", "need": 2, "tier": "core"},
        {"competency": "it-operations", "need": 2, "tier": "core"},
        {"competency": "data-engineering", "need": 1, "tier": "supporting"},
    ]


def ladders(shipped: dict[str, Shipped]) -> list[list[tuple[str, dict[str, Any]]]]:
    """The roles of each specialty from the lowest level up."""
    found: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for path in sorted(shipped):
        found.setdefault(path.rpartition("/")[0], []).append((path, shipped[path].document))
    return list(found.values())


def test_shipped_needs_never_fall_within_a_specialty(shipped: dict[str, Shipped]) -> None:
    fallen = [
        (path, said)
        for ladder in ladders(shipped)
        for (_, below), (path, document) in itertools.pairwise(ladder)
        for said in warnings(document, below=below)
        if "at the level below" in said
    ]
    assert fallen == []


def test_shipped_levels_of_a_specialty_take_nothing_over(shipped: dict[str, Shipped]) -> None:
    taken = [
        (path, said)
        for ladder in ladders(shipped)
        for path, document in ladder
        for said in warnings(document, others={other: text for other, text in ladder if other != path})
        if said.startswith("Taken over")
    ]
    assert taken == []


@pytest.mark.parametrize("path", SEEDS)
def test_shipped_seed_roles_keep_their_counts(path: str, shipped: dict[str, Shipped]) -> None:
    document = shipped[path].document
    assert (document["title"], *counts(document, "primary", "secondary", "hard", "soft")) == SEEDS[path]


def test_shipped_associate_software_engineer_keeps_the_salary(shipped: dict[str, Shipped]) -> None:
    assert shipped["software-engineering/general/l1"].document["salary"] == {
        "minimum": 60_000,
        "maximum": 85_000,
        "currency": "USD",
        "period": "year",
    }


def test_shipped_associate_backend_engineer_keeps_its_counts_and_day(shipped: dict[str, Shipped]) -> None:
    role = shipped["software-engineering/backend/l1"]
    assert role.document["title"] == "Associate Backend Engineer"
    assert counts(role.document, "primary", "secondary", "ai") == (6, 0, 3)
    assert role.effective_from.isoformat() == "2025-07-01"


def test_shipped_documents_are_canonical(shipped: dict[str, Shipped]) -> None:
    assert [path for path, role in shipped.items() if role.document != canonical(role.document)] == []


def test_shipped_moves_lead_to_roles_in_force(shipped: dict[str, Shipped]) -> None:
    ends = [
        (path, move["role"])
        for path, role in shipped.items()
        for moves in role.document["moves"].values()
        for move in moves
        if "role" in move
    ]
    assert [end for end in ends if end[1] not in shipped or end[0] == end[1]] == []


# ── Loading and exporting what ships ────────────────────────────────────────


def everything() -> dict[str, Any]:
    """Every row of the framework and the catalogue."""
    models = [*apps.get_app_config("competencies").get_models(), *apps.get_app_config("roles").get_models()]
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in models}


def exported() -> dict[str, str]:
    return {name: to_yaml(content) for name, content in ladder_files().items()}


def files_in(folder: Path) -> dict[str, str]:
    return {str(file.relative_to(folder)): file.read_text(encoding="utf-8") for file in folder.rglob("*.yml")}


def test_shipped_ladder_twice_changes_nothing(catalogue: Any, shipped_ladder: Any) -> None:
    assert catalogue.changed > 0
    before = everything()
    again = load(shipped_ladder)
    assert (again.changed, again.unchanged) == (0, Role.objects.count())
    assert everything() == before


def test_shipped_ladder_is_exported_byte_for_byte(catalogue: Any, tmp_path: Path) -> None:
    call_command("export_ladder", tmp_path / "out", stdout=StringIO())
    assert files_in(tmp_path / "out") == files_in(LADDER)


@pytest.mark.django_db
def test_shipped_ladder_as_one_file_gives_the_same_again(shipped_ladder: Any, tmp_path: Path) -> None:
    one = tmp_path / "all.yml"
    with transaction.atomic():
        load(shipped_ladder)
        call_command("export_ladder", one)
        out = StringIO()
        call_command("export_ladder", stdout=out)
        transaction.set_rollback(True)  # published versions can't be deleted, but they can never have been there
    assert out.getvalue() == one.read_text(encoding="utf-8")
    assert Role.objects.count() == 0
    call_command("load_ladder", one, stdout=StringIO())
    assert exported() == files_in(LADDER)


def test_export_of_another_process_and_database_is_the_same(tmp_path: Path) -> None:
    """The commands as an administrator runs them, on an empty SQLite database of their own."""
    given = {key: value for key, value in os.environ.items() if key != "DATABASE_URL" and not key.startswith("LADDER_")}

    def manage(*words: object) -> str:
        done = subprocess.run(  # noqa: S603  our own command
            [sys.executable, LADDER.parent.parent / "manage.py", *map(str, words)],
            env={**given, "LADDER_VAR_DIR": str(tmp_path / "var")},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    manage("migrate", "--verbosity", 0)
    manage("load_ladder", LADDER)
    manage("export_ladder", tmp_path / "out")
    assert files_in(tmp_path / "out") == files_in(LADDER)


# ── A small ladder to change ────────────────────────────────────────────────

# Lines count in the tests below.
SMALL = """\
proficiency:
  - {number: 1, name: Guided, meaning: With help.}
  - {number: 2, name: Capable, meaning: Alone.}
areas:
  - slug: building
    name: Building
    competencies:
      - slug: software-engineering
        name: Software Engineering
        definition: Writing code.
        indicators:
          1: [Changes a line.]
          2: [Changes a file., Changes two.]
levels:
  - {slug: l1, number: 1, name: Associate}
  - {slug: l2, number: 2, name: Junior}
families:
  - {slug: software, name: Software, position: 1, about: They build.}
---
specialty: backend
family: software
name: Backend
roles:
  - level: l1
    effective: 2025-07-01
    title: Associate
    salary: {minimum: 1, maximum: 2, currency: USD, period: year}
    responsibilities:
      primary:
        - Builds.
    experience:
      minimum_years: 1
      maximum_years: 2
    moves:
      up:
        - role: software/backend/l2
          focus: More of it.
    requirements:
      - {competency: software-engineering, need: 1, tier: core}
  - level: l2
    effective: 2025-07-01
    title: Junior
    requirements:
      - {competency: software-engineering, need: 2, tier: core}
"""


def write(folder: Path, **files: str | bytes) -> Path:
    """`name="text"` becomes the file `name.yml`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.yml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def run(path: Path, **options: Any) -> str:
    out = StringIO()
    call_command("load_ladder", path, stdout=out, **options)
    return out.getvalue()


def errors_of(path: Path) -> list[str]:
    """What `load_ladder` says is wrong; nothing of it may have been stored."""
    before = everything()
    with pytest.raises(CommandError) as refused:
        run(path)
    assert everything() == before
    first, *errors = str(refused.value).split("\n")
    assert first == "Nothing was loaded:"
    return errors


def without(lines: str) -> tuple[str, str]:
    return lines, ""


@pytest.mark.django_db
def test_load_makes_what_the_file_says(tmp_path: Path) -> None:
    assert run(write(tmp_path, small=SMALL)) == (
        "software/backend: a new specialty\n"
        "software/backend/l1: version 1, Associate, holds from 2025-07-01\n"
        "software/backend/l2: version 1, Junior, holds from 2025-07-01\n"
        "5 changes to the framework, 6 to levels, families, specialties and roles; "
        "2 role versions published, 0 unchanged\n"
    )
    assert [str(version) for version in RoleVersion.objects.order_by("title")] == [
        "Associate, version 1",
        "Junior, version 1",
    ]
    version = RoleVersion.objects.get(title="Associate")
    assert version.document == {
        "title": "Associate",
        "salary": {"minimum": 1, "maximum": 2, "currency": "USD", "period": "year"},
        "responsibilities": {"primary": ["Builds."]},
        "experience": {"minimum_years": 1, "maximum_years": 2},
        "moves": {"up": [{"role": "software/backend/l2", "focus": "More of it."}]},
        "requirements": [{"competency": "software-engineering", "need": 1, "tier": "core"}],
    }
    assert version.effective_from.isoformat() == "2025-07-01"


@pytest.mark.django_db
def test_load_twice_changes_nothing(tmp_path: Path) -> None:
    run(write(tmp_path, small=SMALL))
    before = everything()
    assert run(tmp_path) == (
        "0 changes to the framework, 0 to levels, families, specialties and roles; "
        "0 role versions published, 2 unchanged\n"
    )
    assert everything() == before


@pytest.mark.django_db
def test_load_of_changed_content_publishes_the_next_version_and_keeps_the_old(tmp_path: Path) -> None:
    run(write(tmp_path, small=SMALL))
    before, token = RoleVersion.objects.filter(title="Associate").values().get(), Revision.objects.get().token
    report = run(write(tmp_path, small=SMALL.replace("- Builds.", "- Builds more.")))
    assert report.endswith("; 1 role versions published, 1 unchanged\n")
    old, new = RoleVersion.objects.filter(title="Associate").order_by("number")
    assert RoleVersion.objects.filter(pk=old.pk).values().get() == before
    assert (new.number, new.document["responsibilities"]) == (2, {"primary": ["Builds more."]})
    assert Revision.objects.get().token != token


@pytest.mark.django_db
def test_load_of_another_day_publishes_the_next_version(tmp_path: Path) -> None:
    run(write(tmp_path, small=SMALL))
    run(write(tmp_path, small=SMALL.replace("2025-07-01\n    title: Junior", "2025-08-01\n    title: Junior")))
    assert list(
        RoleVersion.objects.filter(title="Junior").order_by("number").values_list("number", "effective_from__month")
    ) == [(1, 7), (2, 8)]


@pytest.mark.django_db
def test_load_gives_a_version_the_number_of_its_file(tmp_path: Path) -> None:
    run(write(tmp_path, small=SMALL.replace("- level: l2\n", "- level: l2\n    version: 5\n")))
    assert RoleVersion.objects.get(title="Junior").number == 5


SUPERSEDED = """\
superseded:
  - level: l2
    version: 1
    effective: 2024-01-01
    title: Junior once
    requirements: []
  - level: l2
    version: 3
    effective: 2025-01-01
    title: Junior twice
    requirements: []
"""


@pytest.mark.django_db
def test_load_brings_superseded_versions_to_a_new_role_and_no_other(tmp_path: Path) -> None:
    text = SMALL.replace("- level: l2\n", "- level: l2\n    version: 4\n")
    run(write(tmp_path, small=text + SUPERSEDED))
    history = [(1, "Junior once"), (3, "Junior twice"), (4, "Junior")]
    junior = RoleVersion.objects.filter(role__level__slug="l2").order_by("number")
    assert list(junior.values_list("number", "title")) == history
    run(write(tmp_path, small=text + SUPERSEDED.replace("Junior once", "Never")))
    assert list(junior.values_list("number", "title")) == history
    assert [entry["title"] for entry in ladder_files()["roles/backend.yml"]["superseded"]] == [
        "Junior once",
        "Junior twice",
    ]


@pytest.mark.django_db
def test_load_of_a_superseded_version_at_a_level_without_role_is_no_crash(tmp_path: Path) -> None:
    text = SMALL + SUPERSEDED.replace("level: l2", "level: l3")
    write(tmp_path, small=text.replace("levels:\n", "levels:\n  - {slug: l3, number: 3, name: Engineer}\n"))
    try:
        run(tmp_path)
    except CommandError as refused:
        assert str(refused).startswith("Nothing was loaded:\nsmall.yml:")
    else:
        assert RoleVersion.objects.filter(role__level__slug="l3").count() == 2


@pytest.mark.django_db
def test_load_of_one_role_leaves_the_others(tmp_path: Path) -> None:
    run(write(tmp_path / "all", small=SMALL))
    text = SMALL.partition("---\n")[2].partition("  - level: l2")[0].replace("Builds.", "Builds more.")
    run(write(tmp_path / "part", part=text))
    assert sorted(RoleVersion.objects.current().values_list("title", "number")) == [("Associate", 2), ("Junior", 1)]


@pytest.mark.django_db
def test_load_leaves_drafts_alone(tmp_path: Path) -> None:
    run(write(tmp_path, small=SMALL))
    mine = draft(role=role_at("software/backend/l1"), title="Mine")
    run(write(tmp_path, small=SMALL.replace("Builds.", "Builds more.")))
    mine.refresh_from_db()
    assert (mine.title, mine.is_draft) == ("Mine", True)


@pytest.mark.django_db
def test_load_dry_run_reports_and_stores_nothing(tmp_path: Path) -> None:
    before = everything()
    assert run(write(tmp_path, small=SMALL), dry_run=True) == (
        "software/backend: a new specialty\n"
        "software/backend/l1: version 1, Associate, holds from 2025-07-01\n"
        "software/backend/l2: version 1, Junior, holds from 2025-07-01\n"
        "Dry run, nothing was stored: 5 changes to the framework, 6 to levels, families, specialties and roles; "
        "2 role versions published, 0 unchanged\n"
    )
    assert everything() == before


@pytest.mark.django_db
def test_load_if_empty_loads_once(tmp_path: Path) -> None:
    assert "2 role versions published" in run(write(tmp_path, small=SMALL), if_empty=True)
    before = everything()
    assert run(write(tmp_path, small=SMALL.replace("Builds.", "Builds more.")), if_empty=True) == ""
    assert everything() == before


@pytest.mark.django_db
def test_load_is_all_or_nothing(tmp_path: Path) -> None:
    framework, _, backend = SMALL.partition("---\n")
    folder = write(
        tmp_path, a=framework, b=backend, c=backend.replace("backend", "frontend").replace("need: 2", "need: 9")
    )
    assert errors_of(folder) == ["c.yml:25: roles.1.requirements.0.need: 9 is greater than the maximum of 5"]


@pytest.mark.django_db
def test_load_that_the_database_refuses_stores_nothing(tmp_path: Path) -> None:
    """The files were right when they were read; since then somebody took the number of a level."""
    ladder = clean(read_path(write(tmp_path, small=SMALL)))
    LevelFactory(slug="other", number=2)
    before = everything()
    with pytest.raises(IntegrityError):
        load(ladder)
    assert everything() == before


@pytest.mark.django_db
def test_load_takes_a_file_with_a_byte_order_mark_and_windows_lines(tmp_path: Path) -> None:
    run(write(tmp_path, small=b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode()))
    assert RoleVersion.objects.count() == 2


@pytest.mark.django_db
def test_load_takes_yaml_as_well_as_yml_files(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(SMALL)
    run(tmp_path)
    assert RoleVersion.objects.count() == 2


# ── Every way to be wrong ───────────────────────────────────────────────────


@pytest.mark.django_db
def test_errors_of_the_shipped_files_have_file_and_line(tmp_path: Path) -> None:
    for name, text in files_in(LADDER).items():
        if name == "roles/backend.yml":
            text = text.replace("{competency: software-engineering,", "{competency: sofware-engineering,", 1)
            [line] = [number for number, one in enumerate(text.split("\n"), start=1) if "sofware" in one]
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert errors_of(tmp_path) == [
        f"roles/backend.yml:{line}: competency 'sofware-engineering' is not known; did you mean 'software-engineering'?"
    ]


WRONG: dict[str, tuple[tuple[str, str], list[str]]] = {
    "unknown competency": (
        ("{competency: software-engineering, need: 1", "{competency: sofware-engineering, need: 1"),
        ["small.yml:39: competency 'sofware-engineering' is not known; did you mean 'software-engineering'?"],
    ),
    "unknown competency, like none": (
        ("{competency: software-engineering, need: 1", "{competency: zzz, need: 1"),
        ["small.yml:39: competency 'zzz' is not known"],
    ),
    "competency twice in a role": (
        (
            "need: 2, tier: core}\n",
            "need: 2, tier: core}\n      - {competency: software-engineering, need: 1, tier: core}\n",
        ),
        ["small.yml:45: competency 'software-engineering' is required twice"],
    ),
    "unknown level": (
        ("- level: l2", "- level: l22"),
        [
            "small.yml:36: role 'software/backend/l2' is not known; did you mean 'software/backend/l22'?",
            "small.yml:40: level 'l22' is not known; did you mean 'l2'?",
        ],
    ),
    "unknown family": (
        ("family: software\n", "family: sofware\n"),
        [
            "small.yml:21: family 'sofware' is not known; did you mean 'software'?",
            "small.yml:36: role 'software/backend/l2' is not known; did you mean 'sofware/backend/l2'?",
        ],
    ),
    "unknown role": (
        ("role: software/backend/l2", "role: software/backend/l9"),
        ["small.yml:36: role 'software/backend/l9' is not known; did you mean 'software/backend/l2'?"],
    ),
    "move to a role and a title": (
        ("          focus: More of it.", "          title: Elsewhere"),
        ["small.yml:36: roles.0.moves.up.0: a move has either 'role' (one of ours) or 'title' (an outside title)"],
    ),
    "move to nowhere": (
        ("- role: software/backend/l2\n          focus", "- focus"),
        ["small.yml:36: roles.0.moves.up.0: a move has either 'role' (one of ours) or 'title' (an outside title)"],
    ),
    "unknown key": (
        ("    title: Junior\n", "    titel: Junior\n    title: Junior\n"),
        ["small.yml:42: roles.1: 'titel' is not a key here; did you mean 'title'?"],
    ),
    "unknown key of the document": (
        ("name: Backend\n", "name: Backend\ncolour: blue\n"),
        ["small.yml:23: 'colour' is not a key here"],
    ),
    "missing key": (without("    title: Junior\n"), ["small.yml:40: roles.1: 'title' is missing here"]),
    "missing family": (without("family: software\n"), ["small.yml:20: 'family' is a dependency of 'specialty'"]),
    "empty title": (("    title: Junior\n", "    title: ' '\n"), ["small.yml:42: roles.1.title: is empty"]),
    "title is a list": (
        ("    title: Junior\n", "    title: [Junior]\n"),
        ['small.yml:42: roles.1.title: expected string but found ["Junior"]'],
    ),
    "title is binary": (
        ("    title: Junior\n", "    title: !!binary SnVuaW9y\n"),
        ["small.yml:42: tag:yaml.org,2002:binary can't be used here"],
    ),
    "empty sentence": (
        ("        - Builds.\n", "        - Builds.\n        - ''\n"),
        ["small.yml:31: roles.0.responsibilities.primary.1: is empty"],
    ),
    "sentence that YAML takes for a mapping": (
        ("        - Builds.\n", "        - Builds: all of it.\n"),
        ['small.yml:30: roles.0.responsibilities.primary.0: expected string but found {"Builds": "all of it."}'],
    ),
    "need too high": (
        ("need: 2,", "need: 6,"),
        ["small.yml:44: roles.1.requirements.0.need: 6 is greater than the maximum of 5"],
    ),
    "need too low": (
        ("need: 2,", "need: 0,"),
        ["small.yml:44: roles.1.requirements.0.need: 0 is less than the minimum of 1"],
    ),
    "need is a word": (
        ("need: 2,", "need: two,"),
        ['small.yml:44: roles.1.requirements.0.need: expected integer but found "two"'],
    ),
    "unknown tier": (
        ("need: 2, tier: core", "need: 2, tier: vital"),
        ["small.yml:44: roles.1.requirements.0.tier: 'vital' is not one of core, supporting, emerging"],
    ),
    "unknown track": (
        ("name: Backend\n", "name: Backend\ntrack: side\n"),
        ["small.yml:23: track: 'side' is not one of individual, management"],
    ),
    "no such day": (
        ("effective: 2025-07-01\n    title: Junior", "effective: 2025-02-30\n    title: Junior"),
        ["small.yml:41: roles.1.effective: '2025-02-30' is not a 'date'"],
    ),
    "day with a time": (
        ("effective: 2025-07-01\n    title: Junior", "effective: 2025-07-01 10:00:00\n    title: Junior"),
        ["small.yml:41: roles.1.effective: '2025-07-01 10:00:00' is not a 'date'"],
    ),
    "salary upside down": (
        ("minimum: 1, maximum: 2", "minimum: 3, maximum: 2"),
        ["small.yml:27: the salary range ends below its start"],
    ),
    "salary without currency": (
        without(" currency: USD,"),
        ["small.yml:27: roles.0.salary: 'currency' is missing here"],
    ),
    "years upside down": (
        ("minimum_years: 1", "minimum_years: 3"),
        ["small.yml:33: the range of years ends before it starts"],
    ),
    "role twice": (
        ("  - level: l2\n", "  - level: l1\n"),
        [
            "small.yml:36: role 'software/backend/l2' is not known; did you mean 'software/backend/l1'?",
            "small.yml:40: role 'software/backend/l1' stands at small.yml:24 already",
        ],
    ),
    "level twice": (
        ("slug: l2, number: 2", "slug: l1, number: 2"),
        [
            "small.yml:16: level 'l1' stands at small.yml:15 already",
            "small.yml:40: level 'l2' is not known",
        ],
    ),
    "competency twice": (
        ("levels:\n", "      - {slug: software-engineering, name: Again, definition: Again.}\nlevels:\n"),
        ["small.yml:14: competency 'software-engineering' stands at small.yml:8 already"],
    ),
    "area twice": (
        ("levels:\n", "  - {slug: building, name: Again, competencies: []}\nlevels:\n"),
        ["small.yml:14: area 'building' stands at small.yml:5 already"],
    ),
    "family twice": (
        ("---\n", "  - {slug: software, name: Again}\n---\n"),
        ["small.yml:19: family 'software' stands at small.yml:18 already"],
    ),
    "specialty twice": (
        ("---\n", "---\nspecialty: backend\nfamily: software\nname: Again\nroles: []\n---\n"),
        ["small.yml:25: specialty 'software/backend' stands at small.yml:20 already"],
    ),
    "version twice": (
        ("roles:\n", SUPERSEDED.replace("version: 3", "version: 1") + "roles:\n"),
        ["small.yml:29: version 1 stands at small.yml:24 already"],
    ),
    "key twice": (
        ("    title: Junior\n", "    title: Junior\n    title: Again\n"),
        ["small.yml:43: 'title' stands here twice"],
    ),
    "bad slug": (
        ("slug: l2,", "slug: L 2,"),
        ["small.yml:16: levels.1.slug: 'L 2' does not match '^[-a-zA-Z0-9_]+$'"],
    ),
    "two wrong things": (
        ("need: 2, tier: core", "need: 9, tier: vital"),
        [
            "small.yml:44: roles.1.requirements.0.need: 9 is greater than the maximum of 5",
            "small.yml:44: roles.1.requirements.0.tier: 'vital' is not one of core, supporting, emerging",
        ],
    ),
}


@pytest.mark.django_db
@pytest.mark.parametrize(("change", "errors"), WRONG.values(), ids=WRONG)
def test_error_names_file_line_and_reason(change: tuple[str, str], errors: list[str], tmp_path: Path) -> None:
    assert SMALL.count(change[0]) == 1
    assert errors_of(write(tmp_path, small=SMALL.replace(*change))) == errors


# Wrong in ways that only the database would see; the line is what counts, the words are free.
WRONG_FOR_THE_DATABASE: dict[str, tuple[tuple[str, str], list[int]]] = {
    "level number twice": (("slug: l2, number: 2", "slug: l2, number: 1"), [16]),
    "proficiency number twice": (("number: 2, name: Capable", "number: 1, name: Capable"), [3, 13]),
    "indicator twice": (("Changes a file., Changes two.", "Changes two., Changes two."), [13]),
    "indicator off the scale": (("          2: [Changes", "          3: [Changes"), [13]),
    "null character": (("title: Junior", 'title: "Jun\\0ior"'), [42]),
    "half a character": (("title: Junior", 'title: "Jun\\ud800ior"'), [42]),
}


@pytest.mark.django_db
@pytest.mark.parametrize(("change", "lines"), WRONG_FOR_THE_DATABASE.values(), ids=WRONG_FOR_THE_DATABASE)
def test_error_of_what_only_the_database_would_see(change: tuple[str, str], lines: list[int], tmp_path: Path) -> None:
    assert SMALL.count(change[0]) == 1
    found = [error.split(": ")[0] for error in errors_of(write(tmp_path, small=SMALL.replace(*change)))]
    assert found == [f"small.yml:{line}" for line in lines]


@pytest.mark.django_db
def test_error_of_a_level_number_that_another_level_has_already(tmp_path: Path) -> None:
    Level.objects.create(slug="junior", number=2, name="Junior")
    assert [error.split(": ")[0] for error in errors_of(write(tmp_path, small=SMALL))] == ["small.yml:16"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "error"),
    [
        pytest.param("a: [1\nb: 2\n", "bad.yml:2: expected ',' or ']', but got ':'", id="not YAML"),
        pytest.param("\tname: x\n", "bad.yml:1: found character '\\t' that cannot start any token", id="tabs"),
        pytest.param("just words\n", 'bad.yml:1: expected object but found "just words"', id="only words"),
        pytest.param("- a\n- b\n", 'bad.yml:1: expected object but found ["a", "b"]', id="a list"),
        pytest.param("{}\n", "bad.yml:1: {} should be non-empty", id="empty mapping"),
        pytest.param(b"name: \xff\n", "bad.yml: is not UTF-8 text (byte 6)", id="not UTF-8"),
        pytest.param("title: *nobody\n", "bad.yml:1: aliases (*) can't be used here", id="unknown alias"),
        pytest.param(
            "a: !!python/object:os.system x\n",
            "bad.yml:1: tag:yaml.org,2002:python/object:os.system can't be used here",
            id="code",
        ),
    ],
)
def test_error_of_a_file_that_is_no_ladder(content: str | bytes, error: str, tmp_path: Path) -> None:
    assert errors_of(write(tmp_path, bad=content)) == [error]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "content",
    [
        pytest.param("name: \x07\n", id="control character"),
        pytest.param("areas: &a [*a]\n", id="alias inside itself"),
        pytest.param("areas: " + "[" * 3000 + "]" * 3000 + "\n", id="nested without end"),
    ],
)
def test_error_of_a_file_that_breaks_readers(content: str, tmp_path: Path) -> None:
    assert [error.split(":")[0] for error in errors_of(write(tmp_path, bad=content))] == ["bad.yml"]


@pytest.mark.django_db
def test_errors_of_all_files_come_together(tmp_path: Path) -> None:
    assert errors_of(write(tmp_path, a="a: [\n", b=b"\xff", c=SMALL)) == [
        "a.yml:2: expected the node content, but found '<stream end>'",
        "b.yml: is not UTF-8 text (byte 0)",
    ]


@pytest.mark.django_db
def test_error_of_a_specialty_in_two_files_names_both(tmp_path: Path) -> None:
    framework, _, backend = SMALL.partition("---\n")
    assert errors_of(write(tmp_path, a=framework, b=backend, c=backend)) == [
        "c.yml:1: specialty 'software/backend' stands at b.yml:1 already",
        "c.yml:5: role 'software/backend/l1' stands at b.yml:5 already",
        "c.yml:21: role 'software/backend/l2' stands at b.yml:21 already",
    ]


@pytest.mark.django_db
def test_error_of_an_empty_folder(tmp_path: Path) -> None:
    assert errors_of(tmp_path) == [f"{tmp_path}: there is no .yml file in it"]


@pytest.mark.django_db
@pytest.mark.parametrize("content", ["", "# only a comment\n", "---\n---\n"])
def test_load_of_an_empty_file_changes_nothing(content: str, tmp_path: Path) -> None:
    before = everything()
    assert run(write(tmp_path, empty=content)).startswith("0 changes to the framework, 0 to levels")
    assert everything() == before


@pytest.mark.django_db
def test_error_of_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"^There is no .*nowhere\.yml\.$"):
        run(tmp_path / "nowhere.yml")


@pytest.mark.django_db
def test_error_of_a_file_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("roles.forms.ladder_file.BIGGEST", 100)
    assert errors_of(write(tmp_path, small=SMALL)) == ["small.yml:1: the file is larger than 100 bytes"]


@pytest.mark.django_db
def test_clean_knows_what_the_database_has(tmp_path: Path) -> None:
    framework, _, backend = SMALL.partition("---\n")
    with pytest.raises(BadLadder) as refused:
        clean(read_path(write(tmp_path / "roles", backend=backend)))
    assert Counter(error.split(": ", 1)[1] for error in refused.value.errors) == {
        "family 'software' is not known": 1,
        "level 'l1' is not known": 1,
        "level 'l2' is not known": 1,
        "competency 'software-engineering' is not known": 2,
    }
    run(write(tmp_path / "framework", framework=framework))
    assert len(clean(read_path(tmp_path / "roles")).specialties) == 1


# ── Exporting ───────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_export_of_an_empty_database_loads(tmp_path: Path) -> None:
    call_command("export_ladder", tmp_path / "out", stdout=StringIO())
    assert sorted(files_in(tmp_path / "out")) == ["framework.yml", "ladder.yml"]
    assert run(tmp_path / "out").startswith("0 changes to the framework, 0 to levels")


@pytest.mark.django_db
def test_export_refuses_a_path_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("mine")
    with pytest.raises(CommandError, match="is not a folder"):
        call_command("export_ladder", tmp_path / "notes")
    assert (tmp_path / "notes").read_text() == "mine"


@pytest.mark.django_db
def test_export_tells_specialties_of_one_name_apart() -> None:
    published(role=role_at("one/operations/l1"))
    published(role=role_at("two/operations/l1"))
    assert sorted(ladder_files()) == [
        "framework.yml",
        "ladder.yml",
        "roles/one.operations.yml",
        "roles/two.operations.yml",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["published", "draft"])
def test_export_loads_into_an_empty_database_whatever_its_moves_lead_to(state: str, tmp_path: Path) -> None:
    one = tmp_path / "all.yml"
    with transaction.atomic():
        run(write(tmp_path / "small", small=SMALL))
        {"published": published, "draft": draft}[state](role=role_at("software/backend/l5"), title="Staff")
        published(
            role=role_at("software/backend/l1"),
            title="Associate",
            effective_from=date(2025, 7, 1),
            moves={"up": [{"role": "software/backend/l5"}]},
            keywords=["yes", "2025-01-01", "1.0", "null", "a: b", "# c", "é — “x”"],
            summary="Two\nlines and a tab\tand\u2028more.",
        )
        call_command("export_ladder", one)
        before = exported()
        transaction.set_rollback(True)
    run(one)
    assert exported() == before


@pytest.mark.django_db
def test_export_has_scheduled_versions_and_no_drafts() -> None:
    role = role_at("software/backend/l1")
    published(role=role, title="Now")
    published(role=role, title="Coming", effective_from=date(2999, 1, 1))
    draft(role=role, title="Draft")
    content = ladder_files()["roles/backend.yml"]
    assert [(entry["version"], entry["title"]) for entry in content["roles"]] == [(2, "Coming")]
    assert [(entry["version"], entry["title"]) for entry in content["superseded"]] == [(1, "Now")]


@pytest.mark.django_db
def test_export_queries_do_not_grow_with_the_catalogue(django_assert_num_queries: Any) -> None:
    for number in (1, 2, 3):
        published(role=role_at(f"software/backend/l{number}"), needs={"design": (1, "core")})
        with django_assert_num_queries(9):
            ladder_files()


@pytest.mark.django_db
def test_load_of_a_framework_alone_makes_it(tmp_path: Path) -> None:
    run(write(tmp_path, framework=SMALL.partition("---\n")[0]))
    assert (Area.objects.count(), Competency.objects.count(), Indicator.objects.count()) == (1, 1, 3)
    assert ProficiencyLevel.objects.count() == 2
    assert framework_document()["areas"][0]["competencies"][0]["indicators"] == {
        1: ["Changes a line."],
        2: ["Changes a file.", "Changes two."],
    }


@pytest.mark.django_db
def test_changed_content_holds_from_today_when_the_file_names_an_old_day(tmp_path: Path) -> None:
    """Nobody can say afterwards that a text held before it was written; loading it again changes nothing."""
    load(clean(read_path(write(tmp_path, small=SMALL))))
    changed = write(tmp_path, small=SMALL.replace("title: Junior", "title: Newcomer"))
    report = load(clean(read_path(changed)))
    newest = RoleVersion.objects.current().get(title="Newcomer")
    assert (report.published, newest.effective_from) == (1, timezone.localdate())
    assert [line for line in report.lines if "Newcomer" in line] == report.lines
    assert load(clean(read_path(changed))).changed == 0
