"""What closes a gap most cheaply, and what each entry is worth."""

from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from accomplishments.scoring.evidence import Claim, Verification
from accomplishments.scoring.matching import NOTHING, compare, ledger
from accomplishments.scoring.planning import (
    KINDS,
    Plan,
    Step,
    confirmed,
    plan,
    raised,
    without_accomplishments,
    without_verifications,
)
from accomplishments.scoring.policy import POLICY_V1, Policy
from accomplishments.scoring.shape import Requirement, Shape
from tests.accomplishments.strategies import (
    DISPUTE,
    MANAGER,
    PEER,
    TODAY,
    calm,
    claim,
    claim_lists,
    policies,
    shape,
    shapes,
)
from tests.accomplishments.test_scoring_matching import EVIDENCE, ROLE

OPS = shape(("it-operations", 3, "core"))


def planned(*claims: Claim, role: Shape = OPS, policy: Policy = POLICY_V1) -> list[tuple[str, str]]:
    """Kind and claim of every step."""
    return [(step.kind, step.claim.id if step.claim else "") for step in plan(role, claims, policy, TODAY).steps]


def ops(name: str, part: str = "owned", *said: Verification, level: int = 3) -> Claim:
    return claim("it-operations", level, part, *said, name=name)


def done(claims: list[Claim], steps: tuple[Step, ...]) -> list[Claim]:
    """The evidence when these steps are taken."""
    now = {one.id: one for one in claims}
    return list((now | {step.after.id: step.after for step in steps}).values())


# ── Plans ───────────────────────────────────────────────────────────────────


def test_plan_of_the_worked_example() -> None:
    found = plan(ROLE, EVIDENCE, POLICY_V1, TODAY)
    assert (found.match, found.verified) == (Fraction("0.725"), Fraction("0.6"))
    assert [(step.kind, step.competency, step.match, step.verified) for step in found.steps] == [
        ("verify", "data-engineering", Fraction("0.85"), Fraction("0.85")),
        ("raise", "it-operations", 1, 1),
    ]
    assert found.steps[1].claim == EVIDENCE[1]
    assert found.steps[1].after == replace(EVIDENCE[1], part="owned")


def test_plan_from_nothing_is_new_work() -> None:
    found = plan(OPS, (), POLICY_V1, TODAY)
    assert [(step.kind, step.claim, step.after.level, step.after.part, step.after.ended) for step in found.steps] == [
        ("new", None, 3, "owned", TODAY),
        ("new", None, 3, "owned", TODAY),
    ]
    assert [step.match for step in found.steps] == [Fraction(5, 6), 1]


def test_plan_is_empty_when_the_role_is_met() -> None:
    assert plan(OPS, [ops("a", "owned", PEER), ops("b", "owned", PEER)], POLICY_V1, TODAY) == Plan(
        Fraction(1), Fraction(1), ()
    )


def test_plan_verifies_rather_than_raises_or_starts_anew() -> None:
    assert planned(ops("a"), ops("b"), ops("c", "contributed")) == [("verify", "a"), ("verify", "b")]


def test_plan_has_the_manager_s_word_backed_by_a_peer() -> None:
    assert planned(ops("a", "owned", MANAGER), ops("b", "owned", PEER)) == [("verify", "a")]


def test_plan_raises_before_it_starts_anew() -> None:
    assert planned(ops("a", "contributed", PEER), ops("b", "owned", PEER)) == [("raise", "a")]


def test_plan_verifies_and_raises_the_same_claim() -> None:
    found = plan(OPS, [ops("a", "contributed"), ops("b", "owned", PEER)], POLICY_V1, TODAY)
    assert [step.kind for step in found.steps] == ["verify", "raise"]
    assert found.steps[-1].after == raised(confirmed(ops("a", "contributed")))
    assert found.steps[-1].match == 1


