"""Everybody's evidence against every role in force, some people at a time."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import islice

import numpy as np

from accomplishments.batch import LEVELS, Asked, Floats, matches, weights_of
from accomplishments.models import Exemption
from accomplishments.queries.evidence import claims_by_person, policy_in_force, shape_of
from accomplishments.scoring.evidence import Claim
from accomplishments.scoring.matching import ledger, rank
from people.models import User
from roles.queries.snapshot import Card, snapshot

AT_ONCE = 1000  # people in memory

Exemptions = Mapping[int, Mapping[str, Mapping[str, str]]]  # person -> path of a role -> competency -> reason


class Organisation:
    """All active people against all roles in force that ask for anything; 5 queries.

    `verified` counts only what somebody confirmed. Evidence counts as it stood on the day `as_of`.
    """

    def __init__(self, as_of: date, *, verified: bool = False) -> None:
        self.as_of, self.verified = as_of, verified
        self.policy = policy_in_force()
        self.roles: Sequence[Card] = [card for card in snapshot().roles if card.needs]
        self.exemptions = _exemptions()
        slugs = sorted({need.competency for card in self.roles for need in card.needs})
        self.competencies = {slug: number for number, slug in enumerate(slugs)}
        self.weights = weights_of([self._asked(card) for card in self.roles], len(slugs))
        self.columns = {card.path: number for number, card in enumerate(self.roles)}

    def __iter__(self) -> Iterator[tuple[Sequence[str], Floats]]:
        """The addresses of a thousand people, with their matches [people, roles]; NaN where nothing of a role applies.

        In the order of their keys. Two queries for each thousand.
        """
        everybody = User.objects.filter(is_active=True).order_by("pk").values_list("pk", "email").iterator()
        while some := dict(islice(everybody, AT_ONCE)):
            claims = claims_by_person(some, self.as_of)
            found = matches(self._evidence([claims.get(one, []) for one in some]), self.weights)
            for number, person in enumerate(some):
                for path, exempt in self.exemptions.get(person, {}).items():
                    if path in self.columns:
                        column = self.columns[path]
                        found[number, column] = self._without(column, exempt, claims.get(person, []))
            yield list(some.values()), found

    def _asked(self, card: Card) -> Iterator[Asked]:
        return (Asked(self.competencies[one.competency], one.need, self.policy.weights[one.tier]) for one in card.needs)

    def _evidence(self, people: Sequence[Sequence[Claim]]) -> Floats:
        """S as shares of full bars, as `batch` takes it."""
        found = np.zeros((LEVELS, len(people), len(self.competencies)))
        for number, claims in enumerate(people):
            for slug, sums in ledger(claims, self.policy, self.as_of).items():
                if slug in self.competencies:
                    found[:, number, self.competencies[slug]] = sums.verified if self.verified else sums.evidence
        found /= np.reshape(self.policy.full, (LEVELS, 1, 1))  # both in grains, which float64 holds exactly
        return found

    def _without(self, column: int, exempt: Mapping[str, str], claims: Sequence[Claim]) -> float:
        """A match from which some requirements are left out: its denominator is this person's own."""
        card = self.roles[column]
        shape = shape_of(card.path, card.number, card.needs, exempt)
        fit = next(iter(rank([shape], claims, self.policy, self.as_of)), None)
        return float("nan") if fit is None else float(fit.verified if self.verified else fit.match)


def _exemptions() -> Exemptions:
    found: defaultdict[int, defaultdict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    role = ("role__specialty__family__slug", "role__specialty__slug", "role__level__slug")
    for person, *path, slug, reason in Exemption.objects.values_list("person", *role, "competency__slug", "reason"):
        found[person]["/".join(path)][slug] = reason
    return found
