"""A receipt recomputed at the command line, without the database."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accomplishments.management.commands.verify_receipt import Command
from accomplishments.scoring.policy import POLICY_V1
from accomplishments.scoring.receipt import issue
from tests.accomplishments.strategies import TODAY
from tests.accomplishments.test_scoring_matching import EVIDENCE, ROLE

# No test here has the database: pytest-django fails whatever asks for it.


def checked(file: Path) -> str:
    out = StringIO()
    call_command("verify_receipt", file, stdout=out)
    return out.getvalue()


def refusal(file: Path) -> str:
    with pytest.raises(CommandError) as refused:
        checked(file)
    assert refused.value.returncode == 1
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.fixture
def receipt(tmp_path: Path) -> Path:
    file = tmp_path / "receipt.json"
    file.write_bytes(issue(ROLE, EVIDENCE, POLICY_V1, TODAY, "Noor Haddad"))
    return file


def test_receipt_that_holds_gives_its_match_in_one_line(receipt: Path) -> None:
    assert checked(receipt) == (
        "The receipt holds: match 73 %, 60 % counting verified evidence only; "
        f"{ROLE.role}, version {ROLE.version}, on {TODAY}, policy 1.\n"
    )


def test_command_line_runs_no_checks_that_could_ask_the_database() -> None:
    assert (Command.requires_system_checks, Command.requires_migrations_checks) == ((), False)


@pytest.mark.parametrize(
    ("said", "changed", "term"),
    [
        ('"match":"0.725"', '"match":"0.735"', "match: receipt says 0.735, recomputed 0.725"),
        ('"term":"1.8"', '"term":"1.9"', "term[it-operations]: receipt says 1.9, recomputed 1.8"),
        ('"contributed":"0.6"', '"contributed":"0.7"', "ownership"),
        ('"person":"Noor Haddad"', '"person":"Somebody"', "sha256: receipt says"),
    ],
)
def test_changed_digit_is_refused_with_the_term_named(said: str, changed: str, term: str, receipt: Path) -> None:
    text = receipt.read_text()
    assert text.count(said) == 1
    receipt.write_text(text.replace(said, changed))
    assert refusal(receipt).startswith(f"This receipt does not hold. {term}")


def test_what_is_no_receipt_is_refused_in_a_line(tmp_path: Path) -> None:
    missing = tmp_path / "nothing.json"
    assert refusal(missing) == f"{missing} can't be read: No such file or directory."
    assert refusal(tmp_path) == f"{tmp_path} can't be read: Is a directory."
    picture = tmp_path / "picture.json"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n\x00")
    assert refusal(picture).startswith("This receipt does not hold. receipt: not readable as JSON")
    picture.write_text("[]")
    assert refusal(picture) == "This receipt does not hold. receipt: not an object"
