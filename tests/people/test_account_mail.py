"""Every mail that django-allauth can send with our settings: ours in words, in both parts, and about whom it is."""

import re
from pathlib import Path
from typing import Any

import allauth
import pytest
from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.core import context
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.template.loader import get_template
from django.test import Client, RequestFactory
from django.utils import timezone

from outbox.models import refused_as
from outbox.services import refuse
from people.models import User
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db

PROJECT = Path(__file__).resolve().parents[2]
SOURCES = "\n".join(path.read_text() for path in Path(allauth.__file__).parent.rglob("*.py"))
NAMED = set(re.findall(r'"((?:account|mfa|socialaccount)/email/\w+)"', SOURCES))
OFF = {"account/email/login_code", "account/email/password_reset_code"}  # sent only by settings that we don't have on
GIVEN = {
    "ip": "192.0.2.7",
    "user_agent": "<b>Browser</b>",
    "activate_url": "https://ladder.example/confirm/",
    "password_reset_url": "https://ladder.example/reset/",
    "signup_url": "https://ladder.example/signup/",
    "from_email": "old@ladder.example",
    "to_email": "new@ladder.example",
    "deleted_email": "gone@ladder.example",
    "provider": "Acme",
}


def test_mails_that_are_off_are_off() -> None:
    assert (app_settings.LOGIN_BY_CODE_ENABLED, app_settings.PASSWORD_RESET_BY_CODE_ENABLED) == (False, False)
    assert (app_settings.EMAIL_NOTIFICATIONS, app_settings.EMAIL_VERIFICATION_BY_CODE_ENABLED) == (True, False)
    assert len(NAMED) >= 19
    assert NAMED >= OFF


def rendered(prefix: str, **more: Any) -> EmailMultiAlternatives:
    request = RequestFactory(headers={"host": "localhost"}).get("/")
    with context.request_context(request):
        given = {"timestamp": timezone.now(), "request": request, "email": "noor@ladder.example"}
        return get_adapter().render_mail(prefix, "noor@ladder.example", {**given, **GIVEN, **more})


@pytest.mark.parametrize("prefix", sorted(NAMED - OFF))
def test_account_mail_is_ours_in_both_parts(prefix: str) -> None:
    for part in ("subject", "message"):
        origin = Path(get_template(f"{prefix}_{part}.txt").origin.name)
        assert origin == PROJECT / "templates" / f"{prefix}_{part}.txt"
    made = rendered(prefix)
    ((html, kind),) = made.alternatives
    assert kind == "text/html"
    assert re.fullmatch(r"\[Ladder\] [A-Z][^\n]+[^\n.]", made.subject)
    reason = "You get this mail when somebody signs up, is invited, signs in or changes something with your address."
    for text in (made.body, html):
        assert text.count("127.0.0.1:8000") >= 2  # the installation, by name and as an address
        assert reason in text
        assert ("{{" in text, "<b>" in html, "None" in text) == (False, False, False)
    first = made.body.split("\n")[0]
    assert first.replace("'", "&#x27;") in html
    link = re.search(r"^https?://\S+$", made.body, re.MULTILINE)
    assert link
    assert f'<p><a href="{link[0]}">{link[0]}</a></p>' in html


def test_account_mail_shows_what_others_typed_as_text() -> None:
    made = rendered("account/email/email_changed", user_agent='<img src=x onerror="x">', to_email="<script>")
    html = made.alternatives[0][0]
    assert ("<script" in html, "<img" in html, "&lt;img" in html) == (False, False, True)


@pytest.mark.parametrize(
    ("open_to_all", "said"), [(True, "you can make one here"), (False, "ask an administrator for an account")]
)
def test_mail_of_no_account_offers_one_where_one_can_make_one(open_to_all: bool, said: str, settings: Any) -> None:
    settings.SIGNUP = "open" if open_to_all else "invitation"
    made = rendered("account/email/unknown_account")
    assert (said in made.body, GIVEN["signup_url"] in made.body) == (True, open_to_all)


def test_forgotten_password_of_nobody_is_answered_unless_they_refused(client: Client) -> None:
    client.post("/accounts/password/reset/", {"email": "nobody@elsewhere.example"})
    assert [one.subject for one in mail.outbox] == ["[Ladder] There is no account with this address"]
    refuse(refused_as("nobody@elsewhere.example"))
    client.post("/accounts/password/reset/", {"email": "nobody@elsewhere.example"})
    assert len(mail.outbox) == 1


def test_changed_password_is_told(client: Client) -> None:
    noor = UserFactory(email="noor@ladder.example")
    noor.set_password("a-rung-at-a-time-9")
    noor.save()
    client.post("/accounts/login/", {"login": noor.email, "password": "a-rung-at-a-time-9"})
    new = {"oldpassword": "a-rung-at-a-time-9", "password1": "another-rung-10", "password2": "another-rung-10"}
    client.post("/accounts/password/change/", new, headers={"user-agent": "Browser/1"})
    assert User.objects.get().check_password("another-rung-10")
    (told,) = mail.outbox
    assert (told.to, told.subject) == (["noor@ladder.example"], "[Ladder] Your password was changed")
    assert "from 127.0.0.1, with Browser/1." in told.body


def test_our_own_mails_have_both_parts() -> None:
    names = {path.stem for path in (PROJECT / "templates" / "mail").glob("*")} - {"account"}
    for name in names:
        for ending, base in (("txt", "mail/base.txt"), ("html", "mail/base.html")):
            text = (PROJECT / "templates" / "mail" / f"{name}.{ending}").read_text()
            assert text.startswith(f'{{% extends "{base}" %}}') or name == "base"
