"""One page, whole or the part of it that htmx asked for."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers


def page_or_partial(
    request: HttpRequest, template: str, context: dict[str, Any], *, partial: str, status: int = 200
) -> HttpResponse:
    """Render `template`, or only `template#partial` where htmx targets the element of that id."""
    htmx = getattr(request, "htmx", None)
    wanted = htmx and not htmx.boosted and htmx.target == partial
    response = render(request, f"{template}#{partial}" if wanted else template, context, status=status)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response
