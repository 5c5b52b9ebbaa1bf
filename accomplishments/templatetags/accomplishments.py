"""How entries are drawn: who stands behind them, and what people wrote. `{% load accomplishments %}`."""

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator

from accomplishments.choices import Proof
from accomplishments.markdown import plain, render
from ladder import ago as ages

register = template.Library()

EXCERPT = 45  # words


@register.simple_tag
def proof(kind: str, who: str = "") -> SafeString:
    """Who stands behind something, one of `choices.Proof`: a mark and the word, then who or how many.

    `{% proof "peer" "2 people" %}` says "Peer-verified, 2 people".
    """
    return format_html(
        '<span class="proof" data-proof="{}">{}{}</span>', kind, Proof(kind).label, f", {who}" if who else ""
    )


@register.filter(is_safe=True)
def markdown(text: str) -> SafeString:
    """What somebody wrote in Markdown, as HTML that can do nothing."""
    return mark_safe(render(text))  # noqa: S308  sanitised there


@register.filter
def ago(moment: datetime) -> str:
    """Roughly how many days, weeks or months, as the reader's day is."""
    return ages.ago(timezone.localdate(moment), timezone.localdate())


@register.filter
def excerpt(text: str) -> str:
    """The first words of a text in Markdown, without its marks."""
    return Truncator(plain(text)).words(EXCERPT)
