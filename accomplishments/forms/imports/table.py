"""CSV: a line of column names, then a row for each entry. Commas, semicolons or tabs; quoted cells may hold lines."""

import csv
import io
from collections.abc import Iterator

from accomplishments.forms.imports.rows import COLUMNS, Reading, Row, hint
from ladder.sheets import NotCsv, rows_of

TEMPLATE = (
    {
        "title": "Cut checkout errors on slow phones from 4 % to 0.6 %",
        "situation": "Slow phones lost the connection while paying, and paid twice or not at all.",
        "action": "I traced the errors to one timeout, made the call safe to repeat, and rolled it out by region.",
        "outcome": "Fewer complaints, and the support team closed its weekly list.",
        "measure_name": "failed checkouts",
        "measure_before": "4",
        "measure_after": "0.6",
        "measure_unit": "%",
        "part": "owned",
        "scope": "team",
        "started_on": "2026-02-02",
        "ended_on": "2026-03-13",
        "context": "Checkout",
        "competencies": "observability:3; testing-quality:2",
        "links": "https://git.example.org/checkout/pull/512",
        "confidential": "no",
    },
    {
        "title": "Wrote the guide that new colleagues start with",
        "situation": "Everyone asked the same ten questions in their first week.",
        "action": "I collected the questions, wrote the answers, and asked two newcomers to try them.",
        "outcome": "The last three newcomers set up their machine in a day and not in three.",
        "part": "contributed",
        "scope": "several-teams",
        "ended_on": "2026-05-29",
        "ai_help": "A model drafted the outline; I wrote and checked the text.",
        "competencies": "mentorship:2",
        "confidential": "no",
    },
)


def template() -> str:
    """The file that the page offers: every column, two example rows."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(TEMPLATE)
    return out.getvalue()


def read(text: str) -> Reading:
    reading = Reading()
    lines = _lines(text, reading)
    line, names = next(lines, (1, []))
    columns = [_column(name) for name in names]
    _check(line, columns, reading)
    if reading.problems:
        return reading
    for line, cells in lines:
        if reading.is_full:
            break
        if len(cells) > len(columns) and any(cells[len(columns) :]):
            reading.wrong(line, f"has {len(cells)} cells, but there are {len(columns)} columns; are quotes missing?")
            continue
        values = {column: cell for column, cell in zip(columns, cells, strict=False) if cell}
        if values:
            reading.rows.append(
                Row(line, values, tuple(f"{name}={values[name]}" for name in COLUMNS if name in values))
            )
    if not (reading.rows or reading.problems):
        reading.wrong(line, "there is no row below the names of the columns")
    return reading


def _lines(text: str, reading: Reading) -> Iterator[tuple[int, list[str]]]:
    """The rows; ends where the file isn't CSV."""
    try:
        yield from rows_of(text)
    except NotCsv as error:
        reading.wrong(error.line, str(error))


def _column(name: str) -> str:
    """`Ended on` is `ended_on`."""
    return "_".join(name.casefold().split())


def _check(line: int, columns: list[str], reading: Reading) -> None:
    if reading.problems:
        return
    if not columns:
        reading.wrong(line, "the file is empty")
        return
    if len(columns) > 2 * len(COLUMNS):
        reading.wrong(line, f"has {len(columns)} columns, but only {len(COLUMNS)} are known")
        return
    for column in dict.fromkeys(columns):
        if not column:
            reading.wrong(line, "a column has no name")
        elif column not in COLUMNS:
            reading.wrong(line, f"column '{column}' is not known{hint(column, COLUMNS)}")
        elif columns.count(column) > 1:
            reading.wrong(line, f"column '{column}' stands there twice")
    if "title" not in columns:
        reading.wrong(line, "there is no column 'title'")
