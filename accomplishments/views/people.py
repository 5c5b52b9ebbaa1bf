"""Colleagues: finding them, what one may read of their record, and who read one's own."""

from re import fullmatch

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from accomplishments.forms.log import cursor_from
from accomplishments.permissions import may_open
from accomplishments.queries.people import PersonPage, looks_at, reports_of
from accomplishments.queries.verifications import colleagues
from accomplishments.views import Request
from audit.services import viewed
from ladder.htmx import page_or_partial
from ladder.limits import searching
from ladder.text import clean_text
from people.models import User
from roles.queries.snapshot import snapshot

OPENED = "Opened the record"


@searching("who")
@require_safe
def people(request: Request) -> HttpResponse:
    """Those who are near, and whoever is looked for by name."""
    words = clean_text(request.GET.get("who", ""), lines=False)[:80]
    context = {
        "people": colleagues(request.user, words),
        "who": words,
        "reports": [] if request.htmx.target == "people" else reports_of(request.user),
    }
    return page_or_partial(request, "accomplishments/people.html", context, partial="people")


@require_safe
def person(request: Request, pk: int) -> HttpResponse:
    """Somebody, with what they let the reader see; they are told that it was looked at."""
    found = get_object_or_404(User.objects.select_related("manager", "team", "record"), pk=pk)
    if not may_open(request.user, found):
        raise Http404("There is no such person.")
    viewed(by=request.user, owner=found, what=OPENED)
    page = PersonPage(found, request.user, snapshot(), cursor_from(request.GET))
    return page_or_partial(request, "accomplishments/person.html", {"page": page, "person": found}, partial="more")


@require_safe
def views(request: Request) -> HttpResponse:
    """Who looked at one's own record, and when."""
    number = request.GET.get("before", "")
    before = int(number) if fullmatch("[1-9][0-9]{0,17}", number) else None
    looks, more = looks_at(request.user, before)
    return page_or_partial(request, "accomplishments/views.html", {"looks": looks, "more": more}, partial="looks")
