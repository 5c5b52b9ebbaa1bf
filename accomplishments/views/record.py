"""The head of one's record."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accomplishments.forms.record import CurrentRoleForm
from accomplishments.services.record import hold
from accomplishments.views import Request
from accomplishments.views.match import standing_of


@require_http_methods(["GET", "HEAD", "POST"])
def current_role(request: Request) -> HttpResponse:
    standing = standing_of(request)
    catalogue, head = standing.catalogue, standing.head
    if request.method != "POST":
        form = CurrentRoleForm(catalogue, head.role, initial={"role": head.role, "since": head.since})
        return render(request, "accomplishments/current_role.html", {"form": form})
    form = CurrentRoleForm(catalogue, head.role, request.POST)
    if not form.is_valid():
        return render(request, "accomplishments/current_role.html", {"form": form}, status=422)
    hold(by=request.user, role=form.cleaned_data["role"], since=form.cleaned_data["since"])
    messages.success(request, "Your current role is saved.")
    return redirect("dashboards:home")
