"""What people write is shown as they meant it and can do nothing."""

import html
import re

import pytest
from django.template import Context, Template

from accomplishments.markdown import plain, render


def test_markdown_shows_what_is_meant() -> None:
    text = "Cut **p99** to `190 ms`.\n\n- one\n- *two*\n\n> said\n\n3. three\n\n---\n\n```\na < b\n```"
    assert render(text) == (
        "<p>Cut <strong>p99</strong> to <code>190 ms</code>.</p>\n<ul>\n<li>one</li>\n<li><em>two</em></li>\n</ul>\n"
        "<blockquote>\n<p>said</p>\n</blockquote>\n"
        '<ol start="3">\n<li>three</li>\n</ol>\n<hr>\n<pre><code>a &lt; b\n</code></pre>\n'
    )


def test_markdown_link_vouches_for_nothing_and_opens_no_door() -> None:
    assert render("[the report](https://example.com/r?a=1&b=2)") == (
        '<p><a href="https://example.com/r?a=1&amp;b=2" rel="nofollow noopener">the report</a></p>\n'
    )
    assert render("see https://example.com") == "<p>see https://example.com</p>\n"


def test_markdown_heading_is_no_heading_of_the_page() -> None:
    assert render("# Big\n\nSmall\n---") == "<p><strong>Big</strong></p>\n<p><strong>Small</strong></p>\n"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("<img src=x onerror=alert(1)>", "<p>&lt;img src=x onerror=alert(1)&gt;</p>\n"),
        ("[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>\n"),
        ("[a](data:text/html,b)", "<p>[a](data:text/html,b)</p>\n"),
        ("[a](vbscript:b)", "<p>[a](vbscript:b)</p>\n"),
        ("[a](ftp://b)", '<p><a rel="nofollow noopener">a</a></p>\n'),
        (
            "![a](https://example.com/pixel.png)",
            '<p>!<a href="https://example.com/pixel.png" rel="nofollow noopener">a</a></p>\n',
        ),
        ('```" onclick="x\na\n```', "<pre><code>a\n</code></pre>\n"),
    ],
)
def test_markdown_does_nothing(text: str, html: str) -> None:
    assert render(text).strip() == (html if html.startswith("<") else f"<p>{html}</p>").strip()


def test_plain_is_the_words_on_one_line() -> None:
    assert plain("# Cut **p99**\n\n- a & b\n- `<i>`, [c](https://d.example)") == "Cut p99 a & b <i>, c"


def drawn(source: str, **context: object) -> str:
    return Template("{% load accomplishments %}" + source).render(Context(context))


def test_markdown_filter_marks_its_html_safe() -> None:
    assert drawn("{{ text|markdown }}", text="*a* <b>") == "<p><em>a</em> &lt;b&gt;</p>\n"


def test_excerpt_is_short_and_escaped() -> None:
    assert drawn("{{ text|excerpt }}", text="`<b>` *a* & c") == "&lt;b&gt; a &amp; c"
    assert drawn("{{ text|excerpt }}", text="word " * 100) == "word " * 44 + "word…"


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ('{% proof "self" %}', '<span class="proof" data-proof="self">Self-claimed</span>'),
        ('{% proof "peer" "2 people" %}', '<span class="proof" data-proof="peer">Peer-verified, 2 people</span>'),
        ('{% proof "manager" who %}', '<span class="proof" data-proof="manager">Manager-verified, &lt;P&gt;</span>'),
    ],
)
def test_proof_says_who_stands_behind_it(source: str, html: str) -> None:
    assert drawn(source, who="<P>") == html


@pytest.mark.parametrize("mark", ["**a", "[", "![", "a\n- b\n\t", "[[a]", "_a", "[a]("])
def test_text_of_nothing_but_marks_is_shown_as_it_is(mark: str) -> None:
    text = (mark * 20_000)[:20_000]
    shown = html.unescape(re.sub("<[^>]+>", "", render(text)))
    assert "".join(shown.split()) == "".join(text.split())
    assert "<a" not in render(text)
