"""May this person do that with somebody's record? Which entries they read is a word of the query sets, `visible_to`.

No right of the admin, no group and no superuser gives anybody more than these.
"""

from accomplishments.choices import State, Visibility
from accomplishments.models import Accomplishment, Verification
from people.models import User


def reads_as_manager(user: User, entry: Accomplishment) -> bool:
    """The manager of today, where the owner lets their manager read it."""
    return (
        user.pk == entry.person.manager_id
        and entry.state == State.LOGGED
        and entry.deleted_at is None
        and entry.visibility != Visibility.PRIVATE
    )


def may_settle(user: User, dispute: Verification) -> bool:
    """Whose work is disputed, and their manager where they may read it."""
    entry = dispute.claim.accomplishment
    return user.pk == entry.person_id or reads_as_manager(user, entry)


def may_open(user: User, person: User) -> bool:
    """Every colleague has a page. That of somebody who left is there for their manager alone."""
    return person.is_active or user.pk == person.manager_id
