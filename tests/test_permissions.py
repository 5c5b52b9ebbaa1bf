"""The catalogue, the admin and the account pages, asked for by everyone; and what no page may contain."""

import re
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from competencies.models import Competency, ProficiencyLevel
from people.models import Invitation, User
from roles.models import RoleVersion
from tests.addresses import ACCOUNTS, ADMIN, Address
from tests.factories.competencies import CompetencyFactory, IndicatorFactory, ProficiencyLevelFactory
from tests.factories.people import TeamFactory, UserFactory, ladder_editor
from tests.factories.roles import draft, published, role_at
from tests.test_matrix import ROWS

pytestmark = pytest.mark.django_db

PROJECT = Path(__file__).resolve().parent.parent
TEMPLATES = sorted(
    path
    for folder in PROJECT.iterdir()
    if folder.is_dir() and not folder.name.startswith((".", "var", "staticfiles"))
    for path in folder.rglob("*.html")
    if path.parent.name != "mail"  # no page: mail programs have policies of their own, and no style sheet of ours
)
CSP_NEVER = ("unsafe-inline", "unsafe-eval", "unsafe-hashes", "http:", "https:", "*")

EVERYONE = ("stranger", "person", "editor", "hr", "superuser")
NOWHERE = "00000000-0000-4000-8000-000000000000"
NOTHING = {"pk": 1, "file": 1, "batch": NOWHERE, "token": NOWHERE, "signed": "forged"}  # none of these is there
# Name -> words of its path. What each gives to whom is said, and seen, in test_matrix.py.
ADDRESSES = {
    name: {key: NOTHING[key] if str(word).startswith("@") else word for key, word in rows[0].words.items()}
    for name, rows in ROWS.items()
}
ROLE = ADDRESSES["roles:role"]
# Version 2 comes into force in a hundred years: for those who may read versions that are not in force.
SCHEDULED = {"stranger": 404, "person": 404, "editor": 200, "hr": 404, "superuser": 200}
CATALOGUE = [name for name in ADDRESSES if name.startswith("roles:")]


@pytest.fixture(autouse=True)
def one_role() -> None:
    ProficiencyLevelFactory(number=1)
    IndicatorFactory(competency=CompetencyFactory(slug="design"))
    role = role_at("data/science/l1")
    published(role=role, title="Scientist", needs={"design": (1, "core")})
    published(role=role, title="Future Scientist", needs={"design": (2, "core")}, effective_from="2126-01-01")
    draft(role=role, title="Secret Scientist", needs={"design": (1, "core")})


