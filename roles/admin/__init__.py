"""The ladder in Django admin: its structure, and the life of its role versions."""

from roles.admin import structure, versions  # noqa: F401  registers both
