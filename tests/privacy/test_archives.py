"""The archive of all that is somebody's: what is in it, who gets it, and that no dead worker loses it."""

import io
import json
import os
import tracemalloc
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accomplishments.models import File
from accomplishments.services.files import add_file
from accomplishments.services.verifications import Asked, ask, withdraw
from audit.models import Event as Trail
from outbox.models import Message
from people.models import User
from privacy import archiving
from privacy.archiving import LEASE, MOST_TRIES, as_json, make
from privacy.choices import How, State
from privacy.jobs import nightly
from privacy.models import Archive
from privacy.queries.content import README, parts
from privacy.services import archives
from privacy.strategies import STRATEGIES
from tests.conftest import texts, tree
from tests.factories.accomplishments import entry
from tests.factories.people import UserFactory
from tests.privacy.someone import ADDRESS, NAME, PDF, SECOND, someone

pytestmark = pytest.mark.django_db

MINE = "/accounts/data/"
MADE = "Your archive is being made. You get a mail when it is ready."


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    settings.EMAIL_BACKEND = "outbox.backend.Outbox"
    settings.OUTBOX_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    return tmp_path


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def asked(person: User) -> Archive:
    """Asked for, and not begun: the test's transaction never ends."""
    return archives.ask(person=person)[0]


def made(person: User) -> Archive:
    archive = asked(person)
    assert make(archive.pk)
    archive.refresh_from_db()
    return archive


def address(archive: Archive) -> str:
    return f"/accounts/data/archive/{archive.token}.zip"


def opened(archive: Archive) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(Path(archive.content.path).read_bytes()))


def data(archive: Archive) -> dict[str, Any]:
    return json.loads(opened(archive).read("data.json"))


def kept(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "archives").glob("*"))


# ── What is in it ───────────────────────────────────────────────────────────


def test_archive_holds_every_part_that_a_strategy_names_and_says_what_it_is() -> None:
    person, _ = someone()
    found = list(data(made(person)))
    declared = {one.part for one in STRATEGIES.values() if one.how != How.NOTHING and one.part}
    assert set(found) == declared | {"about"}
    assert [part for part in found if f"\n{part} " not in README] == []


def test_archive_of_someone_has_all_that_is_theirs() -> None:
    person, _ = someone()
    archive = made(person)
    found = data(archive)
    assert found["profile"] | {"date_joined": "", "last_login": ""} == {
        "email": ADDRESS,
        "name": NAME,
        "pronouns": "they",
        "time_zone": "",
        "language": "",
        "muted": [],
        "quiet_from": None,
        "quiet_until": None,
        "date_joined": "",
        "manager": "",
        "team": "Quotes",
        "groups": ["Panel members"],
        "permissions": ["view_role"],
        "is_active": True,
        "is_staff": False,
        "is_superuser": False,
        "last_login": "",
        "closed_at": None,
    }
    assert [one["email"] for one in found["sign_in"]["addresses"]] == [ADDRESS, SECOND]
    assert [one["type"] for one in found["sign_in"]["second_factors"]] == ["totp"]
    assert "secret" not in json.dumps(found)
    assert [one["user_agent"] for one in found["sign_in"]["sessions"]] == ["Netscape"]
    assert found["record"] == {"role": "data/science/l1", "since": "2026-01-01"}
    [one] = found["entries"]
    [claim] = one["claims"]
    assert (one["title"], one["links"], claim["competency"]) == (
        "Made the thing",
        ["https://git.example.org/1"],
        "design",
    )
    assert [(said["name"], said["answer"], said["note"]) for said in claim["verifications"]] == [
        ("Cleo Colleague", "confirmed", "I saw it.")
    ]
    assert [event["happened"] for event in one["history"]] == ["file-added", "logged"]
    assert [(said["owner"], said["competency"], said["answer"]) for said in found["stated"][:-1]] == [
        ("Cleo Colleague", "writing", "confirmed"),
        ("Cleo Colleague", "design", ""),
    ]
    assert found["stated"][-1]["settled_note"] == "Settled by Zébulon O'Quorra."
    assert [len(found[part]) for part in ("targets", "not_applicable", "ratings", "archives")] == [1, 1, 1, 1]
    assert "To you" in [one["subject"] for one in found["mail"]]
    assert [one for one in found["mail"] if one["to"] not in {ADDRESS, SECOND}] == []
    [file] = one["files"]
    assert opened(archive).read(file["path"]) == PDF
    assert sorted(opened(archive).namelist()) == sorted(["README.txt", "data.json", file["path"]])


def test_archive_names_others_in_the_trail_only_where_the_person_could_see_them() -> None:
    person, admin = UserFactory(), UserFactory(name="Ad Min")
    for by, kind in ((admin, "admin"), (person, "signed-in")):
        Trail.objects.create(kind=kind, by=by, by_name=by.name, about=person, origin="192.0.2.1", what="x")
    Trail.objects.create(kind="admin", by=admin, by_name="Ad Min", about=admin, what="somebody else")
    rows = [(one["by"], one["origin"]) for one in data(made(person))["trail"]]
    assert rows[:2] == [("", None), (person.name, "192.0.2.1")]
    assert len(rows) == 3  # and that the archive was asked for


