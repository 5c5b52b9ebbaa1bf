"""Where the person who is signed in stands: against one role, and against all."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.cache import patch_cache_control
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from accomplishments.forms.match import FitForm, ReasonForm
from accomplishments.queries.match import SHOWS, MatchPage
from accomplishments.queries.standing import Standing, card_at
from accomplishments.queries.targets import WAYS, FitPage
from accomplishments.scoring.receipt import issue
from accomplishments.services import targets
from accomplishments.views import Request
from audit.choices import Kind
from audit.services import record
from competencies.models import Competency, Revision
from ladder.htmx import page_or_partial
from ladder.limits import exporting
from roles.models import RoleVersion


def standing_of(request: Request) -> Standing:
    return Standing(request.user.pk, Revision.stamp())


def _page(request: Request, *parts: str) -> MatchPage:
    """One role at the version that the query names, with the filters that it names; what it doesn't know is ignored."""
    standing, asked = standing_of(request), request.GET.get("version")
    if asked is not None and not (asked.isascii() and asked.isdecimal() and len(asked) < 10):
        raise Http404("There is no such version.")
    card = card_at(standing, "/".join(parts), int(asked) if asked else None, request.user)
    if card is None:
        raise Http404("There is no such role, or no such version of it.")
    show = request.GET.get("show", "")
    return MatchPage(standing, card, show if show in SHOWS else "", request.GET.get("plan") == "core")


def _show(request: Request, page: MatchPage, status: int = 200, **more: Any) -> HttpResponse:
    context = {"page": page, "card": page.card, **more}
    response = page_or_partial(request, "accomplishments/match.html", context, partial="match", status=status)
    patch_cache_control(response, private=True, no_cache=True)
    return response


@require_safe
def match(request: Request, family: str, specialty: str, level: str) -> HttpResponse:
    return _show(request, _page(request, family, specialty, level))


@require_POST
def exempt(request: Request, family: str, specialty: str, level: str) -> HttpResponse:
    """A requirement doesn't apply to them, with a reason; with `again`, it counts again."""
    page = _page(request, family, specialty, level)
    form = ReasonForm(request.POST)
    form.is_valid()
    slug = form.cleaned_data.get("competency", "")
    if not any(need.competency == slug for need in page.card.needs):
        raise Http404("This version does not ask for that.")
    competency = get_object_or_404(Competency, slug=slug)
    role = RoleVersion.objects.select_related("role").get(pk=page.card.version_id).role
    if "again" in request.POST:
        targets.unexempt(by=request.user, role=role, competency=competency)
        messages.success(request, f"{competency} counts again.")
    elif form.is_valid():
        targets.exempt(by=request.user, role=role, competency=competency, reason=form.cleaned_data["reason"])
        messages.success(request, f"{competency} is left out of this match.")
    else:
        return _show(request, page, status=422, form=form)
    if request.htmx:
        return _show(request, _page(request, family, specialty, level))
    return redirect(page.url)


@exporting
@require_safe
def receipt(request: Request, family: str, specialty: str, level: str) -> HttpResponse:
    """The match as canonical JSON, to keep and to verify."""
    page = _page(request, family, specialty, level)
    standing, shape = page.standing, page.standing.shape(page.card)
    if not shape.applicable:
        raise Http404("There is nothing to match.")
    data = issue(shape, standing.claims, standing.policy, standing.today, str(request.user))
    record(kind=Kind.EXPORTED, by=request.user, about=request.user, what=f"Downloaded the receipt of {page.card.path}.")
    name = f"match-{family}-{specialty}-{level}-version-{page.card.number}-{standing.today}.json"
    response = HttpResponse(data, content_type="application/json")
    response.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    patch_cache_control(response, private=True, no_store=True)
    return response


@require_safe
def fit(request: Request) -> HttpResponse:
    """All roles ranked; a role that the picker of a match chose, and perhaps its version, leads on to its match."""
    standing = standing_of(request)
    path, _, number = request.GET.get("role", "").partition("@")
    if chosen := standing.catalogue.by_path.get(path):
        return redirect(standing.url_of(chosen, version="" if number == str(chosen.number) else number))
    form = FitForm(request.GET)
    form.is_valid()
    way, family = request.GET.get("way", ""), request.GET.get("family", "")
    page = FitPage(
        standing,
        way if way in WAYS else "",
        family if any(card.family == family for card in standing.catalogue.roles) else "",
        form.cleaned_data.get("page") or 1,
    )
    response = page_or_partial(request, "accomplishments/fit.html", {"page": page}, partial="fit")
    patch_cache_control(response, private=True, no_cache=True)
    return response
