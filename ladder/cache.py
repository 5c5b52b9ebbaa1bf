"""The cache in Redis, without which the site is slower and nothing else."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import structlog
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)
# What each call answers while Redis is away: nothing is found, nothing is kept.
ANSWERS: dict[str, Callable[..., Any]] = {
    "add": lambda *_, **__: True,
    "get": lambda _, default=None, **__: default,
    "set": lambda *_, **__: None,
    "touch": lambda *_, **__: False,
    "incr": lambda *_, **__: 0,
    "delete": lambda *_, **__: False,
    "get_many": lambda *_, **__: {},
    "has_key": lambda *_, **__: False,
    "set_many": lambda keys, **__: list(keys),
    "delete_many": lambda *_, **__: None,
    "clear": lambda *_, **__: False,
}


class ForgivingRedis(RedisCache):
    """Django's own, whose calls outlive Redis: sessions are then read from the database, pages are made anew."""


def _forgiving(name: str) -> Callable[..., Any]:
    original = getattr(RedisCache, name)

    @wraps(original)
    def call(self: RedisCache, *args: Any, **kwargs: Any) -> Any:
        try:
            return original(self, *args, **kwargs)
        except (RedisError, OSError) as problem:
            log.warning("cache_away", call=name, problem=str(problem))
            return ANSWERS[name](*args, **kwargs)

    return call


for _name in ANSWERS:
    setattr(ForgivingRedis, _name, _forgiving(_name))
