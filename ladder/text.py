"""Text as people type and paste it, made safe to keep: one way for every form."""

import unicodedata
from typing import Any

from django import forms

JOINERS = "\u200c\u200d"  # invisible, but some scripts and emoji need them


def clean_text(value: str, *, lines: bool) -> str:
    """Without control and invisible characters and surrounding white space; one line unless `lines` may stay."""
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    unwanted = {"Cc", "Cs", "Cf"}
    text = "".join(one for one in text if one in "\n\t" + JOINERS or unicodedata.category(one) not in unwanted)
    return text.strip() if lines else " ".join(text.split())


class CleanText(forms.CharField):
    """Text that may go straight into the database."""

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return self.empty_value
        return clean_text(str(value), lines=isinstance(self.widget, forms.Textarea))
