"""The numbers of the arithmetic."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given

from accomplishments.scoring.policy import FIELDS, GRAINS, POLICY_V1, Policy, PolicyError
from tests.accomplishments.strategies import calm, policies

V1 = POLICY_V1.to_dict()


def test_version_1_says_what_the_specification_says() -> None:
    assert V1 == {
        "version": "1",
        "owned": "1",
        "led": "1",
        "contributed": "0.6",
        "assisted": "0.3",
        "confirmed": "1",
        "confirmed_by_manager": "0.8",
        "self_claimed": "0.5",
        "disputed": "0",
        "recency_full_months": "18",
        "recency_step_months": "6",
        "recency_loss": "0.1",
        "recency_floor": "0.4",
        "core": "3",
        "supporting": "2",
        "emerging": "1",
        "full_1": "1",
        "full_2": "1",
        "full_3": "2",
        "full_4": "2",
        "full_5": "3",
    }


def test_numbers_in_their_units() -> None:
    assert POLICY_V1.ownership == {"owned": 1000, "led": 1000, "contributed": 600, "assisted": 300}
    assert POLICY_V1.weights == {"core": 3000, "supporting": 2000, "emerging": 1000}
    assert POLICY_V1.full == (GRAINS, GRAINS, 2 * GRAINS, 2 * GRAINS, 3 * GRAINS)
    assert POLICY_V1.whole == 6 * GRAINS
    assert GRAINS == 10**9


@pytest.mark.parametrize(
    ("months", "factor"),
    [(0, 1000), (18, 1000), (19, 900), (24, 900), (25, 800), (30, 800), (31, 700), (48, 500), (49, 400), (500, 400)],
)
def test_recency_steps(months: int, factor: int) -> None:
    assert POLICY_V1.recency(months) == factor


@calm
@given(policies())
def test_policy_survives_being_written_down(policy: Policy) -> None:
    again = Policy.from_dict(policy.to_dict())
    assert again == policy
    assert again.to_dict() == policy.to_dict()


def test_to_dict_drops_zeros_behind_the_point_only() -> None:
    policy = replace(POLICY_V1, core=Decimal("10.500"), supporting=Decimal("100"), emerging=Decimal("1E+1"))
    assert [policy.to_dict()[tier] for tier in ("core", "supporting", "emerging")] == ["10.5", "100", "10"]


def test_from_dict_takes_numbers_without_loss() -> None:
    assert Policy.from_dict(V1 | {"version": 2, "core": 4, "full_5": Decimal("3.50")}) == replace(
        POLICY_V1, version=2, core=Decimal(4), full_5=Decimal("3.5")
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"owned": 1.0}, "owned: 1.0 is not a decimal number as text"),
        ({"owned": True}, "owned: True is not a decimal number as text"),
        ({"owned": None}, "owned: None is not a decimal number as text"),
        ({"owned": "NaN"}, "owned: 'NaN' is not a decimal number such as 0.5"),
        ({"owned": Decimal("NaN")}, "owned: 'NaN' is not a decimal number such as 0.5"),
        ({"owned": "-0.5"}, "owned: '-0.5' is not a decimal number such as 0.5"),
        ({"owned": "1e-1"}, "owned: '1e-1' is not a decimal number such as 0.5"),
        ({"owned": "٠.٥"}, "owned: '٠.٥' is not a decimal number such as 0.5"),
        ({"core": "9" * 5000}, f"core: '{'9' * 20}' is not a decimal number such as 0.5"),
        ({"version": "1.5"}, "version: 1.5 is not a whole number"),
        ({"version": "0"}, "version: 0 is not a whole number from 1"),
        ({"recency_step_months": "0"}, "recency_step_months: 0 is not a whole number from 1"),
        ({"recency_full_months": "1201"}, "recency_full_months: 1201 is more than 1200 months"),
        ({"owned": "1.001"}, "owned: 1.001 is not in 0.1..1"),
        ({"owned": "0.099"}, "owned: 0.099 is not in 0.1..1"),
        ({"confirmed": "0.099"}, "confirmed: 0.099 is not in 0.1..1"),
        ({"disputed": "1.1"}, "disputed: 1.1 is not in 0..1"),
        ({"recency_loss": "2"}, "recency_loss: 2 is not in 0..1"),
        ({"recency_floor": "2"}, "recency_floor: 2 is not in 0..1"),
        ({"emerging": "0"}, "emerging: 0 is not in 0.001..1000"),
        ({"core": "1001"}, "core: 1001 is not in 0.001..1000"),
        ({"full_1": "0"}, "full_1: 0 is not in 0.001..10"),
        ({"full_5": "10.5"}, "full_5: 10.5 is not in 0.001..10"),
        ({"assisted": "0.1234"}, "assisted: 0.1234 has more than three decimal places"),
        ({"led": "0.5"}, "led: must be at least contributed (0.6)"),
        ({"owned": "0.9"}, "owned: must be at least led (1)"),
        ({"assisted": "0.7"}, "contributed: must be at least assisted (0.7)"),
        ({"confirmed": "0.7"}, "confirmed: must be at least confirmed_by_manager (0.8)"),
        ({"self_claimed": "0.9"}, "confirmed_by_manager: must be at least self_claimed (0.9)"),
        ({"disputed": "0.6"}, "self_claimed: must be at least disputed (0.6)"),
        ({"full_2": "3"}, "full_3: must be at least full_2 (3)"),
        ({"full_4": "4"}, "full_5: must be at least full_4 (4)"),
        ({"bonus": "1"}, "bonus: not a field of a policy"),
    ],
)
def test_policy_refuses_numbers_that_make_no_sense(change: dict[str, object], message: str) -> None:
    data = V1 | {"owned": V1["owned"]} | change
    with pytest.raises(PolicyError) as refused:
        Policy.from_dict(data)
    assert str(refused.value).replace("(1.0)", "(1)") == message


@pytest.mark.parametrize("name", FIELDS)
def test_policy_needs_every_number(name: str) -> None:
    with pytest.raises(PolicyError, match=f"^{name}: missing$"):
        Policy.from_dict({field: value for field, value in V1.items() if field != name})


@pytest.mark.parametrize("value", [0.5, "0.5", 1, Decimal("inf")])
def test_policy_holds_decimals(value: object) -> None:
    with pytest.raises(PolicyError, match=r"^led: .* is not a finite Decimal$"):
        replace(POLICY_V1, led=value)


@pytest.mark.parametrize("value", [True, Decimal(1), 1.0])
def test_policy_holds_whole_versions(value: object) -> None:
    with pytest.raises(PolicyError, match=r"^version: "):
        replace(POLICY_V1, version=value)


def test_policy_allows_its_limits() -> None:
    edge = {"recency_full_months": "1200", "core": "1000", "emerging": "0.001", "full_5": "10", "full_1": "0.001"}
    least = {"owned": "0.1", "led": "0.1", "contributed": "0.1", "assisted": "0", "recency_full_months": "0"}
    assert Policy.from_dict(V1 | edge).to_dict() == V1 | edge
    assert Policy.from_dict(V1 | least).to_dict() == V1 | least
    assert Policy.from_dict(V1 | {"recency_step_months": "1"}).recency(20) == 800
