"""The way in by an invitation."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ladder.limits import limited
from people.adapter import INVITED
from people.queries.invitations import Forged, behind


@login_not_required
@never_cache
@limited("invitation", most=60, seconds=3600, methods=("GET", "HEAD"))
@require_safe
def invitation(request: HttpRequest, signed: str) -> HttpResponse:
    """To the page that makes an account, with the address of the invitation; it is used up once there is one."""
    try:
        found = behind(signed)
    except Forged:
        raise Http404 from None
    if found is None or not found.is_open:
        return render(request, "people/invitation_gone.html", {"invitation": found}, status=410)
    request.session[INVITED] = found.key.hex
    return redirect("account_signup")
