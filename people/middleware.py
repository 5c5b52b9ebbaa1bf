"""Times and dates as the person who looks is used to them."""

from collections.abc import Callable
from contextlib import ExitStack

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone, translation


class Locality:
    """The time zone and the language of who is signed in hold while their request is answered.

    Whoever brings no session has the installation's, and is not looked up.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with ExitStack() as held:
            if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
                held.enter_context(timezone.override(request.user.zone))
                if request.user.language in dict(settings.LANGUAGES):
                    held.enter_context(translation.override(request.user.language))
            return self.get_response(request)
