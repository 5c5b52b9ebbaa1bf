"""The form that takes a file or a text to import."""

from hashlib import sha256

from django import forms

from accomplishments.forms.imports.git_log import COMMIT
from accomplishments.forms.imports.rows import MOST_BYTES
from ladder.sheets import FileOrText

KINDS = (("", "Find out from the text"), ("csv", "CSV"), ("json", "JSON Resume"), ("git", "git log"))


class ImportForm(FileOrText):
    """A file or a text, and what it is."""

    most_bytes = MOST_BYTES
    kind = forms.ChoiceField(label="What is it?", choices=KINDS, required=False)

    def clean(self) -> None:
        super().clean()
        self.cleaned_data["kind"] = self.cleaned_data.get("kind") or _kind(self.cleaned_data["text"])

    @property
    def seen(self) -> str:
        """A mark of what is previewed: only that can be confirmed."""
        return sha256(f"{self.cleaned_data['kind']}\n{self.cleaned_data['text']}".encode()).hexdigest()


def _kind(text: str) -> str:
    start = text.lstrip()
    if start.startswith(("{", "[")):
        return "json"
    return "git" if COMMIT.match(start) else "csv"
