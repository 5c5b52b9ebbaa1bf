"""Names of states and kinds."""

from django.db.models import TextChoices


class Track(TextChoices):
    INDIVIDUAL = "individual", "Individual contributor"
    MANAGEMENT = "management", "Management"


class State(TextChoices):
    DRAFT = "draft", "Draft"
    PUBLISHED = "published", "Published"


class Tier(TextChoices):
    """How much a requirement weighs; core cannot be balanced by strength elsewhere."""

    CORE = "core", "Core"
    SUPPORTING = "supporting", "Supporting"
    EMERGING = "emerging", "Emerging"


class Direction(TextChoices):
    ENTRY = "entry", "Entry from"
    UP = "up", "Up to"
    SIDEWAYS = "sideways", "Sideways to"


class Period(TextChoices):
    YEAR = "year", "a year"
    MONTH = "month", "a month"
    DAY = "day", "a day"
    HOUR = "hour", "an hour"


class Section(TextChoices):
    """The lists of sentences that a version holds, in the order in which a reader meets them."""

    PRIMARY = "primary", "Primary responsibility"
    SECONDARY = "secondary", "Secondary responsibility"
    HARD = "hard", "Hard skill"
    SOFT = "soft", "Soft skill"
    MINIMUM_EDUCATION = "minimum_education", "Minimum education"
    PREFERRED_EDUCATION = "preferred_education", "Preferred education"
    CERTIFICATION = "certification", "Certification"
    FIELD = "field", "Field of study"
    PREFERRED_EXPERIENCE = "preferred_experience", "Preferred experience"
    AI = "ai", "AI accelerator"
    CHANGE = "change", "What changes at the next level"
