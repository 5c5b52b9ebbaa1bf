"""Pages that see everything."""

from uuid import uuid4

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe

from accomplishments.queries.standing import Standing
from competencies.models import Revision
from dashboards.queries import HomePage


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Where somebody stands; a stranger is sent on to the catalogue."""
    if not request.user.is_authenticated:
        response: HttpResponse = redirect("roles:roles")
    else:
        page = HomePage(Standing(request.user.pk, Revision.stamp()))
        response = render(request, "dashboards/home.html", {"page": page, "token": uuid4()})
    patch_cache_control(response, private=True, no_cache=True)
    patch_vary_headers(response, ["Cookie"])
    return response
