"""Files of entries: added and removed by their owner, handed out as downloads and nothing else."""

from csp.decorators import csp_update
from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from accomplishments.files import NotAllowed
from accomplishments.forms.log import FileForm
from accomplishments.models import Accomplishment
from accomplishments.queries.entry import EntryPage
from accomplishments.services import files
from accomplishments.views import Request
from accomplishments.views.log import own_or_404, visible_or_404
from audit.services import viewed
from ladder.htmx import page_or_partial
from ladder.limits import limited

TOOK = "Took a file of an entry"


def _answer(request: Request, entry: Accomplishment, said: str, form: FileForm | None = None) -> HttpResponse:
    """The files as they are now; without htmx a message and back. A bad form comes back with what is wrong with it."""
    if form is None and not request.htmx:
        messages.success(request, said)
        return redirect(f"{entry.get_absolute_url()}#files")
    context = {"entry": entry, "page": EntryPage(entry, request.user), "form": form or FileForm(), "said": said}
    return page_or_partial(request, "accomplishments/entry.html", context, partial="files", status=422 if form else 200)


@limited("upload", most=120, seconds=3600)
@require_POST
def add_file(request: Request, pk: int) -> HttpResponse:
    entry = own_or_404(request, pk)
    form = FileForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            file, new = files.add_file(entry=entry, by=request.user, upload=form.cleaned_data["file"])
        except NotAllowed as error:
            form.add_error("file", str(error))
        else:
            return _answer(request, entry, f"{file} is kept." if new else f"{file} is there already.")
    return _answer(request, entry, "", form)


@require_POST
def remove_file(request: Request, pk: int, file: int) -> HttpResponse:
    entry = own_or_404(request, pk)
    found = entry.files.filter(pk=file).first()
    if found and files.remove_file(file=found, by=request.user):
        return _answer(request, entry, f"{found} is removed.")
    return _answer(request, entry, "This file is removed already.")


@require_safe
@cache_control(private=True, no_store=True)
@csp_update({"sandbox": ""})  # type: ignore[arg-type]  # it is typed for views without arguments
def file(request: Request, pk: int, file: int) -> HttpResponseBase:
    """A download, never a page: whatever is in it, no browser opens it under our address."""
    entry = visible_or_404(request, pk)
    found = get_object_or_404(entry.files, pk=file)
    try:
        content = found.content.open()
    except FileNotFoundError:
        raise Http404("The file is gone.") from None
    viewed(by=request.user, owner=entry.person, what=TOOK, thing=pk)
    return FileResponse(content, as_attachment=True, filename=found.name, content_type=found.kind)
