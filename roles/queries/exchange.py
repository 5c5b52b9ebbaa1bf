"""A role as other programs read it: our JSON, the JSON Resume job description, schema.org."""

from typing import Any

from django.http import HttpRequest

from roles.queries.pages import RolePage
from roles.shapes.content import at

SCHEMA_PERIOD = {"year": "P1Y", "month": "P1M", "day": "P1D", "hour": "PT1H"}


def role_data(page: RolePage, request: HttpRequest) -> dict[str, Any]:
    """Everything that the version says, with where it stands: the document of `shapes.content` under its own keys."""
    card = page.card
    return {
        "url": request.build_absolute_uri(card.url),
        "role": card.path,
        "family": {"slug": card.family, "name": card.family_name},
        "specialty": {"slug": card.specialty, "name": card.specialty_name, "track": card.track},
        "level": {"slug": card.level_slug, "number": card.level, "name": card.level_name},
        "version": page.version.number,
        "effective": page.version.effective_from.isoformat(),
        **page.document,
    }


def job_description(page: RolePage, request: HttpRequest) -> dict[str, Any]:
    """The JSON Resume job description (job-schema 1.x)."""
    document, card = page.document, page.card
    pay = document.get("salary")
    known = page.catalogue.competencies
    return {
        "title": page.version.title,
        "type": "Full-time",
        "date": page.version.effective_from.isoformat(),
        "description": "\n\n".join(filter(None, (document.get("mission"), document.get("summary")))),
        **({"salary": f"{pay['minimum']}-{pay['maximum']} {pay['currency']} per {pay['period']}"} if pay else {}),
        "experience": ", ".join(filter(None, (card.level_name, page.years))),
        "responsibilities": [
            *at(document, ("responsibilities", "primary")),
            *at(document, ("responsibilities", "secondary")),
        ],
        "qualifications": [
            text
            for key in (("education", "minimum"), ("education", "preferred"), ("experience", "preferred"))
            for text in at(document, key)
        ],
        "skills": [
            {"name": known[need.competency].name, "level": str(need.need), "keywords": [need.tier]}
            for need in page.needs
        ]
        + [{"name": text} for text in at(document, ("skills", "hard"))],
        "meta": {
            "canonical": request.build_absolute_uri(card.url),
            "version": f"v{page.version.number}.0.0",
            "lastModified": f"{page.version.published_at:%Y-%m-%dT%H:%M:%S}" if page.version.published_at else "",
        },
    }


def linked_data(page: RolePage, request: HttpRequest) -> dict[str, Any]:
    """The role as a schema.org Occupation: a kind of work, not a vacancy."""
    document = page.document
    pay = document.get("salary")
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Occupation",
        "@id": request.build_absolute_uri(page.card.url),
        "name": page.version.title,
        "description": document.get("summary", ""),
        "responsibilities": at(document, ("responsibilities", "primary")),
        "skills": [page.catalogue.competencies[need.competency].name for need in page.needs],
        "educationRequirements": "; ".join(at(document, ("education", "minimum"))),
        "experienceRequirements": page.years,
    }
    if pay:
        data["estimatedSalary"] = {
            "@type": "MonetaryAmountDistribution",
            "currency": pay["currency"],
            "duration": SCHEMA_PERIOD[pay["period"]],
            "minValue": pay["minimum"],
            "maxValue": pay["maximum"],
        }
    return {key: value for key, value in data.items() if value}
