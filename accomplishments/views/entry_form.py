"""The form of an entry: new, edit, and what is put away while somebody types."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accomplishments.choices import State
from accomplishments.forms.entry import DRAFT, LOG, EntryForm, Ticket, ticket_from, ticket_new
from accomplishments.models import Accomplishment
from accomplishments.queries.claiming import ground_of
from accomplishments.queries.effect import effect_of
from accomplishments.queries.entries import confirmers_of, draft_to_continue, is_confirmed, usual_visibility
from accomplishments.queries.standing import Standing
from accomplishments.queries.suggestions import proposals
from accomplishments.services.entries import Claimed, EditedElsewhere, Typed, WouldUnverify, add, keep_draft, save
from accomplishments.views import Request
from accomplishments.views.match import standing_of
from ladder.htmx import page_or_partial
from people.models import User

TEMPLATE = "accomplishments/entry_form.html"
PARTS = ("claims", "suggestions", "effect")
form_page = require_http_methods(["GET", "HEAD", "POST"])


@form_page
def new(request: Request) -> HttpResponse:
    standing = standing_of(request)
    if request.method == "POST":
        return _posted(request, standing, None)
    form = EntryForm.blank(request.GET, ground=ground_of(standing), visibility=usual_visibility(standing.person))
    return _page(request, standing, form, ticket_new(request.GET))


@form_page
def edit(request: Request, pk: int) -> HttpResponse:
    standing, entries = standing_of(request), Accomplishment.objects.owned_by(request.user)
    if request.method == "POST":  # also for what was deleted meanwhile, so that what was typed stays
        return _posted(request, standing, get_object_or_404(entries, pk=pk))
    entry = get_object_or_404(entries.kept(), pk=pk)
    form = EntryForm.opened(entry, ground=ground_of(standing))
    return _page(request, standing, form, ticket_new(request.GET, entry))


@require_POST
def autosave(request: Request) -> HttpResponse:
    """Put away what is valid so far, and say what is not; an empty form leaves nothing behind."""
    ticket, entries = ticket_from(request.POST), Accomplishment.objects.owned_by(request.user)
    entry = get_object_or_404(entries, pk=ticket.entry) if ticket.entry else None
    form = EntryForm.posted(request.POST, ground=ground_of(standing_of(request)), entry=entry, do=DRAFT)
    form.full_clean()
    if form.is_blank:
        return HttpResponse(status=204)
    context: dict[str, Any] = {"form": form}
    try:
        entry = context["saved"] = keep_draft(
            by=request.user, typed=_typed(form), token=ticket.token, entry=ticket.entry, edits=ticket.edits
        )
    except EditedElsewhere as problem:
        entry = context["elsewhere"] = problem.entry
    there = reverse("accomplishments:edit", args=[entry.pk])
    if not request.htmx:
        return redirect(there)
    response = page_or_partial(request, TEMPLATE, context, partial="autosave")
    if "saved" in context and ticket.entry is None:
        response["HX-Replace-Url"] = there  # a reload goes on with the draft
    return response


def _posted(request: Request, standing: Standing, entry: Accomplishment | None) -> HttpResponse:
    """Save, or only show the form again: with a claim more or less, suggestions, errors, what stands against saving."""
    form, ticket = EntryForm.posted(request.POST, ground=ground_of(standing), entry=entry), ticket_from(request.POST)
    if form.do not in (LOG, DRAFT):
        response = _page(request, standing, form, ticket)
        if form.do.startswith(("add", "accept:", "remove:")):
            response["HX-Trigger"] = "claims-changed"
        return response
    if not form.is_valid():
        return _page(request, standing, form, ticket, status=422)
    try:
        saved = _save(request.user, form, ticket)
    except WouldUnverify as problem:
        return _page(request, standing, form, ticket, status=422, unverify=confirmers_of(problem.claims))
    except EditedElsewhere as problem:
        return _conflict(request, standing, form, ticket, problem.entry)
    messages.success(request, _told(saved))
    return redirect(saved)


def _typed(form: EntryForm) -> Typed:
    return Typed(form.values, [Claimed(*one) for one in form.claims.clean], form.addresses)


def _save(person: User, form: EntryForm, ticket: Ticket) -> Accomplishment:
    """Raises EditedElsewhere, and WouldUnverify where a claim is touched that the person didn't agree to."""
    typed, log = _typed(form), form.do == LOG
    if form.entry is None:
        return add(by=person, typed=typed, log=log, token=ticket.token)
    try:
        return save(entry=form.entry, by=person, typed=typed, log=log, edits=ticket.edits, tab=ticket.token)
    except WouldUnverify as problem:
        if not {str(claim.pk) for claim in problem.claims} <= ticket.agreed:
            raise
    return save(entry=form.entry, by=person, typed=typed, log=log, edits=ticket.edits, tab=ticket.token, agreed=True)


def _conflict(
    request: Request, standing: Standing, form: EntryForm, ticket: Ticket, other: Accomplishment
) -> HttpResponse:
    """What was typed, beside what was saved elsewhere: the next save knows of it. What was deleted begins anew."""
    if other.deleted_at:
        form.entry, ticket = None, ticket._replace(token=uuid.uuid4(), entry=None, edits=None)
    else:
        form.entry, ticket = other, ticket._replace(entry=other.pk, edits=other.edits)
    differences = form.differences(other)
    return _page(request, standing, form, ticket, status=409, elsewhere=other, differences=differences)


def _told(entry: Accomplishment) -> str:
    """What of it counts now; nothing is said where colleagues' words stand, or where it is archived."""
    if entry.state == State.DRAFT:
        return "Kept as a draft. It counts once you log it."
    if entry.state != State.LOGGED:
        return "Saved."
    if not entry.claims.exists():
        return "Saved. It counts for nothing yet: claim a competency that it shows."
    return "Saved." if is_confirmed(entry) else "Saved. It counts as self-claimed until a colleague confirms it."


def _page(
    request: Request, standing: Standing, form: EntryForm, ticket: Ticket, *, status: int = 200, **more: Any
) -> HttpResponse:
    """The form, or the part of it that htmx asked for; its errors only where somebody wanted to save."""
    entry = form.entry
    context = {
        "form": form if form.do in (LOG, DRAFT) else form.again(),
        "ticket": ticket,
        "entry": entry,
        "here": reverse("accomplishments:edit", args=[entry.pk]) if entry else reverse("accomplishments:new"),
        "proposals": proposals(form.text, form.raw("scope"), form.raw("part"), form.ground, form.claims.slugs),
        "effect": effect_of(
            standing, entry=entry.pk if entry else None, typed=form.evidence, keeps_substance=form.keeps_substance
        ),
        "to_continue": lambda: None if entry else draft_to_continue(standing.person, standing.today),
        **more,
    }
    target = request.htmx.target
    return page_or_partial(request, TEMPLATE, context, partial=target if target in PARTS else "", status=status)
