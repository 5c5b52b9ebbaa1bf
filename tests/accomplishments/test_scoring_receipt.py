"""A match written down, and what happens when a digit of it is changed."""

import json
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accomplishments.scoring.evidence import Claim
from accomplishments.scoring.matching import compare
from accomplishments.scoring.policy import POLICY_V1, Policy
from accomplishments.scoring.receipt import ReceiptError, canonical, digest, issue, number, verify
from accomplishments.scoring.shape import Requirement, Shape
from tests.accomplishments.strategies import MANAGER, TODAY, calm, claim, claim_lists, lower, policies, shapes
from tests.accomplishments.test_scoring_matching import EVIDENCE, ROLE

CLAIMS = (
    *EVIDENCE,
    claim("it-operations", 5, "led", lower(2), MANAGER, name="outage-2025"),
    claim("writing", 1, name="elsewhere"),
)
FULL = Shape("engineering/backend/l2", 3, (*ROLE.requirements, Requirement("design", 4, "emerging", "no interface 4")))
RECEIPT = issue(FULL, CLAIMS, POLICY_V1, TODAY, "person 17 Ü")
TEXT = RECEIPT.decode()


def parsed() -> dict[str, Any]:
    return json.loads(TEXT)


def sealed(data: dict[str, Any]) -> bytes:
    """With a hash that holds, as somebody who knows how to compute it would write it."""
    data.pop("sha256", None)
    return canonical(data | {"sha256": digest(data)})


def refusal(data: bytes | str) -> ReceiptError:
    with pytest.raises(ReceiptError) as refused:
        verify(data)
    return refused.value


# ── Issuing ─────────────────────────────────────────────────────────────────


def test_receipt_of_the_worked_example() -> None:
    said = json.loads(issue(ROLE, EVIDENCE, POLICY_V1, TODAY))
    assert said["result"] == {
        "match": "0.725",
        "verified": "0.6",
        "gates": 2,
        "gates_met": 1,
        "tiers": {"core": "0.8", "supporting": "0.5"},
        "entries": 3,
        "newest": "2026-11-22",
    }
    assert said["fills"]["it-operations"] == {
        "S": ["0.6", "0.6", "0", "0", "0"],
        "S_verified": ["0.6", "0.6", "0", "0", "0"],
        "F": ["0.6", "0.6", "0", "0", "0"],
        "F_verified": ["0.6", "0.6", "0", "0", "0"],
        "rating": "1.2",
    }
    assert said["terms"]["data-engineering"] == {
        "weight": "2",
        "coverage": "0.5",
        "coverage_verified": "0",
        "met": False,
        "term": "1",
    }
    assert (said["format"], said["person"], said["as_of"]) == ("ladder-receipt-1", "", "2026-11-22")
    assert (said["policy"], said["role"]) == (POLICY_V1.to_dict(), {"role": ROLE.role, "version": 3})


def test_receipt_holds_each_claim_with_its_factors() -> None:
    said = parsed()["claims"]
    assert [one["id"] for one in said] == ["report", "outage-2025", "rota", "rewrite"]
    assert said[1] == {
        "id": "outage-2025",
        "accomplishment": "outage-2025",
        "competency": "it-operations",
        "level": 5,
        "part": "led",
        "ended": "2026-11-22",
        "verifications": [
            {"who": "ann", "answer": "confirmed_other", "level": 2, "is_manager": False, "resolved": False},
            {"who": "max", "answer": "confirmed", "level": None, "is_manager": True, "resolved": False},
        ],
        "months": 0,
        "ownership": "1",
        "recency": "1",
        "verification": ["1", "1", "0.8", "0.8", "0.8"],
        "strength": ["1", "1", "0.8", "0.8", "0.8"],
        "proven": ["1", "1", "0.8", "0.8", "0.8"],
    }
    assert parsed()["requirements"][-1] == {
        "competency": "design",
        "need": 4,
        "tier": "emerging",
        "not_applicable": "no interface 4",
    }


def test_receipt_is_the_same_bytes_for_the_same_facts() -> None:
    same = replace(POLICY_V1, owned=Decimal("1.000"), core=Decimal("3.0"))
    assert issue(FULL, reversed(CLAIMS), same, TODAY, "person 17 Ü") == RECEIPT
    assert canonical(parsed()) == RECEIPT
    assert b" " not in RECEIPT.replace("person 17 Ü".encode(), b"").replace(b"no interface 4", b"")


def test_receipt_has_one_form_for_ever() -> None:
    """Stored receipts carry this hash: whoever changes it has changed the format, and names a new one."""
    assert canonical({"b": "Ü", "a": [1, None]}) == '{"a":[1,null],"b":"Ü"}'.encode()
    assert json.loads(issue(ROLE, EVIDENCE, POLICY_V1, TODAY))["sha256"] == (
        "3186b153cb0d0c300ef7ebf520d7c26e7f4862cbaa1f7f4f7eb017763f3aff4a"
    )


