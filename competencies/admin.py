"""The framework in Django admin."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.forms import Textarea
from django.http import HttpRequest

from competencies.models import Area, Competency, Indicator, ProficiencyLevel, Revision
from ladder.text import CleanText

CLEAN: dict[Any, Any] = {
    models.CharField: {"form_class": CleanText},
    models.TextField: {"form_class": CleanText},
    models.SlugField: {},
}


class FrameworkAdmin(admin.ModelAdmin):
    """Every change here changes what the catalogue shows, so it moves the revision on."""

    formfield_overrides = CLEAN

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        Revision.bump()

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        super().delete_model(request, obj)
        Revision.bump()

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        super().delete_queryset(request, queryset)
        Revision.bump()


@admin.register(ProficiencyLevel)
class ProficiencyLevelAdmin(FrameworkAdmin):
    list_display = ("number", "name", "meaning")


@admin.register(Area)
class AreaAdmin(FrameworkAdmin):
    list_display = ("name", "slug", "position")
    prepopulated_fields = {"slug": ("name",)}


class IndicatorInline(admin.TabularInline):
    model = Indicator
    extra = 0
    fields = ("level", "position", "text")
    formfield_overrides = {
        models.TextField: {"form_class": CleanText, "widget": Textarea(attrs={"rows": 2, "cols": 80})}
    }

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Indicator]:
        return super().get_queryset(request).select_related("level")


@admin.register(Competency)
class CompetencyAdmin(FrameworkAdmin):
    list_display = ("name", "area", "position", "retired_on")
    list_filter = ("area",)
    list_select_related = ("area",)
    search_fields = ("name", "slug", "definition")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (IndicatorInline,)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Versions, statements and other people's files name a competency by its slug, for good."""
        return ("slug",) if obj else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return {} if obj else super().get_prepopulated_fields(request, obj)

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[Any], search_term: str
    ) -> tuple[models.QuerySet[Any], bool]:
        """A new requirement is offered only what is in use."""
        found, distinct = super().get_search_results(request, queryset, search_term)
        if request.GET.get("model_name") == "requirement":
            found = found.filter(retired_on__isnull=True)
        return found, distinct
