"""A real worker, a real broker, a real mail server, killed; on PostgreSQL and Redis only.

The site, the worker and the schedule are processes of their own on a database and a Redis database of their own.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from email import message_from_bytes
from pathlib import Path
from typing import Any

import psycopg
import pytest
from aiosmtpd.controller import Controller

PROJECT = Path(__file__).resolve().parents[2]
DATABASE = os.environ.get("DATABASE_URL", "")
REDIS = os.environ.get("REDIS_URL", "")
PATIENCE = 90  # seconds until a thing that must happen counts as lost

pytestmark = pytest.mark.skipif(
    not (DATABASE.startswith("postgres") and REDIS), reason="needs DATABASE_URL of PostgreSQL and REDIS_URL"
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def await_that(truth: Callable[[], Any], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not truth():
        assert time.monotonic() < end, f"never came true: {what}"
        time.sleep(0.1)


class Post:
    """A mail server that keeps what it gets. Closed, it holds a message in its hands and answers nothing."""

    def __init__(self) -> None:
        self.got: list[tuple[str, str]] = []  # Message-ID, address
        self.open = threading.Event()
        self.holding = threading.Event()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        message = message_from_bytes(envelope.content)
        if not self.open.is_set():
            self.holding.set()
            await server.loop.run_in_executor(None, self.open.wait, PATIENCE)
            return "451 not now"  # to somebody who is no longer there
        self.got.append((message["Message-ID"], message["To"]))
        return "250 taken"


class Site:
    """Ladder's processes with an environment of their own."""

    def __init__(self, folder: Path, database: str, redis: str, mail: int) -> None:
        self.folder = folder
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("LADDER_")} | {
            "DATABASE_URL": database,
            "REDIS_URL": redis,
            "EMAIL_URL": f"smtp://127.0.0.1:{mail}",
            "LADDER_VAR_DIR": str(folder),
        }
        self.running: list[subprocess.Popen[bytes]] = []

    def run(self, *words: str) -> str:
        done = subprocess.run(  # noqa: S603
            [sys.executable, "manage.py", *words],
            cwd=PROJECT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def python(self, code: str) -> str:
        return self.run("shell", "--no-imports", "-c", code).strip()

    def shell(self, code: str) -> subprocess.Popen[bytes]:
        """Goes on by itself."""
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "manage.py", "shell", "--no-imports", "-c", code],
            cwd=PROJECT,
            env=self.environment,
            start_new_session=True,
        )
        self.running.append(process)
        return process

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{words[0]}.log").open("ab") as log:
            process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", "celery", "-A", "ladder", *words],
                cwd=PROJECT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.running.append(process)
        return process

    def worker(self) -> subprocess.Popen[bytes]:
        return self.start("worker", "--pool", "prefork", "--concurrency", "1", "--loglevel", "INFO")

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Children and all, as the machine does when memory runs out; nobody gets to tidy up."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=10)

    def stop(self) -> None:
        for process in self.running:
            if process.poll() is None:
                self.kill(process)

    def promise(self, *addresses: str) -> None:
        self.python(
            f"from django.core.mail import send_mail\nfor to in {addresses!r}: send_mail('Hello', 'Text', None, [to])"
        )

    def states(self) -> list[str]:
        listed = self.python(
            "from outbox.models import Message\nprint(*Message.objects.order_by('to').values_list('state', flat=True))"
        )
        return listed.split()

    def let_time_pass(self) -> None:
        """As if the leases of the dead had run out and the pauses were over."""
        self.python(
            "from outbox.models import Message\nfrom django.utils import timezone\n"
            "now = timezone.now()\n"
            "Message.objects.filter(state='waiting').update(next_try=now)\n"
            "Message.objects.filter(taken_until__isnull=False).update(taken_until=now)"
        )


@pytest.fixture
def post() -> Iterator[tuple[Post, int]]:
    handler, port = Post(), free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, port
    handler.open.set()
    controller.stop()


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts a Redis of the test's own, always at the same port, without a memory of the one before."""
    port, running = free_port(), []

    def start() -> subprocess.Popen[bytes]:
        process = subprocess.Popen(  # noqa: S603
            ["redis-server", "--port", str(port), "--save", "", "--appendonly", "no", "--bind", "127.0.0.1"],  # noqa: S607
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
        )
        running.append(process)

        def answers() -> bool:
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        await_that(answers, "Redis answers")
        return process

    start.url = f"redis://127.0.0.1:{port}/0"  # type: ignore[attr-defined]
    yield start
    for process in running:
        process.kill()
        process.wait(timeout=10)


