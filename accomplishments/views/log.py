"""The log of the person who is signed in: the timeline, an entry of it, and what can be done to one."""

from re import fullmatch
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accomplishments.choices import State
from accomplishments.forms.log import FileForm, QuickForm, cursor_from, filters_from, periods
from accomplishments.models import Accomplishment
from accomplishments.queries.entry import EntryPage, history_of
from accomplishments.queries.log import PROOF_FILTER, STATE_FILTER, Filters, Log, Timeline
from accomplishments.services import entries
from accomplishments.services.entries import EditedElsewhere, Typed
from accomplishments.views import Request
from audit.services import viewed
from ladder.htmx import page_or_partial
from ladder.limits import searching

PAGE = "accomplishments/log.html"
READ = "Read an entry"


def own_or_404(request: Request, pk: int) -> Accomplishment:
    """An entry of one's own, in whatever state, to be changed."""
    return get_object_or_404(Accomplishment.objects.owned_by(request.user), pk=pk)


def visible_or_404(request: Request, pk: int) -> Accomplishment:
    """An entry that one may read, with its owner; for nothing but reading."""
    return get_object_or_404(Accomplishment.objects.visible_to(request.user).select_related("person"), pk=pk)


# ── The timeline ────────────────────────────────────────────────────────────
@searching("q")
@require_safe
def log(request: Request) -> HttpResponse:
    mine = Log(request.user.pk)
    filters = filters_from(request.GET, lambda: mine.competencies)
    context = log_context(mine, Timeline(mine.person, filters, cursor_from(request.GET)))
    more = request.htmx.target == "more"
    return page_or_partial(request, PAGE, context, partial="more" if more else "entries")


def log_context(mine: Log, timeline: Timeline) -> dict[str, Any]:
    filters = timeline.filters
    return {
        "log": mine,
        "timeline": timeline,
        "filters": filters,
        "states": STATE_FILTER.items(),
        "proofs": [(value, words) for value, (words, *_) in PROOF_FILTER.items()],
        "periods": [
            (name, filters.address(**{"from": first, "to": last}), (filters.since, filters.until) == (first, last))
            for name, first, last in periods(timezone.localdate())
        ],
        "quick": QuickForm(initial={"token": uuid4()}),
    }


@require_POST
def quick_add(request: Request) -> HttpResponse:
    """A draft from a title. The log comes back as it is without filters, with the draft in it."""
    form = QuickForm(request.POST)
    if form.is_valid():
        title, token = form.cleaned_data["title"], form.cleaned_data["token"]
        said = f"“{title}” is in your log as a draft."
        try:
            entries.add(by=request.user, typed=Typed({"title": title}), log=False, token=token)
        except EditedElsewhere as problem:  # this form was sent before
            said = f"“{problem.entry}” was added before, and changed or deleted since. Nothing is added."
        if not request.htmx:
            messages.success(request, said)
            return redirect("accomplishments:log")
    mine = Log(request.user.pk)
    context = log_context(mine, Timeline(mine.person, Filters()))
    if not form.is_valid():
        return page_or_partial(request, PAGE, context | {"quick": form}, partial="quick", status=422)
    response = render(request, f"{PAGE}#added", context | {"added": said})
    response.headers["HX-Push-Url"] = reverse("accomplishments:log")
    return response


# ── One entry ───────────────────────────────────────────────────────────────
@require_safe
def entry(request: Request, pk: int) -> HttpResponse:
    """One's own, or what a colleague lets one read; of that the colleague is told."""
    found = visible_or_404(request, pk)
    viewed(by=request.user, owner=found.person, what=READ, thing=pk)
    context = {"entry": found, "page": EntryPage(found, request.user), "form": FileForm()}
    return render(request, "accomplishments/entry.html", context)


@require_safe
def entry_history(request: Request, pk: int) -> HttpResponse:
    found = own_or_404(request, pk)
    number = request.GET.get("page", "")
    page = int(number) if fullmatch("[1-9][0-9]{0,3}", number) else 1
    steps, more = history_of(found, page)
    if not steps:
        raise Http404("There is no such page.")
    return render(
        request, "accomplishments/entry_history.html", {"entry": found, "steps": steps, "page": page, "more": more}
    )


@require_POST
def archive(request: Request, pk: int) -> HttpResponse:
    found = own_or_404(request, pk)
    if entries.archive(entry=found, by=request.user):
        _say(request, f"“{found}” is archived. It counts in no match any more.", undo="unarchive", pk=pk)
    elif found.state == State.DRAFT:
        messages.warning(request, "A draft can't be archived, only logged or deleted.")
    else:
        messages.info(request, f"“{found}” is archived or deleted already.")
    return redirect(found)


@require_POST
def unarchive(request: Request, pk: int) -> HttpResponse:
    found = own_or_404(request, pk)
    if entries.unarchive(entry=found, by=request.user):
        messages.success(request, f"“{found}” is back in your log and counts again.")
    else:
        messages.info(request, f"“{found}” is not archived.")
    return redirect(found)


@require_POST
def delete(request: Request, pk: int) -> HttpResponse:
    found = own_or_404(request, pk)
    if entries.delete(entry=found, by=request.user):
        _say(request, f"“{found}” is deleted. It can be brought back for 30 days.", undo="undelete", pk=pk)
    else:
        messages.info(request, f"“{found}” is deleted already.")
    return redirect("accomplishments:log")


@require_POST
def undelete(request: Request, pk: int) -> HttpResponse:
    found = own_or_404(request, pk)
    if entries.undelete(entry=found, by=request.user):
        messages.success(request, f"“{found}” is back.")
    else:
        messages.info(request, f"“{found}” is not deleted.")
    return redirect(found)


def _say(request: Request, text: str, *, undo: str, pk: int) -> None:
    """A message with a button that takes the change back; base.html makes it of the address in the tags."""
    messages.success(request, text, extra_tags=reverse(f"accomplishments:{undo}", args=[pk]))
