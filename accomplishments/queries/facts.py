"""What is to be known of a word, beside it: it takes nothing from what the word counts."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import DateTimeField, Exists, ExpressionWrapper, OuterRef
from django.utils.text import get_text_list

from accomplishments.choices import CONFIRMATIONS
from accomplishments.models import Verification

MUTUAL_WITHIN = timedelta(days=30)
MUTUAL = (
    "confirmed the owner's work, and the owner theirs, within 30 days. It counts in full, and is said so that you know."
)
BY_THE_MANAGER_ALONE = "Confirmed by the manager alone."


def mutual(path: str = "") -> Exists:
    """Was the word at the end of a path returned: did its owner, at most 30 days before or after it, confirm work of
    the one who gave it?
    """
    given: Any = OuterRef(f"{path}answered_at")
    returned = Verification.objects.standing().filter(
        answer__in=CONFIRMATIONS,
        owner=OuterRef(f"{path}verifier"),
        verifier=OuterRef(f"{path}owner"),
        answered_at__gte=ExpressionWrapper(given - MUTUAL_WITHIN, output_field=DateTimeField()),
        answered_at__lte=ExpressionWrapper(given + MUTUAL_WITHIN, output_field=DateTimeField()),
    )
    return Exists(returned)


def facts_of(words: Iterable[Any]) -> list[str]:
    """In sentences; of words that stand for one claim or entry, each with `name`, `answer`, `as_manager`, `mutual`."""
    confirmed = [one for one in words if one.answer in CONFIRMATIONS]
    facts = [BY_THE_MANAGER_ALONE] if confirmed and all(one.as_manager for one in confirmed) else []
    names = list(dict.fromkeys(one.name for one in confirmed if one.mutual))
    if names:
        facts.append(f"{get_text_list(names, 'and')} {MUTUAL}")
    return facts


def facts_by_claim(owner: int) -> dict[str, list[str]]:
    """Of all that was confirmed for somebody, by the key of the claim as text; 1 query."""
    confirmed = Verification.objects.standing().filter(owner=owner, answer__in=CONFIRMATIONS).annotate(mutual=mutual())
    found: defaultdict[str, list[Verification]] = defaultdict(list)
    for one in confirmed.only("claim_id", "name", "answer", "as_manager"):
        found[str(one.claim_id)].append(one)
    return {claim: facts for claim, words in found.items() if (facts := facts_of(words))}
