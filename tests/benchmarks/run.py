"""`make bench`: how long each page takes, as a ratio to the limit page asked in the same loop; then the batch.

A ratio means the same on any machine, and noise hits both of its sides. Each bound is checked twice: against the
median over the loops, and against the ratio of the shortest times; it is broken where both are over.
The pages come from gunicorn with one worker, over keep-alive connections, out of a database made for this run.
"""

import argparse
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from http.client import HTTPConnection
from importlib import import_module
from pathlib import Path
from statistics import median
from time import perf_counter
from urllib.parse import urlencode

import django
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.benchmarks import batch

ROOT = Path(__file__).resolve().parents[2]
LIMIT_SIZE = range(18_000, 22_001)  # bytes
WARM_UP = 5  # loops that aren't counted
FEWEST = 40  # loops
TIMEOUT = 30  # seconds for one answer, the first of which waits for the server's start
GUNICORN = (
    "gunicorn ladder.wsgi:application --workers 1 --worker-class gthread --threads 2 --keep-alive 60"
    " --log-level warning --no-control-socket"
)
EMAIL, PASSWORD = "engineer@ladder.example", "climb-the-ladder"
ENTRIES = 200
BACKEND = "software-engineering/backend"
ROLE = f"/roles/{BACKEND}/l3/"


@dataclass(frozen=True)
class Page:
    """One address as one kind of visitor asks for it."""

    name: str
    path: str
    title: str  # the start of what its <title> says
    bound: float | None = None  # limit pages; None only measures
    signed_in: bool = True
    unchanged: bool = False  # ask with the ETag of before, and get 304 without a body


LIMIT = Page("limit page", "/limit/", "Limit")
PAGES = (
    Page("role, anonymous", ROLE, "Backend Software Engineer, L3", 0.4, signed_in=False),
    Page("role, anonymous, unchanged (304)", ROLE, "", 0.4, signed_in=False, unchanged=True),
    Page("role, signed in", ROLE, "Backend Software Engineer, L3", 0.8),
    Page("catalogue, signed in", "/roles/", "Roles", 1.0),
    Page(
        "compare, signed in",
        f"/roles/compare/?from={BACKEND}/l2&to={BACKEND}/l3",
        "Compare Junior Backend Engineer, L2 and Backend Software Engineer, L3",
        1.0,
    ),
    Page("map with path, signed in", f"/roles/map/?from={BACKEND}/l2&to=data/data-engineering/l4", "Map of moves"),
    Page("search, signed in", "/roles/?q=on+call", "Search: on call"),
    Page("competency, signed in", "/competencies/testing-quality/", "Testing"),
    Page("catalogue, anonymous", "/roles/", "Roles", signed_in=False),
    Page("log, 200 entries", "/log/", "Accomplishment log", 1.25),
    Page("match, 200 entries", f"/match/{BACKEND}/l2/", "Match: Junior Backend Engineer, L2", 1.5),
    Page("best fit, 200 entries", "/match/", "Best fit", 1.5),
    Page("home, 200 entries", "/", "Home", 1.5),
)


@dataclass
class Result:
    """What was measured of one page."""

    page: Page
    times: list[float] = field(default_factory=list)  # seconds, one a loop
    cold: int = 0  # queries with empty caches
    warm: int = 0  # queries once more

    def summary(self, yardstick: "Result") -> dict[str, object]:
        """Ratios to the limit page; over where both are."""
        middle = median(own / limit for own, limit in zip(self.times, yardstick.times, strict=True))
        least = min(self.times) / min(yardstick.times)
        bound = self.page.bound
        over = sum(ratio > bound for ratio in (middle, least)) if bound else 0
        return {
            **asdict(self.page),
            "median": round(middle, 3),
            "minima": round(least, 3),
            "verdict": ("ok", "one over", "over")[over] if bound else "",
            "queries_cold": self.cold,
            "queries_warm": self.warm,
        }


# ── The server ──────────────────────────────────────────────────────────────
def prepare(folder: str) -> None:
    """Settings, database, ladder and people of this run's own, whatever the environment says."""
    for name in list(os.environ):
        if name.startswith("LADDER_") or name.removesuffix("_FILE") in {"DATABASE_URL", "REDIS_URL", "EMAIL_URL"}:
            del os.environ[name]
    os.environ.update(
        DJANGO_SETTINGS_MODULE="tests.benchmarks.settings",
        LADDER_VAR_DIR=folder,
        PYTHONWARNINGS="ignore:No directory at:UserWarning",  # WhiteNoise; there was no collectstatic
    )
    warnings.filterwarnings("ignore", "No directory at", UserWarning)
    django.setup()
    with open(os.devnull, "w") as nowhere:
        call_command("migrate", verbosity=0)
        call_command("load_ladder", ROOT / "fixtures" / "ladder", stdout=nowhere)
        call_command("load_demo", stdout=nowhere)
    import_module("tests.benchmarks.log").fill(EMAIL, ENTRIES)  # it needs the settings that were just made


