"""What somebody may ask of their log, by address, and the one-field form that begins an entry."""

import re
from collections.abc import Callable, Container
from datetime import date, timedelta

from django import forms
from django.http import QueryDict

from accomplishments.queries.log import NONE, PROOF_FILTER, STATE_FILTER, Cursor, Filters, quarter_of
from ladder.text import CleanText, clean_text

LONGEST_QUERY = 200
CURSOR = re.compile(r"(\d{4}-\d\d-\d\d)\.(\d{1,18})", re.ASCII)


def filters_from(query: QueryDict, known: Callable[[], Container[str]]) -> Filters:
    """A wrong value is as if not given; `known` is asked for the slugs of competencies only where one is named."""
    competency = query.get("competency", "")
    state, proof = query.get("state", ""), query.get("proof", "")
    return Filters(
        q=clean_text(query.get("q", ""), lines=False)[:LONGEST_QUERY],
        competency=competency if competency and (competency == NONE or competency in known()) else "",
        state=state if state in STATE_FILTER else "",
        proof=proof if proof in PROOF_FILTER else "",
        since=_day(query.get("from", "")),
        until=_day(query.get("to", "")),
    )


def cursor_from(query: QueryDict) -> Cursor | None:
    """Where the page before ended; None where that is no place."""
    found = CURSOR.fullmatch(query.get("before", ""))
    day = _day(found[1]) if found else None
    return Cursor(day, int(found[2])) if found and day else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def periods(today: date) -> list[tuple[str, date, date]]:
    """Choices of a period that are one click: name, first and last day."""
    quarter, _ = quarter_of(today)
    before, _ = quarter_of(quarter - timedelta(days=1))
    year = date(today.year, 1, 1)
    return [
        ("This quarter", quarter, today),
        ("Last quarter", before, quarter - timedelta(days=1)),
        ("This year", year, today),
        ("Last year", date(today.year - 1, 1, 1), year - timedelta(days=1)),
    ]


class QuickForm(forms.Form):
    """A title, to be finished later; the token makes a double submit one entry."""

    title = CleanText(
        label="What did you do?",
        max_length=160,
        error_messages={"required": "Say in a few words what you did."},
    )
    token = forms.UUIDField(
        widget=forms.HiddenInput, error_messages=dict.fromkeys(("required", "invalid"), "Load the page again, please.")
    )


class FileForm(forms.Form):
    """One file that shows the work."""

    file = forms.FileField(
        label="Add a file",
        help_text="PDF, PNG, JPEG, text or Markdown, at most 10 MB. It is checked by what is in it.",
        error_messages={"required": "Choose a file first.", "empty": "This file is empty."},
    )
