"""A real server with the shipped catalogue and the demo people, and Chromium.

The server is another process with its own folder and, on PostgreSQL, its own database. The browser lives as long as a
module: while Playwright runs, Django refuses to touch a database in this process.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_string
from email.policy import default
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from accomplishments.management.commands.load_demo import PASSWORD

PROJECT = Path(__file__).resolve().parents[2]
PATIENCE = 120  # seconds until the server has to answer


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Chromium is; without one the tests of this folder are skipped, or fail where it is required."""
    found = os.environ.get("LADDER_CHROMIUM") or shutil.which("chromium")
    if not found:
        reason = "There is no chromium on the PATH; LADDER_CHROMIUM can say where one is."
        (pytest.fail if os.environ.get("LADDER_REQUIRE_BROWSER") == "1" else pytest.skip)(reason)
    return found


@pytest.fixture(scope="session")
def database(worker_id: str) -> Iterator[dict[str, str]]:
    """The variable that names a database of this worker's own; on SQLite none, as it stands in the server's folder."""
    given = os.environ.get("DATABASE_URL", "")
    if not given.startswith("postgres"):
        yield {}
        return
    name = f"ladder_browser_{worker_id}"
    with psycopg.connect(given, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
        yield {"DATABASE_URL": urlunsplit(urlsplit(given)._replace(path=f"/{name}"))}
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is `var/` for the server."""
    return tmp_path_factory.mktemp("server")


@contextmanager
def serving(folder: Path, **given: str) -> Iterator[str]:
    """The address of a Ladder that was started as `make run` does it: with the shipped ladder and the demo people."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("LADDER_", "DATABASE_URL"))}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "manage.py", "serve", "--port", str(port)],
            cwd=PROJECT,
            env=ours | given | {"LADDER_VAR_DIR": str(folder)},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(PATIENCE * 5):
            if process.poll() is not None or _answers(address):
                break
            time.sleep(0.2)
        if not _answers(address):
            pytest.fail(f"The server did not start:\n{(folder / 'log').read_text()}")
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture(scope="session")
def server(chromium: str, database: dict[str, str], folder: Path) -> Iterator[str]:
    with serving(folder, **database) as address:
        yield address


@pytest.fixture(scope="session")
def mailbox(server: str, database: dict[str, str], folder: Path) -> Iterator[Path]:
    """Where mail is kept: a file each. With a broker, a worker sends it."""
    command = [sys.executable, "-m", "celery", "-A", "ladder", "worker", "--pool", "solo"]
    environment = os.environ | database | {"LADDER_VAR_DIR": str(folder)}
    with (folder / "worker").open("w") as log:
        running = None
        if os.environ.get("REDIS_URL"):
            running = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=log, stderr=subprocess.STDOUT)  # noqa: S603
    yield folder / "mail"
    if running:
        running.terminate()
        running.wait(timeout=20)


def text_of_mail_to(address: str, mailbox: Path) -> str:
    """Of the newest message to an address, once one is there."""
    for _ in range(PATIENCE * 10):
        files = sorted(mailbox.glob("*"), key=lambda path: path.stat().st_mtime)
        parts = [part.strip() for path in files for part in path.read_text().split("-" * 79)[:-1]]
        letters = [message_from_string(part, policy=default) for part in parts]
        texts = [one.get_body(("plain",)).get_content() for one in letters if one["To"] == address]
        if texts:
            return str(texts[-1])
        time.sleep(0.1)
    raise AssertionError(f"No mail came to {address}.")


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/health/", timeout=2) as response:  # noqa: S310
            return bool(response.status == 200)
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False


@pytest.fixture(scope="module")
def chrome(chromium: str, server: str) -> Iterator[Browser]:
    """Not called `browser`, which is a fixture of pytest-playwright that lives as long as the session."""
    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield chrome
        chrome.close()


class Visit:
    """A window on the server, and all that the browser complained of meanwhile."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.page = context.new_page()
        self.page.set_default_timeout(10_000)
        self.complaints: list[str] = []
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _heard(self, message: Any) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def open(self, address: str) -> Page:
        """Only of pages that are there, save the one that shows what isn't."""
        response = self.page.goto(address)
        assert response is not None
        assert (address, response.status) == (address, 404 if address == "/nothing/" else 200)
        return self.page


def visit(chrome: Browser, server: str, **options: Any) -> Visit:
    options = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"} | options
    return Visit(chrome.new_context(base_url=server, **options))


@pytest.fixture
def stranger(chrome: Browser, server: str) -> Iterator[Visit]:
    one = visit(chrome, server)
    yield one
    one.context.close()


@pytest.fixture(scope="module")
def session(chrome: Browser, server: str) -> Any:
    """The cookies of the demo engineer, who signed in by the form."""
    one = visit(chrome, server)
    page = one.open("/accounts/login/")
    page.get_by_label("E-mail").fill("engineer@ladder.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="account menu for Noor Haddad").wait_for()
    cookies = one.context.storage_state()
    one.context.close()
    return cookies


@pytest.fixture
def engineer(chrome: Browser, server: str, session: Any) -> Iterator[Visit]:
    one = visit(chrome, server, storage_state=session)
    yield one
    one.context.close()
