"""A worker that is killed over an archive; on PostgreSQL and Redis only."""

import os
from pathlib import Path
from typing import Any

import pytest

from tests.outbox.test_faults import Post, Site, await_that, post, pytestmark, redis, site

__all__ = ["post", "pytestmark", "redis", "site"]  # fixtures, and when they can be had

SETUP = """
from django.core.files.uploadedfile import SimpleUploadedFile
from accomplishments.services.entries import Typed, add
from accomplishments.services.files import add_file
from people.models import User
person = User.objects.create_user('noor@ladder.example', 'a-rung-at-a-time-9')
entry = add(by=person, typed=Typed({'title': 'Made a thing'}), log=False)
file, _ = add_file(entry=entry, by=person, upload=SimpleUploadedFile('a.pdf', b'%PDF-1.4 proof'))
print(file.content.path)
"""
ASK = "from privacy.services.archives import ask; from people.models import User; ask(person=User.objects.get())"
AGAIN = """
from django.utils import timezone
from privacy.models import Archive
from privacy.services.archives import sweep
Archive.objects.update(taken_until=timezone.now())
print(sweep())
"""
STATE = "from privacy.models import Archive; a = Archive.objects.get(); print(a.state, a.tries, a.size > 0)"


@pytest.fixture
def stuck(site: Site) -> Path:
    """An evidence file at which whoever reads it waits for ever."""
    path = Path(site.python(SETUP).splitlines()[-1])
    path.unlink()
    os.mkfifo(path)
    return path


def test_killed_worker_loses_no_archive(site: Site, stuck: Path, post: tuple[Post, int], redis: Any) -> None:
    """kill -9 while it packs a file; the next one begins anew and leaves nothing of the first."""
    server, _ = post
    server.open.set()
    redis()
    worker = site.worker()
    site.python(ASK)
    folder = site.folder / "files" / "archives"
    await_that(lambda: folder.exists() and list(folder.iterdir()), "the worker has begun")
    await_that(lambda: site.python(STATE) == "making 1 False", "the worker holds the lease")
    site.kill(worker)
    [half] = folder.iterdir()
    stuck.unlink()
    stuck.write_bytes(b"%PDF-1.4 proof")
    site.worker()
    assert site.python(AGAIN) == "1"
    await_that(lambda: site.python(STATE) == "ready 2 True", "another worker makes it")
    await_that(lambda: [to for _, to in server.got] == ["noor@ladder.example"], "the mail arrives")
    assert (half.exists(), len(list(folder.iterdir()))) == (False, 1)
