"""Mail is promised with the act that leads to it, sent once, and tried again until it is."""

import re
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.mail import BadHeaderError, EmailMessage, EmailMultiAlternatives, get_connection, send_mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from kombu.exceptions import OperationalError

from outbox.backend import Letter
from outbox.choices import State
from outbox.mail import LEASE, MOST_TRIES, deliver
from outbox.models import Message
from outbox.services import compose, post_all, sweep
from outbox.tasks import send
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db

LOCMEM = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture(autouse=True)
def through_the_outbox(settings: Any) -> None:
    """Tests of other things read `mail.outbox` at once; here mail goes the way that it goes outside of tests."""
    settings.EMAIL_BACKEND = "outbox.backend.Outbox"
    settings.OUTBOX_BACKEND = LOCMEM
    settings.DEFAULT_FROM_EMAIL = "Ladder <ladder@ladder.example>"


@pytest.fixture
def broken(settings: Any) -> None:
    settings.OUTBOX_BACKEND = "tests.outbox.broken.EmailBackend"


def post(**how: str) -> Message:
    (pk,) = post_all([compose(**how)])
    return Message.objects.get(pk=pk)


def sent() -> list[tuple[str, str]]:
    return [(one.to[0], one.subject) for one in mail.outbox]


def test_mail_goes_out_when_the_transaction_holds(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        send_mail("Hello", "Text", None, ["noor@ladder.example", "sven@ladder.example"])
        assert (sent(), Message.objects.filter(state=State.WAITING).count()) == ([], 2)
    assert sent() == [("noor@ladder.example", "Hello"), ("sven@ladder.example", "Hello")]
    assert set(Message.objects.values_list("state", "tries", "taken_until")) == {(State.SENT, 1, None)}


def test_mail_of_an_act_that_failed_is_never_sent(django_capture_on_commit_callbacks: Any) -> None:
    with (
        django_capture_on_commit_callbacks(execute=True),
        pytest.raises(ZeroDivisionError),
        transaction.atomic(),
    ):
        send_mail("Hello", "Text", None, ["noor@ladder.example"])
        _ = 1 / 0
    assert (sent(), Message.objects.count()) == ([], 0)


def test_message_keeps_its_id_its_parts_and_its_headers() -> None:
    letter = EmailMultiAlternatives("Hello", "Text", to=["noor@ladder.example"], headers={"List-Unsubscribe": "<x>"})
    letter.attach_alternative("<p>Text</p>", "text/html")
    letter.send()
    message = Message.objects.get()
    assert deliver(message.pk) is True
    (out,) = mail.outbox
    assert out.extra_headers == {
        "Message-ID": message.message_id,
        "Auto-Submitted": "auto-generated",
        "List-Unsubscribe": "<x>",
    }
    assert re.fullmatch(r"<[^@\s]+@ladder\.example>", message.message_id)
    assert (out.from_email, out.body, out.alternatives[0][:2]) == (
        "Ladder <ladder@ladder.example>",
        "Text",
        ("<p>Text</p>", "text/html"),
    )


def test_sent_message_no_longer_holds_what_it_said() -> None:
    message = post(to="noor@ladder.example", subject="Reset", text="https://secret", html="<a href='https://secret'>")
    deliver(message.pk)
    message.refresh_from_db()
    assert (message.text, message.html, message.state) == ("", "", State.SENT)


def test_message_of_a_kind_that_comes_once_is_promised_once() -> None:
    def letters() -> list[EmailMessage]:
        return [Letter("Hello", "Text", to=[f"p{n}@ladder.example"], kind="digest", once=f"week {n}") for n in (1, 2)]

    get_connection().send_messages([letters()[1]])
    get_connection().send_messages([*letters(), *letters(), EmailMessage("Hello", "Text", to=["p1@ladder.example"])])
    assert list(Message.objects.order_by("once").values_list("once", "kind", "to")) == [
        ("", "", "p1@ladder.example"),
        ("week 1", "digest", "p1@ladder.example"),
        ("week 2", "digest", "p2@ladder.example"),
    ]
    with pytest.raises(IntegrityError, match=r"message_once|outbox_message\.once"), transaction.atomic():
        compose(to="p3@ladder.example", subject="Hello", text="Text", once="week 1").save()


def test_many_messages_cost_as_much_as_one(django_assert_num_queries: Any) -> None:
    for number in (1, 50):
        with django_assert_num_queries(4):  # the transaction's two among them
            post_all([compose(to=f"p{n}@ladder.example", subject="Hello", text="Text") for n in range(number)])


def test_broker_that_is_away_is_asked_once(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    asked = []

    def away(pk: int) -> None:
        asked.append(pk)
        raise OperationalError("no broker")

    monkeypatch.setattr(send, "delay", away)
    with django_capture_on_commit_callbacks(execute=True):
        send_mail("Hello", "Text", None, [f"p{n}@ladder.example" for n in range(9)])
    assert (len(asked), Message.objects.filter(state=State.WAITING).count()) == (1, 9)


def test_message_that_is_not_wanted_any_more_is_dropped() -> None:
    message = post(to="noor@ladder.example", subject="Hello", text="Text", kind="digest")
    assert deliver(message.pk) is False  # nobody has this address, and nobody chose a digest there
    message.refresh_from_db()
    assert (message.state, message.text, message.taken_until) == (State.DROPPED, "", None)
    assert (sweep(), mail.outbox) == (0, [])


def test_message_is_sent_once_however_often_it_is_handed_over() -> None:
    message = post(to="noor@ladder.example", subject="Once", text="Text")
    assert [deliver(message.pk), deliver(message.pk), sweep()] == [True, False, 0]
    assert sent() == [("noor@ladder.example", "Once")]


def test_message_in_somebodys_hands_is_left_alone_until_they_must_have_died() -> None:
    message = post(to="noor@ladder.example", subject="Once", text="Text")
    Message.objects.update(taken_until=timezone.now() + LEASE)
    assert (deliver(message.pk), sweep()) == (False, 0)
    with time_machine.travel(timezone.now() + LEASE + timedelta(seconds=1), tick=False):
        assert sweep() == 1
    assert sent() == [("noor@ladder.example", "Once")]


@pytest.mark.usefixtures("broken")
def test_refused_message_is_tried_again_after_longer_and_longer_pauses() -> None:
    message = post(to="noor@ladder.example", subject="Later", text="Text")
    pauses = []
    for _ in range(MOST_TRIES):
        message.refresh_from_db()
        with time_machine.travel(message.next_try + timedelta(seconds=1), tick=False):
            assert deliver(message.pk) is False
            now = timezone.now()
        message.refresh_from_db()
        pauses.append(round((message.next_try - now).total_seconds() / 60))
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 480, 480, 480]
    assert (message.state, message.trouble) == (State.GIVEN_UP, "ConnectionRefusedError: no server")
    with time_machine.travel(message.next_try + timedelta(days=9), tick=False):
        assert sweep() == 0


@pytest.mark.usefixtures("broken")
def test_message_goes_out_when_the_server_is_back(settings: Any) -> None:
    message = post(to="noor@ladder.example", subject="Later", text="Text")
    deliver(message.pk)
    settings.OUTBOX_BACKEND = LOCMEM
    assert sweep() == 0  # its pause is not over
    with time_machine.travel(timezone.now() + timedelta(minutes=2), tick=False):
        assert sweep() == 1
    message.refresh_from_db()
    assert (message.state, message.tries, message.trouble) == (State.SENT, 2, "")


def test_promise_holds_without_a_broker(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    def away(*_: Any) -> None:
        raise OperationalError("no broker")

    monkeypatch.setattr(send, "delay", away)
    with django_capture_on_commit_callbacks(execute=True):
        send_mail("Hello", "Text", None, ["noor@ladder.example"])
    assert Message.objects.get().state == State.WAITING
    monkeypatch.undo()
    assert sweep() == 1
    assert sent() == [("noor@ladder.example", "Hello")]


def test_headers_take_no_line_breaks_and_mail_no_attachments() -> None:
    with pytest.raises(BadHeaderError):
        send_mail("Hello\nBcc: all@ladder.example", "Text", None, ["noor@ladder.example"])
    with pytest.raises(BadHeaderError):
        EmailMessage("Hello", "Text", to=["noor@ladder.example\nBcc: all@ladder.example"]).send()
    letter = EmailMessage("Hello", "Text", to=["noor@ladder.example"])
    letter.attach("a.txt", "text", "text/plain")
    with pytest.raises(ValueError, match="no attachments"):
        letter.send()
    assert Message.objects.count() == 0


def test_forgotten_password_goes_through_the_outbox(client: Client, django_capture_on_commit_callbacks: Any) -> None:
    UserFactory(email="noor@ladder.example")
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/accounts/password/reset/", {"email": "noor@ladder.example"})
    assert [one[0] for one in sent()] == ["noor@ladder.example"]
    assert Message.objects.get().state == State.SENT
    assert re.search(r"http://testserver/accounts/password/reset/key/\S+", mail.outbox[0].body)


def test_embedded_mail_is_printed_and_kept(settings: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings.OUTBOX_BACKEND = "outbox.backend.PrintedAndKept"
    settings.EMAIL_FILE_PATH = tmp_path
    message = post(to="noor@ladder.example", subject="Kept", text="Text")
    assert deliver(message.pk) is True
    (file,) = tmp_path.iterdir()
    kept = message_from_bytes(file.read_bytes().rsplit(b"\n-----", 1)[0], policy=default)
    assert (kept["Subject"], kept["To"], kept["Message-ID"]) == ("Kept", "noor@ladder.example", message.message_id)
    assert "Subject: Kept" in capsys.readouterr().out


def test_states_and_moments_go_together_in_the_database() -> None:
    message = post(to="noor@ladder.example", subject="x", text="x")
    for wrong in ({"state": "lost"}, {"state": State.SENT}, {"sent_at": timezone.now()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Message.objects.filter(pk=message.pk).update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.create(message_id=message.message_id, to="x@ladder.example", subject="x")
