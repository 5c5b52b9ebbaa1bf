"""Erasing somebody: every table has a strategy, and nothing of them is left where none says so."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from accomplishments.choices import Answer, Happened
from accomplishments.models import Accomplishment, Event, File, Record, Verification
from audit.models import Event as Trail
from outbox.models import Message
from people.models import User
from privacy.choices import How
from privacy.jobs import nightly
from privacy.models import Archive
from privacy.services import erasing
from privacy.services.erasing import FORMER, LastSuperuser, erase
from privacy.strategies import STRATEGIES
from tests.conftest import texts, tree
from tests.factories.accomplishments import claim_of, entry, verified
from tests.factories.people import UserFactory
from tests.privacy.someone import ADDRESS, NAME, PASSWORD, SECOND, someone, word_of

pytestmark = pytest.mark.django_db

WORDS = (NAME, "Zébulon", "Quorra", ADDRESS, SECOND)
IS_IT_YOU = "/accounts/reauthenticate/?next=%2Faccounts%2Fdata%2Ferase%2F"
MODELS = {one._meta.label: one for one in apps.get_models(include_auto_created=True)}


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    settings.EMAIL_BACKEND = "outbox.backend.Outbox"
    settings.OUTBOX_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    return tmp_path


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder).parent) for path in folder.rglob("*") if path.is_file())


def tables_that_name_them() -> set[str]:
    """Every table of the database with a row that has one of their names or addresses in any column."""
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            for row in cursor.fetchall():
                text = "\n".join(value if isinstance(value, str) else repr(value) for value in row)
                text = text.encode().decode("unicode_escape", "ignore") + text
                if any(word.casefold() in text.casefold() for word in WORDS):
                    found.add(table)
    return found


# ── The table of strategies ─────────────────────────────────────────────────


def test_every_model_has_a_strategy() -> None:
    assert sorted(STRATEGIES) == sorted(MODELS)


def test_every_strategy_says_what_and_why() -> None:
    assert [label for label, one in STRATEGIES.items() if not (one.what and one.why.endswith("."))] == []


def test_model_that_leads_to_a_person_is_never_declared_to_hold_nothing() -> None:
    leads = {
        label
        for label, model in MODELS.items()
        if any(
            field.related_model is User for field in model._meta.get_fields() if field.concrete and field.is_relation
        )
    }
    assert {label for label in leads if STRATEGIES[label].how == How.NOTHING} == set()


def test_someone_has_a_row_wherever_something_personal_may_be(
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        someone()
    personal = [label for label, one in STRATEGIES.items() if one.how != How.NOTHING]
    assert [label for label in personal if not MODELS[label]._base_manager.exists()] == []


# ── What is left ────────────────────────────────────────────────────────────


def test_erase_leaves_nothing_of_them_but_what_is_declared_to_be_kept(
    folder: Path, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        person, colleague = someone()
    assert files(folder) == ["archives", "evidence"]
    named = tables_that_name_them()
    assert {"people_user", "outbox_message", "django_admin_log", "accomplishments_event", "audit_event"} < named
    with django_capture_on_commit_callbacks(execute=True):
        erase(person=person, by=person)
    assert tables_that_name_them() == {"audit_event"}
    assert STRATEGIES["audit.Event"].how == How.KEEP
    assert files(folder) == []
    gone = [label for label, one in STRATEGIES.items() if one.how == How.DELETE]
    left = {label: list(MODELS[label]._base_manager.all()) for label in gone}
    assert {label: rows for label, rows in left.items() if rows} == {
        "people.User": list(User.objects.all()),
        "accomplishments.Record": list(Record.objects.all()),
        "accomplishments.Accomplishment": list(Accomplishment.objects.filter(person=colleague)),
        "accomplishments.Claim": list(Accomplishment.objects.get().claims.all()),
    }
    assert User.objects.get(email="report@ladder.example").manager is None


def test_erase_keeps_what_they_stated_about_others_without_their_name() -> None:
    person, colleague = someone()
    token = Record.objects.get(person=colleague).token
    lines = list(Event.objects.filter(accomplishment__person=colleague).values("pk", "at", "happened", "by"))
    erase(person=person, by=None)
    given = Verification.objects.get(answer=Answer.CONFIRMED)
    assert (given.verifier, given.name, given.email, given.note) == (None, FORMER, "", "")
    assert given.voided_at is None
    settled = Verification.objects.get(answer=Answer.DISPUTED)
    assert (settled.resolved_at is not None, settled.resolved_by, settled.settled_note) == (True, None, "")
    waiting = Verification.objects.get(answer="")
    assert (waiting.name, waiting.voided_for) == (FORMER, "expired")
    assert Record.objects.get(person=colleague).token != token
    assert list(Event.objects.filter(accomplishment__person=colleague).values("pk", "at", "happened", "by")) == lines
    archived = Event.objects.get(happened=Happened.ARCHIVED)
    assert [answer for claim in archived.content["claims"] for answer in claim["answers"]] == [
        {"name": FORMER, "answer": "confirmed", "level": None}
    ]


def test_erase_renames_nobody_who_is_called_the_same() -> None:
    person = UserFactory(name="Ana Lima")
    other, colleague = UserFactory(name="Ana Lima"), UserFactory()
    made = entry(person=colleague, claims={"design": 2})
    verified(claim_of(made, "design"), by=other)
    Event.objects.create(
        accomplishment=made, happened=Happened.EDITED, content={"claims": [{"answers": [{"name": "Ana Lima"}]}]}
    )
    Message.objects.create(message_id="1", to=colleague.email, subject="Ana Lima asks")
    word_of(person, colleague)
    erase(person=person, by=None)
    assert Event.objects.get(accomplishment=made, happened=Happened.EDITED).content["claims"][0]["answers"] == [
        {"name": "Ana Lima"}
    ]
    assert Message.objects.get(message_id="1").subject == "Ana Lima asks"
    kept = Event.objects.filter(accomplishment__title="Colleague's work", happened=Happened.ARCHIVED).get()
    assert FORMER in str(kept.content["claims"])


def test_erase_replaces_whole_names_only_in_mail_to_others() -> None:
    person = UserFactory(name="Will", email="will@ladder.example")
    mail = {"subject": "Will asks", "text": "Willing or will, Will <WILL@ladder.example> asks.", "html": "<p>Will</p>"}
    Message.objects.create(message_id="1", to="cleo@ladder.example", **mail)
    Message.objects.create(message_id="2", to="Will@ladder.example", subject="To you")
    erase(person=person, by=None)
    message = Message.objects.get()
    long = Message.objects.create(message_id="3", to="cleo@ladder.example", subject=f"{'x' * 290} Willa")
    erase(person=UserFactory(name="Willa"), by=None)
    long.refresh_from_db()
    assert long.subject == f"{'x' * 290} {FORMER}"[:300]
    assert (message.subject, message.text, message.html) == (
        f"{FORMER} asks",
        f"Willing or will, {FORMER} <{FORMER}> asks.",
        f"<p>{FORMER}</p>",
    )


def test_erase_is_all_or_nothing(folder: Path, monkeypatch: Any, django_capture_on_commit_callbacks: Any) -> None:
    person, _ = someone()
    before = {label: model._base_manager.count() for label, model in MODELS.items()}
    kept = files(folder)

    def dies(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(erasing, "_remove_files", dies)
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(ZeroDivisionError), transaction.atomic():
        erase(person=person, by=person)
    assert {label: model._base_manager.count() for label, model in MODELS.items()} == before
    assert (files(folder), File.objects.count()) == (kept, 1)


def test_night_removes_files_that_a_process_which_died_after_the_commit_left(folder: Path, time_machine: Any) -> None:
    person, _ = someone()
    erase(person=person, by=None)  # and the commit never comes to its end
    (folder / "archives").mkdir()
    for name in ("known.zip", "stray.zip"):
        (folder / "archives" / name).write_bytes(b"")
    now = timezone.now()
    ready = {"state": "ready", "expires_at": now + timedelta(days=7)}
    Archive.objects.create(person=UserFactory(), content="archives/known.zip", **ready)
    nightly()
    assert files(folder) == ["archives", "archives", "evidence"]  # somebody may be writing them just now
    time_machine.move_to(now + timedelta(days=2))
    nightly()
    assert [path.name for path in folder.rglob("*") if path.is_file()] == ["known.zip"]


def test_erase_stands_in_the_trail_with_the_name() -> None:
    person, admin = UserFactory(name="Noor", email="noor@ladder.example"), UserFactory(name="Ad", email="ad@x.example")
    erase(person=person, by=admin)
    event = Trail.objects.get(kind="erased")
    assert (event.by, event.by_name, event.about, event.about_name, event.what) == (
        admin,
        "Ad <ad@x.example>",
        None,
        "Noor <noor@ladder.example>",
        "Erased.",
    )


def test_erase_refuses_the_last_superuser() -> None:
    last = UserFactory(is_superuser=True)
    UserFactory(is_superuser=True, is_active=False)
    with pytest.raises(LastSuperuser):
        erase(person=last, by=last)
    UserFactory(is_superuser=True)
    erase(person=last, by=last)
    assert not User.objects.filter(pk=last.pk).exists()


# ── The page ────────────────────────────────────────────────────────────────


def person_with_a_password() -> User:
    return User.objects.create_user(ADDRESS, PASSWORD, name=NAME)


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_erase_asks_for_the_password_then_for_the_address() -> None:
    person = person_with_a_password()
    client = signed_in(person)
    response = client.get("/accounts/data/erase/")
    assert response.headers["Location"] == IS_IT_YOU
    response = client.post(response.headers["Location"], {"password": PASSWORD, "next": "/accounts/data/erase/"})
    assert response.headers["Location"] == "/accounts/data/erase/"
    assert texts(tree(client.get("/accounts/data/erase/")), ".//main//h1") == ["Erase me"]
    wrong = tree(client.post("/accounts/data/erase/", {"email": "else@ladder.example"}), 422)
    assert texts(wrong, ".//ul[@class='errorlist']/li") == ["This is not the address of the account."]
    response = client.post("/accounts/data/erase/", {"email": ADDRESS.upper()})
    assert response.headers["Location"] == "/accounts/login/"
    assert not User.objects.exists()
    page = client.get("/accounts/login/")
    assert [str(one) for one in page.context["messages"]] == ["You are erased. What you took along is yours."]
    assert client.get("/accounts/data/").status_code == 302


def test_erase_posted_without_the_password_erases_nobody() -> None:
    person = person_with_a_password()
    response = signed_in(person).post("/accounts/data/erase/", {"email": ADDRESS})
    assert response.headers["Location"] == IS_IT_YOU
    assert User.objects.filter(pk=person.pk).exists()


def test_erase_tells_the_last_superuser_why_not() -> None:
    person = UserFactory(is_superuser=True, password="!")  # who has none can't be asked for it
    page = tree(signed_in(person).post("/accounts/data/erase/", {"email": person.email}), 422)
    assert texts(page, ".//ul[@class='errorlist']/li") == [
        "You are the only one who may do everything here. Let somebody else be it first."
    ]


def test_kept_lists_every_strategy_in_words() -> None:
    page = tree(signed_in(UserFactory()).get("/accounts/data/kept/"))
    assert texts(page, ".//h2") == ["In short", "Deleted", "Made anonymous", "Kept"]
    folded = [one.what for one in STRATEGIES.values() if one.how == How.NOTHING]
    assert texts(page, ".//details/summary") == [f"Nothing of a person: {len(folded)} tables"]
    assert texts(page, ".//details//b") == [f"{what}." for what in folded]
    listed = [*texts(page, ".//tbody/tr/th"), *folded]
    assert sorted(listed) == sorted(one.what for one in STRATEGIES.values())
