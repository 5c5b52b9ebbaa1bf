"""People in Django admin."""

from collections.abc import Callable
from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.socialaccount.admin import SocialApp, SocialToken  # which registers them first
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse

from ladder.limits import limited
from ladder.sheets import FileOrText
from ladder.text import clean_text
from people.forms.invitations import InviteForm
from people.forms.people_file import as_they_are, preview_of, template
from people.models import Invitation, Team, User
from people.queries.organisation import circle_with, ground
from people.services.invitations import invite
from people.services.organisation import Moved, bring

# Without this, the admin's own sign-in would skip second factors and rate limits.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = admin.site.site_title = "Ladder"
admin.site.index_title = "Framework, roles and people"


class CleanName:
    cleaned_data: dict[str, Any]

    def clean_name(self) -> str:
        """As everybody writes theirs: one line, with nothing invisible in it."""
        return clean_text(self.cleaned_data["name"], lines=False)


class PersonCreationForm(CleanName, AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email", "name")


class PersonChangeForm(CleanName, UserChangeForm):
    class Meta:
        model = User
        fields = "__all__"

    def clean_manager(self) -> User | None:
        """Nobody reports to themselves, not even through others."""
        manager: User | None = self.cleaned_data["manager"]
        if "manager" in self.changed_data and (found := circle_with(self.instance, manager)):
            way = " → ".join(str(one) for one in (*found, found[0]))
            raise ValidationError(f"They would report to themselves: {way}.")
        return manager


@admin.register(Team)
class TeamAdmin(admin.ModelAdmin):
    list_display = ("name", "slug")
    search_fields = ("name",)
    prepopulated_fields = {"slug": ("name",)}


# What would give rights, or let somebody in as another.
SUPERUSERS_ALONE = ("email", "is_active", "is_staff", "is_superuser", "groups", "user_permissions")


def is_superuser(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.is_superuser


@admin.register(User)
class PersonAdmin(UserAdmin):
    """Superusers do everything here. HR admins look after names, teams and managers, and of superusers only read."""

    form = PersonChangeForm
    add_form = PersonCreationForm
    ordering = ("name", "email")
    list_display = ("email", "name", "manager", "team", "is_active", "is_staff")
    list_select_related = ("manager", "team")
    list_filter = ("is_active", "team", "is_staff", "is_superuser", "groups")
    search_fields = ("email", "name")
    autocomplete_fields = ("manager", "team")
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("email", "name", "manager", "team", "password")}),
        ("What they may do", {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("email", "name", "usable_password", "password1", "password2")}),
    )

    # ── Who may do what ─────────────────────────────────────────────────────
    def has_add_permission(self, request: HttpRequest) -> bool:
        """The page asks for a password; others bring new people by a file or invite them."""
        return is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        theirs = obj is None or not obj.is_superuser or is_superuser(request)
        return theirs and super().has_change_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        fixed = () if is_superuser(request) else SUPERUSERS_ALONE
        return (*super().get_readonly_fields(request, obj), *fixed)

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Nobody but superusers sees the hash of a password, nor the button to set one."""
        (title, first), *others = super().get_fieldsets(request, obj)
        if not is_superuser(request):
            first = {**first, "fields": [name for name in first["fields"] if name != "password"]}
        return ((title, first), *others)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        if not is_superuser(request):
            raise PermissionDenied
        return super().user_change_password(request, id, form_url)

    # ── A file of people ────────────────────────────────────────────────────
    def get_urls(self) -> list[URLPattern]:
        importing = limited("import-people", most=60, seconds=3600)(self.import_view)
        own = {
            "people_user_import": ("import/", importing),
            "people_user_template": ("import/template.csv", self.template_view),
            "people_user_people": ("import/people.csv", self.people_view),
        }
        pages = [path(where, self.admin_site.admin_view(view), name=name) for name, (where, view) in own.items()]
        return [*pages, *super().get_urls()]

    def may_import(self, request: HttpRequest) -> bool:
        """It changes people and makes new ones."""
        return isinstance(request.user, User) and request.user.has_perms(("people.change_user", "people.add_user"))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"may_import": self.may_import(request), **(extra_context or {})})

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """What was previewed is stored, if everybody is still as they were then; anything else is only previewed."""
        if not (isinstance(request.user, User) and self.may_import(request)):
            raise PermissionDenied
        form = FileOrText(request.POST, request.FILES) if request.method == "POST" else FileOrText()
        if not (form.is_bound and form.is_valid()):
            return self.import_page(request, {"form": form}, 422 if form.is_bound else 200)
        text, seen = form.cleaned_data["text"], request.POST.get("seen")
        if not seen:
            return self.import_page(request, {"form": form, "preview": preview_of(text, ground(by=request.user))})
        try:
            done = bring(by=request.user, text=text, seen=seen, welcomed="welcomed" in request.POST)
        except Moved as moved:
            context = {"form": form, "preview": moved.preview, "moved": True}
            return self.import_page(request, context, 409 if moved.preview.count else 200)
        messages.success(request, str(done))
        return HttpResponseRedirect(reverse("admin:people_user_changelist"))

    def import_page(self, request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
        if "preview" in context and context["preview"].problems:
            status = 422
        shown = {**self.admin_site.each_context(request), "opts": self.opts, "title": "Import people", **context}
        return render(request, "admin/people/user/import.html", shown, status=status)

    def template_view(self, request: HttpRequest) -> HttpResponse:
        return self.file(request, "template", template)

    def people_view(self, request: HttpRequest) -> HttpResponse:
        """Everybody as they are, to change in a spreadsheet and to bring back."""
        return self.file(request, "people", lambda: as_they_are(ground()))

    def file(self, request: HttpRequest, name: str, text: Callable[[], str]) -> HttpResponse:
        if not self.may_import(request):
            raise PermissionDenied
        headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
        return HttpResponse(text(), content_type="text/csv; charset=utf-8", headers=headers)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Somebody who leaves is made inactive: a deletion would list their log to the admin and take it with them."""
        return False


