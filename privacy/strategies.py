"""What each table holds of a person, and what erasing them does to it.

Every model that is installed has a line here, third parties' too; a test fails until a new one has. What a line
declares is done by `services/erasing.py`, mostly by the cascade of the account's own row.
"""

from collections.abc import Mapping
from typing import NamedTuple

from privacy.choices import How


class Strategy(NamedTuple):
    """`what` is held, what becomes of it and `why`; `part` of the archive is where it stands."""

    how: How
    what: str
    why: str
    part: str = ""


def _deleted(what: str, part: str = "", why: str = "It is yours alone and goes with you.") -> Strategy:
    return Strategy(How.DELETE, what, why, part)


def _nothing(what: str, why: str) -> Strategy:
    return Strategy(How.NOTHING, what, why)


OF_THE_ORGANISATION = "It describes work and roles, and was never about one person."
OF_THE_SOFTWARE = "It is how the software is set up."

STRATEGIES: Mapping[str, Strategy] = {
    # ── Who you are ─────────────────────────────────────────────────────────
    "people.User": _deleted("Your account: name, address, manager, team, preferences, password", "profile"),
    "people.User_groups": _deleted("The groups that you are in", "profile"),
    "people.User_user_permissions": _deleted("What you alone may do", "profile"),
    "people.Invitation": Strategy(
        How.ANONYMISE,
        "Invitations to make an account",
        "The one to your address is deleted. Those that you sent stay, without who sent them.",
        "sign_in",
    ),
    "people.Team": _nothing("The names of teams", "A team stays when somebody leaves it."),
    "account.EmailAddress": _deleted("Your e-mail addresses", "sign_in"),
    "account.EmailConfirmation": _deleted("Links to confirm an address", why="They are of no use without it."),
    "mfa.Authenticator": _deleted("Your second factors and recovery codes", "sign_in"),
    "socialaccount.SocialAccount": _deleted("Your account for single sign-on, as its provider describes it", "sign_in"),
    "usersessions.UserSession": _deleted("Where you are signed in: browser, address, when last", "sign_in"),
    "sessions.Session": _deleted("The sessions of these browsers", why="All of them are signed out."),
    # ── Your record ─────────────────────────────────────────────────────────
    "accomplishments.Record": _deleted("The role that you hold", "record"),
    "accomplishments.Accomplishment": _deleted(
        "Your entries, those that you deleted in the last 30 days too", "entries"
    ),
    "accomplishments.Claim": _deleted("The competencies that your entries claim", "entries"),
    "accomplishments.Link": _deleted("The links of your entries", "entries"),
    "accomplishments.File": _deleted("The files of your entries, from the disk too", "entries"),
    "accomplishments.Event": Strategy(
        How.ANONYMISE,
        "The history of entries",
        "That of your entries is deleted. In that of others, where it says who had answered, your name goes.",
        "entries",
    ),
    "accomplishments.Verification": Strategy(
        How.ANONYMISE,
        "Questions and answers about work",
        "Those about your work are deleted. Others rely on what you stated about theirs, or settled: it stays, as that "
        "of “a former colleague”; your name, your address and your notes go.",
        "stated",
    ),
    "accomplishments.Target": _deleted("The roles that you aim at", "targets"),
    "accomplishments.Exemption": _deleted("What you said does not apply to you", "not_applicable"),
    "accomplishments.Ratings": _deleted("How full your bars were, for the trends", "ratings"),
    "accomplishments.ScoringPolicy": _nothing("How evidence counts", OF_THE_ORGANISATION),
    # ── What the installation keeps beside it ───────────────────────────────
    "audit.Event": Strategy(
        How.KEEP,
        "The audit trail: who signed in, from where, who changed what and looked at what, with the names as they were",
        "Who had access to what has to be provable after somebody has left, so the database lets nobody change this. "
        "Auditors read it. You read who looked at your record, but not who it was once they are erased.",
        "trail",
    ),
    "admin.LogEntry": _deleted(
        "The admin's short history of what you edited, and of what was edited about you", why="The trail has the same."
    ),
    "outbox.Message": Strategy(
        How.ANONYMISE,
        "Mail: to whom, about what, when; its text only until it is sent",
        "Mail to you is deleted. In mail to others your name and address are replaced.",
        "mail",
    ),
    "outbox.Refusal": Strategy(
        How.KEEP,
        "Addresses to which nobody may write, each as a hash from which it can't be read",
        "Whoever asked not to be written to must not be, whatever else is erased.",
    ),
    "privacy.Archive": _deleted("The archives that you asked for, from the disk too", "archives"),
    "roles.RoleVersion": Strategy(
        How.ANONYMISE, "Roles; of a draft, who edited it last", "The draft stays and says nothing of who wrote it."
    ),
    # ── Nothing of a person ─────────────────────────────────────────────────
    "competencies.Area": _nothing("The areas of the framework", OF_THE_ORGANISATION),
    "competencies.Competency": _nothing("Competencies", OF_THE_ORGANISATION),
    "competencies.ProficiencyLevel": _nothing("The scale of proficiency", OF_THE_ORGANISATION),
    "competencies.Indicator": _nothing("What one sees at a level", OF_THE_ORGANISATION),
    "competencies.Revision": _nothing("The stamp of the framework and the catalogue", OF_THE_SOFTWARE),
    "roles.Family": _nothing("Families of roles", OF_THE_ORGANISATION),
    "roles.Specialty": _nothing("Specialties", OF_THE_ORGANISATION),
    "roles.Level": _nothing("Levels", OF_THE_ORGANISATION),
    "roles.Role": _nothing("Roles", OF_THE_ORGANISATION),
    "roles.Requirement": _nothing("What a role asks for", OF_THE_ORGANISATION),
    "roles.Sentence": _nothing("What a role says", OF_THE_ORGANISATION),
    "roles.Move": _nothing("Ways between roles", OF_THE_ORGANISATION),
    "roles.SearchTerm": _nothing("The words by which roles are found", OF_THE_ORGANISATION),
    "auth.Permission": _nothing("What one may do", OF_THE_SOFTWARE),
    "auth.Group": _nothing("The names of groups", OF_THE_SOFTWARE),
    "auth.Group_permissions": _nothing("What each group may do", OF_THE_SOFTWARE),
    "socialaccount.SocialApp": _nothing("Providers of single sign-on: none, the settings name it", OF_THE_SOFTWARE),
    "socialaccount.SocialToken": _nothing("Tokens of single sign-on: none, they are not kept", OF_THE_SOFTWARE),
    "contenttypes.ContentType": _nothing("The names of tables", OF_THE_SOFTWARE),
}


def of(how: How) -> list[Strategy]:
    return [one for one in STRATEGIES.values() if one.how == how]
