"""Where somebody wants to go: the roles that they pinned, and what of them doesn't apply.

Each change begins with the record, whose row stays locked until the change is done: two tabs come one after the other.
"""

from django.db import transaction

from accomplishments.models import MOST_TARGETS, Exemption, Record, Target
from competencies.models import Competency
from people.models import User
from roles.models import Role, RoleVersion


class TooManyTargets(Exception):
    """All places are taken; one has to be given up first."""


@transaction.atomic
def pin(*, by: User, version: RoleVersion) -> Target:
    """A role as a target, at this version; the first one is the primary one. Pinned already, it stays as it is.

    Raises TooManyTargets.
    """
    Record.bump(by.pk)
    targets = {target.role_id: target for target in by.targets.all()}
    if version.role_id in targets:
        return targets[version.role_id]
    taken = {target.slot for target in targets.values()}
    free = [slot for slot in range(1, MOST_TARGETS + 1) if slot not in taken]
    if not free:
        raise TooManyTargets
    return Target.objects.create(
        person=by, slot=free[0], role_id=version.role_id, version=version, is_primary=not targets
    )


@transaction.atomic
def unpin(*, target: Target, by: User) -> None:
    """A target less; after the primary one comes the next one. Unpinned already, nothing happens."""
    Record.bump(by.pk)
    by.targets.filter(pk=target.pk).delete()
    heir = by.targets.first()  # the primary one where there is one
    if heir:
        by.targets.filter(pk=heir.pk).update(is_primary=True)


@transaction.atomic
def make_primary(*, target: Target, by: User) -> bool:
    """This target is the primary one, and no other. False where it was unpinned meanwhile."""
    Record.bump(by.pk)
    if not by.targets.filter(pk=target.pk).exists():
        return False
    by.targets.exclude(pk=target.pk).update(is_primary=False)
    return bool(by.targets.filter(pk=target.pk).update(is_primary=True))


@transaction.atomic
def move_on(*, target: Target, by: User, version: RoleVersion) -> bool:
    """To another version of the same role. False where the target was unpinned meanwhile."""
    Record.bump(by.pk)
    return bool(by.targets.filter(pk=target.pk, role=version.role_id).update(version=version, stayed=0))


@transaction.atomic
def stay(*, target: Target, by: User, version: RoleVersion) -> bool:
    """Leave this version alone: nothing is said of it again. False where the target was unpinned meanwhile."""
    Record.bump(by.pk)
    return bool(by.targets.filter(pk=target.pk, role=version.role_id).update(stayed=version.number))


@transaction.atomic
def exempt(*, by: User, role: Role, competency: Competency, reason: str) -> None:
    """A requirement doesn't apply to them in this role; said again, the reason is the last one."""
    Record.bump(by.pk)
    Exemption.objects.update_or_create(person=by, role=role, competency=competency, defaults={"reason": reason})


@transaction.atomic
def unexempt(*, by: User, role: Role, competency: Competency) -> None:
    """The requirement counts again."""
    Record.bump(by.pk)
    by.exemptions.filter(role=role, competency=competency).delete()