def signed_in(person: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(person)
    return client


@pytest.fixture
def everyone() -> dict[str, Client]:
    return {
        "stranger": Client(raise_request_exception=False),
        "person": signed_in(UserFactory()),
        "editor": signed_in(ladder_editor()),
        "hr": signed_in(UserFactory(is_staff=True)),
        "superuser": signed_in(UserFactory(is_staff=True, is_superuser=True)),
    }


def to_sign_in(response: Any) -> bool:
    return response.status_code == 302 and response.headers["Location"].startswith(
        ("/accounts/login/?next=", "/admin/login/?next=")
    )


# ── The catalogue ───────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", [name for name in CATALOGUE if ADDRESSES[name]])
def test_address_of_what_is_not_there_is_not_found(name: str, everyone: dict[str, Client]) -> None:
    address = reverse(name, kwargs={key: 99 if key == "number" else "nothing" for key in ADDRESSES[name]})
    assert {kind: client.get(address).status_code for kind, client in everyone.items()} == dict.fromkeys(EVERYONE, 404)


def test_scheduled_version_is_for_those_who_may_read_it(everyone: dict[str, Client]) -> None:
    address = reverse("roles:version", kwargs=ROLE | {"number": 2})
    assert {kind: client.get(address).status_code for kind, client in everyone.items()} == SCHEDULED
    history = reverse("roles:history", kwargs=ROLE)
    seen = {kind: 200 if b"Future" in client.get(history).content else 404 for kind, client in everyone.items()}
    assert seen == SCHEDULED


def test_appearance_takes_no_post_from_elsewhere() -> None:
    assert Client(enforce_csrf_checks=True).post("/appearance/", {"theme": "dark"}).status_code == 403


# ── The catalogue behind sign-in ────────────────────────────────────────────


@pytest.mark.parametrize("name", CATALOGUE)
def test_closed_catalogue_asks_strangers_to_sign_in(name: str, everyone: dict[str, Client], settings: Any) -> None:
    address = reverse(name, kwargs=ADDRESSES[name])
    query = "?q=a&level=l1"
    assert everyone["stranger"].get(address).status_code == ROWS[name][0].shown  # and so it is kept
    settings.PUBLIC_CATALOGUE = False
    for _ in range(2):
        for asked in (address, address + query):
            response = everyone["stranger"].get(asked)
            assert to_sign_in(response)
            assert (
                response.headers["Location"]
                == f"/accounts/login/?next={asked.replace('?', '%3F').replace('=', '%3D').replace('&', '%26')}"
            )
            assert response.content == b""
        for kind in EVERYONE[1:]:
            assert (kind, everyone[kind].get(address).status_code) == (kind, ROWS[name][0].shown)


def test_closed_catalogue_says_nothing_of_what_it_holds(everyone: dict[str, Client], settings: Any) -> None:
    settings.PUBLIC_CATALOGUE = False
    known = everyone["stranger"].get("/roles/data/science/l1/", headers={"If-None-Match": '"anything"'})
    unknown = everyone["stranger"].get("/roles/data/science/l9/")
    assert to_sign_in(known)
    assert to_sign_in(unknown)


def test_closed_catalogue_leaves_the_way_in_open(everyone: dict[str, Client], settings: Any) -> None:
    settings.PUBLIC_CATALOGUE = False
    found = {
        a: everyone["stranger"].get(a).status_code
        for a in ("/accounts/login/", "/appearance/", "/health/", "/nothing/")
    }
    assert found == {"/accounts/login/": 200, "/appearance/": 200, "/health/": 200, "/nothing/": 404}


# ── Caches ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", sorted(ADDRESSES))
def test_page_of_somebody_signed_in_is_kept_by_no_cache(name: str, everyone: dict[str, Client]) -> None:
    response = everyone["superuser"].get(reverse(name, kwargs=ADDRESSES[name]))
    said = {part.strip() for part in response.headers["Cache-Control"].split(",")}
    assert "private" in said
    assert said & {"no-cache", "no-store"}


# ── The admin ───────────────────────────────────────────────────────────────


def in_admin(one: Address, things: dict[str, Any]) -> str:
    """An address of the admin with an object that is there."""
    route = one.route.replace("(?P<url>.*)$", "nothing/at/all/")
    route = re.sub(r"\^\(\?P<app_label>(\w+).*\)/\$", r"roles/", route)
    model = route.split("/")[2] if route.count("/") > 2 else ""
    route = route.replace("<path:content_type_id>", "1")
    return "/" + re.sub(r"<(?:path:)?(?:object_id|id)>", str(things.get(model, 1)), route)


@pytest.fixture
def things() -> dict[str, Any]:
    """Model -> the key of a row of it."""
    version = RoleVersion.objects.get(number=1)
    role = version.role
    return {
        "roleversion": version.pk,
        "role": role.pk,
        "level": role.level_id,
        "specialty": role.specialty_id,
        "family": role.specialty.family_id,
        "competency": Competency.objects.get().pk,
        "area": Competency.objects.get().area_id,
        "proficiencylevel": ProficiencyLevel.objects.first().pk,
        "user": UserFactory(email="nobody@ladder.example").pk,
        "team": TeamFactory().pk,
        "invitation": Invitation.objects.create(email="new@ladder.example").pk,
        "group": Group.objects.first().pk,
    }


def test_admin_sends_strangers_and_people_to_sign_in(everyone: dict[str, Client], things: dict[str, Any]) -> None:
    wrong = {}
    for one in ADMIN:
        address = in_admin(one, things)
        for kind in ("stranger", "person"):
            response = everyone[kind].get(address)
            if not to_sign_in(response):
                wrong[address, kind] = (response.status_code, response.headers.get("Location"))
    assert wrong == {
        ("/admin/login/", "person"): (403, None),
        ("/admin/logout/", "person"): (302, "/admin/"),  # which leads to sign-in in its turn
    }


def test_admin_sign_in_goes_through_ours(everyone: dict[str, Client]) -> None:
    response = everyone["stranger"].get("/admin/login/?next=/admin/")
    assert (response.status_code, response.headers["Location"]) == (302, "/accounts/login/?next=%2Fadmin%2F")
    assert everyone["person"].get("/admin/login/?next=/admin/").status_code == 403


def test_admin_answers_superusers_and_never_breaks(everyone: dict[str, Client], things: dict[str, Any]) -> None:
    broken = {}
    for one in ADMIN:
        address = in_admin(one, things)
        for kind in ("superuser", "editor", "hr"):
            if address == "/admin/logout/":
                continue
            status = everyone[kind].get(address).status_code
            if status >= 500 or (
                kind == "superuser"
                and one.name.endswith(("_changelist", "_add", "index"))
                and status not in {200, 403, 302}
            ):
                broken[address, kind] = status
    assert broken == {}


def test_admin_gives_hr_nothing_of_roles(everyone: dict[str, Client], things: dict[str, Any]) -> None:
    """Staff without a permission sees the front page of the admin and nothing of the ladder."""
    models = re.compile(r"/admin/(roles|competencies|people|auth)/\w")
    addresses = {in_admin(one, things) for one in ADMIN if one.name != "admin:"}
    ladder = sorted(address for address in addresses if models.match(address))
    assert len(ladder) > 40
    found = {address: everyone["hr"].get(address).status_code for address in ladder}
    assert {address: status for address, status in found.items() if status not in {403, 404, 405}} == {}
    assert everyone["hr"].get("/admin/").status_code == 200


def test_admin_gives_editors_the_ladder_but_no_people(everyone: dict[str, Client], things: dict[str, Any]) -> None:
    editor = everyone["editor"]
    lists = {"family", "specialty", "level", "role", "roleversion"}
    assert {m: editor.get(f"/admin/roles/{m}/").status_code for m in lists} == dict.fromkeys(lists, 200)
    assert editor.get("/admin/competencies/competency/").status_code == 200
    closed = ("people/user", "people/team", "auth/group", "account/emailaddress", "mfa/authenticator")
    assert {m: editor.get(f"/admin/{m}/").status_code for m in closed} == dict.fromkeys(closed, 403)
    assert editor.get(f"/admin/people/user/{things['user']}/change/").status_code == 403


# ── Accounts ────────────────────────────────────────────────────────────────


def test_account_pages_never_break(everyone: dict[str, Client]) -> None:
    words = {"key": "a-key", "uidb36": "1", "pk": 1, "provider_id": "sso"}
    found = {}
    for one in ACCOUNTS:
        for kind, client in everyone.items():
            named = {name: words[name] for name in one.parameters}
            address = reverse(one.name, kwargs=named) if one.name else f"/{one.route}"  # old ones of allauth have none
            found[address, kind] = client.get(address).status_code
    assert len(found) > 100
    assert {asked: status for asked, status in found.items() if status not in {200, 301, 302, 401, 403, 404, 405}} == {}


@pytest.mark.parametrize("name", ["account_email", "account_change_password", "mfa_index", "mfa_activate_totp"])
def test_account_pages_of_ones_own_ask_for_sign_in(name: str, everyone: dict[str, Client]) -> None:
    assert to_sign_in(everyone["stranger"].get(reverse(name)))
    assert everyone["person"].get(reverse(name), follow=True).status_code == 200


# ── What no page may contain ────────────────────────────────────────────────


def policy(response: Any) -> dict[str, list[str]]:
    parts = (part.split() for part in response.headers["Content-Security-Policy"].split(";"))
    return {part[0]: part[1:] for part in parts if part}


def test_every_page_has_the_strict_policy(everyone: dict[str, Client], things: dict[str, Any]) -> None:
    addresses = [reverse(name, kwargs=words) for name, words in ADDRESSES.items()]
    addresses += [in_admin(one, things) for one in ADMIN]
    addresses += [
        "/nothing/",
        "/roles/nothing/",
        *(f"/accounts/{one}/" for one in ("login", "signup", "password/reset")),
    ]
    for address in addresses:
        for kind in ("stranger", "superuser"):
            found = policy(everyone[kind].get(address))
            assert found["default-src"] == ["'none'"], address
            assert (found["script-src"], found["style-src"]) == (["'self'"], ["'self'"]), address
            assert found["frame-ancestors"] == found["base-uri"] == ["'none'"], address
            assert [one for values in found.values() for one in values if one.strip("'") in CSP_NEVER] == [], address


class _Inline(HTMLParser):
    """Collects what the policy would block."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        given = dict(attrs)
        if tag == "style" or (tag == "script" and "src" not in given and given.get("type") not in DATA):
            self.found.append(f"<{tag}>")
        self.found += [f"{tag} {name}" for name in given if name == "style" or name.startswith(("on", "hx-on"))]
        self.found += [f"{tag} {value}" for value in given.values() if (value or "").strip().startswith("javascript:")]

    handle_startendtag = handle_starttag


DATA = {"application/json", "application/ld+json"}


def inline(text: str) -> list[str]:
    parser = _Inline()
    parser.feed(text)
    return parser.found


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_template_has_nothing_inline(path: Path) -> None:
    text = re.sub(r"{[%{#].*?[%}#]}", "", path.read_text())
    assert inline(text) == []
    assert re.findall(r"\sstyle=|\son\w+=\"|hx-on|javascript:|<style", text) == []


def test_templates_are_found() -> None:
    assert PROJECT / "templates" / "base.html" in TEMPLATES
    assert inline('<p style="x" onclick="y">a</p><script>1</script><a href="javascript:1">b</a>') == [
        "p style",
        "p onclick",
        "<script>",
        "a javascript:1",
    ]


def test_no_page_has_anything_inline(everyone: dict[str, Client]) -> None:
    call_command("load_demo", stdout=StringIO())
    addresses = [reverse(name, kwargs=words) for name, words in ADDRESSES.items() if name != "health"]
    addresses += [
        f"/accounts/{one}/" for one in ("login", "signup", "password/reset", "email", "password/change", "2fa")
    ]
    found = {
        (address, kind): inline(everyone[kind].get(address).content.decode())
        for address in [*addresses, "/nothing/"]
        for kind in ("stranger", "person")
    }
    assert {asked: parts for asked, parts in found.items() if parts} == {}


def test_every_answer_forbids_frames_and_sniffing(everyone: dict[str, Client]) -> None:
    for address in (
        "/roles/",
        "/roles/data/science/l1/",
        "/accounts/login/",
        "/nothing/",
        "/roles/data/science/l1.json",
    ):
        headers = everyone["stranger"].get(address).headers
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
