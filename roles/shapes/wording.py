"""What two texts, or two lists of sentences, have in common and where they part."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

WORDS = re.compile(r"\s+|[^\s]+")
ALIKE = 0.6  # two sentences at least this similar are one sentence reworded, not one gone and one new


@dataclass(frozen=True)
class Piece:
    """A run of text: `same` on both sides, `del` only before, `ins` only after."""

    kind: str
    text: str


@dataclass(frozen=True)
class Pair:
    """One line before and after, in pieces; an empty side means that the line is new or gone."""

    before: tuple[Piece, ...]
    after: tuple[Piece, ...]

    @property
    def is_different(self) -> bool:
        return any(piece.kind != "same" for piece in (*self.before, *self.after))


def pieces(before: str, after: str) -> Pair:
    """The two texts word by word. Little in common: whole texts, since a patchwork reads worse."""
    if not before or not after:
        return Pair(*((Piece(kind, text),) if text else () for kind, text in (("del", before), ("ins", after))))
    old, new = WORDS.findall(before), WORDS.findall(after)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < ALIKE:
        return Pair((Piece("del", before),), (Piece("ins", after),))
    left: list[Piece] = []
    right: list[Piece] = []
    for tag, a, b, c, d in matcher.get_opcodes():
        for side, words, kind in ((left, old[a:b], "del"), (right, new[c:d], "ins")):
            if words:
                side.append(Piece("same" if tag == "equal" else kind, "".join(words)))
    return Pair(tuple(left), tuple(right))


def lists(before: Sequence[str], after: Sequence[str]) -> list[Pair]:
    """Two lists of sentences, each paired with its like where there is one, in the order of `after`."""
    unchanged = Counter(before) & Counter(after)
    free = list((Counter(before) - unchanged).elements())
    paired: list[Pair] = []
    for sentence in after:
        if unchanged[sentence]:
            unchanged[sentence] -= 1
            paired.append(pieces(sentence, sentence))
            continue
        best = max(free, key=lambda other: SequenceMatcher(None, other, sentence, autojunk=False).ratio(), default="")
        if best and SequenceMatcher(None, best, sentence, autojunk=False).ratio() >= ALIKE:
            free.remove(best)
            paired.append(pieces(best, sentence))
        else:
            paired.append(pieces("", sentence))
    return [*paired, *(pieces(gone, "") for gone in free)]
