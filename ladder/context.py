"""What the shell needs on every page; no queries, unless a stranger could be told of the demo."""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import HttpRequest

THEMES = ("system", "light", "dark")
DEMO = "engineer@ladder.example"  # whom the band on top of the pages names


def theme_of(request: HttpRequest) -> str:
    """The saved choice of appearance, or an empty string to follow the system."""
    chosen = request.COOKIES.get("theme", "")
    return chosen if chosen in THEMES[1:] else ""


def has_demo() -> bool:
    """May there be demo people, and are they there? They can be removed. 1 query."""
    return bool(settings.DEMO_ALLOWED) and get_user_model().objects.filter(email=DEMO).exists()


def shell(request: HttpRequest) -> dict[str, Any]:
    return {
        "theme": theme_of(request),
        "signup_open": settings.SIGNUP == "open",
        "sso": settings.OIDC_NAME,
        "demo": has_demo,
    }
