"""CSV, JSON Resume and git logs as rows: what is read, which line it stands in, and what is wrong with it."""

import csv
import io
import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accomplishments.forms.imports import git_log, resume, table
from accomplishments.forms.imports.rows import COLUMNS, MOST_ROWS, Reading, hint, shortened
from tests.accomplishments.strategies import calm


def problems(reading: Reading) -> list[str]:
    return [str(problem) for problem in reading.problems]


def rows(reading: Reading) -> list[tuple[int, dict[str, str]]]:
    """Lines and values, of a file without a problem; empty texts left out."""
    assert problems(reading) == []
    return [(row.line, {name: value for name, value in row.values.items() if value}) for row in reading.rows]


# ── CSV ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_csv_reads_each_delimiter_and_quoted_lines(between: str) -> None:
    text = between.join(("Title", "ENDED ON", "outcome")) + "\n"
    text += between.join(('"A, b; ""c"""', "2026-01-02", '"one\n\ntwo"')) + "\n\n" + between.join(("=1+1", "", ""))
    assert rows(table.read(text)) == [
        (2, {"title": 'A, b; "c"', "ended_on": "2026-01-02", "outcome": "one\n\ntwo"}),
        (6, {"title": "=1+1"}),
    ]


def test_csv_row_is_the_same_in_other_columns_with_other_blanks() -> None:
    one = table.read("title,outcome,context\nA , b,\n").rows[0]
    other = table.read("outcome;title\n b;A").rows[0]
    third = table.read("outcome;title\n b;B").rows[0]
    assert one.identity == other.identity
    assert one.identity != third.identity
    shifted = table.read("title,situation\nA,b").rows[0], table.read("title,action\nA,b").rows[0]
    assert shifted[0].identity != shifted[1].identity


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ["line 1: the file is empty"]),
        ("\n\n", ["line 1: the file is empty"]),
        ("title,part\n", ["line 1: there is no row below the names of the columns"]),
        ("title,part\n,\n", ["line 1: there is no row below the names of the columns"]),
        ("name\nA", ["line 1: column 'name' is not known", "line 1: there is no column 'title'"]),
        ("titel,part\nA,", [
            "line 1: column 'titel' is not known; did you mean 'title'?",
            "line 1: there is no column 'title'",
        ]),
        ("title,ended on,Ended_On\nA,,", ["line 1: column 'ended_on' stands there twice"]),
        ("title,,part\nA,,", ["line 1: a column has no name"]),
        ("title" + ",a" * 99, ["line 1: has 100 columns, but only 19 are known"]),
        ("\n\ntitle,nothing\nA,", ["line 3: column 'nothing' is not known"]),
        ("title,part\nA,led,more\n", [
            "line 2: has 3 cells, but there are 2 columns; are quotes missing?",
        ]),
        ('title\nA\n"B\nC\n', ["line 3: a quotation mark opens a cell and nothing closes it"]),
        ('title\nA\n"B" C\n', ["line 3: ',' expected after '\"'"]),
        ("title\n" + "a" * 140_000, ["line 2: field larger than field limit (131072)"]),
    ],
)  # fmt: skip
def test_csv_says_what_is_wrong_and_where(text: str, said: list[str]) -> None:
    assert problems(table.read(text)) == said


def test_csv_row_may_be_shorter_or_end_in_empty_cells() -> None:
    assert rows(table.read("title,part,scope\nA\nB,led,,,,\n")) == [
        (2, {"title": "A"}),
        (3, {"title": "B", "part": "led"}),
    ]


def test_csv_stops_reading_after_the_most_rows() -> None:
    assert len(table.read("title\n" + "A\n" * (MOST_ROWS + 500)).rows) == MOST_ROWS + 1


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        (table.read, "title\n" + "A,b\n" * 9_000),
        (resume.read, '{"work": [{"highlights": [' + ", ".join(["1"] * 9_000) + "]}]}"),
        (resume.read, '{"work": [{"highlights": [' + ", ".join(['"A"'] * 9_000) + "]}]}"),
        (git_log.read, "commit abcdef0\nDate: never\n\n    Accomplishment: A\n" * 9_000),
    ],
)
def test_reader_stops_when_it_is_too_much(reader: Callable[[str], Reading], text: str) -> None:
    found = reader(text)
    assert {len(found.rows), len(found.problems)} == {0, MOST_ROWS + 1}


