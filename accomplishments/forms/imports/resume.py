"""JSON Resume: every highlight of `work` is an entry, with the dates of the job. The rest of the file is not read."""

import json
import re
from calendar import monthrange
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils import timezone

from accomplishments.forms.imports.rows import Reading, Row, shortened

STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
DAY = re.compile(r"[12]\d{3}(-[01]\d(-[0-3]\d)?)?", re.ASCII)
Where = tuple[str | int, ...]


def read(text: str) -> Reading:
    reading = Reading()
    try:
        data = json.loads(text, object_pairs_hook=_object, parse_int=float)
        lines = dict(_lines(data, (), _Strings(text)))
    except json.JSONDecodeError as error:
        reading.wrong(error.lineno, f"is not JSON: {error.msg}")
        return reading
    except RecursionError:
        reading.wrong(1, "is nested too deeply")
        return reading
    except ValueError as error:  # of `_object`
        reading.wrong(1, str(error))
        return reading
    work = data.get("work") if isinstance(data, dict) else None
    if not isinstance(work, list):
        reading.wrong(lines.get(("work",), 1), "there is no list 'work', where JSON Resume keeps jobs")
        return reading
    for number, job in enumerate(work):
        _job(job, ("work", number), lines, reading)
        if reading.is_full:
            break
    if not (reading.rows or reading.problems):
        reading.wrong(lines["work",], "no job in 'work' has a highlight")
    return reading


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        ((twice, _),) = Counter(key for key, _ in pairs).most_common(1)
        raise ValueError(f"'{twice}' stands twice in one object")
    return found


def _job(job: Any, here: Where, lines: dict[Where, int], reading: Reading) -> None:
    if not isinstance(job, dict):
        reading.wrong(lines[here], "a job in 'work' is not an object")
        return
    texts = {}
    for name in ("name", "position", "startDate", "endDate"):
        texts[name] = job.get(name) or ""
        if not isinstance(texts[name], str):
            reading.wrong(lines[(*here, name)], f"'{name}' is not a text")
            return
    start, end = (_day(texts[name], last=name == "endDate") for name in ("startDate", "endDate"))
    for name, day in (("startDate", start), ("endDate", end)):
        if day is None:
            said = f"{name} '{texts[name]}' is not a date such as 2026-06-30, 2026-06 or 2026"
            reading.wrong(lines[(*here, name)], said)
    highlights = job.get("highlights") or []
    if not isinstance(highlights, list):
        reading.wrong(lines[(*here, "highlights")], "'highlights' is not a list")
        return
    for number, highlight in enumerate(highlights):
        if reading.is_full:
            return
        line = lines[(*here, "highlights", number)]
        if not (isinstance(highlight, str) and highlight.strip()):
            reading.wrong(line, "a highlight is not a text, or is empty")
            continue
        title = shortened(" ".join(highlight.split()))
        values = {
            "title": title,
            "outcome": highlight if title.endswith("…") else "",
            "context": ", ".join(filter(None, (texts["position"], texts["name"]))),
            "started_on": start or "",
            "ended_on": end or "",
        }
        reading.rows.append(Row(line, values, (texts["name"], texts["position"], highlight)))


def _day(text: str, *, last: bool) -> str | None:
    """The first, or last, day of a year, month or day; no day to come unless it is written out. None: not a date."""
    if not text:
        return ""
    if not DAY.fullmatch(text):
        return None
    year, month, day = (*map(int, text.split("-")), 0, 0)[:3]
    try:
        if day:
            return date(year, month, day).isoformat()
        first = date(year, month or 1, 1)
    except ValueError:
        return None
    if not last:
        return first.isoformat()
    month = month or 12
    today = timezone.localdate()
    found = date(year, month, monthrange(year, month)[1])
    return (today if first <= today < found else found).isoformat()


class _Strings:
    """The strings of a valid JSON text in their order, keys included, each with its line."""

    def __init__(self, text: str) -> None:
        self.text, self.line, self.at = text, 1, 0
        self.found = STRING.finditer(text)

    def next_line(self) -> int:
        start = next(self.found).start()
        self.line += self.text.count("\n", self.at, start)
        self.at = start
        return self.line


def _lines(data: Any, where: Where, strings: _Strings) -> Iterator[tuple[Where, int]]:
    """Where each part stands. A part without a string in it gets the line of the string before it."""
    yield where, strings.line
    if isinstance(data, dict):
        for key, value in data.items():
            line = strings.next_line()
            yield from _lines(value, (*where, key), strings)
            yield (*where, key), line
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from _lines(value, (*where, number), strings)
    elif isinstance(data, str):
        yield where, strings.next_line()
