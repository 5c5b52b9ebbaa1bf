"""Files on the disk that no row knows: what was to go after a commit that its process did not outlive."""

from datetime import timedelta

from django.core.files.storage import default_storage
from django.utils import timezone

from accomplishments.models import File
from privacy.models import Archive

FOLDERS = {"archives": Archive, "evidence": File}
LEFT_ALONE = timedelta(days=1)  # somebody may be writing it, and its row is not there yet


def remove_strays() -> int:
    """How many there were."""
    removed = 0
    for folder, model in FOLDERS.items():
        if not default_storage.exists(folder):
            continue
        known = set(model._default_manager.values_list("content", flat=True))
        for name in (f"{folder}/{one}" for one in default_storage.listdir(folder)[1]):
            if name not in known and default_storage.get_modified_time(name) < timezone.now() - LEFT_ALONE:
                default_storage.delete(name)
                removed += 1
    return removed