def test_receipt_without_evidence() -> None:
    receipt = issue(ROLE, (), POLICY_V1, TODAY)
    assert json.loads(receipt)["result"]["newest"] is None
    assert verify(receipt).match == 0


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0", "0"),
        ("1", "1"),
        ("30", "30"),
        ("0.725", "0.725"),
        ("0.05", "0.05"),
        ("1/8", "0.125"),
        ("1/25", "0.04"),
        ("2/3", "2/3"),
        ("7/6", "7/6"),
        ("12.5", "12.5"),
    ],
)
def test_numbers_are_exact(value: str, text: str) -> None:
    assert number(Fraction(value)) == text


@calm
@given(st.fractions(min_value=0, max_denominator=10**6))
def test_numbers_can_be_read_back(value: Fraction) -> None:
    assert Fraction(number(value)) == value


# ── Verifying ───────────────────────────────────────────────────────────────


def test_verify_returns_the_match() -> None:
    asked = [one for one in CLAIMS if one.competency != "writing"]
    assert verify(RECEIPT) == verify(TEXT) == compare(FULL, asked, POLICY_V1, TODAY)


def test_verify_does_not_mind_blanks_and_the_order_of_keys() -> None:
    turned = dict(reversed(parsed().items()))
    assert verify(json.dumps(turned, indent=2)).match == verify(RECEIPT).match


@calm
@given(shapes, claim_lists(), policies())
def test_verify_holds_for_every_receipt(role: Shape, claims: list[Claim], policy: Policy) -> None:
    found = verify(issue(role, claims, policy, TODAY, "p"))
    assert found.match == compare(role, claims, policy, TODAY).match


DIGITS = [index for index, char in enumerate(TEXT) if char in "0123456789"]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(DIGITS), st.sampled_from("0123456789"))
def test_any_changed_digit_is_named(place: int, digit: str) -> None:
    if digit != TEXT[place]:
        refused = refusal(f"{TEXT[:place]}{digit}{TEXT[place + 1 :]}")
        assert refused.term
        assert str(refused).startswith(f"{refused.term}: ")


