"""`{% load personal %}`: keep a part of a page that has forms in it."""

from django import template
from django.template.base import NodeList, Parser, Token
from django.template.context import Context
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

# No text of a person can bring this into a page, since there `<` is escaped.
HERE = mark_safe("<token>")


class _Personal(template.Node):
    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        token = str(context["csrf_token"])
        with context.push(csrf_token=HERE):
            rendered = self.nodelist.render(context)
        return mark_safe(rendered.replace(HERE, token))  # noqa: S308


@register.tag
def personal(parser: Parser, token: Token) -> _Personal:
    """Around `{% cache %}`: the forms inside get the visitor's own `{% csrf_token %}`, kept or not."""
    nodelist = parser.parse(("endpersonal",))
    parser.delete_first_token()
    return _Personal(nodelist)
