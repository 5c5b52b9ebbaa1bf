"""Middleware of the shell."""

import re
from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_cache_control
from django_structlog.middlewares import RequestMiddleware

View = TypeVar("View", bound=Callable[..., Any])


def catalogue_page(view: View) -> View:
    """Mark a view as part of the catalogue: open to everyone unless `LADDER_PUBLIC_CATALOGUE=0`."""
    view.catalogue_page = True  # type: ignore[attr-defined]
    return view


class SignInRequired(LoginRequiredMiddleware):
    """Every page asks for sign-in, save those marked otherwise."""

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., Any],
        view_args: tuple[Any, ...],
        view_kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        if settings.PUBLIC_CATALOGUE and getattr(view_func, "catalogue_page", False):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """What somebody with a session is shown is kept on no way, and asked for anew: who may read it changes."""
        if settings.SESSION_COOKIE_NAME in request.COOKIES and not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_cache=True)
        return response


class Logged(RequestMiddleware):
    """Requests in the log: without their query, which people typed, and without what opens a door."""

    OPENS = re.compile(r"(?<=/)[^/]*:[^/]*|(?<=/key/)[^/]+|(?<=/confirm-email/)[^/]+")  # signed, or allauth's keys

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {Logged.OPENS.sub('...', request.path)}"
