"""Claims, verifications and how strong they make each other."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accomplishments.scoring.evidence import (
    CANNOT_SAY,
    CONFIRMED_OTHER,
    DISPUTED,
    Claim,
    EvidenceError,
    Verification,
    Weighed,
    weigh,
    whole_months,
)
from accomplishments.scoring.policy import POLICY_V1
from tests.accomplishments.strategies import DISPUTE, MANAGER, PEER, TODAY, calm, claim, lower

days = st.dates(date(1990, 1, 1), date(2090, 1, 1))
SILENT = Verification("sue", CANNOT_SAY)
SETTLED = replace(DISPUTE, resolved=True)


def weighed(one: Claim) -> Weighed:
    return weigh(one, POLICY_V1, TODAY)


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        ("2025-01-31", "2025-02-27", 0),
        ("2025-01-31", "2025-02-28", 1),
        ("2024-01-31", "2024-02-28", 0),
        ("2024-01-31", "2024-02-29", 1),
        ("2025-01-31", "2025-03-30", 1),
        ("2025-01-31", "2025-03-31", 2),
        ("2025-02-28", "2025-03-27", 0),
        ("2025-02-28", "2025-03-28", 1),
        ("2024-02-29", "2025-02-28", 12),
        ("2024-12-15", "2025-01-14", 0),
        ("2024-12-15", "2025-01-15", 1),
        ("2025-05-22", "2026-11-22", 18),
        ("2025-05-22", "2025-05-22", 0),
    ],
)
def test_whole_months(start: str, end: str, months: int) -> None:
    assert whole_months(date.fromisoformat(start), date.fromisoformat(end)) == months


@calm
@given(days, st.integers(0, 3000), st.integers(0, 40))
def test_whole_months_never_shrink_as_time_passes(start: date, first: int, more: int) -> None:
    end = start + timedelta(days=first)
    assert 0 <= whole_months(start, end) <= whole_months(start, end + timedelta(days=more))
    assert whole_months(start + timedelta(days=min(more, first)), end) <= whole_months(start, end)


@pytest.mark.parametrize(
    ("ended", "recency"),
    [
        (TODAY, 1000),
        (date(2025, 5, 22), 1000),
        (date(2025, 4, 23), 1000),
        (date(2025, 4, 22), 900),
        (date(2024, 10, 23), 900),
        (date(2024, 10, 22), 800),
        (date(2022, 10, 23), 500),
        (date(2022, 10, 22), 400),
        (date(1990, 1, 1), 400),
    ],
)
def test_recency_boundaries(ended: date, recency: int) -> None:
    assert weighed(claim("it-operations", 1, ended=ended)).recency == recency


def test_work_of_the_future_is_refused() -> None:
    tomorrow = claim("it-operations", 1, ended=TODAY + timedelta(days=1), name="c")
    with pytest.raises(EvidenceError, match=r"^claim c: ended 2026-11-23, which is after 2026-11-22$"):
        weighed(tomorrow)


@pytest.mark.parametrize(
    ("said", "factors", "proven"),
    [
        ((), (500, 500, 500), (0, 0, 0)),
        ((SILENT,), (500, 500, 500), (0, 0, 0)),
        ((PEER,), (1000, 1000, 1000), (1000, 1000, 1000)),
        ((MANAGER,), (800, 800, 800), (800, 800, 800)),
        ((MANAGER, PEER), (1000, 1000, 1000), (1000, 1000, 1000)),
        ((PEER, SILENT), (1000, 1000, 1000), (1000, 1000, 1000)),
        ((lower(2),), (1000, 1000, 500), (1000, 1000, 0)),
        ((lower(5),), (1000, 1000, 1000), (1000, 1000, 1000)),
        ((lower(1), MANAGER), (1000, 800, 800), (1000, 800, 800)),
        ((lower(1), lower(2, "max", is_manager=True)), (1000, 800, 500), (1000, 800, 0)),
        ((DISPUTE,), (0, 0, 0), (0, 0, 0)),
        ((DISPUTE, PEER, MANAGER), (0, 0, 0), (0, 0, 0)),
        ((SETTLED,), (500, 500, 500), (0, 0, 0)),
        ((SETTLED, PEER), (1000, 1000, 1000), (1000, 1000, 1000)),
    ],
)
def test_verification_by_level(
    said: tuple[Verification, ...], factors: tuple[int, ...], proven: tuple[int, ...]
) -> None:
    found = weighed(claim("it-operations", 3, "owned", *said))
    assert found.verification == factors
    assert found.strength == tuple(factor * 10**6 for factor in factors)
    assert found.proven == tuple(factor * 10**6 for factor in proven)


def test_strength_is_the_product_of_three_factors() -> None:
    found = weighed(claim("it-operations", 1, "contributed", MANAGER, ended=date(2024, 10, 22)))
    assert (found.months, found.ownership, found.recency) == (25, 600, 800)
    assert found.strength == found.proven == (600 * 800 * 800,)


def test_claim_forgets_one_person() -> None:
    both = claim("it-operations", 2, "owned", MANAGER, PEER)
    assert both.verifications == (PEER, MANAGER)
    assert both.without("ann").verifications == (MANAGER,)
    assert both.without("nobody") == both


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"who": ""}, "a verification without a person"),
        ({"who": None}, "a verification without a person"),
        ({"answer": "maybe"}, "ann: answer 'maybe' is not one of confirmed, confirmed_other, cannot_say, disputed"),
        ({"level": 2}, "ann: a level goes with confirmed_other, and only with it"),
        ({"answer": CONFIRMED_OTHER}, "ann: a level goes with confirmed_other, and only with it"),
        ({"answer": CONFIRMED_OTHER, "level": 6}, "ann: 6 is not a level 1..5"),
        ({"answer": CONFIRMED_OTHER, "level": True}, "ann: True is not a level 1..5"),
        ({"answer": CONFIRMED_OTHER, "level": 2.0}, "ann: 2.0 is not a level 1..5"),
        ({"is_manager": 1}, "ann: is_manager and resolved are yes or no"),
        ({"answer": DISPUTED, "resolved": 1}, "ann: is_manager and resolved are yes or no"),
        ({"resolved": True}, "ann: only a dispute can be resolved"),
    ],
)
def test_verification_refuses_what_nobody_says(change: dict[str, object], message: str) -> None:
    with pytest.raises(EvidenceError) as refused:
        replace(PEER, **change)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": ""}, "claim '': id is not a text"),
        ({"id": 7}, "claim 7: id is not a text"),
        ({"accomplishment": ""}, "claim 'c': accomplishment is not a text"),
        ({"competency": None}, "claim 'c': competency is not a text"),
        ({"level": 9}, "claim c: 9 is not a level 1..5"),
        ({"level": 0}, "claim c: 0 is not a level 1..5"),
        ({"level": True}, "claim c: True is not a level 1..5"),
        ({"part": "watched"}, "claim c: part 'watched' is not one of owned, led, contributed, assisted"),
        ({"ended": "2026-01-01"}, "claim c: '2026-01-01' is not a date"),
        ({"ended": datetime(2026, 1, 1)}, "claim c: datetime.datetime(2026, 1, 1, 0, 0) is not a date"),
        ({"verifications": (PEER, PEER)}, "claim c: one person verified it twice"),
    ],
)
def test_claim_refuses_what_cannot_be(change: dict[str, object], message: str) -> None:
    with pytest.raises(EvidenceError) as refused:
        replace(claim("it-operations", 1, name="c"), **change)
    assert str(refused.value) == message
