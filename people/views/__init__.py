"""Pages about the person who is signed in."""

from django.http import HttpRequest

from people.models import User


class Request(HttpRequest):
    """A request of somebody who is signed in: the middleware lets no other through."""

    user: User