@admin.register(Invitation)
class InvitationAdmin(admin.ModelAdmin):
    """Inviting people, and what became of it. Deleting one takes its link back."""

    list_display = ("email", "by", "sent_at", "open_until", "used_at")
    list_select_related = ("by",)
    list_filter = (("used_at", admin.EmptyFieldListFilter),)
    search_fields = ("email",)
    date_hierarchy = "sent_at"
    actions = ("send_again",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Not where sign-up is closed: the link would lead nowhere."""
        return settings.SIGNUP != "closed" and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Invitation | None = None) -> bool:
        return False

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if not (isinstance(request.user, User) and self.has_add_permission(request)):
            raise PermissionDenied
        form = InviteForm(request.POST or None)
        if form.is_valid():
            return self.send(request, request.user, form.cleaned_data["emails"])
        shown = {**self.admin_site.each_context(request), "opts": self.opts, "title": "Invite people", "form": form}
        status = 422 if form.errors else 200
        return render(request, "admin/people/invitation/invite.html", shown, status=status)

    @admin.action(description="Send the selected invitations again", permissions=["add"])
    def send_again(self, request: HttpRequest, chosen: QuerySet[Invitation]) -> HttpResponse | None:
        form = InviteForm({"emails": "\n".join(chosen.values_list("email", flat=True))})
        if form.is_valid() and isinstance(request.user, User):
            return self.send(request, request.user, form.cleaned_data["emails"])
        messages.error(request, " ".join(map(str, form.errors.get("emails", ()))))
        return None

    def send(self, request: HttpRequest, by: User, emails: list[str]) -> HttpResponse:
        with transaction.atomic():
            for invitation in invite(by=by, emails=emails):
                self.log_addition(request, invitation, "Sent.")
        messages.success(request, f"{len(emails)} invitation{'s' if len(emails) > 1 else ''} sent.")
        return HttpResponseRedirect(reverse("admin:people_invitation_changelist"))


# Single sign-on is set up by the environment alone; a second place for its secrets would only confuse.
admin.site.unregister([SocialApp, SocialToken])
