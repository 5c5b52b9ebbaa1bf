"""Pages of the catalogue, open to everyone unless the installation asks for sign-in."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from competencies.models import Revision
from competencies.queries import indicators_of, scale
from ladder.caching import stamped
from ladder.htmx import page_or_partial
from ladder.limits import exporting, searching
from ladder.middleware import catalogue_page
from roles.forms.catalogue import card_from, filters_from
from roles.queries.exchange import job_description, linked_data, role_data
from roles.queries.pages import (
    Catalogue,
    Comparison,
    Lattice,
    RolePage,
    current_version,
    documents_of,
    page_of,
    versions_of,
)
from roles.queries.snapshot import Card, Snapshot, snapshot


def open_page(view: Any) -> Any:
    """A safe page of the catalogue; the view gets `stamp=`."""
    return catalogue_page(require_safe(stamped(Revision.stamp)(view)))


def card_or_404(catalogue: Snapshot, *parts: str) -> Card:
    card = catalogue.by_path.get("/".join(parts))
    if card is None:
        raise Http404("There is no such role.")
    return card


@searching("q")
@open_page
def roles(request: HttpRequest, *, stamp: str) -> HttpResponse:
    catalogue = snapshot(stamp)
    filters, number = filters_from(request.GET, catalogue)
    page = Catalogue(catalogue, filters, number)
    return page_or_partial(
        request, "roles/roles.html", {"page": page, "filters": filters, "stamp": stamp}, partial="matrix"
    )


@open_page
def role(request: HttpRequest, family: str, specialty: str, level: str, *, stamp: str) -> HttpResponse:
    catalogue = snapshot(stamp)
    card = card_or_404(catalogue, family, specialty, level)
    page = RolePage(catalogue, card, current_version(card))
    context = {"card": card, "page": page, "stamp": stamp, "linked_data": lambda: linked_data(page, request)}
    return render(request, "roles/role.html", context)


@exporting
@open_page
def role_json(request: HttpRequest, family: str, specialty: str, level: str, *, stamp: str) -> HttpResponse:
    catalogue = snapshot(stamp)
    card = card_or_404(catalogue, family, specialty, level)
    return JsonResponse(
        role_data(RolePage(catalogue, card, current_version(card)), request), json_dumps_params={"indent": 2}
    )


@exporting
@open_page
def job_json(request: HttpRequest, family: str, specialty: str, level: str, *, stamp: str) -> HttpResponse:
    catalogue = snapshot(stamp)
    card = card_or_404(catalogue, family, specialty, level)
    page = RolePage(catalogue, card, current_version(card))
    return JsonResponse(job_description(page, request), json_dumps_params={"indent": 2})


@open_page
def history(request: HttpRequest, family: str, specialty: str, level: str, *, stamp: str) -> HttpResponse:
    catalogue = snapshot(stamp)
    card = card_or_404(catalogue, family, specialty, level)
    versions = versions_of(card.path, request.user)
    pairs = [{"version": one, "before": before} for one, before in zip(versions, [*versions[1:], None], strict=True)]
    return render(request, "roles/history.html", {"card": card, "pairs": pairs})


@open_page
def version(request: HttpRequest, family: str, specialty: str, level: str, number: int, *, stamp: str) -> HttpResponse:
    catalogue = snapshot(stamp)
    versions = versions_of(f"{family}/{specialty}/{level}", request.user)
    one = next((one for one in versions if one.number == number), None)
    if one is None:
        raise Http404("There is no such version.")
    page = page_of(one, catalogue)
    current = catalogue.by_path.get(page.card.path)
    context = {"card": page.card, "page": page, "stamp": stamp, "version": one, "current": current}
    return render(request, "roles/role.html", context)


@open_page
def difference(request: HttpRequest, family: str, specialty: str, level: str, *, stamp: str) -> HttpResponse:
    """Two versions of one role; by default the newest against the one before."""
    catalogue = snapshot(stamp)
    card = card_or_404(catalogue, family, specialty, level)
    versions = {str(one.number): one for one in versions_of(card.path, request.user)}
    newest_first = list(versions.values())
    after = versions.get(request.GET.get("to", ""), newest_first[0])
    older = [one for one in newest_first if (one.number or 0) < (after.number or 0)]
    before = versions.get(request.GET.get("from", ""), older[0] if older else newest_first[-1])
    comparison = Comparison(catalogue, lambda: (before.document or {}, after.document or {}))
    context = {"card": card, "versions": newest_first, "before": before, "after": after, "comparison": comparison}
    return page_or_partial(request, "roles/difference.html", context, partial="difference")


@open_page
def compare(request: HttpRequest, *, stamp: str) -> HttpResponse:
    """Any two roles; a role given alone is compared with the next level of its ladder."""
    catalogue = snapshot(stamp)
    before = card_from(request.GET, "from", catalogue) or next(iter(catalogue.roles), None)
    after = card_from(request.GET, "to", catalogue)
    if before and not after:
        after = catalogue.above(before) or catalogue.below(before) or before
    context: dict[str, Any] = {"catalogue": catalogue, "before": before, "after": after, "stamp": stamp}
    context["only"] = "" if request.GET.get("all") else "on"
    if before and after:
        context["comparison"] = Comparison(catalogue, documents_of(before, after))
    return page_or_partial(request, "roles/compare.html", context, partial="compare")


@open_page
def family(request: HttpRequest, family: str, *, stamp: str) -> HttpResponse:
    """A family is a filter of the catalogue; its address is there because people cut addresses short."""
    if not any(card.family == family for card in snapshot(stamp).roles):
        raise Http404("There is no such family.")
    return redirect(f"{reverse('roles:roles')}?family={family}")


@open_page
def ladder(request: HttpRequest, family: str, specialty: str, *, stamp: str) -> HttpResponse:
    catalogue = snapshot(stamp)
    cards = catalogue.ladders.get(f"{family}/{specialty}")
    if cards is None:
        raise Http404("There is no such ladder.")
    needs = {card.path: {need.competency: need for need in card.needs} for card in cards}
    rows = [
        {"competency": known, "cells": [(card, needs[card.path].get(slug)) for card in cards]}
        for slug, known in catalogue.competencies.items()
        if any(slug in own for own in needs.values())
    ]
    return render(request, "roles/ladder.html", {"first": cards[0], "cards": cards, "rows": rows, "stamp": stamp})


@open_page
def lattice(request: HttpRequest, *, stamp: str) -> HttpResponse:
    catalogue = snapshot(stamp)
    number = request.GET.get("way", "")
    families = {card.family for card in catalogue.roles}
    page = Lattice(
        catalogue,
        card_from(request.GET, "from", catalogue),
        card_from(request.GET, "to", catalogue),
        "moves" if request.GET.get("prefer") == "moves" else "gap",
        request.GET.get("family", "") if request.GET.get("family") in families else "",
        int(number) if number.isdecimal() and len(number) < 3 else 0,
    )
    return page_or_partial(
        request, "roles/map.html", {"page": page, "catalogue": catalogue, "stamp": stamp}, partial="map"
    )


@open_page
def competencies(request: HttpRequest, *, stamp: str) -> HttpResponse:
    catalogue = snapshot(stamp)
    areas: dict[str, list[Any]] = {}
    for known in catalogue.competencies.values():
        areas.setdefault(known.area, []).append(known)
    return render(request, "competencies/competencies.html", {"areas": areas.items(), "scale": scale()})


@open_page
def competency(request: HttpRequest, slug: str, *, stamp: str) -> HttpResponse:
    """One competency: its scale, its indicators, and the roles that need it at each level."""
    catalogue = snapshot(stamp)
    known = catalogue.competencies.get(slug)
    if known is None:
        raise Http404("There is no such competency.")
    needing: dict[int, list[tuple[Card, str]]] = {}
    for card in catalogue.roles:
        for need in card.needs:
            if need.competency == slug:
                needing.setdefault(need.need, []).append((card, need.tier))
    levels = [(level, texts, needing.get(level.number, [])) for level, texts in indicators_of(slug)]
    return render(request, "competencies/competency.html", {"competency": known, "levels": levels})
