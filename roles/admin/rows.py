"""The lists of a draft as inlines of its form."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import ForeignKey, Q, QuerySet
from django.http import HttpRequest

from competencies.models import Competency
from roles.choices import Section
from roles.forms.draft import (
    MOST_ROWS,
    SENTENCE_FORMSETS,
    MoveForm,
    MoveFormSet,
    RequirementForm,
    RequirementFormSet,
    SentenceForm,
)
from roles.models import Move, Requirement, Role, Sentence
from roles.permissions import may_edit
from roles.queries.pages import PLURAL


class RowInline(admin.TabularInline):
    """Rows are a part of their version: who may change the one may change the other."""

    extra = 0
    max_num = MOST_ROWS
    can_delete = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_edit(request.user)

    has_change_permission = has_delete_permission = has_view_permission

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_edit(request.user)

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        return super().get_formset(request, obj, validate_max=True, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Without the links that open another form from inside this one."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        for link in ("can_add_related", "can_change_related", "can_delete_related", "can_view_related"):
            if field is not None and hasattr(field.widget, link):
                setattr(field.widget, link, False)
        return field


class RequirementInline(RowInline):
    model = Requirement
    form = RequirementForm
    formset = RequirementFormSet
    fields = ("position", "competency", "need", "tier")
    autocomplete_fields = ("competency",)

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: Any, **kwargs: Any) -> Any:
        """Competencies in use, and those that this draft names already."""
        if db_field.name == "competency":
            draft = int(unquote(request.resolver_match.kwargs["object_id"]))
            named = Requirement.objects.filter(version=draft).values("competency")
            kwargs["queryset"] = Competency.objects.filter(Q(retired_on__isnull=True) | Q(pk__in=named))
            kwargs["error_messages"] = {"invalid_choice": "This competency is not in use; choose another one."}
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class MoveInline(RowInline):
    model = Move
    form = MoveForm
    formset = MoveFormSet
    fields = ("position", "direction", "role", "outside_title", "focus")
    autocomplete_fields = ("role",)

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "role":
            roles: QuerySet[Role] = Role.objects.select_related("level", "specialty__family")
            kwargs["queryset"] = roles
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class SentenceInline(RowInline):
    model = Sentence
    form = SentenceForm
    fields = ("position", "text")


SENTENCE_INLINES: list[type[SentenceInline]] = [
    type(
        f"{section.name.title()}Inline",
        (SentenceInline,),
        {
            "formset": SENTENCE_FORMSETS[section],
            "verbose_name": "change" if section == Section.CHANGE else section.label,
            "verbose_name_plural": PLURAL[section],
        },
    )
    for section in Section
]
INLINES: list[type[RowInline]] = [RequirementInline, *SENTENCE_INLINES, MoveInline]
