"""Somebody leaves: the account closes, the record stays theirs for a while, then it is erased."""

from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Permission
from django.contrib.sessions.models import Session
from django.test import Client

from accomplishments.models import Verification
from audit.models import Event as Trail
from people.models import User
from privacy.jobs import nightly
from privacy.models import Archive
from privacy.queries.leaving import signed
from privacy.services.leaving import close, reopen
from tests.conftest import texts, tree
from tests.factories.accomplishments import asked, claim_of, entry, verified
from tests.factories.people import UserFactory
from tests.privacy.someone import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    settings.EMAIL_BACKEND = "outbox.backend.Outbox"
    settings.OUTBOX_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    return tmp_path


@pytest.fixture(autouse=True)
def day(time_machine: Any) -> None:
    time_machine.move_to("2026-11-01 12:00")


@pytest.fixture
def noor() -> User:
    person = User.objects.create_user("noor@ladder.example", PASSWORD, name="Noor")
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    return person


@pytest.fixture
def admin() -> User:
    return UserFactory(name="Ad Min", is_staff=True, is_superuser=True)


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def sign_in(client: Client) -> bool:
    client.post("/accounts/login/", {"login": "noor@ladder.example", "password": PASSWORD})
    return client.get("/accounts/profile/").status_code == 200


def link_in(mail: Any) -> str:
    return str(next(word for word in mail.body.split() if "/left/" in word)).removeprefix("http://127.0.0.1:8000")


# ── Closing and opening again ───────────────────────────────────────────────


def test_close_ends_every_session_and_the_password(noor: User, admin: User) -> None:
    browser = Client()
    assert sign_in(browser)
    assert close(person=noor, by=admin)
    assert browser.get("/accounts/profile/").status_code == 302
    assert not sign_in(Client())
    assert not UserSession.objects.filter(user=noor).exists()
    assert not Session.objects.exists()
    assert reopen(person=noor, by=admin)
    assert browser.get("/accounts/profile/").status_code == 302
    assert not sign_in(Client())


def test_close_twice_does_nothing_twice(noor: User, admin: User) -> None:
    assert [close(person=noor, by=admin), close(person=noor, by=admin)] == [True, False]
    assert [reopen(person=noor, by=admin), reopen(person=noor, by=admin)] == [True, False]
    assert list(Trail.objects.filter(kind="closed").order_by("pk").values_list("by_name", "about_name", "what")) == [
        (f"Ad Min <{admin.email}>", "Noor <noor@ladder.example>", "Closed; to be erased on 2027-01-30."),
        (f"Ad Min <{admin.email}>", "Noor <noor@ladder.example>", "Opened again."),
    ]


