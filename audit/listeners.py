"""What Django and allauth do on their own they tell by signals only; these write it to the trail."""

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from allauth.socialaccount import signals as social
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.contrib.admin.models import LogEntry
from django.contrib.auth import signals as auth
from django.contrib.auth.models import Group, Permission
from django.db.models.signals import m2m_changed, post_save
from django.http import HttpRequest

from audit.choices import Kind
from audit.services import record, record_each
from people.models import User
from people.signals import imported, sessions_ended

POWERS = {"is_active": "Active", "is_staff": "May open the admin", "is_superuser": "Superuser status"}
AUDITOR = "auditor"  # of a session: whether the menu shows the way to the trail
CHANGES = {"post_add": "given", "post_remove": "taken away"}


def connect() -> None:
    auth.user_logged_in.connect(_signed_in)
    auth.user_logged_out.connect(_signed_out)
    auth.user_login_failed.connect(_failed)
    account.user_signed_up.connect(_signed_up)
    for signal, words in (
        (account.password_set, "Set"),
        (account.password_changed, "Changed"),
        (account.password_reset, "Reset by mail"),
    ):
        signal.connect(_password(words), weak=False)
    account.email_changed.connect(_address)
    mfa.authenticator_added.connect(_factor("Added"), weak=False)
    mfa.authenticator_removed.connect(_factor("Removed"), weak=False)
    mfa.authenticator_reset.connect(_factor("Renewed"), weak=False)
    social.social_account_added.connect(_connected)
    social.social_account_removed.connect(_disconnected)
    sessions_ended.connect(_sessions)
    post_save.connect(_admin, sender=LogEntry)
    imported.connect(_imported)
    for through in (User.groups.through, User.user_permissions.through, Group.permissions.through):
        m2m_changed.connect(_permissions, sender=through)


def _signed_in(user: User, request: HttpRequest | None = None, **_: Any) -> None:
    record(kind=Kind.SIGNED_IN, by=user)
    if request is not None:  # asked once, so that no page has to for the link in its menu; the trail asks anew
        request.session[AUDITOR] = user.has_perm("audit.view_event")


def _signed_out(user: User | None, **_: Any) -> None:
    if user is not None:
        record(kind=Kind.SIGNED_OUT, by=user)


def _failed(credentials: dict[str, Any], **_: Any) -> None:
    """Whose account was tried, where there is one; what else was typed may be a password in the wrong field."""
    typed = credentials.get("email") or credentials.get("username") or ""
    record(kind=Kind.SIGN_IN_FAILED, by=None, about=User.objects.filter(email__iexact=str(typed)[:254]).first())


def _signed_up(user: User, sociallogin: SocialLogin | None = None, **_: Any) -> None:
    record(kind=Kind.SIGNED_UP, by=user, what="By single sign-on" if sociallogin else "")


def _password(words: str) -> Any:
    def listener(user: User, **_: Any) -> None:
        record(kind=Kind.PASSWORD, by=user, what=words)

    return listener


def _address(user: User, from_email_address: Any, to_email_address: Any, **_: Any) -> None:
    before = from_email_address.email if from_email_address else "none"
    record(kind=Kind.ADDRESS, by=user, what=f"{before} to {to_email_address.email}")


def _factor(words: str) -> Any:
    def listener(user: User, authenticator: Any, **_: Any) -> None:
        record(kind=Kind.SECOND_FACTOR, by=user, what=f"{words}: {authenticator.get_type_display()}")

    return listener


def _connected(sociallogin: SocialLogin, **_: Any) -> None:
    record(kind=Kind.SINGLE_SIGN_ON, by=sociallogin.user, what=f"Connected: {sociallogin.account.uid}")


def _disconnected(socialaccount: SocialAccount, **_: Any) -> None:
    record(kind=Kind.SINGLE_SIGN_ON, by=socialaccount.user, what=f"Disconnected: {socialaccount.uid}")


def _sessions(user: User, number: int, **_: Any) -> None:
    record(kind=Kind.SESSIONS, by=user, what=f"{number} other{'s' if number > 1 else ''}")


def _admin(instance: LogEntry, created: bool, **_: Any) -> None:
    """Every change in the admin; on a person's powers it is a change of permissions."""
    if not created:
        return
    person = User.objects.filter(pk=instance.object_id or 0).first() if _is_person(instance) else None
    changed = instance.get_change_message()
    if instance.is_deletion():
        record(
            kind=Kind.ADMIN,
            by=User.objects.get(pk=instance.user_id),
            what=f"{instance.content_type} {instance.object_repr}: Deleted.",
        )
        return
    powers = person is not None and any(words in changed for words in POWERS.values())
    record(
        kind=Kind.PERMISSIONS if powers else Kind.ADMIN,
        by=User.objects.get(pk=instance.user_id),
        about=person,
        what=f"{instance.content_type} {instance.object_repr}: {changed}" + (_powers(person) if person else ""),
    )


def _imported(by: User, changes: list[tuple[User, str]], **_: Any) -> None:
    record_each(kind=Kind.ADMIN, by=by, about=changes)


def _is_person(entry: LogEntry) -> bool:
    return entry.content_type is not None and entry.content_type.model_class() is User


def _powers(person: User) -> str:
    has = [words.lower() for name, words in POWERS.items() if getattr(person, name)]
    return f" Now: {', '.join(has) or 'none'}."


def _permissions(instance: Any, action: str, reverse: bool, model: type, pk_set: set[int] | None, **_: Any) -> None:
    """Groups of a person, permissions of a person or a group: given or taken away, whoever did it and however."""
    if action == "pre_clear":
        names = [str(one) for one in _all_of(instance, model)]
        verb = "taken away"
    elif action in CHANGES and pk_set:
        names = [str(one) for one in model.objects.filter(pk__in=pk_set)]  # type: ignore[attr-defined]
        verb = CHANGES[action]
    else:
        return
    if names:
        person = instance if isinstance(instance, User) else None
        record(kind=Kind.PERMISSIONS, by=None, about=person, what=f"{instance}: {', '.join(sorted(names))} {verb}")


def _all_of(instance: Any, model: type) -> Any:
    if model is Group:
        return instance.groups.all()
    if model is Permission:
        return (instance.user_permissions if isinstance(instance, User) else instance.permissions).all()
    return instance.user_set.all()


connect()
