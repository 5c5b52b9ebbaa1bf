"""Asking for a word, and giving one."""

import uuid
from functools import partial
from typing import Any, Protocol

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accomplishments.forms.verifications import AskForm, SettleForm, answer_forms, keys_in
from accomplishments.models import Accomplishment, Verification
from accomplishments.queries import verifications as queries
from accomplishments.services import verifications as services
from accomplishments.views import Request
from accomplishments.views.log import READ
from audit.services import viewed, viewed_each
from ladder.htmx import page_or_partial
from ladder.limits import ANY, limited, searching
from ladder.text import clean_text

GONE = "This question is no longer open. Nothing was changed."
RESPOND = "accomplishments/respond.html"


class Done(Protocol):
    """What is said when an answer was given, or couldn't be."""

    def __call__(self, said: str, *, answered: bool) -> HttpResponse: ...


def _own(request: Request, pk: int) -> Accomplishment:
    return get_object_or_404(Accomplishment.objects.owned_by(request.user).counting(), pk=pk)


@limited("ask", most=60, seconds=3600)
@searching("who")
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: Request, pk: int) -> HttpResponse:
    """From an entry: which claims, whom, a note."""
    entry = _own(request, pk)
    given = request.POST or request.GET
    finding = "find" in request.POST  # without script; all that was filled in goes along, and nothing is checked yet
    form = AskForm(None if finding else request.POST or None, entry=entry, initial=given.dict())
    if request.method == "POST" and not finding and form.is_valid():
        return _asked(request, form)
    words = clean_text(given.get("who", ""), lines=False)[:80]
    claims, chosen = queries.askable(entry), keys_in(given.getlist("people"))
    context = {
        "entry": entry,
        "form": form,
        "claims": claims,
        "ticked": keys_in(request.POST.getlist("claims")) if request.POST else queries.unasked(claims),
        "people": queries.colleagues(request.user, words, chosen),
        "chosen": chosen,
        "who": words,
    }
    return page_or_partial(
        request, "accomplishments/ask.html", context, partial="colleagues", status=422 if form.errors else 200
    )


def _asked(request: Request, form: AskForm) -> HttpResponse:
    """Everybody who was chosen is asked, or nobody."""
    try:
        with transaction.atomic():
            asked = [
                made
                for whom in form.whom()
                for made in services.ask(
                    entry=form.entry,
                    claims=form.cleaned_data["claims"],
                    whom=services.Asked(**whom),
                    by=request.user,
                    question=form.cleaned_data["question"],
                )
            ]
    except (services.NotLogged, services.Confidential, services.NotWanted):  # since the form was checked
        messages.warning(request, "Something changed meanwhile, so nobody was asked.")
        return redirect(form.entry)
    names = ", ".join(dict.fromkeys(one.name for one in asked))
    messages.success(request, f"{names} will be asked." if asked else "They were asked about this already.")
    return redirect(form.entry)


@require_POST
def withdraw(request: Request, pk: int, batch: uuid.UUID) -> HttpResponse:
    entry = _own(request, pk)
    done = services.withdraw(entry=entry, batch=batch)
    messages.success(request, "The question is withdrawn." if done else GONE)
    return redirect(entry)


@require_POST
def resolve(request: Request, pk: int) -> HttpResponse:
    """A dispute is settled by the owner or, where they read the entry, their manager."""
    rows = Verification.objects.settled_by(request.user)
    rows = rows.select_related("owner", "verifier", "claim__accomplishment__person", "claim__competency")
    row, form = get_object_or_404(rows, pk=pk), SettleForm(request.POST)
    if not form.is_valid():
        return render(request, "accomplishments/resolve.html", {"row": row, "settling": form}, status=422)
    done = services.resolve(verification=row, by=request.user, note=form.cleaned_data["note"])
    messages.success(request, "The dispute is settled. It no longer speaks for or against." if done else GONE)
    return redirect(row.claim.accomplishment)


@require_safe
def inbox(request: Request) -> HttpResponse:
    """What I am asked, oldest first; what I answered; what I wait for. The entries asked about are read here."""
    questions, total = queries.inbox(request.user)
    looks = [(question.entry.person, question.entry.pk) for question in questions]
    viewed_each(by=request.user, what=READ, looks=looks)
    context = {
        "questions": [(question, answer_forms(question)) for question in questions],
        "total": total,
        "answered": queries.answered_by(request.user),
        "waiting": queries.waiting_for(request.user),
        "disputes": queries.disputes(request.user),
    }
    return render(request, "accomplishments/inbox.html", context)


@limited("answer", most=300, seconds=3600)
@require_http_methods(["GET", "HEAD", "POST"])
def respond(request: Request, batch: uuid.UUID) -> HttpResponse:
    """One question, to be answered, or answered anew; from the inbox in its place."""
    question = queries.question_of(request.user, batch)
    in_place = bool(request.htmx) and request.htmx.target == f"question-{batch}"

    def done(said: str, *, answered: bool) -> HttpResponse:
        if not in_place:
            return _redirect("accomplishments:inbox", request, said, answered=answered)
        title = question.entry.title if question else "This question"
        context = {"batch": batch, "title": title, "said": said, "answered": answered, "in_place": True}
        context["total"] = queries.waiting_of(request.user)
        return render(request, "accomplishments/_answered.html", context)

    if question is None:
        if request.method != "POST":
            raise Http404("There is no such question.")
        return done(GONE, answered=False)
    if request.method != "POST":
        viewed(by=request.user, owner=question.entry.person, what=READ, thing=question.entry.pk)
    return _answer(request, question, "accomplishments/_in_place.html" if in_place else RESPOND, done)


@login_not_required
@never_cache
@limited("outside", most=60, seconds=3600, methods=ANY)
@require_http_methods(["GET", "HEAD", "POST"])
def outside(request: Request, signed: str) -> HttpResponse:
    """The page behind the link of somebody without an account: works once, and then shows nothing."""
    question = queries.question_behind(signed, request.user)
    if question is None:
        response = render(request, "accomplishments/outside_gone.html", status=404)
    else:
        done = partial(_redirect, "accomplishments:thanks", request)
        response = _answer(request, question, "accomplishments/outside.html", done)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@login_not_required
@require_safe
def thanks(request: Request) -> HttpResponse:
    return render(request, "accomplishments/outside_thanks.html")


def _redirect(to: str, request: Request, said: str, *, answered: bool) -> HttpResponse:
    messages.add_message(request, messages.SUCCESS if answered else messages.WARNING, said)
    return redirect(to)


def _answer(request: Request, question: queries.Question, template: str, done: Done) -> HttpResponse:
    forms = answer_forms(question, request.POST or None)
    context: dict[str, Any] = {"question": question, "forms": forms}
    if request.method != "POST":
        return render(request, template, context)
    if sum(not form.is_valid() for form in forms):  # each of them is asked, so that all errors show
        return render(request, template, context, status=422)
    try:
        services.answer(
            batch=question.rows, stated={form.row.pk: services.Stated(**form.cleaned_data) for form in forms}
        )
    except services.NotOpen:
        return done(GONE, answered=False)
    return done(f"Thank you. {question.first.owner} will see what you stated.", answered=True)
