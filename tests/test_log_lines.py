"""What a line of the log says of a request: never what opens a door, nor what somebody looked for."""

import uuid

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.test import RequestFactory
from django.urls import reverse

from accomplishments.queries.verifications import LINKS
from ladder.middleware import Logged
from tests.factories.people import UserFactory


def test_requests_are_logged_by_ours() -> None:
    assert [one for one in settings.MIDDLEWARE if one.endswith(("Logged", "RequestMiddleware"))] == [
        "ladder.middleware.Logged"
    ]


@pytest.mark.parametrize("name", ["accomplishments:outside", "people:stop", "people:invitation", "privacy:left"])
def test_signed_link_is_not_in_the_log(name: str) -> None:
    signed = LINKS.sign(uuid.uuid4().hex)
    address = reverse(name, args=[signed])
    assert Logged.format_request(RequestFactory().post(address)) == f"POST {address.replace(signed, '...')}"


@pytest.mark.django_db
def test_key_of_a_forgotten_password_is_not_in_the_log() -> None:
    person = UserFactory()
    words = {"uidb36": user_pk_to_url_str(person), "key": default_token_generator.make_token(person)}
    address = reverse("account_reset_password_from_key", kwargs=words)
    assert Logged.format_request(RequestFactory().get(address)) == "GET /accounts/password/reset/key/.../"


def test_what_somebody_looked_for_is_not_in_the_log() -> None:
    request = RequestFactory().get("/roles/", {"q": "a way out"})
    assert Logged.format_request(request) == "GET /roles/"
