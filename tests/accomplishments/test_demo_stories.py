"""What the demo organisation says. It is loaded once for all of these tests, which only read."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from accomplishments.choices import Answer, Happened, State
from accomplishments.forms.demo_file import people, story
from accomplishments.models import Accomplishment, Claim, Event, Exemption, File, Ratings, Target, Verification
from accomplishments.services.verifications import expire, remind
from competencies.models import Competency
from roles.forms.ladder_file import Ladder
from roles.models import Role
from roles.queries.snapshot import snapshot
from roles.services.loading import load

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]

TWELVE = [key for key, one in people().items() if one.team]


@pytest.fixture(scope="module")
def demo(
    shipped_ladder: Ladder, django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    with (
        override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("files")),
        django_db_blocker.unblock(),
        transaction.atomic(),
    ):
        load(shipped_ladder)
        call_command("load_demo", stdout=StringIO())
        yield
        transaction.set_rollback(True)


def test_demo_fills_every_page() -> None:
    per_person = Counter(Accomplishment.objects.values_list("person__email", flat=True))
    assert len(per_person) == 11  # one has nothing yet
    assert all(5 <= count <= 25 for count in per_person.values()), per_person
    assert 130 <= sum(per_person.values()) <= 170
    said = Counter(Verification.objects.values_list("answer", flat=True))
    disputes = Verification.objects.filter(answer=Answer.DISPUTED)
    assert list(File.objects.values_list("name", "kind")) == [("replay-of-a-monday.md", "text/plain")]
    assert Event.objects.filter(happened=Happened.UNVERIFIED).count() == 1
    assert (3 <= disputes.count() <= 5, disputes.filter(resolved_at__isnull=False).count()) == (True, 1)
    assert all(said[answer] >= 3 for answer in ("", Answer.CONFIRMED_OTHER, Answer.CANNOT_SAY))
    assert said[Answer.CONFIRMED] > 100
    assert Verification.objects.filter(answer=Answer.CONFIRMED, as_manager=True).count() > 20
    states = Counter(Accomplishment.objects.values_list("state", flat=True))
    assert (states[State.ARCHIVED] >= 1, states[State.DRAFT] >= 3) == (True, True)
    assert max(Counter(Target.objects.values_list("person", flat=True)).values()) == 5
    assert Exemption.objects.count() == 1
    behind = [
        (target.person.name, str(target.role), target.version.number)
        for target in Target.objects.select_related("person", "version", "role__level", "role__specialty__family")
        if target.version_id != snapshot().by_path[str(target.role)].version_id
    ]
    assert behind == [("Hana Kobayashi", "software-engineering/backend/l1", 1)]


def test_demo_leaves_out_nothing_and_enters_nothing_that_a_form_would_refuse() -> None:
    roles = {str(role) for role in Role.objects.select_related("level", "specialty__family")}
    competencies = set(Competency.objects.values_list("slug", flat=True))
    asked, claims, met = 0, 0, 0
    for key in TWELVE:
        one = story(key)
        assert {one.role, *(pin.role for pin in one.targets), *(no.role for no in one.not_applicable)} <= roles
        for given in one.entries:
            assert set(given.claims) <= competencies, given.title
            assert {slug for ask in given.asked for slug in ask.of} <= set(given.claims), given.title
            assert all(ask.by != key for ask in given.asked), given.title
            assert all((ask.days is None) != (ask.waiting is None) for ask in given.asked), given.title
            said = [ask.waiting if ask.days is None else ask.days for ask in given.asked]
            assert all(days <= given.written for days in said), given.title  # nobody is asked before it was written
            assert given.written <= (given.ended or given.written), given.title
            claims += len(given.claims)
            met += sum(bool(claim.meets) for claim in given.claims.values())
            asked += sum(len(ask.of or given.claims) for ask in given.asked)
    assert Claim.objects.count() == claims
    assert Claim.objects.filter(indicator__isnull=False).count() == met
    assert Verification.objects.count() == asked
    for made in Accomplishment.objects.all():
        made.full_clean()


def test_demo_lies_in_the_past() -> None:
    now = timezone.now()
    assert not Accomplishment.objects.filter(created_at__gt=now).exists()
    assert not Accomplishment.objects.filter(ended_on__gt=timezone.localdate()).exists()
    assert not Event.objects.filter(at__gt=now).exists()
    for made in Accomplishment.objects.prefetch_related("events"):
        at = [event.at for event in made.events.all()]  # the newest first
        assert (at, made.created_at) == (sorted(at, reverse=True), at[-1])
        assert made.edited_at in at
    for one in Verification.objects.select_related("claim__accomplishment"):
        written = one.claim.accomplishment.created_at
        assert written.date() <= one.asked_at.date() <= (one.answered_at or now).date()
        assert one.asked_at <= (one.answered_at or now) <= now


def test_demo_leaves_nobody_to_be_reminded_or_closed_at_once() -> None:
    assert (remind(), expire()) == (0, 0)


def test_demo_rates_a_year() -> None:
    noor = Ratings.objects.filter(person__email="engineer@ladder.example").order_by("taken_on")
    assert noor[0].taken_on == timezone.localdate() - timedelta(days=364)
    assert len(noor) > 10
    assert {(day - noor[0].taken_on).days % 14 for day in noor.values_list("taken_on", flat=True)} == {0}
    first, last = (sum(sum(fills) for fills, _ in row.fills.values()) for row in (noor[0], noor[len(noor) - 1]))
    assert 0 < first < last
