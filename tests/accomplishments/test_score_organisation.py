"""`manage.py score_organisation`: all people against all roles, as each of them sees it on their own page."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from accomplishments.choices import Answer
from accomplishments.models import Exemption
from accomplishments.queries import organisation
from accomplishments.queries.evidence import claims_of, exemptions_of, policy_in_force, shape_of
from accomplishments.scoring.matching import rank
from accomplishments.services.entries import archive
from people.models import User
from roles.queries.snapshot import snapshot
from tests.factories.accomplishments import claim_of, entry, verified
from tests.factories.competencies import CompetencyFactory
from tests.factories.people import UserFactory
from tests.factories.roles import published, role_at

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 1)
BACKEND, DATA = "software-engineering/backend/l1", "data/science/l2"
Row = tuple[str, str, int, float]


@pytest.fixture
def people() -> list[User]:
    """Two roles in force and one to come, three people, one of them with nothing; and one who left."""
    published(role=role_at(BACKEND), needs={"design": (2, "core"), "testing": (1, "supporting")})
    published(role=role_at(DATA), needs={"design": (3, "core"), "modelling": (2, "emerging")})
    published(role=role_at(DATA), needs={"design": (1, "core")}, effective_from=date(2126, 1, 1))
    published(role=role_at("data/science/l3"), needs={})
    ada, ben, cleo = (UserFactory(email=f"{name}@ladder.example") for name in ("ada", "ben", "cleo"))
    gone = UserFactory(is_active=False)
    first = entry(person=ada, claims={"design": 3, "testing": 1}, ended_on=date(2026, 5, 1))
    lower = {"says": Answer.CONFIRMED_OTHER, "level": 2}
    verified(claim_of(first, "design"), by=gone, at=datetime(2026, 6, 1, tzinfo=UTC), **lower)
    second = entry(person=ada, claims={"modelling": 2}, part="assisted", ended_on=date(2026, 10, 1))
    verified(claim_of(second, "modelling"), by=gone, at=datetime(2026, 12, 1, tzinfo=UTC))
    entry(person=cleo, claims={"design": 1, "writing": 4}, ended_on=date(2020, 1, 1))
    entry(person=cleo, claims={"design": 5}, ended_on=date(2026, 11, 2))
    entry(person=cleo, claims={"testing": 5}, log=False)
    archive(entry=entry(person=cleo, claims={"testing": 5}), by=cleo)
    entry(person=gone, claims={"design": 5})
    return [ada, ben, cleo]


def run(path: Path, *flags: str, day: date = DAY) -> str:
    out = io.StringIO()
    call_command("score_organisation", "--out", str(path), "--as-of", str(day), *flags, stdout=out)
    return out.getvalue()


def rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    return [(row["person"], row["role"], int(row["version"]), float(row["match"])) for row in found]


def expected(people: list[User], view: str = "match") -> list[Row]:
    """What each person's own ranking says, in the order of the catalogue."""
    found = []
    for person in people:
        for card in snapshot().roles:
            shape = shape_of(card.path, card.number, card.needs, exemptions_of(person.pk, card.path))
            for fit in rank([shape], claims_of(person.pk, DAY), policy_in_force(), DAY):
                found.append((person.email, card.path, card.number, float(getattr(fit, view))))
    return found


def same(found: list[Row], wanted: list[Row]) -> None:
    assert [row[:3] for row in found] == [row[:3] for row in wanted]
    assert [row[3] for row in found] == pytest.approx([row[3] for row in wanted], abs=1e-6)


def test_score_writes_each_persons_own_numbers(people: list[User], tmp_path: Path) -> None:
    said = run(tmp_path / "all.csv")
    found = rows(tmp_path / "all.csv")
    same(found, expected(people))
    assert len(found) == 6
    assert dict.fromkeys(row[1] for row in found).keys() == {BACKEND, DATA}
    assert said.startswith("3 people, 2 roles, ")
    assert [row[3] > 0 for row in found] == [True, True, False, False, True, True]


