"""A second format: ladders written as levels, themes and statements, such as the Financial Times' (MIT).

Such a file has `levels` (id, name), `themes` (id, name) and `competencies`: statements, each with the level and theme
that it belongs to, a summary, maybe examples, and a proficiency word. A mapping file says what these are to us:

    family: {slug: ..., name: ..., about: ...}     the job family to make of it
    effective: 2026-01-01                          from when its roles hold
    proficiency: {Awareness: 1, ...}               their words on our scale, 1 to 5
    themes: {their-theme: {competency: our-slug, tier: core}}
    specialties:                                   each with their level -> our level
    - {slug: ..., name: ..., track: individual, levels: {their-level: l1}}

The result is ladder-as-code like any other; lines in messages are those of the file that was given.
"""

from typing import Any

from roles.forms.ladder_file import BadLadder, Source, Where

NEEDED = {"levels", "themes", "competencies"}
MAPPING = {"family", "effective", "proficiency", "themes", "specialties"}


def _one(sources: list[Source], keys: set[str], what: str) -> Source:
    if len(sources) != 1 or not isinstance(sources[0].data, dict):
        raise BadLadder([f"{sources[0].name if sources else 'file'}:1: expected one document with {what}"])
    if missing := sorted(keys - set(sources[0].data)):
        raise BadLadder([f"{sources[0].name}:1: '{key}' is missing here" for key in missing])
    return sources[0]


def _unmapped(source: Source, mapping: Source) -> list[str]:
    """What the mapping leaves open."""
    errors = []

    def complain(file: Source, where: Where, said: str) -> None:
        errors.append(f"{file.name}:{file.line(where)}: {said}")

    mapped = {their for specialty in mapping.data["specialties"] for their in specialty["levels"]}
    known = {level["id"] for level in source.data["levels"]}
    for place, specialty in enumerate(mapping.data["specialties"]):
        for their in specialty["levels"]:
            if their not in known:
                complain(mapping, ("specialties", place, "levels", their), f"level '{their}' is not in {source.name}")
    for place, level in enumerate(source.data["levels"]):
        if level["id"] not in mapped:
            complain(source, ("levels", place), f"level '{level['id']}' has no mapping in {mapping.name}")
    asked = {"level": known, "theme": mapping.data["themes"], "proficiency": mapping.data["proficiency"]}
    for place, one in enumerate(source.data["competencies"]):
        for key, words in asked.items():
            if one.get(key) not in words:
                where = ("competencies", place, key)
                complain(source, where, f"{key} '{one.get(key)}' has no mapping in {mapping.name}")
    return errors


def _role(
    source: Source, mapping: Source, their_level: dict[str, Any], level: str, lines: dict[Where, int], here: Where
) -> dict[str, Any]:
    """One role of theirs: its statements become responsibilities, its themes requirements."""
    needs: dict[str, dict[str, Any]] = {}
    primary: list[str] = []
    for place, one in enumerate(source.data["competencies"]):
        if one["level"] != their_level["id"]:
            continue
        theme = mapping.data["themes"][one["theme"]]
        need = mapping.data["proficiency"][one["proficiency"]]
        entry = needs.setdefault(
            theme["competency"], {"competency": theme["competency"], "need": 0, "tier": theme["tier"]}
        )
        entry["need"] = max(entry["need"], need)
        lines[(*here, "requirements", list(needs).index(theme["competency"]), "competency")] = source.line(
            ("competencies", place)
        )
        for text in (one["summary"], *one.get("examples", [])):
            lines[(*here, "responsibilities", "primary", len(primary))] = source.line(
                ("competencies", place, "summary")
            )
            primary.append(" ".join(text.split()))
    return {
        "level": level,
        "effective": mapping.data["effective"],
        "title": their_level["name"],
        "responsibilities": {"primary": primary},
        "requirements": list(needs.values()),
    }


def convert(sources: list[Source], mappings: list[Source]) -> list[Source]:
    """Documents of ours from a file of theirs and a mapping; raises `BadLadder`."""
    source = _one(sources, NEEDED, "levels, themes and competencies")
    mapping = _one(mappings, MAPPING, "a mapping")
    try:
        if errors := _unmapped(source, mapping):
            raise BadLadder(errors)
        theirs = {level["id"]: (place, level) for place, level in enumerate(source.data["levels"])}
        made = [Source(source.name, {"families": [mapping.data["family"]]}, {(): 1})]
        for specialty in mapping.data["specialties"]:
            lines: dict[Where, int] = {(): 1}
            roles = []
            for index, (their, level) in enumerate(specialty["levels"].items()):
                place, their_level = theirs[their]
                lines["roles", index] = source.line(("levels", place))
                roles.append(_role(source, mapping, their_level, level, lines, ("roles", index)))
            data = {
                "specialty": specialty["slug"],
                "family": mapping.data["family"]["slug"],
                **{key: specialty[key] for key in ("name", "track", "position", "about") if key in specialty},
                "roles": roles,
            }
            made.append(Source(source.name, data, lines))
    except (KeyError, TypeError, AttributeError) as error:
        raise BadLadder([f"{source.name}:1: is not of the shape that this format has ({error!r})"]) from error
    return made
