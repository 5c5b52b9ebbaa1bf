"""The document of a role version: everything that it says, as plain data in one fixed order.

It is what publishing freezes, what `export_ladder` writes, what two versions are compared by, and what pages and JSON
are made from. Empty parts are left out. Keys, with the section of a sentence list or the field behind each:
"""

from collections.abc import Iterator
from typing import Any

Document = dict[str, Any]

TEXTS = ("title", "summary", "mission", "tour_of_duty", "about_family", "about_specialty")
LABELS = {
    "title": "Title",
    "summary": "Summary",
    "mission": "Mission",
    "tour_of_duty": "Tour of duty",
    "about_family": "About the family",
    "about_specialty": "About the specialty",
    "tags": "Tags",
    "keywords": "Keywords",
    "salary": "Salary range",
    "years": "Years of experience",
    "experience_note": "On experience",
    "next_theme": "Next level, in a word",
}
# section of the sentences -> where its list stands in the document
LISTS: dict[str, tuple[str, ...]] = {
    "primary": ("responsibilities", "primary"),
    "secondary": ("responsibilities", "secondary"),
    "hard": ("skills", "hard"),
    "soft": ("skills", "soft"),
    "minimum_education": ("education", "minimum"),
    "preferred_education": ("education", "preferred"),
    "certification": ("education", "certifications"),
    "field": ("education", "fields"),
    "preferred_experience": ("experience", "preferred"),
    "ai": ("ai_accelerators",),
    "change": ("next_level", "changes"),
}
ORDER = (
    *TEXTS,
    "tags",
    "keywords",
    "salary",
    "responsibilities",
    "skills",
    "education",
    "experience",
    "ai_accelerators",
    "moves",
    "next_level",
    "requirements",
)
INNER_ORDER = {
    "salary": ("minimum", "maximum", "currency", "period"),
    "responsibilities": ("primary", "secondary"),
    "skills": ("hard", "soft"),
    "education": ("minimum", "preferred", "certifications", "fields"),
    "experience": ("minimum_years", "maximum_years", "note", "preferred"),
    "moves": ("entry", "up", "sideways"),
    "next_level": ("theme", "changes"),
}
MOVE_ORDER = ("role", "title", "focus")
NEED_ORDER = ("competency", "need", "tier")


def _pick(data: dict[str, Any], order: tuple[str, ...]) -> dict[str, Any]:
    return {key: data[key] for key in order if data.get(key) not in (None, "", [], {})}


def canonical(data: dict[str, Any]) -> Document:
    """The same document in the one order, empty parts left out; equal contents give equal bytes."""
    document = dict(data)
    for key, order in INNER_ORDER.items():
        if isinstance(document.get(key), dict):
            document[key] = _pick(document[key], order)
    if "moves" in document:
        document["moves"] = {
            direction: [_pick(move, MOVE_ORDER) for move in moves] for direction, moves in document["moves"].items()
        }
    document["requirements"] = [_pick(need, NEED_ORDER) for need in document.get("requirements", [])]
    return {**_pick(document, ORDER), "requirements": document["requirements"]}  # none is said, not left out


def at(document: Document, path: tuple[str, ...]) -> list[str]:
    """The list that stands at a path of the document, or an empty one."""
    part: Any = document
    for key in path:
        part = part.get(key, {})
    return part or []


def sentences(document: Document) -> Iterator[tuple[str, str]]:
    """Every sentence of every list, each with its section."""
    for section, path in LISTS.items():
        for text in at(document, path):
            yield section, text


def years(document: Document) -> str:
    """The range of years in words, such as `3 to 7 years`."""
    experience = document.get("experience", {})
    low, high = experience.get("minimum_years"), experience.get("maximum_years")
    if low is None and high is None:
        return ""
    return f"{low} years or more" if high is None else f"{low or 0} to {high} years"


def salary(document: Document) -> str:
    """The salary range in words, such as `60,000 to 85,000 USD a year`."""
    pay = document.get("salary")
    if not pay:
        return ""
    article = "an" if pay["period"] == "hour" else "a"
    return f"{pay['minimum']:,} to {pay['maximum']:,} {pay['currency']} {article} {pay['period']}"