@pytest.mark.parametrize("reader", [table.read, resume.read, git_log.read])
@calm
@given(
    text=st.text(
        st.sampled_from("a\n\t ,;:\"'{}[]\\0\ufeff\u2028é") | st.characters(codec="utf-8", exclude_characters="\r"),
        max_size=80,
    )
)
def test_reader_makes_something_of_every_text(reader: Callable[[str], Reading], text: str) -> None:
    for start in ("", "title,part\n", '{"work": [', "commit abcdef0\nDate: 2026-01-01\n\n    Accomplishment: "):
        found = reader(start + text)
        assert all(row.values["title"] or reader is not table.read for row in found.rows if "title" in row.values)
        assert all(1 <= one.line <= (start + text).count("\n") + 1 for one in (*found.rows, *found.problems))


def test_csv_template_has_every_column_and_reads_itself() -> None:
    assert next(csv.reader(io.StringIO(table.template()))) == list(COLUMNS)
    found = rows(table.read(table.template().replace("\r\n", "\n")))
    assert [(line, values["title"]) for line, values in found] == [
        (2, "Cut checkout errors on slow phones from 4 % to 0.6 %"),
        (3, "Wrote the guide that new colleagues start with"),
    ]


# ── JSON Resume ─────────────────────────────────────────────────────────────

RESUME = """{
  "basics": {"name": "\\"Ada\\""},
  "work": [
    {
      "name": "Engines", "position": "Engineer",
      "startDate": "2019", "endDate": "2021-02",
      "highlights": [
        "Halved the \\u201cnoise\\u201d",
        "Taught two"
      ]
    },
    {"position": "Lead", "startDate": "2021-03-05", "highlights": ["Planned it"], "summary": "x"},
    {"name": "Nothing to tell"}
  ],
  "projects": [{"highlights": ["not read"]}]
}"""


def test_resume_reads_highlights_with_the_days_of_their_job() -> None:
    job = {"context": "Engineer, Engines", "started_on": "2019-01-01", "ended_on": "2021-02-28"}
    assert rows(resume.read(RESUME)) == [
        (8, {"title": "Halved the “noise”"} | job),
        (9, {"title": "Taught two"} | job),
        (12, {"title": "Planned it", "context": "Lead", "started_on": "2021-03-05"}),
    ]


def test_resume_keeps_a_long_highlight_whole() -> None:
    long = "word " * 60 + "end"
    values = rows(resume.read(json.dumps({"work": [{"highlights": [long]}]})))[0][1]
    assert len(values["title"]) <= 160
    assert values["title"].endswith("word…")
    assert values["outcome"] == long


def test_resume_ends_a_period_that_is_not_over_today(time_machine: object) -> None:
    time_machine.move_to("2026-11-22")

    def end(text: str) -> str:
        data = {"work": [{"endDate": text, "highlights": ["A"]}]}
        return rows(resume.read(json.dumps(data)))[0][1]["ended_on"]

    assert {text: end(text) for text in ("2026", "2026-11", "2026-10", "2024-02", "2027", "2026-12-01")} == {
        "2026": "2026-11-22",
        "2026-11": "2026-11-22",
        "2026-10": "2026-10-31",
        "2024-02": "2024-02-29",
        "2027": "2027-12-31",
        "2026-12-01": "2026-12-01",
    }
    time_machine.move_to("2026-11-01")
    assert end("2026-11") == "2026-11-01"


