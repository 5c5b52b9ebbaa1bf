"""A person of whom every table that may hold something of a person holds something."""

from datetime import date
from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.mail import send_mail
from django.test import Client

from accomplishments.models import Accomplishment, Claim, Exemption, Ratings, Target, Verification
from accomplishments.services import entries
from accomplishments.services.entries import Typed
from accomplishments.services.files import add_file
from accomplishments.services.record import hold
from accomplishments.services.verifications import resolve
from outbox.models import Refusal, refused_as
from people.models import Invitation, User
from privacy.services.archives import ask
from tests.factories.accomplishments import asked, claim_of, entry, verified
from tests.factories.people import TeamFactory, UserFactory
from tests.factories.roles import draft, published

NAME, ADDRESS, SECOND = "Zébulon O'Quorra", "zebulon@ladder.example", "zeb.quorra@elsewhere.example"
PASSWORD = "a-rung-at-a-time-9"
PDF = b"%PDF-1.4 what zebulon did"
BROWSER = "Netscape"


def log_of(person: User, colleague: User) -> Accomplishment:
    """An entry with everything that hangs from one."""
    made = entry(person=person, title="Made the thing", claims={"design": 2}, links=["https://git.example.org/1"])
    verified(claim_of(made, "design"), by=colleague, note="I saw it.")
    add_file(entry=made, by=person, upload=SimpleUploadedFile("proof.pdf", PDF))
    return made


def word_of(person: User, colleague: User) -> Verification:
    """What somebody stated about a colleague's work, which was edited since: the history names who had answered."""
    theirs = entry(person=colleague, title="Colleague's work", claims={"writing": 2, "design": 1})
    given = verified(claim_of(theirs, "writing"), by=person, note="Yes. Zébulon O'Quorra")
    asked(claim_of(theirs, "design"), by=person)
    entries.save(entry=theirs, by=colleague, typed=Typed({"context": "Checkout"}, kept(theirs)), edits=theirs.edits)
    entries.archive(entry=theirs, by=colleague)
    entries.unarchive(entry=theirs, by=colleague)
    return given


def settled_by(person: User, colleague: User) -> Verification:
    """A dispute about a colleague's work that somebody settled as the manager of that day."""
    dispute = verified(Claim.objects.get(accomplishment__person=colleague, competency__slug="design"), says="disputed")
    User.objects.filter(pk=colleague.pk).update(manager=person)
    resolve(verification=Verification.objects.get(pk=dispute.pk), by=person, note="Settled by Zébulon O'Quorra.")
    User.objects.filter(pk=colleague.pk).update(manager=None)
    return dispute


def kept(made: Accomplishment) -> list[Any]:
    return [entries.Claimed(*row) for row in made.claims.values_list("competency", "level", "indicator")]


def someone() -> tuple[User, User]:
    """The person, and the colleague with whom they have to do."""
    colleague = UserFactory(name="Cleo Colleague", email="cleo@ladder.example")
    person = User.objects.create_user(ADDRESS, PASSWORD, name=NAME, pronouns="they", team=TeamFactory())
    UserFactory(email="report@ladder.example", manager=person)
    group = Group.objects.create(name="Panel members")
    group.permissions.add(Permission.objects.get(codename="view_family"))
    person.groups.add(group)
    person.user_permissions.add(Permission.objects.get(codename="view_role"))
    EmailAddress.objects.create(user=person, email=ADDRESS, verified=True, primary=True)
    second = EmailAddress.objects.create(user=person, email=SECOND)
    EmailConfirmation.create(second).save()
    Client(headers={"user-agent": BROWSER}).post("/accounts/login/", {"login": ADDRESS, "password": PASSWORD})
    SocialAccount.objects.create(user=person, provider="sso", uid="1", extra_data={"userinfo": {"name": NAME}})
    Invitation.objects.create(email=ADDRESS, by=colleague)
    Invitation.objects.create(email="new@ladder.example", by=person)
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": "x"})
    log_of(person, colleague)
    word_of(person, colleague)
    settled_by(person, colleague)
    version = published(role="data/science/l1", needs={"design": (1, "core")})
    draft(role="data/science/l2").__class__.objects.filter(number=None).update(edited_by=person)
    hold(by=person, role=version.role, since=date(2026, 1, 1))
    Target.objects.create(person=person, slot=1, role=version.role, version=version)
    competency = version.requirements.get().competency
    Exemption.objects.create(person=person, role=version.role, competency=competency, reason="Not here.")
    Ratings.objects.create(person=person, taken_on=date(2026, 1, 1), policy=1, fills={"design": [1] * 10})
    LogEntry.objects.log_actions(person.pk, [version.role], CHANGE, change_message=[], single_object=True)
    LogEntry.objects.log_actions(colleague.pk, [person], CHANGE, change_message=[], single_object=True)
    LogEntry.objects.log_actions(colleague.pk, [second], CHANGE, change_message=[], single_object=True)
    send_mail(f"{NAME} asks", f"{NAME} <{ADDRESS}> asks.", None, [colleague.email])
    send_mail("To you", "Text", None, [SECOND])
    Refusal.objects.create(address=refused_as(SECOND))
    ask(person=person)
    return person, colleague
