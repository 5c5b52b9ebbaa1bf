"""Kept parts of pages with forms in them: the text is kept, the token is each visitor's own."""

from django.template import Context, Template

PART = Template(
    "{% load cache personal %}{% personal %}{% cache 60 part %}{{ text }}<form>{% csrf_token %}</form>{% endcache %}"
    "{% endpersonal %}"
)


def render(text: str, token: str) -> str:
    return PART.render(Context({"text": text, "csrf_token": token}))


def field(token: str) -> str:
    return f'<form><input type="hidden" name="csrfmiddlewaretoken" value="{token}"></form>'


def test_kept_part_has_the_token_of_whoever_asks() -> None:
    assert render("first", "A1") == f"first{field('A1')}"
    assert render("second", "B2") == f"first{field('B2')}"


def test_text_of_a_person_never_becomes_a_token() -> None:
    assert render("<token>", "A1") == f"&lt;token&gt;{field('A1')}"
