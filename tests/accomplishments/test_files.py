"""Files: read by content, kept once, handed to nobody else and never as a page."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from accomplishments.files import JPEG, MOST_BYTES, PDF, PNG, TEXT, NotAllowed, clean_name, kind_of
from accomplishments.models import Accomplishment, File, Record
from accomplishments.services import files
from accomplishments.services.entries import delete
from people.models import User
from tests.conftest import texts, tree, words
from tests.factories.accomplishments import entry
from tests.factories.people import UserFactory

PDF_BYTES = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\n%%EOF"
PNG_BYTES = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06"
JPEG_BYTES = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01"
NONE_OF = "This is none of PDF, PNG, JPEG, plain text and Markdown, whatever its name says."
ACTIVE = "This text has HTML, SVG or a script in it, which is not kept. A PDF or a picture of it is."

# ── What a file is ──────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF_BYTES, PDF),
        (b"%PDF-2.0\n\xff", PDF),
        (PNG_BYTES, PNG),
        (JPEG_BYTES, JPEG),
        (b"plain\n\ttext\r\n", TEXT),
        ("Übung ✓ 👩‍💻 עברית".encode(), TEXT),
        (b"\xef\xbb\xbfwith a byte order mark", TEXT),
        (b"# Title\n\n- a < b && c > d\n- `List<String>`\n\n<https://example.com>\n", TEXT),
        (b"%PDF", TEXT),
        (b" %PDF-1.7", TEXT),
        (b"a,b\n1,2\n", TEXT),
    ],
)
def test_kind_is_read_from_the_content(content: bytes, kind: str) -> None:
    assert kind_of(content) == kind


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "This file is empty."),
        (b"GIF89a\x01\x00", NONE_OF),
        (b"PK\x03\x04\x14\x00", NONE_OF),
        (b"MZ\x90\x00\x03", f"{NONE_OF} Text has to be in UTF-8."),
        (b"\x7fELF\x02\x01\x01\x00", NONE_OF),
        ("Übung".encode("latin-1"), f"{NONE_OF} Text has to be in UTF-8."),
        ("text".encode("utf-16"), f"{NONE_OF} Text has to be in UTF-8."),
        (b"text with a \x00", NONE_OF),
        (b"text with a \x1b[31m", NONE_OF),
        (b"\x89PNG\r\n\x1a\n", f"{NONE_OF} Text has to be in UTF-8."),
        (b"\x89PNG\r\n\x1a\n<script>alert(1)</script>", f"{NONE_OF} Text has to be in UTF-8."),
        (b"<!DOCTYPE html><p>x", ACTIVE),
        (b"\xef\xbb\xbf<html>", ACTIVE),
        (b"\n\n  <HTML lang=en>", ACTIVE),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", ACTIVE),
        (b"<?xml version='1.0'?><svg/>", ACTIVE),
        (b"# Notes\n\n<script src=x></script>", ACTIVE),
        (b"# Notes\n\n<img src=x onerror=alert(1)>", ACTIVE),
        (b"<img\nsrc=x\nonerror = alert(1)>", ACTIVE),
        (b"<iframe src=x>", ACTIVE),
        (b"if a <body: pass", ACTIVE),
        (b"<?php echo 1;", ACTIVE),
        (b"#!/bin/sh\nrm -rf /", ACTIVE),
    ],
)
def test_kind_refuses_what_could_run_and_what_it_does_not_know(content: bytes, says: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        kind_of(content)
    assert str(refused.value) == says


@pytest.mark.parametrize(
    ("name", "kind", "clean"),
    [
        ("report.pdf", PDF, "report.pdf"),
        ("Report.PDF", PDF, "Report.PDF"),
        ("../../etc/passwd", TEXT, "passwd.txt"),
        ("C:\\Users\\me\\plan.txt", TEXT, "plan.txt"),
        ("evil.html", TEXT, "evil.html.txt"),
        ("evil.svg", PNG, "evil.svg.png"),
        ("notes.md", TEXT, "notes.md"),
        ("a\r\nSet-Cookie: x.txt", TEXT, "aSet-Cookie x.txt"),
        ('a"b;c.txt', TEXT, "ab;c.txt"),
        ("\u202etxt.exe", TEXT, "txt.exe.txt"),
        ("Übersicht 日本.jpg", JPEG, "Übersicht 日本.jpg"),
        ("", PNG, "file.png"),
        ("...", PNG, "file.png"),
        (".pdf", PDF, "pdf.pdf"),
        ("x" * 300 + ".pdf", PDF, "x" * 116 + ".pdf"),
        ("x." + "y" * 300, PDF, "x." + "y" * 114 + ".pdf"),
    ],
)
def test_name_is_cleaned_and_says_what_the_file_is(name: str, kind: str, clean: str) -> None:
    assert clean_name(name, kind) == clean


# ── Kept and removed ────────────────────────────────────────────────────────

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture
def me() -> User:
    return UserFactory(name="Noor")


@pytest.fixture
def made(me: User) -> Accomplishment:
    return entry(person=me, title="Quicker quotes")


def upload(content: bytes = b"words", name: str = "a.txt", kind: str = "text/plain") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, kind)


def stored(media: Path) -> list[bytes]:
    return sorted(path.read_bytes() for path in media.rglob("*") if path.is_file())


def happened(made: Accomplishment) -> list[str]:
    return [event.happened for event in made.events.order_by("pk")]


def test_add_keeps_the_content_under_a_name_that_says_nothing(made: Accomplishment, me: User, media: Path) -> None:
    before = Record.objects.get(pk=me.pk).token
    file, new = files.add_file(entry=made, by=me, upload=upload(PDF_BYTES, "evidence.png", "image/png"))
    assert new is True
    assert (file.name, file.kind, file.size) == ("evidence.png.pdf", PDF, len(PDF_BYTES))
    assert stored(media) == [PDF_BYTES]
    folder, name = str(file.content.name).split("/")
    assert (folder, len(name), name.isalnum()) == ("evidence", 32, True)
    assert (media / "evidence" / name).exists()
    assert happened(made) == ["logged", "file-added"]
    assert made.events.first().content["files"] == ["evidence.png.pdf"]
    assert Record.objects.get(pk=me.pk).token != before


def test_add_leaves_forms_that_are_open_in_date(made: Accomplishment, me: User) -> None:
    files.add_file(entry=made, by=me, upload=upload())
    assert Accomplishment.objects.get(pk=made.pk).edits == made.edits


def test_same_content_twice_is_one_file(made: Accomplishment, me: User, media: Path) -> None:
    first, _ = files.add_file(entry=made, by=me, upload=upload(name="a.txt"))
    again, new = files.add_file(entry=made, by=me, upload=upload(name="b.txt"))
    assert (again.pk, new, made.files.count()) == (first.pk, False, 1)
    assert (stored(media), happened(made)) == ([b"words"], ["logged", "file-added"])
    other = entry(person=me)
    assert files.add_file(entry=other, by=me, upload=upload())[1] is True
    assert stored(media) == [b"words", b"words"]


class Unreadable(SimpleUploadedFile):
    def read(self, *_: Any) -> bytes:
        raise AssertionError("what is too large is not read")


def test_size_is_checked_before_anything_is_read(made: Accomplishment, me: User, media: Path) -> None:
    large = Unreadable("a.txt", b"", "text/plain")
    large.size = MOST_BYTES + 1
    with pytest.raises(NotAllowed, match="larger than 10 MB"):
        files.add_file(entry=made, by=me, upload=large)
    assert (made.files.count(), stored(media) if media.exists() else []) == (0, [])


def test_largest_file_is_kept(made: Accomplishment, me: User) -> None:
    file, _ = files.add_file(entry=made, by=me, upload=upload(b"x" * MOST_BYTES))
    assert file.size == 10_485_760


def test_twenty_files_are_the_most(made: Accomplishment, me: User, media: Path) -> None:
    for n in range(20):
        files.add_file(entry=made, by=me, upload=upload(f"text {n}".encode()))
    with pytest.raises(NotAllowed, match="at most 20 files"):
        files.add_file(entry=made, by=me, upload=upload(b"one more"))
    assert (made.files.count(), len(stored(media))) == (20, 20)
    assert files.add_file(entry=made, by=me, upload=upload(b"text 3"))[1] is False


def test_deleted_entry_takes_no_file(made: Accomplishment, me: User) -> None:
    delete(entry=made, by=me)
    with pytest.raises(NotAllowed, match="Bring it back first"):
        files.add_file(entry=made, by=me, upload=upload())


def test_failed_add_leaves_nothing_in_the_store(made: Accomplishment, me: User, media: Path, monkeypatch: Any) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(files, "note", fail)
    with pytest.raises(RuntimeError), transaction.atomic():
        files.add_file(entry=made, by=me, upload=upload())
    assert (File.objects.count(), stored(media)) == (0, [])


def test_remove_keeps_the_history_and_deletes_the_content_when_it_is_sure(
    made: Accomplishment, me: User, media: Path, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    file, _ = files.add_file(entry=made, by=me, upload=upload())
    before = Record.objects.get(pk=me.pk).token
    with django_capture_on_commit_callbacks(execute=True):
        assert files.remove_file(file=file, by=me) is True
        assert stored(media) == [b"words"]
    assert (stored(media), made.files.count()) == ([], 0)
    assert happened(made) == ["logged", "file-added", "file-removed"]
    assert [event.content["files"] for event in made.events.order_by("pk")] == [[], ["a.txt"], []]
    assert Record.objects.get(pk=me.pk).token != before
    assert files.remove_file(file=file, by=me) is False
    assert len(happened(made)) == 3


# ── Pages ───────────────────────────────────────────────────────────────────


@pytest.fixture
def window(me: User) -> Client:
    client = Client()
    client.force_login(me)
    return client


def address(made: Accomplishment, *parts: object) -> str:
    return "/".join(["/log", str(made.pk), "files", *map(str, parts), ""])


def notices(response: Any) -> list[str]:
    return texts(tree(response), ".//div[@role='status']/p")


def test_add_file_redirects_with_a_message(window: Client, made: Accomplishment) -> None:
    response = window.post(address(made), {"file": upload(name="notes.md")})
    assert (response.status_code, response.headers["Location"]) == (302, f"/log/{made.pk}/#files")
    page = window.get(f"/log/{made.pk}/")
    assert notices(page) == ["notes.md is kept."]
    panel = tree(page).find(".//section[@id='files']")
    assert panel is not None
    assert texts(panel, "ul/li/span") == ["notes.mdText, 5 bytes"]
    window.post(address(made), {"file": upload(name="other.md")})
    assert notices(window.get(f"/log/{made.pk}/")) == ["notes.md is there already."]


def test_add_file_by_htmx_answers_with_the_panel_alone(window: Client, made: Accomplishment) -> None:
    headers = {"HX-Request": "true", "HX-Target": "files"}
    response = window.post(address(made), {"file": upload()}, headers=headers)
    found = tree(response)
    assert [one.get("id") for one in found] == ["files"]
    assert notices(response) == ["a.txt is kept."]
    response = window.post(address(made), {"file": upload(b"<svg/>")}, headers=headers)
    assert response.status_code == 422
    assert ACTIVE in response.content.decode()
    assert "<html" not in response.content.decode()


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({}, "Choose a file first."),
        ({"file": upload(b"")}, "This file is empty."),
        ({"file": upload(b"<html>", "a.pdf", "application/pdf")}, ACTIVE),
        ({"file": upload(b"\x00\x01", "a.png", "image/png")}, NONE_OF),
        (
            {"file": upload(b"x" * (MOST_BYTES + 1))},
            "This file is larger than 10 MB. Take a part of it, or add a link instead.",
        ),
    ],
)
def test_bad_file_is_refused_with_the_reason_and_nothing_kept(
    sent: dict[str, Any], says: str, window: Client, made: Accomplishment
) -> None:
    response = window.post(address(made), sent)
    assert response.status_code == 422
    response.status_code = 200
    page = tree(response)
    assert texts(page, ".//section[@id='files']//ul[@class='errorlist']/li") == [says]
    assert words(page.find(".//h1")) == "Quicker quotes"
    assert (made.files.count(), happened(made)) == (0, ["logged"])


def test_file_is_a_download_that_no_browser_opens(window: Client, made: Accomplishment, me: User) -> None:
    file, _ = files.add_file(entry=made, by=me, upload=upload("# Ü".encode(), "Übersicht.md"))
    response = window.get(address(made, file.pk))
    assert b"".join(response.streaming_content) == "# Ü".encode()  # type: ignore[attr-defined]
    assert response.headers["Content-Type"] == "text/plain"
    assert response.headers["Content-Disposition"] == "attachment; filename*=utf-8''%C3%9Cbersicht.md"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "private" in response.headers["Cache-Control"]
    policy = [part.strip() for part in response.headers["Content-Security-Policy"].split(";")]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert response.headers["Content-Length"] == "4"


@pytest.mark.parametrize(("content", "kind"), [(PDF_BYTES, PDF), (PNG_BYTES, PNG), (JPEG_BYTES, JPEG)])
def test_file_has_the_type_of_its_content(
    content: bytes, kind: str, window: Client, made: Accomplishment, me: User
) -> None:
    file, _ = files.add_file(entry=made, by=me, upload=upload(content, "page.html", "text/html"))
    response = window.get(address(made, file.pk))
    assert response.headers["Content-Type"] == kind
    assert response.headers["Content-Disposition"].startswith('attachment; filename="page.html.')
    response.close()


def test_file_whose_content_is_gone_is_not_found(window: Client, made: Accomplishment, me: User, media: Path) -> None:
    file, _ = files.add_file(entry=made, by=me, upload=upload())
    (media / str(file.content.name)).unlink()
    assert window.get(address(made, file.pk)).status_code == 404
    assert window.get(f"/log/{made.pk}/").status_code == 200


def test_file_belongs_to_its_entry(window: Client, made: Accomplishment, me: User) -> None:
    file, _ = files.add_file(entry=made, by=me, upload=upload())
    other = entry(person=me)
    assert window.get(address(other, file.pk)).status_code == 404
    window.post(address(other, file.pk, "remove"))
    assert made.files.count() == 1


def test_remove_file_twice_says_so(window: Client, made: Accomplishment, me: User) -> None:
    file, _ = files.add_file(entry=made, by=me, upload=upload())
    for says in ("a.txt is removed.", "This file is removed already."):
        response = window.post(address(made, file.pk, "remove"))
        assert response.headers["Location"] == f"/log/{made.pk}/#files"
        assert notices(window.get(f"/log/{made.pk}/")) == [says]


def test_files_of_others_are_not_found(made: Accomplishment, me: User) -> None:
    file, _ = files.add_file(entry=made, by=me, upload=upload())
    for somebody in (UserFactory(), UserFactory(is_staff=True, is_superuser=True)):
        client = Client()
        client.force_login(somebody)
        found = [
            client.get(address(made, file.pk)).status_code,
            client.post(address(made, file.pk, "remove")).status_code,
            client.post(address(made), {"file": upload(b"theirs")}).status_code,
        ]
        assert found == [404, 404, 404]
    assert made.files.count() == 1


def test_strangers_are_asked_to_sign_in(made: Accomplishment, me: User) -> None:
    file, _ = files.add_file(entry=made, by=me, upload=upload())
    response = Client().get(address(made, file.pk))
    assert (response.status_code, response.headers["Location"]) == (
        302,
        f"/accounts/login/?next=/log/{made.pk}/files/{file.pk}/",
    )


def test_time_to_read_a_text_grows_with_its_length_alone() -> None:
    """Half a megabyte of tags that never end was minutes once; the suite's own limit of time would tell."""
    for mark in ("<a", "<a on", "<a \n"):
        assert kind_of((mark * 100_000).encode()) == TEXT
