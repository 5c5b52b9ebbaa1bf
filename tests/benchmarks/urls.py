"""Ladder's addresses, and the yardstick: a page as plain as Django makes one."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from ladder.urls import urlpatterns as pages
from roles.models import Requirement

ROWS = 30


@login_required
def limit(request: HttpRequest) -> HttpResponse:
    """The limit page: sign-in by session, one query, one template of about 20 kB, nothing cached."""
    requirements = Requirement.objects.select_related("competency")[:ROWS]
    return render(request, "limit.html", {"requirements": requirements})


urlpatterns = [path("limit/", limit), *pages]