def test_resume_is_the_same_row_when_the_job_ends() -> None:
    def identity(**job: str) -> tuple[str, ...]:
        return resume.read(json.dumps({"work": [{"name": "A", "highlights": ["B"], **job}]})).rows[0].identity

    assert identity() == identity(endDate="2026")
    assert identity() != identity(position="Lead")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{\n"work": [\n}', ["line 3: is not JSON: Expecting value"]),
        ("", ["line 1: is not JSON: Expecting value"]),
        ("[]", ["line 1: there is no list 'work', where JSON Resume keeps jobs"]),
        ("{}", ["line 1: there is no list 'work', where JSON Resume keeps jobs"]),
        ('{"a": "b",\n\n"work": "x"}', ["line 3: there is no list 'work', where JSON Resume keeps jobs"]),
        ('{\n"work": []}', ["line 2: no job in 'work' has a highlight"]),
        ('{"work": [1]}', ["line 1: a job in 'work' is not an object"]),
        ('{"work": [{\n"name": 5, "highlights": ["a"]}]}', ["line 2: 'name' is not a text"]),
        ('{"work": [{\n"highlights": "a"}]}', ["line 2: 'highlights' is not a list"]),
        ('{"work": [{"highlights": [\n"a",\n" ", 7]}]}', ["line 3: a highlight is not a text, or is empty"] * 2),
        (
            '{"work": [{"startDate": "May 2020",\n"endDate": "2021-13"}]}',
            [
                "line 1: startDate 'May 2020' is not a date such as 2026-06-30, 2026-06 or 2026",
                "line 2: endDate '2021-13' is not a date such as 2026-06-30, 2026-06 or 2026",
            ],
        ),
        ('{"work": [],\n"work": []}', ["line 1: 'work' stands twice in one object"]),
        ("[" * 100_000, ["line 1: is nested too deeply"]),
        ('{"work": [{"highlights": [' + "1" * 5_000 + "]}]}", [
            "line 1: a highlight is not a text, or is empty",
        ]),
    ],
)  # fmt: skip
def test_resume_says_what_is_wrong_and_where(text: str, said: list[str]) -> None:
    assert problems(resume.read(text)) == said


def test_resume_reads_the_last_day_and_refuses_one_that_is_not() -> None:
    found = resume.read('{"work": [{"endDate": "2021-02-30", "highlights": ["a"]}]}')
    assert problems(found) == ["line 1: endDate '2021-02-30' is not a date such as 2026-06-30, 2026-06 or 2026"]


# ── git log ─────────────────────────────────────────────────────────────────

LOG = """commit 1f0c4b5d2a3e4f5061728394a5b6c7d8e9f0a1b2 (HEAD -> main)
Merge: 1234567 89abcde
Author: Ada <ada@ladder.example>
Date:   Sat Nov 1 23:30:00 2025 +0200

    Make refunds safe to repeat

    Keys, and a constraint.
        indented
    Note: nothing

    Before: 2
    After: 0

    Accomplishment: Ended double refunds
      for good
    Competency: software-engineering 2
    Competency: Testing: 1
    Part: owned
    Signed-off-by: Ada

 src/a.py | 2 +-
    Accomplishment: not of a message

commit 2f0c4b5d2a3e4f5061728394a5b6c7d8e9f0a1b2
Author: Ada <ada@ladder.example>
Date:   Fri Oct 31 10:00:00 2025 +0200

    Nothing to tell

    Reviewed-by: Ben
"""
FULLER = """commit 3f0c4b5
Author:     Ada <ada@ladder.example>
AuthorDate: 2025-10-30 10:00:00 +0200
Commit:     Ben <ben@ladder.example>
CommitDate: 2025-11-05 10:00:00 +0200

    Two at once

    Scope: team
    Accomplishment: First
    Link: https://git.example.org/1
    Link: https://git.example.org/2
    accomplishment: Second,
    which goes on
    Scope: feature
"""


def test_git_log_reads_trailers_with_the_message_and_the_day_of_the_author() -> None:
    assert rows(git_log.read(LOG)) == [
        (
            15,
            {
                "title": "Ended double refunds for good",
                "action": "Make refunds safe to repeat\n\nKeys, and a constraint.\n    indented\nNote: nothing\n\n"
                "Before: 2\nAfter: 0",
                "ended_on": "2025-11-01",
                "competencies": "software-engineering 2; Testing: 1",
                "part": "owned",
            },
        )
    ]


