"""From claims to a match: the worked example, what the page shows, and every promise."""

import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from accomplishments.scoring.evidence import Claim, EvidenceError
from accomplishments.scoring.matching import REASONS, Line, Match, compare, percent, rank
from accomplishments.scoring.policy import POLICY_V1, TIERS, Policy
from accomplishments.scoring.shape import Requirement, Shape, ShapeError
from tests.accomplishments.strategies import (
    DISPUTE,
    MANAGER,
    PEER,
    SLUGS,
    TODAY,
    calm,
    claim,
    claim_lists,
    levels,
    policies,
    shape,
    shapes,
)

ROLE = shape(("software-engineering", 2, "core"), ("it-operations", 2, "core"), ("data-engineering", 1, "supporting"))
EVIDENCE = (
    claim("software-engineering", 2, "owned", PEER, name="rewrite"),
    claim("it-operations", 2, "contributed", PEER, name="rota"),
    claim("data-engineering", 1, "owned", name="report"),
)
OPS = shape(("it-operations", 3, "core"))


def match(role: Shape, claims: list[Claim] | tuple[Claim, ...], policy: Policy = POLICY_V1) -> Match:
    return compare(role, claims, policy, TODAY)


def line(*claims: Claim, need: int = 3) -> Line:
    return match(shape(("it-operations", need, "core")), claims).lines[0]


def said(*claims: Claim, need: int = 3) -> list[tuple[str, str, tuple[int, ...]]]:
    return [(one.claim.id, one.reason, one.levels) for one in line(*claims, need=need).remarks]


# ── The worked example ──────────────────────────────────────────────────────


def test_worked_example() -> None:
    found = match(ROLE, EVIDENCE)
    assert found.match == Fraction("0.725")
    assert found.verified == Fraction("0.6")
    assert (found.gates_met, found.gates) == (1, 2)
    assert [(one.requirement.competency, one.coverage, one.verified, one.met) for one in found.lines] == [
        ("it-operations", Fraction("0.6"), Fraction("0.6"), False),
        ("software-engineering", 1, 1, True),
        ("data-engineering", Fraction("0.5"), 0, False),
    ]
    assert [[bar.fill for bar in one.bars] for one in found.lines] == [
        [Fraction("0.6"), Fraction("0.6"), 0, 0, 0],
        [1, 1, 0, 0, 0],
        [Fraction("0.5"), 0, 0, 0, 0],
    ]
    assert [one.rating for one in found.lines] == [Fraction("1.2"), 2, Fraction("0.5")]
    assert [one.weight for one in found.lines] == [3, 3, 2]
    assert [one.term for one in found.lines] == [Fraction("1.8"), 3, 1]


def test_worked_example_by_tier_and_how_sure() -> None:
    found = match(ROLE, EVIDENCE)
    assert [tuple(one) for one in found.tiers] == [
        ("core", 3, Fraction("0.8"), Fraction("0.8"), 1, 2),
        ("supporting", 2, Fraction("0.5"), 0, 0, 1),
    ]
    assert (found.entries, found.newest, found.age_months) == (3, TODAY, 0)
    assert (found.shape, found.policy, found.as_of, found.left_out) == (ROLE, POLICY_V1, TODAY, ())


def test_not_applicable_leaves_the_denominator() -> None:
    reason = Requirement("data-engineering", 1, "supporting", "the team has no data of its own")
    role = replace(ROLE, requirements=(*ROLE.requirements[:2], reason))
    found = match(role, EVIDENCE)
    assert found.match == Fraction("0.8")
    assert found.left_out == (reason,)
    assert (found.entries, [one.tier for one in found.tiers]) == (2, ["core"])


@pytest.mark.parametrize("requirements", [(), (Requirement("writing", 1, "core", "no texts"),)])
def test_nothing_to_match_is_said(requirements: tuple[Requirement, ...]) -> None:
    with pytest.raises(ShapeError, match=r"^a/b/c: no requirement applies, so there is nothing to match$"):
        match(Shape("a/b/c", 1, requirements), EVIDENCE)


def test_same_claim_twice_is_refused() -> None:
    with pytest.raises(EvidenceError, match=r"^claim rota: given twice$"):
        match(ROLE, (*EVIDENCE, EVIDENCE[1]))


def test_nobody_starts_with_anything() -> None:
    found = match(ROLE, ())
    assert (found.match, found.verified, found.gates_met, found.gates) == (0, 0, 0, 2)
    assert (found.entries, found.newest, found.age_months) == (0, None, None)


