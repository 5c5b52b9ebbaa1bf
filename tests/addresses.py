"""Every address of the URL configuration."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver


class Address(NamedTuple):
    """One pattern: its name with namespaces, and the words in its path."""

    name: str
    route: str
    parameters: tuple[str, ...]


def walk(resolver: Any, namespaces: tuple[str, ...] = (), route: str = "") -> Iterator[Address]:
    for one in resolver.url_patterns:
        here = route + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from walk(one, (*namespaces, one.namespace) if one.namespace else namespaces, here)
        else:
            assert isinstance(one, URLPattern)
            converters = tuple(one.pattern.converters) or tuple(one.pattern.regex.groupindex)
            yield Address(
                ":".join((*namespaces, one.name or "")), here, (*re.findall(r"<(?:\w+:)?(\w+)>", route), *converters)
            )


ALL = list(walk(get_resolver()))
ADMIN = [one for one in ALL if one.route.startswith("admin/")]
ACCOUNTS = [one for one in ALL if one.route.startswith("accounts/") and ":" not in one.name]  # those of django-allauth
OURS = [one for one in ALL if one not in (*ADMIN, *ACCOUNTS)]
