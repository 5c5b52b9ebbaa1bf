"""Django's way of sending mail, through the outbox: `EMAIL_BACKEND`. So every mail of ours and of allauth's is promised
in the transaction that led to it, and sent by `OUTBOX_BACKEND` afterwards.
"""

import sys
from collections.abc import Iterator, Sequence
from typing import Any

from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.console import EmailBackend as Console
from django.core.mail.backends.filebased import EmailBackend as Files

from outbox.models import Message
from outbox.services import compose, post_all


class Letter(EmailMultiAlternatives):
    """A mail that knows its `kind` and what makes it the only one, see `models.Message`."""

    def __init__(self, *args: Any, kind: str = "", once: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.once = kind, once


class Outbox(BaseEmailBackend):
    """One row an address, all of them promised at once. Attachments are refused: what is large is linked."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        post_all(row for message in email_messages for row in self._rows(message))
        return len(email_messages)

    def _rows(self, message: EmailMessage) -> Iterator[Message]:
        if message.attachments:
            raise ValueError("Mail of Ladder has no attachments.")
        message.message()  # refuses a header with a line break in it, before anything is promised
        html = next((body for body, kind in getattr(message, "alternatives", ()) if kind == "text/html"), "")
        for to in message.recipients():
            yield compose(
                to=to,
                subject=str(message.subject),
                text=str(message.body),
                html=str(html),
                headers={name: str(value) for name, value in message.extra_headers.items()},
                kind=getattr(message, "kind", ""),
                once=getattr(message, "once", ""),
            )


class PrintedAndKept(Files):
    """The mail server of the embedded default: a file in EMAIL_FILE_PATH, and the terminal."""

    def write_message(self, message: Any) -> None:
        super().write_message(message)
        printed = Console(stream=sys.stdout)
        printed.write_message(message)
        printed.stream.flush()
