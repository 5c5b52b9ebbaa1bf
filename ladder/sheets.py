"""Files that other programs wrote, as text and as rows; and rows for other programs to open."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

DELIMITERS = (",", ";", "\t")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes for the start of a formula
QUOTE = "'"  # and what tells it that it is none
MARK = "\ufeff"  # by which a spreadsheet knows UTF-8


class NotCsv(ValueError):
    """From this line on the text is no CSV."""

    def __init__(self, line: int, said: str) -> None:
        super().__init__(said)
        self.line = line


def decoded(data: bytes) -> str:
    """UTF-8 as text. Raises ValidationError saying what it is instead, and where."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ValidationError("This file is UTF-16 text: save it as UTF-8.")
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        raise ValidationError(f"Line {line} has a NUL byte, so this is no text: save a sheet as CSV.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ValidationError(
            f"Line {line} is not UTF-8 but most likely Windows-1252. Save the file as UTF-8 (in Excel: CSV UTF-8)."
        ) from error


def rows_of(text: str) -> Iterator[tuple[int, list[str]]]:
    """The cells of each row that has any, with the line where it starts. Commas, semicolons or tabs, whichever the
    first line has most of; quoted cells may hold lines. Raises NotCsv.
    """
    head = text.lstrip("\n").partition("\n")[0]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=max(DELIMITERS, key=head.count), strict=True)
    while True:
        start = rows.line_num + 1
        try:
            cells = [cell.strip() for cell in next(rows)]
        except StopIteration:
            return
        except csv.Error as error:
            said = "a quotation mark opens a cell and nothing closes it" if "end of data" in str(error) else str(error)
            raise NotCsv(start, said) from error
        if any(cells):
            yield start, cells


def safe(cell: str) -> str:
    """A cell that no spreadsheet runs; `plain` is the way back."""
    return QUOTE + cell if cell.startswith(FORMULA) else cell


def plain(cell: str) -> str:
    return cell[1:] if cell.startswith(tuple(QUOTE + sign for sign in FORMULA)) else cell


def sheet(rows: Iterable[Iterable[str]]) -> str:
    """CSV that a spreadsheet opens as what it is."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([safe(cell) for cell in row] for row in rows)
    return MARK + out.getvalue()


class FileOrText(forms.Form):
    """A file, or its text; whichever it was, it is the text of the form from then on."""

    most_bytes: ClassVar[int] = 1_000_000
    file = forms.FileField(label="File", required=False, allow_empty_file=True)
    text = forms.CharField(
        label="Or paste its text",
        required=False,
        strip=False,
        widget=forms.Textarea({"rows": 8, "spellcheck": "false", "wrap": "off"}),
    )

    def __init__(self, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files, label_suffix="")

    @property
    def too_big(self) -> str:
        return f"This is larger than {self.most_bytes // 1_000_000} MB: split it."

    def clean_file(self) -> str:
        """The text of the file; empty without one."""
        file = self.cleaned_data["file"]
        if not file:
            return ""
        if file.size > self.most_bytes:
            raise ValidationError(self.too_big)
        if not file.size:
            raise ValidationError("This file is empty.")
        return decoded(file.read())

    def clean(self) -> None:
        found = self.cleaned_data.get("file") or self.cleaned_data.get("text", "")
        text = found.replace("\r\n", "\n").replace("\r", "\n").removeprefix(MARK)
        if len(text.encode()) > self.most_bytes:
            self.add_error("text", self.too_big)
        elif not self.errors and not text.strip():
            self.add_error("file", "Choose a file, or paste its text below.")
        self.cleaned_data["text"] = text
        self.data = {**dict(self.data.items()), "text": text}
