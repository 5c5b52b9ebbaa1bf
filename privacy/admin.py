"""Leaving and erasing, on the pages of people in the admin."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format

from people import admin as people
from people.models import User
from privacy.forms import EraseForm
from privacy.queries.leaving import erased_on
from privacy.services import erasing, leaving

admin.site.unregister(User)


def may_close(by: Any, person: User) -> bool:
    """Who may change people; nobody closes themselves, and only a superuser closes one."""
    mine = isinstance(by, User) and by.pk != person.pk and by.has_perm("people.change_user")
    return mine and (by.is_superuser or not person.is_superuser)


def may_erase(by: Any, person: User) -> bool:
    return may_close(by, person) and by.has_perm("people.delete_user")


@admin.register(User)
class PersonAdmin(people.PersonAdmin):
    """A person's page with the end of their account."""

    actions = ("close_accounts", "reopen_accounts")

    def get_list_display(self, request: HttpRequest) -> Any:
        return (*super().get_list_display(request), "erased_on")

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Whether somebody who left is active is not ticked but decided by opening the account again."""
        left = ("is_active",) if obj is not None and obj.closed_at else ()
        return (*super().get_readonly_fields(request, obj), "closed_at", "erased_on", *left)

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or obj.closed_at is None:
            return fieldsets
        return (*fieldsets, ("They have left", {"fields": ("closed_at", "erased_on")}))

    @admin.display(description="erased on", ordering="closed_at")
    def erased_on(self, person: User) -> str:
        day = erased_on(person)
        return date_format(day) if day else ""

    def get_urls(self) -> list[URLPattern]:
        views = {"close": self.close_view, "reopen": self.reopen_view, "erase": self.erase_view}
        own = [
            path(f"<path:object_id>/{name}/", self.admin_site.admin_view(view), name=f"people_user_{name}")
            for name, view in views.items()
        ]
        return [*own, *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        person = kwargs.get("obj")
        if person is not None:
            context["may_close"] = may_close(request.user, person)
            context["may_erase"] = may_erase(request.user, person)
        return super().render_change_form(request, context, *args, **kwargs)

    # ── One person ──────────────────────────────────────────────────────────
    def person_for(self, request: HttpRequest, object_id: str) -> User:
        """404 where there is none, 403 for those who may not end accounts."""
        person: User | None = self.get_object(request, unquote(object_id))
        if person is None:
            raise Http404
        if not may_close(request.user, person):
            raise PermissionDenied
        return person

    def page(self, request: HttpRequest, name: str, person: User, context: Any, status: int = 200) -> HttpResponse:
        shown = {**self.admin_site.each_context(request), "opts": self.opts, "original": person, **context}
        return render(request, f"admin/people/user/{name}.html", shown, status=status)

    def close_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        person = self.person_for(request, object_id)
        if request.method != "POST":
            return self.page(request, "close", person, {"title": "Close the account"})
        self.close_accounts(request, User.objects.filter(pk=person.pk))
        return HttpResponseRedirect(reverse("admin:people_user_change", args=[person.pk]))

    def reopen_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        person = self.person_for(request, object_id)
        if request.method != "POST":
            return self.page(request, "reopen", person, {"title": "Open the account again"})
        self.reopen_accounts(request, User.objects.filter(pk=person.pk))
        return HttpResponseRedirect(reverse("admin:people_user_change", args=[person.pk]))

    def erase_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        person = self.person_for(request, object_id)
        if not may_erase(request.user, person):
            raise PermissionDenied
        form = EraseForm(request.POST or None, person=person, label="Their e-mail address, to be sure")
        if not form.is_valid():
            context = {"title": "Erase for good", "form": form}
            return self.page(request, "erase", person, context, 422 if form.is_bound else 200)
        erasing.erase(person=person, by=request.user)  # type: ignore[arg-type]  # who may is a person
        messages.success(request, f"{person} is erased, with all that was theirs.")
        return HttpResponseRedirect(reverse("admin:people_user_changelist"))

    # ── Several ─────────────────────────────────────────────────────────────
    @admin.action(description="Close the accounts of people who have left", permissions=["change"])
    def close_accounts(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        done = [one for one in self.those(request, queryset) if leaving.close(person=one, by=self.by(request))]
        for person in done:
            said = f"{person}’s account is closed. It will be erased on {self.erased_on(person)}; until then it can be"
            messages.success(request, f"{said} opened again.")

    @admin.action(description="Open closed accounts again", permissions=["change"])
    def reopen_accounts(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for person in self.those(request, queryset):
            if leaving.reopen(person=person, by=self.by(request)):
                said = f"{person}’s account is open again. They come in by a new password or by single sign-on."
                messages.success(request, said)

    def by(self, request: HttpRequest) -> User:
        if not isinstance(request.user, User):
            raise PermissionDenied
        return request.user

    def those(self, request: HttpRequest, people: QuerySet[User]) -> list[User]:
        """Whom one may close; the others are named."""
        for person in people:
            if not may_close(request.user, person):
                messages.error(request, f"{person} is left as they are: you may not close or open this account.")
        return [person for person in people if may_close(request.user, person)]
