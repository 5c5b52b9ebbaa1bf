"""Roles as other programs read them."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import reverse
from jsonschema import Draft7Validator

from competencies.models import Competency
from roles.models import RoleVersion
from roles.templatetags.exchange import json_ld
from tests.conftest import Shipped, tree
from tests.factories.roles import draft, published, role_at

pytestmark = pytest.mark.django_db

HERE = "http://testserver"
SCHEMA = Path(__file__).resolve().parents[3] / "shared" / "data" / "jsonresume" / "job-schema.json"


def linked_data(client: Client, path: str) -> dict[str, Any]:
    (block,) = tree(client.get(f"/roles/{path}/")).findall(".//script[@type='application/ld+json']")
    return json.loads(block.text or "")


def test_role_json_is_the_document_with_where_it_stands(
    client: Client, catalogue: Any, shipped: dict[str, Shipped]
) -> None:
    identities = {
        str(version.role): version.role
        for version in RoleVersion.objects.current().select_related("role__level", "role__specialty__family")
    }
    for path, (number, effective, document) in shipped.items():
        response = client.get(f"/roles/{path}.json")
        assert (response.status_code, response.headers["Content-Type"]) == (200, "application/json")
        role = identities[path]
        identity = {
            "url": f"{HERE}/roles/{path}/",
            "role": path,
            "family": {"slug": role.specialty.family.slug, "name": role.specialty.family.name},
            "specialty": {
                "slug": role.specialty.slug,
                "name": role.specialty.name,
                "track": role.specialty.track,
            },
            "level": {"slug": role.level.slug, "number": role.level.number, "name": role.level.name},
            "version": number,
            "effective": effective.isoformat(),
        }
        assert response.json() == identity | document


def job_descriptions(client: Client, paths: Any) -> dict[str, Any]:
    found = {}
    for path in paths:
        response = client.get(f"/roles/{path}/job.json")
        assert (response.status_code, response.headers["Content-Type"]) == (200, "application/json")
        found[path] = response.json()
    return found


@pytest.mark.skipif(not SCHEMA.exists(), reason="The JSON Resume job schema is not beside the project.")
def test_job_json_of_every_role_fits_the_official_schema(
    client: Client, catalogue: Any, shipped: dict[str, Shipped]
) -> None:
    schema = json.loads(SCHEMA.read_text())
    validator = Draft7Validator(schema, format_checker=Draft7Validator.FORMAT_CHECKER)
    jobs = job_descriptions(client, shipped)
    assert len(jobs) > 30
    assert {path: [error.message for error in validator.iter_errors(job)] for path, job in jobs.items()} == {
        path: [] for path in shipped
    }
    assert {key for job in jobs.values() for key in job} - set(schema["properties"]) == set()
    assert not validator.is_valid({"title": 1})


def test_job_json_says_what_the_role_says(client: Client, catalogue: Any, shipped: dict[str, Shipped]) -> None:
    """The names and types of JSON Resume's job description, and behind them our document."""
    path = "software-engineering/general/l1"
    document = shipped[path].document
    job = job_descriptions(client, [path])[path]
    published_at = RoleVersion.objects.current().get(pk=_version(path)).published_at
    names = dict(Competency.objects.values_list("slug", "name"))
    skills = job.pop("skills")
    levels = [one for one in skills if "level" in one]
    assert sorted((one["name"], one["level"], one["keywords"]) for one in levels) == sorted(
        (names[need["competency"]], str(need["need"]), [need["tier"]]) for need in document["requirements"]
    )
    assert skills[len(levels) :] == [{"name": text} for text in document["skills"]["hard"]]
    assert job == {
        "title": document["title"],
        "type": "Full-time",
        "date": shipped[path].effective_from.isoformat(),
        "description": f"{document['mission']}\n\n{document['summary']}",
        "salary": "60000-85000 USD per year",
        "experience": "Associate, 0 to 2 years",
        "responsibilities": document["responsibilities"]["primary"] + document["responsibilities"]["secondary"],
        "qualifications": [
            *document["education"]["minimum"],
            *document["education"]["preferred"],
            *document["experience"]["preferred"],
        ],
        "meta": {
            "canonical": f"{HERE}/roles/{path}/",
            "version": "v1.0.0",
            "lastModified": published_at.strftime("%Y-%m-%dT%H:%M:%S"),
        },
    }


