"""So many times in so much time, per person or address; then 429 and when to come back."""

from collections.abc import Callable
from functools import wraps
from time import time
from typing import Any

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

View = Callable[..., HttpResponseBase]


def limited(name: str, *, most: int, seconds: int, methods: tuple[str, ...] = ("POST",)) -> Callable[[View], View]:
    """At most `most` requests of these methods in each window of `seconds`; without a cache there is no limit."""

    def decorate(view: View) -> View:
        @wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method in methods:
                window, passed = divmod(int(time()), seconds)
                key = f"limit:{name}:{_who(request)}:{window}"
                cache.add(key, 0, seconds)
                if _count(key) > most:
                    response = render(request, "429.html", {"minutes": (seconds - passed) // 60 + 1}, status=429)
                    response.headers["Retry-After"] = str(seconds - passed)
                    return response
            return view(request, *args, **kwargs)

        return inner

    return decorate


def _who(request: HttpRequest) -> str:
    if request.user.is_authenticated:
        return f"person:{request.user.pk}"
    return f"address:{get_adapter(request).get_client_ip(request)}"


def _count(key: str) -> int:
    try:
        return int(cache.incr(key))
    except ValueError:  # not there: the window ended just now, or the cache is away
        return 0
