"""May this person do this?"""

from people.models import User


def may_edit(user: object) -> bool:
    """Write, preview and publish drafts: the group *Ladder editors* has this permission."""
    return isinstance(user, User) and user.has_perm("roles.change_roleversion")
