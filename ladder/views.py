"""Pages of the shell."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.views.decorators.http import require_http_methods, require_safe

from ladder.back import back
from ladder.context import THEMES

A_YEAR = 365 * 24 * 60 * 60  # seconds


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def appearance(request: HttpRequest) -> HttpResponse:
    """Light, dark, or as the system has it: a cookie, so that it holds before sign-in too."""
    address = back(request, "/")
    if request.method != "POST":
        return render(request, "appearance.html", {"themes": THEMES, "next": address})
    response = HttpResponseRedirect(address)
    chosen = request.POST.get("theme", "")
    if chosen in THEMES[1:]:
        response.set_cookie("theme", chosen, max_age=A_YEAR, samesite="Lax", httponly=True, secure=request.is_secure())
    else:
        response.delete_cookie("theme")
    return response


@login_not_required
@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Pages name their icon; the admin, and browsers on their own, ask here."""
    return redirect(static("img/ladder.svg"), permanent=True)


@login_not_required
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """For load balancers: the process answers."""
    return HttpResponse("ok", content_type="text/plain")
