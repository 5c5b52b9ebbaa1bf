"""What a file is, read from its content: its name decides nothing."""

import re
import unicodedata
from pathlib import PurePath, PureWindowsPath

MOST_BYTES = 10 * 1024 * 1024  # of one file
MOST_NAME = 120  # characters
PDF, PNG, JPEG, TEXT = "application/pdf", "image/png", "image/jpeg", "text/plain"
WORDS = {PDF: "PDF", PNG: "PNG picture", JPEG: "JPEG picture", TEXT: "Text"}
ALLOWED = "PDF, PNG, JPEG, plain text and Markdown"

# The endings under which a computer opens a file as what it is; the first is added where the name has none of them.
ENDINGS = {
    PDF: (".pdf",),
    PNG: (".png",),
    JPEG: (".jpg", ".jpeg"),
    TEXT: (".txt", ".md", ".markdown", ".log", ".csv"),
}
_PDF = re.compile(rb"%PDF-[12]\.\d")
_PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
_JPEG = b"\xff\xd8\xff"
_BINARY = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ufffe\uffff]")
# What a browser or a shell might run: elements that make a page, handlers of events, processing instructions.
_ACTIVE = re.compile(
    r"<\s*(!doctype|html|head|body|script|style|svg|iframe|frameset|object|embed|applet|meta|link|base|form)\b"
    r"|<\w[^<>]{0,2000}?\son\w{1,40}\s*="  # bounded, so that the time grows with the length alone
    r"|<\?(xml|php|=)"
    r"|\A#!",
    re.IGNORECASE,
)


class NotAllowed(ValueError):
    """A file that can't be kept; the message tells the person why, in words of theirs."""


def kind_of(content: bytes) -> str:
    """The media type of a PDF, PNG, JPEG, or of UTF-8 text that nothing runs. Raises NotAllowed for all else."""
    if not content:
        raise NotAllowed("This file is empty.")
    if _PDF.match(content):
        return PDF
    if content.startswith(_PNG):
        return PNG
    if content.startswith(_JPEG):
        return JPEG
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotAllowed(f"This is none of {ALLOWED}, whatever its name says. Text has to be in UTF-8.") from None
    if _BINARY.search(text):
        raise NotAllowed(f"This is none of {ALLOWED}, whatever its name says.")
    if _ACTIVE.search(text):
        raise NotAllowed("This text has HTML, SVG or a script in it, which is not kept. A PDF or a picture of it is.")
    return TEXT


def clean_name(name: str, kind: str) -> str:
    """A name to show and to save under: no folders, no control characters, an ending that says what it is."""
    name = PurePath(PureWindowsPath(name).name).name
    name = "".join(one for one in name if unicodedata.category(one)[0] != "C" and one not in '<>:"/\\|?*')
    stem, ending = _split(" ".join(name.split()).strip(". "))
    if ending.lower() not in ENDINGS[kind]:
        stem, ending = stem + ending, ENDINGS[kind][0]
    return (stem[: MOST_NAME - len(ending)].rstrip(". ") or "file") + ending


def _split(name: str) -> tuple[str, str]:
    path = PurePath(name)
    return (path.stem, path.suffix) if name else ("", "")
