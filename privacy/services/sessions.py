"""Where somebody is signed in."""

from allauth.usersessions.models import UserSession

from people.models import User


def end_all(*, person: User) -> int:
    """Sign somebody out of every browser; how many there were."""
    sessions = list(UserSession.objects.filter(user=person))
    for one in sessions:
        one.end()
    return len(sessions)
