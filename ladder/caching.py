"""Pages that are the same for every stranger, made once for as long as what they show holds."""

from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from typing import Any, TypeVar

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers

from ladder.context import theme_of

Response = TypeVar("Response", bound=HttpResponseBase)
KEEP = 24 * 60 * 60  # seconds; what changed has another key, so this only bounds the cache
# A visitor with one of these may see more than a stranger does.
PERSONAL = (settings.SESSION_COOKIE_NAME, "messages")


def _key(request: HttpRequest, stamp: str) -> str:
    parts = (
        stamp,
        settings.RELEASE,
        request.build_absolute_uri(),
        theme_of(request),
        request.headers.get("HX-Request", ""),
        request.headers.get("HX-Target", ""),
        str(settings.PUBLIC_CATALOGUE),
    )
    return sha256("\n".join(parts).encode()).hexdigest()


def _for_strangers(response: Response) -> Response:
    """Ask again each time, and don't take another visitor's answer."""
    patch_cache_control(response, no_cache=True)
    patch_vary_headers(response, ["Cookie", "HX-Request", "HX-Target"])
    return response


def stamped(stamp: Callable[[], str]) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponseBase]]:
    """Give the view `stamp=`, and strangers an ETag and a page that is rendered once per stamp.

    Only whole pages without a query are kept: there are few of them, so strangers can't flush the cache with others.
    """

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            now = stamp()
            if request.method not in {"GET", "HEAD"} or any(name in request.COOKIES for name in PERSONAL):
                response = view(request, *args, stamp=now, **kwargs)
                patch_cache_control(response, private=True, no_cache=True)
                return response
            key = _key(request, now)
            etag = f'"{key}"'
            if (unchanged := get_conditional_response(request, etag=etag)) is not None:
                unchanged.headers["ETag"] = etag
                return _for_strangers(unchanged)
            whole = not (request.GET or "HX-Request" in request.headers)
            kept = cache.get(key) if whole else None
            if kept is None:
                response = view(request, *args, stamp=now, **kwargs)
                if response.status_code == 200 and whole:
                    cache.set(key, (response.content, response.headers["Content-Type"]), KEEP)
            else:
                response = HttpResponse(kept[0], content_type=kept[1])
            if response.status_code == 200:
                response.headers["ETag"] = etag
            return _for_strangers(response)

        return inner

    return decorate