@pytest.mark.parametrize("place", DIGITS[:: max(1, len(DIGITS) // 60)])
def test_a_changed_digit_never_holds(place: int) -> None:
    refusal(f"{TEXT[:place]}{(int(TEXT[place]) + 1) % 10}{TEXT[place + 1 :]}")


def changed(path: str, value: object) -> dict[str, Any]:
    """The receipt with one leaf changed; the path is its keys and indices, with blanks between."""
    data: dict[str, Any] = parsed()
    *way, last = [int(part) if part.isdigit() else part for part in path.split()]
    inside: Any = data
    for part in way:
        inside = inside[part]
    inside[last] = value
    return data


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("fills it-operations F 2", "0.5", "F[it-operations,3]: receipt says 0.5, recomputed 0.4"),
        ("fills it-operations S 0", "9", "S[it-operations,1]: receipt says 9, recomputed 1.6"),
        ("fills it-operations F_verified 4", "1", "F_verified[it-operations,5]: receipt says 1, recomputed 4/15"),
        ("fills it-operations rating", "5", "rating[it-operations]: receipt says 5, recomputed 46/15"),
        ("fills it-operations F", [], 'F[it-operations]: receipt says [], recomputed ["1", "1", "0.4", "0.4", "4/15"]'),
        ("terms data-engineering term", "2", "term[data-engineering]: receipt says 2, recomputed 1"),
        ("terms data-engineering met", True, "met[data-engineering]: receipt says true, recomputed false"),
        ("terms data-engineering met", 0, "met[data-engineering]: receipt says 0, recomputed false"),
        ("claims 2 ownership", "1", "ownership[rota]: receipt says 1, recomputed 0.6"),
        ("claims 2 strength 1", "1", "strength[rota,2]: receipt says 1, recomputed 0.6"),
        ("claims 2 months", 7, "months[rota]: receipt says 7, recomputed 0"),
        ("claims 2 part", "owned", "ownership[rota]: receipt says 0.6, recomputed 1"),
        ("policy contributed", "0.7", "ownership[rota]: receipt says 0.6, recomputed 0.7"),
        ("policy contributed", "0.60", "policy.contributed: receipt says 0.60, recomputed 0.6"),
        ("result match", "0.9", "match: receipt says 0.9, recomputed 0.875"),
        ("result tiers core", "0.9", "tiers.core: receipt says 0.9, recomputed 1"),
        ("result gates", 3, "gates: receipt says 3, recomputed 2"),
        ("as_of", "20261122", "as_of: receipt says 20261122, recomputed 2026-11-22"),
        ("as_of", "2026-11-21", "claims: claim report: ended 2026-11-22, which is after 2026-11-21"),
        ("as_of", "soon", "as_of: Invalid isoformat string: 'soon'"),
        ("as_of", 7, "as_of: fromisoformat: argument must be str"),
        ("format", "other", "format: other is not ladder-receipt-1"),
        ("person", None, "person: not a text"),
        ("claims", {}, "claims: not a list"),
        ("claims 0", [], "claims[0]: not an object"),
        ("claims 0 ended", "never", "claims[0].ended: Invalid isoformat string: 'never'"),
        ("claims 0 level", 9, "claims[0]: claim report: 9 is not a level 1..5"),
        ("claims 0 verifications", 3, "claims[0].verifications: not a list"),
        ("claims 0 extra", 3, "claims[0].extra: not a part of a receipt"),
        ("claims 2 verifications 0 who", "", "claims[2].verifications[0]: a verification without a person"),
        ("claims 2 verifications 0 mood", "", "claims[2].verifications[0].mood: not a part of a receipt"),
        ("requirements 0 need", 8, "requirements[0]: it-operations: need 8 is not a level 1..5"),
        (
            "requirements",
            [],
            "requirements: engineering/backend/l2: no requirement applies, so there is nothing to match",
        ),
        ("role", [], "role: not an object"),
        ("role version", "3", "role: a shape names its role (text) and its version (whole number)"),
        ("policy owned", "NaN", "policy: owned: 'NaN' is not a decimal number such as 0.5"),
        ("policy", [], "policy: version: missing"),
        ("policy", 7, "policy: 'int' object is not iterable"),
        ("fills writing", {}, "fills.writing: not a part of a receipt"),
        ("extra", 1, "receipt.extra: not a part of a receipt"),
    ],
)
def test_verify_names_the_term_even_under_a_hash_that_holds(path: str, value: object, message: str) -> None:
    refused = refusal(sealed(changed(path, value)))
    assert str(refused) == message
    assert message.startswith(f"{refused.term}: ")


@pytest.mark.parametrize("key", [key for key in parsed() if key != "sha256"])
def test_verify_names_a_missing_part(key: str) -> None:
    data = parsed()
    del data[key]
    assert str(refusal(sealed(data))) == f"receipt.{key}: missing"


def test_verify_names_a_missing_fill_and_a_missing_claim() -> None:
    data = parsed()
    del data["fills"]["it-operations"]["S"]
    assert refusal(sealed(data)).term == "fills.it-operations.S"
    data = parsed()
    data["claims"].reverse()
    assert refusal(sealed(data)).term == "id[report]"
    data = parsed()
    data["claims"].append(data["claims"][0] | {"id": "again", "competency": "writing"})
    assert refusal(sealed(data)).term == "claims"


def test_verify_names_a_result_that_is_none() -> None:
    assert refusal(sealed(parsed() | {"result": []})).term == "result"


def test_verify_names_the_hash() -> None:
    data = parsed()
    data["sha256"] = "0" * 64
    now = parsed()["sha256"]
    assert str(refusal(canonical(data))) == f"sha256: receipt says {'0' * 64}, recomputed {now}"
    assert refusal(canonical(changed("sha256", None))).term == "sha256"
    assert refusal(canonical(changed("person", "person 18 Ü"))).term == "sha256"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"null",
        b"7",
        b'{"a":NaN}',
        b'{"a":-Infinity}',
        b'{"a":1.5}',
        b'{"a":1e400}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":1,"a":1}',
        b'{"a":"\\ud800"}',
        "\ud800",
        b"[" * 100_000,
        b"\xef\xbb\xbf{}",
        TEXT[:-1],
        TEXT.replace('"level":5', '"level":' + "9" * 4000),
        TEXT.replace('"level":5', '"level":5.0'),
    ],
)
def test_verify_refuses_what_is_no_receipt(data: bytes | str) -> None:
    refused = refusal(data)
    assert refused.term
    assert len(str(refused)) < 400


def test_verify_refuses_what_is_too_long() -> None:
    assert str(refusal(b" " * 16_000_001)) == "receipt: longer than 16000000 bytes"
    assert refusal(b" " * 16_000_000).args[0].startswith("receipt: not readable as JSON")


def test_verify_reads_a_key_given_twice_as_an_error() -> None:
    twice = TEXT.replace('"format":', '"format":"ladder-receipt-1","format":')
    assert str(refusal(twice)) == "receipt: not readable as JSON: a key is given twice"


def test_verify_says_which_number_it_cannot_read() -> None:
    refused = refusal(TEXT.replace('"level":5', '"level":5.25'))
    assert str(refused) == (
        "receipt: not readable as JSON: 5.25 is not a whole number; other numbers are written as text"
    )


def test_long_values_are_cut_in_messages() -> None:
    assert (
        str(refusal(sealed(changed("result match", "9" * 80)))) == f"match: receipt says {'9' * 80}, recomputed 0.875"
    )
    refused = refusal(sealed(changed("result match", "9" * 500)))
    assert str(refused) == f"match: receipt says {'9' * 77}..., recomputed 0.875"
