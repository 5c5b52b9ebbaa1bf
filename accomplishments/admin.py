"""The numbers of the arithmetic in Django admin: read by superusers, and changed by a new version only."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from accomplishments.jobs import nightly
from accomplishments.models import ScoringPolicy
from accomplishments.queries.evidence import policy_in_force
from accomplishments.scoring.policy import POLICY_V1, Policy, PolicyError
from accomplishments.services.policies import AddedMeanwhile, add
from ladder.text import CleanText

NUMBERS = tuple(name for name in POLICY_V1.to_dict() if name != "version")
MEANWHILE = "Another version was added meanwhile. The form shows its numbers now; change what is still to be changed."


class ScoringPolicyForm(forms.ModelForm):
    """The numbers of the newest version, changed; `after` is that version."""

    after = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = ScoringPolicy
        fields = ("reason", *NUMBERS)
        field_classes = {"reason": CleanText}

    def clean(self) -> dict[str, Any]:
        """The numbers have to make sense together, and something has to change."""
        data = super().clean() or {}
        if self.errors:
            return data
        newest = policy_in_force()
        if data["after"] != newest.version:
            raise forms.ValidationError(MEANWHILE)
        try:
            policy = Policy.from_dict({name: data[name] for name in NUMBERS} | {"version": newest.version})
        except PolicyError as error:
            name, _, words = str(error).partition(": ")
            self.add_error(name, words)
            return data
        if policy == newest:
            raise forms.ValidationError(f"Nothing differs from version {newest.version}.")
        return data


@admin.register(ScoringPolicy)
class ScoringPolicyAdmin(admin.ModelAdmin):
    form = ScoringPolicyForm
    list_display = ("version", "made_at", "reason")
    list_display_links = ("version", "reason")
    fieldsets = (
        (None, {"fields": ("reason", "after")}),
        ("How much of the work was theirs", {"fields": ("owned", "led", "contributed", "assisted")}),
        ("Who says so", {"fields": ("confirmed", "confirmed_by_manager", "self_claimed", "disputed")}),
        (
            "How long ago it ended",
            {"fields": ("recency_full_months", "recency_step_months", "recency_loss", "recency_floor")},
        ),
        ("How much a requirement weighs", {"fields": ("core", "supporting", "emerging")}),
        ("What fills a level", {"fields": ("full_1", "full_2", "full_3", "full_4", "full_5")}),
    )

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    has_module_permission = has_add_permission = has_view_permission

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    has_delete_permission = has_change_permission

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        numbers = policy_in_force().to_dict()
        return {**numbers, "after": numbers["version"]}

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Of a version that is there, also its number and day."""
        if obj is None:
            return self.fieldsets
        return ((None, {"fields": ("version", "made_at", "reason")}), *self.fieldsets[1:])

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("version", "made_at") if obj else ()

    def save_model(self, request: HttpRequest, obj: ScoringPolicy, form: Any, change: bool) -> None:
        """Matches follow at once; what is kept of the day is brought up to date by the nightly job."""
        data = form.cleaned_data
        made = add(after=data["after"], numbers={name: data[name] for name in NUMBERS}, reason=data["reason"])
        obj.pk, obj.version = made.pk, made.version
        transaction.on_commit(nightly.delay)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        try:
            return super().add_view(request, form_url, extra_context)
        except AddedMeanwhile:
            messages.error(request, MEANWHILE)
            return HttpResponseRedirect(request.path)
