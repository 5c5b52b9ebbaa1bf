"""How a level of a role, a tier and an icon are drawn. Built into every template."""

from functools import lru_cache

from django import template
from django.template.defaultfilters import capfirst
from django.utils.html import format_html
from django.utils.safestring import SafeString
from lucide.templatetags.lucide import lucide

register = template.Library()


@register.simple_tag
def level(number: int, code: str = "") -> SafeString:
    """The chip of a level: so many rungs climbed, and its code."""
    return format_html('<span class="level" data-level="{}">{}</span>', min(number, 6), code or f"L{number}")


@register.simple_tag
def tier(name: str) -> SafeString:
    """Square, ring or open diamond, always with the word."""
    return format_html('<span class="tier" data-tier="{}">{}</span>', name, capfirst(name))


@register.simple_tag
@lru_cache
def icon(name: str) -> SafeString:
    """A decorative icon; the word beside it is what is read out."""
    return SafeString(lucide(name, size=None, **{"class": "icon", "aria_hidden": "true"}))