def test_entries_and_age_count_what_is_evidence_for_the_role() -> None:
    old = TODAY - timedelta(days=40)
    claims = (
        claim("it-operations", 1, name="a", ended=old, accomplishment="one"),
        claim("it-operations", 2, name="b", ended=date(2020, 1, 1), accomplishment="one"),
        claim("it-operations", 2, "owned", DISPUTE, name="c", accomplishment="two"),
        claim("writing", 2, name="d", accomplishment="three"),
    )
    found = match(OPS, claims)
    assert (found.entries, found.newest, found.age_months) == (1, old, 1)


# ── Bars, and what does not count ───────────────────────────────────────────


def test_a_claim_is_evidence_for_lower_levels_too() -> None:
    bars = line(claim("it-operations", 3, "owned", PEER)).bars
    assert [(bar.level, bar.evidence, bar.fill, bar.asked) for bar in bars] == [
        (1, 1, 1, True),
        (2, 1, 1, True),
        (3, 1, Fraction(1, 2), True),
        (4, 0, 0, False),
        (5, 0, 0, False),
    ]


def test_bars_name_the_claims_that_fill_them_strongest_first() -> None:
    claims = (
        claim("it-operations", 1, "owned", name="self"),
        claim("it-operations", 1, "owned", MANAGER, name="boss"),
        claim("it-operations", 1, "owned", MANAGER, name="boss-before", ended=TODAY - timedelta(days=1)),
    )
    bar = line(*claims).bars[0]
    assert [(one.claim.id, one.strength, one.counted) for one in bar.filled_by] == [
        ("boss", Fraction("0.8"), 800_000_000),
        ("boss-before", Fraction("0.8"), 200_000_000),
    ]
    assert (bar.evidence, bar.fill, bar.verified) == (Fraction("2.1"), 1, 1)


def test_verified_bars_leave_out_what_is_only_claimed() -> None:
    found = line(claim("it-operations", 3, "owned"), claim("it-operations", 1, "owned", MANAGER))
    assert [(bar.fill, bar.verified) for bar in found.bars[:3]] == [
        (1, Fraction("0.8")),
        (Fraction("0.5"), 0),
        (Fraction("0.25"), 0),
    ]
    assert not found.met
    assert not found.met_verified


def test_met_and_verified_look_at_the_needed_bar() -> None:
    claims = [claim("it-operations", 3, "owned", name=str(number)) for number in range(4)]
    found = line(*claims)
    assert (found.met, found.met_verified, found.coverage, found.verified) == (True, False, 1, 0)
    assert line(*claims[:3]).met is False
    proven = [replace(one, verifications=(PEER,)) for one in claims[:2]]
    assert line(*proven).met_verified is True


def test_remark_on_a_full_bar_and_a_level_above() -> None:
    first = claim("it-operations", 3, "owned", PEER, name="a")
    second = claim("it-operations", 1, "assisted", name="b")
    assert said(first, second, need=2) == [("a", "above_need", (3,)), ("b", "bar_full", (1,))]


def test_remark_on_a_dispute() -> None:
    assert said(claim("it-operations", 4, "owned", PEER, DISPUTE, name="a")) == [("a", "disputed", (1, 2, 3))]


def test_remark_on_what_would_make_a_claim_stronger() -> None:
    weak = claim("it-operations", 2, "assisted", name="a", ended=date(2024, 1, 1))
    assert said(weak) == [
        ("a", "below_need", (3,)),
        ("a", "unproven", (1, 2)),
        ("a", "part", (1, 2)),
        ("a", "old", (1, 2)),
    ]


def test_remarks_are_silent_where_the_bar_is_full() -> None:
    claims = [claim("it-operations", 2, "contributed", PEER, name=name) for name in "ab"]
    assert said(*claims, need=2) == []
    assert said(*claims, need=3) == [("a", "below_need", (3,)), ("b", "below_need", (3,))]


def test_remark_when_the_policy_gives_no_weight() -> None:
    policy = replace(POLICY_V1, assisted=Decimal(0))
    found = match(OPS, (claim("it-operations", 1, "assisted", PEER, name="a"),), policy)
    assert [(one.reason, one.levels) for one in found.lines[0].remarks] == [("weightless", (1,))]
    assert found.entries == 0


def test_every_reason_has_a_sentence() -> None:
    remark = line(claim("it-operations", 3, "owned")).remarks[0]
    assert (remark.reason, remark.text) == ("unproven", "Self-claimed: counts in full when a peer confirms it.")
    assert all(text.endswith(".") for text in REASONS.values())