def test_plan_takes_one_new_work_for_what_is_too_far() -> None:
    assert planned(ops("a", "owned", PEER), ops("b", level=2)) == [("new", "")]


def test_plan_leaves_disputes_to_people() -> None:
    assert planned(ops("a", "contributed", DISPUTE), ops("b", "owned", PEER)) == [("new", "")]


def test_plan_does_no_more_than_it_must() -> None:
    claims = [ops(name, "owned", MANAGER) for name in "ab"] + [ops("c", "contributed")]
    assert planned(*claims) == [("verify", "c")]
    assert planned(*claims[:2], ops("c")) == []


def test_plan_counts_verifications_after_raises() -> None:
    """One raise is needed in any case; of the two, the confirmed claim needs nothing else."""
    policy = replace(POLICY_V1, full_1=Decimal("1.2"), full_2=Decimal("1.2"), self_claimed=Decimal("0.8"))
    claims = (ops("a", "contributed"), ops("b", "assisted", PEER))
    assert planned(*claims, role=shape(("it-operations", 1, "core")), policy=policy) == [("raise", "b")]


def test_plan_for_the_gates_leaves_the_rest() -> None:
    found = plan(ROLE, EVIDENCE, POLICY_V1, TODAY, tiers=("core",))
    assert [(step.kind, step.competency) for step in found.steps] == [("raise", "it-operations")]


def test_plan_leaves_out_what_does_not_apply() -> None:
    role = replace(ROLE, requirements=(*ROLE.requirements[1:], Requirement("it-operations", 2, "core", "no servers")))
    assert [step.competency for step in plan(role, EVIDENCE, POLICY_V1, TODAY).steps] == ["data-engineering"]


def test_plan_of_many_weak_claims() -> None:
    """Each is 0.06; confirmed 0.12, raised 0.2, both 0.4. Five raises at least for 3, and then 13 confirmations."""
    claims = [replace(ops(f"{number:02}", "assisted", level=5), ended=date(2010, 1, 1)) for number in range(14)]
    kinds = Counter(kind for kind, _ in planned(*claims, role=shape(("it-operations", 5, "core"))))
    assert kinds == {"verify": 13, "raise": 5}


@calm
@given(shapes, claim_lists(), policies())
def test_plan_makes_the_role_met_and_tells_the_match_after_each_step(
    role: Shape, claims: list[Claim], policy: Policy
) -> None:
    found = plan(role, claims, policy, TODAY)
    start = compare(role, claims, policy, TODAY)
    assert (found.match, found.verified) == (start.match, start.verified)
    assert [step.kind for step in found.steps] == sorted((step.kind for step in found.steps), key=KINDS.index)
    before = found.match
    for number, step in enumerate(found.steps, start=1):
        now = compare(role, done(claims, found.steps[:number]), policy, TODAY)
        assert (step.match, step.verified) == (now.match, now.verified)
        assert step.match >= before
        before = step.match
    assert all(line.met for line in compare(role, done(claims, found.steps), policy, TODAY).lines)


def brute(role: Shape, claims: list[Claim], policy: Policy) -> tuple[int, int, int]:
    """New work, raises and verifications of the cheapest plan for one requirement, by trying all."""
    need = role.requirements[0].need
    ways = [(0, 0), (0, 1), (1, 0), (1, 1)]
    tries = [(new, chosen) for new in range(4) for chosen in product(ways, repeat=len(claims))]
    costs = [
        ((new, sum(raises for raises, _ in chosen), sum(verifies for _, verifies in chosen)), new, chosen)
        for new, chosen in tries
    ]
    return next(cost for cost, new, chosen in sorted(costs) if met(tried(claims, chosen, new, need), policy, need))


def met(claims: list[Claim], policy: Policy, need: int) -> bool:
    evidence = ledger(claims, policy, TODAY).get("it-operations", NOTHING).evidence
    return evidence[need - 1] >= policy.full[need - 1]


