"""Kinds of mail: all that Ladder writes, and what of it somebody may do without."""

from django.db.models import TextChoices


class Kind(TextChoices):
    QUESTION = "question", "Questions"
    REMINDER = "reminder", "Reminders"
    ANSWER = "answer", "Answers"
    EXPIRED = "expired", "Questions that ran out"
    SETTLED = "settled", "Settled disputes"
    DIGEST = "digest", "Friday's mail"
    OUTSIDE = "outside", "Questions to people without an account"
    ACCOUNT = "account", "Account and safety"
    PRIVACY = "privacy", "My data"

    @property
    def when(self) -> str:
        """When somebody gets it: stands beside the choice, and below each such mail."""
        return WHEN[self]

    @property
    def can_be_muted(self) -> bool:
        return self in MUTABLE


WHEN = {
    Kind.QUESTION: "somebody asks what you saw of their work",
    Kind.REMINDER: "a question has waited for your answer for 7 days, and for 21",
    Kind.ANSWER: "somebody answers what you asked",
    Kind.EXPIRED: "nobody answered a question of yours within 30 days",
    Kind.SETTLED: "a dispute that you stated is settled, or your manager settled one about your work",
    Kind.DIGEST: "the week ends: what did you finish, and what waits for you",
    Kind.OUTSIDE: "somebody gives your address to ask what you saw of their work",
    Kind.ACCOUNT: "somebody signs up, is invited, signs in or changes something with your address",
    Kind.PRIVACY: "something happens to your data, such as a copy that you asked for",
}
MUTABLE = (Kind.QUESTION, Kind.REMINDER, Kind.ANSWER, Kind.EXPIRED, Kind.SETTLED, Kind.DIGEST)
