"""Everybody asks for everything in every way: each address of ours, by each kind of person, with each method.

A new address needs a row in ROWS, made by `shows`, `takes` or `both`. Words of an address that begin with @ name an
object of `world`; add one there where a row needs it.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accomplishments.choices import Answer
from accomplishments.mail import link_for_outside
from accomplishments.models import Accomplishment
from accomplishments.services.entries import archive, delete
from accomplishments.services.files import add_file
from accomplishments.services.targets import pin
from accomplishments.services.verifications import Asked, ask
from people.choices import Kind
from people.mail import stop_address
from people.models import Invitation, User
from people.queries.invitations import LINKS as INVITATIONS
from privacy.models import Archive
from privacy.queries.leaving import signed
from tests.accomplishments.test_files import upload
from tests.addresses import OURS
from tests.factories.accomplishments import asked, claim_of, entry, verified
from tests.factories.competencies import CompetencyFactory, IndicatorFactory, ProficiencyLevelFactory
from tests.factories.people import TeamFactory, UserFactory, ladder_editor
from tests.factories.roles import published

# ── Who ─────────────────────────────────────────────────────────────────────
# A panel has no right to a record before somebody's case is before it: until then its members are colleagues.
KINDS = (
    *("anonymous", "owner", "verifier", "manager", "manager's manager", "team mate", "panel member", "colleague"),
    *("ladder editor", "HR admin", "auditor", "superuser"),
)
NOBODY: frozenset[str] = frozenset()
ALL = frozenset(KINDS)
PEOPLE = ALL - {"anonymous"}
OWNER, VERIFIER, MANAGER = frozenset({"owner"}), frozenset({"verifier"}), frozenset({"manager"})
MANAGED = OWNER | MANAGER
AUDITORS = frozenset({"auditor", "superuser"})
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
SIGN_IN = "sign-in"  # what a stranger is answered who may not know whether there is anything


# ── What ────────────────────────────────────────────────────────────────────
class Row(NamedTuple):
    """An address with the words of its path: who may GET it and what they get, who may POST and what comes of it."""

    words: Mapping[str, Any]
    readers: frozenset[str] = NOBODY
    shown: int = 0  # 0: it takes no GET
    posters: frozenset[str] = NOBODY
    done: int = 0  # 0: it takes no POST
    data: Mapping[str, str] = {}
    refused: int = 404  # a POST of somebody else
    public: bool = False  # strangers are not sent to sign-in
    strangers: int = 0  # what is shown to strangers, where that is something else
    other: int = 405  # other methods

    def wants(self, kind: str, method: str) -> int | str:
        """What the table says of one cell."""
        if kind == "anonymous" and not self.public:
            return SIGN_IN
        if method == "POST" and self.done:
            return self.done if kind in self.posters else self.refused
        if method in {"GET", "HEAD"} and self.shown:
            if kind == "anonymous" and self.strangers:
                return self.strangers
            return self.shown if kind in self.readers else 404
        return self.other


def shows(readers: frozenset[str], shown: int = 200, /, *, public: bool = False, **words: Any) -> Row:
    """A page that is only read."""
    return Row(words, readers, shown, public=public or "anonymous" in readers)


def takes(posters: frozenset[str], done: int = 302, data: Mapping[str, str] | None = None, /, **words: Any) -> Row:
    """A form without a page of its own."""
    return Row(words, posters=posters, done=done, data=data or {})


def both(who: frozenset[str], done: int = 422, data: Mapping[str, str] | None = None, /, **words: Any) -> Row:
    """A page with a form; `done` is what comes of `data`, and 422 of nothing."""
    return Row(words, who, 200, who, done, data or {}, public="anonymous" in who)


# Entry of the world -> who reads it.
READERS: dict[str, frozenset[str]] = {
    "draft": OWNER,
    "private": OWNER,
    "to the manager": MANAGED,
    "to the team": MANAGED | {"team mate"},
    "to everyone": PEOPLE,
    "confidential": MANAGED,  # though it is to everyone
    "archived": OWNER,
    "deleted": OWNER,
}
ENTRIES = tuple(READERS)
LOGGED = ENTRIES[1:6]
ROLE = {"family": "data", "specialty": "science", "level": "l1"}
BATCH = "00000000-0000-4000-8000-000000000000"


def on_entries(verb: str, done: int = 302) -> list[Row]:
    """What only the owner does, to each of their entries."""
    return [takes(OWNER, done, pk=f"@{name}") for name in ENTRIES]


ROWS: dict[str, Sequence[Row]] = {
    # The shell
    "dashboards:home": [Row({}, ALL, 200, public=True, strangers=302)],  # on to the catalogue
    "appearance": [both(ALL, 302)],
    "favicon": [shows(ALL, 301)],
    "health": [shows(ALL)],
    "audit:trail": [shows(AUDITORS)],
    # The catalogue
    "roles:roles": [shows(ALL)],
    "roles:compare": [shows(ALL)],
    "roles:map": [shows(ALL)],
    "roles:family": [shows(ALL, 302, family="data")],
    "roles:ladder": [shows(ALL, family="data", specialty="science")],
    "roles:role": [shows(ALL, **ROLE)],
    "roles:role_json": [shows(ALL, **ROLE)],
    "roles:job_json": [shows(ALL, **ROLE)],
    "roles:history": [shows(ALL, **ROLE)],
    "roles:version": [shows(ALL, **ROLE, number=1), shows(NOBODY, public=True, **ROLE, number=9)],
    "roles:difference": [shows(ALL, **ROLE)],
    "roles:competencies": [shows(ALL)],
    "roles:competency": [shows(ALL, slug="design")],
    "roles:sitemap": [shows(ALL)],
    # One's own pages
    "accomplishments:log": [shows(PEOPLE)],
    "accomplishments:quick_add": [takes(PEOPLE, 422)],
    "accomplishments:new": [both(PEOPLE)],
    "accomplishments:autosave": [
        takes(PEOPLE, 204),
        *(takes(OWNER, 302, {"entry": f"@{name}", "title": "More"}) for name in ENTRIES),
    ],
    "accomplishments:imports": [both(PEOPLE)],
    "accomplishments:import_template": [shows(PEOPLE)],
    "accomplishments:inbox": [shows(PEOPLE)],
    "accomplishments:current_role": [both(PEOPLE, 302)],
    "accomplishments:views": [shows(PEOPLE)],
    "accomplishments:fit": [shows(PEOPLE)],
    "accomplishments:match": [shows(PEOPLE, **ROLE)],
    "accomplishments:receipt": [shows(PEOPLE, **ROLE)],
    "accomplishments:exempt": [takes(PEOPLE, 422, {"competency": "design"}, **ROLE)],
    "accomplishments:targets": [shows(PEOPLE)],
    "accomplishments:pin": [takes(PEOPLE, 302, {"role": "data/science/l1"})],
    "accomplishments:unpin": [takes(OWNER, pk="@target")],
    "accomplishments:make_primary": [takes(OWNER, pk="@target")],
    "accomplishments:move_on": [takes(OWNER, 302, {"version": "1"}, pk="@target")],
    "accomplishments:stay": [takes(OWNER, 302, {"version": "1"}, pk="@target")],
    "people:profile": [both(PEOPLE, 302, {"name": "Another"})],
    "people:mail": [both(PEOPLE, 302)],
    "privacy:mine": [shows(PEOPLE)],
    "privacy:kept": [shows(PEOPLE)],
    "privacy:ask": [takes(PEOPLE)],
    "privacy:archive": [shows(OWNER, token="@archive"), shows(NOBODY, token=BATCH)],
    "privacy:erase": [Row({}, PEOPLE, 302, PEOPLE, 302, other=302)],  # to the password first
    # Entries
    "accomplishments:entry": [shows(who, pk=f"@{name}") for name, who in READERS.items()],
    "accomplishments:file": [shows(who, pk=f"@{name}", file=f"@file of {name}") for name, who in READERS.items()],
    "accomplishments:entry_history": [shows(OWNER, pk=f"@{name}") for name in ENTRIES],
    "accomplishments:edit": [
        *(both(OWNER, pk=f"@{name}") for name in ENTRIES[:-1]),
        Row({"pk": "@deleted"}, NOBODY, 200, OWNER, 422),  # what was typed meanwhile is shown again
    ],
    "accomplishments:archive": on_entries("archive"),
    "accomplishments:unarchive": on_entries("unarchive"),
    "accomplishments:delete": on_entries("delete"),
    "accomplishments:undelete": on_entries("undelete"),
    "accomplishments:add_file": on_entries("add_file", 422),
    "accomplishments:remove_file": [takes(OWNER, pk=f"@{name}", file=f"@file of {name}") for name in ENTRIES],
    # Words of others
    "accomplishments:ask": [
        both(OWNER if name in LOGGED else NOBODY, 422, {"question": "Was it so?"}, pk=f"@{name}") for name in ENTRIES
    ],
    "accomplishments:withdraw": [
        takes(OWNER if name in LOGGED else NOBODY, pk=f"@{name}", batch=f"@question on {name}") for name in ENTRIES
    ],
    "accomplishments:respond": [
        # a POST to a question that is none of theirs, or no longer one, leads to the inbox, which says so
        Row({"batch": f"@question on {name}"}, who, 200, who, 422 if who else 302, refused=302)
        for name in ENTRIES
        for who in [VERIFIER if name in LOGGED else NOBODY]
    ],
    "accomplishments:resolve": [
        takes(OWNER | (MANAGED & READERS[name]), 302, {"note": "We talked."}, pk=f"@dispute on {name}")
        for name in ENTRIES
        if name != "draft"
    ],
    "accomplishments:outside": [
        both(ALL - OWNER, signed="@link for outside"),  # nobody answers about their own work
        Row({"signed": "forged"}, NOBODY, 200, NOBODY, 200, public=True),
    ],
    "accomplishments:thanks": [shows(ALL)],
    # Others
    "accomplishments:people": [shows(PEOPLE)],
    "accomplishments:person": [shows(PEOPLE, pk="@owner"), shows(MANAGER, pk="@who left"), shows(NOBODY, pk=0)],
    # Links that say who one is
    "people:stop": [
        both(ALL, 200, signed="@link to stop"),
        Row({"signed": "forged"}, NOBODY, 200, NOBODY, 200, public=True),
    ],
    "people:invitation": [
        shows(ALL, 302, signed="@invitation"),  # to the page that makes an account
        shows(NOBODY, public=True, signed="forged"),
    ],
    "privacy:left": [
        both(ALL, 302, signed="@link of who left"),
        Row({"signed": "forged"}, NOBODY, 200, NOBODY, 200, public=True),
    ],
    "privacy:left_archive": [
        shows(ALL, signed="@link of who left", token="@archive of who left"),
        shows(NOBODY, public=True, signed="@link of who left", token="@archive"),
        shows(NOBODY, public=True, signed="forged", token="@archive of who left"),
    ],
}


# ── The world ───────────────────────────────────────────────────────────────
class World(NamedTuple):
    """People by kind with the key of their session, and objects by name."""

    people: Mapping[str, User]
    sessions: Mapping[str, str]
    things: Mapping[str, Any]
    window: Client  # one for all, since each new one looks through all static files

    def filled(self, words: Mapping[str, Any]) -> dict[str, Any]:
        return {
            key: self.things[word[1:]] if isinstance(word, str) and word.startswith("@") else word
            for key, word in words.items()
        }

    def seen_by(self, kind: str) -> Client:
        """The window as somebody has it who just signed in."""
        self.window.cookies.clear()
        if kind in self.sessions:
            self.window.cookies[django_settings.SESSION_COOKIE_NAME] = self.sessions[kind]
        return self.window


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[World]:
    """Made once for all cells; what a cell changes is taken back, and in the end all of it is."""
    before = django_settings.MEDIA_ROOT
    django_settings.MEDIA_ROOT = tmp_path_factory.mktemp("files")
    with django_db_blocker.unblock(), transaction.atomic():
        people = _people()
        things = _things(people)
        sessions = {kind: _session(one) for kind, one in people.items()}
        yield World(people, sessions, things, Client(raise_request_exception=False))
        transaction.set_rollback(True)
    django_settings.MEDIA_ROOT = before


def _people() -> dict[str, User]:
    team = TeamFactory(slug="quotes")
    above = UserFactory(name="Above")
    manager = UserFactory(name="Manager", manager=above)
    found = {
        "owner": UserFactory(name="Owner", manager=manager, team=team),
        "verifier": UserFactory(name="Verifier"),
        "manager": manager,
        "manager's manager": above,
        "team mate": UserFactory(name="Mate", team=team),
        "panel member": UserFactory(name="Panel"),
        "colleague": UserFactory(name="Colleague"),
        "ladder editor": ladder_editor(name="Editor"),
        "HR admin": UserFactory(name="Hr", is_staff=True),
        "auditor": UserFactory(name="Auditor"),
        "superuser": UserFactory(name="Root", is_staff=True, is_superuser=True),
    }
    for kind, group in (("panel member", "Panel members"), ("HR admin", "HR admins"), ("auditor", "Auditors")):
        found[kind].groups.add(Group.objects.get_or_create(name=group)[0])
    return found


def _session(person: User) -> str:
    client = Client()
    client.force_login(person)
    return client.cookies[django_settings.SESSION_COOKIE_NAME].value


def _things(people: Mapping[str, User]) -> dict[str, Any]:
    owner = people["owner"]
    ProficiencyLevelFactory(number=1)
    IndicatorFactory(competency=CompetencyFactory(slug="design"))
    version = published(role="data/science/l1", needs={"design": (1, "core")})
    gone = UserFactory(name="Gone", manager=people["manager"], is_active=False, closed_at=timezone.now())
    outside = entry(person=owner, claims={"design": 1}, visibility="private")
    whom = Asked(email="ida@example.org", name="Ida")
    (question,) = ask(entry=outside, claims=outside.claims.all(), whom=whom, by=owner)
    things: dict[str, Any] = {
        "owner": owner.pk,
        "who left": gone.pk,
        "target": pin(by=owner, version=version).pk,
        "link for outside": link_for_outside(question.batch).rstrip("/").rpartition("/")[2],
        "link to stop": stop_address(Kind.DIGEST, owner).rstrip("/").rpartition("/")[2],
        "link of who left": signed(gone),
        "invitation": INVITATIONS.sign(Invitation.objects.create(email="new@ladder.example").key.hex),
        "archive": _archive(owner).token,
        "archive of who left": _archive(gone).token,
    }
    for name in ENTRIES:
        chosen = name.removeprefix("to ").removeprefix("the ")
        visibility = chosen if chosen in {"private", "manager", "team"} else "everyone"
        made = entry(
            person=owner,
            title=name,
            claims={"design": 1},
            visibility=visibility,
            confidential=name == "confidential",
            log=name != "draft",
        )
        file, _ = add_file(entry=made, by=owner, upload=upload())
        things |= {name: made.pk, f"file of {name}": file.pk, f"question on {name}": BATCH}
        if name != "draft":
            things |= _words_on(made, name, people["verifier"])
    archive(entry=Accomplishment.objects.get(pk=things["archived"]), by=owner)
    delete(entry=Accomplishment.objects.get(pk=things["deleted"]), by=owner)
    return things


def _words_on(made: Accomplishment, name: str, verifier: User) -> dict[str, Any]:
    claim = claim_of(made, "design")
    dispute = verified(claim, says=Answer.DISPUTED, note="It was not so.")
    return {f"question on {name}": asked(claim, by=verifier).batch, f"dispute on {name}": dispute.pk}


def _archive(person: User) -> Archive:
    made = Archive(person=person, state="ready", expires_at=timezone.now() + timedelta(days=1))
    made.content.save("archive.zip", ContentFile(b"PK"), save=False)
    made.save()
    return made


# ── The cells ───────────────────────────────────────────────────────────────
def cells(name: str) -> Iterator[tuple[Row, str, str]]:
    """All methods of the first row of an address; of its other rows those that depend on the object."""
    for number, row in enumerate(ROWS[name]):
        for method in METHODS if number == 0 else METHODS[:3]:
            for kind in KINDS:
                yield row, kind, method


def found(world: World, name: str, row: Row, kind: str, method: str) -> int | str:
    """What one cell answers; nothing of it stays."""
    address = reverse(name, kwargs=world.filled(row.words))
    data = world.filled(row.data) if method == "POST" else None
    with transaction.atomic():
        client = world.seen_by(kind)
        response = client.post(address, data) if data is not None else client.generic(method, address)
        if response.streaming:
            b"".join(response)  # so that the file is put down
        transaction.set_rollback(True)
    if response.status_code == 302 and response.headers["Location"].startswith("/accounts/login/?next="):
        return SIGN_IN
    return response.status_code


def test_every_address_has_a_row() -> None:
    assert sorted(one.name for one in OURS) == sorted(ROWS)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ROWS)
def test_everybody_gets_what_is_theirs_and_nothing_else(name: str, world: World) -> None:
    wrong = {}
    for row, kind, method in cells(name):
        answer = found(world, name, row, kind, method)
        if answer != row.wants(kind, method):
            wrong[kind, method, *row.words.values()] = (answer, row.wants(kind, method))
    assert wrong == {}