def test_archive_does_not_name_who_looked_and_is_erased() -> None:
    person, there = UserFactory(), UserFactory(name="Ines")
    for by, name in ((there, "Ines <ines@x.example>"), (None, "Nia <nia@x.example>")):
        Trail.objects.create(kind="viewed", by=by, by_name=name, about=person, what="Opened the record")
    assert [one["by"] for one in data(made(person))["trail"]][:2] == ["Ines", "somebody whose account is erased"]


def test_archive_says_which_file_was_lost() -> None:
    person = UserFactory()
    add_file(entry=entry(person=person), by=person, upload=SimpleUploadedFile("proof.pdf", PDF))
    file = File.objects.get()
    file.content.storage.delete(file.content.name)
    assert data(made(person))["entries"][0]["files"][0]["path"] is None


def test_archive_of_somebody_new_is_whole_json() -> None:
    found = data(made(UserFactory()))
    assert (found["entries"], found["stated"], found["record"]) == ([], [], {"role": "", "since": None})


def test_archive_says_no_title_of_what_one_may_no_longer_read() -> None:
    sven, secret = UserFactory(), entry(title="The merger", claims={"design": 1})
    (question,) = ask(entry=secret, claims=secret.claims.all(), whom=Asked(verifier=sven), by=secret.person)
    assert [said["entry"] for said in data(made(sven))["stated"]] == ["The merger"]
    withdraw(entry=secret, batch=question.batch)
    assert [said["entry"] for said in data(made(sven))["stated"]] == [""]


def test_as_json_streams_rows_and_is_one_document() -> None:
    pieces = as_json([("a", {"x": 1}), ("b", iter([1, 2])), ("c", iter([])), ("d", None)])
    assert json.loads("".join(pieces)) == {"a": {"x": 1}, "b": [1, 2], "c": [], "d": None}


def test_parts_ask_the_database_no_more_for_many_entries(django_assert_num_queries: Any) -> None:
    person = UserFactory()
    for n in range(3):
        entry(person=person, claims={"design": 1, f"skill-{n}": 1})
    with django_assert_num_queries(27):
        "".join(as_json(parts(person, set())))
    for n in range(10):
        entry(person=person, claims={"design": 1, f"skill-{n}": 1})
    with django_assert_num_queries(27):
        "".join(as_json(parts(person, set())))


def test_make_holds_no_file_in_memory(folder: Path) -> None:
    """Forty megabytes that don't compress, through a window of a few."""
    person = UserFactory()
    kept = folder / "evidence" / "large"
    kept.parent.mkdir()
    with kept.open("wb") as large:
        for _ in range(40):
            large.write(os.urandom(1 << 20))
    made_of = {"name": "a.pdf", "kind": "application/pdf", "size": 40 << 20, "sha256": "0" * 64}
    File.objects.create(accomplishment=entry(person=person), content="evidence/large", **made_of)
    made(UserFactory())  # so that what is read once is read
    archive = asked(person)
    tracemalloc.start()
    try:
        assert make(archive.pk)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    archive.refresh_from_db()
    assert archive.size > 40 << 20
    assert peak < 4 << 20


def test_mine_asks_the_database_no_more_for_many_archives(django_assert_num_queries: Any) -> None:
    person = UserFactory()
    client = signed_in(person)
    client.get(MINE)
    for count in (1, 3):
        Archive.objects.all().delete()
        for _ in range(count):
            made(person)
        with django_assert_num_queries(3):
            client.get(MINE)


# ── Asking, making, getting ─────────────────────────────────────────────────


def test_ask_makes_an_archive_after_commit_and_tells_by_mail(
    django_capture_on_commit_callbacks: Any, mailoutbox: list[Any]
) -> None:
    person = UserFactory(email="noor@ladder.example", muted=["archive"])
    client = signed_in(person)
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post("/accounts/data/archive/")
    assert response.headers["Location"] == MINE
    archive = Archive.objects.get()
    assert (archive.state, archive.person) == (State.READY, person)
    assert [(mail.to, mail.subject) for mail in mailoutbox] == [(["noor@ladder.example"], "Your archive is ready")]
    assert "http://127.0.0.1:8000/accounts/data/" in mailoutbox[0].body
    page = client.get(MINE)
    assert [str(one) for one in page.context["messages"]] == [MADE]
    [link] = [link.get("href") for link in tree(page).findall(".//main//a") if "archive" in link.get("href")]
    answer = client.get(link)
    assert b"".join(answer.streaming_content) == Path(archive.content.path).read_bytes()
    assert answer.headers["Content-Disposition"] == f'attachment; filename="ladder-{archive.asked_at:%Y-%m-%d}.zip"'
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert list(Trail.objects.filter(kind="exported").order_by("pk").values_list("what", flat=True)) == [
        "Asked for an archive of their data.",
        "The archive is ready.",
        "Downloaded the archive.",
    ]


