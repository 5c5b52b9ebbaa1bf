"""Who may make an account, and how people are invited to."""

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.signing import Signer
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from audit.models import Event
from outbox.models import refused_as
from outbox.services import refuse
from people.models import INVITED_FOR, Invitation, User
from people.queries.invitations import LINKS
from people.services.invitations import invite, use
from tests.conftest import texts, tree, words
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db

SIGNUP, INVITE = "/accounts/signup/", "/admin/people/invitation/add/"
PASSWORD = "a-rung-at-a-time-9"
NIA = "nia@elsewhere.example"


def account(email: str = NIA) -> dict[str, str]:
    return {"name": "Nia Okoro", "email": email, "password1": PASSWORD, "password2": PASSWORD}


def invited(email: str = NIA) -> str:
    """The address in the mail to somebody who is invited."""
    invite(by=UserFactory(name="Sven"), emails=[email])
    return re.search(r"http://127.0.0.1:8000(/accounts/invitation/\S+)", mail.outbox[-1].body).group(1)


# ── The setting ─────────────────────────────────────────────────────────────


@pytest.mark.parametrize("policy", ["closed", "invitation"])
def test_sign_up_of_strangers_only_where_it_is_open(policy: str, settings: Any, client: Client) -> None:
    settings.SIGNUP = policy
    assert texts(tree(client.get(SIGNUP)), ".//main//h1") == ["Accounts are not made here"]
    client.post(SIGNUP, account())
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("email", "made"),
    [
        ("nia@ladder.example", True),
        ("NIA@Ladder.Example", True),
        ("nia@second.example", True),
        ("nia@sub.ladder.example", False),
        ("nia@notladder.example", False),
        ("nia@ladder.example@evil.example", False),
    ],
)
def test_sign_up_is_limited_to_domains(email: str, made: bool, settings: Any, client: Client) -> None:
    settings.SIGNUP, settings.SIGNUP_DOMAINS = "open", ["ladder.example", "second.example"]
    response = client.post(SIGNUP, account(email))
    assert User.objects.exists() == made
    assert response.status_code == (302 if made else 200)


def test_sign_up_from_another_domain_says_which_ones_may(settings: Any, client: Client) -> None:
    settings.SIGNUP, settings.SIGNUP_DOMAINS = "open", ["ladder.example", "second.example"]
    page = tree(client.post(SIGNUP, account()))
    assert texts(page, ".//ul[@class='errorlist']/li") == [
        "Use an address that ends in @ladder.example or @second.example."
    ]
    assert page.find(".//input[@name='name']").get("value") == "Nia Okoro"


# ── The way in by an invitation ─────────────────────────────────────────────


def test_invitation_leads_to_an_account_with_its_address_confirmed(settings: Any, client: Client) -> None:
    settings.SIGNUP, settings.SIGNUP_DOMAINS = "invitation", ["ladder.example"]
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    link = invited()
    (message,) = mail.outbox
    assert (message.to, message.subject) == ([NIA], "You are invited to Ladder")
    assert message.body.startswith("Sven invites you to Ladder")
    assert [kind for _, kind in message.alternatives] == ["text/html"]
    response = client.get(link)
    assert (response.status_code, response.headers["Location"]) == (302, SIGNUP)
    field = tree(client.get(SIGNUP)).find(".//input[@name='email']")
    assert (field.get("value"), field.get("disabled")) == (NIA, "")
    response = client.post(SIGNUP, account("somebody.else@evil.example"))
    assert (response.status_code, response.headers["Location"]) == (302, "/")
    assert client.get("/accounts/profile/").status_code == 200  # signed in, without a mail to confirm
    address = EmailAddress.objects.get()
    assert (address.email, address.verified, address.primary) == (NIA, True, True)
    assert (User.objects.get(email=NIA).name, len(mail.outbox)) == ("Nia Okoro", 1)
    assert Invitation.objects.get().used_at is not None


def test_invitation_works_once(settings: Any, client: Client) -> None:
    settings.SIGNUP = "invitation"
    link = invited()
    other = Client()
    other.get(link)  # was opened in time, and comes second
    client.get(link)
    client.post(SIGNUP, account())
    assert texts(tree(other.get(SIGNUP)), ".//main//h1") == ["Accounts are not made here"]
    other.post(SIGNUP, account() | {"name": "Second"})
    assert list(User.objects.filter(email=NIA).values_list("name", flat=True)) == ["Nia Okoro"]
    page = tree(Client().get(link), status=410)
    assert words(page.find(".//main//p")).startswith(f"There is an account for {NIA} already.")


def test_invitation_that_is_used_is_not_used_again() -> None:
    invitation = invite(by=UserFactory(), emails=[NIA])[0]
    assert (use(invitation=invitation), use(invitation=invitation)) == (True, False)


def test_invitation_expires(settings: Any, client: Client) -> None:
    settings.SIGNUP = "invitation"
    link = invited()
    client.get(link)
    Invitation.objects.update(sent_at=timezone.now() - INVITED_FOR)
    assert texts(tree(client.get(link), status=410), ".//main//h1") == ["This invitation is too old"]
    client.post(SIGNUP, account())
    assert not User.objects.filter(email=NIA).exists()
    Invitation.objects.update(sent_at=timezone.now() - INVITED_FOR + timedelta(minutes=1))
    assert client.get(link).status_code == 302


