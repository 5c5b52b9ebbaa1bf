"""The Markdown that people write, as HTML that can do nothing."""

import html
import re

import nh3
from django.utils.html import linebreaks
from markdown_it import MarkdownIt

TAGS = {"p", "br", "em", "strong", "code", "pre", "blockquote", "ul", "ol", "li", "a", "hr"}
ATTRIBUTES = {"a": {"href"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}

# No HTML of their own, no pictures (they would call out to other servers), and no bare address becomes a link.
_markdown = MarkdownIt("commonmark", {"html": False, "linkify": False}).disable("image")
# A heading inside a text is no heading of the page: it would tear the outline that readers of it move along.
_markdown.renderer.rules["heading_open"] = lambda *_: "<p><strong>"  # type: ignore[attr-defined]
_markdown.renderer.rules["heading_close"] = lambda *_: "</strong></p>\n"  # type: ignore[attr-defined]


MOST_MARKS = 600  # of Markdown in one text; nobody means more, and the time to read them grows with their square
MOST_OF_AN_EXCERPT = 2000  # characters
_MARKS = re.compile(r"[\[\]*_`!<]|\n\s*[-+>]")


def _html(text: str) -> str:
    if len(_MARKS.findall(text)) > MOST_MARKS:
        return linebreaks(text, autoescape=True)
    return str(_markdown.render(text))


def render(text: str) -> str:
    """Safe HTML: CommonMark without raw HTML, then only what the allow-list names."""
    return nh3.clean(
        _html(text),
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel="nofollow noopener",
    )


def plain(text: str) -> str:
    """The words alone on one line, neither Markdown nor HTML: for excerpts."""
    bare = nh3.clean(_html(text[:MOST_OF_AN_EXCERPT]), tags=set(), clean_content_tags=set())
    return " ".join(html.unescape(bare).split())
