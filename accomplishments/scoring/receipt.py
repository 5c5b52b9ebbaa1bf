"""A match written down so that anyone can recompute it.

Canonical JSON: UTF-8, keys sorted, no blanks, counts as whole numbers and every other number as exact text, a decimal
where it ends ("0.725") and a fraction where it does not ("2/3"). The SHA-256 is over the canonical form of everything
but itself. It tells a changed digit, not who wrote it: a case that froze its receipt keeps the hash beside it.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import lru_cache
from hashlib import sha256
from typing import Any, NoReturn, TypeVar

from accomplishments.scoring.evidence import Claim, EvidenceError, Verification, Weighed
from accomplishments.scoring.matching import NOTHING, Line, Match, Sums, compare, ledger
from accomplishments.scoring.policy import GRAINS, MILLI, Policy
from accomplishments.scoring.shape import Requirement, Shape, ShapeError

FORMAT = "ladder-receipt-1"
MOST_BYTES = 16_000_000
# In the order of the arithmetic: the first term that does not hold is the one that was changed.
_SECTIONS = ("format", "person", "as_of", "policy", "role", "requirements", "claims", "fills", "terms", "result")


T = TypeVar("T")


class ReceiptError(ValueError):
    """A receipt that does not hold. `term` names the first thing that is wrong; the message says how."""

    def __init__(self, term: str, problem: str) -> None:
        super().__init__(f"{term}: {problem[:300]}")
        self.term = term


def issue(shape: Shape, claims: Iterable[Claim], policy: Policy, as_of: date, person: str = "") -> bytes:
    """The receipt of one match. Raises as `compare` does."""
    _, body = _compute(shape, claims, policy, as_of, person)
    return canonical(body | {"sha256": digest(body)})


def canonical(data: object) -> bytes:
    """The one way to write these data down."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def digest(body: object) -> str:
    return sha256(canonical(body)).hexdigest()


def number(value: Fraction) -> str:
    """Exact: `0.725` when the decimals end, `2/3` when they do not."""
    twos, fives, rest = 0, 0, value.denominator
    while rest % 2 == 0:
        twos, rest = twos + 1, rest // 2
    while rest % 5 == 0:
        fives, rest = fives + 1, rest // 5
    if rest != 1:
        return str(value)
    places = max(twos, fives)
    digits = str(value.numerator * 10**places // value.denominator).zfill(places + 1)
    return f"{digits[:-places]}.{digits[-places:]}" if places else digits


def verify(data: bytes | str) -> Match:
    """Recompute a receipt, from itself alone; the match that it holds.

    Raises ReceiptError naming the first term that does not hold: what cannot be read, then the arithmetic in its
    order, then the hash.
    """
    said = _parse(data)
    try:
        match, body = _compute(*_inputs(said))
    except ShapeError as problem:
        raise ReceiptError("requirements", str(problem)) from problem
    except EvidenceError as problem:
        raise ReceiptError("claims", str(problem)) from problem
    for section in _SECTIONS:
        _same(said[section], body[section], (section,))
    if said["sha256"] != digest(body):
        raise ReceiptError("sha256", f"receipt says {_short(said['sha256'])}, recomputed {digest(body)}")
    return match


# ── Writing ─────────────────────────────────────────────────────────────────


def _compute(
    shape: Shape, claims: Iterable[Claim], policy: Policy, as_of: date, person: str
) -> tuple[Match, dict[str, Any]]:
    """The match and all of its receipt but the hash. Claims for what the role does not ask are no part of it."""
    asked = {one.competency for one in shape.applicable}
    used = [claim for claim in claims if claim.competency in asked]
    match = compare(shape, used, policy, as_of)
    return match, _body(match, ledger(used, policy, as_of), person)


def _body(match: Match, book: Mapping[str, Sums], person: str) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "person": person,
        "as_of": match.as_of.isoformat(),
        "policy": match.policy.to_dict(),
        "role": {"role": match.shape.role, "version": match.shape.version},
        "requirements": [_requirement(one) for one in match.shape.requirements],
        "claims": [_claim(one) for slug in sorted(book) for one in book[slug].weighed],
        "fills": {line.requirement.competency: _fills(line, book) for line in match.lines},
        "terms": {line.requirement.competency: _term(line) for line in match.lines},
        "result": _result(match),
    }


