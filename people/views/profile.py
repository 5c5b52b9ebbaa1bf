"""What one says of oneself."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from people.forms.profile import ProfileForm
from people.services.profile import describe
from people.views import Request


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: Request) -> HttpResponse:
    shown = ("name", "pronouns", "time_zone", "language")
    form = ProfileForm(
        request.POST or None, initial={name: getattr(request.user, name) for name in shown}, label_suffix=""
    )
    if request.method == "POST" and form.is_valid():
        describe(by=request.user, **form.cleaned_data)
        messages.success(request, "Your profile is saved.")
        return redirect("people:profile")
    return render(request, "people/profile.html", {"form": form}, status=422 if form.errors else 200)
