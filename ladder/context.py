"""What the shell needs on every page; no queries."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

THEMES = ("system", "light", "dark")


def theme_of(request: HttpRequest) -> str:
    """The saved choice of appearance, or an empty string to follow the system."""
    chosen = request.COOKIES.get("theme", "")
    return chosen if chosen in THEMES[1:] else ""


def shell(request: HttpRequest) -> dict[str, Any]:
    return {"theme": theme_of(request), "signup_open": settings.SIGNUP_OPEN, "demo": settings.DEMO_ALLOWED}