def _requirement(one: Requirement) -> dict[str, Any]:
    return {
        "competency": one.competency,
        "need": one.need,
        "tier": one.tier,
        "not_applicable": one.not_applicable,
    }


def _claim(one: Weighed) -> dict[str, Any]:
    claim = one.claim
    return {
        "id": claim.id,
        "accomplishment": claim.accomplishment,
        "competency": claim.competency,
        "level": claim.level,
        "part": claim.part,
        "ended": claim.ended.isoformat(),
        "verifications": [_verification(said) for said in claim.verifications],
        "months": one.months,
        "ownership": _parts(one.ownership, MILLI),
        "recency": _parts(one.recency, MILLI),
        "verification": [_parts(factor, MILLI) for factor in one.verification],
        "strength": _grains(one.strength),
        "proven": _grains(one.proven),
    }


def _verification(one: Verification) -> dict[str, Any]:
    return {
        "who": one.who,
        "answer": one.answer,
        "level": one.level,
        "is_manager": one.is_manager,
        "resolved": one.resolved,
    }


def _grains(grains: Iterable[int]) -> list[str]:
    return [_parts(one, GRAINS) for one in grains]


@lru_cache(maxsize=4096)
def _parts(count: int, whole: int) -> str:
    """A few values come again and again: factors in thousandths, strengths in grains."""
    return number(Fraction(count, whole))


def _fills(line: Line, book: Mapping[str, Sums]) -> dict[str, Any]:
    sums = book.get(line.requirement.competency, NOTHING)
    return {
        "S": _grains(sums.evidence),
        "S_verified": _grains(sums.verified),
        "F": [number(bar.fill) for bar in line.bars],
        "F_verified": [number(bar.verified) for bar in line.bars],
        "rating": number(line.rating),
    }


def _term(line: Line) -> dict[str, Any]:
    return {
        "weight": number(line.weight),
        "coverage": number(line.coverage),
        "coverage_verified": number(line.verified),
        "met": line.met,
        "term": number(line.term),
    }


def _result(match: Match) -> dict[str, Any]:
    return {
        "match": number(match.match),
        "verified": number(match.verified),
        "gates": match.gates,
        "gates_met": match.gates_met,
        "tiers": {one.tier: number(one.match) for one in match.tiers},
        "entries": match.entries,
        "newest": match.newest and match.newest.isoformat(),
    }


# ── Reading ─────────────────────────────────────────────────────────────────


def _parse(data: bytes | str) -> dict[str, Any]:
    """A JSON object with the keys of a receipt. Numbers that are not whole, NaN and a key given twice are refused."""
    if len(data) > MOST_BYTES:
        raise ReceiptError("receipt", f"longer than {MOST_BYTES} bytes")
    try:
        text = data.decode() if isinstance(data, bytes) else data
        text.encode()
        said = json.loads(text, object_pairs_hook=_object, parse_float=_refuse, parse_constant=_refuse)
        canonical(said)
    except (ValueError, RecursionError) as problem:
        raise ReceiptError("receipt", f"not readable as JSON: {problem}") from problem
    _keys(said, {*_SECTIONS, "sha256"}, "receipt")
    return dict(said)


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is given twice")
    return found


def _refuse(text: str) -> NoReturn:
    raise ValueError(f"{text[:20]} is not a whole number; other numbers are written as text")


def _keys(said: object, keys: Iterable[str], term: str) -> None:
    if not isinstance(said, dict):
        raise ReceiptError(term, "not an object")
    for key in sorted(set(keys) - set(said)):
        raise ReceiptError(f"{term}.{key}", "missing")
    for key in sorted(set(said) - set(keys)):
        raise ReceiptError(f"{term}.{_short(key)}", "not a part of a receipt")


