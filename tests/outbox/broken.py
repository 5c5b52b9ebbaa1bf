"""A mail server that is not there."""

from typing import Any, NoReturn

from django.core.mail.backends.base import BaseEmailBackend


class EmailBackend(BaseEmailBackend):
    def send_messages(self, email_messages: Any) -> NoReturn:
        raise ConnectionRefusedError("no server")
