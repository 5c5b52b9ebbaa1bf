"""What the admin of roles and the admin of their versions share."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, LogEntry
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from people.models import User
from roles.choices import State
from roles.models import Role, RoleVersion, Specialty
from roles.permissions import may_edit
from roles.services.publishing import start_draft


class SpecialtyFilter(admin.SimpleListFilter):
    """By specialty, whatever leads to it; one query for the choices."""

    title = "specialty"
    parameter_name = "specialty"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(one.pk), str(one)) for one in Specialty.objects.select_related("family")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        if not chosen:
            return queryset
        lookup = "specialty" if queryset.model is Role else "role__specialty"
        return queryset.filter(**{lookup: chosen}) if chosen.isdecimal() and len(chosen) < 19 else queryset.none()


def editor(request: HttpRequest) -> User:
    """Who is asking, if they may edit roles; 403 for everyone else."""
    if not (isinstance(request.user, User) and may_edit(request.user)):
        raise PermissionDenied
    return request.user


def address_of(version: RoleVersion, page: str = "change") -> str:
    return reverse(f"admin:roles_roleversion_{page}", args=[version.pk])


def link_to(version: RoleVersion, words: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', address_of(version), words)


def open_draft_of(role: Role | None) -> RoleVersion | None:
    return role.versions.filter(state=State.DRAFT).first() if role else None


def log_new(request: HttpRequest, draft: RoleVersion, message: str) -> None:
    LogEntry.objects.log_actions(editor(request).pk, [draft], ADDITION, change_message=message, single_object=True)


def open_draft(request: HttpRequest, role: Role | None) -> HttpResponse:
    """The open draft of a role, made now if there is none."""
    by = editor(request)
    if role is None:
        raise Http404
    before = open_draft_of(role)
    draft = start_draft(role=role, by=by)
    if before is None:
        log_new(request, draft, "Started from the newest version.")
        messages.success(request, f"A new draft of {role}. Nobody else sees it until you publish it.")
    else:
        messages.info(request, f"{role} has an open draft already; this is it.")
    return HttpResponseRedirect(address_of(draft))
