"""The roles that the person who is signed in pinned."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_POST, require_safe

from accomplishments.models import MOST_TARGETS, Target
from accomplishments.queries.targets import TargetsPage
from accomplishments.services import targets as services
from accomplishments.views import Request
from accomplishments.views.match import standing_of
from ladder.back import back
from ladder.htmx import page_or_partial
from roles.models import RoleVersion
from roles.queries.snapshot import Card

FULL = f"You have {MOST_TARGETS} targets, which is the most. Unpin one first, then pin this role."


@require_safe
def targets(request: Request) -> HttpResponse:
    context = {"page": TargetsPage(standing_of(request))}
    response = page_or_partial(request, "accomplishments/targets.html", context, partial="targets")
    patch_cache_control(response, private=True, no_cache=True)
    return response


def _in_force(request: Request, path: str) -> Card:
    card = standing_of(request).catalogue.by_path.get(path)
    if card is None:
        raise Http404("There is no such role.")
    return card


def _done(request: Request, path: str, text: str, *, full: bool = False) -> HttpResponse:
    """The button that htmx swaps, or the way back with a message."""
    address = back(request, reverse("accomplishments:targets"))
    if request.htmx and (request.htmx.target or "").startswith("pin-"):
        standing = standing_of(request)
        card, pinned = standing.catalogue.by_path.get(path), standing.head.pinned(path)
        context = {"card": card, "pinned": pinned, "full": full, "next": address}
        return render(request, "accomplishments/_pin.html", context)
    messages.add_message(request, messages.WARNING if full else messages.SUCCESS, text)
    return redirect(address)


@require_POST
def pin(request: Request) -> HttpResponse:
    card = _in_force(request, request.POST.get("role", ""))
    try:
        services.pin(by=request.user, version=RoleVersion.objects.get(pk=card.version_id))
    except services.TooManyTargets:
        return _done(request, card.path, FULL, full=True)
    return _done(request, card.path, f"{card.name} is one of your targets.")


def _own(request: Request, pk: int) -> Target:
    rows = Target.objects.select_related("version", "role__level", "role__specialty__family")
    return get_object_or_404(rows, pk=pk, person=request.user)


@require_POST
def unpin(request: Request, pk: int) -> HttpResponse:
    target = _own(request, pk)
    services.unpin(target=target, by=request.user)
    return _done(request, str(target.role), f"{target.version.title} is no target of yours any more.")


@require_POST
def make_primary(request: Request, pk: int) -> HttpResponse:
    target = _own(request, pk)
    services.make_primary(target=target, by=request.user)
    return _done(request, str(target.role), f"{target.version.title} is your primary target.")


@require_POST
def move_on(request: Request, pk: int) -> HttpResponse:
    return _to_version(request, pk, services.move_on, "Your target is version {} now.")


@require_POST
def stay(request: Request, pk: int) -> HttpResponse:
    return _to_version(request, pk, services.stay, "Your target stays as it is; version {} is left alone.")


def _to_version(request: Request, pk: int, change: Callable[..., bool], text: str) -> HttpResponse:
    """Only what the person was shown: another version may have come into force since."""
    target = _own(request, pk)
    card = _in_force(request, str(target.role))
    if request.POST.get("version") != str(card.number):
        messages.warning(request, f"Version {card.number} came into force meanwhile. Look at what it changes first.")
        return redirect("accomplishments:targets")
    change(target=target, by=request.user, version=RoleVersion.objects.get(pk=card.version_id))
    return _done(request, card.path, text.format(card.number))
