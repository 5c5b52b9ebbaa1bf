"""Where somebody stands among the roles: their own one and their targets, marked on pages that are everyone's.

`{% standing as mine %}` once, outside of what is kept for everyone: 1 query, none for strangers.
"""

from django import template
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accomplishments.queries.standing import Marks, Pin, marks_of
from competencies.templatetags.competencies import icon
from roles.queries.snapshot import snapshot

register = template.Library()

NOBODY = Marks()


@register.simple_tag(takes_context=True)
def standing(context: Context) -> Marks:
    user = context["request"].user
    if not user.is_authenticated:
        return NOBODY
    stamp = None if context.get("preview") else context.get("stamp")  # a preview makes one up
    return marks_of(user.pk, snapshot(stamp))


@register.filter
def target(mine: Marks, path: str) -> Pin | None:
    return mine.targets.get(path)


@register.filter
def place(mine: Marks, path: str) -> str:
    """The class of a role's cell or rung."""
    return "is-you" if path == mine.role else "is-target" if path in mine.targets else ""


@register.simple_tag
def flags(mine: Marks, path: str) -> SafeString:
    """Is this their role, is it a target? A mark and a word for each."""
    you = format_html(' <span class="flag you">{}You</span>', icon("user-round")) if path == mine.role else ""
    aim = format_html(' <span class="flag target">{}Target</span>', icon("flag")) if path in mine.targets else ""
    return format_html("{}{}", you, aim) if you or aim else SafeString("")


@register.filter
def article(title: str) -> str:
    """A title with its article: "an Associate Engineer", "a UX Designer"."""
    vowel = title[:1].lower() in set("aeiou") and title[:2] not in {"UX", "UI", "Us", "Eu"} and title[:3] != "Uni"
    return f"{'an' if vowel else 'a'} {title}"
