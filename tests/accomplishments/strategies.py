"""Evidence, roles and policies for the properties; few competencies and people, so that things meet."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st

from accomplishments.scoring.evidence import CONFIRMED, CONFIRMED_OTHER, DISPUTED, Claim, Verification
from accomplishments.scoring.policy import LEVELS, PARTS, POLICY_V1, TIERS, Policy
from accomplishments.scoring.shape import Requirement, Shape

TODAY = date(2026, 11, 22)
SLUGS = ("data-engineering", "it-operations", "software-engineering")
PEER = Verification("ann", CONFIRMED)
MANAGER = Verification("max", CONFIRMED, is_manager=True)
DISPUTE = Verification("zoe", DISPUTED)

# A slow machine is no failure.
calm = settings(max_examples=50, deadline=None)
levels = st.sampled_from(LEVELS)


def lower(level: int, who: str = "ann", *, is_manager: bool = False) -> Verification:
    """A confirmation at this level."""
    return Verification(who, CONFIRMED_OTHER, level, is_manager)


def claim(competency: str, level: int, part: str = "owned", *verifications: Verification, **more: object) -> Claim:
    """A claim that ended today, named after what it says."""
    name = str(more.pop("name", f"{competency}-{level}-{part}"))
    return replace(Claim(name, name, competency, level, part, TODAY, verifications), **more)


def shape(*requirements: tuple[str, int, str]) -> Shape:
    return Shape("engineering/backend/l2", 3, tuple(Requirement(*one) for one in requirements))


@st.composite
def verifications(draw: st.DrawFn, who: str) -> Verification:
    answer = draw(st.sampled_from(("confirmed", "confirmed_other", "cannot_say", "disputed")))
    return Verification(
        who,
        answer,
        level=draw(levels) if answer == CONFIRMED_OTHER else None,
        is_manager=draw(st.booleans()),
        resolved=answer == DISPUTED and draw(st.booleans()),
    )


@st.composite
def claim_lists(draw: st.DrawFn, most: int = 6) -> list[Claim]:
    return [
        Claim(
            id=f"claim-{number}",
            accomplishment=f"entry-{draw(st.integers(1, 3))}",
            competency=draw(st.sampled_from(SLUGS)),
            level=draw(levels),
            part=draw(st.sampled_from(PARTS)),
            ended=TODAY - timedelta(days=draw(st.integers(0, 2000))),
            verifications=tuple(draw(verifications(who)) for who in draw(st.sets(st.sampled_from("pqr"), max_size=2))),
        )
        for number in range(draw(st.integers(0, most)))
    ]


shapes = st.dictionaries(
    st.sampled_from((*SLUGS, "writing")), st.tuples(levels, st.sampled_from(TIERS)), min_size=1
).map(lambda asked: shape(*((slug, need, tier) for slug, (need, tier) in asked.items())))


def falling(count: int, least: int, most: int) -> st.SearchStrategy[list[Decimal]]:
    """Decimals with three places, the largest first."""
    numbers = st.lists(st.integers(least, most), min_size=count, max_size=count)
    return numbers.map(lambda found: [Decimal(one) / 1000 for one in sorted(found, reverse=True)])


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Any valid policy with a full weight for the best claim, so plans stay short."""
    parts, said = draw(falling(3, 0, 1000)), draw(falling(3, 0, 1000))
    full = draw(falling(5, 1, 3000))
    return replace(
        POLICY_V1,
        **dict(zip(("led", "contributed", "assisted"), parts, strict=True)),
        **dict(zip(("confirmed_by_manager", "self_claimed", "disputed"), said, strict=True)),
        **{f"full_{level}": one for level, one in zip(LEVELS, reversed(full), strict=True)},
        **{tier: Decimal(draw(st.integers(1, 9000))) / 1000 for tier in TIERS},
        recency_floor=Decimal(draw(st.integers(0, 1000))) / 1000,
        recency_loss=Decimal(draw(st.integers(0, 1000))) / 1000,
        recency_full_months=draw(st.integers(0, 30)),
        recency_step_months=draw(st.integers(1, 12)),
    )
