"""How people's own things are shown. `{% load people %}`."""

import re

from django import template

register = template.Library()

# The first that fits: browsers claim to be each other, and the one that says most stands first.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/|FxiOS", "Firefox"),
    ("Chrom|CriOS", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone|iPad", "iOS"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def _first(names: tuple[tuple[str, str], ...], text: str, default: str) -> str:
    return next((name for pattern, name in names if re.search(pattern, text)), default)


@register.filter
def browser(user_agent: str) -> str:
    """A browser's description of itself in words: `Firefox on Windows`. Only ever a hint, since it can say anything."""
    return f"{_first(BROWSERS, user_agent, 'A browser')} on {_first(SYSTEMS, user_agent, 'an unknown system')}"
