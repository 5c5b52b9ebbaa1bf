"""Kinds of what the trail keeps."""

from django.db.models import TextChoices


class Kind(TextChoices):
    SIGNED_IN = "signed-in", "Signed in"
    SIGNED_OUT = "signed-out", "Signed out"
    SIGN_IN_FAILED = "sign-in-failed", "Failed to sign in"
    SIGNED_UP = "signed-up", "Made an account"
    PASSWORD = "password", "Changed a password"
    ADDRESS = "address", "Changed an e-mail address"
    SESSIONS = "sessions", "Ended sessions"
    SINGLE_SIGN_ON = "single-sign-on", "Changed single sign-on"
    SECOND_FACTOR = "second-factor", "Changed a second factor"
    PERMISSIONS = "permissions", "Changed permissions"
    ADMIN = "admin", "Edited in the admin"
    VIEWED = "viewed", "Looked at somebody's record"
    VERIFIED = "verified", "Asked for or gave a word on somebody's work"
    CLOSED = "closed", "Closed or reopened an account"
    EXPORTED = "exported", "Took their data along"
    ERASED = "erased", "Erased somebody"
