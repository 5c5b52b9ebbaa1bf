"""Names of states and kinds. The words of parts and scopes are those of `scoring` and `suggesting`."""

from django.db.models import TextChoices


class State(TextChoices):
    DRAFT = "draft", "Draft"
    LOGGED = "logged", "Logged"
    ARCHIVED = "archived", "Archived"


class Part(TextChoices):
    """What was theirs in the work; it decides how much of the evidence is theirs."""

    OWNED = "owned", "I owned it"
    LED = "led", "I led it"
    CONTRIBUTED = "contributed", "I contributed"
    ASSISTED = "assisted", "I assisted"


class Scope(TextChoices):
    """How far the work reached."""

    TASK = "task", "A task"
    FEATURE = "feature", "A feature"
    TEAM = "team", "My team"
    TEAMS = "several-teams", "Several teams"
    ORGANISATION = "organisation", "The organisation"


class Visibility(TextChoices):
    """Who may read a logged entry beside its owner; each lets through whom the one before does."""

    PRIVATE = "private", "Only me"
    MANAGER = "manager", "My manager"
    TEAM = "team", "My team and my manager"
    EVERYONE = "everyone", "Everyone here"


class Answer(TextChoices):
    """What a verifier states; no answer yet is the empty string."""

    CONFIRMED = "confirmed", "Confirmed"
    CONFIRMED_OTHER = "confirmed_other", "Confirmed at another level"
    CANNOT_SAY = "cannot_say", "Cannot say"
    DISPUTED = "disputed", "Disputed"


CONFIRMATIONS = (Answer.CONFIRMED, Answer.CONFIRMED_OTHER)


class Void(TextChoices):
    """Why a question or an answer no longer stands."""

    WITHDRAWN = "withdrawn", "Withdrawn by who asked"
    EXPIRED = "expired", "Nobody answered in time"
    REVISED = "revised", "Answered anew"
    CHANGED = "changed", "The entry was changed since"


class Proof(TextChoices):
    """Who stands behind an entry, as lists show and filter it."""

    SELF = "self", "Self-claimed"
    WAITING = "waiting", "Waiting for an answer"
    PEER = "peer", "Peer-verified"
    MANAGER = "manager", "Manager-verified"
    DISPUTED = "disputed", "Disputed"


class Happened(TextChoices):
    """What was done to an entry: one row of its history each."""

    DRAFTED = "drafted", "Drafted"
    LOGGED = "logged", "Logged"
    IMPORTED = "imported", "Imported"
    EDITED = "edited", "Edited"
    ARCHIVED = "archived", "Archived"
    RESTORED = "restored", "Brought back"
    DELETED = "deleted", "Deleted"
    FILE_ADDED = "file-added", "File added"
    FILE_REMOVED = "file-removed", "File removed"
    UNVERIFIED = "unverified", "Returned to unverified"
