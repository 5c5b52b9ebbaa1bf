"""Changes to the framework."""

from typing import Any, TypeVar

from django.db import models

from competencies.models import Area, Competency, Indicator, ProficiencyLevel

M = TypeVar("M", bound=models.Model)


def put(model: type[M], key: dict[str, Any], values: dict[str, Any]) -> tuple[M, bool]:
    """Make the row of `key` have `values`; the row, and whether anything had to change."""
    row = model._default_manager.filter(**key).first()
    if row is None:
        return model._default_manager.create(**key, **values), True
    if all(getattr(row, name) == value for name, value in values.items()):
        return row, False
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    return row, True


def load_framework(framework: dict[str, Any]) -> int:
    """Bring scale, areas, competencies and indicators to what `framework` says; the number of rows that changed.

    What it does not name stays: competencies are retired, not deleted, since requirements point at them.
    """
    changed = 0
    for given in framework.get("proficiency", []):
        _, new = put(
            ProficiencyLevel, {"number": given["number"]}, {"name": given["name"], "meaning": given["meaning"]}
        )
        changed += new
    levels = {level.number: level for level in ProficiencyLevel.objects.all()}
    for place, given in enumerate(framework.get("areas", []), start=1):
        area, new = put(Area, {"slug": given["slug"]}, {"name": given["name"], "position": place})
        changed += new
        for order, one in enumerate(given["competencies"], start=1):
            competency, new = put(
                Competency,
                {"slug": one["slug"]},
                {
                    "area": area,
                    "name": one["name"],
                    "definition": one["definition"],
                    "position": order,
                    "retired_on": one.get("retired_on"),
                },
            )
            changed += new
            wanted = [
                (number, position, text)
                for number, texts in sorted(one.get("indicators", {}).items())
                for position, text in enumerate(texts, start=1)
            ]
            there = list(competency.indicators.values_list("level__number", "position", "text"))
            if there != wanted:
                competency.indicators.all().delete()
                Indicator.objects.bulk_create(
                    Indicator(competency=competency, level=levels[number], position=position, text=text)
                    for number, position, text in wanted
                )
                changed += 1
    return changed