def test_invitation_sent_again_makes_the_first_void(settings: Any, client: Client) -> None:
    settings.SIGNUP = "invitation"
    first, second = invited(), invited()
    assert Invitation.objects.count() == 1
    assert texts(tree(client.get(first), status=410), ".//main//h1") == ["This invitation is void"]
    assert client.get(second).status_code == 302


def test_invitation_that_was_taken_back_is_void(client: Client) -> None:
    link = invited()
    Invitation.objects.all().delete()
    assert texts(tree(client.get(link), status=410), ".//main//h1") == ["This invitation is void"]


def test_invitation_is_not_forged(client: Client) -> None:
    key = invite(by=UserFactory(), emails=[NIA])[0].key
    signed = LINKS.sign(key.hex)
    forged = [key.hex, f"{key.hex}:", signed[:-1], Signer(salt="other").sign(key.hex), LINKS.sign("nothing"), "x"]
    assert [client.get(f"/accounts/invitation/{link}/").status_code for link in forged] == [404] * 6
    assert "invitation" not in client.session


def test_invitation_of_an_expired_session_confirms_nothing_where_sign_up_is_open(settings: Any, client: Client) -> None:
    settings.SIGNUP = "open"
    client.get(invited())
    Invitation.objects.update(used_at=timezone.now())
    client.post(SIGNUP, account("new@ladder.example"))
    assert list(EmailAddress.objects.values_list("email", "verified")) == [("new@ladder.example", False)]


def test_invitation_address_once() -> None:
    Invitation.objects.create(email=NIA)
    with pytest.raises(IntegrityError, match="invitation_address_once"), transaction.atomic():
        Invitation.objects.create(email=NIA.upper())


# ── Inviting in the admin ───────────────────────────────────────────────────


def test_admin_invites_several_at_once(admin_client: Client, settings: Any) -> None:
    settings.SIGNUP = "invitation"
    response = admin_client.post(INVITE, {"emails": f"{NIA}, Ada@Ladder.Example\r\n{NIA};bea@ladder.example "})
    assert response.status_code == 302
    emails = [NIA, "ada@ladder.example", "bea@ladder.example"]
    assert [message.to for message in mail.outbox] == [[email] for email in emails]
    assert {one.email: one.by.email for one in Invitation.objects.all()} == dict.fromkeys(emails, "admin@example.com")
    assert list(Event.objects.filter(kind="admin").order_by("pk").values_list("what", flat=True)) == [
        f"People | invitation {email}: Sent." for email in emails
    ]
    assert admin_client.get("/admin/people/invitation/").status_code == 200


LONG = f"@{'.'.join(['b' * 60] * 4)}.example"  # 252 characters


@pytest.mark.parametrize(
    ("emails", "said"),
    [
        ("", ["This field is required."]),
        ("nia", ["nia is no e-mail address."]),
        (f"{'a' * 60}{LONG}", [f"{'a' * 60}{LONG} is no e-mail address."]),
        (f"{NIA} Noor@Ladder.Example", ["noor@ladder.example has an account already."]),
        ("second@ladder.example", ["second@ladder.example has an account already."]),
        (f"Ola@Elsewhere.example {NIA}", ["ola@elsewhere.example wants no mail from Ladder: its owner said so."]),
        ("x@y.example\r\nBcc:z@y.example", ["bcc:z@y.example is no e-mail address."]),
        (" ".join(f"a{n}@y.example" for n in range(201)), ["200 at a time, please."]),
    ],
)
def test_admin_is_told_whom_not_to_invite(emails: str, said: list[str], admin_client: Client) -> None:
    noor = UserFactory(email="noor@ladder.example")
    EmailAddress.objects.create(user=noor, email="second@ladder.example")
    refuse(refused_as("ola@elsewhere.example"))
    page = tree(admin_client.post(INVITE, {"emails": emails}), status=422)
    assert texts(page, ".//ul[@class='errorlist']/li") == said
    assert (page.find(".//textarea").text or "").split() == emails.split()
    assert (mail.outbox, Invitation.objects.exists()) == ([], False)


def test_admin_sends_again(admin_client: Client, client: Client) -> None:
    first = invited()
    pk = Invitation.objects.get().pk
    data = {"action": "send_again", "_selected_action": [pk]}
    admin_client.post("/admin/people/invitation/", data)
    assert (client.get(first).status_code, len(mail.outbox)) == (410, 2)
    UserFactory(email=NIA)
    page = tree(admin_client.post("/admin/people/invitation/", data, follow=True))
    said = "Nia@elsewhere.example has an account already."  # the admin begins messages with a capital
    assert texts(page, ".//ul[@class='messagelist']/li")[-1] == said
    assert len(mail.outbox) == 2


def test_admin_invites_nobody_where_sign_up_is_closed(admin_client: Client, settings: Any) -> None:
    settings.SIGNUP = "closed"
    assert admin_client.get(INVITE).status_code == 403
    assert admin_client.post(INVITE, {"emails": NIA}).status_code == 403


def test_admin_without_the_permission_invites_nobody(client: Client) -> None:
    client.force_login(UserFactory(is_staff=True))
    assert client.post(INVITE, {"emails": NIA}).status_code == 403
    assert mail.outbox == []