def test_ask_twice_while_one_is_made_gives_that_one() -> None:
    person = UserFactory()
    client = signed_in(person)
    for said in (MADE, "Your archive is being made already."):
        client.post("/accounts/data/archive/")
        assert [str(one) for one in client.get(MINE).context["messages"]] == [said]
    assert Archive.objects.count() == 1
    with pytest.raises(IntegrityError, match="archive"), transaction.atomic():
        Archive.objects.create(person=person)
    assert make(Archive.objects.get().pk)
    assert asked(person) != Archive.objects.get(state=State.READY)


def test_ask_is_limited() -> None:
    client = signed_in(UserFactory())
    assert [client.post("/accounts/data/archive/").status_code for _ in range(11)] == [302] * 10 + [429]


def test_archive_is_its_persons_alone() -> None:
    archive = made(UserFactory())
    others = (UserFactory(), UserFactory(is_staff=True, is_superuser=True), UserFactory())
    assert [signed_in(one).get(address(archive)).status_code for one in others] == [404] * 3
    assert Client().get(address(archive)).headers["Location"].startswith("/accounts/login/")


def test_archive_lies_under_a_name_that_nobody_guesses(folder: Path) -> None:
    archive = made(UserFactory())
    assert kept(folder) == [Path(archive.content.name).name]
    assert len(kept(folder)[0]) == len("0" * 32 + ".zip")


def test_archive_expires_after_a_week_and_the_night_removes_it(
    folder: Path, time_machine: Any, django_capture_on_commit_callbacks: Any
) -> None:
    time_machine.move_to("2026-11-01")
    archive = made(UserFactory())
    client = signed_in(archive.person)
    time_machine.move_to("2026-11-07 23:59")
    with django_capture_on_commit_callbacks(execute=True):
        nightly()
    assert len(b"".join(client.get(address(archive)).streaming_content)) == archive.size
    time_machine.move_to("2026-11-08 00:01")
    assert client.get(address(archive)).status_code == 404
    with django_capture_on_commit_callbacks(execute=True):
        nightly()
    assert (Archive.objects.count(), kept(folder)) == (0, [])


def test_archive_whose_file_is_gone_is_not_found(folder: Path) -> None:
    archive = made(UserFactory())
    (folder / archive.content.name).unlink()
    assert signed_in(archive.person).get(address(archive)).status_code == 404


# ── Makers that die ─────────────────────────────────────────────────────────


def test_make_is_done_once_whoever_tries() -> None:
    archive = asked(UserFactory())
    assert [make(archive.pk), make(archive.pk)] == [True, False]


def test_sweep_hands_over_what_a_dead_maker_left_and_its_file_goes(folder: Path) -> None:
    archive = asked(UserFactory())
    left = folder / "archives" / "left.zip"
    left.parent.mkdir()
    left.write_bytes(b"half")
    soon = timezone.now() + LEASE
    Archive.objects.update(taken_until=soon, tries=1, content="archives/left.zip")
    assert (archives.sweep(), left.exists()) == (0, True)
    Archive.objects.update(taken_until=timezone.now() - timedelta(seconds=1))
    assert archives.sweep() == 1
    archive.refresh_from_db()
    assert (archive.state, archive.tries, left.exists(), len(kept(folder))) == (State.READY, 2, False, 1)


def test_maker_that_lost_its_lease_leaves_the_other_ones_archive_alone(folder: Path, monkeypatch: Any) -> None:
    archive = asked(UserFactory())
    write = archiving._write

    def slow(mine: Archive) -> int:
        """Meanwhile the lease runs out, and another maker is through."""
        monkeypatch.setattr(archiving, "_write", write)
        Archive.objects.update(taken_until=timezone.now() - timedelta(seconds=1))
        assert make(mine.pk)
        return write(mine)

    monkeypatch.setattr(archiving, "_write", slow)
    assert not make(archive.pk)
    archive.refresh_from_db()
    assert (archive.state, kept(folder)) == (State.READY, [Path(archive.content.name).name])
    assert Message.objects.count() == 1


def test_maker_that_fails_tries_again_and_gives_up_in_the_end(folder: Path, monkeypatch: Any) -> None:
    def broken(*_: Any) -> Any:
        raise OSError("the disk is full")

    monkeypatch.setattr(archiving, "as_json", broken)
    archive = asked(UserFactory())
    for _ in range(MOST_TRIES):
        assert not make(archive.pk)
    archive.refresh_from_db()
    assert (archive.state, archive.trouble, kept(folder)) == (State.FAILED, "OSError: the disk is full", [])
    page = tree(signed_in(archive.person).get(MINE))
    assert "could not be made" in texts(page, ".//div[@role='status']")[0]
    assert not make(archive.pk)
