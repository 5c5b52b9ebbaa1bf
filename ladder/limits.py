"""So many times in so much time, per person or address; then 429 and when to come back."""

from collections.abc import Callable
from functools import wraps
from time import time
from typing import Any, NamedTuple

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

View = Callable[..., HttpResponseBase]


class Limit(NamedTuple):
    """One limit of a view: what it is called, and how many requests of which methods in a window of how many seconds;
    where `given` is named, only of those that have such a word in their query.
    """

    name: str
    most: int
    seconds: int
    methods: tuple[str, ...]
    given: str = ""

    def counts(self, request: HttpRequest) -> bool:
        return request.method in self.methods and (not self.given or bool(request.GET.get(self.given)))


POSTED, READ, ANY = ("POST",), ("GET", "HEAD"), ("GET", "HEAD", "POST")


def limited(
    name: str, *, most: int, seconds: int, methods: tuple[str, ...] = POSTED, given: str = ""
) -> Callable[[View], View]:
    """Views with one `name` share one count. Without a cache there is no limit. The view's `limits` say what holds."""
    limit = Limit(name, most, seconds, methods, given)

    def decorate(view: View) -> View:
        @wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if limit.counts(request) and (wait := _over(limit, request)):
                return too_often(request, wait)
            return view(request, *args, **kwargs)

        inner.limits = (limit, *getattr(view, "limits", ()))  # type: ignore[attr-defined]
        return inner

    return decorate


def searching(given: str) -> Callable[[View], View]:
    """Of all pages that search as one types: so often nobody types, and no page of ours asks."""
    return limited("search", most=300, seconds=60, methods=READ, given=given)


def exporting(view: View) -> View:
    """Of all that is handed out as JSON, to people and to programs."""
    return limited("export", most=600, seconds=600, methods=READ)(view)


def _over(limit: Limit, request: HttpRequest) -> int:
    """Count a request: the seconds until the next window where it is one too many, else 0."""
    window, passed = divmod(int(time()), limit.seconds)
    key = f"limit:{limit.name}:{_who(request)}:{window}"
    cache.add(key, 0, limit.seconds)
    return limit.seconds - passed if _count(key) > limit.most else 0


def too_often(request: HttpRequest, seconds: int = 60) -> HttpResponse:
    """When to come back. Also `handler429`, which django-allauth calls for its limits: they count by the minute."""
    response = render(request, "429.html", {"minutes": (seconds - 1) // 60 + 1}, status=429)
    response.headers["Retry-After"] = str(seconds)
    return response


def _who(request: HttpRequest) -> str:
    if request.user.is_authenticated:
        return f"person:{request.user.pk}"
    return f"address:{get_adapter(request).get_client_ip(request)}"


def _count(key: str) -> int:
    try:
        return int(cache.incr(key))
    except ValueError:  # not there: the window ended just now, or the cache is away
        return 0
