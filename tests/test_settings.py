"""Settings: what the environment may say, and what it is told where it is wrong."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
PRODUCTION = {
    "LADDER_MODE": "production",
    "LADDER_SECRET_KEY": "x" * 60,
    "LADDER_ALLOWED_HOSTS": "ladder.example",
    "DATABASE_URL": "postgres://nobody@localhost/nothing",
    "REDIS_URL": "redis://localhost",
    "EMAIL_URL": "smtp://localhost",
}
OIDC = {
    "LADDER_OIDC_URL": "https://login.example/realms/staff/",
    "LADDER_OIDC_CLIENT_ID": "ladder",
    "LADDER_OIDC_SECRET": "secret",
}
OURS = ("LADDER_", "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "DJANGO_")


def read(expression: str, var: Path, **given: str) -> tuple[int, str, str]:
    """Import the settings in a new process and print one expression of them: exit code, output, last line of errors."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", f"from ladder import settings; print({expression})"],
        cwd=PROJECT,
        env=environment | {"LADDER_VAR_DIR": str(var)} | given,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout.strip(), (done.stderr.strip().splitlines() or [""])[-1]


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in PRODUCTION.items() if key != name}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"LADDER_SINGUP": "1"}, "Unknown setting LADDER_SINGUP; known are LADDER_ALLOWED_HOSTS, "),
        ({"LADDER_B": "1", "LADDER_A_FILE": "/x"}, "Unknown setting LADDER_A, LADDER_B; known are "),
        ({"LADDER_MODE": "prod"}, "LADDER_MODE is 'prod'; it can be 'embedded' or 'production'."),
        ({"LADDER_SIGNUP": "true"}, "LADDER_SIGNUP is 'true'; it can be 'open', 'invitation' or 'closed'."),
        ({"LADDER_OIDC_URL": "http://x"}, "Single sign-on needs LADDER_OIDC_CLIENT_ID, LADDER_OIDC_SECRET too."),
        (PRODUCTION | OIDC | {"LADDER_OIDC_URL": "http://x"}, "LADDER_OIDC_URL begins with https:// in production."),
        ({"LADDER_MODE": ""}, "LADDER_MODE is ''; it can be 'embedded' or 'production'."),
        ({"LADDER_KEEP_AFTER_LEAVING_DAYS": "0"}, "LADDER_KEEP_AFTER_LEAVING_DAYS is at least 1: people who leave may"),
        (PRODUCTION | {"LADDER_DEBUG": "1"}, "LADDER_DEBUG shows secrets to visitors; it can't be on in production."),
        (without("LADDER_SECRET_KEY"), "Set the LADDER_SECRET_KEY environment variable"),
        (without("LADDER_ALLOWED_HOSTS"), "Set the LADDER_ALLOWED_HOSTS environment variable"),
        (without("DATABASE_URL"), "Production needs DATABASE_URL, or the name with _FILE; .env.example says "),
        (without("REDIS_URL"), "Production needs REDIS_URL, or the name with _FILE; .env.example says "),
        (without("EMAIL_URL"), "Production needs EMAIL_URL, or the name with _FILE; .env.example says "),
        ({"LADDER_MODE": "production"}, "Production needs DATABASE_URL, REDIS_URL, EMAIL_URL, or the name with _FILE;"),
        (PRODUCTION | {"REDIS_URL": ""}, "Production needs REDIS_URL, or the name with _FILE; .env.example says "),
    ],
)
def test_settings_refuse_what_is_wrong(given: dict[str, str], said: str, tmp_path: Path) -> None:
    code, printed, error = read("'started'", tmp_path, **given)
    assert (code, printed) == (1, "")
    assert error.startswith(f"django.core.exceptions.ImproperlyConfigured: {said}")


def test_production_refuses_an_empty_secret(tmp_path: Path) -> None:
    expression = "__import__('django.conf', fromlist=['settings']).settings.SECRET_KEY"
    given = PRODUCTION | {"LADDER_SECRET_KEY": "", "DJANGO_SETTINGS_MODULE": "ladder.settings"}
    code, printed, error = read(expression, tmp_path, **given)
    assert (code, printed) == (1, "")
    assert error == "django.core.exceptions.ImproperlyConfigured: The SECRET_KEY setting must not be empty."


def test_settings_by_default_are_embedded(tmp_path: Path) -> None:
    names = "PRODUCTION, DEBUG, PUBLIC_CATALOGUE, SIGNUP, OIDC_NAME, DEMO_ALLOWED, SESSION_COOKIE_SECURE"
    expression = f"[settings.{names.replace(', ', ', settings.')}, settings.DATABASES['default']['NAME']]"
    code, printed, _ = read(expression, tmp_path)
    assert (code, printed) == (0, str([False, False, True, "open", "", True, False, str(tmp_path / "ladder.sqlite3")]))


def test_settings_of_production_are_strict(tmp_path: Path) -> None:
    names = "PRODUCTION, DEBUG, SIGNUP, DEMO_ALLOWED, SESSION_COOKIE_SECURE, CSRF_COOKIE_SECURE, SECURE_SSL_REDIRECT"
    code, printed, _ = read(f"[settings.{names.replace(', ', ', settings.')}]", tmp_path, **PRODUCTION)
    assert (code, printed) == (0, "[True, False, 'closed', False, True, True, True]")
    code, printed, _ = read("settings.DEMO_ALLOWED", tmp_path, **PRODUCTION | {"LADDER_DEMO": "1"})
    assert (code, printed) == (0, "False")


def test_settings_of_single_sign_on(tmp_path: Path) -> None:
    expression = "[settings.OIDC_NAME, settings.CONTENT_SECURITY_POLICY['DIRECTIVES']['form-action'][1:]]"
    assert read(expression, tmp_path)[1] == "['', []]"
    assert read(expression, tmp_path, **OIDC)[1] == "['single sign-on', ['https://login.example']]"
    given = OIDC | {"LADDER_OIDC_NAME": "Example", "LADDER_OIDC_ORIGINS": "https://a.example,https://b.example"}
    assert read(expression, tmp_path, **given)[1] == "['Example', ['https://a.example', 'https://b.example']]"


def test_settings_keep_one_secret_of_their_own(tmp_path: Path) -> None:
    first, second = (read("settings.SECRET_KEY", tmp_path) for _ in range(2))
    assert first == second
    assert first[1] == (tmp_path / "secret_key").read_text()
    assert len(first[1]) >= 50
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    assert read("settings.SECRET_KEY", tmp_path / "another")[1] != first[1]


def test_settings_read_values_from_files(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("from-a-file")
    assert read("settings.SECRET_KEY", tmp_path, LADDER_SECRET_KEY_FILE=str(secret))[:2] == (0, "from-a-file")
    given = without("LADDER_SECRET_KEY") | {"LADDER_SECRET_KEY_FILE": str(secret)}
    assert read("settings.SECRET_KEY", tmp_path, **given)[:2] == (0, "from-a-file")


def test_production_reads_its_services_from_files(tmp_path: Path) -> None:
    address = tmp_path / "redis"
    address.write_text("redis://elsewhere")
    given = without("REDIS_URL") | {"REDIS_URL_FILE": str(address)}
    assert read("settings.CACHES['default']['LOCATION']", tmp_path, **given)[:2] == (0, "redis://elsewhere")


def test_settings_name_a_file_that_is_not_there(tmp_path: Path) -> None:
    code, _, error = read("1", tmp_path, LADDER_SECRET_KEY_FILE=str(tmp_path / "nothing"))
    assert code == 1
    assert str(tmp_path / "nothing") in error
