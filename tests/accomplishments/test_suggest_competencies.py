"""`manage.py suggest_competencies`: every row answered, one clear line for what is wrong, never half a file."""

import csv
import io
import tracemalloc
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accomplishments.suggesting import COLUMNS, suggest_rows

TEXTS = ("Tuned Redis until p99 held in the load test.", "Wrote the runbook,\nand taught it.", "", "...")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def table(*texts: str) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows([("text", "source"), *((text, "us") for text in texts)])
    return out.getvalue()


def run(source: Path, target: Path) -> list[dict[str, str]]:
    call_command("suggest_competencies", str(source), str(target))
    with target.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        assert rows.fieldnames == COLUMNS
        return list(rows)


def refused(folder: Path, content: bytes) -> str:
    """The message for this file; it is one line, and the output that was there before stays."""
    source, target = folder / "in.csv", folder / "out.csv"
    source.write_bytes(content)
    target.write_text("before")
    with pytest.raises(CommandError) as error:
        call_command("suggest_competencies", str(source), str(target))
    assert target.read_text() == "before"
    assert sorted(one.name for one in folder.iterdir()) == ["in.csv", "out.csv"]
    assert "\n" not in str(error.value)
    return str(error.value).removeprefix(f"{source}: ")


def test_suggest_writes_what_the_package_suggests_in_order(folder: Path) -> None:
    (folder / "in.csv").write_text(table(*TEXTS), encoding="utf-8", newline="")
    found = run(folder / "in.csv", folder / "out.csv")
    assert found == list(suggest_rows({"text": text} for text in TEXTS))
    assert found[0]["competency_1"] == "performance-scalability"
    assert all(found[1][f"competency_{n}"] for n in (1, 2, 3))
    assert found[2] == dict.fromkeys(COLUMNS, "")


def test_suggest_reads_a_byte_order_mark_and_its_own_output(folder: Path) -> None:
    (folder / "in.csv").write_text(table(*TEXTS), encoding="utf-8-sig", newline="")
    first = run(folder / "in.csv", folder / "out.csv")
    assert run(folder / "out.csv", folder / "again.csv") == first
    assert run(folder / "out.csv", folder / "out.csv") == first  # over itself


def test_suggest_takes_standard_input_and_output(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(table(TEXTS[0]).encode())))
    out = io.StringIO()
    call_command("suggest_competencies", "-", "-", stdout=out)
    assert list(csv.DictReader(io.StringIO(out.getvalue()))) == list(suggest_rows([{"text": TEXTS[0]}]))


def test_suggest_writes_into_what_is_no_file(folder: Path) -> None:
    (folder / "in.csv").write_text(table(*TEXTS), encoding="utf-8")
    call_command("suggest_competencies", str(folder / "in.csv"), "/dev/null")
    assert Path("/dev/null").is_char_device()


def test_suggest_says_in_one_line_what_is_wrong(folder: Path) -> None:
    nothing = "a column `text` is needed"
    assert refused(folder, b"") == nothing
    assert refused(folder, b"Text\nA\n") == nothing
    assert refused(folder, b"text\nA\nTuned \xe9\n") == "line 3 is not UTF-8 text"
    assert refused(folder, "text\nA\n".encode("utf-16")) == "line 1 is not UTF-8 text"
    assert refused(folder, b"text\nA\rB\n").startswith("line 1 is not CSV: ")
    assert refused(folder, b"text\nA\n" + b"a" * 200_000).startswith("line 2 is not CSV: field larger")


def test_suggest_names_a_file_or_folder_that_is_not_there(folder: Path) -> None:
    (folder / "in.csv").write_text(table(*TEXTS), encoding="utf-8")
    for source, target, said in (
        ("no.csv", "out.csv", "no.csv: No such file or directory"),
        ("in.csv", "no/out.csv", "no/out.csv: No such file or directory"),
    ):
        with pytest.raises(CommandError) as error:
            call_command("suggest_competencies", str(folder / source), str(folder / target))
        assert str(error.value) == f"{folder}/{said}"
    assert [one.name for one in folder.iterdir()] == ["in.csv"]


def test_suggest_keeps_no_rows_in_memory(folder: Path) -> None:
    def peak(rows: int) -> int:
        (folder / "in.csv").write_text(table(*TEXTS[:1] * rows), encoding="utf-8")
        tracemalloc.start()
        call_command("suggest_competencies", str(folder / "in.csv"), str(folder / "out.csv"))
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(1)  # reads the model
    assert peak(1500) < peak(100) + 100_000


def test_suggest_asks_no_database(folder: Path, django_assert_num_queries: Any, db: None) -> None:
    (folder / "in.csv").write_text(table(*TEXTS), encoding="utf-8")
    with django_assert_num_queries(0):
        run(folder / "in.csv", folder / "out.csv")
