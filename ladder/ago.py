"""How long ago something was: one way for every page."""

from datetime import date

MONTH = 30.44  # days


def ago(day: date, today: date) -> str:
    """Roughly how long ago: "today", "4 days ago", "12 weeks ago", "8 months ago"."""
    days = (today - day).days
    if days < 1:
        return "today"
    if days < 14:
        number, unit = days, "day"
    elif days < 26 * 7:
        number, unit = days // 7, "week"
    else:
        number, unit = int(days / MONTH), "month"
    return f"{number} {unit}{'' if number == 1 else 's'} ago"