@contextmanager
def server() -> Iterator[int]:
    """gunicorn on a free port, which it gives; a first request waits in the socket until the worker is there."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", *GUNICORN.split(), "--bind", f"fd://{listener.fileno()}"],
            cwd=ROOT,
            pass_fds=[listener.fileno()],
        )
    try:
        yield port
    finally:
        process.terminate()
        process.wait()


# ── The visitor ─────────────────────────────────────────────────────────────
class Visitor:
    """A keep-alive connection with what a browser would keep: the cookies, and the ETag of an unchanged page."""

    def __init__(self, port: int, page: Page, cookies: str) -> None:
        self.page = page
        self.connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
        self.headers = {"Cookie": cookies} if page.signed_in else {}
        if page.unchanged:
            self.connection.request("GET", page.path)
            response = self.connection.getresponse()
            response.read()
            self.headers["If-None-Match"] = response.headers["ETag"]

    def ask(self) -> float:
        """Seconds from the request to the last byte of the right answer."""
        page = self.page
        start = perf_counter()
        self.connection.request("GET", page.path, headers=self.headers)
        response = self.connection.getresponse()
        body = response.read()
        seconds = perf_counter() - start
        check(page, response.status, body)
        return seconds


def check(page: Page, status: int, body: bytes) -> None:
    """A quick wrong answer must not count."""
    if page.unchanged:
        assert (status, body) == (304, b""), f"{page.name}: {status} with {len(body)} bytes"
        return
    assert status == 200, f"{page.name}: {status}"
    title = re.search(r"<title>(.*?)</title>", body.decode())
    assert title and title[1].startswith(page.title), f"{page.name}: {title and title[0]}"
    assert page is not LIMIT or len(body) in LIMIT_SIZE, f"{page.name}: {len(body)} bytes"


def sign_in(port: int) -> str:
    """The cookies of somebody who signed in through the form."""
    visitor = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    visitor.request("GET", "/accounts/login/")
    response = visitor.getresponse()
    response.read()
    token = cookies_of(response.headers.get_all("Set-Cookie", []))["csrftoken"]
    form = urlencode({"login": EMAIL, "password": PASSWORD, "csrfmiddlewaretoken": token})
    headers = {"Cookie": f"csrftoken={token}", "Content-Type": "application/x-www-form-urlencoded"}
    visitor.request("POST", "/accounts/login/", form, headers)
    response = visitor.getresponse()
    response.read()
    assert response.status == 302, f"sign-in: {response.status}"
    given = cookies_of(response.headers.get_all("Set-Cookie", []))
    visitor.close()
    return f"csrftoken={given['csrftoken']}; sessionid={given['sessionid']}"


def cookies_of(lines: list[str]) -> dict[str, str]:
    return dict(line.split(";")[0].split("=", 1) for line in lines)


# ── The measuring ───────────────────────────────────────────────────────────
def measure(results: list[Result], loops: int) -> None:
    """Fill in the times: in every loop each page once, in turn."""
    with server() as port:
        cookies = sign_in(port)
        visitors = [Visitor(port, result.page, cookies) for result in results]
        for loop in range(WARM_UP + loops):
            for result, visitor in zip(results, visitors, strict=True):
                seconds = visitor.ask()
                if loop >= WARM_UP:
                    result.times.append(seconds)


def forget() -> None:
    """Empty the cache of Django and every `lru_cache` of the apps, as in a new process."""
    cache.clear()
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in {"ladder", "people", "competencies", "roles", "accomplishments", "dashboards"}:
            for value in list(vars(module).values()):
                if hasattr(value, "cache_clear"):
                    value.cache_clear()


def count_queries(result: Result) -> None:
    """Fill in the queries, asking in this process: once with empty caches and once again."""
    page = result.page
    client = Client(SERVER_NAME="localhost")
    if page.signed_in:
        client.login(email=EMAIL, password=PASSWORD)
    headers = {}
    if page.unchanged:
        headers["If-None-Match"] = client.get(page.path).headers["ETag"]
    forget()
    counts = []
    for _ in ("cold", "warm"):
        with CaptureQueriesContext(connection) as queries:
            response = client.get(page.path, headers=headers)
        check(page, response.status_code, response.content)
        counts.append(len(queries))
    result.cold, result.warm = counts


def table(rows: list[dict[str, object]], loops: int) -> str:
    lines = [
        f"Times in limit pages, {loops} loops; queries of one request.",
        "",
        f"{'page':34}{'median':>8}{'minima':>8}{'bound':>7}  {'':10}{'cold':>5}{'warm':>6}",
    ]
    for row in rows:
        bound = "" if row["bound"] is None else f"{row['bound']:.2f}"
        lines.append(
            f"{row['name']:34}{row['median']:8.2f}{row['minima']:8.2f}{bound:>7}  {row['verdict']:10}"
            f"{row['queries_cold']:5}{row['queries_warm']:6}"
        )
    return "\n".join(lines) + "\n"


def pages(loops: int) -> list[dict[str, object]]:
    """The figures of every page, out of a database of this run's own."""
    results = [Result(page) for page in (LIMIT, *PAGES)]
    with tempfile.TemporaryDirectory(prefix="ladder-bench-") as folder:
        prepare(folder)
        for result in results:
            count_queries(result)
        connections.close_all()
        measure(results, loops)
    return [result.summary(results[0]) for result in results]


def loops_number(text: str) -> int:
    if not text.isdecimal() or int(text) < FEWEST:
        raise argparse.ArgumentTypeError(f"{text!r} is too few; at least {FEWEST} loops tell anything")
    return int(text)


def main() -> int:
    """Exit status 1 where a bound is broken."""
    parser = argparse.ArgumentParser(prog="make bench", description="Measure the pages, and the batch.")
    parser.add_argument("--loops", type=loops_number, default=60, help="how often each page is asked (default: 60)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--only", choices=("pages", "batch"), help="measure only that part")
    options = parser.parse_args()
    found: dict[str, list[dict[str, object]]] = {}
    if options.only != "batch":
        found["pages"] = pages(options.loops)
        sys.stdout.write(table(found["pages"], options.loops))
    if options.only != "pages":
        found["batch"] = batch.measured()
        sys.stdout.write(f"\n{batch.table(found['batch'])}")
    if options.json:
        options.json.write_text(json.dumps({"loops": options.loops, **found}, indent=2) + "\n")
    return int(any(row["verdict"] == "over" for rows in found.values() for row in rows))


if __name__ == "__main__":
    sys.exit(main())
