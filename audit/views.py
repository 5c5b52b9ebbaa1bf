"""The trail, for auditors."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from audit import queries
from audit.forms import Filters
from ladder.htmx import page_or_partial


@require_safe
def trail(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("audit.view_event"):
        raise Http404("There is no such page.")
    form = Filters(request.GET)
    events, more = queries.page(queries.visible_to(request.user), form.wanted())
    query = request.GET.copy()
    query["before"] = str(more or "")
    context = {"form": form, "events": events, "more": query.urlencode() if more else ""}
    return page_or_partial(request, "audit/trail.html", context, partial="trail")
