"""`manage.py serve`: the embedded default, from an empty folder to a running site with one command."""

import errno
import io
import os
import socket
import warnings
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.core.wsgi import get_wsgi_application
from django.db import connection, connections
from django.utils import timezone
from gunicorn.app.base import BaseApplication

from ladder.context import has_demo

HOST = "127.0.0.1"
DEMO = """\
  engineer@ladder.example   Associate Backend Engineer
  manager@ladder.example    their manager
  staff@ladder.example      staff engineer
  panel@ladder.example      panel member, senior data engineer
  editor@ladder.example     ladder editor
  hr@ladder.example         HR admin
  admin@ladder.example      superuser
  Twelve people fill the teams Quotes and Data platform; the others sign in with their
  first name: kwame@, lucia@, hana@, tevita@ (nothing logged yet), ewa@, mateus@, aroha@ and dilnoza@ladder.example.
  All with the password climb-the-ladder. They are demo people, never for production.
"""


def port_number(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise ArgumentTypeError(f"{text!r} is not a port; it is a number from 1 to 65535")
    return int(text)


def check_port(port: int) -> None:
    """Bind and let go at once: a wrong port is told before any work is done."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as gunicorn does
        try:
            probe.bind((HOST, port))
        except OSError as error:
            other = port + 1 if 1024 <= port < 65535 else 8001
            trouble = {errno.EADDRINUSE: "is in use", errno.EACCES: "is not open to your account"}
            raise CommandError(
                f"Port {port} {trouble.get(error.errno or 0, error.strerror)}; choose another: make run PORT={other}"
            ) from None


class Server(BaseApplication):
    """gunicorn in this process, which has imported everything already: half the time to the first answer.

    One worker, since the memory cache is a process's own; its threads share that cache and SQLite.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        super().__init__()

    def load_config(self) -> None:
        self.cfg.set("bind", f"{HOST}:{self.port}")
        self.cfg.set("worker_class", "gthread")
        self.cfg.set("workers", 1)
        self.cfg.set("threads", 8)
        self.cfg.set("loglevel", "warning")
        self.cfg.set("control_socket_disable", True)

    def load(self) -> WSGIHandler:
        # WhiteNoise misses collectstatic's folder; without one it serves the sources, as it should here.
        warnings.filterwarnings("ignore", "No directory at", UserWarning)
        return get_wsgi_application()


class Command(BaseCommand):
    help = "Prepare the database, load the example ladder and the demo people where they are missing, and serve."
    requires_system_checks = ()  # `make check` runs them; a start stays quick

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=port_number, default=8000)

    def handle(self, *args: Any, port: int, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("serve is the embedded default; in production run gunicorn, as the Dockerfile does.")
        check_port(port)
        if "LADDER_URL" not in os.environ:
            settings.SITE_URL = f"http://{HOST}:{port}"
        if not connection.introspection.table_names():
            self.stdout.write("Preparing the database (only the first start takes this long) ...")
            self.stdout.flush()
        call_command("migrate", verbosity=0, interactive=False)
        call_command("load_ladder", settings.BASE_DIR / "fixtures" / "ladder", if_empty=True, stdout=io.StringIO())
        if settings.DEMO_ALLOWED:
            call_command("load_demo", unless_removed=True, stdout=io.StringIO())
        self.nightly()
        call_command("digest")
        call_command("sweep_outbox", stdout=io.StringIO())
        self.stdout.write(self.banner(port))
        self.stdout.flush()
        connections.close_all()  # the worker opens its own
        Server(port).run()

    def nightly(self) -> None:
        """What beat starts in production; without one, the first start of a day does it."""
        done = settings.VAR_DIR / "nightly"
        today = f"{timezone.localdate()}"
        if not (done.exists() and done.read_text() == today):
            call_command("nightly")
            done.write_text(today)

    def banner(self, port: int) -> str:
        kept = getattr(settings, "EMAIL_FILE_PATH", None)
        mail = f"this terminal and {kept}" if kept else "the server in EMAIL_URL"
        people = f"\n  Sign in as one of\n{DEMO}" if has_demo() else ""
        return f"\n  Ladder is at http://{HOST}:{port}/\n{people}\n  Mail goes to {mail}\n  Ctrl-C stops.\n"
