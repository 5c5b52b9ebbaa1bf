"""New numbers for the arithmetic; the old ones stay."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from accomplishments.models import ScoringPolicy


class AddedMeanwhile(Exception):
    """Somebody else added a version since these numbers were begun."""


def add(*, after: int, numbers: Mapping[str, Any], reason: str) -> ScoringPolicy:
    """The version that follows `after`; in force from now on. Raises AddedMeanwhile where that is not the newest."""
    try:
        with transaction.atomic():
            return ScoringPolicy.objects.create(**numbers, version=after + 1, reason=reason)
    except IntegrityError:
        raise AddedMeanwhile from None
