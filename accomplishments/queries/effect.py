"""What an entry would change in the match to the primary target. Nothing is written."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from accomplishments.choices import Answer
from accomplishments.queries.claiming import target_of
from accomplishments.queries.match import Row
from accomplishments.queries.standing import Pinned, Standing
from accomplishments.scoring.evidence import Claim, Verification
from accomplishments.scoring.matching import Match, compare
from roles.queries.snapshot import Known

PEER = "a peer"


class Shift(NamedTuple):
    """One claimed competency against the target as it is, with the entry, and once a peer confirms the entry's claims;
    None where the target doesn't ask for it.
    """

    competency: Known
    now: Row | None = None
    typed: Row | None = None
    confirmed: Row | None = None


@dataclass(frozen=True)
class Effect:
    """The match to a target as it is, with the entry as it is typed, and once a peer confirms its claims.

    No match at all where the target asks for nothing that applies; only the first while nothing can be counted.
    """

    target: Pinned
    now: Match | None = None
    typed: Match | None = None
    confirmed: Match | None = None
    shifts: Sequence[Shift] = ()


def effect_of(
    standing: Standing, *, entry: int | None, typed: Sequence[Claim] | None, keeps_substance: bool
) -> Effect | None:
    """What changes when `typed` are the claims of an entry, in place of what `entry` says now; 5 queries.

    `typed` is None while nothing can be counted. `keeps_substance`: what verifiers vouched for stays, so their word
    stands for each claim that keeps its level. None without a primary target.
    """
    target = target_of(standing)
    if target is None:
        return None
    shape = standing.shape(target.card)
    if not shape.applicable:
        return Effect(target)
    before, policy, today = list(standing.claims), standing.policy, standing.today
    now = compare(shape, before, policy, today)
    own = [one for one in before if one.accomplishment == str(entry)]
    if typed is None or not (typed or own):
        return Effect(target, now)
    rest = [one for one in before if one.accomplishment != str(entry)]
    said = {(one.competency, one.level): one.verifications for one in own if keeps_substance}
    kept = [replace(one, verifications=said.get((one.competency, one.level), ())) for one in typed]
    peer = Verification(PEER, Answer.CONFIRMED.value)
    confirmed = [replace(one, verifications=[*one.verifications, peer]) for one in kept]
    then, proven = (compare(shape, rest + claims, policy, today) for claims in (kept, confirmed))
    known = sorted((standing.known(slug) for slug in {one.competency for one in [*typed, *own]}), key=_order)
    return Effect(target, now, then, proven, [_shift(one, now, then, proven) for one in known])


def _order(competency: Known) -> tuple[int, str]:
    return competency.order, competency.slug


def _shift(competency: Known, *matches: Match) -> Shift:
    rows = [
        Row(competency, line, (), "", (), (), (), 0)
        for match in matches
        for line in match.lines
        if line.requirement.competency == competency.slug
    ]
    return Shift(competency, *rows)
