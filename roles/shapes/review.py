"""What an editor should look at again before publishing. Warnings, never refusals."""

from collections.abc import Mapping

from roles.shapes.content import LISTS, Document, at, sentences

MOST_REQUIREMENTS = 10  # more than a radar can show and a person can work on
EXPECTED = {
    "summary": "a summary",
    "mission": "a mission",
    "tour_of_duty": "a tour of duty",
    "about_family": "a text about the family",
    "about_specialty": "a text about the specialty",
    "moves": "a way in, up or sideways",
}
EXPECTED_LISTS = {
    "primary": "responsibilities",
    "hard": "hard skills",
    "soft": "soft skills",
    "minimum_education": "minimum education",
    "ai": "AI accelerators",
    "change": "what changes at the next level",
}
# Alike by nature at neighbouring levels, so no sign of copying.
SHARED_BY_NATURE = {"field", "minimum_education", "preferred_education", "certification"}


def warnings(
    document: Document,
    *,
    below: Document | None = None,
    above: Document | None = None,
    others: Mapping[str, Document] | None = None,
) -> list[str]:
    """Sentences to show the editor.

    `below` and `above` are the documents of the next levels down and up in the same specialty, `others` those of
    all its other levels by the name to call them.
    """
    needs = document.get("requirements", [])
    found = []
    if not any(need["tier"] == "core" for need in needs):
        found.append("No requirement is core: nothing in this role would be a gate.")
    if len(needs) > MOST_REQUIREMENTS:
        found.append(f"{len(needs)} requirements; more than {MOST_REQUIREMENTS} can't be worked on at once.")
    if below:
        here = {need["competency"]: need["need"] for need in needs}
        for need in below.get("requirements", []):
            mine = here.get(need["competency"], 0)
            if mine < need["need"]:
                said = f"needs {mine}" if mine else "is not asked for"
                found.append(f"{need['competency']} {said} here but needs {need['need']} at the level below.")
    if above:
        there = {need["competency"]: need["need"] for need in above.get("requirements", [])}
        for need in needs:
            if there.get(need["competency"], 0) < need["need"]:
                said = f"needs {there[need['competency']]}" if need["competency"] in there else "is not asked for"
                found.append(f"{need['competency']} needs {need['need']} here but {said} at the level above.")
    found += [f"There is no {what.removeprefix('a ')}." for key, what in EXPECTED.items() if not document.get(key)]
    found += [
        f"There is nothing on {what}." for section, what in EXPECTED_LISTS.items() if not at(document, LISTS[section])
    ]
    own = {text.casefold().strip(): text for section, text in sentences(document) if section not in SHARED_BY_NATURE}
    own |= {
        document[key].casefold().strip(): document[key]
        for key in ("summary", "mission", "tour_of_duty")
        if document.get(key)
    }
    for name, other in (others or {}).items():
        theirs = {text.casefold().strip() for _, text in sentences(other)}
        theirs |= {other[key].casefold().strip() for key in ("summary", "mission", "tour_of_duty") if other.get(key)}
        found += [f"Taken over from {name}: “{text}”" for key, text in own.items() if key in theirs]
    return found