def test_score_counts_verified_evidence_only_when_asked(people: list[User], tmp_path: Path) -> None:
    run(tmp_path / "all.csv", "--verified")
    found = rows(tmp_path / "all.csv")
    same(found, expected(people, "verified"))
    assert [row[3] > 0 for row in found] == [True, True, False, False, False, False]


def test_score_leaves_out_what_does_not_apply(people: list[User], tmp_path: Path) -> None:
    ada, ben, _ = people
    for person, path, slug in (
        (ada, BACKEND, "testing"),
        (ada, DATA, "modelling"),
        (ben, DATA, "design"),
        (ben, DATA, "modelling"),
        (ben, "data/science/l3", "design"),
    ):
        Exemption.objects.create(
            person=person, role=role_at(path), competency=CompetencyFactory(slug=slug), reason="No."
        )
    for flags, view in (((), "match"), (("--verified",), "verified")):
        run(tmp_path / "all.csv", *flags)
        found = rows(tmp_path / "all.csv")
        same(found, expected(people, view))
        assert len(found) == 5  # nothing is left of one role for Ben
    run(tmp_path / "all.npy")
    assert np.argwhere(np.isnan(np.load(tmp_path / "all.npy"))).tolist() == [
        [1, [card.path for card in snapshot().roles if card.needs].index(DATA)]
    ]


@pytest.mark.parametrize("at_once", [1, 2, 3, 1000])
def test_score_is_the_same_however_many_at_once(
    people: list[User], tmp_path: Path, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(organisation, "AT_ONCE", at_once)
    run(tmp_path / "all.npy")
    matrix = np.load(tmp_path / "all.npy")
    assert (matrix.shape, matrix.dtype) == ((3, 2), np.float32)
    assert matrix.ravel().tolist() == pytest.approx([row[3] for row in expected(people)], abs=1e-6)
    assert (tmp_path / "all.people.csv").read_text().split() == ["person", *(one.email for one in people)]
    roles = [f"{card.path},{card.number}" for card in snapshot().roles if card.needs]
    assert (tmp_path / "all.roles.csv").read_text().split() == ["role,version", *roles]


def test_score_asks_as_much_for_one_as_for_many(
    people: list[User], tmp_path: Path, django_assert_num_queries: Callable[[int], Any]
) -> None:
    with django_assert_num_queries(8):
        run(tmp_path / "all.csv")
    for _ in range(4):
        verified(claim_of(entry(claims={"design": 2}), "design"))
    with django_assert_num_queries(6):  # the catalogue is in memory by now
        run(tmp_path / "all.csv")
    assert len(rows(tmp_path / "all.csv")) == 2 * len(User.objects.filter(is_active=True))


def test_score_of_an_empty_organisation_is_a_head(tmp_path: Path) -> None:
    run(tmp_path / "all.csv")
    assert (tmp_path / "all.csv").read_text() == "person,role,version,match\n"
    run(tmp_path / "all.npy")
    assert np.load(tmp_path / "all.npy").shape == (0, 0)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--out", "all.xlsx"), "Error: argument --out: 'all.xlsx' ends neither in .csv nor in .npy"),
        (
            ("--out", "a.csv", "--as-of", "2026-02-30"),
            "Error: argument --as-of: '2026-02-30' is not a day such as 2026-06-30",
        ),
        (("--out", "/no/such/place.csv"), "/no/such/place.csv: No such file or directory"),
    ],
)
def test_score_says_what_is_wrong(flags: tuple[str, ...], said: str) -> None:
    with pytest.raises(CommandError) as error:
        call_command("score_organisation", *flags)
    assert str(error.value) == said


def test_score_leaves_no_half_of_a_file(people: list[User], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(organisation, "rank", None)  # breaks at the second person
    monkeypatch.setattr(organisation, "AT_ONCE", 1)
    Exemption.objects.create(
        person=people[1], role=role_at(DATA), competency=CompetencyFactory(slug="design"), reason="No."
    )
    for name in ("all.csv", "all.npy"):
        with pytest.raises(TypeError):
            run(tmp_path / name)
    assert list(tmp_path.iterdir()) == []