def test_person_who_is_back_sets_a_new_password_by_mail(
    noor: User, admin: User, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    close(person=noor, by=admin)
    reopen(person=noor, by=admin)
    guest = Client()
    with django_capture_on_commit_callbacks(execute=True):
        guest.post("/accounts/password/reset/", {"email": "noor@ladder.example"})
    link = next(word for word in mailoutbox[-1].body.split() if "/password/reset/key/" in word)
    form = guest.get(link, follow=True)
    guest.post(form.redirect_chain[-1][0], {"password1": PASSWORD, "password2": PASSWORD})
    assert sign_in(Client())


def test_close_ends_the_questions_that_wait_for_them_and_keeps_their_answers(noor: User, admin: User) -> None:
    made = entry(claims={"design": 1, "writing": 1})
    given, waits = verified(claim_of(made, "design"), by=noor), asked(claim_of(made, "writing"), by=noor)
    other = asked(claim_of(made, "writing"))
    close(person=noor, by=admin)
    standing = Verification.objects.standing()
    assert set(standing) == {given, other}
    waits.refresh_from_db()
    assert waits.voided_for == "expired"


def test_close_leaves_those_who_report_to_them(noor: User, admin: User) -> None:
    report = UserFactory(manager=noor)
    close(person=noor, by=admin)
    report.refresh_from_db()
    assert report.manager == noor
    client = signed_in(report)
    assert [client.get(page).status_code for page in ("/", "/log/", "/accounts/profile/", "/match/")] == [200] * 4


# ── The link of somebody who left ───────────────────────────────────────────


def test_person_who_left_takes_the_archive_along_by_the_link_in_the_mail(
    noor: User, admin: User, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    entry(person=noor, title="Made the thing")
    with django_capture_on_commit_callbacks(execute=True):
        close(person=noor, by=admin)
    [mail] = mailoutbox
    assert (mail.to, mail.subject) == ([noor.email], "Your account was closed, and your record is yours")
    assert "30 January 2027" in mail.body
    link, guest = link_in(mail), Client()
    page = guest.get(link)
    assert texts(tree(page), ".//h1") == ["Your record is yours until 30 January 2027"]
    assert (page.headers["X-Robots-Tag"], "no-store" in page.headers["Cache-Control"]) == ("noindex", True)
    with django_capture_on_commit_callbacks(execute=True):
        assert guest.post(link).headers["Location"] == link
    assert link_in(mailoutbox[-1]) == link
    [download] = [one.get("href") for one in tree(guest.get(link)).findall(".//main//a")]
    answer = guest.get(download)
    assert (answer.headers["Content-Type"], b"".join(answer.streaming_content)[:2]) == ("application/zip", b"PK")
    assert Trail.objects.filter(kind="exported", by=noor).count() == 2


def test_link_opens_nothing_when_it_is_forged_or_the_account_is_open_again(
    noor: User, admin: User, time_machine: Any
) -> None:
    close(person=noor, by=admin)
    link = f"/left/{signed(noor)}/"
    guest = Client()
    assert guest.get(link).status_code == 200
    gone = "This link shows nothing any more"
    assert texts(tree(guest.get(f"/left/{signed(noor)[:-1]}x/"), 404), ".//h1") == [gone]
    other = Archive.objects.create(person=admin, state="ready", content="x", expires_at="2027-01-01T00:00Z")
    assert guest.get(f"{link}{other.token}.zip").status_code == 404
    reopen(person=noor, by=admin)
    assert guest.get(link).status_code == 404
    assert guest.get(f"{link}{other.token}.zip").status_code == 404
    time_machine.move_to("2026-11-02 12:00")
    close(person=noor, by=admin)
    assert guest.get(link).status_code == 404


def test_link_expires_with_the_period(noor: User, admin: User, time_machine: Any) -> None:
    close(person=noor, by=admin)
    link = f"/left/{signed(noor)}/"
    time_machine.move_to("2027-02-03 12:00")
    assert Client().get(link).status_code == 404


# ── The end of the period ───────────────────────────────────────────────────


def test_nightly_erases_when_the_period_is_over(noor: User, admin: User, time_machine: Any) -> None:
    close(person=noor, by=admin)
    inactive = UserFactory(is_active=False)
    for moment, left in (("2027-01-29 23:00", True), ("2027-01-30 03:00", False), ("2027-01-31 03:00", False)):
        time_machine.move_to(moment)
        nightly()
        assert (moment, User.objects.filter(pk=noor.pk).exists()) == (moment, left)
    assert User.objects.filter(pk=inactive.pk).exists()
    event = Trail.objects.get(kind="erased")
    assert (event.by_name, event.about_name) == ("", "Noor <noor@ladder.example>")
    assert event.what == "Erased: the period after leaving was over."


def test_nightly_erases_nobody_who_is_back(noor: User, admin: User, time_machine: Any) -> None:
    close(person=noor, by=admin)
    reopen(person=noor, by=admin)
    time_machine.move_to("2027-05-01")
    nightly()
    assert User.objects.filter(pk=noor.pk).exists()


# ── In the admin ────────────────────────────────────────────────────────────


def pages(person: User) -> list[str]:
    return [f"/admin/people/user/{person.pk}/{one}/" for one in ("close", "reopen", "erase")]


def said(client: Client) -> list[str]:
    return [str(one) for one in client.get("/admin/people/user/").context["messages"]]


def test_admin_closes_opens_again_and_shows_the_day(noor: User, admin: User) -> None:
    client = signed_in(admin)
    change = f"/admin/people/user/{noor.pk}/change/"
    tools = ".//ul[@class='object-tools']/li"
    assert texts(tree(client.get(change)), tools) == ["Close the account", "Erase", "History"]
    assert client.post(pages(noor)[0]).headers["Location"] == change
    assert said(client) == [
        "Noor’s account is closed. It will be erased on 30 January 2027; until then it can be opened again."
    ]
    page = tree(client.get(change))
    assert texts(page, tools) == ["Open again", "Erase", "History"]
    assert "30 January 2027" in texts(page, ".//div[@class='readonly']")
    assert page.find(".//input[@name='is_active']") is None
    client.post(pages(noor)[1])
    assert said(client) == ["Noor’s account is open again. They come in by a new password or by single sign-on."]
    noor.refresh_from_db()
    assert (noor.closed_at, noor.is_active) == (None, True)


def test_admin_closes_several_but_never_oneself(noor: User, admin: User) -> None:
    client, other = signed_in(admin), UserFactory()
    chosen = {"action": "close_accounts", "_selected_action": [noor.pk, other.pk, admin.pk]}
    client.post("/admin/people/user/", chosen)
    assert set(User.objects.filter(closed_at__isnull=False)) == {noor, other}
    assert "Ad Min is left as they are: you may not close or open this account." in said(client)


def test_admin_erases_only_with_the_address_typed(noor: User, admin: User) -> None:
    client = signed_in(admin)
    assert client.get(pages(noor)[2]).status_code == 200
    wrong = tree(client.post(pages(noor)[2], {"email": admin.email}), 422)
    assert texts(wrong, ".//ul[@class='errorlist']/li") == ["This is not the address of the account."]
    assert client.post(pages(noor)[2], {"email": noor.email}).headers["Location"] == "/admin/people/user/"
    assert said(client) == ["Noor is erased, with all that was theirs."]
    assert Trail.objects.get(kind="erased").by == admin


def test_ending_accounts_takes_the_right_to_and_superusers_are_a_superusers(noor: User, admin: User) -> None:
    hr = UserFactory(is_staff=True)
    client = signed_in(hr)
    assert [client.get(page).status_code for page in pages(noor)] == [403] * 3
    hr.user_permissions.set(Permission.objects.filter(codename__in=("view_user", "change_user")))
    assert [client.get(page).status_code for page in pages(noor)] == [200, 200, 403]
    assert [client.get(page).status_code for page in pages(admin)] == [403] * 3
    hr.user_permissions.add(Permission.objects.get(codename="delete_user"))
    assert [client.get(page).status_code for page in pages(noor)] == [200] * 3
    assert [client.post(page).status_code for page in pages(hr)] == [403] * 3
    assert client.get("/admin/people/user/0/close/").status_code == 404
