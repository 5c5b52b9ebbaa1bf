"""What holds while a request is answered."""

from collections.abc import Callable
from contextlib import ExitStack

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone, translation
from requests import RequestException

Answer = Callable[[HttpRequest], HttpResponseBase]
log = structlog.get_logger(__name__)


class Locality:
    """The time zone and the language of who is signed in hold while their request is answered.

    Whoever brings no session has the installation's, and is not looked up.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with ExitStack() as held:
            if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
                held.enter_context(timezone.override(request.user.zone))
                if request.user.language in dict(settings.LANGUAGES):
                    held.enter_context(translation.override(request.user.language))
            return self.get_response(request)


class ProviderAway:
    """A provider of single sign-on that does not answer is no fault of ours; django-allauth lets it through."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, RequestException):
            return None
        log.warning("provider_away", problem=str(exception))
        return render(request, "socialaccount/authentication_error.html", status=502)
