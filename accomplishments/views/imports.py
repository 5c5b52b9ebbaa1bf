"""Bring in what is written down elsewhere: look at it first, then confirm."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accomplishments.forms.imports.checking import Preview, preview_of
from accomplishments.forms.imports.table import template
from accomplishments.forms.imports.upload import ImportForm
from accomplishments.queries.claiming import Ground, options
from accomplishments.queries.imports import imported_by
from accomplishments.services.imports import store
from accomplishments.views import Request
from ladder.limits import limited
from roles.queries.snapshot import snapshot

PAGE = "accomplishments/imports.html"


@limited("import", most=120, seconds=3600)
@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: Request) -> HttpResponse:
    """What was previewed as it stands, and has no problem, is stored; anything else is only previewed."""
    if request.method != "POST":
        return render(request, PAGE, {"form": ImportForm()})
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(request, PAGE, {"form": form}, status=422)
    preview = _preview(request, form)
    if not preview.problems and request.POST.get("seen") == form.seen:
        messages.success(request, str(store(by=request.user, entries=preview.fresh)))
        return redirect("accomplishments:log")
    return render(request, PAGE, {"form": form, "preview": preview}, status=422 if preview.problems else 200)


def _preview(request: Request, form: ImportForm) -> Preview:
    today = timezone.localdate()
    ground = Ground(options(snapshot(), today), today, {})
    return preview_of(form.cleaned_data["kind"], form.cleaned_data["text"], ground, imported_by(request.user))


@require_safe
def import_template(request: Request) -> HttpResponse:
    """With the mark by which a spreadsheet knows UTF-8."""
    headers = {"Content-Disposition": 'attachment; filename="accomplishments.csv"'}
    return HttpResponse(f"\ufeff{template()}", content_type="text/csv; charset=utf-8", headers=headers)