def test_git_log_reads_the_fuller_format_and_several_in_one_commit() -> None:
    same = {"action": "Two at once", "ended_on": "2025-10-30"}
    links = "https://git.example.org/1 https://git.example.org/2"
    assert rows(git_log.read(FULLER)) == [
        (10, {"title": "First", "scope": "team", "links": links} | same),
        (13, {"title": "Second, which goes on", "scope": "feature"} | same),
    ]


@pytest.mark.parametrize(
    "date",
    [
        "Sat Nov 1 12:00:00 2025 +0100",
        "Sat Nov 1 12:00:00 2025",
        "2025-11-01",
        "2025-11-01 12:00:00 +0100",
        "2025-11-01T12:00:00+01:00",
        "Sat, 1 Nov 2025 12:00:00 +0100",
    ],
)
def test_git_log_reads_the_dates_that_git_prints(date: str) -> None:
    text = f"commit abcdef0\nAuthor: A\nDate:   {date}\n\n    Accomplishment: Did it\n"
    assert rows(git_log.read(text)) == [(5, {"title": "Did it", "ended_on": "2025-11-01"})]


def test_git_log_keeps_a_subject_that_looks_like_a_trailer() -> None:
    text = "commit abcdef0\nDate: 2025-11-01\n\n    Feat: Redo it\n    Accomplishment: Did it\n"
    assert rows(git_log.read(text)) == [(5, {"title": "Did it", "action": "Feat: Redo it", "ended_on": "2025-11-01"})]


def test_git_log_is_the_same_row_after_a_rebase() -> None:
    moved = FULLER.replace("3f0c4b5", "9999999").replace("2025-11-05", "2026-01-01")
    assert [row.identity for row in git_log.read(moved).rows] == [row.identity for row in git_log.read(FULLER).rows]


def test_git_log_keeps_a_long_accomplishment_whole() -> None:
    long = "word " * 60 + "end"
    values = rows(git_log.read(f"commit abcdef0\nDate: 2025-11-01\n\n    Accomplishment: {long}\n"))[0][1]
    assert values["title"] == shortened(long)
    assert values["outcome"] == long


def test_git_log_tells_whose_commits_they_are_when_there_are_several() -> None:
    both = LOG + FULLER.replace("Ada <ada", "Cleo <cleo")
    assert git_log.read(LOG).remarks == []
    assert git_log.read(both).remarks == [
        "These commits are by 2 people: Ada <ada@ladder.example>, Cleo <cleo@ladder.example>. Import only your own "
        "work; git log --author=NAME prints one person's commits."
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ["line 1: there is no commit; make the file with: git log > log.txt"]),
        ("1f0c4b5 One line\n", ["line 1: there is no commit; make the file with: git log > log.txt"]),
        (LOG.replace("Accomplishment:", "Done:"), ["line 1: no commit has a trailer 'Accomplishment:'"]),
        (
            "\ncommit abcdef0\nAuthor: A\nDate:   3 days ago\n\n    Accomplishment: Did it\n",
            ["line 6: the commit at line 2 has the date '3 days ago', which is none"],
        ),
        ("commit abcdef0\n\n    Accomplishment: Did it", ["line 3: the commit at line 1 has no date"]),
    ],
)
def test_git_log_says_what_is_wrong_and_where(text: str, said: list[str]) -> None:
    assert problems(git_log.read(text)) == said


# ── Words ───────────────────────────────────────────────────────────────────


def test_hint_names_what_is_written_much_like_it() -> None:
    assert hint("Testing-Qualty", ["testing-quality", "ownership"]) == "; did you mean 'testing-quality'?"
    assert hint("zzz", ["testing-quality"]) == ""


def test_shortened_cuts_between_words() -> None:
    assert shortened("a" * 160) == "a" * 160
    assert shortened("a" * 161) == "a" * 159 + "…"
    assert shortened("long, " * 40) == "long, " * 25 + "long…"
