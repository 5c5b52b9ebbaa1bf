"""The form that takes a file or a text to import."""

from hashlib import sha256
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accomplishments.forms.imports.git_log import COMMIT
from accomplishments.forms.imports.rows import MOST_BYTES

KINDS = (("", "Find out from the text"), ("csv", "CSV"), ("json", "JSON Resume"), ("git", "git log"))
TOO_BIG = f"This is larger than {MOST_BYTES // 1_000_000} MB: split it."


class ImportForm(forms.Form):
    """A file, or its text; whichever it was, it is the text of the form from then on."""

    file = forms.FileField(label="File", required=False, allow_empty_file=True)
    text = forms.CharField(
        label="Or paste its text",
        required=False,
        strip=False,
        widget=forms.Textarea({"rows": 8, "spellcheck": "false", "wrap": "off"}),
    )
    kind = forms.ChoiceField(label="What is it?", choices=KINDS, required=False)

    def __init__(self, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files, label_suffix="")

    def clean_file(self) -> str:
        """The text of the file; empty without one."""
        file = self.cleaned_data["file"]
        if not file:
            return ""
        if file.size > MOST_BYTES:
            raise ValidationError(TOO_BIG)
        if not file.size:
            raise ValidationError("This file is empty.")
        return _decoded(file.read())

    def clean(self) -> None:
        found = self.cleaned_data.get("file") or self.cleaned_data.get("text", "")
        text = found.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
        if len(text.encode()) > MOST_BYTES:
            self.add_error("text", TOO_BIG)
        elif not self.errors and not text.strip():
            self.add_error("file", "Choose a file, or paste its text below.")
        self.cleaned_data["text"] = text
        self.cleaned_data["kind"] = self.cleaned_data.get("kind") or _kind(text)
        self.data = {**dict(self.data.items()), "text": text}

    @property
    def seen(self) -> str:
        """A mark of what is previewed: only that can be confirmed."""
        return sha256(f"{self.cleaned_data['kind']}\n{self.cleaned_data['text']}".encode()).hexdigest()


def _kind(text: str) -> str:
    start = text.lstrip()
    if start.startswith(("{", "[")):
        return "json"
    return "git" if COMMIT.match(start) else "csv"


def _decoded(data: bytes) -> str:
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
