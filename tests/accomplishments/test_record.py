"""The role that somebody holds."""

from datetime import date

import pytest

from accomplishments.models import Record
from accomplishments.services.record import hold
from tests.factories.people import UserFactory
from tests.factories.roles import role_at

pytestmark = pytest.mark.django_db


def test_hold_names_role_and_day_and_moves_the_record_on() -> None:
    person, role = UserFactory(), role_at("data/science/l1")
    Record.bump(person.pk)
    before = person.record.token
    hold(by=person, role=role, since=date(2025, 3, 1))
    record = Record.objects.get(pk=person.pk)
    assert (record.role, record.since) == (role, date(2025, 3, 1))
    assert record.token != before


def test_hold_without_a_role_leaves_no_day() -> None:
    person = UserFactory()
    hold(by=person, role=role_at("data/science/l1"), since=date(2025, 3, 1))
    hold(by=person, role=None, since=date(2025, 3, 1))
    record = Record.objects.get(pk=person.pk)
    assert (record.role, record.since) == (None, None)