def tried(claims: list[Claim], chosen: tuple[tuple[int, int], ...], new: int, need: int) -> list[Claim]:
    found = []
    for one, (raises, verifies) in zip(claims, chosen, strict=True):
        told = confirmed(one) if verifies else one
        found.append(raised(told) if raises else told)
    return [*found, *(claim("it-operations", need, "owned", PEER, name=f"new-{number}") for number in range(new))]


@calm
@given(claim_lists(most=4), st.integers(1, 5), policies())
def test_plan_is_the_cheapest_there_is(claims: list[Claim], need: int, policy: Policy) -> None:
    role = shape(("it-operations", need, "core"))
    same = [replace(one, competency="it-operations") for one in claims]
    kinds = Counter(step.kind for step in plan(role, same, policy, TODAY).steps)
    assert (kinds["new"], kinds["raise"], kinds["verify"]) == brute(role, same, policy)


# ── Sensitivity ─────────────────────────────────────────────────────────────


def test_sensitivity_to_accomplishments() -> None:
    effects = without_accomplishments(ROLE, EVIDENCE, POLICY_V1, TODAY)
    assert [(one.accomplishment, one.match, one.change) for one in effects] == [
        ("rewrite", Fraction("0.35"), Fraction("-0.375")),
        ("rota", Fraction("0.5"), Fraction("-0.225")),
        ("report", Fraction("0.6"), Fraction("-0.125")),
    ]
    assert {(one.claim, one.who) for one in effects} == {(None, "")}


def test_sensitivity_to_verifications() -> None:
    effects = without_verifications(ROLE, EVIDENCE, POLICY_V1, TODAY)
    assert [(one.accomplishment, one.claim, one.who, one.match, one.verified) for one in effects] == [
        ("rewrite", EVIDENCE[0], "ann", Fraction("0.5375"), Fraction("0.225")),
        ("rota", EVIDENCE[1], "ann", Fraction("0.6125"), Fraction("0.375")),
    ]


def test_sensitivity_knows_that_a_settled_dispute_would_help() -> None:
    effects = without_verifications(OPS, [ops("a", "owned", PEER, DISPUTE)], POLICY_V1, TODAY)
    assert [(one.who, one.change) for one in effects] == [("ann", 0), ("zoe", Fraction(5, 6))]


def test_sensitivity_orders_equals_by_name() -> None:
    claims = [ops(name, "owned", PEER, MANAGER) for name in ("b", "a")]
    effects = without_verifications(OPS, claims, POLICY_V1, TODAY)
    assert [(one.claim.id, one.who) for one in effects if one.claim] == [
        ("a", "ann"),
        ("b", "ann"),
        ("a", "max"),
        ("b", "max"),
    ]


@calm
@given(shapes, claim_lists(), policies())
def test_sensitivity_agrees_with_compare(role: Shape, claims: list[Claim], policy: Policy) -> None:
    asked = {one.competency for one in role.requirements}
    now = compare(role, claims, policy, TODAY).match
    entries = without_accomplishments(role, claims, policy, TODAY)
    assert {one.accomplishment for one in entries} == {one.accomplishment for one in claims if one.competency in asked}
    for effect in entries:
        left = [one for one in claims if one.accomplishment != effect.accomplishment]
        found = compare(role, left, policy, TODAY)
        assert (effect.match, effect.verified, effect.change) == (found.match, found.verified, found.match - now)
        assert effect.change <= 0
    words = without_verifications(role, claims, policy, TODAY)
    assert len(words) == sum(len(one.verifications) for one in claims if one.competency in asked)
    for effect in words:
        left = [one.without(effect.who) if one == effect.claim else one for one in claims]
        found = compare(role, left, policy, TODAY)
        assert (effect.match, effect.verified, effect.change) == (found.match, found.verified, found.match - now)
    for effects in (entries, words):
        assert [one.change for one in effects] == sorted(one.change for one in effects)
