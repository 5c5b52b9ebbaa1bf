"""Role versions in Django admin: written as drafts, previewed, reviewed, published, and from then on only read."""

import secrets
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Case, CharField, F, OuterRef, QuerySet, Subquery, Value, When
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ladder.locality import today
from roles.admin.drafting import (
    SpecialtyFilter,
    address_of,
    editor,
    link_to,
    log_new,
    open_draft,
    open_draft_of,
)
from roles.admin.review import differences, lines_of, review_of, typed, whole
from roles.admin.rows import INLINES
from roles.choices import State
from roles.forms.draft import AddForm, CloneForm, DraftForm
from roles.models import Role, RoleVersion
from roles.permissions import may_edit
from roles.queries.documents import document_of
from roles.queries.pages import RolePage
from roles.queries.snapshot import card_of, snapshot
from roles.services.publishing import AlreadyPublished, TooEarly, clone, publish, start_draft

STANDINGS = {"draft": "Draft", "scheduled": "Scheduled", "in-force": "In force", "superseded": "Superseded"}
PUBLISHED_FIELDS = ("role", "title", "number", "effective_from", "published_at")
FIELDSETS: tuple[tuple[str | None, dict[str, Any]], ...] = (
    (None, {"fields": ("title", "effective_from")}),
    ("What it is about", {"fields": ("summary", "mission", "tour_of_duty")}),
    ("About the family and the specialty", {"fields": ("about_family", "about_specialty")}),
    ("For finding it", {"fields": ("tags", "keywords")}),
    ("Salary range", {"fields": (("salary_minimum", "salary_maximum", "salary_currency", "salary_period"),)}),
    ("Experience", {"fields": (("minimum_years", "maximum_years"), "experience_note")}),
    ("Next level", {"fields": ("next_theme",)}),
)


class Moved(Exception):
    """Somebody else saved or published the draft between reading and writing it."""


class StandingFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(STANDINGS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(standing=self.value()) if self.value() in STANDINGS else queryset


def with_standing(versions: QuerySet[RoleVersion]) -> QuerySet[RoleVersion]:
    """Each version with its `standing`: draft, scheduled, in force or superseded."""
    current = RoleVersion.objects.in_force().filter(role=OuterRef("role")).order_by("-effective_from", "-number")
    return versions.annotate(
        standing=Case(
            When(state=State.DRAFT, then=Value("draft")),
            When(effective_from__gt=today(), then=Value("scheduled")),
            When(pk=Subquery(current.values("pk")[:1]), then=Value("in-force")),
            default=Value("superseded"),
            output_field=CharField(),
        )
    )


@admin.register(RoleVersion)
class RoleVersionAdmin(admin.ModelAdmin):
    list_display = ("title", "place", "standing", "number", "effective_from")
    list_filter = (StandingFilter, "role__specialty__family", SpecialtyFilter, "role__level")
    list_select_related = ("role__level", "role__specialty__family")
    search_fields = ("title",)
    ordering = (
        "role__specialty__family__position",
        "role__specialty__position",
        "role__level__number",
        F("number").desc(nulls_first=True),
    )
    show_full_result_count = False
    autocomplete_fields = ("role",)
    actions = ("delete_selected",)

    class Media:
        css: ClassVar[dict[str, tuple[str, ...]]] = {"all": ("css/admin.css",)}
        js = ("js/admin-rows.js",)

    # ── Who may, and what they see ──────────────────────────────────────────
    def get_queryset(self, request: HttpRequest) -> QuerySet[RoleVersion]:
        versions = super().get_queryset(request).select_related("role__level", "role__specialty__family")
        return with_standing(versions)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> RoleVersion | None:
        """One version; for as long as a POST may change it, nobody else may."""
        version: RoleVersion | None = super().get_object(request, object_id, from_field)
        if version and request.method == "POST" and transaction.get_connection().in_atomic_block:
            rows = self.get_queryset(request).select_for_update(of=("self",))
            version = rows.filter(pk=version.pk).first()
        return version

    def has_change_permission(self, request: HttpRequest, obj: RoleVersion | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.is_draft)

    def has_delete_permission(self, request: HttpRequest, obj: RoleVersion | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or obj.is_draft)

    def view_on_site(self, obj: RoleVersion) -> str | None:
        return None if obj.is_draft else obj.get_absolute_url()

    @admin.display(description="role", ordering="role")
    def place(self, version: RoleVersion) -> str:
        return f"{version.role.specialty}, {version.role.level.slug.upper()}"

    @admin.display(description="state", ordering="standing")
    def standing(self, version: Any) -> SafeString:
        return format_html('<span class="standing is-{}">{}</span>', version.standing, STANDINGS[version.standing])

    @admin.action(description="Delete selected drafts", permissions=["delete"])
    def delete_selected(self, request: HttpRequest, queryset: QuerySet[RoleVersion]) -> HttpResponse | None:
        published = queryset.exclude(state=State.DRAFT).count()
        if published:
            self.message_user(
                request,
                f"{published} of these {'is' if published == 1 else 'are'} published, and a published version stays. "
                "Nothing was deleted; select drafts only.",
                messages.ERROR,
            )
            return None
        response: HttpResponse | None = delete_selected(self, request, queryset)
        return response

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[RoleVersion]) -> None:
        chosen = RoleVersion.objects.filter(pk__in=list(queryset.values_list("pk", flat=True)), state=State.DRAFT)
        RoleVersion.objects.filter(pk__in=[one.pk for one in chosen.select_for_update()]).delete()

    # ── The form ────────────────────────────────────────────────────────────
    def get_fieldsets(self, request: HttpRequest, obj: RoleVersion | None = None) -> Any:
        if obj is None:
            return ((None, {"fields": ("role", "title")}),)
        return FIELDSETS if self.has_change_permission(request, obj) else ((None, {"fields": PUBLISHED_FIELDS}),)

    def get_form(
        self, request: HttpRequest, obj: RoleVersion | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = AddForm if obj is None else DraftForm if self.has_change_permission(request, obj) else forms.ModelForm
        return super().get_form(request, obj, change, **{**kwargs, "form": form})

    def get_inlines(self, request: HttpRequest, obj: RoleVersion | None) -> Any:
        return INLINES if obj is not None and self.has_change_permission(request, obj) else ()

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        extra = {"show_save_and_add_another": False, **(extra_context or {})}
        if request.method != "POST" or object_id is None:
            return super().changeform_view(request, object_id, form_url, extra)
        if not self.has_change_permission(request):
            raise PermissionDenied
        with transaction.atomic():
            version = self.get_object(request, unquote(object_id))
            if version is None and not unquote(object_id).isdecimal():
                raise Http404
            if version is None or not version.is_draft:
                return self.lost(request, version)
            try:
                return super().changeform_view(request, object_id, form_url or address_of(version), extra)
            except Moved:
                return super().changeform_view(request, object_id, form_url or address_of(version), extra)

    def lost(self, request: HttpRequest, version: RoleVersion | None) -> HttpResponse:
        """The draft was published or deleted while somebody typed: say so, and give their text back."""
        draft = RoleVersion()
        form = self.get_form(request, draft, change=True)(request.POST, instance=draft)
        formsets = [
            kind(request.POST, instance=draft, prefix=kind.get_default_prefix())
            for kind, _ in self.get_formsets_with_inlines(request, draft)
        ]
        for one in (form, *formsets):
            one.is_valid()
        context = {"version": version, "lines": typed(form, formsets), "title": "Your text was not saved"}
        return self.page(request, "lost", version, context, status=409)

    def render_change_form(
        self,
        request: HttpRequest,
        context: Any,
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> Any:
        form = context["adminform"].form
        if getattr(form, "conflict", False):
            stored = RoleVersion.objects.select_related("role__level", "role__specialty__family").get(pk=obj.pk)
            formsets = [inline.formset for inline in context["inline_admin_formsets"]]
            found = differences(stored, form, formsets)
            if not found:  # the same form sent twice
                return self.response_change(request, stored)
            context["conflict"] = {"newest": stored.edits, "rows": found}
        elif obj is not None and not self.has_change_permission(request, obj):
            context["lines"] = lines_of(document_of(obj))
        context["may_edit"] = may_edit(request.user)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def save_model(self, request: HttpRequest, obj: RoleVersion, form: Any, change: bool) -> None:
        if not change:
            self.start(request, obj)
            return
        seen, now, by = obj.edits, timezone.now(), editor(request)
        mine = RoleVersion.objects.filter(pk=obj.pk, state=State.DRAFT, edits=seen)
        if not mine.update(edits=F("edits") + 1, edited_at=now, edited_by=by):
            raise Moved
        obj.edits, obj.edited_at, obj.edited_by = seen + 1, now, by
        super().save_model(request, obj, form, change)

    def start(self, request: HttpRequest, obj: RoleVersion) -> None:
        """A draft that begins with what the role says now, under the title that was typed."""
        draft = start_draft(role=obj.role, by=editor(request))
        RoleVersion.objects.filter(pk=draft.pk, state=State.DRAFT, edits=0).update(title=obj.title)
        obj.pk = draft.pk
        obj.refresh_from_db()

    def response_add(
        self, request: HttpRequest, obj: RoleVersion, post_url_continue: str | None = None
    ) -> HttpResponse:
        self.message_user(request, "The draft is made. Nobody else sees it until you publish it.", messages.SUCCESS)
        return HttpResponseRedirect(address_of(obj))

    def response_change(self, request: HttpRequest, obj: RoleVersion) -> HttpResponse:
        match = request.resolver_match
        if match and match.url_name == "roles_roleversion_preview":
            response = self.preview(request, obj)
            transaction.set_rollback(True)
            return response
        if "_review" in request.POST:
            return HttpResponseRedirect(address_of(obj, "review"))
        return super().response_change(request, obj)

    # ── Preview, review, clone ──────────────────────────────────────────────
    def get_urls(self) -> list[URLPattern]:
        views = {
            "preview": self.preview_view,
            "review": self.review_view,
            "clone": self.clone_view,
            "new-draft": self.new_draft_view,
        }
        own = [
            path(
                f"<path:object_id>/{page}/",
                self.admin_site.admin_view(view),
                name=f"roles_roleversion_{page.replace('-', '_')}",
            )
            for page, view in views.items()
        ]
        return [*own, *super().get_urls()]

    def page(
        self, request: HttpRequest, name: str, version: RoleVersion | None, context: Any, status: int = 200
    ) -> HttpResponse:
        """One of our own pages inside the admin."""
        shown = {**self.admin_site.each_context(request), "opts": self.opts, "original": version, **context}
        return render(request, f"admin/roles/roleversion/{name}.html", shown, status=status)

    def version_for(self, request: HttpRequest, object_id: str) -> RoleVersion:
        """403 for those who may not edit roles, 404 where there is no such version."""
        editor(request)
        version = self.get_object(request, unquote(object_id))
        if version is None:
            raise Http404
        return version

    def preview(self, request: HttpRequest, version: RoleVersion) -> HttpResponse:
        document = whole(document_of(version))
        page = RolePage(snapshot(), card_of(version, document), lambda: version)
        page.document = document
        # A stamp of its own, so that no part of this page is taken from a cache.
        context = {"page": page, "card": page.card, "preview": True, "stamp": f"preview-{secrets.token_hex(8)}"}
        return HttpResponse(render_to_string("roles/role.html", context, request))

    def preview_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The role's page as it would be: GET shows the stored draft, POST what is typed, and stores nothing."""
        editor(request)
        if request.method == "POST":
            response: HttpResponse = self.changeform_view(request, object_id)
            return response
        version = self.version_for(request, object_id)
        return self.preview(request, version) if version.is_draft else self.settled(request, version)

    def settled(self, request: HttpRequest, version: RoleVersion) -> HttpResponse:
        messages.info(request, f"This is published already, as version {version.number}.")
        return HttpResponseRedirect(address_of(version))

    def review_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Everything to look at before publishing; POST publishes."""
        if request.method == "POST":
            return self.publish_reviewed(request, object_id)
        version = self.version_for(request, object_id)
        if not version.is_draft:
            return self.settled(request, version)
        title = f"Review {version.title}, {version.role.level.slug.upper()}"
        return self.page(request, "review", version, {"review": review_of(version), "title": title})

    @transaction.atomic
    def publish_reviewed(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Publish what was reviewed and nothing else."""
        version = self.version_for(request, object_id)
        if version.is_draft and request.POST.get("edits") != str(version.edits):
            who = version.edited_by or "Somebody"
            messages.warning(
                request, f"{who} saved this draft after you opened the review. Look again before you publish."
            )
            return HttpResponseRedirect(address_of(version, "review"))
        try:
            published = publish(version=version)
        except AlreadyPublished:
            return self.settled(request, version)
        except TooEarly as error:
            messages.error(request, f"Nothing was published. {error}")
            return HttpResponseRedirect(address_of(version))
        day = f"{published.effective_from:%-d %B %Y}"
        self.log_change(request, published, f"Published as version {published.number}, in force from {day}.")
        said = f"is scheduled for {day}" if published.is_scheduled else f"is in force from {day}"
        messages.success(request, f"{published.title}: version {published.number} {said}.")
        return HttpResponseRedirect(address_of(published))

    @transaction.atomic
    def clone_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """A copy at another specialty or level, as a draft; where that role has a draft, only a link to it."""
        version = self.version_for(request, object_id)
        start = {"specialty": version.role.specialty_id, "level": version.role.level_id}
        form = CloneForm(request.POST or None, initial=start)
        there = None
        if request.method == "POST" and form.is_valid():
            where = form.cleaned_data
            there = open_draft_of(Role.objects.select_for_update().filter(**where).first())
            if there is None:
                draft = clone(version=version, by=editor(request), **where)
                log_new(request, draft, f"Cloned from {version} of {version.role}.")
                messages.success(request, f"A copy of {version}. Nobody else sees it until you publish it.")
                return HttpResponseRedirect(address_of(draft))
            form.add_error(
                None, format_html("{} has an open draft already: {}.", there.role, link_to(there, there.title))
            )
        return self.page(request, "clone", version, {"form": form, "title": f"Clone {version} to…"})

    def new_draft_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        return open_draft(request, self.version_for(request, object_id).role)
