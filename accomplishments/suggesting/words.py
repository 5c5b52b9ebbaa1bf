"""Cut a text into words and bring the forms of a word to one stem, fast and without a dictionary."""

import re
from functools import lru_cache
from typing import NamedTuple

TEXT_LIMIT = 8_000  # characters read: an accomplishment is far shorter, and 2 MB must cost no more than this
WORD = re.compile(  # customer_id is one word and says nothing about customers; so are team's, don't and j'ai
    r"\.net\b|[^\W_]+(?:_+[^\W_]+)*(?:\+\+|#)?(?:['’][^\W_]+)*", re.IGNORECASE
)
BREAK = re.compile(r"[.,;:!?()]\s|[\n\r\t\x00•|]")
VOWEL = re.compile(r"[aeiouy]")
PLAIN_ENDINGS = ("izations", "isations", "ization", "isation", "ations", "ation", "ators", "ator", "izing", "ising")

FUNCTION_WORDS = """a an the and of to in for on with by as at or is are be that this it its
their they them our we i my me from into was were has have had which who so not no but if than
then there these those will can could may also both each any all own s he she his her you your
what when where how him us me myself am been being do does did done get got go goes went gone
just very really quite too also only even still yet ever never always often sometimes usually
somebody someone anybody anyone nobody everybody everyone something anything nothing everything
because since while until though although before after again once here out up down off over about
around much many more most some few such same another would should could might must shall let say
says said thing things lot bit way ways today yesterday monday tuesday wednesday thursday friday
saturday sunday january february march april june july august september october november december"""


class Word(NamedTuple):
    """One word of a text: its stem, the place where it stands, and whether it goes on from the word before."""

    stem: str
    start: int
    end: int
    joined: bool


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The stem of one word: "Monitoring", "monitored" and "monitors" give the same."""
    low = word.lower().replace("’", "'")
    if low.endswith("'s"):
        low = low[:-2]
    if len(low) <= 3 or not low.isalpha():
        return low
    return _ending(_participle(_singular(low)))


def _singular(word: str) -> str:
    """Without the s of a plural or of the third person."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _participle(word: str) -> str:
    """Without -ing and -ed, where a word with a vowel is left."""
    for ending in ("ing", "ied", "ed"):
        rest = word[: -len(ending)]
        if word.endswith(ending) and len(rest) >= 3 and VOWEL.search(rest):
            if ending == "ied":
                return rest + "y"
            if rest[-1] == rest[-2] and rest[-1] not in "lsz":
                return rest[:-1]
            return rest
    return word


def _ending(word: str) -> str:
    """Without the endings that make a noun or an adverb of a verb; -ise and -ize become one."""
    if word.endswith("ly") and len(word) > 5:
        word = word[:-2]
    for ending in PLAIN_ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)].rstrip("e")
    word = word.removesuffix("e")
    for ending in ("ion", "iz", "is", "at"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            word = word[: -len(ending)]
            break
    word = word.removesuffix("at") if len(word) >= 6 else word
    return word[:-1] + "i" if word.endswith("y") else word


def cut(text: str) -> list[Word]:
    """The words of the first TEXT_LIMIT characters, in order."""
    text = text[:TEXT_LIMIT]
    words: list[Word] = []
    before = 0
    for found in WORD.finditer(text):
        gap = text[before : found.start()]
        before = found.end()
        joined = bool(words) and len(gap) <= 3 and not BREAK.search(gap)
        words.append(Word(stem(found.group()), found.start(), before, joined))
    return words


STOPS = frozenset(stem(word) for word in FUNCTION_WORDS.split())
