"""Where a request came from, for as long as it is answered."""

from collections.abc import Callable

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from audit.services import origin


class Origin:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        token = origin.set(_address(request))
        try:
            return self.get_response(request)
        finally:
            origin.reset(token)


def _address(request: HttpRequest) -> str | None:
    """As sign-in and its limits see it, behind as many proxies as the settings trust."""
    try:
        return str(get_adapter(request).get_client_ip(request))
    except PermissionDenied:  # a header that is no address
        return None
