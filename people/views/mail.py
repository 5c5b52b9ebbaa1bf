"""Which mail one gets, and how one is rid of it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from ladder.limits import limited
from people import mail as letters
from people.forms.mail import MailForm
from people.services import mail as services
from people.views import Request


@require_http_methods(["GET", "HEAD", "POST"])
def mail(request: Request) -> HttpResponse:
    """A checkbox for each kind, and quiet hours."""
    form = MailForm(request.POST if request.method == "POST" else None, person=request.user)
    if request.method == "POST" and form.is_valid():
        services.choose(person=request.user, **form.cleaned_data)
        messages.success(request, "Saved. It holds for mail that waits to be sent, too.")
        return redirect("people:mail")
    return render(request, "people/mail.html", {"form": form}, status=422 if form.errors else 200)


@login_not_required
@csrf_exempt  # mail programs post here on their own (RFC 8058), without a page of ours before; what is signed lets them
@never_cache
@limited("stop", most=600, seconds=3600, methods=("GET", "HEAD", "POST"))
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: Request, signed: str) -> HttpResponse:
    """Behind the link of a mail: no more of this kind; it can be taken back in the same place. Opening it does nothing,
    since programs that look for dangers open links. Never a redirect, which RFC 8058 forbids.
    """
    found = letters.stopped_by(signed)
    if found is None:
        raise Http404("There is no such link.")
    if request.method == "POST":
        services.stop(*found, again="again" in request.POST)
    stopped = letters.is_stopped(*found)
    if stopped is None:
        raise Http404("They are no longer here.")
    response = render(request, "people/stop.html", {"kind": found[0], "stopped": stopped})
    response.headers["X-Robots-Tag"] = "noindex"
    return response
