"""Files that show the work: kept by content under a random name, one row each."""

from datetime import datetime
from functools import partial
from hashlib import sha256

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from accomplishments.choices import Happened
from accomplishments.files import MOST_BYTES, NotAllowed, clean_name, kind_of
from accomplishments.models import Accomplishment, File, Record
from accomplishments.services.entries import note
from people.models import User

MOST_FILES = 20  # of one entry


@transaction.atomic
def add_file(*, entry: Accomplishment, by: User, upload: UploadedFile, at: datetime | None = None) -> tuple[File, bool]:
    """Keep a file with an entry; the same content again is the file that is there. Also whether it is new.
    `at` is when it was added, where that isn't now.

    Raises NotAllowed where it is too large, of no kind that is kept, or one too many.
    """
    if (upload.size or 0) > MOST_BYTES:  # known before any of it is read
        raise NotAllowed("This file is larger than 10 MB. Take a part of it, or add a link instead.")
    content = upload.read()
    kind, digest = kind_of(content), sha256(content).hexdigest()
    now = Accomplishment.objects.select_for_update().get(pk=entry.pk)
    if now.deleted_at:
        raise NotAllowed("This entry was deleted. Bring it back first.")
    if (same := now.files.filter(sha256=digest).first()) is not None:
        return same, False
    if now.files.count() >= MOST_FILES:
        raise NotAllowed(f"An entry has at most {MOST_FILES} files. Remove one first.")
    at = at or timezone.now()
    name = clean_name(upload.name or "", kind)
    file = File(accomplishment=now, name=name, kind=kind, size=len(content), sha256=digest, added_at=at)
    file.content.save(file.name, ContentFile(content), save=False)
    try:
        with transaction.atomic():
            file.save()
            note(now, Happened.FILE_ADDED, by, at)
            Record.bump(now.person_id)
    except BaseException:
        file.content.delete(save=False)
        raise
    return file, True


@transaction.atomic
def remove_file(*, file: File, by: User) -> bool:
    """The row goes now, what it held when that is sure; the history keeps its name. False where it is gone already."""
    now = Accomplishment.objects.select_for_update().get(pk=file.accomplishment_id)
    removed, _ = File.objects.filter(pk=file.pk).delete()
    if not removed:
        return False
    transaction.on_commit(partial(file.content.storage.delete, str(file.content.name)), robust=True)
    note(now, Happened.FILE_REMOVED, by)
    Record.bump(now.person_id)
    return True
