"""Django's way of sending mail, through the outbox: `EMAIL_BACKEND`. So every mail of ours and of allauth's is promised
in the transaction that led to it, and sent by `OUTBOX_BACKEND` afterwards.
"""

import sys
from collections.abc import Sequence
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.console import EmailBackend as Console
from django.core.mail.backends.filebased import EmailBackend as Files

from outbox.services import post


class Outbox(BaseEmailBackend):
    """One row an address. Attachments are refused: what is large is linked."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            if message.attachments:
                raise ValueError("Mail of Ladder has no attachments.")
            message.message()  # refuses a header with a line break in it, before anything is promised
            html = next((body for body, kind in getattr(message, "alternatives", ()) if kind == "text/html"), "")
            for to in message.recipients():
                post(
                    to=to,
                    subject=str(message.subject),
                    text=str(message.body),
                    html=str(html),
                    headers={name: str(value) for name, value in message.extra_headers.items()},
                )
        return len(email_messages)


class PrintedAndKept(Files):
    """The mail server of the embedded default: a file in EMAIL_FILE_PATH, and the terminal."""

    def write_message(self, message: Any) -> None:
        super().write_message(message)
        printed = Console(stream=sys.stdout)
        printed.write_message(message)
        printed.stream.flush()