@pytest.fixture
def site(tmp_path: Path, post: tuple[Post, int], redis: Any, worker_id: str) -> Iterator[Site]:
    name = f"ladder_faults_{worker_id}"
    with psycopg.connect(DATABASE, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
    made = Site(tmp_path, f"{DATABASE.rpartition('/')[0]}/{name}", redis.url, post[1])
    made.run("migrate", "--verbosity", "0")
    yield made
    made.stop()
    with psycopg.connect(DATABASE, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def test_killed_worker_loses_no_message(site: Site, post: tuple[Post, int], redis: Any) -> None:
    """kill -9 while the mail server has a message in its hands."""
    server, _ = post
    redis()
    worker = site.worker()
    site.promise("a@ladder.example", "b@ladder.example", "c@ladder.example")
    await_that(server.holding.is_set, "the worker is sending")
    site.kill(worker)
    server.open.set()
    assert (server.got, site.states()) == ([], ["waiting"] * 3)
    site.worker()
    site.let_time_pass()
    site.run("sweep_outbox")
    await_that(lambda: len(server.got) >= 3, "all three arrive")
    await_that(lambda: site.states() == ["sent"] * 3, "all three are marked")
    assert sorted(to for _, to in server.got) == ["a@ladder.example", "b@ladder.example", "c@ladder.example"]


def test_repeat_after_a_death_between_yes_and_mark_has_the_same_id(
    site: Site, post: tuple[Post, int], redis: Any
) -> None:
    """The server said yes, the worker died before our mark: the one case of a repeat."""
    server, _ = post
    server.open.set()
    redis()
    site.worker()
    site.promise("a@ladder.example")
    await_that(lambda: site.states() == ["sent"], "it is sent")
    site.python(
        "from outbox.models import Message\nMessage.objects.update(state='waiting', sent_at=None)"  # the mark is lost
    )
    site.run("sweep_outbox")
    await_that(lambda: len(server.got) == 2, "it is sent again")
    assert len(set(server.got)) == 1


def test_message_promised_while_redis_is_away_arrives(site: Site, post: tuple[Post, int], redis: Any) -> None:
    """Redis is stopped during a request: the page answers, the promise holds, and what is back sends it."""
    server, _ = post
    server.open.set()
    running = redis()
    site.python(
        "from people.models import User\nfrom allauth.account.models import EmailAddress\n"
        "user = User.objects.create_user('noor@ladder.example', 'a-rung-at-a-time-9')\n"
        "EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)"
    )
    running.kill()
    running.wait(timeout=10)
    answered = site.python(
        "from django.test import Client\n"
        "client = Client(SERVER_NAME='localhost')\n"
        "reset = client.post('/accounts/password/reset/', {'email': 'noor@ladder.example'})\n"
        "signed = client.post('/accounts/login/', {'login': 'noor@ladder.example', 'password': 'a-rung-at-a-time-9'})\n"
        "page = client.get('/accounts/email/')\n"
        "print(reset.status_code, signed.status_code, page.status_code)"
    )
    assert (answered.splitlines()[-1], site.states()) == ("302 302 200", ["waiting"])
    redis()
    site.worker()
    site.run("sweep_outbox")
    await_that(lambda: [to for _, to in server.got] == ["noor@ladder.example"], "it arrives")
    await_that(lambda: site.states() == ["sent"], "it is marked")


WRITE = """
import pathlib, time
from datetime import UTC, datetime
from django.db import transaction
from accomplishments.services.digest import write
from people.models import User
with transaction.atomic():
    write(list(User.objects.values_list("pk", flat=True)), datetime(2026, 11, 20, 15, tzinfo=UTC))
    pathlib.Path("{mark}").touch()
    time.sleep({seconds})
"""


def test_fridays_mail_of_a_killed_writer_is_written_once_by_another(site: Site) -> None:
    """Two write the same mail: the second waits for the first, which dies before its promise holds."""
    site.python(
        "from people.models import User\nfor n in range(3): User.objects.create_user(f'p{n}@ladder.example', 'x')"
    )
    mark = site.folder / "written"
    first = site.shell(WRITE.format(mark=mark, seconds=PATIENCE))
    await_that(mark.exists, "the first has written")
    second = site.shell(WRITE.format(mark=mark, seconds=0))
    with psycopg.connect(site.environment["DATABASE_URL"], autocommit=True) as connection:
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        await_that(lambda: connection.execute(waiting).fetchall() == [(1,)], "the second waits for the first")
    site.kill(first)
    assert second.wait(timeout=PATIENCE) == 0
    site.shell(WRITE.format(mark=mark, seconds=0)).wait(timeout=PATIENCE)
    written = site.python(
        "from outbox.models import Message\nprint(*Message.objects.order_by('to').values_list('to', 'once'))"
    )
    assert written.count("2026-11-16") == 3
    assert [word for word in written.split("'") if "@" in word] == [f"p{n}@ladder.example" for n in range(3)]
