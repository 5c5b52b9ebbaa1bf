"""My data: what is kept, an archive of it, and its end. Also for people who have left, behind a link of their own."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit.choices import Kind
from audit.services import record
from ladder.limits import limited
from people.models import User
from privacy import strategies
from privacy.choices import How
from privacy.forms import EraseForm
from privacy.models import Archive
from privacy.queries.leaving import erased_on, person_behind
from privacy.services import archives, erasing

LAST = "You are the only one who may do everything here. Let somebody else be it first."


class Request(HttpRequest):
    """A request of somebody who is signed in: the middleware lets no other through."""

    user: User


@require_safe
def mine(request: Request) -> HttpResponse:
    return render(request, "privacy/mine.html", {"archives": _archives_of(request.user)})


@require_safe
def kept(request: Request) -> HttpResponse:
    """What each table holds of a person and what erasing does to it, as the code declares it."""
    groups = [(how, strategies.of(how)) for how in How]
    return render(request, "privacy/kept.html", {"groups": groups})


@limited("archive", most=10, seconds=3600)
@require_POST
def ask(request: Request) -> HttpResponse:
    _ask(request, request.user)
    return redirect("privacy:mine")


@require_safe
@cache_control(private=True, no_store=True)
def archive(request: Request, token: str) -> HttpResponseBase:
    return _download(request, request.user, token)


@limited("erase", most=20, seconds=3600)
@reauthentication_required  # type: ignore[untyped-decorator]
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: Request) -> HttpResponse:
    """Only with the address typed, by somebody who just showed once more who they are."""
    person = request.user
    form = EraseForm(request.POST or None, person=person, label="Your e-mail address, to be sure")
    if not form.is_valid():
        return render(request, "privacy/erase.html", {"form": form}, status=422 if form.is_bound else 200)
    try:
        erasing.erase(person=person, by=person)
    except erasing.LastSuperuser:
        form.add_error("email", LAST)
        return render(request, "privacy/erase.html", {"form": form}, status=422)
    request.session.flush()
    request.user = AnonymousUser()  # type: ignore[assignment]  # from here on nobody is
    messages.success(request, "You are erased. What you took along is yours.")
    return redirect("account_login")


# ── Behind the link of somebody who left ────────────────────────────────────
@login_not_required
@never_cache
@limited("left", most=60, seconds=3600, methods=("GET", "HEAD", "POST"))
@require_http_methods(["GET", "HEAD", "POST"])
def left(request: HttpRequest, signed: str) -> HttpResponse:
    person = person_behind(signed)
    if person is None:
        return _unseen(render(request, "privacy/left_gone.html", status=404))
    if request.method == "POST":
        _ask(request, person)
        return redirect("privacy:left", signed=signed)
    context = {"person": person, "day": erased_on(person), "archives": _archives_of(person), "signed": signed}
    return _unseen(render(request, "privacy/left.html", context))


@login_not_required
@limited("left", most=60, seconds=3600, methods=("GET", "HEAD"))
@require_safe
@cache_control(private=True, no_store=True)
def left_archive(request: HttpRequest, signed: str, token: str) -> HttpResponseBase:
    person = person_behind(signed)
    if person is None:
        raise Http404("There is nothing behind this link.")
    return _download(request, person, token)


def _unseen(response: HttpResponse) -> HttpResponse:
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _archives_of(person: User) -> list[Archive]:
    """The newest of each state; 1 query."""
    newest: dict[str, Archive] = {}
    for one in Archive.objects.owned_by(person):
        newest.setdefault(one.state, one)
    return list(newest.values())


def _ask(request: HttpRequest, person: User) -> None:
    _, new = archives.ask(person=person)
    if new:
        messages.success(request, "Your archive is being made. You get a mail when it is ready.")
    else:
        messages.info(request, "Your archive is being made already.")


def _download(request: HttpRequest, person: User, token: str) -> HttpResponseBase:
    found = get_object_or_404(Archive.objects.owned_by(person).ready(), token=token)
    try:
        content = found.content.open()
    except FileNotFoundError:
        raise Http404("The file is gone.") from None
    record(kind=Kind.EXPORTED, by=person, about=person, what="Downloaded the archive.")
    name = f"ladder-{found.asked_at:%Y-%m-%d}.zip"
    return FileResponse(content, as_attachment=True, filename=name, content_type="application/zip")