def _version(path: str) -> int:
    family, specialty, level = path.split("/")
    return (
        RoleVersion.objects.current()
        .values_list("pk", flat=True)
        .get(role__specialty__family__slug=family, role__specialty__slug=specialty, role__level__slug=level)
    )


def test_linked_data_never_ends_its_element() -> None:
    """An end tag ends at a blank too, and a comment with a script in it swallows the real end."""
    text = "</script x <!--<script &"
    block = json_ld({"name": text})
    assert block == (
        '<script type="application/ld+json">{"name": "\\u003C/script x \\u003C!--\\u003Cscript \\u0026"}</script>'
    )
    assert json.loads(block.partition(">")[2].removesuffix("</script>")) == {"name": text}
    assert ">" not in json_ld({"name": "-->"}).partition(">")[2].removesuffix("</script>")


def test_linked_data_of_every_role_is_an_occupation(
    client: Client, catalogue: Any, shipped: dict[str, Shipped]
) -> None:
    names = dict(Competency.objects.values_list("slug", "name"))
    for path, (_, _, document) in shipped.items():
        data = linked_data(client, path)
        assert (data["@context"], data["@type"]) == ("https://schema.org", "Occupation")
        assert data["@id"] == f"{HERE}/roles/{path}/"
        assert (data["name"], data["description"]) == (document["title"], document["summary"])
        assert data["responsibilities"] == document["responsibilities"]["primary"]
        assert sorted(data["skills"]) == sorted(names[need["competency"]] for need in document["requirements"])
        assert ("estimatedSalary" in data) == ("salary" in document)


@pytest.mark.parametrize(("period", "duration"), [("year", "P1Y"), ("month", "P1M"), ("day", "P1D"), ("hour", "PT1H")])
def test_linked_data_of_a_salary(period: str, duration: str, client: Client) -> None:
    pay = {"minimum": 10, "maximum": 20, "currency": "EUR", "period": period}
    published(role=role_at("data/science/l1"), title="Scientist", needs={"design": (1, "core")}, salary=pay)
    assert linked_data(client, "data/science/l1")["estimatedSalary"] == {
        "@type": "MonetaryAmountDistribution",
        "currency": "EUR",
        "duration": duration,
        "minValue": 10,
        "maxValue": 20,
    }


def test_linked_data_leaves_out_what_is_not_said(client: Client) -> None:
    published(role=role_at("data/science/l1"), title="Scientist", needs={"design": (1, "core")})
    assert linked_data(client, "data/science/l1") == {
        "@context": "https://schema.org",
        "@type": "Occupation",
        "@id": f"{HERE}/roles/data/science/l1/",
        "name": "Scientist",
        "skills": ["Design"],
    }


def test_sitemap_has_every_page_of_the_catalogue_once(
    client: Client, catalogue: Any, shipped: dict[str, Shipped]
) -> None:
    response = client.get("/sitemap.xml")
    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/xml")
    name = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    found = [one.findtext(f"{name}loc") for one in ElementTree.fromstring(response.content)]  # noqa: S314  our own
    ladders = {path.rpartition("/")[0] for path in shipped}
    assert sorted(urlsplit(address).path for address in found) == sorted(
        [
            *(reverse(f"roles:{page}") for page in ("roles", "compare", "map", "competencies")),
            *(f"/roles/{path}/" for path in (*shipped, *ladders)),
            *(f"/competencies/{slug}/" for slug in Competency.objects.values_list("slug", flat=True)),
        ]
    )
    assert {urlsplit(address).hostname for address in found} == {"testserver"}


def test_sitemap_leaves_out_drafts(client: Client) -> None:
    draft(role=role_at("data/science/l1"), needs={"design": (1, "core")})
    assert b"science" not in client.get("/sitemap.xml").content
