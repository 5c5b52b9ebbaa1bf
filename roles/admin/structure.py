"""Families, specialties, levels and roles in Django admin."""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db import models
from django.db.models import F, OuterRef, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import URLPattern, path

from competencies.admin import FrameworkAdmin
from roles.admin.drafting import SpecialtyFilter, open_draft
from roles.models import Family, Level, Role, RoleVersion, Specialty


class StructureAdmin(FrameworkAdmin):
    """A part of every role's address; `address` stays as it is once roles stand under it, so that no link breaks."""

    address: ClassVar[tuple[str, ...]] = ()
    roles_under = ""  # the lookup from a role to this

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        used = obj is not None and Role.objects.filter(**{self.roles_under: obj.pk}).exists()
        return (*super().get_readonly_fields(request, obj), *(self.address if used else ()))

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return super().get_prepopulated_fields(request, obj) if obj is None else {}


@admin.register(Family)
class FamilyAdmin(StructureAdmin):
    list_display = ("name", "slug", "position")
    search_fields = ("name", "slug")
    prepopulated_fields: ClassVar[dict[str, Any]] = {"slug": ("name",)}
    address = ("slug",)
    roles_under = "specialty__family"


@admin.register(Specialty)
class SpecialtyAdmin(StructureAdmin):
    list_display = ("name", "family", "track", "position")
    list_filter = ("family", "track")
    list_select_related = ("family",)
    search_fields = ("name", "slug", "family__name")
    prepopulated_fields: ClassVar[dict[str, Any]] = {"slug": ("name",)}
    address = ("family", "slug")
    roles_under = "specialty"


@admin.register(Level)
class LevelAdmin(StructureAdmin):
    list_display = ("number", "slug", "name")
    list_display_links = ("number", "slug")
    search_fields = ("name", "slug")
    address = ("slug",)
    roles_under = "level"


@admin.register(Role)
class RoleAdmin(FrameworkAdmin):
    """A role is where a specialty meets a level, and stays there; what it says stands in its versions."""

    list_display = ("address", "newest_title", "specialty", "level")
    list_filter = ("level", "specialty__family", SpecialtyFilter)
    search_fields = ("specialty__name", "specialty__family__name", "level__slug", "level__name", "versions__title")

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        newest = RoleVersion.objects.filter(role=OuterRef("pk")).order_by(F("number").desc(nulls_last=True), "-pk")
        roles: models.QuerySet[Any] = (
            super()
            .get_queryset(request)
            .select_related("level", "specialty__family")
            .annotate(newest_title=Subquery(newest.values("title")[:1]))
        )
        return roles

    def get_readonly_fields(self, request: HttpRequest, obj: Role | None = None) -> Any:
        return ("specialty", "level") if obj is not None and obj.versions.exists() else ()

    @admin.display(description="role", ordering="specialty__family__position")
    def address(self, role: Role) -> str:
        return str(role)

    @admin.display(description="title of the newest version", ordering="newest_title", empty_value="no version yet")
    def newest_title(self, role: Any) -> str | None:
        title: str | None = role.newest_title
        return title

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.new_draft_view)
        return [path("<path:object_id>/new-draft/", view, name="roles_role_new_draft"), *super().get_urls()]

    def new_draft_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        return open_draft(request, self.get_object(request, unquote(object_id)))
