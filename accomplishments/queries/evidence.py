"""From rows to the values that the arithmetic takes."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from django.db.models import Q
from django.utils import timezone

from accomplishments.models import Accomplishment, Claim, Exemption, ScoringPolicy, Verification
from accomplishments.scoring import evidence
from accomplishments.scoring.policy import Policy
from accomplishments.scoring.shape import Requirement, Shape
from roles.shapes.gap import Need


def policy_in_force() -> Policy:
    """The newest version; 1 query."""
    return ScoringPolicy.objects.latest("version").value()


@lru_cache(maxsize=4)
def policy_at(version: int) -> Policy:
    """A version that is there, which never changes; 1 query, once a process."""
    return ScoringPolicy.objects.get(version=version).value()


def claims_of(person: int, as_of: date) -> list[evidence.Claim]:
    """What counts for somebody on a day, as `claims_by_person` says; 2 queries."""
    return claims_by_person([person], as_of).get(person, [])


class Evidence(NamedTuple):
    """The claims of one person that count; titles of entries by key; by claim, who was asked and didn't answer yet."""

    claims: Sequence[evidence.Claim]
    titles: Mapping[str, str]
    waiting: Mapping[str, Sequence[str]]


def evidence_of(person: int, as_of: date) -> Evidence:
    """What `claims_of` gives, with what a page says beside it; 2 queries."""
    said, waiting = _verifications([person], as_of)
    found = list(_claims([person], as_of, said))
    titles = {claim.accomplishment: title for _, title, claim in found}
    return Evidence([claim for _, _, claim in found], titles, {str(claim): names for claim, names in waiting.items()})


def claims_by_person(people: Collection[int], as_of: date) -> Mapping[int, list[evidence.Claim]]:
    """What counts on a day: the claims of logged entries that had ended by then; 2 queries however many people.

    Of verifications those count that were answered by that day and are not void. The identities are those of the
    rows, as text.
    """
    found: defaultdict[int, list[evidence.Claim]] = defaultdict(list)
    for person, _, claim in _claims(people, as_of, _verifications(people, as_of)[0]):
        found[person].append(claim)
    return found


Said = Mapping[int, Sequence[evidence.Verification]]


def _claims(people: Collection[int], as_of: date, said: Said) -> Iterator[tuple[int, str, evidence.Claim]]:
    """Person, title of the entry, claim with what was `said` of it; 1 query."""
    entries = Accomplishment.objects.filter(person__in=people, ended_on__lte=as_of).counting()
    rows = Claim.objects.filter(accomplishment__in=entries).values_list(
        "accomplishment__person",
        "accomplishment__title",
        "pk",
        "accomplishment_id",
        "competency__slug",
        "level",
        "accomplishment__part",
        "accomplishment__ended_on",
    )
    for person, title, pk, entry, slug, level, part, ended in rows:
        if ended:  # always, since the entry is logged
            yield person, title, evidence.Claim(str(pk), str(entry), slug, level, part, ended, said.get(pk, ()))


def _verifications(people: Collection[int], as_of: date) -> tuple[Said, Mapping[int, Sequence[str]]]:
    """By claim: what was stated until a day, and the names of those who are asked now; 1 query."""
    said: defaultdict[int, list[evidence.Verification]] = defaultdict(list)
    waiting: defaultdict[int, list[str]] = defaultdict(list)
    rows = (
        Verification.objects.standing()
        .filter(Q(answer="") | Q(answered_at__date__lte=as_of), claim__accomplishment__person__in=people)
        .values_list("claim_id", "pk", "name", "answer", "level", "as_manager", "resolved_at")
    )
    for claim, pk, name, answer, level, manager, resolved in rows:
        if not answer:
            waiting[claim].append(name)
            continue
        settled = resolved is not None and timezone.localdate(resolved) <= as_of
        # two people may have one name; the number keeps them apart
        said[claim].append(evidence.Verification(f"{name} #{pk}", answer, level, manager, settled))
    return said, waiting


def exemptions_of(person: int, role: str) -> dict[str, str]:
    """Competency -> why it doesn't apply to this person in the role at `family/specialty/level`; 1 query."""
    family, specialty, level = role.split("/")
    return dict(
        Exemption.objects.filter(
            person=person,
            role__specialty__family__slug=family,
            role__specialty__slug=specialty,
            role__level__slug=level,
        ).values_list("competency__slug", "reason")
    )


def shape_of(role: str, version: int, needs: Iterable[Need], exempt: Mapping[str, str] | None = None) -> Shape:
    """What a version of a role (its path and number) asks for, without what doesn't apply."""
    reasons = exempt or {}
    return Shape(
        role,
        version,
        [Requirement(need.competency, need.need, need.tier, reasons.get(need.competency, "")) for need in needs],
    )
