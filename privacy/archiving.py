"""Making one archive: a ZIP that is written as it is read, so that no size of a record or a file fills the memory."""

import json
import shutil
import uuid
import zipfile
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

import structlog
from django.core.files.base import ContentFile
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accomplishments.models import File
from audit.choices import Kind
from audit.services import record
from privacy import mail
from privacy.choices import State
from privacy.models import KEPT_FOR, Archive
from privacy.queries.content import AT_ONCE, README, files_of, parts, path_of

LEASE = timedelta(minutes=10)  # longer than one file takes; renewed with each
MOST_TRIES = 5
log = structlog.get_logger(__name__)


class Lost(Exception):
    """Somebody else is making the archive by now, or it is gone with its person."""


def make(pk: int) -> bool:
    """Make one archive that is due, whoever else tries; whether it is ready.

    Whoever moves the row on first makes it, into a file of their own. A maker that dies leaves lease and file behind;
    when the lease has run out the archive is due again, and the next maker removes that file.
    """
    before = Archive.objects.due().filter(pk=pk).first()
    name = f"archives/{uuid.uuid4().hex}.zip"
    free = Archive.objects.due().filter(pk=pk, content=before.content.name if before else "")
    if not free.update(taken_until=timezone.now() + LEASE, tries=F("tries") + 1, content=name):
        return False
    if before and before.content.name:
        before.content.storage.delete(before.content.name)
    archive = Archive.objects.select_related("person").get(pk=pk)
    try:
        size = _write(archive)
        _finish(archive, size)
    except Lost:
        archive.content.storage.delete(name)
        return False
    except Exception as problem:  # whatever it was, the archive must be tried again
        log.exception("archive_not_made", archive=pk)
        archive.content.storage.delete(name)
        _put_back(archive, problem)
        return False
    return True


def _mine(archive: Archive) -> Any:
    """The row, for as long as the lease is ours."""
    return Archive.objects.filter(pk=archive.pk, state=State.MAKING, content=archive.content.name)


def _write(archive: Archive) -> int:
    """The size in bytes. Raises Lost."""
    name, storage = str(archive.content.name), archive.content.storage
    storage.save(name, ContentFile(b""))  # makes the folder
    lost: set[int] = set()
    with storage.open(name, "wb") as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("README.txt", README)
        for file in files_of(archive.person).iterator(AT_ONCE):
            if not _copy(file, zipped):
                lost.add(file.pk)
            if not _mine(archive).update(taken_until=timezone.now() + LEASE):
                raise Lost
        with zipped.open("data.json", "w", force_zip64=True) as data:
            for piece in as_json(parts(archive.person, lost)):
                data.write(piece.encode())
    return int(storage.size(name))


def _copy(file: File, zipped: zipfile.ZipFile) -> bool:
    try:
        source = file.content.open()
    except FileNotFoundError:
        return False
    with source, zipped.open(path_of(file), "w", force_zip64=True) as target:
        shutil.copyfileobj(source, target)
    return True


def as_json(named: Iterable[tuple[str, Any]]) -> Iterator[str]:
    """One object in pieces; a part that is an iterator becomes a list, row by row."""
    between = "{\n"
    for name, part in named:
        yield f"{between}{json.dumps(name)}: "
        yield from _rows(part) if isinstance(part, Iterator) else (_dumped(part),)
        between = ",\n"
    yield "\n}\n"


def _rows(rows: Iterator[Any]) -> Iterator[str]:
    between = "[\n"
    for row in rows:
        yield between + _dumped(row)
        between = ",\n"
    yield "[]" if between == "[\n" else "\n]"


def _dumped(content: Any) -> str:
    return json.dumps(content, cls=DjangoJSONEncoder, ensure_ascii=False)


@transaction.atomic
def _finish(archive: Archive, size: int) -> None:
    """Ready, with the mail that says so. Raises Lost."""
    ready = {"state": State.READY, "size": size, "taken_until": None, "trouble": ""}
    if not _mine(archive).update(**ready, expires_at=timezone.now() + KEPT_FOR):
        raise Lost
    record(kind=Kind.EXPORTED, by=None, about=archive.person, what="The archive is ready.")
    mail.ready(archive.person)


def _put_back(archive: Archive, problem: Exception) -> None:
    _mine(archive).update(
        state=State.MAKING if archive.tries < MOST_TRIES else State.FAILED,
        content="",
        taken_until=None,
        trouble=f"{type(problem).__name__}: {problem}"[:300],
    )
