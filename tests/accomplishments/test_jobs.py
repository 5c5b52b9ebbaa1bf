"""What happens each night."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from accomplishments import jobs
from accomplishments.models import Accomplishment, Ratings
from accomplishments.services.entries import delete
from ladder.celery import app
from tests.factories.accomplishments import entry

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def night(time_machine: Any) -> None:
    time_machine.move_to(datetime(2026, 7, 31, 2, 30, tzinfo=UTC), tick=False)


def test_schedule_names_a_task_that_is_there() -> None:
    app.loader.import_default_modules()
    assert settings.CELERY_BEAT_SCHEDULE["nightly"]["task"] == jobs.nightly.name
    assert {one["task"] for one in settings.CELERY_BEAT_SCHEDULE.values()} <= set(app.tasks)
    assert jobs.store_ratings.name in app.tasks


def test_nightly_keeps_the_ratings_of_everyone_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "BATCH", 2)
    people = [entry(claims={"design": 1}).person.pk for _ in range(5)]
    jobs.nightly()
    jobs.nightly()
    kept = Ratings.objects.order_by("person").values_list("person", "taken_on")
    assert list(kept) == [(person, date(2026, 7, 31)) for person in people]


def test_nightly_stopped_in_between_is_finished_by_the_next_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "BATCH", 1)
    people = [entry(claims={"design": 1}).person.pk for _ in range(3)]
    real = jobs.store

    def killed(*, people: list[int], on: date) -> int:
        if Ratings.objects.count() == 2:
            raise SystemExit
        return real(people=people, on=on)

    with monkeypatch.context() as trouble:
        trouble.setattr(jobs, "store", killed)
        with pytest.raises(SystemExit):
            jobs.nightly()
    assert Ratings.objects.count() == 2
    jobs.nightly()
    assert [row.person_id for row in Ratings.objects.order_by("person")] == people


def test_nightly_removes_what_was_deleted_30_days_ago(time_machine: Any) -> None:
    made = entry()
    time_machine.move_to(datetime(2026, 7, 1, 2, 31, tzinfo=UTC), tick=False)
    delete(entry=made, by=made.person)
    time_machine.move_to(datetime(2026, 7, 31, 2, 30, tzinfo=UTC), tick=False)
    call_command("nightly")
    assert Accomplishment.objects.count() == 1
    time_machine.move_to(datetime(2026, 7, 31, 2, 32, tzinfo=UTC), tick=False)
    call_command("nightly")
    assert Accomplishment.objects.count() == 0