@pytest.mark.parametrize(
    ("share", "shown"),
    [("0", 0), ("1", 100), ("0.725", 73), ("0.7249", 72), ("0.9999", 99), ("0.0001", 1), ("0.5", 50), ("0.995", 99)],
)
def test_percent_is_full_only_when_it_is(share: str, shown: int) -> None:
    assert percent(Fraction(share)) == shown


# ── Shapes ──────────────────────────────────────────────────────────────────


def test_shape_orders_its_requirements() -> None:
    assert [one.competency for one in ROLE.requirements] == [
        "it-operations",
        "software-engineering",
        "data-engineering",
    ]
    assert Shape("r", 1, tuple(reversed(ROLE.requirements))) == Shape("r", 1, ROLE.requirements)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (("", 1, "core"), "a requirement without a competency"),
        ((None, 1, "core"), "a requirement without a competency"),
        (("a", 6, "core"), "a: need 6 is not a level 1..5"),
        (("a", True, "core"), "a: need True is not a level 1..5"),
        (("a", 1, "nice"), "a: tier 'nice' is not one of core, supporting, emerging"),
        (("a", 1, "core", " "), "a: a reason is a text without blanks around it"),
        (("a", 1, "core", None), "a: a reason is a text without blanks around it"),
    ],
)
def test_requirement_refuses_what_cannot_be(values: tuple[object, ...], message: str) -> None:
    with pytest.raises(ShapeError) as refused:
        Requirement(*values)
    assert str(refused.value) == message


def test_shape_asks_once() -> None:
    with pytest.raises(ShapeError, match=r"^b: asked for twice$"):
        shape(("a", 1, "core"), ("b", 1, "core"), ("b", 2, "emerging"))


@pytest.mark.parametrize(("role", "version"), [(None, 1), ("r", "1"), ("r", True)])
def test_shape_names_its_version(role: object, version: object) -> None:
    with pytest.raises(ShapeError, match=r"^a shape names its role \(text\) and its version \(whole number\)$"):
        Shape(role, version, ())


# ── Promises ────────────────────────────────────────────────────────────────


def never_lower(before: Match, after: Match) -> None:
    assert after.match >= before.match
    assert after.verified >= before.verified
    assert after.gates_met >= before.gates_met
    for one, other in zip(before.lines, after.lines, strict=True):
        assert (other.coverage, other.verified, other.rating) >= (one.coverage, one.verified, one.rating)
        assert other.coverage >= one.coverage


@calm
@given(shapes, claim_lists(), claim_lists(most=1), policies())
def test_adding_a_claim_never_lowers_and_withdrawing_never_raises(
    role: Shape, claims: list[Claim], more: list[Claim], policy: Policy
) -> None:
    added = [replace(one, id="more") for one in more]
    never_lower(match(role, claims, policy), match(role, [*claims, *added], policy))


@calm
@given(shapes, claim_lists(), policies(), st.data())
def test_confirming_never_lowers_and_disputing_never_raises(
    role: Shape, claims: list[Claim], policy: Policy, data: st.DataObject
) -> None:
    assume(claims)
    one = data.draw(st.sampled_from(claims))
    rest = [other for other in claims if other is not one]
    word = data.draw(st.sampled_from((PEER, MANAGER)))
    now = match(role, claims, policy)
    never_lower(now, match(role, [*rest, replace(one, verifications=(*one.verifications, word))], policy))
    never_lower(match(role, [*rest, replace(one, verifications=(*one.verifications, DISPUTE))], policy), now)


@calm
@given(shapes, claim_lists(), policies(), st.randoms(use_true_random=False))
def test_order_changes_nothing(role: Shape, claims: list[Claim], policy: Policy, dice: random.Random) -> None:
    mixed = [
        replace(one, verifications=tuple(dice.sample(one.verifications, len(one.verifications)))) for one in claims
    ]
    dice.shuffle(mixed)
    asked = Shape(role.role, role.version, dice.sample(role.requirements, len(role.requirements)))
    assert match(asked, mixed, policy) == match(role, claims, policy)


@calm
@given(shapes, claim_lists(), policies(), st.integers(1, 100))
def test_scaling_all_weights_changes_no_match(role: Shape, claims: list[Claim], policy: Policy, factor: int) -> None:
    scaled = replace(policy, **{tier: getattr(policy, tier) * factor for tier in TIERS})
    one, other = match(role, claims, policy), match(role, claims, scaled)
    assert (one.match, one.verified, one.gates_met) == (other.match, other.verified, other.gates_met)