def _inputs(said: Mapping[str, Any]) -> tuple[Shape, tuple[Claim, ...], Policy, date, str]:
    """What the arithmetic starts from; the rest of a receipt follows from it."""
    if said["format"] != FORMAT:
        raise ReceiptError("format", f"{_short(said['format'])} is not {FORMAT}")
    if not isinstance(said["person"], str):
        raise ReceiptError("person", "not a text")
    _keys(said["role"], ("role", "version"), "role")
    requirements = _each(said["requirements"], "requirements", _read_requirement)
    return (
        _read(lambda: Shape(said["role"]["role"], said["role"]["version"], requirements), "role"),
        _each(said["claims"], "claims", _read_claim),
        _read(lambda: Policy.from_dict(said["policy"]), "policy"),
        _read(lambda: date.fromisoformat(said["as_of"]), "as_of"),
        said["person"],
    )


def _read(make: Callable[[], T], term: str) -> T:
    """What `make` makes; whatever it stumbles over is the receipt's fault, and named."""
    try:
        return make()
    except ReceiptError:
        raise
    except (ValueError, TypeError, AttributeError, ArithmeticError) as problem:
        raise ReceiptError(term, str(problem)) from problem


def _each(said: object, term: str, read: Callable[[Any, str], T]) -> tuple[T, ...]:
    if not isinstance(said, list):
        raise ReceiptError(term, "not a list")
    return tuple(read(one, f"{term}[{index}]") for index, one in enumerate(said))


def _read_requirement(said: Any, term: str) -> Requirement:
    _keys(said, ("competency", "need", "tier", "not_applicable"), term)
    return _read(lambda: Requirement(**said), term)


_CLAIM = ("id", "accomplishment", "competency", "level", "part", "ended", "verifications")
_FACTORS = ("months", "ownership", "recency", "verification", "strength", "proven")


def _read_claim(said: Any, term: str) -> Claim:
    _keys(said, (*_CLAIM, *_FACTORS), term)
    stated = {name: said[name] for name in _CLAIM}
    stated["verifications"] = _each(said["verifications"], f"{term}.verifications", _read_verification)
    stated["ended"] = _read(lambda: date.fromisoformat(said["ended"]), f"{term}.ended")
    return _read(lambda: Claim(**stated), term)


def _read_verification(said: Any, term: str) -> Verification:
    _keys(said, ("who", "answer", "level", "is_manager", "resolved"), term)
    return _read(lambda: Verification(**said), term)


# ── Comparing ───────────────────────────────────────────────────────────────


def _same(said: Any, now: Any, path: tuple[str, ...]) -> None:
    """Raises ReceiptError with the name of the first leaf in which two trees differ."""
    if type(said) is not type(now) or (isinstance(now, list) and len(said) != len(now)):
        raise ReceiptError(_name(path), f"receipt says {_short(said)}, recomputed {_short(now)}")
    if isinstance(now, dict):
        _keys(said, now, _name(path))
        for key in now:
            _same(said[key], now[key], (*path, key))
    elif isinstance(now, list):
        for level, (one, other) in enumerate(zip(said, now, strict=True), start=1):
            _same(one, other, (*path, other["id"] if path == ("claims",) else str(level)))
    elif said != now:
        raise ReceiptError(_name(path), f"receipt says {_short(said)}, recomputed {_short(now)}")


def _name(path: tuple[str, ...]) -> str:
    """How the term at a path is called: `F[it-operations,2]`, `term[it-operations]`, `strength[claim,1]`, `match`."""
    if path[0] in {"fills", "terms", "claims"} and len(path) > 2:
        return f"{path[2]}[{','.join((path[1], *path[3:]))}]"
    return ".".join(path[1:] if path[0] == "result" and len(path) > 1 else path)


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}..."
