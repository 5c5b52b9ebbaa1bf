"""From the rows of a version to its document."""

from collections import defaultdict
from typing import Any

from roles.models import RoleVersion
from roles.shapes.content import LISTS, TEXTS, Document, canonical


def document_of(version: RoleVersion) -> Document:
    """The document of a version from its rows, in 3 queries; a published version has it frozen already."""
    if version.document is not None:
        return canonical(version.document)  # PostgreSQL keeps keys in an order of its own
    data: dict[str, Any] = {key: getattr(version, key) for key in (*TEXTS, "tags", "keywords")}
    if version.salary_minimum is not None:
        data["salary"] = {
            "minimum": version.salary_minimum,
            "maximum": version.salary_maximum,
            "currency": version.salary_currency,
            "period": version.salary_period,
        }
    lists = defaultdict(list)
    for sentence in version.sentences.all():
        lists[sentence.section].append(sentence.text)
    for section, path in LISTS.items():
        if len(path) == 1:
            data[path[0]] = lists[section]
        else:
            data.setdefault(path[0], {})[path[1]] = lists[section]
    data["experience"] |= {
        "minimum_years": version.minimum_years,
        "maximum_years": version.maximum_years,
        "note": version.experience_note,
    }
    data["next_level"]["theme"] = version.next_theme
    moves = defaultdict(list)
    for move in version.moves.select_related("role__level", "role__specialty__family"):
        target = {"role": str(move.role)} if move.role else {"title": move.outside_title}
        moves[move.direction].append({**target, "focus": move.focus})
    data["moves"] = dict(moves)
    data["requirements"] = [
        {"competency": need.competency.slug, "need": need.need, "tier": need.tier}
        for need in version.requirements.select_related("competency")
    ]
    return canonical(data)