@calm
@given(shapes, claim_lists(most=12), policies())
def test_match_is_a_share_and_whole_only_when_all_is_covered(role: Shape, claims: list[Claim], policy: Policy) -> None:
    found = match(role, claims, policy)
    assert 0 <= found.verified <= found.match <= 1
    assert (found.match == 1) == all(one.coverage == 1 for one in found.lines) == all(one.met for one in found.lines)
    assert (found.verified == 1) == all(one.met_verified for one in found.lines)
    for one in found.lines:
        assert 0 <= one.verified <= one.coverage <= 1
        assert 0 <= one.rating <= 5
        assert one.met == (one.coverage == 1)


@calm
@given(shapes, claim_lists(), policies(), st.data())
def test_lower_needs_never_score_lower(role: Shape, claims: list[Claim], policy: Policy, data: st.DataObject) -> None:
    easier = tuple(replace(one, need=data.draw(levels.filter(one.need.__ge__))) for one in role.requirements)
    before, after = match(role, claims, policy), match(replace(role, requirements=easier), claims, policy)
    assert after.match >= before.match
    assert after.verified >= before.verified
    assert after.gates_met >= before.gates_met


@calm
@given(shapes, claim_lists(), policies())
def test_bars_hold_exactly_what_fills_them(role: Shape, claims: list[Claim], policy: Policy) -> None:
    for one in match(role, claims, policy).lines:
        assert one.coverage == sum(bar.fill for bar in one.bars if bar.asked) / one.requirement.need
        assert one.verified == sum(bar.verified for bar in one.bars if bar.asked) / one.requirement.need
        for bar, full in zip(one.bars, policy.full, strict=True):
            assert Fraction(sum(found.counted for found in bar.filled_by), full) == bar.fill
            assert all(0 < found.counted <= found.grains for found in bar.filled_by)


@calm
@given(shapes, claim_lists(), policies())
def test_every_claim_counts_or_is_told_why_not(role: Shape, claims: list[Claim], policy: Policy) -> None:
    for one in match(role, claims, policy).lines:
        used = {found.claim.id for bar in one.bars[: one.requirement.need] for found in bar.filled_by}
        told = {remark.claim.id for remark in one.remarks}
        assert {held.id for held in claims if held.competency == one.requirement.competency} <= used | told


# ── Ranking ─────────────────────────────────────────────────────────────────


@calm
@given(st.lists(shapes, max_size=4), claim_lists(), policies())
def test_rank_agrees_with_compare(roles: list[Shape], claims: list[Claim], policy: Policy) -> None:
    named = [replace(role, role=f"role-{number}") for number, role in enumerate(roles)]
    fits = rank(named, claims, policy, TODAY)
    assert sorted(fit.shape.role for fit in fits) == [role.role for role in named]
    for fit in fits:
        found = match(fit.shape, claims, policy)
        assert fit[1:] == (found.match, found.verified, found.gates_met, found.gates)


def test_rank_puts_the_best_first_and_leaves_out_what_asks_for_nothing() -> None:
    ready = Shape("z", 1, (Requirement("software-engineering", 2, "core"),))
    near = Shape("b", 1, (*ready.requirements, Requirement("it-operations", 2, "core")))
    same_but_met = Shape("c", 1, (Requirement("software-engineering", 2, "core"), Requirement("x", 1, "emerging")))
    empty = Shape("e", 1, ())
    fits = rank(
        [empty, near, replace(near, role="a"), same_but_met, replace(ready, version=2), ready],
        EVIDENCE,
        POLICY_V1,
        TODAY,
    )
    assert [(fit.shape.role, fit.shape.version) for fit in fits] == [("z", 1), ("z", 2), ("a", 1), ("b", 1), ("c", 1)]


def test_rank_prefers_more_gates_at_the_same_match() -> None:
    half = (claim("a", 1, "owned", name="1"), claim("b", 1, "owned", name="2"))
    whole = claim("c", 1, "owned", PEER, name="3")
    none_met = shape(("a", 1, "core"), ("b", 1, "core"))
    one_met = replace(shape(("c", 1, "core"), ("d", 1, "core")), role="zzz")
    assert [fit.shape.role for fit in rank([none_met, one_met], (*half, whole), POLICY_V1, TODAY)] == [
        "zzz",
        "engineering/backend/l2",
    ]


def test_slugs_of_the_strategies_meet() -> None:
    assert {one.competency for one in EVIDENCE} == set(SLUGS)
